/* postgres_names_test.c - mirrors lib/port/db/postgres_names.c: prepared statements, tables that
 * change under them, and poolers, where another's statement may answer to our name.
 */
#include "port/db_help.h"
#include "port/postgres_help.h"

#include <stdio.h>

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

static void make_film(void)
{
    script("CREATE TABLE film (nr bigint PRIMARY KEY, title text UNIQUE, year bigint);"
           "INSERT INTO film VALUES (1, 'Ran', 1985), (2, 'Ikiru', 1952)");
}

/* ---- names ----------------------------------------------------------------------------------- */

TEST(more_statements_than_a_connection_keeps)
{
    NEED_SERVER;
    char text[64];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 600; i++) {
            snprintf(text, sizeof text, "SELECT %d", i);
            ck_assert_int_eq(number(text), i);
        }
    int64_t kept = number("SELECT count(*) FROM pg_prepared_statements");
    ck_assert_int_le(kept, 256);
    ck_assert_msg(test_on_pooler() ? kept == 0 : kept > 0, "%d names", (int)kept);
}

TEST(statements_outlive_a_changed_table)
{
    NEED_SERVER;
    db_rows rows;
    make_film();
    for (int i = 0; i < 4; i++) /* on a connection or more */
        OK(get(d, &rows, "SELECT * FROM film ORDER BY nr", ""));
    ck_assert_uint_eq(rows.columns, 3);
    script("ALTER TABLE film ADD COLUMN slug text");
    OK(get(d, &rows, "SELECT * FROM film ORDER BY nr", ""));
    ck_assert_uint_eq(rows.columns, 4);

    script("ALTER TABLE film ADD COLUMN more text"); /* first in a transaction: starts over */
    db_tx *tx = begin();
    OK(run(tx, NULL, "SELECT * FROM film ORDER BY nr", ""));
    OK(driver->commit(tx, &err));

    if (test_on_pooler())
        return;
    script("ALTER TABLE film DROP COLUMN more"); /* later: the caller has to */
    tx = begin();
    OK(run(tx, NULL, "SELECT 1", ""));
    GIVES(CINEMA_UNAVAILABLE, run(tx, NULL, "SELECT * FROM film ORDER BY nr", ""));
    ck_assert_str_eq(err.reason, "plan_changed");
    driver->rollback(tx);
    tx = begin();
    OK(run(tx, NULL, "SELECT 1", ""));
    OK(run(tx, NULL, "SELECT * FROM film ORDER BY nr", ""));
    OK(driver->commit(tx, &err));
}

TEST(a_pooler_is_noticed_at_once)
{
    NEED_SERVER;
    db *alone;
    OK(pg_test_open(url, NULL, 2, &alone, &err)); /* nothing says whether there is one */
    ck_assert_int_eq(value_on(alone, "SELECT 5")->number, 5);
    ck_assert_int_eq(driver_heard("there is a pooler between"), test_on_pooler());
    int64_t names = value_on(alone, "SELECT count(*) FROM pg_prepared_statements")->number;
    ck_assert_int_eq(names > 0, !test_on_pooler());
    driver->close(alone);
}

/* A neighbour that gives our names to other statements, on every connection of the pooler. */
static void steal_name(const char *text)
{
    char name[80], line[1100];
    db *one, *neighbour;
    db_tx *tx[2];
    OK(pg_test_open(direct, NULL, 1, &one, &err));
    for (int i = 0; i < 2; i++)
        value_on(one, text);
    snprintf(line, sizeof line, "SELECT name FROM pg_prepared_statements WHERE statement = '%s'",
             text);
    snprintf(name, sizeof name, "%s", value_on(one, line)->text);
    driver->close(one);

    pg_other_url(line, sizeof line, url, NULL, NULL, "?prepared=off");
    OK(pg_test_open(line, NULL, 2, &neighbour, &err));
    snprintf(line, sizeof line, "PREPARE %s AS SELECT CAST(-1 AS bigint)", name);
    for (int i = 0; i < 2; i++) {
        OK(driver->begin(neighbour, 0, soon(PATIENCE_MS), &tx[i], &err));
        OK(run(tx[i], NULL, line, ""));
    }
    OK(driver->commit(tx[0], &err));
    OK(driver->commit(tx[1], &err));
    driver->close(neighbour);
}

TEST(names_of_a_neighbour_behind_a_pooler_do_no_harm)
{
    NEED_SERVER;
    if (!test_on_pooler())
        SKIP("CINEMA_TEST_URL is no pooler's");
    steal_name("SELECT CAST(41 AS bigint)");
    for (int i = 0; i < 200; i++)
        ck_assert_int_eq(number("SELECT CAST(41 AS bigint)"), 41);
}

TEST(names_are_given_up_where_a_pooler_shows_late)
{
    NEED_SERVER;
    if (!test_on_pooler())
        SKIP("CINEMA_TEST_URL is no pooler's");
    db *named;
    db_tx *tx;
    db_statement stolen = sql("SELECT CAST(41 AS bigint)"), other = sql("SELECT 2");
    char forced[1024];
    steal_name(stolen.text);
    pg_other_url(forced, sizeof forced, url, NULL, NULL, "?prepared=on");

    OK(pg_test_open(forced, NULL, 2, &named, &err)); /* in the middle of a transaction: once */
    for (int i = 0; i < 2; i++) {
        OK(driver->begin(named, 0, soon(PATIENCE_MS), &tx, &err));
        OK(driver->run(tx, &other, NULL, NULL, &err));
        if (i) {
            OK(driver->run(tx, &stolen, NULL, NULL, &err));
        } else {
            GIVES(CINEMA_UNAVAILABLE, driver->run(tx, &stolen, NULL, NULL, &err));
            ck_assert_str_eq(err.reason, "pooler_found");
        }
        driver->rollback(tx);
    }
    driver->close(named);

    OK(pg_test_open(forced, NULL, 2, &named, &err)); /* at its begin: nobody notices */
    OK(driver->begin(named, 0, soon(PATIENCE_MS), &tx, &err));
    OK(driver->run(tx, &stolen, NULL, NULL, &err));
    OK(driver->commit(tx, &err));
    driver->close(named);

    int before = driver_heard("42P05");
    OK(pg_test_open(forced, NULL, 2, &named, &err)); /* in a read: neither */
    for (int i = 0; i < 200; i++)
        ck_assert_int_eq(value_on(named, stolen.text)->number, 41);
    ck_assert_int_eq(driver_heard("42P05"), before + 1);
    driver->close(named);
}
