/* title_list.c - pages of titles: filters, sorts, cursors, totals.
 * A list is one range of one index for each status it shows; with several statuses the ranges are
 * read side by side and merged, so that the cost does not depend on how titles are spread.
 * A filter that leaves few titles is where reading begins, whatever they are sorted by; one that
 * leaves many is looked at along the way, for then the page is soon full.
 */
#include "base/handle.h"
#include "call/cursor.h"
#include "call/page.h"
#include "catalog/catalog.h"

#include "list.sql.h"

enum { LIMIT = 20, TOTAL_MAX = 10000, RARE = 1000, YEAR_MAX = 9999 };

static const char *const statuses[] = { "archived", "draft", "published" };
enum { STATUSES = COUNT_OF(statuses) };

/* Where reading begins. */
typedef enum start { ALONG_SORT, FROM_GENRE, FROM_YEARS, FROM_CHANGES } start;

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
    { "rating", DB_REAL, true, &SQL_list_by_rating, &SQL_list_after_rating, &SQL_list_before_rating,
      &SQL_list_order_rating, &SQL_list_order_rating_back },
    { "newest", DB_INT, true, &SQL_list_by_age, &SQL_list_after_age, &SQL_list_before_age,
      &SQL_list_order_age, &SQL_list_order_age_back },
};

/* A query on its way to becoming statements. */
typedef struct listing {
    cinema *cinema;
    const char *kind;
    const cinema_title_query *q;
    const sorting *sort;
    bool back;              /* highest first */
    const char *one_status; /* NULL: all */
    int64_t genre_nr;       /* 0: any */
    int64_t year_from, year_to;
    start start[STATUSES];
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

static bool has_years(const listing *l)
{
    return l->q->year_from || l->q->year_to;
}

/* A title without a year is before none and after none. */
static void choose_years(listing *l)
{
    l->year_from = l->q->year_from ? *l->q->year_from : 1;
    l->year_to = l->q->year_to ? *l->q->year_to : YEAR_MAX;
}

/* ---- the statement
 * ------------------------------------------------------------------------------------- */

static void add_from(const listing *l, db_sql *sql, size_t status)
{
    switch (l->start[status]) {
    case ALONG_SORT:
        db_add(sql, SQL_list_from, "");
        return;
    case FROM_GENRE:
        db_add(sql, SQL_list_from_genre, "");
        return;
    case FROM_YEARS:
        db_add(sql, SQL_list_from_years, "ttii", l->kind, statuses[status], l->year_from,
               l->year_to);
        return;
    case FROM_CHANGES:
        db_add(sql, SQL_list_from_changes, "tti", l->kind, statuses[status], *l->q->updated_since);
        return;
    }
}

/* `beside`: no filter may lead away from the sort's index. */
static void add_filters(const listing *l, db_sql *sql, size_t status, bool beside)
{
    start from = l->start[status];
    bool by_year = !strcmp(l->sort->name, "year");
    beside = beside && from == ALONG_SORT;
    db_add(sql, SQL_list_where, "tt", l->kind, statuses[status]);
    if (from == FROM_GENRE)
        db_add(sql, SQL_list_of_genre, "i", l->genre_nr);
    else if (from != ALONG_SORT)
        db_add(sql, SQL_list_of_few, "");
    if (l->genre_nr && from != FROM_GENRE)
        db_add(sql, SQL_list_in_genre, "i", l->genre_nr);
    if (has_years(l) && from != FROM_YEARS)
        db_add(sql, beside && !by_year ? SQL_list_years_beside : SQL_list_years, "ii", l->year_from,
               l->year_to);
    if (l->q->updated_since && from != FROM_CHANGES)
        db_add(sql, beside ? SQL_list_updated_since_beside : SQL_list_updated_since, "i",
               *l->q->updated_since);
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

static void add_range(const listing *l, db_sql *sql, size_t status)
{
    db_add(sql, *l->sort->select, "");
    add_from(l, sql, status);
    add_filters(l, sql, status, true);
    add_cursor(l, sql);
    db_add(sql, l->back ? *l->sort->order_back : *l->sort->order, "i", l->limit + 1);
}

static bool is_shown(const listing *l, size_t status)
{
    return !l->one_status || !strcmp(l->one_status, statuses[status]);
}

static void add_page(const listing *l, db_sql *sql)
{
    for (size_t i = 0; i < STATUSES; i++) {
        if (!is_shown(l, i))
            continue;
        if (!l->one_status)
            db_add(sql, i ? SQL_list_merge_next : SQL_list_merge_open, "");
        add_range(l, sql, i);
    }
    if (l->one_status)
        return;
    db_add(sql, SQL_list_merge_close, "");
    db_add(sql, l->back ? SQL_list_merge_order_back : SQL_list_merge_order, "i", l->limit + 1);
}

/* ---- totals
 * ---------------------------------------------------------------------------------------------- */

static bool filtered(const cinema_title_query *q)
{
    return q->genre || q->year_from || q->year_to || q->updated_since;
}

static void add_count(const listing *l, db_sql *sql, size_t status)
{
    db_add(sql, SQL_list_count_open, "");
    db_add(sql, SQL_list_count, "");
    add_from(l, sql, status);
    add_filters(l, sql, status, false);
    db_add(sql, SQL_list_count_close, "i", (int64_t)TOTAL_MAX + 1);
}

static size_t add_totals(const listing *l, db_sql *sql)
{
    size_t n = 0;
    if (!filtered(l->q)) {
        db_add(&sql[0], SQL_list_total_kept, "tt", l->kind, l->one_status ? l->one_status : "");
        return 1;
    }
    for (size_t i = 0; i < STATUSES; i++)
        if (is_shown(l, i))
            add_count(l, &sql[n++], i);
    return n;
}

/* ---- where to begin
 * ---------------------------------------------------------------------------------------- */

/* Questions of how many titles a filter leaves, up to RARE, and what the answers are about. */
typedef struct measuring {
    db_sql sql[1 + 2 * STATUSES];
    size_t status[1 + 2 * STATUSES];
    start start[1 + 2 * STATUSES];
    size_t count;
} measuring;

static db_sql *ask(measuring *m, const listing *l, start about, size_t status)
{
    m->status[m->count] = status;
    m->start[m->count] = about;
    db_sql_for(&m->sql[m->count], l->cinema);
    return &m->sql[m->count++];
}

static void ask_all(measuring *m, const listing *l)
{
    bool by_year = !strcmp(l->sort->name, "year"); /* then years are a range of its index */
    m->count = 0;
    if (l->q->genre)
        db_add(ask(m, l, FROM_GENRE, 0), SQL_list_genre, "ti", l->q->genre, (int64_t)RARE);
    for (size_t i = 0; i < STATUSES; i++) {
        if (!is_shown(l, i))
            continue;
        if (has_years(l) && !by_year)
            db_add(ask(m, l, FROM_YEARS, i), SQL_list_few_years, "ttiii", l->kind, statuses[i],
                   l->year_from, l->year_to, (int64_t)RARE);
        if (l->q->updated_since)
            db_add(ask(m, l, FROM_CHANGES, i), SQL_list_few_changes, "ttii", l->kind, statuses[i],
                   *l->q->updated_since, (int64_t)RARE);
    }
}

/* An unknown genre has no titles: number -1 is in no row. */
static int64_t take_genre(listing *l, const db_rows *rows)
{
    l->genre_nr = rows->count ? rows->first->cells[0].number : -1;
    return rows->count ? rows->first->cells[1].number : 0;
}

/* What leaves the fewest. */
static void choose_starts(listing *l, const measuring *m, const db_rows *rows)
{
    int64_t least[STATUSES] = { RARE, RARE, RARE };
    for (size_t i = 0; i < m->count; i++) {
        bool genre = m->start[i] == FROM_GENRE;
        int64_t n = genre ? take_genre(l, &rows[i]) : rows[i].first->cells[0].number;
        for (size_t k = genre ? 0 : m->status[i]; k < (genre ? STATUSES : m->status[i] + 1); k++)
            if (n < least[k]) {
                least[k] = n;
                l->start[k] = m->start[i];
            }
    }
}

static cinema_status measure(listing *l, arena *a, cinema_error *err)
{
    measuring m __attribute__((uninitialized)); /* 36 KiB, written before they are read */
    const db_sql *all[COUNT_OF(m.sql)];
    db_rows rows[COUNT_OF(m.sql)];
    ask_all(&m, l);
    for (size_t i = 0; i < m.count; i++)
        all[i] = &m.sql[i];
    cinema_status s = m.count ? db_read_all(l->cinema, all, m.count, a, rows, err) : CINEMA_OK;
    if (!s)
        choose_starts(l, &m, rows);
    return s;
}

/* ---- reading
 * ------------------------------------------------------------------------------------------------
 */

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
    cinema_status s = cursor_read(l->cinema, l->filters, l->q->after, a, &l->key, &l->nr, err);
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
    cinema_status s =
        p ? fields_check(&cinema__title_query, MODE_QUERY, q, a, NULL, err) : fail_memory(err);
    if (s)
        return s;
    listing l = { .cinema = c, .kind = kind, .q = q, .limit = q->limit ? q->limit : LIMIT };
    l.one_status = q->published_only ? "published" : q->status;
    choose_sort(&l);
    choose_years(&l);
    l.filters = filters_of(&l);
    if ((s = open_cursor(&l, a, err)) || (s = measure(&l, a, err)) ||
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
