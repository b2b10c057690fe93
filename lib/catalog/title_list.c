/* title_list.c - pages of titles: filters, sorts, cursors, totals.
 * A list is one range of one index for each status it shows; with several statuses the ranges are
 * read side by side and merged, so that the cost does not depend on how titles are spread.
 */
#include "base/handle.h"
#include "call/cursor.h"
#include "call/page.h"
#include "catalog/catalog.h"

#include "list.sql.h"

enum { LIMIT = 20, TOTAL_MAX = 10000, RARE = 1000 };

static const char *const statuses[] = { "archived", "draft", "published" };

/* One way to sort: its statements, and whether its plain name means "highest first". */
typedef struct sorting {
    const char *name;
    db_type key;
    bool high_first;
    const db_text *select, *after, *before, *order, *order_back;
} sorting;

static const sorting sortings[] = {
    { "title", DB_TEXT, false, &SQL_list_by_title, &SQL_list_after_title, &SQL_list_before_title,
      &SQL_list_order_title, &SQL_list_order_title_back },
    { "year", DB_INT, false, &SQL_list_by_year, &SQL_list_after_year, &SQL_list_before_year,
      &SQL_list_order_year, &SQL_list_order_year_back },
    { "popularity", DB_INT, true, &SQL_list_by_popularity, &SQL_list_after_popularity,
      &SQL_list_before_popularity, &SQL_list_order_popularity, &SQL_list_order_popularity_back },
    { "rating", DB_REAL, true, &SQL_list_by_rating, &SQL_list_after_rating,
      &SQL_list_before_rating, &SQL_list_order_rating, &SQL_list_order_rating_back },
    { "newest", DB_INT, true, &SQL_list_by_age, &SQL_list_after_age, &SQL_list_before_age,
      &SQL_list_order_age, &SQL_list_order_age_back },
};

/* A query on its way to becoming statements. */
typedef struct listing {
    cinema *cinema;
    const char *kind;
    const cinema_title_query *q;
    const sorting *sort;
    bool back; /* highest first */
    const char *one_status; /* NULL: all */
    int64_t genre_nr;       /* 0: any */
    bool rare_genre;        /* few enough titles to start from the genre */
    uint64_t filters;
    db_value key; /* of the cursor */
    int64_t nr;
    int64_t limit;
} listing;

static void choose_sort(listing *l)
{
    const char *name = l->q->sort ? l->q->sort : "title";
    bool turned = *name == '-';
    size_t i = 0;
    while (strcmp(sortings[i].name, name + turned))
        i++; /* fields_check has seen to it that there is one */
    l->sort = &sortings[i];
    l->back = l->sort->high_first != turned;
}

/* ---- the statement ------------------------------------------------------------------------------------- */

static void add_filters(const listing *l, db_sql *sql, const char *status)
{
    db_add(sql, SQL_list_where, "tt", l->kind, status);
    if (l->genre_nr && !l->rare_genre)
        db_add(sql, SQL_list_in_genre, "i", l->genre_nr);
    if (l->q->year_from)
        db_add(sql, SQL_list_year_from, "i", *l->q->year_from);
    if (l->q->year_to)
        db_add(sql, SQL_list_year_to, "i", *l->q->year_to);
    if (l->q->updated_since)
        db_add(sql, SQL_list_updated_since, "i", *l->q->updated_since);
}

static void add_cursor(const listing *l, db_sql *sql)
{
    db_text after = l->back ? *l->sort->before : *l->sort->after;
    if (!l->q->after)
        return;
    if (l->sort->key == DB_TEXT)
        db_add(sql, after, "ti", l->key.text, l->nr);
    else if (l->sort->key == DB_REAL)
        db_add(sql, after, "di", l->key.real, l->nr);
    else
        db_add(sql, after, "ii", l->key.number, l->nr);
}

static void add_range(const listing *l, db_sql *sql, const char *status)
{
    db_add(sql, *l->sort->select, "");
    if (l->rare_genre)
        db_add(sql, SQL_list_of_genre, "i", l->genre_nr);
    add_filters(l, sql, status);
    add_cursor(l, sql);
    db_add(sql, l->back ? *l->sort->order_back : *l->sort->order, "i", l->limit + 1);
}

static void add_page(const listing *l, db_sql *sql)
{
    if (l->one_status) {
        add_range(l, sql, l->one_status);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        db_add(sql, i ? SQL_list_merge_next : SQL_list_merge_open, "");
        add_range(l, sql, statuses[i]);
    }
    db_add(sql, SQL_list_merge_close, "");
    db_add(sql, l->back ? SQL_list_merge_order_back : SQL_list_merge_order, "i", l->limit + 1);
}

/* ---- totals ---------------------------------------------------------------------------------------------- */

static bool filtered(const cinema_title_query *q)
{
    return q->genre || q->year_from || q->year_to || q->updated_since;
}

static void add_count(const listing *l, db_sql *sql, const char *status)
{
    db_add(sql, SQL_list_count_open, "");
    db_add(sql, SQL_list_count, "");
    if (l->rare_genre)
        db_add(sql, SQL_list_of_genre, "i", l->genre_nr);
    add_filters(l, sql, status);
    db_add(sql, SQL_list_count_close, "i", (int64_t)TOTAL_MAX + 1);
}

static size_t add_totals(const listing *l, db_sql *sql)
{
    if (!filtered(l->q)) {
        db_add(&sql[0], SQL_list_total_kept, "tt", l->kind, l->one_status ? l->one_status : "");
        return 1;
    }
    if (l->one_status) {
        add_count(l, &sql[0], l->one_status);
        return 1;
    }
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        add_count(l, &sql[i], statuses[i]);
    return COUNT_OF(statuses);
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

/* An unknown genre has no titles: number -1 is in no row. */
static cinema_status find_genre(listing *l, arena *a, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    if (!l->q->genre)
        return CINEMA_OK;
    db_sql_for(&sql, l->cinema);
    db_add(&sql, SQL_list_genre, "ti", l->q->genre, (int64_t)RARE);
    cinema_status s = db_read(l->cinema, &sql, a, &rows, err);
    if (s)
        return s;
    l->genre_nr = rows.count ? rows.first->cells[0].number : -1;
    l->rare_genre = !rows.count || rows.first->cells[1].number < RARE;
    return CINEMA_OK;
}

/* What ties a cursor to its list: everything but limit and cursor. */
static uint64_t filters_of(const listing *l)
{
    db_sql sql;
    int64_t since = l->q->updated_since ? *l->q->updated_since : 0;
    db_sql_for(&sql, l->cinema);
    db_add(&sql, *l->sort->select, "");
    db_add(&sql, SQL_list_where, "ttbtIIi", l->kind, l->one_status, l->back, l->q->genre,
           l->q->year_from, l->q->year_to, since);
    return db_hash(&sql);
}

static cinema_status open_cursor(listing *l, arena *a, cinema_error *err)
{
    if (!l->q->after)
        return CINEMA_OK;
    cinema_status s =
        cursor_read(l->cinema, l->filters, l->q->after, a, &l->key, &l->nr, err);
    if (!s && l->key.type != l->sort->key)
        return fail(err, CINEMA_INTERNAL, NULL, NULL, "a cursor of ours has another type");
    return s;
}

static void add_up(const db_rows *rows, size_t count, cinema_title_page *p)
{
    int64_t total = 0;
    for (size_t i = 0; i < count; i++)
        if (rows[i].first && rows[i].first->cells[0].type == DB_INT)
            total += rows[i].first->cells[0].number;
    p->total_capped = total > TOTAL_MAX;
    p->total = p->total_capped ? TOTAL_MAX : total;
}

static cinema_status read_page(listing *l, arena *a, cinema_title_page *p, cinema_error *err)
{
    db_sql sql[1 + COUNT_OF(statuses)];
    const db_sql *all[COUNT_OF(sql)];
    db_rows rows[COUNT_OF(sql)];
    size_t counts = 0;
    for (size_t i = 0; i < COUNT_OF(sql); i++) {
        db_sql_for(&sql[i], l->cinema);
        all[i] = &sql[i];
    }
    add_page(l, &sql[0]);
    if (l->q->total)
        counts = add_totals(l, &sql[1]);
    cinema_status s = db_read_all(l->cinema, all, 1 + counts, a, rows, err);
    if (s)
        return s;
    p->total = CINEMA_ABSENT;
    if (l->q->total)
        add_up(&rows[1], counts, p);
    return page_fill(l->cinema, &cinema__title_summary, l->filters, &rows[0], (size_t)l->limit, a,
                     (op_page *)p, err);
}

static cinema_status list(cinema *c, const char *kind, cinema_title_query *q, arena *a,
                          cinema_title_page **ret, cinema_error *err)
{
    cinema_title_page *p = record_new(a, sizeof *p);
    cinema_status s = p ? fields_check(&cinema__title_query, MODE_QUERY, q, a, NULL, err)
                        : fail_memory(err);
    if (s)
        return s;
    listing l = { .cinema = c, .kind = kind, .q = q, .limit = q->limit ? q->limit : LIMIT };
    l.one_status = q->published_only ? "published" : q->status;
    choose_sort(&l);
    l.filters = filters_of(&l);
    if ((s = open_cursor(&l, a, err)) || (s = find_genre(&l, a, err)) ||
        (s = read_page(&l, a, p, err)))
        return s;
    *ret = p;
    return CINEMA_OK;
}

cinema_status title__list(cinema *c, const char *kind, const cinema_title_query *query, size_t size,
                          cinema_title_page **ret, cinema_error *err)
{
    cinema_title_query q;
    cinema_status s = TAKE(q, query, size, err);
    if (s)
        return s;
    if (q.published_only && q.status && strcmp(q.status, "published"))
        return fail(err, CINEMA_INVALID, "one_of", "status", "status: only published is shown");
    arena *a = arena_new(8192, 0);
    if (!a)
        return fail_memory(err);
    if ((s = list(c, kind, &q, a, ret, err)))
        arena_free(a);
    return s;
}
