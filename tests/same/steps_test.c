/* steps_test.c - what statements cost on SQLite: a walk (walk.h) over a catalogue of 40,000 titles,
 * where each reading statement is run once more and its steps of the virtual machine are counted.
 * A table read whole costs far more than any bound here, whichever values are asked for: the walk's
 * own years, genres, names and times are rare in that catalogue, others are everywhere.
 */
#include "same/walk.h"

#include "base/handle.h"

#include <sqlite3.h>
#include <stdio.h>

enum { STEPS = 3000, PER_ROW = 300, PER_BYTE = 30 };

/* What a statement may cost however few rows it answers, by a part of its text; the first counts.
 */
static const struct {
    const char *text;
    int64_t steps;
    const char *why;
} bounds[] = {
    { "title_search", 1500000, "looks at the 10,000 entered last, three times (cinema/search.h)" },
    { "WHERE x.genre_nr = g.nr AND", 400000, "counts=true counts every title of each genre" },
    { "EXISTS (SELECT 1 FROM title_genre", 700000, "a genre that most films have, and no series" },
    { "+t.updated_at >=", 700000, "changes that are many but meet years or a place in the sort" },
    { "count(*) FROM ( SELECT 1 AS one", 250000, "totals are exact up to 10,000" },
    { "FROM person LIMIT", 100000, "the same of people" },
    { "SELECT 1 FROM title_genre x", 20000, "whether a genre has 1,000 titles" },
    { "count(*) FROM (SELECT 1 AS one", 20000, "whether a filter leaves 1,000 titles" },
    { "+t.year >=", 100000, "years that leave 1,000 titles or more, each looked at on the way" },
    { "FROM title_genre g CROSS", 60000, "up to 1,000 titles of a genre are sorted" },
    { "AS few CROSS JOIN", 60000, "up to 1,000 titles of a filter are sorted" },
    { "FROM credit c JOIN title t", 150000, "all that a person has is sorted: here 2,000" },
    { "", 5000, "an answer without rows" },
};

static sqlite3 *beside;
static int64_t too_many;

/* ---- the catalogue --------------------------------------------------------------------------- */

#define MANY(n) "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " #n ") "

static const char catalogue[] =
    "INSERT INTO genre (nr, id, slug, name, sort_key, revision, created_at, updated_at) VALUES "
    "(1001, CAST('genre-of-half-aa' AS blob), 'half', 'Half', 'half', 1, 0, 0),"
    "(1002, CAST('genre-of-a-few-a' AS blob), 'few', 'Few', 'few', 1, 0, 0);" MANY(
        40000) "INSERT INTO title (id, kind, status, slug, revision, title, sort_key, year, "
               "popularity, "
               "rating, votes, genres, language, created_at, updated_at) SELECT "
               "CAST(printf('%016d', i) AS blob), CASE WHEN i % 10 THEN 'movie' ELSE 'series' END, "
               "CASE i % 50 WHEN 1 THEN 'draft' WHEN 2 THEN 'archived' ELSE 'published' END, "
               "'generated-' || i, 1, 'Generated ' || i, printf('generated %05d', i * 7919 % "
               "40000), "
               "CASE i % 13001 WHEN 5 THEN 1955 ELSE 1962 + i % 60 END, i * 31 % 1000003, 1 + i % "
               "91 / 10.0, "
               "1, 'half', 'en', 1700000000000, 1700000000000 + i FROM n;"
               "INSERT INTO title_genre (genre_nr, title_nr) SELECT 1001, nr FROM title WHERE nr % "
               "2;"
               "INSERT INTO title_genre (genre_nr, title_nr) SELECT 1002, nr FROM title WHERE nr % "
               "9001 = 7;"
               "INSERT INTO title_external_id (source, value, title_nr) SELECT 'imdb', 'gg' || nr, "
               "nr "
               "FROM title;" MANY(10000) "INSERT INTO person (id, slug, name, sort_key, revision, "
                                         "created_at, updated_at) SELECT "
                                         "CAST(printf('p%015d', i) AS blob), 'generated-' || i, "
                                         "'Generated ' || i, "
                                         "printf('generated %05d', i), 1, 0, 0 FROM n;"
                                         "INSERT INTO credit (title_nr, part, ordinal, person_nr, "
                                         "role) SELECT nr, x.value % 2, "
                                         "x.value / 2, CASE WHEN x.value = 3 AND nr % 20 = 0 THEN "
                                         "1 ELSE nr * (x.value + 3) % 10000 + 1 END, "
                                         "'Role' FROM title, json_each('[0,1,2,3]') x;"
                                         "INSERT INTO title_search (rowid, words) SELECT nr, "
                                         "'generated the ' || nr FROM title;"
                                         "UPDATE title_total SET total = (SELECT count(*) FROM "
                                         "title t WHERE t.kind = title_total.kind "
                                         "AND t.status = title_total.status);";

static void fill(cinema *c)
{
    cinema_error err;
    db_tx *tx = NULL;
    call_deadline_set(DEADLINE_NONE);
    OK(db_begin(c, &tx, &err));
    OK(db_script(tx, catalogue, &err));
    OK(db_commit(&tx, &err));
    call_deadline_set(0);
}

/* ---- counting -------------------------------------------------------------------------------- */

static void bind(sqlite3_stmt *h, const db_statement *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const db_value *v = &s->values[i];
        char name[24];
        snprintf(name, sizeof name, "$%zu", i + 1);
        int at = sqlite3_bind_parameter_index(h, name);
        if (v->type == DB_INT || v->type == DB_BOOL)
            sqlite3_bind_int64(h, at, v->number);
        else if (v->type == DB_REAL)
            sqlite3_bind_double(h, at, v->real);
        else if (v->type == DB_TEXT)
            sqlite3_bind_text(h, at, v->text, (int)v->length, SQLITE_STATIC);
        else if (v->type != DB_NULL)
            sqlite3_bind_blob(h, at, v->blob, (int)v->length, SQLITE_STATIC);
    }
}

/* Lists of keys come as text: what is asked for counts as well. */
static int64_t bound_of(const db_statement *s, int64_t rows)
{
    int64_t bytes = 0;
    size_t i = 0;
    while (!strstr(s->text, bounds[i].text))
        i++;
    for (size_t k = 0; k < s->count; k++)
        bytes += s->values[k].type == DB_TEXT ? s->values[k].length : 0;
    return bounds[i].steps + rows * PER_ROW + bytes * PER_BYTE;
}

static void judge(sqlite3_stmt *h, const db_statement *s, int64_t rows)
{
    int64_t steps = sqlite3_stmt_status(h, SQLITE_STMTSTATUS_VM_STEP, 0);
    if (steps <= bound_of(s, rows))
        return;
    char *text = sqlite3_expanded_sql(h);
    printf("%lld steps for %lld rows, at most %lld: %s\n", (long long)steps, (long long)rows,
           (long long)bound_of(s, rows), text);
    sqlite3_free(text);
    too_many++;
}

static void count(const db_statement *s, bool read, void *user)
{
    sqlite3_stmt *h = NULL;
    int64_t rows = 0;
    (void)read, (void)user;
    ck_assert_int_eq(sqlite3_prepare_v2(beside, s->text, -1, &h, NULL), SQLITE_OK);
    if (sqlite3_stmt_readonly(h)) {
        bind(h, s);
        while (sqlite3_step(h) == SQLITE_ROW)
            rows++;
        judge(h, s, rows);
    }
    sqlite3_finalize(h);
}

TEST(sqlite_works_in_proportion_to_what_it_answers)
{
    static walk w;
    unsetenv("SAME_POSTGRES");
    walk_open(&w);
    fill(w.engines[0].c);
    const char *url = cinema_setting(w.engines[0].c, "CINEMA_DATABASE_URL");
    ck_assert_int_eq(sqlite3_open(url + strlen("sqlite:"), &beside), SQLITE_OK);
    w.engines[0].seen = count;
    for (int i = 0; i < STEPS; i++)
        walk_step(&w);
    printf("seed %llu\n", (unsigned long long)w.seed);
    fflush(stdout);
    ck_assert_int_eq(too_many, 0);
    sqlite3_close(beside);
    walk_close(&w);
}
