/* query.c - finding titles: one statement that is put together from what is asked for.
 * It has three parts, each with the same filters: titles that begin with the query, titles with
 * exactly its words, titles with longer ones. Each looks at a bounded number of rows; what the
 * bounds mean is said in cinema/search.h.
 */
#include "search/query.h"

#include "base/handle.h"
#include "base/unicode.h"
#include "call/cursor.h"
#include "call/page.h"
#include "search/words.h"

#include "search.sql.h"
#include "title.sql.h"

enum { LIMIT = 20, LOOKED_AT = 400 };

static const field query_fields[] = {
    { IN(cinema_search_query, q, TEXT), .needed = true, .min = 1, .max = 200,
      .help = "words: all have to occur, the last may be the beginning of a longer one" },
    { IN(cinema_search_query, type, TEXT), .one_of = "movie series episode" },
    { IN(cinema_search_query, genre, TEXT), .min = 1, .max = 80, .help = "slug of a genre" },
    { IN(cinema_search_query, language, TEXT), .min = 2, .max = 35,
      .help = "original language, a BCP 47 tag" },
    { IN(cinema_search_query, year_from, NUMBER), .min = 1888, .max = 9999 },
    { IN(cinema_search_query, year_to, NUMBER), .min = 1888, .max = 9999 },
    { IN(cinema_search_query, after, TEXT), .min = 1, .max = 2000,
      .help = "next of the page before" },
    { IN(cinema_search_query, limit, LIMIT), .min = 1, .max = 100, .help = "20 unless given" },
    { IN(cinema_search_query, total, FLAG), .help = "count all, exactly below 400" },
};
const field_table cinema__search_query = QUERY("search", query_fields, cinema_search_query);

/* A query on its way to becoming a statement. */
typedef struct search {
    cinema *cinema;
    const cinema_search_query *q;
    search_terms terms;
    const char *key, *key_end; /* sort keys that begin with the query's lie between */
    uint64_t filters;
    db_value after; /* of the cursor, with its row number */
    int64_t nr;
    int64_t limit;
} search;

/* --- the statement --- */

static void add_filters(const search *x, db_sql *sql)
{
    const cinema_search_query *q = x->q;
    if (q->published_only)
        db_add(sql, SQL_title_shown, "");
    if (q->type)
        db_add(sql, SQL_search_type, "t", q->type);
    if (q->genre)
        db_add(sql, SQL_search_genre, "t", q->genre);
    if (q->language)
        db_add(sql, SQL_search_language, "t", q->language);
    if (q->year_from)
        db_add(sql, SQL_search_year_from, "i", *q->year_from);
    if (q->year_to)
        db_add(sql, SQL_search_year_to, "i", *q->year_to);
}

static void add_words(const search *x, db_sql *sql, const char *terms)
{
    db_add(sql, SQL_search_words, "ttt", x->key, x->key_end, terms);
    add_filters(x, sql);
    db_add(sql, SQL_search_words_end, "");
}

/* All that is looked at. */
static void add_candidates(const search *x, db_sql *sql)
{
    db_add(sql, SQL_search_titles, "tt", x->key, x->key_end);
    add_filters(x, sql);
    db_add(sql, SQL_search_titles_end, "");
    add_words(x, sql, x->terms.exact);
    if (x->terms.longer) {
        db_add(sql, SQL_search_union, "");
        add_words(x, sql, x->terms.longer);
    }
    db_add(sql, SQL_search_close, "");
}

static void add_page(const search *x, db_sql *sql)
{
    db_add(sql, SQL_search_open, "");
    add_candidates(x, sql);
    if (x->q->after)
        db_add(sql, SQL_search_after, "ii", x->after.number, x->nr);
    db_add(sql, SQL_search_order, "i", x->limit + 1);
}

static void add_count(const search *x, db_sql *sql)
{
    db_add(sql, SQL_search_count, "");
    add_candidates(x, sql);
    db_add(sql, SQL_search_count_end, "");
}

/* --- reading --- */

/* What ties a cursor to its query: everything but limit and cursor. */
static uint64_t filters_of(const search *x)
{
    db_sql sql;
    db_sql_for(&sql, x->cinema);
    db_add(&sql, SQL_search_open, "tttttIIb", x->q->q, x->q->type, x->q->genre, x->q->language,
           x->terms.exact, x->q->year_from, x->q->year_to, x->q->published_only);
    return db_hash(&sql);
}

static cinema_status prepare(search *x, arena *a, cinema_error *err)
{
    static const char last[] = "\xF4\x8F\xBF\xBF"; /* U+10FFFF: above all that keys hold */
    CLEANUP(freep) char *key = NULL;
    db_sql engine;
    db_sql_for(&engine, x->cinema);
    if (search_terms_read(x->q->q, engine.postgres, a, &x->terms) ||
        unicode_sort_key(x->q->q, &key) || !(x->key = arena_copy(a, key, strlen(key))) ||
        !(x->key_end = arena_format(a, "%s%s", key, last)))
        return fail_memory(err);
    x->filters = filters_of(x);
    if (!x->q->after)
        return CINEMA_OK;
    cinema_status s = cursor_read(x->cinema, x->filters, x->q->after, a, &x->after, &x->nr, err);
    if (!s && x->after.type != DB_INT)
        return fail(err, CINEMA_INTERNAL, NULL, NULL, "a cursor of ours has another type");
    return s;
}

static cinema_status read_page(const search *x, arena *a, cinema_title_page *p, cinema_error *err)
{
    db_sql sql[2];
    const db_sql *all[] = { &sql[0], &sql[1] };
    db_rows rows[2];
    db_sql_for(&sql[0], x->cinema);
    db_sql_for(&sql[1], x->cinema);
    add_page(x, &sql[0]);
    if (x->q->total)
        add_count(x, &sql[1]);
    cinema_status s = db_read_all(x->cinema, all, x->q->total ? 2 : 1, a, rows, err);
    if (s)
        return s;
    if (x->q->total) {
        int64_t n = rows[1].first->cells[0].number;
        p->total_capped = n >= LOOKED_AT;
        p->total = p->total_capped ? LOOKED_AT : n;
    }
    return page_fill(x->cinema, &cinema__title_summary, x->filters, &rows[0], (size_t)x->limit, a,
                     (op_page *)p, err);
}

static cinema_status find(cinema *c, cinema_search_query *q, arena *a, cinema_title_page **ret,
                          cinema_error *err)
{
    cinema_title_page *p = record_new(a, sizeof *p);
    search x = { .cinema = c, .q = q };
    cinema_status s;
    if (!p)
        return fail_memory(err);
    if (!q->q)
        return fail(err, CINEMA_INVALID, NULL, "q", "q: is required");
    if ((s = fields_check(&cinema__search_query, MODE_QUERY, q, a, NULL, err)) ||
        (s = prepare(&x, a, err)))
        return s;
    x.limit = q->limit ? q->limit : LIMIT;
    p->total = q->total ? 0 : CINEMA_ABSENT;
    if (x.terms.exact && (s = read_page(&x, a, p, err)))
        return s;
    *ret = p;
    return CINEMA_OK;
}

cinema_status cinema_search_sized(cinema *c, const cinema_search_query *query, size_t size,
                                  cinema_title_page **ret, cinema_error *err)
{
    cinema_search_query q;
    cinema_status s = TAKE(q, query, size, err);
    arena *a = s ? NULL : arena_new(8192, 0);
    if (!a)
        return s ? s : fail_memory(err);
    if ((s = find(c, &q, a, ret, err)))
        arena_free(a);
    return s;
}

void cinema_search_page_free(cinema_title_page *p)
{
    record_free(p);
}
