/* postgres_test.c - mirrors lib/port/db/postgres.c and postgres_value.c: what only PostgreSQL does.
 * What both drivers promise is in db_test.c, servers that misbehave in postgres_link_test.c. Needs
 * a server: CINEMA_TEST_URL, which may be a pooler's; then CINEMA_TEST_ADMIN_URL is its own.
 */
#include "port/db_help.h"
#include "port/postgres_help.h"

#include <stdio.h>
#include <unistd.h>

FIXTURE(db_start, db_stop)

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

/* ---- values ---------------------------------------------------------------------------------- */

TEST(the_servers_types_are_read)
{
    NEED_SERVER;
    db_rows rows;
    OK(get(d, &rows,
           "SELECT CAST(-2 AS smallint), CAST(-3 AS int), CAST(-4 AS bigint), 1 = 1, 1 = 2, "
           "CAST(0.5 AS real), CAST(-0.25 AS double precision), CAST('a' AS varchar(5)), "
           "CAST('b' AS char(3)), CAST('c' AS name), CAST('{\"a\": 1}' AS json), 'd', "
           "CAST(4000000000 AS oid), CAST('e' AS \"char\"), CAST('\\x00ff' AS bytea), "
           "CAST('00112233-4455-6677-8899-aabbccddeeff' AS uuid), "
           "CAST('\\x00112233445566778899aabbccddeeff' AS bytea), "
           "pg_advisory_xact_lock_shared(1), CAST(NULL AS text), CAST('' AS text), "
           "CAST('' AS bytea)",
           ""));
    const db_value *v = rows.first->cells;
    static const uint8_t types[] = {
        DB_INT,  DB_INT,  DB_INT,  DB_INT,  DB_INT,  DB_REAL, DB_REAL,
        DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT, DB_INT,  DB_TEXT,
        DB_BLOB, DB_UUID, DB_UUID, DB_NULL, DB_NULL, DB_TEXT, DB_BLOB
    };
    ck_assert_uint_eq(rows.columns, COUNT_OF(types));
    for (size_t i = 0; i < COUNT_OF(types); i++)
        ck_assert_msg(v[i].type == types[i], "column %zu has type %d", i, v[i].type);
    ck_assert_int_eq(v[0].number, -2);
    ck_assert_int_eq(v[1].number, -3);
    ck_assert_int_eq(v[2].number, -4);
    ck_assert_int_eq(v[3].number, 1);
    ck_assert_int_eq(v[4].number, 0);
    ck_assert_double_eq(v[5].real, 0.5);
    ck_assert_double_eq(v[6].real, -0.25);
    ck_assert_str_eq(v[7].text, "a");
    ck_assert_str_eq(v[8].text, "b  ");
    ck_assert_str_eq(v[9].text, "c");
    ck_assert_str_eq(v[10].text, "{\"a\": 1}");
    ck_assert_str_eq(v[11].text, "d");
    ck_assert_int_eq(v[12].number, 4000000000);
    ck_assert_str_eq(v[13].text, "e");
    ck_assert_mem_eq(v[14].blob, "\0\377", 2);
    ck_assert_mem_eq(v[15].blob, v[16].blob, 16);
    ck_assert_uint_eq(v[19].length, 0);
    ck_assert_str_eq(v[19].text, "");
}

TEST(a_type_that_is_not_read_is_internal_and_logged)
{
    NEED_SERVER;
    db_rows rows;
    GIVES(CINEMA_INTERNAL, get(d, &rows, "SELECT 1 AS a, CAST(1.5 AS numeric) AS total", ""));
    ck_assert_int_eq(driver_heard("column \"total\" has type 1700"), 1);
    ck_assert_int_eq(number("SELECT 7"), 7); /* the connection is fine */
}

TEST(nulls_keep_their_type)
{
    NEED_SERVER;
    db_value v[6] = { { .declared = DB_INT },  { .declared = DB_REAL }, { .declared = DB_TEXT },
                      { .declared = DB_UUID }, { .declared = DB_BLOB }, { .declared = DB_BOOL } };
    db_statement s = pg_sql_with("SELECT CAST(concat(pg_typeof($1), ' ', pg_typeof($2), ' ', "
                                 "pg_typeof($3), ' ', pg_typeof($4), ' ', pg_typeof($5), ' ', "
                                 "pg_typeof($6)) AS text), $1, $2, $3, $4, $5, $6",
                                 v, 6);
    db_rows rows;
    OK(driver->read(d, &s, 1, soon(PATIENCE_MS), a, &rows, &err));
    ck_assert_str_eq(rows.first->cells[0].text, "bigint double precision text uuid bytea boolean");
    for (int i = 1; i < 7; i++)
        ck_assert_int_eq(rows.first->cells[i].type, DB_NULL);
}

TEST(megabytes_go_both_ways)
{
    NEED_SERVER;
    enum { SIZE = 6 << 20 };
    char *big = malloc(SIZE + 1);
    memset(big, 'x', SIZE);
    big[SIZE] = '\0';
    db_value v = PG_TEXT(big);
    db_statement s = pg_sql_with("SELECT $1", &v, 1), four[4] = { s, s, s, s };
    db_rows rows[4];
    OK(driver->read(d, four, 4, soon(PATIENCE_MS), a, rows, &err));
    for (int i = 0; i < 4; i++) {
        ck_assert_uint_eq(rows[i].first->cells[0].length, SIZE);
        ck_assert_int_eq(strcmp(rows[i].first->cells[0].text, big), 0);
    }
    free(big);
}

TEST(an_arena_that_is_full_is_no_memory)
{
    NEED_SERVER;
    CLEANUP(arena_freep) arena *small = arena_new(1024, 4096);
    db_statement s = sql("SELECT repeat('x', 100000)");
    db_rows rows;
    GIVES(CINEMA_NO_MEMORY, driver->read(d, &s, 1, soon(PATIENCE_MS), small, &rows, &err));
    db_tx *tx = begin();
    GIVES(CINEMA_NO_MEMORY, driver->run(tx, &s, small, &rows, &err));
    GIVES(CINEMA_MISUSE, run(tx, NULL, "SELECT 1", ""));
    driver->rollback(tx);
    ck_assert_int_eq(number("SELECT 7"), 7);
}

TEST(text_that_is_no_utf8_is_invalid)
{
    NEED_SERVER;
    db_value v = PG_TEXT("a\xff");
    db_statement s = pg_sql_with("SELECT $1", &v, 1);
    db_rows rows;
    GIVES(CINEMA_INVALID, driver->read(d, &s, 1, soon(PATIENCE_MS), a, &rows, &err));
    ck_assert_str_eq(err.reason, "text");
}

/* ---- reads ----------------------------------------------------------------------------------- */

TEST(several_statements_see_one_snapshot)
{
    NEED_SERVER;
    db_statement s[3];
    db_rows rows[3];
    s[0] = s[2] = sql("SELECT CAST(pg_current_snapshot() AS text), "
                      "current_setting('transaction_isolation')");
    s[1] = sql("SELECT pg_sleep(0.05), current_setting('transaction_read_only')");
    OK(driver->read(d, s, 3, soon(PATIENCE_MS), a, rows, &err));
    ck_assert_str_eq(rows[0].first->cells[0].text, rows[2].first->cells[0].text);
    ck_assert_str_eq(rows[0].first->cells[1].text, "repeatable read");
    ck_assert_str_eq(rows[1].first->cells[1].text, "on");
}

TEST(a_read_does_not_write)
{
    NEED_SERVER;
    make_film();
    db_rows rows;
    GIVES(CINEMA_UNAVAILABLE, get(d, &rows, "DELETE FROM film", ""));
    ck_assert_str_eq(err.reason, "read_only");
    GIVES(CINEMA_UNAVAILABLE,
          get(d, &rows, "WITH x AS (DELETE FROM film RETURNING nr) SELECT * FROM x", ""));
    ck_assert_int_eq(number("SELECT count(*) FROM film"), 2);
    ck_assert_int_eq(number("WITH x AS (SELECT 3 AS n) SELECT n FROM x"), 3);
}

TEST(one_wrong_statement_of_several_fails_them_all_and_no_more)
{
    NEED_SERVER;
    db_statement s[3] = { sql("SELECT 1"), sql("SELECT 1 / 0"), sql("SELECT 3") };
    db_rows rows[3];
    GIVES(CINEMA_INTERNAL, driver->read(d, s, 3, soon(PATIENCE_MS), a, rows, &err));
    s[1] = sql("SELECT nonsense FROM");
    GIVES(CINEMA_INTERNAL, driver->read(d, s, 3, soon(PATIENCE_MS), a, rows, &err));
    s[1] = sql("SELECT 2");
    OK(driver->read(d, s, 3, soon(PATIENCE_MS), a, rows, &err));
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(rows[i].first->cells[0].number, i + 1);
}

TEST(a_missing_table_says_migrate)
{
    NEED_SERVER;
    db_rows rows;
    for (int i = 0; i < 3; i++) {
        GIVES(CINEMA_UNAVAILABLE, get(d, &rows, "SELECT * FROM title", ""));
        ck_assert_str_eq(err.reason, "not_migrated");
    }
    script("CREATE TABLE title (nr bigint)");
    OK(get(d, &rows, "SELECT * FROM title", ""));
}

/* ---- transactions ---------------------------------------------------------------------------- */

TEST(a_first_statement_that_fails_leaves_only_rollback)
{
    NEED_SERVER;
    make_film();
    db_tx *tx = begin(); /* not on the server yet */
    GIVES(CINEMA_CONFLICT, run(tx, NULL, "INSERT INTO film VALUES (4, 'Ran', 1985)", ""));
    GIVES(CINEMA_MISUSE, run(tx, NULL, "SELECT 1", ""));
    GIVES(CINEMA_MISUSE, driver->script(tx, "SELECT 1", &err));
    GIVES(CINEMA_CONFLICT, driver->commit(tx, &err));
    ck_assert_str_eq(err.reason, "unique");
    ck_assert_int_eq(number("SELECT count(*) FROM film"), 2);
}

static _Atomic(bool) has_the_other;

static void *lock_the_other_way(void *ret)
{
    db_tx *tx;
    cinema_error e;
    db_statement two = sql("UPDATE film SET year = 3 WHERE nr = 2"),
                 one = sql("UPDATE film SET year = 3 WHERE nr = 1");
    cinema_status s = driver->begin(d, 0, soon(PATIENCE_MS), &tx, &e);
    if (!s && !(s = driver->run(tx, &two, NULL, NULL, &e))) {
        has_the_other = true;
        s = driver->run(tx, &one, NULL, NULL, &e);
    }
    if (!s)
        s = driver->commit(tx, &e);
    else
        driver->rollback(tx);
    *(cinema_status *)ret = s;
    return NULL;
}

TEST(a_deadlock_is_told_to_one_of_two)
{
    NEED_SERVER;
    pthread_t other;
    cinema_status theirs = CINEMA_OK, ours;
    make_film();
    db_tx *tx = begin();
    OK(run(tx, NULL, "UPDATE film SET year = 4 WHERE nr = 1", ""));
    ck_assert(!pthread_create(&other, NULL, lock_the_other_way, &theirs));
    while (!has_the_other)
        usleep(1000);
    ours = run(tx, NULL, "UPDATE film SET year = 4 WHERE nr = 2", "");
    bool told = !ours || !strcmp(err.reason, "deadlock");
    driver->rollback(tx);
    pthread_join(other, NULL);
    ck_assert_int_eq(!ours + !theirs, 1);
    ck_assert(told && (ours ? ours : theirs) == CINEMA_UNAVAILABLE);
}

TEST(scripts_are_all_or_nothing)
{
    NEED_SERVER;
    db_tx *tx = begin();
    OK(driver->script(tx, "", &err));
    OK(driver->script(tx,
                      "DROP TABLE IF EXISTS nothing; CREATE TABLE x (n bigint);"
                      "INSERT INTO x VALUES (1), (2); SELECT * FROM x",
                      &err));
    ck_assert_int_eq(number_in(tx, "SELECT count(*) FROM x"), 2);
    GIVES(CINEMA_INTERNAL,
          driver->script(tx, "INSERT INTO x VALUES (3); SELECT 1 / 0; INSERT INTO x VALUES (4)",
                         &err));
    GIVES(CINEMA_INTERNAL, driver->commit(tx, &err));
    ck_assert_int_eq(number("SELECT count(*) FROM pg_class WHERE relname = 'x'"), 0);
    ck_assert_int_eq(driver_heard("notice"), 1); /* and not on stderr */

    tx = begin();
    GIVES(CINEMA_INTERNAL, driver->script(tx, "COPY pg_class TO STDOUT", &err));
    driver->rollback(tx);
    OK(driver->begin(d, 0, soon(2000), &tx, &err));
    GIVES(CINEMA_TIMEOUT, driver->script(tx, "SELECT 1; SELECT pg_sleep(60)", &err));
    driver->rollback(tx);
    ck_assert_int_eq(number("SELECT 7"), 7);
}

TEST(direct_transactions_use_the_direct_url)
{
    NEED_SERVER;
    char direct[1024], named[1100];
    db *both;
    db_tx *tx;
    db_statement s = sql("SELECT current_setting('application_name')");
    db_rows rows;
    pg_direct_url(direct, sizeof direct, url);
    snprintf(named, sizeof named, "%s?application_name=straight", direct);
    OK(pg_test_open(url, named, 1, &both, &err));
    for (unsigned flags = 0; flags < 2; flags++) {
        OK(driver->begin(both, flags, soon(PATIENCE_MS), &tx, &err));
        OK(driver->run(tx, &s, a, &rows, &err));
        ck_assert_str_eq(rows.first->cells[0].text,
                         flags & DB_TX_DIRECT ? "straight" : "libcinema");
        OK(driver->commit(tx, &err));
    }
    driver->close(both);
}
