/* identity_plans_test.c - plans of the statements of accounts, avatars, sessions, one-time tokens,
 * second factors and the outbox, gathered while one person does all that one can do: nothing that
 * grows is read whole, neither by SQLite nor by a generic plan of PostgreSQL.
 */
#include "same/plan.h"

#include "avatar/avatar.h"
#include "base/buffer.h"
#include "base/handle.h"
#include "oauth/part.h"
#include "outbox/outbox.h"
#include "session/session.h"
#include "support/token.h"
#include "twofactor/factor.h"
#include "user/user.h"

#include <cinema/cinema.h>

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ANN "ann@films.example"
#define NEW_ANN "anna@films.example"
#define PASSWORD "zither under Vienna"
#define OTHER "cuckoo clock, Geneva"
#define BOB "bob@films.example" /* has no password */
#define ISSUER "https://project.supabase.example/auth/v1"
#define SECRET "a-secret-of-at-least-thirty-two-bytes"

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };

static engine engines[ENGINES_MAX];
static size_t count;
static seen_list statements[ENGINES_MAX];
static engine *site; /* the one at hand */
static cinema_error err;
static arena *a;

static void start(void)
{
    setenv("CINEMA_TRUSTED_ISSUERS", "issuer=" ISSUER ";audience=authenticated;secret=" SECRET, 1);
    setenv("CINEMA_OAUTH_GITHUB_CLIENT_ID", "cinema", 1);
    setenv("CINEMA_OAUTH_GITHUB_CLIENT_SECRET", "cinema-client-secret", 1);
    setenv("CINEMA_PUBLIC_URL", "https://films.example", 1);
    setenv("CINEMA_MAIL_FROM", "films@films.example", 1);
    setenv("CINEMA_DEADLINE_MS", "30000", 1);
    count = engines_open(engines, 1949);
    ck_assert_ptr_nonnull(a = arena_new(0, 0));
    for (size_t i = 0; i < count; i++) {
        engines[i].seen = seen_add;
        engines[i].user = &statements[i];
    }
}

static void stop(void)
{
    for (size_t i = 0; i < count; i++)
        seen_done(&statements[i]);
    arena_free(a);
    engines_close(engines, count);
}

FIXTURE(start, stop)

/* ---- the JSON door --------------------------------------------------------------------------- */

static const char *answer;

/* Without a token: the system. */
static cinema_status call(const char *token, const char *name, const char *format, ...)
{
    char json[4000], *text = NULL;
    cinema_caller caller = { .token = token, .system = !token, .address = "192.0.2.1" };
    va_list args;
    va_start(args, format);
    vsnprintf(json, sizeof json, format, args);
    va_end(args);
    site->source.now += 1000;
    cinema_status s = cinema_call(site->c, &caller, name, json, &text, &err);
    answer = text ? arena_copy(a, text, strlen(text)) : "";
    cinema_text_free(text);
    return s;
}

/* A text member of the last answer. */
static const char *member(const char *name)
{
    char mark[100];
    snprintf(mark, sizeof mark, "\"%s\":\"", name);
    const char *at = strstr(answer, mark);
    ck_assert_msg(at, "no %s in %s", name, answer);
    at += strlen(mark);
    return arena_copy(a, at, strcspn(at, "\""));
}

static const char *login(const char *email, const char *password)
{
    OK(call(NULL, "auth.login", "{\"email\":\"%s\",\"password\":\"%s\"}", email, password));
    return member(strstr(answer, "mfa_token") ? "mfa_token" : "access_token");
}

static account account_of(const char *email)
{
    account who;
    OK(account__by_email(site->c, NULL, email, a, &who, &err));
    return who;
}

/* What a mail would bring. */
static const char *token_for(const char *purpose, const char *email, const char *data)
{
    db_tx *tx = NULL;
    char *token = arena_alloc(a, ONETIME_TEXT);
    onetime_new n = { .purpose = purpose,
                      .account_nr = account_of(email).nr,
                      .data = data,
                      .ttl_ms = HOUR_MS,
                      .newest_only = true };
    OK(db_begin(site->c, &tx, &err));
    OK(onetime__issue(site->c, tx, &n, a, token, &err));
    OK(db_commit(&tx, &err));
    return token;
}

static void work(void)
{
    cinema_worker_counts n;
    OK(cinema_worker_run(site->c, NULL, &n, &err));
}

/* ---- what a person does ---------------------------------------------------------------------- */

static void comes(void)
{
    for (int i = 0; i < 2; i++)
        OK(call(NULL, "auth.register",
                "{\"email\":\"" ANN "\",\"password\":\"" PASSWORD "\",\"name\":\"Ann\"}"));
    OK(call(NULL, "auth.resend", "{\"email\":\"" ANN "\"}"));
    work();
    OK(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}", token_for("verify e-mail", ANN, ANN)));
    /* Who registers twice is to choose a password by the mail. */
    OK(call(NULL, "auth.reset_password", "{\"token\":\"%s\",\"new_password\":\"" PASSWORD "\"}",
            token_for("reset password", ANN, ANN)));
    GIVES(CINEMA_UNAUTHENTICATED,
          call(NULL, "auth.login", "{\"email\":\"" ANN "\",\"password\":\"" OTHER "\"}"));
    login(ANN, PASSWORD);
    OK(call(NULL, "auth.refresh", "{\"refresh_token\":\"%s\"}", member("refresh_token")));
}

static void looks_around(void)
{
    const char *token = login(ANN, PASSWORD);
    OK(call(token, "me.get", "{}"));
    OK(call(token, "me.update", "{\"name\":\"Ann Schmidt\",\"locale\":\"de\"}"));
    OK(call(token, "me.export", "{}"));
    OK(call(token, "me.list_sessions", "{\"limit\":1}"));
    OK(call(token, "me.list_sessions", "{\"limit\":1,\"after\":\"%s\"}", member("next")));
    OK(call(token, "me.end_session", "{\"session_id\":\"%s\"}", member("id")));
    OK(call(token, "avatar.remove", "{}")); /* to set one does the same, by another program */
    OK(call(token, "auth.logout", "{}"));
    GIVES(CINEMA_UNAUTHENTICATED, call(token, "me.get", "{}"));
}

static void changes_password_and_address(void)
{
    OK(call(NULL, "auth.forgot_password", "{\"email\":\"" ANN "\"}"));
    OK(call(NULL, "auth.reset_password", "{\"token\":\"%s\",\"new_password\":\"" OTHER "\"}",
            token_for("reset password", ANN, ANN)));
    const char *token = login(ANN, OTHER);
    OK(call(token, "me.change_password",
            "{\"password\":\"" OTHER "\",\"new_password\":\"" PASSWORD "\"}"));
    OK(call(token, "me.change_email", "{\"email\":\"" NEW_ANN "\",\"password\":\"" PASSWORD "\"}"));
    OK(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}",
            token_for("change e-mail", ANN, NEW_ANN)));
    OK(call(token, "me.change_email", "{\"email\":\"" ANN "\",\"password\":\"" PASSWORD "\"}"));
    OK(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}",
            token_for("change e-mail", NEW_ANN, ANN)));
    OK(call(token, "me.end_sessions", "{}"));
}

/* What the app shows, a minute later: no code is good twice. */
static const char *code(void)
{
    CLEANUP(factor_wipe) factor f;
    char *text = arena_alloc(a, TOTP_CODE_TEXT);
    site->source.now += 60 * 1000;
    OK(factor_get(site->c, NULL, account_of(ANN).nr, a, &f, &err));
    OK(totp_code(f.secret, site->source.now / TOTP_STEP_MS, text, &err));
    return text;
}

#define PROOF "{\"password\":\"" PASSWORD "\",\"code\":\"%s\"}"

static void takes_a_second_factor(void)
{
    const char *token = login(ANN, PASSWORD), *mfa;
    OK(call(token, "totp.start", "{}"));
    OK(call(token, "totp.confirm", "{\"code\":\"%s\"}", code()));
    const char *backup = strstr(answer, "\"backup_codes\":[\"");
    ck_assert_ptr_nonnull(backup);
    backup = arena_copy(a, backup + 17, strcspn(backup + 17, "\""));
    OK(call(token, "totp.get", "{}"));
    mfa = login(ANN, PASSWORD);
    OK(call(NULL, "auth.login_totp", "{\"mfa_token\":\"%s\",\"code\":\"%s\"}", mfa, code()));
    mfa = login(ANN, PASSWORD);
    OK(call(NULL, "auth.login_backup_code", "{\"mfa_token\":\"%s\",\"code\":\"%s\"}", mfa, backup));
    OK(call(token, "backup_code.renew", PROOF, code()));
    OK(call(token, "totp.remove", PROOF, code()));
}

/* ---- sign-ins elsewhere ---------------------------------------------------------------------- */

static const char *token_of_issuer(void)
{
    char payload[1000], text[4000];
    long long now = (long long)(site->source.now / 1000);
    snprintf(payload, sizeof payload,
             "{\"iss\":\"" ISSUER "\",\"aud\":\"authenticated\",\"sub\":\"7\",\"email\":"
             "\"" BOB "\",\"email_verified\":true,\"iat\":%lld,\"exp\":%lld}",
             now, now + 600);
    token_hs256(SECRET, sizeof SECRET - 1, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", payload, text,
                sizeof text);
    return arena_copy(a, text, strlen(text));
}

/* Back with a refusal: that needs no provider. */
static void is_refused_elsewhere(void)
{
    cinema_oauth_step *out = NULL, *back = NULL;
    cinema_oauth_start_input there = { 0 };
    OK(cinema_oauth_start(site->c, "github", &there, &out, &err));
    const char *state = strstr(out->location, "state=") + 6;
    cinema_oauth_callback_input in = { .state = arena_copy(a, state, 43),
                                       .error = "access_denied",
                                       .cookies =
                                           arena_copy(a, out->cookie, strcspn(out->cookie, ";")) };
    OK(cinema_oauth_callback(site->c, "github", &in, &back, &err));
    cinema_oauth_step_free(out);
    cinema_oauth_step_free(back);
}

/* As a callback does. */
static void link_to(const char *email, const char *key)
{
    act t = { .c = site->c, .a = a, .err = &err };
    person p = { .key = key, .subject = email, .email = email, .verified = true };
    link_permit permit = { account_of(email).nr, FOR_ARRIVING, token_for(FOR_ARRIVING, email, NULL),
                           NULL };
    OK(identity_add(&t, &permit, &p, key));
}

static void comes_from_elsewhere(void)
{
    OK(call(token_of_issuer(), "me.get", "{}"));
    site->source.now += HOUR_MS;
    OK(call(token_of_issuer(), "me.get", "{}"));
    is_refused_elsewhere();
    link_to(BOB, "github");
    OK(call(NULL, "oauth.exchange", "{\"code\":\"%s\"}", token_for("oauth code", BOB, "github")));
    const char *token = member("access_token");
    OK(call(token, "me.list_identities", "{\"limit\":1}"));
    OK(call(token, "me.list_identities", "{\"limit\":1,\"after\":\"%s\"}", member("next")));
    OK(call(token, "me.unlink_identity", "{\"provider\":\"github\"}"));
}

/* ---- what administrators do, and what is done later ------------------------------------------ */

#define OLD_HASH "pbkdf2_sha256$2000$saltysalty$x51uWJLwCJqlVO2k5BpXLDFq8deamdgXj0ovCZ1brv4="

static void is_looked_after(void)
{
    OK(call(NULL, "user.create",
            "{\"email\":\"cleo@films.example\",\"password_hash\":\"" OLD_HASH "\"}"));
    const char *id = member("id");
    login("cleo@films.example", "The Third Man, 1949 \xe2\x98\x82");
    OK(call(NULL, "user.get", "{\"user_id\":\"%s\"}", id));
    OK(call(NULL, "user.get", "{\"user_id\":\"cleo@films.example\"}"));
    OK(call(NULL, "user.list", "{\"q\":\"cleo\",\"total\":true}"));
    OK(call(NULL, "user.list", "{\"q\":\"?\"}"));
    OK(call(NULL, "user.list", "{\"status\":\"active\",\"role\":\"viewer\",\"limit\":1}"));
    OK(call(NULL, "user.list",
            "{\"status\":\"active\",\"role\":\"viewer\",\"limit\":1,\"after\":\"%s\"}",
            member("next")));
    OK(call(NULL, "user_roles.set", "{\"user_id\":\"%s\",\"roles\":[\"editor\"]}", id));
    OK(call(NULL, "user.list_sessions", "{\"user_id\":\"%s\"}", id));
    OK(call(NULL, "session.end", "{\"session_id\":\"%s\"}", member("id")));
    OK(call(NULL, "session.list", "{\"limit\":1}"));
    login("cleo@films.example", "The Third Man, 1949 \xe2\x98\x82");
    login("cleo@films.example", "The Third Man, 1949 \xe2\x98\x82");
    OK(call(NULL, "session.list", "{\"limit\":1}"));
    OK(call(NULL, "session.list", "{\"limit\":1,\"after\":\"%s\"}", member("next")));
    OK(call(NULL, "user.end_sessions", "{\"user_id\":\"%s\"}", id));
    GIVES(CINEMA_NOT_FOUND, call(NULL, "totp.reset", "{\"user_id\":\"%s\"}", id));
    OK(call(NULL, "user.update", "{\"user_id\":\"%s\",\"status\":\"disabled\"}", id));
    OK(call(NULL, "user.remove", "{\"user_id\":\"%s\"}", id));
    OK(call(NULL, "key.list", "{}"));
    OK(call(NULL, "key.rotate", "{}"));
    GIVES(CINEMA_UNAUTHENTICATED, call("no such set-up token", "me.get", "{}"));
}

/* Nobody knows this kind of work: it is tried again until it is given up. */
static void cannot_be_done(void)
{
    db_tx *tx = NULL;
    OK(db_begin(site->c, &tx, &err));
    OK(outbox__add(site->c, tx, "unknown", "1", "{}", a, &err));
    OK(outbox__add(site->c, tx, "unknown", "2", "{}", a, &err));
    OK(db_commit(&tx, &err));
    for (int i = 0; i < 40; i++) {
        work();
        site->source.now += DAY_MS / 4;
    }
    OK(call(NULL, "worker.run", "{}"));
}

/* One that no account has, an hour later: each of the 256 folders has its turn. */
static void sweeps_avatars(void)
{
    static const char left[] = "avatars/0f/0f23456789abcdef0123456789abcdef";
    blob_info info;
    bool more;
    OK(blob_put_bytes(site->c, left, "left", 4, &err));
    OK(blob_stat(site->c, left, &info, &err));
    if (site->source.now < info.changed_at + 2 * HOUR_MS)
        site->source.now = info.changed_at + 2 * HOUR_MS;
    for (int i = 0; i < 256; i++)
        OK(avatar__sweep(site->c, &more, &err));
    GIVES(CINEMA_NOT_FOUND, blob_stat(site->c, left, &info, NULL));
}

/* Two are given up, looked at and tried once more, for nothing. */
static void is_tried_again(void)
{
    OK(call(NULL, "dead_letter.list", "{\"limit\":1}"));
    OK(call(NULL, "dead_letter.list", "{\"limit\":1,\"after\":\"%s\"}", member("next")));
    OK(call(NULL, "dead_letter.retry", "{\"dead_letter_id\":\"%s\"}", member("id")));
    OK(call(NULL, "dead_letter.retry_all", "{}"));
    for (int i = 0; i < 40; i++) {
        work();
        site->source.now += DAY_MS / 4;
    }
}

static void leaves(void)
{
    bool more;
    OK(call(login(ANN, PASSWORD), "me.remove", "{\"password\":\"" PASSWORD "\"}"));
    site->source.now += 60 * (int64_t)DAY_MS;
    OK(account__sweep(site->c, &more, &err));
    OK(session__sweep(site->c, &more, &err));
    OK(onetime__sweep(site->c, &more, &err));
    OK(outbox__sweep(site->c, &more, &err));
    GIVES(CINEMA_NOT_FOUND, account__by_email(site->c, NULL, ANN, a, &(account){ 0 }, NULL));
    sweeps_avatars();
}

static void story(engine *of)
{
    site = of;
    comes();
    looks_around();
    changes_password_and_address();
    takes_a_second_factor();
    comes_from_elsewhere();
    is_looked_after();
    cannot_be_done();
    is_tried_again();
    leaves();
}

/* ---- judging --------------------------------------------------------------------------------- */

static const char *const ours[] = { "account_", "audit_last", "avatar_", "session_",
                                    "key_",     "onetime_",   "factor_", "backup_code_",
                                    "linked_",  "outbox_",    "user_" };

static bool is_ours(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(ours); i++)
        if (!strncmp(name, ours[i], strlen(ours[i])))
            return true;
    return false;
}

/* Statements that were not run, named. Where the database is a file nothing is remembered of
 * sessions, so that nobody asks what has changed. */
static int missing(size_t place)
{
    bool postgres = strcmp(engines[place].name, "sqlite") != 0;
    int n = 0;
    for (size_t i = 0; cinema__all_sql[i]; i++) {
        const db_text *t = cinema__all_sql[i];
        const char *text = postgres ? t->postgres : t->text;
        if (!is_ours(t->name) || !*text || seen_holds(&statements[place], text) ||
            (!postgres && !strcmp(t->name, "session_changes")))
            continue;
        printf("%s: nothing ran %s\n", engines[place].name, t->name);
        n++;
    }
    return n;
}

/* What SQLite may go through from one end: a part of the text, the step, and why. */
static const struct {
    const char *text, *step, *why;
} allowed[] = {
    { "", "SCAN CONSTANT ROW", "no table" },
    { "INSERT INTO backup_code", "SCAN 10 CONSTANT ROWS", "no table" },
    { "signing_key", "SCAN signing_key", "a few keys" },
    { "UPDATE account SET revision", "SCAN g", "the roles of one account" },
    { "WHERE l.action", "SCAN l", "at most 1,000 rows, found above" },
    { "AS counted", "SCAN counted", "at most 10,000 rows, found above" },
    { "SELECT (SELECT count(*)", "SCAN w", "the same" },
    { "SELECT (SELECT count(*)", "SCAN d", "the same" },
    { "status = 'waiting'", "SCAN outbox USING INDEX outbox_due", "only what waits, the first" },
};

static bool is_allowed(const char *text, const char *step)
{
    for (size_t i = 0; i < COUNT_OF(allowed); i++)
        if (strstr(text, allowed[i].text) && !strcmp(step, allowed[i].step))
            return true;
    return false;
}

static int scans(sqlite3 *beside, const char *text)
{
    CLEANUP(buffer_done) buffer b = BUFFER(1 << 20);
    sqlite3_stmt *h = NULL;
    int n = 0;
    buffer_text(&b, "EXPLAIN QUERY PLAN ");
    buffer_text(&b, text);
    ck_assert_int_eq(sqlite3_prepare_v2(beside, b.bytes, -1, &h, NULL), SQLITE_OK);
    while (sqlite3_step(h) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(h, 3);
        if (strncmp(step, "SCAN ", 5) != 0 || is_allowed(text, step))
            continue;
        printf("sqlite: %s: %s\n", step, text);
        n++;
    }
    sqlite3_finalize(h);
    return n;
}

TEST(sqlite_reads_no_table_of_accounts_whole)
{
    sqlite3 *beside = NULL;
    int bad = 0;
    story(&engines[0]);
    const char *url = cinema_setting(site->c, "CINEMA_DATABASE_URL");
    ck_assert_int_eq(sqlite3_open(url + strlen("sqlite:"), &beside), SQLITE_OK);
    for (const seen *x = statements[0].first; x; x = x->next)
        bad += scans(beside, x->text);
    sqlite3_close(beside);
    bad += missing(0);
    fflush(stdout);
    ck_assert_msg(!bad, "%d statements missing or too slow", bad);
}

TEST(postgresql_reads_no_table_of_accounts_whole)
{
    int bad = 0;
    if (count < 2)
        SKIP("no PostgreSQL: SAME_POSTGRES is not set");
    story(&engines[1]);
    site->seen = NULL;
    for (const seen *x = statements[1].first; x; x = x->next)
        bad += plan_reads_too_much(site, x);
    bad += missing(1);
    fflush(stdout);
    ck_assert_msg(!bad, "%d statements missing or too slow", bad);
}
