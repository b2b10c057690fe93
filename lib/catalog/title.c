/* title.c - the public acts on a title: each opens its transaction and closes it.
 */
#include "base/handle.h"
#include "catalog/catalog.h"
#include "search/search.h"

#include "title.sql.h"

/* A genre given twice is meant once. */
static void drop_doubles(cinema_texts *l)
{
    const char **items = (const char **)(uintptr_t)l->items;
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++) {
        size_t j = 0;
        while (j < n && strcmp(items[j], items[i]))
            j++;
        if (j == n)
            items[n++] = items[i];
    }
    l->count = n;
}

static cinema_status check(field_mode mode, cinema_title_input *in, arena *a, cinema_error *err)
{
    cinema_status s = fields_check(&cinema__title, mode, in, a, NULL, err);
    if (!s && in->genres.count)
        drop_doubles(&in->genres); /* fields_check has made the list ours */
    return s;
}

static cinema_status create(cinema *c, const char *kind, cinema_title_input *in, arena *a,
                            cinema_title **ret, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    title_draft d;
    cinema_status s;
    if ((s = check(MODE_CREATE, in, a, err)) || (s = title__draft(c, kind, in, a, &d, err)) ||
        (s = db_begin(c, &tx, err)) || (s = title__insert(c, tx, &d, a, err)))
        return s;
    search_document text = { d.m->title, d.m->original_title, NULL, d.m->overview };
    if ((s = search__put(c, tx, d.nr, &text, err)) || (s = db_commit(&tx, err)))
        return s;
    *ret = d.m;
    return CINEMA_OK;
}

cinema_status title__create(cinema *c, const char *kind, const cinema_title_input *input,
                            size_t size, cinema_title **ret, cinema_error *err)
{
    cinema_title_input in;
    cinema_status s = TAKE(in, input, size, err);
    arena *a = s ? NULL : arena_new(4096, 0);
    if (s || !a)
        return s ? s : fail_memory(err);
    if ((s = create(c, kind, &in, a, ret, err)))
        arena_free(a);
    return s;
}

static cinema_status update(cinema *c, const char *kind, const title_name *name,
                            cinema_title_input *in, arena *a, cinema_title **ret, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    title_draft d;
    cinema_status s;
    if ((s = check(MODE_UPDATE, in, a, err)) || (s = db_begin(c, &tx, err)) ||
        (s = title__lock_genres(tx, &in->genres, a, err)) ||
        (s = title__lock(c, tx, kind, name, a, &d, err)) ||
        (s = revision_check(in->revision, d.m->revision, err)) ||
        (s = title__change(c, tx, &d, in, a, err)) || (s = search__refresh(c, tx, d.nr, err)) ||
        (s = db_commit(&tx, err)))
        return s;
    *ret = d.m;
    return CINEMA_OK;
}

cinema_status title__update(cinema *c, const char *kind, const char *name,
                            const cinema_title_input *input, size_t size, cinema_title **ret,
                            cinema_error *err)
{
    cinema_title_input in;
    title_name n;
    cinema_status s = TAKE(in, input, size, err);
    if (s)
        return s;
    if (!title_name_parse(name, &n))
        return title__not_found(kind, err);
    arena *a = arena_new(4096, 0);
    if (!a)
        return fail_memory(err);
    if ((s = update(c, kind, &n, &in, a, ret, err)))
        arena_free(a);
    return s;
}

static cinema_status run_on(db_tx *tx, db_text text, int64_t nr, db_rows *rows, arena *a,
                            cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, text, "i", nr);
    return db_run(tx, &sql, a, rows, err);
}

/* Seasons would take their episodes along, but not out of the totals and the index. */
static cinema_status remove_episodes(cinema *c, db_tx *tx, const title_draft *d, arena *a,
                                     cinema_error *err)
{
    static const char *const statuses[] = { "archived", "draft", "published" };
    db_rows rows;
    cinema_status s;
    if ((s = run_on(tx, SQL_title_lock_seasons, d->nr, NULL, a, err)) ||
        (s = search__drop_episodes(c, tx, d->nr, err)) ||
        (s = run_on(tx, SQL_title_remove_episodes, d->nr, &rows, a, err)))
        return s;
    for (size_t i = 0; !s && i < COUNT_OF(statuses); i++) {
        int64_t gone = 0;
        for (const db_row *row = rows.first; row; row = row->next)
            gone += !strcmp(row->cells[0].text, statuses[i]);
        if (gone)
            s = title__total(tx, "episode", statuses[i], -gone, err);
    }
    return s;
}

cinema_status title__remove(cinema *c, const char *kind, const char *name,
                            const cinema_title_options *options, size_t size, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    CLEANUP(db_rollback) db_tx *tx = NULL;
    cinema_title_options in;
    title_name n;
    title_draft d;
    cinema_status s = TAKE(in, options, size, err);
    if (s || !a)
        return s ? s : fail_memory(err);
    if (!title_name_parse(name, &n))
        return title__not_found(kind, err);
    if ((s = db_begin(c, &tx, err)) || (s = title__lock(c, tx, kind, &n, a, &d, err)) ||
        (s = revision_check(in.revision, d.m->revision, err)) ||
        (!strcmp(kind, "series") && (s = remove_episodes(c, tx, &d, a, err))) ||
        (s = search__drop(c, tx, d.nr, err)) ||
        (s = run_on(tx, SQL_title_remove, d.nr, NULL, a, err)) ||
        (s = title__total(tx, kind, d.m->status, -1, err)))
        return s;
    return db_commit(&tx, err);
}
