/* issuer_test.c - what is taken from a token of another issuer. Mirrors lib/issuer/issuer.c.
 */
#include "issuer/issuer_help.h"

#include "base/base64url.h"

#include <stdio.h>

FIXTURE(issuer_start, issuer_stop)

TEST(a_token_says_whose_it_is)
{
    OK(issuer_check_with(
        "\"email\":\"Ann@Example.test\",\"email_verified\":true,\"name\":\"Ann\""));
    ck_assert_str_eq(claims.issuer, canary_origin(bird));
    ck_assert_str_eq(claims.subject, "film-fan");
    ck_assert_str_eq(claims.email, "Ann@Example.test");
    ck_assert_str_eq(claims.name, "Ann");
    ck_assert(claims.email_verified);
    ck_assert_int_eq(claims.issued_at, now);
    ck_assert_int_eq(claims.expires_at, now + 600000);
    OK(issuer_check_with(""));
    ck_assert(!claims.email && !claims.name && !claims.email_verified);
}

TEST(an_address_is_verified_by_the_issuers_own_true_alone)
{
    static const char *const others[] = {
        "\"email\":\"a@b.test\"",
        "\"email\":\"a@b.test\",\"email_verified\":false",
        "\"email\":\"a@b.test\",\"email_verified\":\"true\"",
        "\"email\":\"a@b.test\",\"email_verified\":1",
        "\"email\":\"a@b.test\",\"user_metadata\":{\"email_verified\":true}",
        "\"email_verified\":true",
        "\"email\":7,\"email_verified\":true",
    };
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        OK(issuer_check_with(others[i]));
        ck_assert_msg(!claims.email_verified, "%s", others[i]);
    }
}

TEST(each_claim_has_to_be_right)
{
    static const char *const wrong[] = {
        "\"iss\":\"https://evil.example\"",
        "\"iss\":[\"https://evil.example\"]",
        "\"-iss\":0",
        "\"sub\":\"\"",
        "\"sub\":7",
        "\"-sub\":0",
        "\"aud\":\"other\"",
        "\"aud\":\"FILMS\"",
        "\"aud\":[\"other\",\"elsewhere\"]",
        "\"aud\":[]",
        "\"aud\":{\"films\":true}",
        "\"-aud\":0",
        "\"exp\":\"1900000000\"",
        "\"exp\":1e300",
        "\"exp\":-1",
        "\"-exp\":0",
        "\"iat\":true",
        "\"-iat\":0",
        "\"nbf\":\"now\"",
        "\"nbf\":1800000061",
        "\"iat\":1800000061",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        cinema_status s = issuer_check_with(wrong[i]);
        ck_assert_msg(s == CINEMA_UNAUTHENTICATED, "%s: %d", wrong[i], s);
        ck_assert_str_eq(err.reason, "invalid_token");
    }
    OK(issuer_check_with("\"aud\":[\"other\",\"films\"]"));
}

TEST(an_issuer_is_itself_to_the_letter)
{
    char more[200];
    snprintf(more, sizeof more, "\"iss\":\"%s/\"", canary_origin(bird));
    GIVES(CINEMA_UNAUTHENTICATED, issuer_check_with(more));
    snprintf(more, sizeof more, "\"iss\":\"HTTP%s\"", canary_origin(bird) + 4);
    GIVES(CINEMA_UNAUTHENTICATED, issuer_check_with(more));
    ck_assert_int_eq(canary_visits(bird), 0); /* nobody was asked for strangers' keys */
    ck_assert(issuer__trusted(c, canary_origin(bird)));
    ck_assert(!issuer__trusted(c, "https://evil.example"));
}

TEST(clocks_may_differ_by_a_minute)
{
    OK(issuer_check_with("\"exp\":1799999941,\"iat\":1799999000"));
    GIVES(CINEMA_UNAUTHENTICATED, issuer_check_with("\"exp\":1799999940,\"iat\":1799999000"));
    ck_assert_str_eq(err.reason, "token_expired");
    OK(issuer_check_with("\"iat\":1800000060"));
    OK(issuer_check_with("\"nbf\":1800000060"));
    OK(issuer_check_with("\"exp\":1800000000.5"));
}

TEST(a_doubled_claim_is_refused)
{
    char payload[600];
    OK(issuer_check_with(""));
    snprintf(payload, sizeof payload,
             "{\"iss\":\"%s\",\"sub\":\"x\",\"sub\":\"admin\",\"aud\":\"films\",\"exp\":1800000600,"
             "\"iat\":1800000000}",
             canary_origin(bird));
    token_eddsa(&key, "{\"alg\":\"EdDSA\",\"kid\":\"one\"}", payload, token, sizeof token);
    GIVES(CINEMA_UNAUTHENTICATED, issuer_check());
    token_eddsa(&key, "{\"alg\":\"EdDSA\",\"kid\":\"one\"}", "[]", token, sizeof token);
    GIVES(CINEMA_UNAUTHENTICATED, issuer_check());
}

/* Signs the same claims under another head. */
static cinema_status check_head(const char *head)
{
    char payload[4096];
    size_t n;
    issuer_token("");
    const char *dot = strchr(token, '.') + 1, *end = strchr(dot, '.');
    ck_assert(base64url_read(dot, (size_t)(end - dot), payload, sizeof payload - 1, &n));
    payload[n] = '\0';
    token_eddsa(&key, head, payload, token, sizeof token);
    return issuer_check();
}

TEST(other_kinds_of_token_are_refused)
{
    static const char *const good[] = { "JWT", "jwt", "at+jwt", "application/at+jwt" };
    static const char *const bad[] = { "refresh+jwt", "logout+jwt", "secevent+jwt", "JOSE", "" };
    char head[200];
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        snprintf(head, sizeof head, "{\"alg\":\"EdDSA\",\"kid\":\"one\",\"typ\":\"%s\"}", good[i]);
        OK(check_head(head));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        snprintf(head, sizeof head, "{\"alg\":\"EdDSA\",\"kid\":\"one\",\"typ\":\"%s\"}", bad[i]);
        GIVES(CINEMA_UNAUTHENTICATED, check_head(head));
    }
}

TEST(a_signature_of_another_is_refused)
{
    token_key other;
    OK(issuer_check_with(""));
    token_key_new(&other, 2);
    key = other;
    GIVES(CINEMA_UNAUTHENTICATED, issuer_check_with("")); /* its keys are known by now */
}

/* ---- shared secrets -------------------------------------------------------------------------- */

#define SECRET "a-secret-of-supabase-in-its-console"

static cinema_status check_hs256(const char *secret)
{
    char payload[600];
    snprintf(
        payload, sizeof payload,
        "{\"iss\":\"%s\",\"sub\":\"x\",\"aud\":\"films\",\"exp\":1800000600,\"iat\":1800000000}",
        canary_origin(bird));
    token_hs256(secret, strlen(secret), "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", payload, token,
                sizeof token);
    return issuer_check();
}

TEST(a_shared_secret_is_taken_where_the_setting_has_one)
{
    GIVES(CINEMA_UNAUTHENTICATED, check_hs256(SECRET));
    OK(issuer_open("issuer=@;audience=films;secret=" SECRET));
    OK(check_hs256(SECRET));
    ck_assert_int_eq(canary_visits(bird), 0);
    GIVES(CINEMA_UNAUTHENTICATED, check_hs256(SECRET "x"));
    OK(issuer_check_with("")); /* its newer tokens, by key */
}

TEST(public_keys_are_no_shared_secret)
{
    mood.keys =
        "{\"kty\":\"oct\",\"k\":\"YS1zZWNyZXQtdGhhdC10aGUtd29ybGQtY2FuLXJlYWQtYW5kLXVzZQ\"}";
    GIVES(CINEMA_UNAUTHENTICATED, check_hs256("a-secret-that-the-world-can-read-and-use"));
    OK(issuer_open("issuer=@;audience=films;secret=" SECRET));
    GIVES(CINEMA_UNAUTHENTICATED, check_hs256("a-secret-that-the-world-can-read-and-use"));
    GIVES(CINEMA_UNAUTHENTICATED, check_hs256(key.x));
}

/* ---- sign-ins -------------------------------------------------------------------------------- */

static cinema_status sign_in(const char *more)
{
    issuer_sign_in expected = { canary_origin(bird), "films", "a-nonce" };
    issuer_token(more);
    return issuer__verify_sign_in(c, &expected, token, a, &claims, &err);
}

TEST(a_sign_in_is_for_this_client_and_this_time)
{
    OK(issuer_open("")); /* no token of it is believed otherwise */
    OK(sign_in("\"nonce\":\"a-nonce\""));
    OK(sign_in("\"nonce\":\"a-nonce\",\"azp\":\"films\",\"aud\":[\"films\",\"other\"]"));
    GIVES(CINEMA_UNAUTHENTICATED, sign_in(""));
    GIVES(CINEMA_UNAUTHENTICATED, sign_in("\"nonce\":\"another\""));
    GIVES(CINEMA_UNAUTHENTICATED, sign_in("\"nonce\":\"a-nonce\",\"azp\":\"other\""));
    GIVES(CINEMA_UNAUTHENTICATED, sign_in("\"nonce\":\"a-nonce\",\"aud\":[\"films\",\"other\"]"));
    GIVES(CINEMA_UNAUTHENTICATED, sign_in("\"nonce\":\"a-nonce\",\"aud\":\"other\""));
    GIVES(CINEMA_UNAUTHENTICATED, issuer_check());
    ck_assert(!issuer__trusted(c, canary_origin(bird)));
}
