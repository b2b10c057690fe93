/* db_failure_test.c - conformance of SQL drivers: outcomes of what fails, and statements that come
 * again, which a driver keeps prepared.
 */
#include "port/db_help.h"

#include <stdio.h>

#define TWO "CREATE TABLE two (nr bigint PRIMARY KEY, t text UNIQUE)"

FIXTURE(db_start, db_stop)

static int64_t only_number(const db_rows *rows)
{
    ck_assert_uint_eq(rows->count, 1);
    return rows->first->cells[0].number;
}

/* ---- failures -------------------------------------------------------------------------------- */

#define FAMILY                                                                                     \
    "CREATE TABLE parent (nr bigint PRIMARY KEY, slug text NOT NULL UNIQUE, "                      \
    "year bigint CHECK (year > 1887));"                                                            \
    "CREATE TABLE child (nr bigint PRIMARY KEY, parent bigint NOT NULL REFERENCES parent (nr));"   \
    "CREATE TABLE late (nr bigint PRIMARY KEY, parent bigint REFERENCES parent (nr) "              \
    "DEFERRABLE INITIALLY DEFERRED);"                                                              \
    "INSERT INTO parent VALUES (1, 'ran', 1985); INSERT INTO child VALUES (1, 1)"

static const struct {
    const char *text;
    cinema_status status;
    const char *reason;
} failures[] = {
    { "INSERT INTO parent VALUES (2, 'ran', 1985)", CINEMA_CONFLICT, "unique" },
    { "INSERT INTO parent VALUES (1, 'ikiru', 1952)", CINEMA_CONFLICT, "unique" },
    { "INSERT INTO child VALUES (2, 77)", CINEMA_CONFLICT, "foreign_key" },
    { "DELETE FROM parent WHERE nr = 1", CINEMA_CONFLICT, "foreign_key" },
    { "INSERT INTO parent VALUES (2, NULL, 1985)", CINEMA_INTERNAL, "internal" },
    { "INSERT INTO parent VALUES (2, 'ikiru', 1)", CINEMA_INTERNAL, "internal" },
    { "INSERT INTO nowhere VALUES (1)", CINEMA_UNAVAILABLE, "not_migrated" },
    { "SELECT nr FROM nowhere", CINEMA_UNAVAILABLE, "not_migrated" },
    { "SELECT nowhere FROM parent", CINEMA_INTERNAL, "internal" },
    { "SELEC 1", CINEMA_INTERNAL, "internal" },
    { "SELECT 'open", CINEMA_INTERNAL, "internal" },
    { "SELECT 1; SELECT 2", CINEMA_INTERNAL, "internal" },
};

TEST_EACH(a_failure_has_its_outcome, (int)COUNT_OF(failures))
{
    db_rows rows;
    script(FAMILY);
    db_tx *tx = begin();
    GIVES(failures[_i].status, run(tx, &rows, failures[_i].text, ""));
    ck_assert_int_eq(err.status, (int)failures[_i].status);
    ck_assert_str_eq(err.reason, failures[_i].reason);
    ck_assert_ptr_null(strstr(err.message, "parent")); /* no names, no SQL */
    ck_assert_ptr_null(strstr(err.message, "SELEC"));
    driver->rollback(tx);
    ck_assert_int_eq(number("SELECT count(*) FROM parent"), 1);
}

TEST(the_log_has_what_the_error_keeps_to_itself)
{
    db_rows rows;
    script(FAMILY);
    GIVES(CINEMA_INTERNAL, get(d, &rows, "SELECT nowhere FROM parent", ""));
    ck_assert(driver_heard("SELECT nowhere FROM parent"));
    ck_assert(driver_heard("\"nowhere\"") || driver_heard("column: nowhere"));
}

TEST(nobody_has_to_ask_why)
{
    db_statement s = sql("SELECT nowhere");
    db_rows rows;
    db_tx *tx = begin();
    GIVES(CINEMA_INTERNAL, driver->run(tx, &s, a, &rows, NULL));
    GIVES(CINEMA_MISUSE, driver->run(tx, &s, a, &rows, NULL));
    GIVES(CINEMA_INTERNAL, driver->commit(tx, NULL));
    GIVES(CINEMA_INTERNAL, driver->read(d, &s, 1, soon(PATIENCE_MS), a, &rows, NULL));
    GIVES(CINEMA_TIMEOUT, driver->begin(d, 0, clock_monotonic_ms() - 1, &tx, NULL));
}

TEST(after_a_failure_only_rollback_is_legal)
{
    script(FAMILY);
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO parent VALUES (2, 'ikiru', 1952)", ""));
    GIVES(CINEMA_CONFLICT, run(tx, NULL, "INSERT INTO parent VALUES (3, 'ran', 1985)", ""));
    for (int i = 0; i < 2; i++) {
        GIVES(CINEMA_MISUSE, run(tx, NULL, "INSERT INTO parent VALUES (4, 'a', 1990)", ""));
        GIVES(CINEMA_MISUSE, run(tx, NULL, "SELECT 1", ""));
        GIVES(CINEMA_MISUSE, driver->script(tx, "SELECT 1", &err));
    }
    driver->rollback(tx);
    ck_assert_int_eq(number("SELECT count(*) FROM parent"), 1);
}

TEST(a_commit_after_a_failure_undoes_and_says_why)
{
    script(FAMILY);
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO parent VALUES (2, 'ikiru', 1952)", ""));
    GIVES(CINEMA_CONFLICT, run(tx, NULL, "INSERT INTO parent VALUES (3, 'ran', 1985)", ""));
    GIVES(CINEMA_MISUSE, run(tx, NULL, "SELECT 1", ""));
    GIVES(CINEMA_CONFLICT, driver->commit(tx, &err));
    ck_assert_str_eq(err.reason, "unique");
    ck_assert_int_eq(number("SELECT count(*) FROM parent"), 1);
    change("INSERT INTO parent VALUES (2, 'ikiru', 1952)"); /* and life goes on */
}

TEST(a_deferred_foreign_key_is_checked_by_commit)
{
    script(FAMILY);
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO late VALUES (1, 5)", ""));
    OK(run(tx, NULL, "INSERT INTO parent VALUES (5, 'ikiru', 1952)", ""));
    commit(tx);
    tx = begin();
    OK(run(tx, NULL, "INSERT INTO late VALUES (2, 6)", ""));
    GIVES(CINEMA_CONFLICT, driver->commit(tx, &err));
    ck_assert_str_eq(err.reason, "foreign_key");
    ck_assert_int_eq(number("SELECT count(*) FROM late"), 1);
}

TEST(a_read_does_not_write)
{
    db_rows rows;
    change(TWO);
    ck_assert_int_ne(get(d, &rows, "INSERT INTO two VALUES (1, 'a')", ""), CINEMA_OK);
    ck_assert_int_eq(number("SELECT count(*) FROM two"), 0);
}

TEST(a_full_arena_is_an_outcome)
{
    arena *mine = a;
    db_rows rows;
    change(TWO);
    for (int i = 0; i < 3; i++) {
        a = arena_new(1024, 32768);
        db_tx *tx = begin();
        GIVES(CINEMA_NO_MEMORY, run(tx, &rows,
                                    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT "
                                    "n + 1 FROM c WHERE n < 5000) SELECT n FROM c",
                                    ""));
        driver->rollback(tx);
        GIVES(CINEMA_NO_MEMORY, get(d, &rows,
                                    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT "
                                    "n + 1 FROM c WHERE n < 5000) SELECT n FROM c",
                                    ""));
        arena_free(a);
        a = mine;
        change("INSERT INTO two VALUES (1, 'a') ON CONFLICT DO NOTHING");
        ck_assert_int_eq(number("SELECT count(*) FROM two"), 1);
    }
}

/* ---- statements that come again -------------------------------------------------------------- */

TEST(more_statements_than_are_kept_prepared)
{
    char text[80];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 1000; i++) {
            snprintf(text, sizeof text, "SELECT CAST(1000000 + %d AS bigint)", i);
            ck_assert_int_eq(number(text), 1000000 + i);
        }
}

TEST(a_text_is_known_by_what_it_says)
{
    char here[40], there[40];
    for (int i = 0; i < 10; i++) { /* one place, other texts of one length */
        snprintf(here, sizeof here, "SELECT CAST(%d AS bigint)", i);
        snprintf(there, sizeof there, "SELECT CAST(%d AS bigint)", 9 - i);
        ck_assert_int_eq(number(here), i);
        ck_assert_int_eq(number(there), 9 - i);
    }
}

TEST(constant_statements_are_like_others)
{
    static const char *const constants[] = { "SELECT CAST(1 AS bigint)",
                                             "SELECT CAST(2 AS bigint)" };
    db_rows rows;
    for (int i = 0; i < 8; i++) {
        db_statement s = sql(constants[i % 2]);
        s.constant = i < 4;
        OK(driver->read(d, &s, 1, soon(PATIENCE_MS), a, &rows, &err));
        ck_assert_int_eq(only_number(&rows), i % 2 + 1);
    }
}

TEST(a_long_statement_runs)
{
    char text[DB_SQL_MAX] = "SELECT CAST(1 AS bigint)";
    size_t n = strlen(text);
    while (n + 8 < sizeof text)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s", n % 100 < 90 ? "      " : "\n");
    ck_assert_int_eq(number(text), 1);
}

TEST(statements_outlive_a_changed_table)
{
    change(TWO);
    change("INSERT INTO two VALUES (1, 'a')");
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(number("SELECT nr FROM two WHERE t = 'a'"), 1);
    change("ALTER TABLE two ADD COLUMN more bigint");
    ck_assert_int_eq(number("SELECT nr FROM two WHERE t = 'a'"), 1);
    script("DROP TABLE two; CREATE TABLE two (t text, nr bigint); INSERT INTO two VALUES ('a', 7)");
    ck_assert_int_eq(number("SELECT nr FROM two WHERE t = 'a'"), 7);
}
