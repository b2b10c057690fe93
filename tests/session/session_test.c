/* session_test.c - sessions and their tokens. Mirrors lib/session/.
 */
#include "session/session_help.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

FIXTURE(session_start, session_stop)

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

static void end(const session_grant *g)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    OK(session__end(c, tx, account_nr, g->session_id, a, &err));
    OK(db_commit(&tx, &err));
}

static void another_process_sees_an_end(void)
{
    session_grant g = begin();
    session_tokens t = tokens_of(g);
    identity i;
    bool ours;
    cinema *other = NULL;
    OK(cinema_open(url, &other, &err));
    OK(session__identify(other, t.access_token, a, &i, &ours, &err));
    end(&g);
    int64_t until = clock_monotonic_ms() + 1000;
    while (!session__identify(other, t.access_token, a, &i, &ours, &err) &&
           clock_monotonic_ms() < until) {
    }
    GIVES(CINEMA_UNAUTHENTICATED, session__identify(other, t.access_token, a, &i, &ours, &err));
    cinema_close(other);
}

TEST(another_process_sees_an_end_within_a_second)
{
    another_process_sees_an_end();
}

/* More ends than are looked at one by one: as when many lose a role. */
TEST(another_process_sees_an_end_among_thousands)
{
    static const char insert[] =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
        " INSERT INTO session_change (session_id, at) SELECT $1, $2 + i FROM n";
    CLEANUP(db_rollback) db_tx *tx = NULL;
    db_sql sql;
    uuid id;
    uuid_new(c, &id);
    OK(db_begin(c, &tx, &err));
    db_sql_for_tx(&sql, tx);
    db_add(&sql, (db_text){ "insert", insert, insert }, "ui", &id, now_ms(c));
    OK(db_run(tx, &sql, a, NULL, &err));
    OK(db_commit(&tx, &err));
    another_process_sees_an_end();
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
