/* migrate_test.c - the schema brought up to date, by one or by several at once. Mirrors
 * lib/admin/migrate.c.
 */
#include "admin/admin_help.h"

#include "port/db/db.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

FIXTURE(admin_start, admin_stop)

static cinema_migrations *status(void)
{
    cinema_migrations *m = NULL;
    OK(cinema_schema_status(c, &m, &err));
    return m;
}

static void sql(const char *script)
{
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    OK(db_script(tx, script, &err));
    OK(db_commit(&tx, &err));
}

static int64_t number(const char *query)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_sql s;
    db_rows rows;
    db_sql_for(&s, c);
    db_add(&s, (db_text){ "query", query, query }, "");
    OK(db_read_any(c, &s, a, &rows, &err));
    return rows.first->cells[0].number;
}

static void reopen(void)
{
    cinema_close(c);
    c = NULL;
    OK(cinema_open(url, &c, &err));
}

TEST(a_fresh_database_has_all_steps_pending)
{
    cinema_migrations *m = status();
    ck_assert_uint_gt(m->count, 0);
    ck_assert_uint_eq(m->pending, m->count);
    for (size_t i = 0; i < m->count; i++) {
        ck_assert_int_eq(m->items[i]->applied_at, CINEMA_ABSENT);
        ck_assert_int_eq(m->items[i]->version, (int64_t)i + 1);
        ck_assert_ptr_nonnull(m->items[i]->name);
    }
    ck_assert_str_eq(m->items[0]->name, "catalog");
    cinema_migrations_free(m);
    cinema_migrations_free(NULL);
}

TEST(without_a_schema_the_mend_is_named)
{
    cinema_movie_page *p = NULL;
    GIVES(CINEMA_UNAVAILABLE, cinema_movie_list(c, NULL, &p, &err));
    ck_assert_str_eq(err.reason, "not_migrated");
    ck_assert_ptr_nonnull(strstr(err.message, "cinema migrate"));
    admin_migrate();
    OK(cinema_movie_list(c, NULL, &p, &err)); /* the same handle */
    cinema_movie_page_free(p);
}

TEST(migrating_applies_all_steps_and_again_none)
{
    cinema_migrations *m = NULL, *again = NULL;
    OK(cinema_migrate(c, &m, &err));
    ck_assert_uint_eq(m->pending, 0);
    usleep(2000);
    OK(cinema_migrate(c, &again, &err));
    for (size_t i = 0; i < m->count; i++) {
        ck_assert_int_gt(m->items[i]->applied_at, 1700000000000);
        ck_assert_int_eq(m->items[i]->applied_at, again->items[i]->applied_at);
    }
    cinema_migrations_free(again);
    again = status();
    ck_assert_uint_eq(again->pending, 0);
    ck_assert_uint_eq(again->count, m->count);
    cinema_migrations_free(again);
    cinema_migrations_free(m);
    ck_assert_int_eq(number("SELECT count(*) FROM installation"), 1);
}

/* ---- several at once ------------------------------------------------------------------------- */

static cinema_status migrate_own(cinema_error *e)
{
    cinema *own = NULL;
    cinema_migrations *m = NULL;
    cinema_status s = cinema_open(url, &own, e);
    if (!s)
        s = cinema_migrate(own, &m, e);
    cinema_migrations_free(m);
    cinema_close(own);
    return s;
}

static void *migrate_in_thread(void *e)
{
    migrate_own(e);
    return NULL;
}

TEST(handles_of_several_threads_migrate_at_once)
{
    pthread_t threads[4];
    cinema_error errors[4] = { { 0 } };
    for (int i = 0; i < 4; i++)
        ck_assert(!pthread_create(&threads[i], NULL, migrate_in_thread, &errors[i]));
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_msg(!errors[i].status, "%s", errors[i].message);
    }
    ck_assert_int_eq(number("SELECT count(*) FROM installation"), 1);
}

static void *migrate_here(void *e)
{
    cinema_migrations *m = NULL;
    cinema_migrate(c, &m, e);
    cinema_migrations_free(m);
    return NULL;
}

TEST(threads_of_one_handle_migrate_at_once)
{
    pthread_t threads[4];
    cinema_error errors[4] = { { 0 } };
    for (int i = 0; i < 4; i++)
        ck_assert(!pthread_create(&threads[i], NULL, migrate_here, &errors[i]));
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_msg(!errors[i].status, "%s", errors[i].message);
    }
}

TEST(two_processes_migrate_at_once)
{
    pid_t pids[2];
    for (int i = 0; i < 2; i++)
        if (!(pids[i] = fork()))
            test_leave(migrate_own(&err) ? 1 : 7);
    for (int i = 0; i < 2; i++) {
        int ended = 0;
        ck_assert_int_eq(waitpid(pids[i], &ended, 0), pids[i]);
        ck_assert(WIFEXITED(ended) && WEXITSTATUS(ended) == 7);
    }
    cinema_migrations *m = status();
    ck_assert_uint_eq(m->pending, 0);
    cinema_migrations_free(m);
}

/* ---- schemas that are not ours --------------------------------------------------------------- */

TEST(a_step_applied_in_another_form_is_refused)
{
    cinema_migrations *m = NULL;
    admin_migrate();
    sql("UPDATE cinema_schema SET checksum = 'another' WHERE version = 1;");
    GIVES(CINEMA_CONFLICT, cinema_migrate(c, &m, &err));
    ck_assert_str_eq(err.reason, "schema_changed");
    GIVES(CINEMA_CONFLICT, cinema_schema_status(c, &m, &err));
    ck_assert_ptr_null(m);
}

TEST(a_newer_schema_is_refused_before_anything_is_done_with_it)
{
    cinema_migrations *m = NULL;
    cinema_movie_page *p = NULL;
    cinema_movie *made = NULL;
    cinema_movie_input in = { .title = "Ran" };
    admin_migrate();
    sql("INSERT INTO cinema_schema (version, name, checksum, applied_at)"
        " VALUES (9999, 'later', 'x', 1);");
    reopen();
    GIVES(CINEMA_UNSUPPORTED, cinema_migrate(c, &m, &err));
    ck_assert_str_eq(err.reason, "schema_newer");
    GIVES(CINEMA_UNSUPPORTED, cinema_schema_status(c, &m, &err));
    GIVES(CINEMA_UNSUPPORTED, cinema_movie_list(c, NULL, &p, &err));
    GIVES(CINEMA_UNSUPPORTED, cinema_movie_create(c, &in, &made, &err));
    ck_assert_str_eq(err.reason, "schema_newer");
    ck_assert_ptr_null(m);
}

/* ---- steps that do not end ------------------------------------------------------------------- */

static void nothing_is_left(void)
{
    cinema_movie_page *p = NULL;
    cinema_migrations *m = status();
    ck_assert_uint_eq(m->pending, m->count);
    cinema_migrations_free(m);
    GIVES(CINEMA_UNAVAILABLE, cinema_movie_list(c, NULL, &p, &err));
}

TEST(a_step_that_fails_halfway_leaves_nothing)
{
    cinema_migrations *m = NULL;
    sql("CREATE TABLE person (name text NOT NULL);"); /* in the way of a later part of step 1 */
    ck_assert(cinema_migrate(c, &m, &err) != CINEMA_OK);
    ck_assert_ptr_null(m);
    nothing_is_left();
    sql("DROP TABLE person;");
    admin_migrate();
}

static void *migrate_for_ever(void *unused)
{
    while (!migrate_own(&err))
        ;
    return unused;
}

TEST(a_process_killed_while_it_migrates_leaves_whole_steps_only)
{
    for (useconds_t wait = 500; wait < 60000; wait = wait * 3 / 2) {
        pid_t pid = fork();
        if (!pid)
            migrate_for_ever(NULL);
        usleep(wait);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        cinema_migrations *m = status();
        cinema_movie_page *p = NULL;
        cinema_status s = cinema_movie_list(c, NULL, &p, &err);
        GIVES(m->pending == m->count ? CINEMA_UNAVAILABLE : CINEMA_OK, s);
        cinema_movie_page_free(p);
        cinema_migrations_free(m);
    }
    admin_migrate();
}
