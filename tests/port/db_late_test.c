/* db_late_test.c - conformance of SQL drivers: statements that run at the end of a transaction. A
 * driver without them runs them at once, which has to come to the same.
 */
#include "port/db_help.h"

#include <stdio.h>

#define TWO "CREATE TABLE two (nr bigint PRIMARY KEY, t text NOT NULL)"
#define ADD "INSERT INTO two VALUES ($1, $2)"

FIXTURE(db_start, db_stop)

/* The text of the statement and its values are gone after the call. */
static cinema_status late(db_tx *tx, const char *text, int64_t nr, const char *t)
{
    char own[200], value[100];
    snprintf(own, sizeof own, "%s", text);
    snprintf(value, sizeof value, "%s", t ? t : "");
    db_value values[] = {
        { .type = DB_INT, .declared = DB_INT, .number = nr },
        { .type = t ? DB_TEXT : DB_NULL,
          .declared = DB_TEXT,
          .length = (uint32_t)strlen(value),
          .text = value },
    };
    db_statement s = sql(own);
    s.values = values;
    s.count = 2;
    cinema_status status =
        driver->run_late ? driver->run_late(tx, &s, &err) : driver->run(tx, &s, NULL, NULL, &err);
    memset(own, 'x', sizeof own);
    memset(value, 'x', sizeof value);
    return status;
}

TEST(late_statements_run_in_their_order)
{
    change(TWO);
    db_tx *tx = begin();
    OK(late(tx, ADD, 1, "a"));
    OK(late(tx, "UPDATE two SET t = t || $2 WHERE nr = $1", 1, "b"));
    OK(late(tx, ADD, 2, "c"));
    OK(late(tx, "DELETE FROM two WHERE nr = $1 AND t = $2", 2, "c"));
    commit(tx);
    ck_assert_int_eq(number("SELECT count(*) FROM two WHERE t = 'ab'"), 1);
    ck_assert_int_eq(number("SELECT count(*) FROM two"), 1);
}

TEST(a_rollback_forgets_late_statements)
{
    change(TWO);
    db_tx *tx = begin();
    OK(late(tx, ADD, 1, "a"));
    driver->rollback(tx);
    commit(begin());
    ck_assert_int_eq(number("SELECT count(*) FROM two"), 0);
}

TEST(a_late_statement_that_fails_undoes_the_transaction)
{
    change(TWO);
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO two VALUES (1, 'a')", ""));
    cinema_status s = late(tx, ADD, 2, NULL);
    cinema_status end = driver->commit(tx, &err);
    ck_assert_int_eq(s ? s : end, end);
    ck_assert_int_ne(end, CINEMA_OK);
    ck_assert_int_eq(number("SELECT count(*) FROM two"), 0);
    change("INSERT INTO two VALUES (3, 'c')"); /* and the next goes on */
    ck_assert_int_eq(number("SELECT count(*) FROM two"), 1);
}

enum { WRITERS = 16, ROUNDS = 30 };

/* Every third is rolled back; of the others each is there, row and late row. */
static int64_t write_some(int i)
{
    int64_t failed = 0;
    for (int j = 0; j < ROUNDS; j++) {
        db_tx *tx = NULL;
        int64_t nr = (i * ROUNDS + j) * 2;
        bool bad = driver->begin(d, 0, soon(PATIENCE_MS), &tx, &err) || late(tx, ADD, nr, "late") ||
                   run(tx, NULL, ADD, "it", (int)nr + 1, "at once");
        if (!bad && j % 3)
            bad = driver->commit(tx, &err);
        else if (tx)
            driver->rollback(tx);
        failed += bad;
    }
    return failed;
}

TEST(late_statements_of_many_are_those_of_the_committed)
{
    change(TWO);
    ck_assert_int_eq(together(WRITERS, write_some), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM two WHERE t = 'late'"), WRITERS * ROUNDS * 2 / 3);
    ck_assert_int_eq(number("SELECT count(*) FROM two a JOIN two b ON b.nr = a.nr + 1"
                            " WHERE a.t = 'late' AND b.t = 'at once'"),
                     WRITERS * ROUNDS * 2 / 3);
}
