/* jose_vectors_test.c - Wycheproof's verdicts on signatures, keys and tokens: each has to be ours.
 */
#include "base/base64url.h"
#include "port/jose/jose.h"
#include "test.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>

static arena *a;
static cinema_error err;

static void start(void)
{
    a = arena_new(0, 0);
}

static void stop(void)
{
    arena_free(a);
}
FIXTURE(start, stop)

static json_t *vectors(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%.*s../shared/vectors/wycheproof/%s.json",
             (int)(strlen(__FILE__) - strlen("tests/port/jose_vectors_test.c")), __FILE__, name);
    return json_load_file(path, 0, NULL);
}

#define NEED(suite, name)                                                                          \
    json_t *suite = vectors(name);                                                                 \
    if (!suite)                                                                                    \
    SKIP("no ../shared/vectors/wycheproof/" name ".json")

static const char *text_of(const json_t *v, const char *name)
{
    const char *s = json_string_value(json_object_get(v, name));
    return s ? s : "";
}

/* Calls `judge` for each case of each group; how many there were. */
static size_t each(json_t *suite, bool (*judge)(const json_t *group, const json_t *test))
{
    size_t count = 0, i, j;
    json_t *group, *test;
    json_array_foreach(json_object_get(suite, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            const char *want = text_of(test, "result");
            int id = (int)json_integer_value(json_object_get(test, "tcId"));
            bool good = judge(group, test);
            count++;
            ck_assert_msg(!strcmp(want, "acceptable") || good == !strcmp(want, "valid"),
                          "%s, case %d (%s): %s, not %s", text_of(group, "comment"), id,
                          text_of(test, "comment"), good ? "valid" : "invalid", want);
        }
    }
    json_decref(suite);
    return count;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static bool judge_token(const json_t *group, const json_t *test)
{
    const json_t *set = json_object_get(group, "public");
    const char *token = json_string_value(json_object_get(test, "jws"));
    char *json = json_dumps(set ? set : json_object_get(group, "private"), 0);
    jose_keys *keys = NULL;
    jose_token t;
    bool good = !jose_keys_read(json, strlen(json), &keys, &err) && token &&
                !jose_read(token, a, &t, &err) && !jose_verify(keys, &t, 0xffff, &err);
    jose_keys_free(keys);
    free(json);
    return good;
}

TEST(each_verdict_on_tokens_is_ours)
{
    NEED(suite, "json_web_signature");
    ck_assert_uint_gt(each(suite, judge_token), 100);
}

TEST(each_verdict_on_keys_is_ours)
{
    NEED(suite, "json_web_key");
    ck_assert_uint_gt(each(suite, judge_token), 10);
}

/* Encrypted tokens stand in the same file; we take none, so those have no verdict of ours. */
static bool judge_signed(const json_t *group, const json_t *test)
{
    return json_object_get(test, "jwe") ? !strcmp(text_of(test, "result"), "valid")
                                        : judge_token(group, test);
}

TEST(each_verdict_on_signed_tokens_among_others_is_ours)
{
    NEED(suite, "json_web_crypto");
    ck_assert_uint_gt(each(suite, judge_signed), 20);
}

/* ---- signatures ------------------------------------------------------------------------------ */

static jose_number hex(const json_t *v, const char *name)
{
    const char *s = text_of(v, name);
    size_t n = strlen(s) / 2;
    unsigned char *to = arena_alloc(a, n + 1);
    ck_assert(!sodium_hex2bin(to, n, s, 2 * n, NULL, NULL, NULL));
    return (jose_number){ to, n };
}

static bool by_driver(const jose_material *m, jose_algorithm algorithm, const json_t *test,
                      const char *signature)
{
    const jose_driver *d;
    jose_key *k = NULL;
    jose_number message = hex(test, "msg"), sum = hex(test, signature);
    OK(jose_driver_get(&d, &err));
    if (d->key_new(m, &k, &err))
        return false;
    bool good = d->verify(k, algorithm, message.at, message.length, sum.at, sum.length);
    d->key_free(k);
    return good;
}

static bool judge_ecdsa(const json_t *group, const json_t *test)
{
    jose_number point = hex(json_object_get(group, "publicKey"), "uncompressed");
    ck_assert_uint_eq(point.length, 65);
    jose_material m = { JOSE_EC, 256, .x = { point.at + 1, 32 }, .y = { point.at + 33, 32 } };
    return by_driver(&m, JOSE_ES256, test, "sig");
}

TEST(each_verdict_on_ecdsa_is_ours)
{
    NEED(suite, "ecdsa_secp256r1_sha256_p1363");
    ck_assert_uint_gt(each(suite, judge_ecdsa), 100);
}

static bool judge_ed25519(const json_t *group, const json_t *test)
{
    jose_material m = { JOSE_OKP, .x = hex(json_object_get(group, "publicKey"), "pk") };
    return by_driver(&m, JOSE_EDDSA, test, "sig");
}

TEST(each_verdict_on_ed25519_is_ours)
{
    NEED(suite, "ed25519");
    ck_assert_uint_gt(each(suite, judge_ed25519), 50);
}

static bool judge_rsa(const json_t *group, const json_t *test)
{
    const json_t *key = json_object_get(group, "publicKey");
    jose_material m = { JOSE_RSA, .n = hex(key, "modulus"), .e = hex(key, "publicExponent") };
    return by_driver(&m, JOSE_RS256, test, "sig");
}

TEST(each_verdict_on_rsa_is_ours)
{
    NEED(suite, "rsa_signature_2048_sha256");
    ck_assert_uint_gt(each(suite, judge_rsa), 100);
}

/* The driver takes any secret: how long it has to be is judged before. Shortened sums are good for
 * other uses, not for tokens. */
static bool judge_hmac(const json_t *group, const json_t *test)
{
    jose_material m = { JOSE_SECRET, .x = hex(test, "key") };
    bool good = by_driver(&m, JOSE_HS256, test, "tag");
    if (json_integer_value(json_object_get(group, "tagSize")) == 256)
        return good;
    ck_assert(!good);
    return !strcmp(text_of(test, "result"), "valid");
}

TEST(each_verdict_on_hmac_is_ours)
{
    NEED(suite, "hmac_sha256");
    ck_assert_uint_gt(each(suite, judge_hmac), 50);
}
