/* postgres_pool_test.c - mirrors lib/port/db/postgres_pool.c: many threads, deadlines, servers that
 * restart, and doors that stay shut.
 */
#include "port/db_help.h"
#include "port/postgres_help.h"

#include <stdio.h>
#include <unistd.h>

static db *four;
static char direct[1024];

static void start(void)
{
    db_start();
    if (test_on_postgres())
        pg_direct_url(direct, sizeof direct, url);
}

FIXTURE(start, db_stop)

static const db_value *value_on(db *on, const char *text)
{
    db_rows rows;
    OK(get(on, &rows, text, ""));
    ck_assert_msg(rows.count == 1 && rows.columns == 1, "%s", text);
    return &rows.first->cells[0];
}

static int64_t number_in(db_tx *tx, const char *text)
{
    db_rows rows;
    OK(run(tx, &rows, text, ""));
    ck_assert_uint_eq(rows.count, 1);
    return rows.first->cells[0].number;
}

static void make_film(void)
{
    script("CREATE TABLE film (nr bigint PRIMARY KEY, title text UNIQUE, year bigint);"
           "INSERT INTO film VALUES (1, 'Ran', 1985), (2, 'Ikiru', 1952)");
}

/* ---- the pool -------------------------------------------------------------------------------- */

/* Reads, commits, rolls back; 1 for each answer that is not ours. */
static int64_t use_the_pool(int thread)
{
    int64_t wrong = 0;
    for (int i = 0; i < 40; i++) {
        db_value v = PG_INT(thread * 1000 + i);
        db_statement s = pg_sql_with(i % 3 ? "SELECT $1" : "SELECT $1, pg_sleep(0.001)", &v, 1);
        db_rows rows = { 0 };
        db_tx *tx = NULL;
        cinema_status status;
        if (i % 4)
            status = driver->read(four, &s, 1, soon(PATIENCE_MS), a, &rows, &err);
        else if (!(status = driver->begin(four, 0, soon(PATIENCE_MS), &tx, &err)) &&
                 !(status = driver->run(tx, &s, a, &rows, &err)) && i % 8)
            status = driver->commit(tx, &err);
        else
            driver->rollback(tx);
        wrong += status || rows.count != 1 || rows.first->cells[0].number != v.number;
    }
    return wrong;
}

TEST(thirty_two_threads_share_four_connections)
{
    NEED_SERVER;
    char marked[1100];
    pg_other_url(marked, sizeof marked, url, NULL, NULL, "?application_name=four");
    OK(pg_test_open(marked, NULL, 4, &four, &err));
    ck_assert_int_eq(together(32, use_the_pool), 0);
    int64_t open = number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'four' "
                          "AND datname = current_database()");
    ck_assert_int_le(open, 4);
    driver->close(four);
}

TEST(waiting_for_a_connection_obeys_the_deadline)
{
    NEED_SERVER;
    db *one;
    db_tx *tx, *second = NULL;
    db_statement s = sql("SELECT 1");
    db_rows rows;
    OK(pg_test_open(url, direct, 1, &one, &err));
    OK(driver->begin(one, 0, soon(PATIENCE_MS), &tx, &err));
    int64_t before = clock_monotonic_ms();
    GIVES(CINEMA_TIMEOUT, driver->read(one, &s, 1, soon(200), a, &rows, &err));
    GIVES(CINEMA_TIMEOUT, driver->begin(one, 0, soon(200), &second, &err));
    ck_assert_int_ge(clock_monotonic_ms() - before, 395);
    ck_assert_int_lt(clock_monotonic_ms() - before, HANG_MS);
    OK(driver->commit(tx, &err));
    OK(driver->read(one, &s, 1, soon(PATIENCE_MS), a, &rows, &err));
    driver->close(one);
}

/* ---- deadlines ------------------------------------------------------------------------------- */

static void nobody_sleeps(void)
{
    int64_t busy = 1;
    for (int i = 0; busy && i < HANG_MS / 50; i++, usleep(50000))
        busy = number("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = "
                      "current_database() AND query LIKE '%pg_sleep(60)%' AND "
                      "pid <> pg_backend_pid()");
    ck_assert_int_eq(busy, 0);
}

TEST(a_slow_read_is_given_up_and_cancelled)
{
    NEED_SERVER;
    db_statement s = sql("SELECT pg_sleep(60)");
    db_rows rows;
    number("SELECT 1"); /* connect first */
    int64_t before = clock_monotonic_ms();
    GIVES(CINEMA_TIMEOUT, driver->read(d, &s, 1, soon(300), a, &rows, &err));
    int64_t took = clock_monotonic_ms() - before;
    ck_assert_msg(took >= 299 && took < HANG_MS, "%d ms", (int)took);
    nobody_sleeps();
}

TEST(a_slow_statement_ends_its_transaction)
{
    NEED_SERVER;
    make_film();
    db_tx *tx;
    OK(driver->begin(d, 0, soon(2000), &tx, &err));
    OK(run(tx, NULL, "UPDATE film SET year = 1 WHERE nr = 1", ""));
    int64_t before = clock_monotonic_ms();
    GIVES(CINEMA_TIMEOUT, run(tx, NULL, "SELECT pg_sleep(60)", ""));
    ck_assert_int_lt(clock_monotonic_ms() - before, HANG_MS);
    GIVES(CINEMA_MISUSE, run(tx, NULL, "SELECT 1", ""));
    GIVES(CINEMA_TIMEOUT, driver->commit(tx, &err));
    nobody_sleeps();
    tx = begin(); /* the lock is free */
    OK(run(tx, NULL, "UPDATE film SET year = 2 WHERE nr = 1", ""));
    OK(driver->commit(tx, &err));
}

TEST(the_server_guards_a_transaction_and_no_more)
{
    NEED_SERVER;
    db_tx *tx = begin();
    ck_assert_int_eq(number_in(tx, "SELECT CAST(setting AS bigint) BETWEEN 20000 AND 30000 FROM "
                                   "pg_settings WHERE name = 'statement_timeout'"),
                     1);
    OK(driver->commit(tx, &err));
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(number("SELECT CAST(setting AS bigint) FROM pg_settings WHERE name = "
                                "'statement_timeout'"),
                         0);
    OK(driver->begin(d, 0, DEADLINE_NONE, &tx, &err));
    ck_assert_int_eq(number_in(tx, "SELECT CAST(setting AS bigint) FROM pg_settings WHERE name = "
                                   "'statement_timeout'"),
                     0);
    OK(driver->commit(tx, &err));
}

/* ---- a server that goes away ----------------------------------------------------------------- */

/* As a restart does: every other connection to this database ends. */
static void end_sessions(void)
{
    db *killer;
    OK(pg_test_open(direct, NULL, 1, &killer, &err));
    value_on(killer, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname "
                     "= current_database() AND pid <> pg_backend_pid()");
    usleep(100000);
    driver->close(killer);
}

TEST(a_restart_between_two_calls_is_not_noticed)
{
    NEED_SERVER;
    make_film();
    db_tx *tx[4];
    for (int i = 0; i < 4; i++) { /* so that four connections are open */
        tx[i] = begin();
        if (!test_on_pooler() || i < 2)
            OK(run(tx[i], NULL, "SELECT 1", ""));
    }
    for (int i = 0; i < 4; i++)
        OK(driver->commit(tx[i], &err));
    end_sessions();
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(number("SELECT count(*) FROM film"), 2);
    end_sessions();
    tx[0] = begin();
    OK(run(tx[0], NULL, "INSERT INTO film VALUES (3, 'Kagemusha', 1980)", ""));
    OK(driver->commit(tx[0], &err));
    ck_assert_int_eq(number("SELECT count(*) FROM film"), 3);
}

TEST(a_restart_in_the_middle_ends_the_transaction)
{
    NEED_SERVER;
    make_film();
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO film VALUES (3, 'Kagemusha', 1980)", ""));
    end_sessions();
    GIVES(CINEMA_UNAVAILABLE, run(tx, NULL, "INSERT INTO film VALUES (4, 'Rashomon', 1950)", ""));
    GIVES(CINEMA_MISUSE, run(tx, NULL, "SELECT 1", ""));
    GIVES(CINEMA_UNAVAILABLE, driver->commit(tx, &err));
    ck_assert_int_eq(number("SELECT count(*) FROM film"), 2);
}

TEST(a_session_that_dies_in_commit_leaves_it_unknown)
{
    NEED_SERVER;
    script("CREATE TABLE t (n bigint);"
           "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
           "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; "
           "END$$;"
           "CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED "
           "FOR EACH ROW EXECUTE FUNCTION die()");
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO t VALUES (1)", ""));
    GIVES(CINEMA_UNAVAILABLE, driver->commit(tx, &err));
    ck_assert_str_eq(err.reason, "commit_unknown");
    ck_assert_int_eq(number("SELECT count(*) FROM t"), 0);
}

/* ---- doors that stay shut -------------------------------------------------------------------- */

static void refused_at_once(const char *where, const char *reason, bool begin_too)
{
    db *other;
    db_rows rows;
    OK(pg_test_open(where, NULL, 1, &other, &err));
    int64_t before = clock_monotonic_ms();
    GIVES(CINEMA_UNAVAILABLE, get(other, &rows, "SELECT 1", ""));
    ck_assert_msg(!strcmp(err.reason, reason), "%s: %s", err.reason, err.message);
    ck_assert_ptr_null(strstr(err.message, "hunter2"));
    db_tx *tx;
    if (begin_too)
        GIVES(CINEMA_UNAVAILABLE, driver->begin(other, 0, soon(PATIENCE_MS), &tx, &err));
    ck_assert_int_lt(clock_monotonic_ms() - before, HANG_MS);
    ck_assert_int_eq(driver_heard("hunter2"), 0);
    driver->close(other);
}

TEST(a_wrong_password_is_said_at_once)
{
    NEED_SERVER;
    char where[1024];
    pg_other_url(where, sizeof where, direct, "cinema:hunter2", NULL, "");
    refused_at_once(where, "access_denied", true);
    pg_other_url(where, sizeof where, url, "cinema:hunter2", NULL, "");
    refused_at_once(where, "access_denied", true);
    pg_other_url(where, sizeof where, url, "nobody:hunter2", NULL, "");
    refused_at_once(where, "access_denied", true);
}

TEST(a_missing_database_is_said_at_once)
{
    NEED_SERVER;
    char where[1024], name[64];
    snprintf(name, sizeof name, "no_such_one_%d", (int)getpid());
    pg_other_url(where, sizeof where, direct, NULL, name, "");
    refused_at_once(where, "no_database", true);
    if (!test_on_pooler())
        return;
    pg_other_url(where, sizeof where, url, NULL, name, ""); /* asked again, pgbouncer waits 15 s */
    refused_at_once(where, "no_database", false);
}
