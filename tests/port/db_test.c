/* db_test.c - the conformance suite of the SQL port: a driver is right when it passes.
 * Run on SQLite, and with CINEMA_TEST_URL on PostgreSQL, direct and through a pooler. Here: values,
 * rows, transactions; what fails is in db_failure_test.c, what threads do to each other in
 * db_together_test.c.
 */
#include "port/db_help.h"

#include <stdio.h>

#define THING                                                                                      \
    "CREATE TABLE thing (nr bigint PRIMARY KEY, t text, i bigint, d double precision, b boolean, " \
    "u uuid, x bytea)"
#define TWO "CREATE TABLE two (nr bigint PRIMARY KEY, t text UNIQUE)"

FIXTURE(db_start, db_stop)

static const db_value *cell(const db_rows *rows, size_t i)
{
    ck_assert_uint_eq(rows->count, 1);
    ck_assert_uint_lt(i, rows->columns);
    return &rows->first->cells[i];
}

static void is_text(const db_value *v, const char *want)
{
    ck_assert_int_eq(v->type, DB_TEXT);
    ck_assert_uint_eq(v->length, strlen(want));
    ck_assert_str_eq(v->text, want);
}

/* ---- values ---------------------------------------------------------------------------------- */

static const uuid some_uuid = { { 1, 0x98, 0, 0xff, 0x10, 0x20, 0x70, 0, 0x80, 1, 2, 3, 4, 5, 6,
                                  7 } };

TEST(a_value_of_each_type_comes_back)
{
    db_rows rows;
    change(THING);
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO thing VALUES ($1, $2, $3, $4, $5, $6, $7)", "itidbux", INT64_C(1),
           "Ikiru", INT64_C(-7), 0.1, 1, &some_uuid, "\0\xff\x01", (size_t)3));
    commit(tx);
    OK(get(d, &rows, "SELECT nr, t, i, d, b, u, x FROM thing", ""));
    ck_assert_uint_eq(rows.columns, 7);
    ck_assert_int_eq(cell(&rows, 0)->type, DB_INT);
    ck_assert_int_eq(cell(&rows, 0)->number, 1);
    is_text(cell(&rows, 1), "Ikiru");
    ck_assert_int_eq(cell(&rows, 2)->number, -7);
    ck_assert_int_eq(cell(&rows, 3)->type, DB_REAL);
    ck_assert(cell(&rows, 3)->real == 0.1);
    ck_assert_int_eq(cell(&rows, 4)->type, DB_INT); /* booleans are read as 0 and 1 */
    ck_assert_int_eq(cell(&rows, 4)->number, 1);
    ck_assert_int_eq(cell(&rows, 5)->type, DB_UUID);
    ck_assert_mem_eq(cell(&rows, 5)->blob, some_uuid.bytes, 16);
    ck_assert_int_eq(cell(&rows, 6)->type, DB_BLOB);
    ck_assert_uint_eq(cell(&rows, 6)->length, 3);
    ck_assert_mem_eq(cell(&rows, 6)->blob, "\0\xff\x01", 3);
}

TEST(a_null_of_each_type_comes_back)
{
    db_rows rows;
    change(THING);
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO thing VALUES ($1, $2, $3, NULL, NULL, $4, $5)", "itIux",
           INT64_C(1), NULL, NULL, NULL, NULL, (size_t)0));
    commit(tx);
    OK(get(d, &rows, "SELECT t, i, d, b, u, x FROM thing", ""));
    for (size_t i = 0; i < 6; i++)
        ck_assert_int_eq(cell(&rows, i)->type, DB_NULL);
    int64_t five = 5;
    OK(get(d, &rows, "SELECT CAST($1 AS bigint)", "I", &five));
    ck_assert_int_eq(cell(&rows, 0)->number, 5);
}

TEST(a_null_is_not_found_by_equals)
{
    db_rows rows;
    change(THING);
    change("INSERT INTO thing (nr) VALUES (1)");
    OK(get(d, &rows, "SELECT nr FROM thing WHERE t = $1", "t", NULL));
    ck_assert_uint_eq(rows.count, 0);
    OK(get(d, &rows, "SELECT nr FROM thing WHERE CAST($1 AS text) IS NULL", "t", NULL));
    ck_assert_uint_eq(rows.count, 1);
}

static const char *const texts[] = {
    "",
    "a",
    "'; DROP TABLE thing; --",
    "$1",
    "%_\\",
    "line\nline\ttab\r\n",
    "\xe4\xba\xba \xd0\xa4\xd0\xb8\xd0\xbb\xd1\x8c\xd0\xbc \xf0\x9f\x8e\xac",
    "e\xcc\x81",
    " a ",
    "123",
    "1e3",
    "0x10",
    "null",
    "true",
};

TEST_EACH(text_comes_back_as_it_was, (int)COUNT_OF(texts))
{
    db_rows rows;
    change(THING);
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO thing (nr, t) VALUES (1, $1)", "t", texts[_i]));
    commit(tx);
    OK(get(d, &rows, "SELECT t FROM thing WHERE t = $1", "t", texts[_i]));
    is_text(cell(&rows, 0), texts[_i]);
}

TEST(a_megabyte_of_text_comes_back)
{
    enum { SIZE = 1 << 20 };
    CLEANUP(freep) char *big = malloc(SIZE + 1);
    db_rows rows;
    for (size_t i = 0; i < SIZE; i++)
        big[i] = (char)('a' + i % 26);
    big[SIZE] = '\0';
    change(THING);
    db_tx *tx = begin();
    OK(run(tx, &rows, "INSERT INTO thing (nr, t) VALUES (1, $1) RETURNING t", "t", big));
    is_text(cell(&rows, 0), big);
    commit(tx);
    OK(get(d, &rows, "SELECT t FROM thing", ""));
    is_text(cell(&rows, 0), big);
}

static const int64_t numbers[] = { 0,         1,         -1,        INT64_MAX,
                                   INT64_MIN, INT32_MAX, INT32_MIN, (1LL << 53) + 1,
                                   255,       65536 };

TEST_EACH(numbers_come_back_exactly, (int)COUNT_OF(numbers))
{
    db_rows rows;
    change(THING);
    db_tx *tx = begin();
    OK(run(tx, &rows, "INSERT INTO thing (nr, i) VALUES ($1, $1) RETURNING i", "i", numbers[_i]));
    ck_assert_int_eq(cell(&rows, 0)->number, numbers[_i]);
    commit(tx);
    OK(get(d, &rows, "SELECT i FROM thing WHERE i = $1", "i", numbers[_i]));
    ck_assert_int_eq(cell(&rows, 0)->type, DB_INT);
    ck_assert_int_eq(cell(&rows, 0)->number, numbers[_i]);
}

static const double reals[] = { 0.0, 7.25, -1e-300, 1.7976931348623157e308, 1.0 / 3, 1e15, 3.0 };

TEST_EACH(reals_come_back_exactly, (int)COUNT_OF(reals))
{
    db_rows rows;
    change(THING);
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO thing (nr, d) VALUES (1, $1)", "d", reals[_i]));
    commit(tx);
    OK(get(d, &rows, "SELECT d FROM thing", ""));
    ck_assert_int_eq(cell(&rows, 0)->type, DB_REAL); /* also what is whole */
    ck_assert(cell(&rows, 0)->real == reals[_i]);
}

static const size_t lengths[] = { 0, 1, 15, 17, 1000, 300000 };

TEST_EACH(bytes_come_back_as_they_were, (int)COUNT_OF(lengths))
{
    size_t n = lengths[_i];
    CLEANUP(freep) unsigned char *bytes = malloc(n + 1);
    db_rows rows;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (unsigned char)(i * 7);
    change(THING);
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO thing (nr, x) VALUES (1, $1)", "x", bytes, n));
    commit(tx);
    OK(get(d, &rows, "SELECT x FROM thing", ""));
    ck_assert_int_eq(cell(&rows, 0)->type, DB_BLOB);
    ck_assert_uint_eq(cell(&rows, 0)->length, n);
    ck_assert_ptr_nonnull(cell(&rows, 0)->blob);
    ck_assert(!n || !memcmp(cell(&rows, 0)->blob, bytes, n));
}

TEST(sixteen_bytes_are_read_as_a_uuid)
{
    db_rows rows;
    change(THING);
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO thing (nr, x) VALUES (1, $1)", "x", some_uuid.bytes, (size_t)16));
    commit(tx);
    OK(get(d, &rows, "SELECT x FROM thing", ""));
    ck_assert_int_eq(cell(&rows, 0)->type, DB_UUID);
    ck_assert_mem_eq(cell(&rows, 0)->blob, some_uuid.bytes, 16);
}

TEST(a_uuid_is_found_by_its_bytes)
{
    db_rows rows;
    change(THING);
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO thing (nr, u) VALUES (7, $1)", "u", &some_uuid));
    commit(tx);
    OK(get(d, &rows, "SELECT nr FROM thing WHERE u = $1", "u", &some_uuid));
    ck_assert_int_eq(cell(&rows, 0)->number, 7);
}

TEST(booleans_are_bound_as_such)
{
    db_rows rows;
    change(THING);
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO thing (nr, b) VALUES (1, $1), (2, $2)", "bb", 1, 0));
    commit(tx);
    OK(get(d, &rows, "SELECT nr FROM thing WHERE b = true", ""));
    ck_assert_int_eq(cell(&rows, 0)->number, 1);
    OK(get(d, &rows, "SELECT nr FROM thing WHERE b = $1", "b", 0));
    ck_assert_int_eq(cell(&rows, 0)->number, 2);
}

/* ---- parameters ------------------------------------------------------------------------------ */

TEST(parameters_go_by_their_number)
{
    db_rows rows;
    OK(get(d, &rows, "SELECT CAST($2 AS text), CAST($1 AS bigint)", "it", INT64_C(5), "five"));
    is_text(cell(&rows, 0), "five");
    ck_assert_int_eq(cell(&rows, 1)->number, 5);
}

TEST(a_parameter_may_be_used_twice)
{
    db_rows rows;
    OK(get(d, &rows, "SELECT CAST($2 AS bigint) + $1 + $2 + $2", "ii", INT64_C(1), INT64_C(10)));
    ck_assert_int_eq(cell(&rows, 0)->number, 31);
}

TEST(sixty_four_parameters_are_told_apart)
{
    char text[2048] = "SELECT CAST($1 AS bigint)";
    db_value values[DB_VALUES_MAX];
    db_rows rows;
    int64_t want = 0;
    size_t n = strlen(text);
    for (int i = 0; i < DB_VALUES_MAX; i++) {
        values[i] = (db_value){ .type = DB_INT, .declared = DB_INT, .number = i + 1 };
        want += (i ? (i + 1) * 1000 : 1) * (int64_t)(i + 1);
        if (i)
            n += (size_t)snprintf(text + n, sizeof text - n, " + $%d * %d", i + 1, (i + 1) * 1000);
    }
    db_statement s = sql(text);
    s.values = values;
    s.count = DB_VALUES_MAX;
    OK(driver->read(d, &s, 1, soon(PATIENCE_MS), a, &rows, &err));
    ck_assert_int_eq(cell(&rows, 0)->number, want);
}

TEST(the_number_of_values_has_to_fit)
{
    static const char text[] = "SELECT CAST($1 AS bigint), CAST($2 AS bigint)";
    db_rows rows;
    ck_assert_int_ne(get(d, &rows, text, "i", INT64_C(1)), CINEMA_OK);
    ck_assert_int_ne(get(d, &rows, text, ""), CINEMA_OK);
    OK(get(d, &rows, text, "ii", INT64_C(1), INT64_C(2)));
}

TEST(values_may_be_gone_after_the_call)
{
    db_rows rows;
    change(TWO);
    db_tx *tx = begin();
    for (int64_t i = 0; i < 20; i++) {
        char t[20];
        snprintf(t, sizeof t, "text %d", (int)i);
        OK(run(tx, NULL, "INSERT INTO two VALUES ($1, $2)", "it", i, t));
        memset(t, '?', sizeof t);
    }
    commit(tx);
    OK(get(d, &rows, "SELECT t FROM two WHERE nr = 13", ""));
    is_text(cell(&rows, 0), "text 13");
}

/* ---- rows ------------------------------------------------------------------------------------ */

TEST(rows_come_in_order)
{
    db_rows rows;
    int64_t want = 20;
    change(TWO);
    change("INSERT INTO two (nr) WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c "
           "WHERE n < 20) SELECT n FROM c");
    OK(get(d, &rows, "SELECT nr, t FROM two ORDER BY nr DESC", ""));
    ck_assert_uint_eq(rows.count, 20);
    for (const db_row *row = rows.first; row; row = row->next)
        ck_assert_int_eq(row->cells[0].number, want--);
    ck_assert_int_eq(want, 0);
}

TEST(no_rows_have_columns)
{
    db_rows rows;
    change(TWO);
    OK(get(d, &rows, "SELECT nr, t FROM two", ""));
    ck_assert_uint_eq(rows.count, 0);
    ck_assert_uint_eq(rows.columns, 2);
    ck_assert_ptr_null(rows.first);
}

TEST(returning_gives_what_was_stored)
{
    db_rows rows;
    change("CREATE TABLE count (nr bigint PRIMARY KEY, n bigint NOT NULL DEFAULT 3)");
    db_tx *tx = begin();
    OK(run(tx, &rows, "INSERT INTO count (nr) VALUES ($1) RETURNING nr, n", "i", INT64_C(9)));
    ck_assert_int_eq(cell(&rows, 0)->number, 9);
    ck_assert_int_eq(cell(&rows, 1)->number, 3);
    ck_assert_int_eq(rows.changed, 1);
    OK(run(tx, &rows, "UPDATE count SET n = n + 1 WHERE nr = $1 RETURNING n", "i", INT64_C(9)));
    ck_assert_int_eq(cell(&rows, 0)->number, 4);
    OK(run(tx, NULL, "UPDATE count SET n = n + 1 RETURNING n", "")); /* nobody wants to know */
    OK(run(tx, &rows, "DELETE FROM count RETURNING n", ""));
    ck_assert_int_eq(cell(&rows, 0)->number, 5);
    commit(tx);
}

TEST(a_conflict_that_is_let_be_changes_nothing)
{
    static const char text[] = "INSERT INTO two VALUES ($1, $2) ON CONFLICT (t) DO NOTHING "
                               "RETURNING nr";
    db_rows rows;
    change(TWO);
    db_tx *tx = begin();
    OK(run(tx, &rows, text, "it", INT64_C(1), "slug"));
    ck_assert_int_eq(rows.changed, 1);
    OK(run(tx, &rows, text, "it", INT64_C(2), "slug"));
    ck_assert_uint_eq(rows.count, 0);
    ck_assert_int_eq(rows.changed, 0);
    OK(run(tx, &rows, text, "it", INT64_C(3), "slug-2")); /* the transaction goes on */
    commit(tx);
    ck_assert_int_eq(number("SELECT count(*) FROM two"), 2);
}

TEST(a_conflict_may_update)
{
    db_rows rows;
    change(TWO);
    db_tx *tx = begin();
    for (int i = 0; i < 2; i++) {
        OK(run(tx, &rows,
               "INSERT INTO two VALUES ($1, $2) ON CONFLICT (nr) DO UPDATE SET t = "
               "excluded.t",
               "it", INT64_C(1), i ? "new" : "old"));
        ck_assert_int_eq(rows.changed, 1);
    }
    commit(tx);
    ck_assert_int_eq(number("SELECT count(*) FROM two WHERE t = 'new'"), 1);
}

TEST(changed_rows_are_counted)
{
    static const struct {
        const char *text;
        int changed;
    } steps[] = {
        { "INSERT INTO two VALUES (1, 'a'), (2, 'b'), (3, 'c')", 3 },
        { "SELECT nr FROM two", 0 },
        { "UPDATE two SET t = t || 'x' WHERE nr > 1", 2 },
        { "UPDATE two SET t = t WHERE nr = 99", 0 },
        { "SELECT nr FROM two WHERE nr = 1", 0 },
        { "DELETE FROM two WHERE nr = 2", 1 },
        { "CREATE TABLE more (nr bigint)", 0 },
        { "DELETE FROM two", 2 },
        { "DELETE FROM two", 0 },
    };
    db_rows rows;
    change(TWO);
    db_tx *tx = begin();
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        OK(run(tx, &rows, steps[i].text, ""));
        ck_assert_msg(rows.changed == steps[i].changed, "%s: %d", steps[i].text, (int)rows.changed);
    }
    commit(tx);
}

TEST(several_statements_answer_in_their_order)
{
    db_rows rows[3];
    db_value v = { .type = DB_INT, .declared = DB_INT, .number = 2 };
    change(TWO);
    change("INSERT INTO two VALUES (1, 'a'), (2, 'b')");
    db_statement s[3] = { sql("SELECT count(*) FROM two"), sql("SELECT t FROM two WHERE nr = $1"),
                          sql("SELECT nr, t FROM two WHERE nr > 5") };
    s[1].values = &v;
    s[1].count = 1;
    OK(driver->read(d, s, 3, soon(PATIENCE_MS), a, rows, &err));
    ck_assert_int_eq(cell(&rows[0], 0)->number, 2);
    is_text(cell(&rows[1], 0), "b");
    ck_assert_uint_eq(rows[2].count, 0);
    ck_assert_uint_eq(rows[2].columns, 2);
}

TEST(one_wrong_statement_of_several_fails_them_all)
{
    db_rows rows[2];
    db_statement s[2] = { sql("SELECT 1"), sql("SELECT nonsense") };
    GIVES(CINEMA_INTERNAL, driver->read(d, s, 2, soon(PATIENCE_MS), a, rows, &err));
    s[1] = sql("SELECT 2");
    OK(driver->read(d, s, 2, soon(PATIENCE_MS), a, rows, &err));
}

/* ---- transactions ---------------------------------------------------------------------------- */

TEST(a_commit_is_seen_by_the_next_read)
{
    change(TWO);
    for (int i = 1; i <= 20; i++) {
        OK(add(d, "INSERT INTO two (nr, t) VALUES ($1, CAST($2 AS text))", i, i,
               soon(PATIENCE_MS)));
        ck_assert_int_eq(number("SELECT count(*) FROM two"), i);
    }
}

TEST(a_rollback_undoes_everything)
{
    change(TWO);
    change("INSERT INTO two VALUES (1, 'a')");
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO two VALUES (2, 'b')", ""));
    OK(run(tx, NULL, "UPDATE two SET t = 'z' WHERE nr = 1", ""));
    OK(run(tx, NULL, "CREATE TABLE three (nr bigint)", ""));
    driver->rollback(tx);
    ck_assert_int_eq(number("SELECT count(*) FROM two WHERE t = 'a'"), 1);
    ck_assert_int_eq(number("SELECT count(*) FROM two"), 1);
    db_rows rows;
    GIVES(CINEMA_UNAVAILABLE, get(d, &rows, "SELECT nr FROM three", ""));
}

TEST(only_the_writer_sees_what_is_not_committed)
{
    db_rows rows;
    change(TWO);
    db_tx *tx = begin();
    OK(run(tx, NULL, "INSERT INTO two VALUES (1, 'a')", ""));
    OK(run(tx, &rows, "SELECT count(*) FROM two", ""));
    ck_assert_int_eq(cell(&rows, 0)->number, 1);
    ck_assert_int_eq(number("SELECT count(*) FROM two"), 0);
    commit(tx);
    ck_assert_int_eq(number("SELECT count(*) FROM two"), 1);
}

TEST(what_is_committed_is_there_after_opening_again)
{
    change(TWO);
    change("INSERT INTO two VALUES (1, 'a')");
    driver->close(d);
    d = db_another(0);
    ck_assert_int_eq(number("SELECT count(*) FROM two"), 1);
}

TEST(a_transaction_may_do_nothing)
{
    commit(begin());
    driver->rollback(begin());
    change(TWO);
    ck_assert_int_eq(number("SELECT count(*) FROM two"), 0);
}

TEST(a_script_runs_all_of_its_statements)
{
    script("-- a comment; with a semicolon\n"
           "CREATE TABLE one (nr bigint PRIMARY KEY, t text);\n"
           "INSERT INTO one VALUES (1, 'a;b'); /* ; */\n"
           "INSERT INTO one VALUES (2, 'it''s');\n"
           "CREATE INDEX one_t ON one (t);\n\n");
    ck_assert_int_eq(number("SELECT count(*) FROM one WHERE t = 'a;b'"), 1);
    ck_assert_int_eq(number("SELECT count(*) FROM one"), 2);
}

TEST(a_script_that_fails_leaves_nothing)
{
    db_rows rows;
    db_tx *tx = begin();
    GIVES(CINEMA_INTERNAL,
          driver->script(tx,
                         "CREATE TABLE one (nr bigint); INSERT INTO one VALUES (1); "
                         "INSERT INTO nonsense nonsense",
                         &err));
    GIVES(CINEMA_MISUSE, driver->script(tx, "CREATE TABLE three (nr bigint)", &err));
    driver->rollback(tx);
    GIVES(CINEMA_UNAVAILABLE, get(d, &rows, "SELECT nr FROM one", ""));
}

TEST(a_direct_transaction_is_like_any_other)
{
    db_tx *tx;
    OK(driver->begin(d, DB_TX_DIRECT, soon(PATIENCE_MS), &tx, &err));
    OK(driver->script(tx, TWO, &err));
    OK(run(tx, NULL, "INSERT INTO two VALUES (1, 'a')", ""));
    commit(tx);
    ck_assert_int_eq(number("SELECT count(*) FROM two"), 1);
}

/* ---- opening --------------------------------------------------------------------------------- */

TEST(opening_and_closing_costs_nothing)
{
    for (int i = 0; i < 50; i++)
        driver->close(db_another(0)); /* connects to nothing */
    driver->close(NULL);
    ck_assert_int_eq(number("SELECT CAST(1 AS bigint)"), 1);
}

TEST(two_handles_see_each_others_work)
{
    db_rows rows;
    db *other = db_another(1);
    change(TWO);
    for (int i = 1; i < 20; i++) {
        OK(add(i % 2 ? d : other, "INSERT INTO two VALUES ($1, CAST($2 AS text))", i, i,
               soon(PATIENCE_MS)));
        OK(get(i % 2 ? other : d, &rows, "SELECT count(*) FROM two", ""));
        ck_assert_int_eq(cell(&rows, 0)->number, i);
    }
    driver->close(other);
}
