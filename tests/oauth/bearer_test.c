/* bearer_test.c - tokens of other issuers as bearer tokens. Mirrors lib/oauth/bearer.c.
 * The issuer signs by a shared secret, as older projects of Supabase do: nothing is fetched.
 */
#include "base/arena.h"
#include "base/handle.h"
#include "support/token.h"
#include "test.h"

#include <cinema/cinema.h>

#include <stdio.h>
#include <stdlib.h>

#define ISSUER "https://project.supabase.example/auth/v1"
#define SECRET "a-secret-of-at-least-thirty-two-bytes"

static cinema *c;
static cinema_error err;
static arena *a;

static void migrate(const char *database)
{
    cinema *m = NULL;
    cinema_migrations *done = NULL;
    OK(cinema_open(database, &m, &err));
    OK(cinema_migrate(m, &done, &err));
    cinema_migrations_free(done);
    cinema_close(m);
}

static void start(void)
{
    char url[600];
    test_database_from(migrate, url, sizeof url);
    setenv("CINEMA_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 1);
    setenv("CINEMA_TRUSTED_ISSUERS", "issuer=" ISSUER ";audience=authenticated;secret=" SECRET, 1);
    OK(cinema_open(url, &c, &err));
    ck_assert_ptr_nonnull(a = arena_new(0, 0));
}

static void stop(void)
{
    arena_free(a);
    cinema_close(c);
}

FIXTURE(start, stop)

static const char *token_of(const char *subject, const char *email, const char *verified)
{
    char payload[1000], text[4000];
    long long now = (long long)(clock_wall_ms() / 1000);
    snprintf(payload, sizeof payload,
             "{\"iss\":\"" ISSUER "\",\"aud\":\"authenticated\",\"sub\":\"%s\",\"email\":\"%s\","
             "\"email_verified\":%s,\"iat\":%lld,\"exp\":%lld}",
             subject, email, verified, now, now + 600);
    token_hs256(SECRET, sizeof SECRET - 1, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", payload, text,
                sizeof text);
    return arena_copy(a, text, strlen(text));
}

static const char *answer;
static cinema_status call(const char *token, const char *name, const char *json)
{
    char *text = NULL;
    cinema_caller caller = { .token = token };
    cinema_status s = cinema_call(c, &caller, name, json, &text, &err);
    answer = text ? arena_copy(a, text, strlen(text)) : "";
    cinema_text_free(text);
    return s;
}

static const char *id_of(const char *token)
{
    OK(call(token, "me.get", "{}"));
    ck_assert_ptr_nonnull(strstr(answer, "\"id\":\""));
    return arena_copy(a, strstr(answer, "\"id\":\"") + 6, 36);
}

TEST(who_comes_with_a_trusted_token_for_the_first_time_gets_an_account)
{
    const char *token = token_of("1", "ann@films.example", "true"), *id = id_of(token);
    ck_assert_ptr_nonnull(strstr(answer, "\"email\":\"ann@films.example\""));
    ck_assert_str_eq(id_of(token), id); /* remembered */
    ck_assert_str_eq(id_of(token_of("1", "ann@films.example", "true")), id);
    ck_assert_str_ne(id_of(token_of("2", "bob@films.example", "true")), id);
}

TEST(an_account_is_taken_over_by_nobody_whose_address_is_not_verified)
{
    GIVES(CINEMA_FORBIDDEN, call(token_of("1", "ann@films.example", "false"), "me.get", "{}"));
    ck_assert_str_eq(err.reason, "email_unverified");
}

TEST(a_disabled_account_is_closed_to_tokens_of_others_too)
{
    const char *token = token_of("1", "ann@films.example", "true"), *id = id_of(token);
    cinema_user *u = NULL;
    OK(cinema_user_update(c, id, &(cinema_user_input){ .status = "disabled" }, &u, &err));
    cinema_user_free(u);
    GIVES(CINEMA_FORBIDDEN, call(token, "me.get", "{}"));
    ck_assert_str_eq(err.reason, "account_disabled");
}

TEST(such_a_caller_has_no_session_here_and_no_recent_sign_in)
{
    const char *token = token_of("1", "ann@films.example", "true");
    OK(call(token, "auth.logout", "{}"));
    OK(call(token, "me.get", "{}"));
    GIVES(CINEMA_FORBIDDEN, call(token, "totp.start", "{}"));
    ck_assert_str_eq(err.reason, "reauthentication_required");
    GIVES(CINEMA_FORBIDDEN, call(token, "user.list", "{}"));
}

TEST(a_token_of_an_issuer_that_is_not_trusted_is_refused)
{
    char text[4000];
    token_hs256(SECRET, sizeof SECRET - 1, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
                "{\"iss\":\"https://other.example\",\"aud\":\"authenticated\",\"sub\":\"1\","
                "\"email\":\"ann@films.example\",\"email_verified\":true,\"iat\":1,"
                "\"exp\":9999999999}",
                text, sizeof text);
    GIVES(CINEMA_UNAUTHENTICATED, call(text, "me.get", "{}"));
    ck_assert_str_eq(err.reason, "invalid_token");
}
