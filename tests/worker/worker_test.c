/* worker_test.c - running what waits: how far a run goes, what it sweeps, and doing it at once.
 */
#include "test.h"

#include "base/handle.h"
#include "notify/notify.h"
#include "onetime/onetime.h"

#include <cinema/cinema.h>
#include <stdio.h>
#include <string.h>

static cinema *c;
static cinema_error err;
static char url[512];
static int64_t later_ms;

static int64_t clock_ahead(void *user)
{
    (void)user;
    return clock_wall_ms() + later_ms;
}

static void migrate(const char *at)
{
    cinema *fresh = NULL;
    cinema_migrations *steps = NULL;
    OK(cinema_open(at, &fresh, &err));
    OK(cinema_migrate(fresh, &steps, &err));
    cinema_migrations_free(steps);
    cinema_close(fresh);
}

static void open_as(const char *outbox)
{
    const char *settings[2];
    char who[60], database[600];
    cinema_options options = { settings, 2 };
    snprintf(who, sizeof who, "CINEMA_OUTBOX=%s", outbox);
    snprintf(database, sizeof database, "CINEMA_DATABASE_URL=%s", url);
    settings[0] = who;
    settings[1] = database;
    cinema_close(c);
    c = NULL;
    OK(cinema_open_with(&options, &c, &err));
    c->wall_ms = clock_ahead;
}

static void start(void)
{
    setenv("CINEMA_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", 1);
    test_database_from(migrate, url, sizeof url);
    open_as("worker");
}

static void stop(void)
{
    cinema_close(c);
}

FIXTURE(start, stop)

static void add(int count)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    notify_mail m = { .template = "password_changed", .to = "anna@home.example" };
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    for (int i = 0; i < count; i++)
        OK(notify__mail(c, tx, &m, a, &err));
    OK(db_commit(&tx, &err));
}

static cinema_worker_counts run(const cinema_worker_input *in)
{
    cinema_worker_counts n = { 0 };
    OK(cinema_worker_run(c, in, &n, &err));
    return n;
}

static int64_t rows_of(const char *text)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, c);
    db_add(&sql, (db_text){ "test", text, text }, "");
    OK(db_read(c, &sql, a, &rows, &err));
    return rows.first->cells[0].number;
}

TEST(a_run_ends_when_nothing_is_due)
{
    add(3);
    ck_assert_int_eq(run(NULL).done, 3);
    ck_assert_int_eq(run(NULL).done, 0);
}

TEST(a_run_takes_no_more_jobs_than_it_may)
{
    add(3);
    ck_assert_int_eq(run(&(cinema_worker_input){ .max_jobs = 2 }).done, 2);
    ck_assert_int_eq(run(&(cinema_worker_input){ .max_jobs = 2 }).done, 1);
}

static cinema_status enough(const cinema_worker_counts *n, void *user)
{
    *(int64_t *)user = n->done;
    return n->done == 2 ? CINEMA_CANCELLED : CINEMA_OK;
}

TEST(who_watches_may_stop_it)
{
    int64_t seen = 0;
    cinema_worker_input in = { .progress = enough, .user = &seen };
    cinema_worker_counts n = { 0 };
    add(3);
    GIVES(CINEMA_CANCELLED, cinema_worker_run(c, &in, &n, &err));
    ck_assert_int_eq(n.done, 2);
    ck_assert_int_eq(seen, 2);
    ck_assert_int_eq(run(NULL).done, 1);
}

TEST(what_makes_no_sense_is_refused)
{
    cinema_worker_input in = { .max_ms = -1 };
    cinema_worker_counts n = { 7, 7, 7 };
    GIVES(CINEMA_INVALID, cinema_worker_run(c, &in, &n, &err));
    ck_assert_str_eq(err.field, "max_ms");
    ck_assert_int_eq(n.done, 0);
    in = (cinema_worker_input){ .max_jobs = -1 };
    GIVES(CINEMA_INVALID, cinema_worker_run(c, &in, &n, &err));
    ck_assert_str_eq(err.field, "max_jobs");
}

TEST(after_a_stop_nothing_is_begun)
{
    add(1);
    cinema_worker_stop(c, 0);
    ck_assert_int_eq(run(NULL).done, 0);
    OK(cinema_worker_wait(c, 60000, &err));
}

static void issue_token(int64_t ttl_ms)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    onetime_new n = { .purpose = "test", .ttl_ms = ttl_ms };
    char token[ONETIME_TEXT];
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    OK(onetime__issue(c, tx, &n, a, token, &err));
    OK(db_commit(&tx, &err));
}

TEST(what_has_expired_is_removed_every_few_minutes)
{
    run(NULL); /* sweeps, and then not for a while */
    issue_token(1000);
    issue_token(3600 * 1000);
    later_ms += 60 * 1000;
    run(NULL);
    ck_assert_int_eq(rows_of("SELECT count(*) FROM one_time_token"), 2);
    later_ms += 5 * 60 * 1000;
    run(NULL);
    ck_assert_int_eq(rows_of("SELECT count(*) FROM one_time_token"), 1);
}

static void run_sql(const char *text)
{
    db_sql sql;
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    db_sql_for_tx(&sql, tx);
    db_add(&sql, (db_text){ "test", text, text }, "");
    OK(db_run(tx, &sql, NULL, NULL, &err));
    OK(db_commit(&tx, &err));
}

TEST(so_is_what_processes_told_each_other_of_sessions)
{
    char text[200];
    snprintf(text, sizeof text,
             "INSERT INTO session_change (session_id, at) SELECT id, %lld FROM title",
             (long long)clock_wall_ms() - 2 * 3600 * 1000);
    cinema_movie *m = NULL;
    OK(cinema_movie_create(c, &(cinema_title_input){ .title = "Ran" }, &m, &err));
    cinema_movie_free(m); /* its id will do */
    run_sql(text);
    ck_assert_int_eq(rows_of("SELECT count(*) FROM session_change"), 1);
    run(NULL);
    ck_assert_int_eq(rows_of("SELECT count(*) FROM session_change"), 0);
}

/* ---- inline ---------------------------------------------------------------------------------- */

TEST(inline_work_is_done_by_the_commit)
{
    open_as("inline");
    add(2);
    ck_assert_int_eq(rows_of("SELECT count(*) FROM outbox WHERE status = 'done'"), 2);
}

TEST(inline_leaves_to_others_what_was_there_before)
{
    add(1);
    open_as("inline");
    add(1);
    ck_assert_int_eq(rows_of("SELECT count(*) FROM outbox WHERE status = 'waiting'"), 1);
    ck_assert_int_eq(rows_of("SELECT min(nr) FROM outbox WHERE status = 'waiting'"),
                     rows_of("SELECT min(nr) FROM outbox"));
}

static cinema_status go_on(db_tx *tx, void *user, bool *over, cinema_error *e)
{
    (void)tx, (void)user, (void)over, (void)e;
    return CINEMA_OK;
}

TEST(inline_waits_for_a_transaction_that_is_held)
{
    db_hold hold = { .begun = go_on };
    open_as("inline");
    db_hold_start(&hold);
    add(1);
    ck_assert_int_eq(rows_of("SELECT count(*) FROM outbox WHERE status = 'waiting'"), 1);
    OK(db_hold_end(&hold, true, &err));
    ck_assert_int_eq(rows_of("SELECT count(*) FROM outbox WHERE status = 'done'"), 1);
    db_hold_start(&hold);
    add(1);
    OK(db_hold_end(&hold, false, &err)); /* undone: nothing is sent */
    ck_assert_int_eq(rows_of("SELECT count(*) FROM outbox"), 1);
}

TEST(inline_a_mail_that_fails_is_no_failure_of_its_cause)
{
    setenv("CINEMA_MAIL_URL", "file:/dev/null/mail", 1);
    open_as("inline");
    add(1);
    ck_assert_int_eq(rows_of("SELECT attempts FROM outbox WHERE status = 'waiting'"), 1);
}
