/* session_test.c - sessions and their tokens. Mirrors lib/session/.
 */
#include "session/session.h"

#include "base/base64url.h"
#include "session/key.h"
#include "test.h"

#include <cinema/cinema.h>

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static cinema *c;
static cinema_error err;
static arena *a;
static char url[600];
static int64_t account_nr;
static const char ACCOUNT[] = "01900000-0000-7000-8000-000000000001";
static int64_t wall; /* 0: the real one */

static int64_t clock_of_test(void *user)
{
    (void)user;
    return wall ? wall : clock_wall_ms();
}

static void migrate(const char *database)
{
    cinema *m = NULL;
    cinema_migrations *done = NULL;
    OK(cinema_open(database, &m, &err));
    OK(cinema_migrate(m, &done, &err));
    cinema_migrations_free(done);
    cinema_close(m);
}

/* An account as the user room would write it. */
static void add_account(void)
{
    static const char insert[] =
        "INSERT INTO account (id, revision, status, email, email_key, name, password_reset_needed,"
        " roles, permissions, created_at, updated_at) VALUES ($1, 1, 'active', 'ann@example.org',"
        " 'ann@example.org', 'Ann', $2 = true, 'viewer', 'content.write', 0, 0) RETURNING nr";
    db_tx *tx = NULL;
    db_rows rows;
    db_sql sql;
    uuid id;
    uuid_parse(ACCOUNT, &id);
    OK(db_begin(c, &tx, &err));
    db_sql_for_tx(&sql, tx);
    db_add(&sql, (db_text){ "insert", insert, insert }, "ub", &id, 0);
    OK(db_run(tx, &sql, a, &rows, &err));
    account_nr = rows.first->cells[0].number;
    OK(db_commit(&tx, &err));
}

static void start(void)
{
    test_database_from(migrate, url, sizeof url);
    setenv("CINEMA_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", 1);
    OK(cinema_open(url, &c, &err));
    c->wall_ms = clock_of_test;
    ck_assert_ptr_nonnull(a = arena_new(0, 0));
    add_account();
}

static void stop(void)
{
    arena_free(a);
    cinema_close(c);
}

FIXTURE(start, stop)

static void reopen(const char *name, const char *value)
{
    setenv(name, value, 1);
    cinema_close(c);
    OK(cinema_open(url, &c, &err));
    c->wall_ms = clock_of_test;
}

static session_grant begin(void)
{
    static const cinema_caller caller = { .address = "192.0.2.7", .user_agent = "Test \xC3\xA9" };
    session_grant g;
    db_tx *tx = NULL;
    OK(session__ready(c, &err));
    OK(db_begin(c, &tx, &err));
    OK(session__start(c, tx, account_nr, ACCOUNT, "password", &caller, a, &g, &err));
    OK(db_commit(&tx, &err));
    return g;
}

static session_tokens tokens_of(session_grant g)
{
    session_tokens t;
    OK(session__tokens(c, &g, a, &t, &err));
    return t;
}

static cinema_status refresh(const char *token, session_grant *g)
{
    static const cinema_caller caller = { .address = "192.0.2.8" };
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    cinema_status s = session__refresh(c, tx, token, &caller, a, g, &err);
    if (s)
        db_rollback(&tx);
    else
        OK(db_commit(&tx, &err));
    return s;
}

static cinema_status who(const char *token, identity *ret)
{
    bool ours;
    *ret = (identity){ 0 };
    return session__identify(c, token, a, ret, &ours, &err);
}

/* ---- access tokens --------------------------------------------------------------------------- */

TEST(an_access_token_tells_account_session_and_permissions)
{
    session_grant g = begin();
    session_tokens t = tokens_of(g);
    identity i;
    ck_assert_str_eq(t.token_type, "Bearer");
    ck_assert_int_eq(t.expires_in, 600);
    for (int n = 0; n < 3; n++) { /* read, remembered, remembered */
        OK(who(t.access_token, &i));
        ck_assert(i.known && !i.system);
        ck_assert_int_eq(i.account_nr, account_nr);
        ck_assert_str_eq(i.account_id, ACCOUNT);
        ck_assert_str_eq(i.session_id, g.session_id);
        ck_assert_str_eq(i.permissions, "content.write");
        ck_assert_int_eq(i.auth_at, g.auth_at);
    }
}

TEST(an_access_token_expires_also_where_it_is_remembered)
{
    session_tokens t = tokens_of(begin());
    identity i;
    OK(who(t.access_token, &i));
    wall = clock_wall_ms() + 599000;
    OK(who(t.access_token, &i));
    wall = clock_wall_ms() + 601000;
    GIVES(CINEMA_UNAUTHENTICATED, who(t.access_token, &i));
    ck_assert_str_eq(err.reason, "token_expired");
}

TEST(a_session_that_ended_is_over_with_the_next_request)
{
    session_grant g = begin(), other = begin();
    session_tokens t = tokens_of(g), u = tokens_of(other);
    identity i;
    db_tx *tx = NULL;
    OK(who(t.access_token, &i));
    OK(who(u.access_token, &i));
    OK(db_begin(c, &tx, &err));
    OK(session__end(c, tx, account_nr, g.session_id, a, &err));
    OK(db_commit(&tx, &err));
    session__told(c);
    GIVES(CINEMA_UNAUTHENTICATED, who(t.access_token, &i));
    ck_assert_str_eq(err.reason, "invalid_token");
    OK(who(u.access_token, &i));
}

TEST(all_sessions_end_but_one)
{
    session_grant g[3] = { begin(), begin(), begin() };
    identity i;
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    OK(session__end_all(c, tx, account_nr, g[1].session_id, a, &err));
    OK(db_commit(&tx, &err));
    session__told(c);
    for (int n = 0; n < 3; n++)
        GIVES(n == 1 ? CINEMA_OK : CINEMA_UNAUTHENTICATED, who(tokens_of(g[n]).access_token, &i));
}

TEST(another_process_sees_an_end_within_a_second)
{
    session_grant g = begin();
    session_tokens t = tokens_of(g);
    identity i;
    bool ours;
    db_tx *tx = NULL;
    cinema *other = NULL;
    OK(cinema_open(url, &other, &err));
    OK(session__identify(other, t.access_token, a, &i, &ours, &err));
    OK(db_begin(c, &tx, &err));
    OK(session__end(c, tx, account_nr, g.session_id, a, &err));
    OK(db_commit(&tx, &err));
    int64_t until = clock_monotonic_ms() + 1000;
    while (!session__identify(other, t.access_token, a, &i, &ours, &err) &&
           clock_monotonic_ms() < until) {
    }
    GIVES(CINEMA_UNAUTHENTICATED, session__identify(other, t.access_token, a, &i, &ours, &err));
    cinema_close(other);
}

/* Each character of a token changed in turn, parts left out, doubled, swapped. */
TEST(a_token_that_was_changed_is_refused)
{
    const char *token = tokens_of(begin()).access_token;
    size_t n = strlen(token);
    identity i;
    for (size_t at = 0; at < n; at++) {
        char *changed = arena_copy(a, token, n);
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        bool ours = true;
        cinema_status s = session__identify(c, changed, a, &i, &ours, &err);
        ck_assert_msg(s == CINEMA_UNAUTHENTICATED || !ours, "changed at %zu", at);
    }
    const char *texts[] = { "",
                            ".",
                            "..",
                            "...",
                            "a.b.c",
                            arena_format(a, "%s.", token),
                            arena_format(a, " %s", token),
                            arena_format(a, "%s=", token),
                            arena_format(a, "%.*s", (int)n - 1, token) };
    for (size_t t = 0; t < COUNT_OF(texts); t++)
        GIVES(CINEMA_UNAUTHENTICATED, who(texts[t], &i));
}

/* Signed by our key, but saying something else. */
static const char *forge(const char *head, const char *payload)
{
    session_key key;
    unsigned char signature[64];
    char text[3][2000], token[6000];
    OK(key_current(c, &key, &err));
    base64url_write(head, strlen(head), text[0]);
    base64url_write(payload, strlen(payload), text[1]);
    snprintf(token, sizeof token, "%s.%s", text[0], text[1]);
    crypto_sign_detached(signature, NULL, (unsigned char *)token, strlen(token), key.secret);
    base64url_write(signature, sizeof signature, text[2]);
    return arena_format(a, "%s.%s", token, text[2]);
}

#define US "\"http://127.0.0.1:8080\""

TEST(a_token_that_we_signed_must_still_say_what_ours_say)
{
    session_grant g = begin();
    session_key key;
    identity i;
    OK(key_current(c, &key, &err));
    const char *good =
        arena_format(a, "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}", key.key.id);
    const char *sid = arena_format(a, "\"%s\"", g.session_id);
#define BODY(iss, aud, exp, more)                                                                  \
    arena_format(a,                                                                                \
                 "{\"iss\":%s,\"aud\":%s,\"sub\":\"%s\",\"sid\":%s,\"jti\":\"1\",\"iat\":1,"       \
                 "\"exp\":%s,\"auth_time\":1%s}",                                                  \
                 iss, aud, ACCOUNT, sid, exp, more)
    OK(who(forge(good, BODY(US, US, "9999999999", "")), &i));
    const char *bodies[] = {
        BODY(US, "\"https://other.example\"", "9999999999", ""),
        BODY(US, "null", "9999999999", ""),
        BODY(US, US, "1", ""),
        BODY(US, US, "\"9999999999\"", ""),
        BODY(US, US, "9999999999.5", ""),
        BODY(US, US, "9999999999", ",\"nbf\":9999999998"),
        BODY(US, US, "9999999999", ",\"exp\":1"),
        BODY(US, US, "99999999999999999999", ""),
    };
    for (size_t n = 0; n < COUNT_OF(bodies); n++)
        GIVES(CINEMA_UNAUTHENTICATED, who(forge(good, bodies[n]), &i));
    const char *heads[] = {
        "{\"alg\":\"none\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}",
        "{\"alg\":\"eddsa\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}",
        "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"%s\"}",
        "{\"alg\":\"EdDSA\",\"kid\":\"%s\"}",
        "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"%s\",\"jku\":\"http://127.0.0.1:9\"}",
        "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"%s\",\"crit\":[\"x\"]}",
        "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"../%s\"}",
        "{\"alg\":\"EdDSA\",\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}",
        "[\"%s\"]",
    };
    for (size_t n = 0; n < COUNT_OF(heads); n++) {
        char head[300];
        const char *percent = strstr(heads[n], "%s");
        snprintf(head, sizeof head, "%.*s%s%s", (int)(percent - heads[n]), heads[n], key.key.id,
                 percent + 2);
        GIVES(CINEMA_UNAUTHENTICATED, who(forge(head, BODY(US, US, "9999999999", "")), &i));
    }
}

TEST(a_token_of_another_issuer_is_left_to_others)
{
    bool ours = true;
    identity i;
    const char *head = "{\"alg\":\"RS256\",\"kid\":\"1\"}";
    OK(session__ready(c, &err));
    OK(session__identify(c, forge(head, "{\"iss\":\"https://id.example\"}"), a, &i, &ours, &err));
    ck_assert(!ours);
}

/* ---- refresh tokens -------------------------------------------------------------------------- */

TEST(a_refresh_token_rotates_and_a_copy_ends_the_session)
{
    session_grant g = begin(), h;
    session_tokens first = tokens_of(g), second, third;
    identity i;
    OK(refresh(first.refresh_token, &h));
    second = tokens_of(h);
    ck_assert_str_ne(second.refresh_token, first.refresh_token);
    OK(refresh(first.refresh_token, &h)); /* within the grace: the current one again */
    ck_assert(!h.reused);
    ck_assert_str_eq(tokens_of(h).refresh_token, second.refresh_token);
    OK(refresh(second.refresh_token, &h));
    third = tokens_of(h);
    OK(refresh(first.refresh_token, &h)); /* two behind: a copy */
    ck_assert(h.reused);
    GIVES(CINEMA_UNAUTHENTICATED, refresh(third.refresh_token, &h));
    session__told(c);
    GIVES(CINEMA_UNAUTHENTICATED, who(third.access_token, &i));
}

TEST(after_the_grace_the_token_before_is_a_copy)
{
    session_grant g = begin(), h;
    session_tokens first = tokens_of(g);
    wall = clock_wall_ms();
    OK(refresh(first.refresh_token, &h));
    wall += 10001;
    OK(refresh(first.refresh_token, &h));
    ck_assert(h.reused);
}

/* ---- how long at most ------------------------------------------------------------------------ */

#define DAY_MS (INT64_C(24) * 3600000)

/* Every so many days, from its beginning on; gives the days until it is refused. */
static int days_of_refreshing(int days)
{
    session_grant g = begin();
    session_tokens t = tokens_of(g);
    int64_t began = wall;
    for (wall += days * DAY_MS; !refresh(t.refresh_token, &g); wall += days * DAY_MS)
        t = tokens_of(g);
    ck_assert_str_eq(err.reason, "invalid_token");
    return (int)((wall - began) / DAY_MS);
}

TEST(a_session_that_is_refreshed_ends_after_a_year)
{
    wall = clock_wall_ms();
    ck_assert_int_eq(days_of_refreshing(21), 378); /* its 365 days are over by then */
    ck_assert_int_eq(days_of_refreshing(5), 365);
    ck_assert_int_eq(days_of_refreshing(31), 31); /* not used for CINEMA_SESSION_DAYS */
}

TEST(the_last_tokens_of_a_session_end_with_it)
{
    wall = clock_wall_ms();
    int64_t end = wall + 365 * DAY_MS;
    session_grant g = begin();
    session_tokens t = tokens_of(g);
    identity i;
    for (wall += 21 * DAY_MS; wall < end; wall += 21 * DAY_MS) {
        OK(refresh(t.refresh_token, &g));
        t = tokens_of(g);
    }
    wall = end - 1;
    OK(refresh(t.refresh_token, &g));
    t = tokens_of(g); /* an access token of ten minutes */
    OK(who(t.access_token, &i));
    wall = end;
    GIVES(CINEMA_UNAUTHENTICATED, who(t.access_token, &i));
}

TEST(how_long_a_session_may_last_is_a_setting_also_for_those_that_are_there)
{
    reopen("CINEMA_SESSION_MAX_DAYS", "off");
    wall = clock_wall_ms();
    session_grant g = begin();
    session_tokens t = tokens_of(g);
    for (int i = 0; i < 40; i++, wall += 21 * DAY_MS) {
        OK(refresh(t.refresh_token, &g));
        t = tokens_of(g);
    }
    reopen("CINEMA_SESSION_MAX_DAYS", "90");
    GIVES(CINEMA_UNAUTHENTICATED, refresh(t.refresh_token, &g));
    ck_assert_int_eq(days_of_refreshing(21), 105);
    reopen("CINEMA_SESSION_MAX_DAYS", "7"); /* shorter than CINEMA_SESSION_DAYS */
    ck_assert_int_eq(days_of_refreshing(2), 8);
}

/* ---- many at once ---------------------------------------------------------------------------- */

static const char *shared_token;
static void *one_of_many(void *arg)
{
    const char **to = arg;
    arena *own = arena_new(0, 0);
    db_tx *tx = NULL;
    session_grant g;
    session_tokens t;
    cinema_caller caller = { .address = "192.0.2.9" };
    cinema_error e;
    if (!db_begin(c, &tx, &e) && !session__refresh(c, tx, shared_token, &caller, own, &g, &e) &&
        !db_commit(&tx, &e) && !g.reused && !session__tokens(c, &g, own, &t, &e))
        *to = strdup(t.refresh_token);
    db_rollback(&tx);
    arena_free(own);
    return NULL;
}

TEST(fifty_refreshes_at_once_give_one_token)
{
    enum { N = 50 };
    pthread_t threads[N];
    const char *got[N] = { NULL };
    shared_token = tokens_of(begin()).refresh_token;
    for (int n = 0; n < N; n++)
        pthread_create(&threads[n], NULL, one_of_many, &got[n]);
    for (int n = 0; n < N; n++)
        pthread_join(threads[n], NULL);
    for (int n = 0; n < N; n++) {
        ck_assert_ptr_nonnull(got[n]);
        ck_assert_str_eq(got[n], got[0]);
    }
    for (int n = 0; n < N; n++)
        free((void *)got[n]);
}

TEST(an_access_token_is_no_refresh_token_and_the_other_way_round)
{
    session_tokens t = tokens_of(begin());
    session_grant g;
    identity i;
    GIVES(CINEMA_UNAUTHENTICATED, refresh(t.access_token, &g));
    GIVES(CINEMA_UNAUTHENTICATED, who(t.refresh_token, &i));
    GIVES(CINEMA_UNAUTHENTICATED, refresh("", &g));
    char *changed = arena_copy(a, t.refresh_token, strlen(t.refresh_token));
    for (size_t at = 0; changed[at]; at++) {
        char was = changed[at];
        changed[at] = was == 'A' ? 'B' : 'A';
        GIVES(CINEMA_UNAUTHENTICATED, refresh(changed, &g));
        changed[at] = was;
    }
}

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
