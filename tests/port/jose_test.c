/* jose_test.c - whose signature a token has: the examples of the RFCs, tokens of our own, and those
 * that attackers make. Mirrors lib/port/jose/.
 */
#include "base/base64url.h"
#include "port/jose/jose.h"
#include "support/token.h"
#include "test.h"

#include <stdio.h>

#define CLAIMS                                                                                     \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnV"  \
    "lfQ"
#define RSA_N                                                                                      \
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4" \
    "d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5re" \
    "xMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxX" \
    "FvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
#define RSA_TOKEN                                                                                  \
    "eyJhbGciOiJSUzI1NiJ9." CLAIMS                                                                 \
    ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp" \
    "5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHl" \
    "b1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9Q" \
    "OYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
#define EC_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define EC_TOKEN                                                                                   \
    "eyJhbGciOiJFUzI1NiJ9." CLAIMS                                                                 \
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
#define PS_N                                                                                       \
    "oJ5mmEE20xv4Y8wt6Yf4mEUB1vwsy43zuRqIRECxsHtA43BLlZ6qm5pXTvKmKdPp2E6oba58HzpnPrk7vcGcUyChT89-" \
    "czd5T_RTQywRuHr0DvuUIH429yhRsoCkGusiBmcusTC4cd7ejI32ZIbb297BeyTAOKAuxSIAren3kHsrbUV1HUFypeYA" \
    "MvPXTIuRe0g9SmrYMp3u_gT3YvQxNhEF0lwrAxyYgiVZEaHMC0pLEt-tzAwuzHCosdN38l-EHCAcPc1J3X22hDXT2E8c" \
    "X6lbT3XzAvejOfQ88DFeL6NgR3ztRwrBfL8kqOz1zmYyAUYv9vwTEHROCAqITLIw5w"
#define PS_HEAD "eyJhbGciOiJQUzI1NiIsImtpZCI6ImZpbG1zLTEiLCJ0eXAiOiJKV1QifQ." CLAIMS
#define PS_TOKEN                                                                                   \
    PS_HEAD                                                                                        \
    ".d54lG5cQOUDo6JIv3XJE4oSgaSRPsqQ9nUMCbsgFEeC2iLbpYNfsMSbKqUZsb-vAMFh-PubYwf8VDFEhRaQxjlyyU-o" \
    "mWY71f8XOaAkPtPSciLW0IacsVcL2f_78b-yYue-dJ36oQFYOHTYPinGev06i2hG_saDnxFk1S8Bt4LH68SUSKPokcMh" \
    "nLm-tm9hjGTBOrph2GucVkmCWyMLlN-mhzsn8rOJsbuOG9RpVOHNSTaMlbZ4kK_yqZ-fu1EwzilRbULFOQQrHpBWKvZn" \
    "0N8fzZv0muRcF0Px_DGcg3sEse-wBsNIwE4loqBjoyfJ6b8WhUoqDvspf3EOrLC5oXw"
/* The same key, but with a salt of 20 bytes. */
#define PS_SHORT_SALT                                                                              \
    PS_HEAD                                                                                        \
    ".cBOD8m7sdIVQ9brdsUJvQdRRMrtV5YOujZp7t-SmdGPKGAxQ7zhr9ye9FBSglgK2gY9-oALRfxqoeKop2ztzwhUq-Jq" \
    "28eXv9GI2HWsWKJwPKNCze0jsZw_RYvsdIH14teZ93DVlQ5wOpvixveLSe5jexnJ7WAmSW8wtm6MXQ7Ai-JPV7yx1Bi_" \
    "D1gB8ZNXUW9VNtxw2SUmrw2TgOuvRgs5N8QDgtksYuquBqqBRvxdMxS1i_4qXdNaVLh9oWRCgca-jItgypCw47wyHril" \
    "DmKCxJ-Tizxr7n9ci2iP_bSQl-N07S-X-mICtg-pqoZzUv6n9pTt_qbKQN2o9jruFSw"
#define HS_K                                                                                       \
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
#define HS_TOKEN                                                                                   \
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." CLAIMS                                             \
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define ED_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define ED_TOKEN                                                                                   \
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvM" \
    "g3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

#define RSA_KEY "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}"
#define PS_KEY "{\"kty\":\"RSA\",\"kid\":\"films-1\",\"n\":\"" PS_N "\",\"e\":\"AQAB\"}"
#define EC_KEY "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}"
#define HS_KEY "{\"kty\":\"oct\",\"k\":\"" HS_K "\"}"
#define ED_KEY "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\"}"

enum { ALL = 0xffff };

static arena *a;
static cinema_error err;
static jose_keys *keys;
static token_key mine;
static char text[JOSE_TOKEN_MAX * 2];

static void start(void)
{
    a = arena_new(0, 0);
    token_key_new(&mine, 1);
}

static void stop(void)
{
    jose_keys_free(keys);
    arena_free(a);
}
FIXTURE(start, stop)

static cinema_status take_keys(const char *json)
{
    jose_keys_free(keys);
    keys = NULL;
    return jose_keys_read(json, strlen(json), &keys, &err);
}

static cinema_status check(const char *token, unsigned allowed)
{
    jose_token t;
    cinema_status s = jose_read(token, a, &t, &err);
    return s ? s : jose_verify(keys, &t, allowed, &err);
}

/* One key of our own, named `one`. */
static void take_mine(void)
{
    char jwk[200];
    token_jwk(&mine, "one", jwk, sizeof jwk);
    OK(take_keys(jwk));
}

static cinema_status check_mine(const char *header)
{
    take_mine();
    token_eddsa(&mine, header, "{}", text, sizeof text);
    return check(text, ALL);
}

/* ---- what is good ---------------------------------------------------------------------------- */

static const struct sample {
    const char *key, *token;
    unsigned algorithm;
} samples[] = {
    { RSA_KEY, RSA_TOKEN, JOSE_RS256 }, { PS_KEY, PS_TOKEN, JOSE_PS256 },
    { EC_KEY, EC_TOKEN, JOSE_ES256 },   { HS_KEY, HS_TOKEN, JOSE_HS256 },
    { ED_KEY, ED_TOKEN, JOSE_EDDSA },
};

TEST(the_examples_of_the_rfcs_are_good)
{
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        OK(take_keys(samples[i].key));
        OK(check(samples[i].token, samples[i].algorithm));
        GIVES(CINEMA_UNAUTHENTICATED, check(samples[i].token, ALL & ~samples[i].algorithm));
    }
}

TEST(each_is_good_by_its_own_key_alone)
{
    for (size_t i = 0; i < COUNT_OF(samples); i++)
        for (size_t j = 0; j < COUNT_OF(samples); j++) {
            OK(take_keys(samples[i].key));
            GIVES(i == j ? CINEMA_OK : CINEMA_UNAUTHENTICATED, check(samples[j].token, ALL));
        }
}

/* A changed last character may stand for bits that must be zero: refused as well. */
TEST(each_character_counts)
{
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        OK(take_keys(samples[i].key));
        size_t n = strlen(samples[i].token);
        for (size_t at = 0; at < n; at += 1 + at % 7) {
            snprintf(text, sizeof text, "%s", samples[i].token);
            text[at] = text[at] == 'A' ? 'B' : 'A';
            GIVES(CINEMA_UNAUTHENTICATED, check(text, ALL));
        }
        for (size_t cut = 1; cut < n; cut += 9) {
            snprintf(text, sizeof text, "%.*s", (int)cut, samples[i].token);
            GIVES(CINEMA_UNAUTHENTICATED, check(text, ALL));
        }
    }
}

TEST(a_token_is_taken_apart_as_it_was_put_together)
{
    jose_token t;
    token_eddsa(&mine, "{\"typ\":\"at+jwt\",\"alg\":\"EdDSA\",\"kid\":\"one\",\"x5t\":\"x\"}",
                "{\"sub\":\"x\"}", text, sizeof text);
    OK(jose_read(text, a, &t, &err));
    ck_assert_int_eq(t.algorithm, JOSE_EDDSA);
    ck_assert_str_eq(t.key_id, "one");
    ck_assert_str_eq(t.type, "at+jwt");
    ck_assert_str_eq(t.payload, "{\"sub\":\"x\"}");
    ck_assert_uint_eq(t.payload_length, 11);
}

/* ---- tokens of attackers --------------------------------------------------------------------- */

TEST(no_signature_is_no_signature)
{
    static const char *const words[] = { "none", "None", "NONE", "nOnE", "" };
    char header[100];
    take_mine();
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        snprintf(header, sizeof header, "{\"alg\":\"%s\",\"kid\":\"one\"}", words[i]);
        token_none(header, "{}", text, sizeof text);
        GIVES(CINEMA_UNAUTHENTICATED, check(text, ALL));
        token_eddsa(&mine, header, "{}", text, sizeof text);
        GIVES(CINEMA_UNAUTHENTICATED, check(text, ALL));
    }
    token_none("{\"alg\":\"EdDSA\",\"kid\":\"one\"}", "{}", text, sizeof text);
    GIVES(CINEMA_UNAUTHENTICATED, check(text, ALL));
}

/* A public key is known to all: it must not serve as the secret of an HMAC. */
TEST(a_public_key_is_no_secret)
{
    char n[400];
    size_t length;
    static const char header[] = "{\"alg\":\"HS256\"}";
    OK(take_keys(RSA_KEY));
    ck_assert(base64url_read(RSA_N, strlen(RSA_N), n, sizeof n, &length));
    token_hs256(n, length, header, "{}", text, sizeof text);
    GIVES(CINEMA_UNAUTHENTICATED, check(text, ALL));
    token_hs256(RSA_KEY, strlen(RSA_KEY), header, "{}", text, sizeof text);
    GIVES(CINEMA_UNAUTHENTICATED, check(text, ALL));
    token_hs256("", 0, header, "{}", text, sizeof text);
    GIVES(CINEMA_UNAUTHENTICATED, check(text, ALL));
}

TEST(a_header_brings_no_key_and_no_demands)
{
    char jwk[200], header[600];
    static const char *const members[] = {
        "\"jku\":\"https://evil.example/keys\"",
        "\"x5u\":\"https://evil.example/c\"",
        "\"x5c\":[\"MIIB\"]",
        "\"crit\":[\"exp\"]",
        "\"b64\":false",
        "\"zip\":\"DEF\"",
        "\"enc\":\"A256GCM\"",
    };
    token_jwk(&mine, "one", jwk, sizeof jwk);
    snprintf(header, sizeof header, "{\"alg\":\"EdDSA\",\"kid\":\"one\",\"jwk\":%s}", jwk);
    GIVES(CINEMA_UNAUTHENTICATED, check_mine(header));
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        snprintf(header, sizeof header, "{\"alg\":\"EdDSA\",\"kid\":\"one\",%s}", members[i]);
        GIVES(CINEMA_UNAUTHENTICATED, check_mine(header));
    }
}

TEST(a_header_is_one_json_object_read_in_one_way)
{
    static const char *const headers[] = {
        "{\"alg\":\"none\",\"alg\":\"EdDSA\",\"kid\":\"one\"}",
        "{\"alg\":\"EdDSA\",\"kid\":\"one\",\"kid\":\"two\"}",
        "{\"alg\":[\"EdDSA\"],\"kid\":\"one\"}",
        "{\"alg\":\"EdDSA\",\"kid\":1}",
        "{\"alg\":\"EdDSA\",\"kid\":null}",
        "{\"alg\":\"EdDSA\",\"kid\":\"one\",\"typ\":{}}",
        "{\"alg\":\"eddsa\",\"kid\":\"one\"}",
        "{\"Alg\":\"EdDSA\",\"kid\":\"one\"}",
        "{\"alg\":\"EdDSA\\u0000\",\"kid\":\"one\"}",
        "{\"alg\":\"EdDSA\",\"kid\":\"one\"} ,",
        "[\"EdDSA\"]",
        "\"EdDSA\"",
        "",
        "{}",
        "{\"alg\":\"EdDSA\",\"kid\":\"o\xff\"}",
    };
    for (size_t i = 0; i < COUNT_OF(headers); i++)
        GIVES(CINEMA_UNAUTHENTICATED, check_mine(headers[i]));
    OK(check_mine(" { \"kid\" : \"one\" ,\n\"alg\":\"EdDSA\" } "));
}

TEST(a_key_id_is_a_name_and_nothing_else)
{
    static const char *const ids[] = {
        "two", "", "../one", "one'--", "https://evil.example/k", "/dev/null", "ONE", "one "
    };
    char header[200];
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        snprintf(header, sizeof header, "{\"alg\":\"EdDSA\",\"kid\":\"%s\"}", ids[i]);
        GIVES(CINEMA_UNAUTHENTICATED, check_mine(header));
    }
}

TEST(three_parts_are_three_parts)
{
    static const char *const wrong[] = { "",
                                         ".",
                                         "..",
                                         "...",
                                         "a.b",
                                         "a.b.c.d",
                                         "a..b",
                                         "eyJhbGciOiJFZERTQSJ9",
                                         "eyJhbGciOiJFZERTQSJ9..." };
    take_mine();
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        GIVES(CINEMA_UNAUTHENTICATED, check(wrong[i], ALL));
    OK(take_keys(ED_KEY));
    snprintf(text, sizeof text, "%s=", ED_TOKEN);
    GIVES(CINEMA_UNAUTHENTICATED, check(text, ALL));
    snprintf(text, sizeof text, " %s", ED_TOKEN);
    GIVES(CINEMA_UNAUTHENTICATED, check(text, ALL));
    snprintf(text, sizeof text, "%s\n", ED_TOKEN);
    GIVES(CINEMA_UNAUTHENTICATED, check(text, ALL));
}

TEST(sizes_are_bounded)
{
    char *large = calloc(1, JOSE_TOKEN_MAX + 100), header[JOSE_HEADER_MAX + 200];
    memset(large, 'a', JOSE_TOKEN_MAX + 99);
    GIVES(CINEMA_UNAUTHENTICATED, check_mine("{\"alg\":\"EdDSA\"}x"));
    GIVES(CINEMA_UNAUTHENTICATED, check(large, ALL));
    memset(large, '[', 2000);
    large[2000] = '\0';
    snprintf(header, sizeof header, "{\"alg\":\"EdDSA\",\"x\":%s", large); /* deep */
    GIVES(CINEMA_UNAUTHENTICATED, check_mine(header));
    memset(large, 'k', JOSE_HEADER_MAX);
    large[JOSE_HEADER_MAX] = '\0';
    snprintf(header, sizeof header, "{\"alg\":\"EdDSA\",\"x\":\"%s\"}", large);
    GIVES(CINEMA_UNAUTHENTICATED, check_mine(header));
    large[300] = '\0';
    snprintf(header, sizeof header, "{\"alg\":\"EdDSA\",\"kid\":\"%s\"}", large);
    GIVES(CINEMA_UNAUTHENTICATED, check_mine(header));
    free(large);
}

TEST(a_salt_of_another_length_is_refused)
{
    OK(take_keys(PS_KEY));
    GIVES(CINEMA_UNAUTHENTICATED, check(PS_SHORT_SALT, ALL));
}

/* ---- keys ------------------------------------------------------------------------------------ */

TEST(without_a_name_there_must_be_no_choice)
{
    char one[200], two[200], set[500];
    token_key other;
    token_key_new(&other, 2);
    token_jwk(&mine, "one", one, sizeof one);
    token_jwk(&other, "two", two, sizeof two);
    OK(check_mine("{\"alg\":\"EdDSA\"}")); /* one key: it must be that */
    snprintf(set, sizeof set, "{\"keys\":[%s,%s]}", one, two);
    OK(take_keys(set));
    GIVES(CINEMA_UNAUTHENTICATED, check(text, ALL));
    token_eddsa(&mine, "{\"alg\":\"EdDSA\",\"kid\":\"one\"}", "{}", text, sizeof text);
    OK(check(text, ALL));
    token_eddsa(&mine, "{\"alg\":\"EdDSA\",\"kid\":\"two\"}", "{}", text, sizeof text);
    GIVES(CINEMA_UNAUTHENTICATED, check(text, ALL));
}

TEST(keys_that_are_no_good_are_left_out)
{
    static const char *const useless[] = {
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":\"enc\",\"x\":\"" ED_X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"key_ops\":[\"sign\"],\"x\":\"" ED_X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"ES256\",\"x\":\"" ED_X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"\",\"x\":\"" ED_X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" ED_X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":7,\"x\":\"" ED_X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"" ED_X "\",\"x\":\"" ED_X "\"}",
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQ\"}",
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"Ag\"}",
        "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_X "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"oct\",\"k\":\"c2hvcnQ\"}",
        "{\"kty\":\"oct\",\"k\":\"\"}",
        "{\"kty\":\"new\"}",
        "{}",
    };
    for (size_t i = 0; i < COUNT_OF(useless); i++) {
        OK(take_keys(useless[i]));
        ck_assert_msg(jose_keys_count(keys) == 0, "%s", useless[i]);
    }
}

TEST(a_set_that_is_no_set_is_refused)
{
    char many[4000] = "{\"keys\":[", doubled[300];
    static const char *const wrong[] = {
        "",
        "[]",
        "1",
        "{\"keys\":{}}",
        "{\"keys\":7}",
        "{\"keys\":[" HS_KEY "," RSA_KEY "]}", /* a secret beside public keys */
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        GIVES(CINEMA_INVALID, take_keys(wrong[i]));
        ck_assert_str_eq(err.reason, "bad_keys");
    }
    snprintf(doubled, sizeof doubled, "{\"kty\":\"OKP\",\"x\":\"%s\",\"x\":\"%s\"}", ED_X, ED_X);
    GIVES(CINEMA_INVALID, take_keys(doubled));
    for (int i = 0; i <= JOSE_KEYS_MAX; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "{},");
    snprintf(many + strlen(many), sizeof many - strlen(many), "{}]}");
    GIVES(CINEMA_INVALID, take_keys(many));
    OK(take_keys("{\"keys\":[]}"));
}

TEST(a_shared_secret_has_the_length_of_its_hash)
{
    static const char secret[] = "a secret of thirty-two bytes, 32";
    GIVES(CINEMA_INVALID, jose_keys_secret(secret, 31, JOSE_HS256, &keys, &err));
    GIVES(CINEMA_INVALID, jose_keys_secret(secret, 32, JOSE_HS512, &keys, &err));
    GIVES(CINEMA_INVALID, jose_keys_secret(secret, 32, JOSE_RS256, &keys, &err));
    OK(jose_keys_secret(secret, 32, JOSE_HS256, &keys, &err));
    token_hs256(secret, 32, "{\"alg\":\"HS256\",\"kid\":\"any\"}", "{}", text, sizeof text);
    OK(check(text, JOSE_HS256));
    text[strlen(text) - 2] ^= 1;
    GIVES(CINEMA_UNAUTHENTICATED, check(text, JOSE_HS256));
}
