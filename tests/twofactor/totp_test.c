/* totp_test.c - mirrors lib/twofactor/totp.c: what an authenticator app computes, and what it is
 * told.
 */
#include "twofactor/totp.h"

#include "base/arena.h"
#include "test.h"

#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

static cinema_error err;
static const unsigned char *const secret = (const unsigned char *)"12345678901234567890";

/* RFC 6238, appendix B, SHA-1. It has eight digits; six are the last of them. */
static const struct {
    int64_t at_s;
    const char *code;
} vectors[] = {
    { 59, "94287082" },         { 1111111109, "07081804" }, { 1111111111, "14050471" },
    { 1234567890, "89005924" }, { 2000000000, "69279037" }, { 20000000000, "65353130" },
};

TEST_EACH(codes_are_those_of_rfc_6238, COUNT_OF(vectors))
{
    char code[TOTP_CODE_TEXT];
    OK(totp_code(secret, vectors[_i].at_s / 30, code, &err));
    ck_assert_str_eq(code, vectors[_i].code + 2);
}

/* Those of others, where they are at hand. */
static const char shared[] = "/work/shared/vectors/otp";

static void check_file(const char *name, const char *moving, int64_t per)
{
    char path[256], code[TOTP_CODE_TEXT], text[TOTP_SECRET_TEXT];
    size_t i, taken = 0;
    json_t *v;
    snprintf(path, sizeof path, "%s/%s", shared, name);
    json_t *list = json_load_file(path, 0, NULL);
    ck_assert_ptr_nonnull(list);
    totp_secret_text(secret, text);
    json_array_foreach(list, i, v)
    {
        const char *alg = json_string_value(json_object_get(v, "alg"));
        const char *want = json_string_value(json_object_get(v, "code"));
        if (alg && strcmp(alg, "sha1")) /* no app asks for another */
            continue;
        ck_assert_str_eq(json_string_value(json_object_get(v, "secret_b32")), text);
        OK(totp_code(secret, json_integer_value(json_object_get(v, moving)) / per, code, &err));
        ck_assert_str_eq(code, want + strlen(want) - strlen(code));
        taken++;
    }
    json_decref(list);
    ck_assert_uint_gt(taken, 0);
}

TEST(codes_are_those_of_the_shared_vectors)
{
    if (access(shared, R_OK))
        SKIP("no /work/shared/vectors/otp");
    check_file("rfc4226.json", "counter", 1);
    check_file("rfc6238.json", "time", 30);
}

static bool right(const char *code, int64_t now_s, int64_t after, int64_t *step)
{
    bool ret;
    OK(totp_match(secret, code, now_s * 1000, after, &ret, step, &err));
    return ret;
}

TEST(a_clock_may_be_one_step_off_each_way_and_no_more)
{
    char code[TOTP_CODE_TEXT];
    int64_t now = 1111111111 / 30, step = 0;
    for (int64_t off = -2; off <= 2; off++) {
        OK(totp_code(secret, now + off, code, &err));
        ck_assert_int_eq(right(code, 1111111111, 0, &step), off >= -1 && off <= 1);
        if (off >= -1 && off <= 1)
            ck_assert_int_eq(step, now + off);
    }
}

TEST(the_window_moves_at_the_first_millisecond_of_a_step)
{
    bool ok;
    int64_t step;
    char code[TOTP_CODE_TEXT];
    OK(totp_code(secret, 100, code, &err));
    OK(totp_match(secret, code, 99 * 30000 - 1, 0, &ok, &step, &err)); /* still step 98 */
    ck_assert(!ok);
    OK(totp_match(secret, code, 99 * 30000, 0, &ok, &step, &err));
    ck_assert(ok);
    OK(totp_match(secret, code, 102 * 30000 - 1, 0, &ok, &step, &err)); /* still step 101 */
    ck_assert(ok);
    OK(totp_match(secret, code, 102 * 30000, 0, &ok, &step, &err));
    ck_assert(!ok);
}

TEST(a_code_of_a_step_that_was_taken_or_passed_is_wrong)
{
    char code[TOTP_CODE_TEXT];
    int64_t now = 1111111111 / 30, step;
    OK(totp_code(secret, now, code, &err));
    ck_assert(right(code, 1111111111, now - 1, &step));
    ck_assert(!right(code, 1111111111, now, &step));
    ck_assert(!right(code, 1111111111, now + 1, &step));
}

TEST(the_beginning_of_time_has_codes_too)
{
    char code[TOTP_CODE_TEXT];
    int64_t step;
    OK(totp_code(secret, 1, code, &err));
    ck_assert(right(code, 59, 0, &step));
    GIVES(CINEMA_INTERNAL, totp_code(secret, -1, code, &err));
}

static const char *const as_typed[] = { "050471", "050 471", " 050-471 ", "0 5 0 4 7 1" };
static const char *const no_codes[] = {
    "",
    "050472",
    "50471",
    "0504711",
    "05047a",
    "+50471",
    "0x50471",
    "05047\t1",
    "050471\n",
    "\xd9\xa0"
    "50471",
    "050471 050471",
    "14050471",
};

TEST_EACH(codes_may_be_typed_as_apps_show_them, COUNT_OF(as_typed))
{
    int64_t step;
    ck_assert(right(as_typed[_i], 1111111111, 0, &step));
}

TEST_EACH(what_is_not_six_digits_is_no_code, COUNT_OF(no_codes))
{
    int64_t step;
    ck_assert(!right(no_codes[_i], 1111111111, 0, &step));
}

TEST(secrets_are_shown_in_base32)
{
    char text[TOTP_SECRET_TEXT];
    unsigned char bytes[TOTP_SECRET];
    totp_secret_text(secret, text);
    ck_assert_str_eq(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    memset(bytes, 0xff, sizeof bytes);
    totp_secret_text(bytes, text);
    ck_assert_str_eq(text, "77777777777777777777777777777777");
    memset(bytes, 0, sizeof bytes);
    totp_secret_text(bytes, text);
    ck_assert_str_eq(text, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}

TEST(an_app_is_told_everything_in_one_address)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    ck_assert_str_eq(totp_uri("films.example", "anna+2@example.org", "GEZDGNBVGY3TQOJQ", a),
                     "otpauth://totp/films.example:anna%2B2%40example.org?secret=GEZDGNBVGY3TQOJQ"
                     "&issuer=films.example&algorithm=SHA1&digits=6&period=30");
}

TEST(signs_of_an_address_stay_where_they_are)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    const char *uri = totp_uri("films.example", "\"a:b/c?d&e=f#%\"@m\xc3\xbcller.example", "A", a);
    ck_assert_ptr_nonnull(strstr(
        uri, "/films.example:%22a%3Ab%2Fc%3Fd%26e%3Df%23%25%22%40m%C3%BCller.example?secret=A&"));
}

static const char *const sites[][2] = {
    { "https://films.example", "films.example" },
    { "https://films.example:8443/app?x#y", "films.example" },
    { "http://127.0.0.1:8080", "127.0.0.1" },
    { "http://[::1]:8080", "libcinema" },
    { "films.example", "libcinema" },
    { "", "libcinema" },
    { NULL, "libcinema" },
};

TEST_EACH(a_site_is_called_by_the_host_of_its_public_address, COUNT_OF(sites))
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    ck_assert_str_eq(totp_issuer(sites[_i][0], a), sites[_i][1]);
}
