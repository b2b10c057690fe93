/* json_out_test.c - JSON text from an emitter. Mirrors lib/call/json_out.c.
 */
#include "call/result.h"
#include "test.h"

#include <float.h>
#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static cinema_error err;
static buffer b;
static json_writer w;
static cinema_emitter to;

static void start(void)
{
    b = BUFFER(1 << 20);
    to = json_emitter(&w, &b);
}

static void stop(void)
{
    buffer_done(&b);
}

FIXTURE(start, stop)

static void again(void)
{
    stop();
    start();
}

TEST(commas_stand_between_and_nowhere_else)
{
    OK(to.object(&w));
    OK(to.key("a", 1, &w));
    OK(to.list(&w));
    OK(to.end(&w));
    OK(to.key("b", 1, &w));
    OK(to.list(&w));
    OK(to.object(&w));
    OK(to.end(&w));
    OK(to.object(&w));
    OK(to.key("c", 1, &w));
    OK(to.null(&w));
    OK(to.key("d", 1, &w));
    OK(to.boolean(true, &w));
    OK(to.end(&w));
    OK(to.number(-7, &w));
    OK(to.list(&w));
    OK(to.text("x", 1, &w));
    OK(to.boolean(false, &w));
    OK(to.end(&w));
    OK(to.end(&w));
    OK(to.end(&w));
    ck_assert_str_eq(b.bytes, "{\"a\":[],\"b\":[{},{\"c\":null,\"d\":true},-7,[\"x\",false]]}");
}

TEST(every_character_comes_back_as_it_was)
{
    for (unsigned i = 1; i < 0x80; i++) {
        char s[] = { 'a', (char)i, 'z', 0 };
        again();
        OK(to.list(&w));
        OK(to.text(s, 3, &w));
        OK(to.end(&w));
        json_t *v = json_loads(b.bytes, 0, NULL);
        ck_assert_str_eq(json_string_value(json_array_get(v, 0)), s);
        json_decref(v);
    }
}

TEST(every_byte_is_found_wherever_it_stands)
{
    for (unsigned c = 1; c < 0x80; c++)
        for (size_t at = 0; at < 20; at++) {
            char s[] = "twenty plain letters\xc3\xa9";
            s[at] = (char)c;
            again();
            OK(to.list(&w));
            OK(to.text(s, strlen(s), &w));
            OK(to.end(&w));
            json_t *v = json_loads(b.bytes, 0, NULL);
            ck_assert_str_eq(json_string_value(json_array_get(v, 0)), s);
            json_decref(v);
        }
}

static const struct {
    const char *text, *json;
    size_t length;
} texts[] = {
    { "", "\"\"", 0 },
    { "a\"b\\c/", "\"a\\\"b\\\\c/\"", 6 },
    { "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"", 5 },
    { "\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\"", 3 },
    { "a\0b", "\"a\\u0000b\"", 3 },
    { "\xe4\xb9\xb1 \xf0\x9f\x8e\xac", "\"\xe4\xb9\xb1 \xf0\x9f\x8e\xac\"", 8 },
    { "<script>", "\"<script>\"", 8 },
};

TEST_EACH(texts_are_escaped, COUNT_OF(texts))
{
    OK(to.text(texts[_i].text, texts[_i].length, &w));
    ck_assert_str_eq(b.bytes, texts[_i].json);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static const struct {
    double d;
    const char *json;
} reals[] = {
    { 0, "0" },
    { 1, "1" },
    { -1.5, "-1.5" },
    { 0.1, "0.1" },
    { 0.1 + 0.2, "0.30000000000000004" },
    { 7.3, "7.3" },
    { 100, "100" },
    { 1e15, "1e+15" },
    { 1e21, "1e+21" },
    { 123456789012345680, "1.2345678901234568e+17" },
    { 9007199254740992, "9007199254740992" },
    { 5e-324, "4.94065645841247e-324" },
    { DBL_MAX, "1.7976931348623157e+308" },
    { DBL_MIN, "2.2250738585072014e-308" },
    { 2.0 / 3, "0.6666666666666666" }, /* 16 digits do */
};

TEST_EACH(reals_are_short_and_come_back, COUNT_OF(reals))
{
    OK(to.real(reals[_i].d, &w));
    ck_assert_str_eq(b.bytes, reals[_i].json);
    double back = strtod(b.bytes, NULL);
    ck_assert(memcmp(&back, &reals[_i].d, sizeof back) == 0);
}

TEST(any_real_comes_back)
{
    uint64_t bits = 88172645463325252U, n = 0;
    for (int i = 0; i < 100000; i++) {
        double d, back;
        bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
        memcpy(&d, &bits, sizeof d);
        if (!isfinite(d))
            continue;
        b.length = 0;
        OK(to.real(d, &w));
        back = strtod(b.bytes, NULL);
        ck_assert_msg(!memcmp(&back, &d, sizeof d), "%s", b.bytes);
        n++;
    }
    ck_assert_uint_gt(n, 90000);
}

TEST(what_json_cannot_say_is_no_number)
{
    static const double none[] = { NAN, INFINITY, -INFINITY };
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        again();
        GIVES(CINEMA_INTERNAL, to.real(none[i], &w));
    }
}

/* A program's locale is its own; ours is made where the system has its source only. */
static bool german(void)
{
    char folder[320], made[400];
    pid_t pid;
    int status = 1;
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8"))
        return true;
    test_folder(folder, sizeof folder);
    snprintf(made, sizeof made, "%s/de_DE.UTF-8", folder);
    char *argv[] = { "localedef", "-c", "-i", "de_DE", "-f", "UTF-8", "--no-archive", made, NULL };
    if (posix_spawnp(&pid, *argv, NULL, NULL, argv, environ) || waitpid(pid, &status, 0) != pid)
        return false;
    setenv("LOCPATH", folder, 1);
    return setlocale(LC_NUMERIC, "de_DE.UTF-8");
}

TEST(a_decimal_point_is_a_point_in_every_locale)
{
    if (!german())
        SKIP("no locale with a decimal comma, and no localedef");
    ck_assert_str_eq(localeconv()->decimal_point, ",");
    OK(to.list(&w));
    OK(to.real(7.25, &w));
    OK(to.real(-1.5e-7, &w));
    OK(to.end(&w));
    ck_assert_str_eq(b.bytes, "[7.25,-1.5e-07]");
}

/* ---- limits ---------------------------------------------------------------------------------- */

TEST(depth_has_an_end)
{
    int depth = 0;
    while (!to.list(&w))
        depth++;
    ck_assert_int_eq(depth, 64);
    GIVES(CINEMA_TOO_LARGE, to.object(&w));
}

TEST(a_full_buffer_stops_the_walk)
{
    buffer_done(&b);
    b = BUFFER(16);
    OK(to.object(&w));
    GIVES(CINEMA_TOO_LARGE, to.key("a name of more than 16 bytes", 28, &w));
    GIVES(CINEMA_TOO_LARGE, to.text("x", 1, &w));
    GIVES(CINEMA_TOO_LARGE, to.number(1, &w));
    GIVES(CINEMA_TOO_LARGE, to.real(1, &w));
    GIVES(CINEMA_TOO_LARGE, to.boolean(true, &w));
    GIVES(CINEMA_TOO_LARGE, to.null(&w));
    GIVES(CINEMA_TOO_LARGE, to.end(&w));
}
