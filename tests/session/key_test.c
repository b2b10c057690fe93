/* key_test.c - mirrors lib/session/key.c: keys that sign, and what they sign.
 */
#include "session/session_help.h"

#include <stdlib.h>
#include <unistd.h>

FIXTURE(session_start, session_stop)

/* ---- keys ------------------------------------------------------------------------------------ */

TEST(tokens_of_the_key_before_stay_good_when_keys_rotate)
{
    session_grant g = begin();
    session_tokens before = tokens_of(g), after;
    session_keys keys;
    identity i;
    cinema *other = NULL;
    bool ours;
    OK(cinema_open(url, &other, &err));
    OK(session__identify(other, before.access_token, a, &i, &ours, &err));
    OK(key_rotate(c, &keys, &err));
    after = tokens_of(g);
    OK(who(before.access_token, &i));
    OK(who(after.access_token, &i));
    wall = clock_wall_ms() + 2000; /* the other process looks again after a second */
    usleep(1100000);
    OK(session__identify(other, after.access_token, a, &i, &ours, &err));
    cinema_close(other);
}

TEST(a_rotation_stands_in_the_audit_log_and_a_first_key_does_not)
{
    cinema_audit_page *log = NULL;
    cinema_keys *keys = NULL;
    begin(); /* makes the first key */
    OK(cinema_audit_list(c, NULL, &log, &err));
    ck_assert_uint_eq(log->count, 0);
    cinema_audit_page_free(log);
    OK(cinema_key_rotate(c, &keys, &err));
    ck_assert_uint_eq(keys->count, 2);
    OK(cinema_audit_list(c, NULL, &log, &err));
    ck_assert_uint_eq(log->count, 1);
    ck_assert_str_eq(log->items[0]->action, "key.rotate");
    ck_assert_str_eq(log->items[0]->actor, "system");
    ck_assert_str_eq(log->items[0]->target, keys->items[1]->id);
    cinema_audit_page_free(log);
    cinema_keys_free(keys);
}

TEST(another_key_than_that_of_the_database_is_told)
{
    session_grant g = begin();
    cinema *other = NULL;
    session_tokens t;
    setenv("CINEMA_KEY", "AAEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", 1);
    OK(cinema_open(url, &other, &err));
    GIVES(CINEMA_UNAVAILABLE, session__tokens(other, &g, a, &t, &err));
    ck_assert_str_eq(err.reason, "wrong_key");
    cinema_close(other);
}

/* ---- claims of somebody's own ---------------------------------------------------------------- */

static cinema_status sign(const char *claims, const char **token)
{
    cinema_signed_token *t = NULL;
    cinema_status s = cinema_key_sign(c, claims, &t, &err);
    ck_assert(!s == (t != NULL));
    if (t && token)
        *token = arena_copy(a, t->token, strlen(t->token));
    cinema_signed_token_free(t);
    return s;
}

static const char *payload_of(const char *token)
{
    char *text = arena_text(a, 70000);
    size_t n = 0, part = strcspn(token, ".") + 1;
    ck_assert(base64url_read(token + part, strcspn(token + part, "."), text, 70000, &n));
    text[n] = '\0';
    return text;
}

TEST(claims_are_signed_as_they_stand_and_believed_as_far_as_they_are_true)
{
    session_grant g = begin();
    identity i;
    const char *token = NULL, *claims = arena_format(a,
                                                     "{\"iss\": " US ", \"aud\": " US
                                                     ", \"sub\":\"%s\",\"sid\":\"%s\","
                                                     "\"jti\":\"\\u0031\", \"iat\":1,"
                                                     "\"exp\":9999999999,\"auth_time\":1}",
                                                     ACCOUNT, g.session_id);
    OK(sign(arena_format(a, "\n %s\r\n", claims), &token));
    ck_assert_str_eq(payload_of(token), claims);
    OK(who(token, &i));
    ck_assert_str_eq(i.account_id, ACCOUNT);
    OK(sign("{\"iss\":" US ",\"aud\":" US ",\"sub\":\"x\",\"exp\":1}", &token));
    GIVES(CINEMA_UNAUTHENTICATED, who(token, &i));
}

TEST(whatever_is_drilled_can_be_claimed)
{
    const char *odd[] = {
        "{}",
        "{\"exp\":1}",
        "{\"exp\":-1e3,\"nbf\":9999999999.5,\"iat\":0}",
        "{\"iss\":\"https://evil.example\",\"aud\":[]}",
        "{\"aud\":[\"a\",\"b\"],\"permissions\":[\"*\"],\"admin\":true,\"sub\":\"\"}",
    };
    const char *token = NULL;
    for (size_t n = 0; n < COUNT_OF(odd); n++) {
        OK(sign(odd[n], &token));
        ck_assert_str_eq(payload_of(token), odd[n]);
    }
    char *big = arena_text(a, 65537);
    memset(big, 'x', 65536);
    memcpy(big, "{\"x\":\"", 6);
    memcpy(big + 65534, "\"}", 3);
    OK(sign(big, &token)); /* more than anybody here reads */
    ck_assert_uint_gt(strlen(token), JWT_MAX);
}

TEST(what_are_no_claims_is_refused_by_field_and_rule)
{
    static const char *const bad[][3] = {
        { "", "claims", "json" },
        { "no", "claims", "json" },
        { "[]", "claims", "json" },
        { "null", "claims", "json" },
        { "{\"sub\":\"a\"} {}", "claims", "json" },
        { "{\"sub\":\"\xff\"}", "claims", "json" },
        { "{\"sub\":\"a\\u0000\"}", "claims", "control_character" },
        { "{\"sub\":\"a\",\"sub\":\"b\"}", "sub", "duplicate_field" },
        { "{\"x\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", "claims", "json_limits" },
        { "{\"sub\":7}", "sub", "type" },
        { "{\"iss\":null}", "iss", "type" },
        { "{\"aud\":{}}", "aud", "type" },
        { "{\"aud\":[\"a\",1]}", "aud", "type" },
        { "{\"exp\":\"1\"}", "exp", "type" },
        { "{\"nbf\":true}", "nbf", "type" },
        { "{\"iat\":[1]}", "iat", "type" },
        { "{\"auth_time\":\"now\"}", "auth_time", "type" },
        { "{\"jti\":1}", "jti", "type" },
        { "{\"sid\":1}", "sid", "type" },
        { "{\"client_id\":1}", "client_id", "type" },
    };
    for (size_t n = 0; n < COUNT_OF(bad); n++) {
        GIVES(CINEMA_INVALID, sign(bad[n][0], NULL));
        ck_assert_msg(!strcmp(err.field, bad[n][1]) && !strcmp(err.reason, bad[n][2]),
                      "%s: %s %s: %s", bad[n][0], err.field, err.reason, err.message);
        ck_assert(!strncmp(err.message, bad[n][1], strlen(bad[n][1])));
    }
    char *big = arena_text(a, 65538);
    memset(big, ' ', 65537);
    memcpy(big, "{", 1);
    memcpy(big + 65536, "}", 2);
    GIVES(CINEMA_INVALID, sign(big, NULL));
    ck_assert_str_eq(err.reason, "length");
}

TEST(what_is_signed_stands_in_the_audit_log)
{
    cinema_audit_page *log = NULL;
    cinema_keys *keys = NULL;
    OK(sign(arena_format(a, "{\"sub\":\"%s\"}", ACCOUNT), NULL));
    GIVES(CINEMA_INVALID, sign("{\"sub\":1}", NULL));
    OK(cinema_audit_list(c, NULL, &log, &err));
    OK(cinema_key_list(c, &keys, &err));
    ck_assert_uint_eq(log->count, 1);
    ck_assert_str_eq(log->items[0]->action, "key.sign");
    ck_assert_str_eq(log->items[0]->actor, "system");
    ck_assert_str_eq(log->items[0]->account_id, ACCOUNT);
    ck_assert_str_eq(log->items[0]->target, keys->items[0]->id);
    cinema_audit_page_free(log);
    cinema_keys_free(keys);
}

TEST(no_operation_signs)
{
    for (const op *o = op_next(NULL); o; o = op_next(o))
        ck_assert_str_ne(o->name, "key.sign");
}
