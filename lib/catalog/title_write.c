/* title_write.c - parts of a transaction that write a title: row, slug, genres, external ids.
 */
#include "base/handle.h"
#include "base/unicode.h"
#include "catalog/catalog.h"

#include "title.sql.h"

#include <stdio.h>

enum { SLUG_ATTEMPTS = 200 };

static int64_t or_zero(int64_t n)
{
    return n == CINEMA_ABSENT ? 0 : n;
}

static const int64_t *or_null(const int64_t *n)
{
    return *n == CINEMA_ABSENT ? NULL : n;
}

/* ---- what is computed before the transaction
 * ---------------------------------------------------------- */

static char *joined(const cinema_texts *l, arena *a)
{
    size_t n = 1;
    for (size_t i = 0; i < l->count; i++)
        n += strlen(l->items[i]) + 1;
    char *text = arena_text(a, n), *p = text;
    for (size_t i = 0; text && i < l->count; i++) {
        size_t length = strlen(l->items[i]);
        if (i)
            *p++ = ' ';
        memcpy(p, l->items[i], length);
        p += length;
    }
    if (text)
        *p = '\0';
    return text;
}

/* Keys that follow from the fields. */
static cinema_status derive(title_draft *d, arena *a, cinema_error *err)
{
    CLEANUP(freep) char *key = NULL;
    cinema_status s = unicode_sort_key(d->m->title, &key);
    if (s)
        return fail_memory(err);
    d->sort_key = arena_copy(a, key, strlen(key));
    d->genres = joined(&d->m->genres, a);
    return d->sort_key && d->genres ? CINEMA_OK : fail_memory(err);
}

cinema_status title__draft(cinema *c, const char *kind, const cinema_title_input *in, arena *a,
                           title_draft *ret, cinema_error *err)
{
    cinema_title *m = record_new(a, sizeof *m);
    char *id = arena_text(a, UUID_TEXT);
    uuid u;
    if (!m || !id)
        return fail_memory(err);
    uuid_new(c, &u);
    uuid_text(&u, id);
    fields_clear_record(&cinema__title, m);
    m->id = id;
    m->kind = kind;
    m->revision = 1;
    m->popularity = m->votes = 0;
    m->created_at = m->updated_at = now_ms(c);
    *ret = (title_draft){ .m = m, .season_nr = CINEMA_ABSENT, .episode_number = CINEMA_ABSENT };
    if (fields_merge(&cinema__title, in, m, a))
        return fail_memory(err);
    return derive(ret, a, err);
}

/* ---- genres, external ids, totals
 * ------------------------------------------------------------------------- */

static cinema_status add_genres(db_tx *tx, const title_draft *d, arena *a, cinema_error *err)
{
    const cinema_texts *l = &d->m->genres;
    for (size_t i = 0; i < l->count; i++) {
        char path[32];
        db_sql sql;
        db_rows rows;
        db_sql_for_tx(&sql, tx);
        db_add(&sql, SQL_title_genre_add, "ti", l->items[i], d->nr);
        cinema_status s = db_run(tx, &sql, a, &rows, err);
        if (s)
            return s;
        snprintf(path, sizeof path, "genres[%zu]", i);
        if (!rows.changed)
            return fail(err, CINEMA_INVALID, "unknown_genre", path, "%s: there is no genre %.60s",
                        path, l->items[i]);
    }
    return CINEMA_OK;
}

static cinema_status add_external_ids(db_tx *tx, const title_draft *d, arena *a, cinema_error *err)
{
    const cinema_pairs *l = &d->m->external_ids;
    for (size_t i = 0; i < l->count; i++) {
        char path[64];
        db_sql sql;
        db_rows rows;
        db_sql_for_tx(&sql, tx);
        db_add(&sql, SQL_external_id_add, "tti", l->items[i].name, l->items[i].value, d->nr);
        cinema_status s = db_run(tx, &sql, a, &rows, err);
        if (s)
            return s;
        snprintf(path, sizeof path, "external_ids.%.40s", l->items[i].name);
        if (!rows.changed)
            return fail(err, CINEMA_CONFLICT, "external_id_taken", path,
                        "another title has the external id %.32s:%.60s", l->items[i].name,
                        l->items[i].value);
    }
    return CINEMA_OK;
}

cinema_status title__total(db_tx *tx, const char *kind, const char *status, int64_t delta,
                           cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_title_total_add, "tti", kind, status, delta);
    return db_run(tx, &sql, NULL, NULL, err);
}

cinema_status title__touch(cinema *c, db_tx *tx, int64_t nr, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_title_touch, "ii", nr, now_ms(c));
    return db_run(tx, &sql, NULL, NULL, err);
}

/* ---- a new title
 * --------------------------------------------------------------------------------------------- */

static cinema_status insert_row(db_tx *tx, const title_draft *d, const char *slug, arena *a,
                                db_rows *rows, cinema_error *err)
{
    const cinema_title *m = d->m;
    db_sql sql;
    uuid id;
    uuid_parse(m->id, &id);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_title_insert, "utttttiittttItIIit", &id, m->kind, m->status, slug, m->title,
           d->sort_key, or_zero(m->year), m->popularity, d->genres, m->poster_url,
           m->original_title, m->released_on, or_null(&m->runtime_minutes), m->language,
           or_null(&d->season_nr), or_null(&d->episode_number), m->created_at, m->overview);
    return db_run(tx, &sql, a, rows, err);
}

/* The first slug that nobody has. */
static cinema_status insert_with_slug(db_tx *tx, title_draft *d, arena *a, cinema_error *err)
{
    char slug[SLUG_MAX + 1];
    db_rows rows;
    for (int attempt = 1; attempt <= SLUG_ATTEMPTS; attempt++) {
        cinema_status s = slug_make(d->m->title, d->m->year, "title", attempt, slug);
        if (s)
            return fail_memory(err);
        if ((s = insert_row(tx, d, slug, a, &rows, err)))
            return s;
        if (rows.count) {
            d->nr = rows.first->cells[0].number;
            d->m->slug = arena_copy(a, slug, strlen(slug));
            return d->m->slug ? CINEMA_OK : fail_memory(err);
        }
    }
    return fail(err, CINEMA_CONFLICT, "slug_taken", "title",
                "too many titles have this name and year");
}

cinema_status title__insert(cinema *c, db_tx *tx, title_draft *d, arena *a, cinema_error *err)
{
    cinema_status s;
    (void)c;
    if ((s = insert_with_slug(tx, d, a, err)) || (s = add_genres(tx, d, a, err)) ||
        (s = add_external_ids(tx, d, a, err)))
        return s;
    return title__total(tx, d->m->kind, d->m->status, 1, err);
}

/* ---- a title that is there
 * --------------------------------------------------------------------------------------- */

cinema_status title__lock_genres(db_tx *tx, const cinema_texts *genres, arena *a, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    if (!sql.postgres || !genres->count)
        return CINEMA_OK;
    char *slugs = joined(genres, a);
    if (!slugs)
        return fail_memory(err);
    db_add(&sql, SQL_title_genre_lock, "t", slugs);
    return db_run(tx, &sql, NULL, NULL, err);
}

static cinema_status lock_row(db_tx *tx, const char *kind, const title_name *n, arena *a,
                              db_rows *rows, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_title_get, "t", kind);
    title_name_add(&sql, n);
    db_add(&sql, SQL_title_lock, "");
    return db_run(tx, &sql, a, rows, err);
}

static cinema_status run_for(db_tx *tx, db_text text, const title_name *n, db_text order, arena *a,
                             db_rows *rows, cinema_error *err)
{
    db_sql sql;
    bool credits = text.name == SQL_title_credits.name;
    db_sql_for_tx(&sql, tx);
    if (credits)
        db_add(&sql, text, "i", (int64_t)CREDITS_SHOWN);
    else
        db_add(&sql, text, "");
    title_name_add(&sql, n);
    db_add(&sql, order, "");
    return db_run(tx, &sql, a, rows, err);
}

static cinema_status read_rest(db_tx *tx, const title_name *n, arena *a, cinema_title *m,
                               cinema_error *err)
{
    db_rows ids, credits;
    cinema_status s;
    if ((s = run_for(tx, SQL_title_external_ids, n, SQL_title_external_ids_order, a, &ids, err)) ||
        (s = run_for(tx, SQL_title_credits, n, SQL_title_credits_order, a, &credits, err)))
        return s;
    if (title__read_external_ids(&ids, a, &m->external_ids) ||
        title__read_credits(&credits, a, &m->cast, &m->crew))
        return fail_memory(err);
    return CINEMA_OK;
}

cinema_status title__lock(cinema *c, db_tx *tx, const char *kind, const title_name *name, arena *a,
                          title_draft *ret, cinema_error *err)
{
    title_name n = *name;
    db_rows rows;
    (void)c;
    cinema_status s = lock_row(tx, kind, &n, a, &rows, err);
    if (!s && !rows.count && n.how == BY_SLUG) {
        n.how = BY_OLD_SLUG;
        s = lock_row(tx, kind, &n, a, &rows, err);
    }
    if (s)
        return s;
    if (!rows.count)
        return title__not_found(kind, err);
    cinema_title *m = record_new(a, sizeof *m);
    if (!m || fields_read_row(&cinema__title, rows.first, 1, a, m))
        return fail_memory(err);
    *ret = (title_draft){ .m = m, .nr = rows.first->cells[0].number };
    return read_rest(tx, &n, a, m, err);
}

static cinema_status forget(db_tx *tx, db_text text, int64_t nr, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, text, "i", nr);
    return db_run(tx, &sql, NULL, NULL, err);
}

/* Makes the slug ours until the end of the transaction, or finds it another's. */
static cinema_status claim(cinema *c, db_tx *tx, const char *slug, arena *a, bool *ours,
                           cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    uuid id;
    uuid_new(c, &id);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_slug_claim, "ut", &id, slug);
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    *ours = !s && rows.count;
    return *ours ? forget(tx, SQL_title_remove, rows.first->cells[0].number, err) : s;
}

/* A slug for the new name, unless the one it has will do; what it was keeps naming the title. */
static cinema_status free_slug(cinema *c, db_tx *tx, const title_draft *d, arena *a,
                               const char **ret, cinema_error *err)
{
    char slug[SLUG_MAX + 1];
    bool ours = false;
    for (int attempt = 1; attempt <= SLUG_ATTEMPTS; attempt++) {
        cinema_status s = slug_make(d->m->title, d->m->year, "title", attempt, slug);
        if (s)
            return fail_memory(err);
        if (strcmp(slug, d->m->slug) != 0 && (s = claim(c, tx, slug, a, &ours, err)))
            return s;
        if (ours || !strcmp(slug, d->m->slug)) {
            *ret = arena_copy(a, slug, strlen(slug));
            return *ret ? CINEMA_OK : fail_memory(err);
        }
    }
    return fail(err, CINEMA_CONFLICT, "slug_taken", "title",
                "too many titles have this name and year");
}

static cinema_status change_slug(cinema *c, db_tx *tx, title_draft *d, arena *a, cinema_error *err)
{
    const char *slug = NULL;
    db_sql sql;
    cinema_status s = free_slug(c, tx, d, a, &slug, err);
    if (s || !strcmp(slug, d->m->slug))
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_slug_retire, "ti", d->m->slug, d->nr);
    if ((s = db_run(tx, &sql, a, NULL, err)))
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_slug_revive, "t", slug);
    d->m->slug = slug;
    return db_run(tx, &sql, a, NULL, err);
}

static cinema_status update_row(db_tx *tx, const title_draft *d, cinema_error *err)
{
    const cinema_title *m = d->m;
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_title_update,
           "itttt"
           "ii"
           "tttt"
           "I"
           "t"
           "i"
           "t",
           d->nr, m->status, m->slug, m->title, d->sort_key, or_zero(m->year),
           or_zero(m->popularity), d->genres, m->poster_url, m->original_title, m->released_on,
           or_null(&m->runtime_minutes), m->language, m->updated_at, m->overview);
    return db_run(tx, &sql, NULL, NULL, err);
}

/* Lists are replaced whole where the input names them, also to empty them. */
static cinema_status replace_lists(db_tx *tx, const title_draft *d, const cinema_title_input *in,
                                   arena *a, cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    if (in->genres.items && !(s = forget(tx, SQL_title_genre_clear, d->nr, err)))
        s = add_genres(tx, d, a, err);
    if (!s && in->external_ids.items && !(s = forget(tx, SQL_external_id_clear, d->nr, err)))
        s = add_external_ids(tx, d, a, err);
    return s;
}

static cinema_status move_total(db_tx *tx, const char *kind, const char *from, const char *to,
                                cinema_error *err)
{
    bool forward = strcmp(from, to) < 0; /* rows are always locked in one order */
    cinema_status s;
    if (!strcmp(from, to))
        return CINEMA_OK;
    if ((s = title__total(tx, kind, forward ? from : to, forward ? -1 : 1, err)))
        return s;
    return title__total(tx, kind, forward ? to : from, forward ? 1 : -1, err);
}

cinema_status title__change(cinema *c, db_tx *tx, title_draft *d, const cinema_title_input *in,
                            arena *a, cinema_error *err)
{
    const char *status = d->m->status;
    bool renamed = in->title || in->year || field_cleared(in->clear, "year");
    cinema_status s;
    if (fields_merge(&cinema__title, in, d->m, a))
        return fail_memory(err);
    d->m->revision++;
    d->m->updated_at = now_ms(c);
    if (d->m->popularity == CINEMA_ABSENT)
        d->m->popularity = 0;
    if ((s = derive(d, a, err)) || (renamed && (s = change_slug(c, tx, d, a, err))) ||
        (s = update_row(tx, d, err)) || (s = replace_lists(tx, d, in, a, err)))
        return s;
    return move_total(tx, d->m->kind, status, d->m->status, err);
}
