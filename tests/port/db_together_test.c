/* db_together_test.c - conformance of SQL drivers: what threads do to each other, and deadlines.
 */
#include "port/db_help.h"

#include <stdio.h>

#define COUNTER                                                                                    \
    "CREATE TABLE counter (nr bigint PRIMARY KEY, n bigint NOT NULL);"                             \
    "INSERT INTO counter VALUES (1, 0), (2, 0)"
#define PAIR "CREATE TABLE pair (one bigint, two bigint, UNIQUE (one, two))"
#define ADD_PAIR "INSERT INTO pair VALUES ($1, $2)"

/* Long enough for any deadline here; PostgreSQL would rather not keep its rows. */
#define ENDLESS                                                                                    \
    "WITH RECURSIVE c(n) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM c WHERE n < "    \
    "1000000000) SELECT count(*) FROM c"

FIXTURE(db_start, db_stop)

/* Read on a thread of a test: -1 when it fails. */
static int64_t number_or_not(db *from, const char *text, int64_t deadline)
{
    db_rows rows;
    db_statement s = sql(text);
    arena *mine = a;
    a = arena_new(0, 0);
    cinema_status status = driver->read(from, &s, 1, deadline, a, &rows, &err);
    int64_t n = status || rows.count != 1 ? -1 : rows.first->cells[0].number;
    arena_free(a);
    a = mine;
    return n;
}

/* ---- writers --------------------------------------------------------------------------------- */

enum { WRITERS = 32, COMMITS = 200 };

static int64_t write_many(int i)
{
    int64_t failed = 0;
    for (int j = 0; j < COMMITS; j++)
        failed += add(d, ADD_PAIR, i, j, soon(PATIENCE_MS)) != CINEMA_OK;
    return failed;
}

TEST(many_writers_commit_everything_once)
{
    change(PAIR);
    ck_assert_int_eq(together(WRITERS, write_many), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM pair"), WRITERS * COMMITS);
    ck_assert_int_eq(number("SELECT count(*) FROM (SELECT DISTINCT one, two FROM pair) AS p"),
                     WRITERS * COMMITS);
}

/* A commit that succeeded must be there at once, for everybody. */
static int64_t write_and_look(int i)
{
    char text[100];
    int64_t missing = 0;
    for (int j = 0; j < 50; j++) {
        snprintf(text, sizeof text, "SELECT count(*) FROM pair WHERE one = %d", i);
        missing += add(d, ADD_PAIR, i, j, soon(PATIENCE_MS)) != CINEMA_OK;
        missing += number_or_not(d, text, soon(PATIENCE_MS)) != j + 1;
    }
    return missing;
}

TEST(a_commit_is_seen_once_it_returns)
{
    change(PAIR);
    ck_assert_int_eq(together(8, write_and_look), 0);
}

static int64_t count_up(int i)
{
    int64_t done = 0;
    (void)i;
    for (int j = 0; j < 100; j++) {
        db_tx *tx;
        if (driver->begin(d, 0, soon(PATIENCE_MS), &tx, &err))
            continue;
        if (run(tx, NULL, "UPDATE counter SET n = n + 1 WHERE nr = 1", "")) {
            driver->rollback(tx);
            continue;
        }
        done += driver->commit(tx, &err) == CINEMA_OK;
    }
    return done;
}

TEST(no_increment_is_lost)
{
    script(COUNTER);
    ck_assert_int_eq(together(8, count_up), 800);
    ck_assert_int_eq(number("SELECT n FROM counter WHERE nr = 1"), 800);
}

/* A third commit, a third roll back, a third fail; 1 for each outcome that is not as it should. */
static int64_t mixed(int i)
{
    int64_t wrong = 0;
    for (int j = 0; j < 60; j++) {
        db_tx *tx;
        if (driver->begin(d, 0, soon(PATIENCE_MS), &tx, &err)) {
            wrong++;
            continue;
        }
        wrong += run(tx, NULL, ADD_PAIR, "ii", (int64_t)i, (int64_t)j) != CINEMA_OK;
        if (j % 3 == 1) {
            driver->rollback(tx);
            continue;
        }
        if (j % 3 == 2)
            wrong += run(tx, NULL, ADD_PAIR, "ii", (int64_t)i, (int64_t)j) != CINEMA_CONFLICT;
        wrong += driver->commit(tx, &err) != (j % 3 ? CINEMA_CONFLICT : CINEMA_OK);
    }
    return wrong;
}

TEST(who_rolls_back_leaves_the_others_alone)
{
    change(PAIR);
    ck_assert_int_eq(together(16, mixed), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM pair"), 16 * 20);
    ck_assert_int_eq(number("SELECT count(*) FROM pair WHERE two % 3 > 0"), 0);
}

/* Some have hardly any time. */
static _Atomic(int) stored[16][50];

static int64_t hurried(int i)
{
    int64_t wrong = 0;
    for (int j = 0; j < 50; j++) {
        int64_t deadline = soon(i % 2 ? PATIENCE_MS : 1 + j % 4);
        cinema_status s = add(d, ADD_PAIR, i, j, deadline);
        wrong += s != CINEMA_OK && s != CINEMA_TIMEOUT;
        wrong += i % 2 && s != CINEMA_OK;
        stored[i][j] = s == CINEMA_OK;
    }
    return wrong;
}

TEST(who_gives_up_leaves_nobody_waiting)
{
    int64_t sum = 0;
    change(PAIR);
    ck_assert_int_eq(together(16, hurried), 0);
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 50; j++)
            sum += stored[i][j];
    int64_t found = number("SELECT count(*) FROM pair");
    ck_assert_int_ge(found, sum);
    if (!test_on_postgres()) /* over a network one may not know whether a commit arrived */
        ck_assert_int_eq(found, sum);
    ck_assert_int_ge(sum, 8 * 50);
}

/* ---- readers --------------------------------------------------------------------------------- */

static _Atomic(bool) writing;

/* The first one writes, the others read two rows that always hold the same. */
static int64_t write_or_compare(int i)
{
    int64_t torn = 0;
    if (i == 0) {
        for (int j = 1; j <= 300; j++)
            torn += add(d, "UPDATE counter SET n = $1 + 0 * $2", j, 0, soon(PATIENCE_MS)) != 0;
        writing = false;
        return torn;
    }
    db_statement s[2] = { sql("SELECT n FROM counter WHERE nr = 1"),
                          sql("SELECT n FROM counter WHERE nr = 2") };
    for (int64_t last = 0; writing;) {
        db_rows rows[2] = { 0 };
        arena *mine = arena_new(0, 0);
        if (driver->read(d, s, 2, soon(PATIENCE_MS), mine, rows, &err) || rows[0].count != 1 ||
            rows[1].count != 1) {
            torn++;
        } else {
            int64_t one = rows[0].first->cells[0].number;
            torn += one != rows[1].first->cells[0].number || one < last; /* nor back in time */
            last = one;
        }
        arena_free(mine);
    }
    return torn;
}

TEST(several_statements_see_one_snapshot)
{
    script(COUNTER);
    writing = true;
    ck_assert_int_eq(together(4, write_or_compare), 0);
    ck_assert_int_eq(number("SELECT n FROM counter WHERE nr = 2"), 300);
}

static db *narrow;

static int64_t read_many(int i)
{
    char text[80];
    int64_t wrong = 0;
    for (int j = 0; j < 200; j++) {
        snprintf(text, sizeof text, "SELECT CAST(%d AS bigint)", i * 10 + j % 10);
        wrong += number_or_not(narrow, text, soon(PATIENCE_MS)) != i * 10 + j % 10;
    }
    return wrong;
}

TEST(many_readers_share_few_connections)
{
    narrow = db_another(2);
    ck_assert_int_eq(together(16, read_many), 0);
    driver->close(narrow);
}

/* ---- deadlines ------------------------------------------------------------------------------- */

/* That a call gave up at its deadline: not at once, and not never. A server's own limit is set a
 * little earlier, so that it is the one to end what it does. */
static bool about(int64_t started, int64_t ms)
{
    int64_t took = clock_monotonic_ms() - started;
    return took >= ms * 4 / 5 && took <= HANG_MS;
}

TEST(what_is_over_is_not_begun)
{
    db_tx *tx;
    db_rows rows;
    db_statement s = sql("SELECT 1");
    int64_t past = clock_monotonic_ms() - 1;
    OK(get(d, &rows, "SELECT 1", ""));
    GIVES(CINEMA_TIMEOUT, driver->begin(d, 0, past, &tx, &err));
    GIVES(CINEMA_TIMEOUT, driver->read(d, &s, 1, past, a, &rows, &err));
    OK(get(d, &rows, "SELECT 1", ""));
}

TEST(a_read_ends_at_its_deadline)
{
    db_rows rows;
    db_statement s = sql(ENDLESS);
    for (int i = 0; i < 2; i++) {
        int64_t started = clock_monotonic_ms();
        GIVES(CINEMA_TIMEOUT, driver->read(d, &s, 1, soon(150), a, &rows, &err));
        ck_assert(about(started, 150));
    }
    OK(get(d, &rows, "SELECT 1", ""));
}

TEST(a_transaction_ends_at_its_deadline)
{
    db_tx *tx;
    db_rows rows;
    script(COUNTER);
    for (int i = 0; i < 2; i++) {
        int64_t started = clock_monotonic_ms();
        OK(driver->begin(d, 0, soon(1000), &tx, &err));
        OK(run(tx, NULL, "UPDATE counter SET n = n + 1", ""));
        GIVES(CINEMA_TIMEOUT,
              run(tx, &rows, i ? "UPDATE counter SET n = n + (" ENDLESS ")" : ENDLESS, ""));
        ck_assert(about(started, 1000));
        GIVES(CINEMA_MISUSE, run(tx, NULL, "UPDATE counter SET n = n + 1", ""));
        GIVES(CINEMA_TIMEOUT, driver->commit(tx, &err));
    }
    ck_assert_int_eq(number("SELECT n FROM counter WHERE nr = 1"), 0);
    ck_assert_int_eq(count_up(0), 100);
}

/* On SQLite writers wait to begin, on PostgreSQL for the row. */
static cinema_status raise_both(int64_t deadline)
{
    return add(d, "UPDATE counter SET n = n + $1 WHERE nr > $2", 1, 0, deadline);
}

static int64_t wait_for_writer(int i)
{
    int64_t started = clock_monotonic_ms();
    (void)i;
    cinema_status s = raise_both(soon(150));
    return s != CINEMA_TIMEOUT || !about(started, 150);
}

TEST(a_writer_waits_for_another_until_its_deadline)
{
    script(COUNTER);
    db_tx *tx = begin();
    OK(run(tx, NULL, "UPDATE counter SET n = 10 WHERE nr = 1", ""));
    ck_assert_int_eq(together(3, wait_for_writer), 0);
    OK(run(tx, NULL, "UPDATE counter SET n = 11 WHERE nr = 1", "")); /* not harmed by it */
    commit(tx);
    OK(raise_both(soon(PATIENCE_MS)));
    ck_assert_int_eq(number("SELECT n FROM counter WHERE nr = 1"), 12);
}

static int64_t hold_or_wait(int i)
{
    int64_t started, n;
    if (i == 0)
        return number_or_not(narrow, ENDLESS, soon(3000)) != -1;
    do { /* until the other one reads */
        started = clock_monotonic_ms();
        n = number_or_not(narrow, "SELECT CAST(1 AS bigint)", soon(150));
    } while (n == 1);
    return n != -1 || err.status != CINEMA_TIMEOUT || !about(started, 150);
}

TEST(a_reader_waits_for_a_connection_until_its_deadline)
{
    narrow = db_another(1);
    ck_assert_int_eq(number_or_not(narrow, "SELECT CAST(1 AS bigint)", soon(PATIENCE_MS)), 1);
    ck_assert_int_eq(together(2, hold_or_wait), 0);
    ck_assert_int_eq(number_or_not(narrow, "SELECT CAST(1 AS bigint)", soon(PATIENCE_MS)), 1);
    driver->close(narrow);
}
