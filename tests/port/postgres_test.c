/* postgres_test.c - mirrors lib/port/db/postgres.c: what only PostgreSQL does. Needs a server
 * (CINEMA_TEST_URL, which may be a pooler's; then CINEMA_TEST_ADMIN_URL is the server's own).
 * What both drivers promise is in db_test.c, servers that misbehave in postgres_link_test.c.
 */
#include "port/postgres_help.h"

#include "test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static cinema_error err;
static db *d;
static arena *a;
static char url[1024], direct[1024];

/* The URL of this test's database with another user:password, database or parameters. */
static void other_url(char *to, size_t size, const char *base, const char *login, const char *name,
                      const char *parameters)
{
    const char *start = strstr(base, "://") + 3, *at = strrchr(base, '@'), *slash = strchr(at, '/');
    int user = (int)(at - start), host = (int)(slash - at);
    snprintf(to, size, "postgres://%.*s%.*s/%s%s", login ? (int)strlen(login) : user,
             login ? login : start, host, at, name ? name : slash + 1, parameters);
}

static void start(void)
{
    const char *admin = getenv("CINEMA_TEST_ADMIN_URL");
    if (!test_on_postgres() || !pg_module())
        return;
    test_database(url, sizeof url);
    other_url(direct, sizeof direct, admin && *admin ? admin : url, NULL, strrchr(url, '/') + 1, "");
    ck_assert_ptr_nonnull(a = arena_new(0, 0));
    OK(pg_test_open(url, direct, 4, &d, &err));
}

static void stop(void)
{
    if (d)
        pg_module()->close(d);
    arena_free(a);
}
FIXTURE(start, stop)

#define NEED_SERVER                                                                                \
    NEED_MODULE;                                                                                   \
    if (!test_on_postgres())                                                                       \
    SKIP("CINEMA_TEST_URL names no PostgreSQL server")

/* ---- one line each ------------------------------------------------------------------------------- */

static cinema_status read_on(db *on, const char *text, db_rows *rows)
{
    db_statement s = pg_sql(text);
    return pg_module()->read(on, &s, 1, in_ms(10000), a, rows, &err);
}

static const db_value *value_on(db *on, const char *text)
{
    db_rows rows;
    OK(read_on(on, text, &rows));
    ck_assert_msg(rows.count == 1 && rows.columns == 1, "%s", text);
    return &rows.first->cells[0];
}

static int64_t number(const char *text)
{
    return value_on(d, text)->number;
}

static db_tx *begin(int64_t ms)
{
    db_tx *tx;
    OK(pg_module()->begin(d, 0, in_ms(ms), &tx, &err));
    return tx;
}

static cinema_status run(db_tx *tx, const char *text)
{
    db_statement s = pg_sql(text);
    db_rows rows;
    return pg_module()->run(tx, &s, a, &rows, &err);
}

static int64_t number_in(db_tx *tx, const char *text)
{
    db_statement s = pg_sql(text);
    db_rows rows;
    OK(pg_module()->run(tx, &s, a, &rows, &err));
    ck_assert_uint_eq(rows.count, 1);
    return rows.first->cells[0].number;
}

static void script(const char *text)
{
    db_tx *tx;
    OK(pg_module()->begin(d, DB_TX_DIRECT, in_ms(10000), &tx, &err));
    OK(pg_module()->script(tx, text, &err));
    OK(pg_module()->commit(tx, &err));
}

static void make_film(void)
{
    script("CREATE TABLE film (nr bigint PRIMARY KEY, title text UNIQUE, year bigint);"
           "INSERT INTO film VALUES (1, 'Ran', 1985), (2, 'Ikiru', 1952)");
}

/* ---- values -------------------------------------------------------------------------------------- */

TEST(the_servers_types_are_read)
{
    NEED_SERVER;
    db_rows rows;
    OK(read_on(d,
               "SELECT CAST(-2 AS smallint), CAST(-3 AS int), CAST(-4 AS bigint), 1 = 1, 1 = 2, "
               "CAST(0.5 AS real), CAST(-0.25 AS double precision), CAST('a' AS varchar(5)), "
               "CAST('b' AS char(3)), CAST('c' AS name), CAST('{\"a\": 1}' AS json), 'd', "
               "CAST(4000000000 AS oid), CAST('e' AS \"char\"), CAST('\\x00ff' AS bytea), "
               "CAST('00112233-4455-6677-8899-aabbccddeeff' AS uuid), "
               "CAST('\\x00112233445566778899aabbccddeeff' AS bytea), "
               "pg_advisory_xact_lock_shared(1), CAST(NULL AS text), CAST('' AS text), "
               "CAST('' AS bytea)",
               &rows));
    const db_value *v = rows.first->cells;
    static const uint8_t types[] = { DB_INT,  DB_INT,  DB_INT,  DB_INT,  DB_INT,  DB_REAL, DB_REAL,
                                     DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT, DB_INT,  DB_TEXT,
                                     DB_BLOB, DB_UUID, DB_UUID, DB_NULL, DB_NULL, DB_TEXT, DB_BLOB };
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
    GIVES(CINEMA_INTERNAL, read_on(d, "SELECT 1 AS a, CAST(1.5 AS numeric) AS total", &rows));
    ck_assert_int_eq(pg_logged("column \"total\" has type 1700"), 1);
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
    OK(pg_module()->read(d, &s, 1, in_ms(5000), a, &rows, &err));
    ck_assert_str_eq(rows.first->cells[0].text,
                     "bigint double precision text uuid bytea boolean");
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
    OK(pg_module()->read(d, four, 4, in_ms(20000), a, rows, &err));
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
    db_statement s = pg_sql("SELECT repeat('x', 100000)");
    db_rows rows;
    GIVES(CINEMA_NO_MEMORY, pg_module()->read(d, &s, 1, in_ms(5000), small, &rows, &err));
    db_tx *tx = begin(5000);
    GIVES(CINEMA_NO_MEMORY, pg_module()->run(tx, &s, small, &rows, &err));
    GIVES(CINEMA_MISUSE, run(tx, "SELECT 1"));
    pg_module()->rollback(tx);
    ck_assert_int_eq(number("SELECT 7"), 7);
}

TEST(text_that_is_no_utf8_is_invalid)
{
    NEED_SERVER;
    db_value v = PG_TEXT("a\xff");
    db_statement s = pg_sql_with("SELECT $1", &v, 1);
    db_rows rows;
    GIVES(CINEMA_INVALID, pg_module()->read(d, &s, 1, in_ms(5000), a, &rows, &err));
    ck_assert_str_eq(err.reason, "text");
}

/* ---- reads --------------------------------------------------------------------------------------- */

TEST(several_statements_see_one_snapshot)
{
    NEED_SERVER;
    db_statement s[3];
    db_rows rows[3];
    s[0] = s[2] = pg_sql("SELECT CAST(pg_current_snapshot() AS text), "
                         "current_setting('transaction_isolation')");
    s[1] = pg_sql("SELECT pg_sleep(0.05), current_setting('transaction_read_only')");
    OK(pg_module()->read(d, s, 3, in_ms(5000), a, rows, &err));
    ck_assert_str_eq(rows[0].first->cells[0].text, rows[2].first->cells[0].text);
    ck_assert_str_eq(rows[0].first->cells[1].text, "repeatable read");
    ck_assert_str_eq(rows[1].first->cells[1].text, "on");
}

TEST(a_read_does_not_write)
{
    NEED_SERVER;
    make_film();
    db_rows rows;
    GIVES(CINEMA_UNAVAILABLE, read_on(d, "DELETE FROM film", &rows));
    ck_assert_str_eq(err.reason, "read_only");
    GIVES(CINEMA_UNAVAILABLE,
          read_on(d, "WITH x AS (DELETE FROM film RETURNING nr) SELECT * FROM x", &rows));
    ck_assert_int_eq(number("SELECT count(*) FROM film"), 2);
    ck_assert_int_eq(number("WITH x AS (SELECT 3 AS n) SELECT n FROM x"), 3);
}

TEST(one_wrong_statement_of_several_fails_them_all_and_no_more)
{
    NEED_SERVER;
    db_statement s[3] = { pg_sql("SELECT 1"), pg_sql("SELECT 1 / 0"), pg_sql("SELECT 3") };
    db_rows rows[3];
    GIVES(CINEMA_INTERNAL, pg_module()->read(d, s, 3, in_ms(5000), a, rows, &err));
    s[1] = pg_sql("SELECT nonsense FROM");
    GIVES(CINEMA_INTERNAL, pg_module()->read(d, s, 3, in_ms(5000), a, rows, &err));
    s[1] = pg_sql("SELECT 2");
    OK(pg_module()->read(d, s, 3, in_ms(5000), a, rows, &err));
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(rows[i].first->cells[0].number, i + 1);
}

TEST(a_missing_table_says_migrate)
{
    NEED_SERVER;
    db_rows rows;
    for (int i = 0; i < 3; i++) {
        GIVES(CINEMA_UNAVAILABLE, read_on(d, "SELECT * FROM title", &rows));
        ck_assert_str_eq(err.reason, "not_migrated");
    }
    script("CREATE TABLE title (nr bigint)");
    OK(read_on(d, "SELECT * FROM title", &rows));
}

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

/* ---- plans and names ----------------------------------------------------------------------------- */

TEST(statements_outlive_a_changed_table)
{
    NEED_SERVER;
    db_rows rows;
    make_film();
    for (int i = 0; i < 4; i++) /* on a connection or more */
        OK(read_on(d, "SELECT * FROM film ORDER BY nr", &rows));
    ck_assert_uint_eq(rows.columns, 3);
    script("ALTER TABLE film ADD COLUMN slug text");
    OK(read_on(d, "SELECT * FROM film ORDER BY nr", &rows));
    ck_assert_uint_eq(rows.columns, 4);

    script("ALTER TABLE film ADD COLUMN more text"); /* first in a transaction: starts over */
    db_tx *tx = begin(5000);
    OK(run(tx, "SELECT * FROM film ORDER BY nr"));
    OK(pg_module()->commit(tx, &err));

    if (test_on_pooler())
        return;
    script("ALTER TABLE film DROP COLUMN more"); /* later: the caller has to */
    tx = begin(5000);
    OK(run(tx, "SELECT 1"));
    GIVES(CINEMA_UNAVAILABLE, run(tx, "SELECT * FROM film ORDER BY nr"));
    ck_assert_str_eq(err.reason, "plan_changed");
    pg_module()->rollback(tx);
    tx = begin(5000);
    OK(run(tx, "SELECT 1"));
    OK(run(tx, "SELECT * FROM film ORDER BY nr"));
    OK(pg_module()->commit(tx, &err));
}

TEST(a_pooler_is_noticed_at_once)
{
    NEED_SERVER;
    db *alone;
    OK(pg_test_open(url, NULL, 2, &alone, &err)); /* nothing says whether there is one */
    ck_assert_int_eq(value_on(alone, "SELECT 5")->number, 5);
    ck_assert_int_eq(pg_logged("there is a pooler between"), test_on_pooler());
    int64_t names = value_on(alone, "SELECT count(*) FROM pg_prepared_statements")->number;
    ck_assert_int_eq(names > 0, !test_on_pooler());
    pg_module()->close(alone);
}

/* A neighbour that gives our names to other statements, on every connection of the pooler. */
static void steal_name(const char *text)
{
    char name[80], sql[200];
    db *one, *neighbour;
    db_tx *tx[2];
    OK(pg_test_open(direct, NULL, 1, &one, &err));
    for (int i = 0; i < 2; i++)
        value_on(one, text);
    snprintf(sql, sizeof sql, "SELECT name FROM pg_prepared_statements WHERE statement = '%s'",
             text);
    snprintf(name, sizeof name, "%s", value_on(one, sql)->text);
    pg_module()->close(one);

    other_url(sql, sizeof sql, url, NULL, NULL, "?prepared=off");
    OK(pg_test_open(sql, NULL, 2, &neighbour, &err));
    snprintf(sql, sizeof sql, "PREPARE %s AS SELECT CAST(-1 AS bigint)", name);
    for (int i = 0; i < 2; i++) {
        OK(pg_module()->begin(neighbour, 0, in_ms(5000), &tx[i], &err));
        db_statement s = pg_sql(sql);
        OK(pg_module()->run(tx[i], &s, NULL, NULL, &err));
    }
    OK(pg_module()->commit(tx[0], &err));
    OK(pg_module()->commit(tx[1], &err));
    pg_module()->close(neighbour);
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
    db_statement stolen = pg_sql("SELECT CAST(41 AS bigint)"), other = pg_sql("SELECT 2");
    char forced[1024];
    steal_name(stolen.text);
    other_url(forced, sizeof forced, url, NULL, NULL, "?prepared=on");

    OK(pg_test_open(forced, NULL, 2, &named, &err)); /* in the middle of a transaction: once */
    for (int i = 0; i < 2; i++) {
        OK(pg_module()->begin(named, 0, in_ms(5000), &tx, &err));
        OK(pg_module()->run(tx, &other, NULL, NULL, &err));
        if (i) {
            OK(pg_module()->run(tx, &stolen, NULL, NULL, &err));
        } else {
            GIVES(CINEMA_UNAVAILABLE, pg_module()->run(tx, &stolen, NULL, NULL, &err));
            ck_assert_str_eq(err.reason, "pooler_found");
        }
        pg_module()->rollback(tx);
    }
    pg_module()->close(named);

    OK(pg_test_open(forced, NULL, 2, &named, &err)); /* at its begin: nobody notices */
    OK(pg_module()->begin(named, 0, in_ms(5000), &tx, &err));
    OK(pg_module()->run(tx, &stolen, NULL, NULL, &err));
    OK(pg_module()->commit(tx, &err));
    pg_module()->close(named);

    int before = pg_logged("42P05");
    OK(pg_test_open(forced, NULL, 2, &named, &err)); /* in a read: neither */
    for (int i = 0; i < 200; i++)
        ck_assert_int_eq(value_on(named, stolen.text)->number, 41);
    ck_assert_int_eq(pg_logged("42P05"), before + 1);
    pg_module()->close(named);
}

/* ---- the pool ------------------------------------------------------------------------------------ */

enum { THREADS = 32, TURNS = 40 };
static atomic_int wrong;

static void *use_the_pool(void *arg)
{
    int64_t n = (int64_t)(intptr_t)arg;
    for (int i = 0; i < TURNS; i++) {
        cinema_error e;
        db_value v = PG_INT(n * 1000 + i);
        db_statement s = pg_sql_with(i % 3 ? "SELECT $1" : "SELECT $1, pg_sleep(0.001)", &v, 1);
        CLEANUP(arena_freep) arena *own = arena_new(0, 0);
        db_rows rows = { 0 };
        db_tx *tx = NULL;
        cinema_status status;
        if (i % 4)
            status = pg_module()->read(d, &s, 1, in_ms(20000), own, &rows, &e);
        else if (!(status = pg_module()->begin(d, 0, in_ms(20000), &tx, &e)) &&
                 !(status = pg_module()->run(tx, &s, own, &rows, &e)) && i % 8)
            status = pg_module()->commit(tx, &e);
        else
            pg_module()->rollback(tx);
        wrong += status || rows.count != 1 || rows.first->cells[0].number != v.number;
    }
    return NULL;
}

TEST(thirty_two_threads_share_four_connections)
{
    NEED_SERVER;
    pthread_t t[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert(!pthread_create(&t[i], NULL, use_the_pool, (void *)(intptr_t)i));
    int64_t open = number("SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                          "'libcinema' AND datname = current_database()");
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    ck_assert_int_eq(wrong, 0);
    ck_assert_int_ge(open, 1);
    ck_assert_int_le(open, 4);
}

TEST(waiting_for_a_connection_obeys_the_deadline)
{
    NEED_SERVER;
    db *one;
    db_tx *tx, *second = NULL;
    db_statement s = pg_sql("SELECT 1");
    db_rows rows;
    OK(pg_test_open(url, direct, 1, &one, &err));
    OK(pg_module()->begin(one, 0, in_ms(5000), &tx, &err));
    int64_t before = clock_monotonic_ms();
    GIVES(CINEMA_TIMEOUT, pg_module()->read(one, &s, 1, in_ms(200), a, &rows, &err));
    GIVES(CINEMA_TIMEOUT, pg_module()->begin(one, 0, in_ms(200), &second, &err));
    ck_assert_int_ge(clock_monotonic_ms() - before, 395);
    ck_assert_int_lt(clock_monotonic_ms() - before, 800);
    OK(pg_module()->commit(tx, &err));
    OK(pg_module()->read(one, &s, 1, in_ms(5000), a, &rows, &err));
    pg_module()->close(one);
}

/* ---- deadlines ----------------------------------------------------------------------------------- */

static void nobody_sleeps(void)
{
    int64_t busy = 1;
    for (int i = 0; busy && i < 40; i++, usleep(50000))
        busy = number("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = "
                      "current_database() AND query LIKE '%pg_sleep(10)%' AND "
                      "pid <> pg_backend_pid()");
    ck_assert_int_eq(busy, 0);
}

TEST(a_slow_read_is_given_up_and_cancelled)
{
    NEED_SERVER;
    db_statement s = pg_sql("SELECT pg_sleep(10)");
    db_rows rows;
    number("SELECT 1"); /* connect first */
    int64_t before = clock_monotonic_ms();
    GIVES(CINEMA_TIMEOUT, pg_module()->read(d, &s, 1, in_ms(300), a, &rows, &err));
    int64_t took = clock_monotonic_ms() - before;
    ck_assert_msg(took >= 290 && took < 800, "%d ms", (int)took);
    nobody_sleeps();
}

TEST(a_slow_statement_ends_its_transaction)
{
    NEED_SERVER;
    make_film();
    db_tx *tx = begin(400);
    OK(run(tx, "UPDATE film SET year = 1 WHERE nr = 1"));
    int64_t before = clock_monotonic_ms();
    GIVES(CINEMA_TIMEOUT, run(tx, "SELECT pg_sleep(10)"));
    ck_assert_int_lt(clock_monotonic_ms() - before, 900);
    GIVES(CINEMA_MISUSE, run(tx, "SELECT 1"));
    GIVES(CINEMA_TIMEOUT, pg_module()->commit(tx, &err));
    nobody_sleeps();
    tx = begin(5000); /* the lock is free */
    OK(run(tx, "UPDATE film SET year = 2 WHERE nr = 1"));
    OK(pg_module()->commit(tx, &err));
}

TEST(the_server_guards_a_transaction_and_no_more)
{
    NEED_SERVER;
    db_tx *tx = begin(5000);
    ck_assert_int_eq(number_in(tx, "SELECT CAST(setting AS bigint) BETWEEN 4000 AND 5000 FROM "
                                   "pg_settings WHERE name = 'statement_timeout'"),
                     1);
    OK(pg_module()->commit(tx, &err));
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(number("SELECT CAST(setting AS bigint) FROM pg_settings WHERE name = "
                                "'statement_timeout'"),
                         0);
    tx = begin(300); /* and it comes first, where the connection can be kept */
    number_in(tx, "SELECT 1");
    pg_module()->rollback(tx);
    OK(pg_module()->begin(d, 0, DEADLINE_NONE, &tx, &err));
    ck_assert_int_eq(number_in(tx, "SELECT CAST(setting AS bigint) FROM pg_settings WHERE name = "
                                   "'statement_timeout'"),
                     0);
    OK(pg_module()->commit(tx, &err));
}

/* ---- transactions -------------------------------------------------------------------------------- */

TEST(after_a_failure_only_rollback_is_left)
{
    NEED_SERVER;
    make_film();
    for (int first = 0; first < 2; first++) {
        db_tx *tx = begin(5000);
        if (!first)
            OK(run(tx, "INSERT INTO film VALUES (3, 'Dersu Uzala', 1975)"));
        GIVES(CINEMA_CONFLICT, run(tx, "INSERT INTO film VALUES (4, 'Ran', 1985)"));
        ck_assert_str_eq(err.reason, "unique");
        GIVES(CINEMA_MISUSE, run(tx, "SELECT 1"));
        GIVES(CINEMA_MISUSE, pg_module()->script(tx, "SELECT 1", &err));
        GIVES(CINEMA_CONFLICT, pg_module()->commit(tx, &err));
        ck_assert_str_eq(err.reason, "unique");
    }
    ck_assert_int_eq(number("SELECT count(*) FROM film"), 2);
}

TEST(a_deferred_constraint_fails_the_commit)
{
    NEED_SERVER;
    script("CREATE TABLE a (n bigint PRIMARY KEY);"
           "CREATE TABLE b (n bigint REFERENCES a DEFERRABLE INITIALLY DEFERRED)");
    db_tx *tx = begin(5000);
    OK(run(tx, "INSERT INTO b VALUES (1)"));
    GIVES(CINEMA_CONFLICT, pg_module()->commit(tx, &err));
    ck_assert_str_eq(err.reason, "foreign_key");
    ck_assert_int_eq(number("SELECT count(*) FROM b"), 0);
}

static void *lock_the_other_way(void *ret)
{
    db_tx *tx;
    cinema_error e;
    db_statement two = pg_sql("UPDATE film SET year = 3 WHERE nr = 2"),
                 one = pg_sql("UPDATE film SET year = 3 WHERE nr = 1");
    cinema_status s = pg_module()->begin(d, 0, in_ms(20000), &tx, &e);
    if (!s && !(s = pg_module()->run(tx, &two, NULL, NULL, &e))) {
        usleep(300000);
        s = pg_module()->run(tx, &one, NULL, NULL, &e);
    }
    if (!s)
        s = pg_module()->commit(tx, &e);
    else
        pg_module()->rollback(tx);
    *(cinema_status *)ret = s;
    return NULL;
}

TEST(a_deadlock_is_told_to_one_of_two)
{
    NEED_SERVER;
    pthread_t other;
    cinema_status theirs = CINEMA_OK, ours;
    make_film();
    db_tx *tx = begin(20000);
    OK(run(tx, "UPDATE film SET year = 4 WHERE nr = 1"));
    ck_assert(!pthread_create(&other, NULL, lock_the_other_way, &theirs));
    usleep(300000);
    ours = run(tx, "UPDATE film SET year = 4 WHERE nr = 2");
    bool told = !ours || !strcmp(err.reason, "deadlock");
    pg_module()->rollback(tx);
    pthread_join(other, NULL);
    ck_assert_int_eq(!ours + !theirs, 1);
    ck_assert(told && (ours ? ours : theirs) == CINEMA_UNAVAILABLE);
}

TEST(scripts_are_all_or_nothing)
{
    NEED_SERVER;
    db_tx *tx = begin(5000);
    OK(pg_module()->script(tx, "", &err));
    OK(pg_module()->script(tx, "DROP TABLE IF EXISTS nothing; CREATE TABLE x (n bigint);"
                               "INSERT INTO x VALUES (1), (2); SELECT * FROM x", &err));
    ck_assert_int_eq(number_in(tx, "SELECT count(*) FROM x"), 2);
    GIVES(CINEMA_INTERNAL, pg_module()->script(tx, "INSERT INTO x VALUES (3); SELECT 1 / 0; "
                                                   "INSERT INTO x VALUES (4)", &err));
    GIVES(CINEMA_INTERNAL, pg_module()->commit(tx, &err));
    ck_assert_int_eq(number("SELECT count(*) FROM pg_class WHERE relname = 'x'"), 0);
    ck_assert_int_eq(pg_logged("notice"), 1); /* and not on stderr */

    tx = begin(5000);
    GIVES(CINEMA_INTERNAL, pg_module()->script(tx, "COPY pg_class TO STDOUT", &err));
    pg_module()->rollback(tx);
    tx = begin(400);
    GIVES(CINEMA_TIMEOUT, pg_module()->script(tx, "SELECT 1; SELECT pg_sleep(10)", &err));
    pg_module()->rollback(tx);
    nobody_sleeps();
    ck_assert_int_eq(number("SELECT 7"), 7);
}

TEST(direct_transactions_use_the_direct_url)
{
    NEED_SERVER;
    char named[1100];
    db *both;
    db_tx *tx;
    db_statement s = pg_sql("SELECT current_setting('application_name')");
    db_rows rows;
    snprintf(named, sizeof named, "%s?application_name=straight", direct);
    OK(pg_test_open(url, named, 1, &both, &err));
    for (unsigned flags = 0; flags < 2; flags++) {
        OK(pg_module()->begin(both, flags, in_ms(5000), &tx, &err));
        OK(pg_module()->run(tx, &s, a, &rows, &err));
        ck_assert_str_eq(rows.first->cells[0].text,
                         flags & DB_TX_DIRECT ? "straight" : "libcinema");
        OK(pg_module()->commit(tx, &err));
    }
    pg_module()->close(both);
}

/* ---- a server that goes away --------------------------------------------------------------------- */

/* As a restart does: every other connection to this database ends. */
static void end_sessions(void)
{
    db *killer;
    OK(pg_test_open(direct, NULL, 1, &killer, &err));
    value_on(killer, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname "
                     "= current_database() AND pid <> pg_backend_pid()");
    usleep(100000);
    pg_module()->close(killer);
}

TEST(a_restart_between_two_calls_is_not_noticed)
{
    NEED_SERVER;
    make_film();
    db_tx *tx[4];
    for (int i = 0; i < 4; i++) { /* so that four connections are open */
        tx[i] = begin(5000);
        if (!test_on_pooler() || i < 2)
            OK(run(tx[i], "SELECT 1"));
    }
    for (int i = 0; i < 4; i++)
        OK(pg_module()->commit(tx[i], &err));
    end_sessions();
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(number("SELECT count(*) FROM film"), 2);
    end_sessions();
    tx[0] = begin(5000);
    OK(run(tx[0], "INSERT INTO film VALUES (3, 'Kagemusha', 1980)"));
    OK(pg_module()->commit(tx[0], &err));
    ck_assert_int_eq(number("SELECT count(*) FROM film"), 3);
}

TEST(a_restart_in_the_middle_ends_the_transaction)
{
    NEED_SERVER;
    make_film();
    db_tx *tx = begin(5000);
    OK(run(tx, "INSERT INTO film VALUES (3, 'Kagemusha', 1980)"));
    end_sessions();
    GIVES(CINEMA_UNAVAILABLE, run(tx, "INSERT INTO film VALUES (4, 'Rashomon', 1950)"));
    GIVES(CINEMA_MISUSE, run(tx, "SELECT 1"));
    GIVES(CINEMA_UNAVAILABLE, pg_module()->commit(tx, &err));
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
    db_tx *tx = begin(5000);
    OK(run(tx, "INSERT INTO t VALUES (1)"));
    GIVES(CINEMA_UNAVAILABLE, pg_module()->commit(tx, &err));
    ck_assert_str_eq(err.reason, "commit_unknown");
    ck_assert_int_eq(number("SELECT count(*) FROM t"), 0);
}

/* ---- doors that stay shut ------------------------------------------------------------------------ */

static void refused_at_once(const char *where, const char *reason, bool begin_too)
{
    db *other;
    db_rows rows;
    OK(pg_test_open(where, NULL, 1, &other, &err));
    int64_t before = clock_monotonic_ms();
    GIVES(CINEMA_UNAVAILABLE, read_on(other, "SELECT 1", &rows));
    ck_assert_msg(!strcmp(err.reason, reason), "%s: %s", err.reason, err.message);
    ck_assert_ptr_null(strstr(err.message, "hunter2"));
    db_tx *tx;
    if (begin_too)
        GIVES(CINEMA_UNAVAILABLE, pg_module()->begin(other, 0, in_ms(5000), &tx, &err));
    ck_assert_int_lt(clock_monotonic_ms() - before, 2000);
    ck_assert_int_eq(pg_logged("hunter2"), 0);
    pg_module()->close(other);
}

TEST(a_wrong_password_is_said_at_once)
{
    NEED_SERVER;
    char where[1024];
    other_url(where, sizeof where, direct, "cinema:hunter2", NULL, "");
    refused_at_once(where, "access_denied", true);
    other_url(where, sizeof where, url, "cinema:hunter2", NULL, "");
    refused_at_once(where, "access_denied", true);
    other_url(where, sizeof where, url, "nobody:hunter2", NULL, "");
    refused_at_once(where, "access_denied", true);
}

TEST(a_missing_database_is_said_at_once)
{
    NEED_SERVER;
    char where[1024], name[64];
    snprintf(name, sizeof name, "no_such_one_%d", (int)getpid());
    other_url(where, sizeof where, direct, NULL, name, "");
    refused_at_once(where, "no_database", true);
    if (!test_on_pooler())
        return;
    other_url(where, sizeof where, url, NULL, name, ""); /* asked again, pgbouncer waits 15 s */
    refused_at_once(where, "no_database", false);
}
