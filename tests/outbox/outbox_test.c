/* outbox_test.c - work for the outside: done at least once whoever dies, tried again, given up.
 */
#include "test.h"

#include "base/handle.h"
#include "outbox/outbox.h"

#include <cinema/cinema.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static cinema *c;
static cinema_error err;
static char url[512];
static int64_t later_ms; /* the clock is this much ahead */
static cinema_status gives;
static _Atomic(int) worked;
static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;
static char seen[200];

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

static void start(void)
{
    setenv("CINEMA_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", 1);
    test_database_from(migrate, url, sizeof url);
    OK(cinema_open(url, &c, &err));
    c->wall_ms = clock_ahead;
}

static void stop(void)
{
    cinema_close(c);
}

FIXTURE(start, stop)

static cinema_status work_it(cinema *handle, const outbox_job *job, arena *a, cinema_error *e)
{
    (void)handle, (void)a;
    ck_assert_int_eq(cinema__transactions_open, 0);
    atomic_fetch_add(&worked, 1);
    pthread_mutex_lock(&seen_lock);
    snprintf(seen, sizeof seen, "%s %s %s %d", job->kind, job->key, job->payload,
             (int)job->attempt);
    pthread_mutex_unlock(&seen_lock);
    return gives ? fail(e, gives, NULL, NULL, "it does not go") : CINEMA_OK;
}

static const outbox_handler handlers[] = { { "test", work_it }, { 0 } };

static void add(const char *key, const char *payload)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    OK(outbox__add(c, tx, "test", key, payload, a, &err));
    OK(db_commit(&tx, &err));
}

/* One piece of work; false: nothing is due. */
static bool work(outbox_counts *n)
{
    bool found = false;
    outbox_counts own = { 0 };
    OK(outbox__work(c, handlers, 0, n ? n : &own, &found, &err));
    return found;
}

static outbox_state state(void)
{
    outbox_state s;
    OK(outbox__state(c, &s, &err));
    return s;
}

TEST(what_is_added_is_done_once)
{
    outbox_counts n = { 0 };
    add("a", "{\"to\": \"anna\"}");
    ck_assert_int_eq(state().waiting, 1);
    ck_assert(work(&n));
    ck_assert_str_eq(seen, "test a {\"to\": \"anna\"} 1");
    ck_assert_int_eq(n.done, 1);
    ck_assert(!work(&n));
    ck_assert_int_eq(state().waiting, 0);
    ck_assert_int_eq(state().oldest_at, CINEMA_ABSENT);
}

TEST(what_is_undone_is_not_done)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    OK(outbox__add(c, tx, "test", "a", "{}", a, &err));
    db_rollback(&tx);
    ck_assert(!work(NULL));
}

TEST(a_key_is_done_once_within_a_day)
{
    add("a", "first");
    add("a", "second");
    ck_assert(work(NULL));
    ck_assert_str_eq(seen, "test a first 1");
    add("a", "third");
    ck_assert(!work(NULL));
    add(NULL, "another");
    add(NULL, "and another");
    ck_assert(work(NULL) && work(NULL) && !work(NULL));
}

TEST(nobody_reads_it_in_the_database)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    const db_text every = { "every", "SELECT payload FROM outbox", "SELECT payload FROM outbox" };
    db_sql sql;
    db_rows rows;
    add("a", "hunter2 hunter2 hunter2");
    db_sql_for(&sql, c);
    db_add(&sql, every, "");
    OK(db_read(c, &sql, a, &rows, &err));
    const db_value *v = rows.first->cells;
    ck_assert_uint_gt(v->length, 23);
    ck_assert_ptr_null(memmem(v->blob, v->length, "hunter2", 7));
    ck_assert(work(NULL));
    OK(db_read(c, &sql, a, &rows, &err));
    ck_assert_uint_eq(rows.first->cells[0].length, 0); /* nor when it is done */
}

TEST(what_fails_is_tried_again_later_each_time)
{
    outbox_counts n = { 0 };
    gives = CINEMA_UNAVAILABLE;
    add("a", "{}");
    ck_assert(work(&n));
    ck_assert_int_eq(n.failed, 1);
    ck_assert(!work(&n)); /* not at once */
    later_ms += 6100;
    ck_assert(work(&n));
    later_ms += 6100;
    ck_assert(!work(&n));
    later_ms += 18000;
    gives = CINEMA_OK;
    ck_assert(work(&n));
    ck_assert_str_eq(seen, "test a {} 3");
    ck_assert_int_eq(n.done, 1);
}

TEST(what_fails_too_often_is_given_up)
{
    outbox_counts n = { 0 };
    gives = CINEMA_TIMEOUT;
    add("a", "{}");
    for (int i = 1; i <= OUTBOX_ATTEMPTS; i++) {
        ck_assert_int_eq(n.failed, i - 1);
        ck_assert(work(&n));
        later_ms += 5000000; /* more than the hour that it waits at most */
    }
    ck_assert_int_eq(n.dead, 1);
    ck_assert(!work(&n));
    ck_assert_int_eq(state().dead, 1);
    ck_assert_int_eq(state().waiting, 0);
}

TEST(what_can_never_succeed_is_given_up_at_once)
{
    outbox_counts n = { 0 };
    gives = CINEMA_INVALID;
    add("a", "{}");
    ck_assert(work(&n));
    ck_assert_int_eq(n.dead, 1);
    ck_assert(!work(&n));
}

TEST(one_that_fails_does_not_hold_up_the_others)
{
    outbox_counts n = { 0 };
    gives = CINEMA_UNAVAILABLE;
    add("a", "{}");
    ck_assert(work(&n));
    gives = CINEMA_OK;
    add("b", "{}");
    ck_assert(work(&n));
    ck_assert_str_eq(seen, "test b {} 1");
}

TEST(work_of_a_newer_libcinema_waits_for_one)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    outbox_counts n = { 0 };
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    OK(outbox__add(c, tx, "unheard of", NULL, "{}", a, &err));
    OK(db_commit(&tx, &err));
    ck_assert(work(&n));
    ck_assert_int_eq(n.failed, 1);
    ck_assert_int_eq(worked, 0);
}

/* ---- who dies, and who comes together -------------------------------------------------------- */

static cinema_status die_of_it(cinema *handle, const outbox_job *job, arena *a, cinema_error *e)
{
    int *pipe_end = handle->seed;
    (void)job, (void)a, (void)e;
    if (write(*pipe_end, "x", 1) == 1) /* the mail is out */
        kill(getpid(), SIGKILL);
    return CINEMA_OK;
}

static const outbox_handler deadly[] = { { "test", die_of_it }, { 0 } };

/* A worker that is killed when the work is done and before that is known. Gives what it did. */
static void worker_that_dies(void)
{
    int out[2], status;
    char byte = 0;
    ck_assert(!pipe(out));
    pid_t child = fork();
    if (!child) {
        cinema *own = NULL;
        bool found;
        outbox_counts n = { 0 };
        if (cinema_open(url, &own, &err))
            test_leave(2);
        own->seed = &out[1];
        test_leave(outbox__work(own, deadly, 0, &n, &found, &err) ? 3 : 4);
    }
    waitpid(child, &status, 0);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    ck_assert_int_eq(read(out[0], &byte, 1), 1);
    close(out[0]);
    close(out[1]);
}

TEST(who_is_killed_between_mail_and_commit_is_followed_by_another)
{
    add("a", "{}");
    worker_that_dies();
    ck_assert(!work(NULL)); /* it may yet be at it */
    later_ms += OUTBOX_LEASE_MS + 1000;
    ck_assert(work(NULL));
    ck_assert_str_eq(seen, "test a {} 2");
    ck_assert(!work(NULL));
}

TEST(who_comes_late_does_not_undo_what_another_did)
{
    outbox_counts n = { 0 };
    add("a", "{}");
    worker_that_dies();
    later_ms += OUTBOX_LEASE_MS + 1000;
    ck_assert(work(&n)); /* `done` by the second; the first comes to nothing */
    ck_assert_int_eq(state().waiting, 0);
    ck_assert_int_eq(n.done, 1);
}

TEST(what_kills_every_worker_is_given_up)
{
    static const char text[] = "UPDATE outbox SET attempts = 12";
    outbox_counts n = { 0 };
    db_sql sql;
    db_tx *tx = NULL;
    add("a", "{}");
    OK(db_begin(c, &tx, &err));
    db_sql_for_tx(&sql, tx);
    db_add(&sql, (db_text){ "often", text, text }, "");
    OK(db_run(tx, &sql, NULL, NULL, &err));
    OK(db_commit(&tx, &err));
    ck_assert(work(&n));
    ck_assert_int_eq(n.dead, 1);
    ck_assert_int_eq(worked, 0);
}

enum { CROWD = 4, JOBS = 40 };

static void *work_on(void *done)
{
    cinema_error own;
    bool found = true;
    outbox_counts n = { 0 };
    for (int idle = 0; idle < 50;) {
        ck_assert_int_eq(outbox__work(c, handlers, 0, &n, &found, &own), CINEMA_OK);
        idle = found ? 0 : idle + 1;
    }
    *(int64_t *)done = n.done;
    return NULL;
}

TEST(of_several_workers_each_job_has_one)
{
    pthread_t threads[CROWD];
    int64_t done[CROWD], sum = 0;
    for (int i = 0; i < JOBS; i++)
        add(NULL, "{}");
    for (int i = 0; i < CROWD; i++)
        ck_assert(!pthread_create(&threads[i], NULL, work_on, &done[i]));
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
        sum += done[i];
    }
    ck_assert_int_eq(sum, JOBS);
    ck_assert_int_eq(worked, JOBS);
}

/* ---- keeping house, waiting ------------------------------------------------------------------ */

TEST(what_is_over_is_removed_in_its_time)
{
    bool more = true;
    add("a", "{}");
    work(NULL);
    gives = CINEMA_INVALID;
    add("b", "{}");
    work(NULL);
    later_ms += 23 * 3600 * 1000;
    OK(outbox__sweep(c, &more, &err));
    ck_assert(!more);
    gives = CINEMA_OK;
    add("a", "{}");
    ck_assert(!work(NULL)); /* still known */
    later_ms += 2 * 3600 * 1000;
    OK(outbox__sweep(c, &more, &err));
    add("a", "{}");
    ck_assert(work(NULL));
    ck_assert_int_eq(state().dead, 1);
    later_ms += INT64_C(31) * 24 * 3600 * 1000;
    OK(outbox__sweep(c, &more, &err));
    ck_assert_int_eq(state().dead, 0);
}

static void *wait_long(void *unused)
{
    cinema_error own;
    (void)unused;
    ck_assert_int_eq(outbox__wait(c, 60000, &own), CINEMA_OK);
    return NULL;
}

TEST(who_waits_is_woken_by_a_commit)
{
    pthread_t waiter;
    ck_assert(!pthread_create(&waiter, NULL, wait_long, NULL));
    add("a", "{}");
    pthread_join(waiter, NULL); /* or the test takes its whole minute, and fails */
}

TEST(who_waits_comes_back_when_it_ends)
{
    pthread_t waiters[2];
    for (int i = 0; i < 2; i++)
        ck_assert(!pthread_create(&waiters[i], NULL, wait_long, NULL));
    cinema_worker_stop(c, 0);
    for (int i = 0; i < 2; i++)
        pthread_join(waiters[i], NULL);
    OK(outbox__wait(c, 60000, &err));
}

/* ---- what was given up ----------------------------------------------------------------------- */

static void give_up(const char *key)
{
    outbox_counts n = { 0 };
    gives = CINEMA_INVALID;
    add(key, "{}");
    ck_assert(work(&n));
    ck_assert_int_eq(n.dead, 1);
    gives = CINEMA_OK;
    later_ms += 1000;
}

static cinema_dead_letter_page *dead(const char *after, unsigned limit)
{
    cinema_dead_letter_page *p = NULL;
    OK(cinema_dead_letter_list(c, &(cinema_dead_letter_query){ after, limit }, &p, &err));
    return p;
}

/* The id of the last one. */
static const char *last_dead(void)
{
    static char id[32];
    cinema_dead_letter_page *p = dead(NULL, 1);
    ck_assert_uint_eq(p->count, 1);
    snprintf(id, sizeof id, "%s", p->items[0]->id);
    cinema_dead_letter_page_free(p);
    return id;
}

TEST(what_was_given_up_is_told_with_its_reason_the_last_first)
{
    give_up("a");
    give_up("b");
    add("c", "{}"); /* waits */
    cinema_dead_letter_page *first = dead(NULL, 1), *rest = dead(first->next, 0), *none = NULL;
    const cinema_dead_letter *b = first->items[0], *one = rest->items[0];
    ck_assert_uint_eq(rest->count, 1);
    ck_assert_ptr_null(rest->next);
    ck_assert_str_eq(b->kind, "test");
    ck_assert_str_eq(b->error, "it does not go");
    ck_assert_int_eq(b->attempts, 1);
    ck_assert_int_gt(b->ended_at, one->ended_at);
    ck_assert_int_ge(one->ended_at, one->created_at);
    ck_assert_str_ne(b->id, one->id);
    GIVES(CINEMA_INVALID,
          cinema_dead_letter_list(c, &(cinema_dead_letter_query){ "x", 0 }, &none, &err));
    ck_assert_str_eq(err.field, "after");
    GIVES(CINEMA_INVALID,
          cinema_dead_letter_list(c, &(cinema_dead_letter_query){ NULL, 101 }, &none, &err));
    ck_assert_str_eq(err.field, "limit");
    cinema_dead_letter_page_free(first);
    cinema_dead_letter_page_free(rest);
}

TEST(what_was_given_up_can_wait_again_with_all_attempts_before_it)
{
    outbox_counts n = { 0 };
    gives = CINEMA_TIMEOUT;
    add("a", "{\"to\": \"anna\"}");
    for (int i = 0; i < OUTBOX_ATTEMPTS; i++, later_ms += 5000000)
        ck_assert(work(&n));
    ck_assert_int_eq(n.dead, 1);
    OK(cinema_dead_letter_retry(c, last_dead(), &err));
    ck_assert_int_eq(state().dead, 0);
    ck_assert_int_eq(state().waiting, 1);
    ck_assert(work(&n)); /* at once */
    ck_assert_int_eq(n.failed, OUTBOX_ATTEMPTS);
    gives = CINEMA_OK;
    later_ms += 6100;
    ck_assert(work(&n));
    ck_assert_str_eq(seen, "test a {\"to\": \"anna\"} 2");
}

TEST(only_what_is_dead_can_be_put_back)
{
    static const char *const no[] = { "", "x", "-1", "1 ", "99999999999999999999", "4711" };
    char id[32];
    give_up("a");
    snprintf(id, sizeof id, "%s", last_dead());
    for (size_t i = 0; i < COUNT_OF(no); i++)
        GIVES(CINEMA_NOT_FOUND, cinema_dead_letter_retry(c, no[i], &err));
    OK(cinema_dead_letter_retry(c, id, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_dead_letter_retry(c, id, &err)); /* waits */
    ck_assert(work(NULL));
    GIVES(CINEMA_NOT_FOUND, cinema_dead_letter_retry(c, id, &err)); /* done */
    ck_assert(!work(NULL));
}

TEST(all_that_was_given_up_can_wait_again)
{
    static const char text[] = "UPDATE outbox SET status = 'dead', ended_at = created_at";
    enum { MANY = 1001 }; /* more than one transaction takes */
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    int64_t count = -1;
    bool more;
    db_tx *tx = NULL;
    db_sql sql;
    OK(db_begin(c, &tx, &err));
    for (int i = 0; i < MANY; i++)
        OK(outbox__add(c, tx, "test", NULL, "{}", a, &err));
    db_sql_for_tx(&sql, tx);
    db_add(&sql, (db_text){ "dead", text, text }, "");
    OK(db_run(tx, &sql, NULL, NULL, &err));
    OK(db_commit(&tx, &err));
    OK(cinema_dead_letter_retry_all(c, &count, &err));
    ck_assert_int_eq(count, MANY);
    ck_assert_int_eq(state().waiting, MANY);
    OK(cinema_dead_letter_retry_all(c, &count, &err));
    ck_assert_int_eq(count, 0);
    later_ms += INT64_C(40) * 24 * 3600 * 1000;
    OK(outbox__sweep(c, &more, &err)); /* takes nothing that waits */
    ck_assert_int_eq(state().waiting, MANY);
}

TEST(who_waits_is_woken_by_what_is_put_back)
{
    pthread_t waiter;
    give_up("a");
    ck_assert(!pthread_create(&waiter, NULL, wait_long, NULL));
    OK(cinema_dead_letter_retry(c, last_dead(), &err));
    pthread_join(waiter, NULL); /* or the test takes its whole minute, and fails */
}

static void *put_back(void *id)
{
    cinema_error own;
    return cinema_dead_letter_retry(c, id, &own) ? NULL : id;
}

TEST(of_several_who_put_it_back_one_does)
{
    pthread_t threads[CROWD];
    char id[32];
    int done = 0;
    give_up("a");
    snprintf(id, sizeof id, "%s", last_dead());
    for (int i = 0; i < CROWD; i++)
        ck_assert(!pthread_create(&threads[i], NULL, put_back, id));
    for (int i = 0; i < CROWD; i++) {
        void *did;
        pthread_join(threads[i], &did);
        done += did != NULL;
    }
    ck_assert_int_eq(done, 1);
    ck_assert_int_eq(state().waiting, 1);
}
