/* named.c - the rules of records with a name and a slug.
 */
#include "catalog/named.h"

#include "base/handle.h"
#include "base/unicode.h"
#include "call/cursor.h"
#include "call/page.h"

#include <stdio.h>

enum { SLUG_ATTEMPTS = 500, LIMIT = 20, TOTAL_MAX = 10000 };

/* A record being written. */
typedef struct draft {
    const named_kind *kind;
    named *m;
    char *sort_key;
    bool slug_given;
    int64_t nr;
} draft;

static cinema_pairs *external_ids(const named_kind *kind, const void *record)
{
    return (cinema_pairs *)((uintptr_t)record + kind->external_ids_at);
}

/* What the input sets and clears. External ids are told of each record, also where it has none;
 * only lists are without. */
static cinema_status merge(const named_kind *kind, const void *in, void *record, arena *a)
{
    static const cinema_pair none;
    cinema_status s = fields_merge(kind->table, in, record, a);
    if (!s && kind->external_ids && !external_ids(kind, record)->items)
        *external_ids(kind, record) = (cinema_pairs){ &none, 0 };
    return s;
}

static cinema_status not_found(const named_kind *kind, cinema_error *err)
{
    return fail(err, CINEMA_NOT_FOUND, NULL, NULL, "there is no such %s", kind->word);
}

static cinema_status check(const named_kind *kind, field_mode mode, void *input, arena *a,
                           cinema_error *err)
{
    const named_input *in = input;
    cinema_status s = fields_check(kind->table, mode, input, a, NULL, err);
    if (s || !in->slug)
        return s;
    uuid u;
    if (in->slug[strspn(in->slug, "abcdefghijklmnopqrstuvwxyz0123456789-")] ||
        uuid_parse(in->slug, &u))
        return fail(err, CINEMA_INVALID, "slug", "slug", "slug: must be made of a-z, 0-9 and -");
    return CINEMA_OK;
}

static cinema_status derive(draft *d, arena *a, cinema_error *err)
{
    CLEANUP(freep) char *key = NULL;
    if (unicode_sort_key(d->m->name, &key) || !(d->sort_key = arena_copy(a, key, strlen(key))))
        return fail_memory(err);
    return CINEMA_OK;
}

/* ---- external ids
 * ------------------------------------------------------------------------------------------ */

static cinema_status add_external_ids(db_tx *tx, const draft *d, cinema_error *err)
{
    const cinema_pairs *l = external_ids(d->kind, d->m);
    for (size_t i = 0; i < l->count; i++) {
        char path[64];
        db_sql sql;
        db_rows rows;
        db_sql_for_tx(&sql, tx);
        db_add(&sql, *d->kind->external_id_add, "tti", l->items[i].name, l->items[i].value, d->nr);
        CLEANUP(arena_freep) arena *a = arena_new(0, 0);
        cinema_status s = a ? db_run(tx, &sql, a, &rows, err) : fail_memory(err);
        if (s)
            return s;
        snprintf(path, sizeof path, "external_ids.%.40s", l->items[i].name);
        if (!rows.changed)
            return fail(err, CINEMA_CONFLICT, "external_id_taken", path,
                        "another %s has the external id %.32s:%.60s", d->kind->word,
                        l->items[i].name, l->items[i].value);
    }
    return CINEMA_OK;
}

static cinema_status clear_external_ids(db_tx *tx, const draft *d, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, *d->kind->external_id_clear, "i", d->nr);
    return db_run(tx, &sql, NULL, NULL, err);
}

/* ---- finding
 * -------------------------------------------------------------------------------------------------
 */

static bool add_name(const named_kind *kind, const char *name, db_sql *sql, arena *a)
{
    title_name n;
    if (!title_name_parse(name, &n) || (n.how == BY_EXTERNAL_ID && !kind->by_external_id))
        return false;
    if (n.how == BY_ID) {
        uuid *id = arena_alloc(a, sizeof *id); /* borrowed until the statement has run */
        if (id)
            *id = n.id;
        db_add(sql, *kind->by_id, "u", id);
    } else if (n.how == BY_SLUG) {
        db_add(sql, *kind->by_slug, "t", n.text);
    } else {
        char *source = arena_copy(a, n.source, strlen(n.source));
        db_add(sql, *kind->by_external_id, "tt", source, n.text);
    }
    return true;
}

static cinema_status read_row(cinema *c, db_tx *tx, const named_kind *kind, const char *name,
                              bool lock, arena *a, db_rows *rows, cinema_error *err)
{
    db_sql sql;
    if (tx)
        db_sql_for_tx(&sql, tx);
    else
        db_sql_for(&sql, c);
    db_add(&sql, *kind->get, "");
    if (!add_name(kind, name, &sql, a))
        return not_found(kind, err);
    if (lock)
        db_add(&sql, *kind->lock, "");
    cinema_status s = tx ? db_run(tx, &sql, a, rows, err) : db_read(c, &sql, a, rows, err);
    return s ? s : rows->count ? CINEMA_OK : not_found(kind, err);
}

cinema_status named_find(cinema *c, db_tx *tx, const named_kind *kind, const char *name, arena *a,
                         int64_t *nr, cinema_error *err)
{
    db_rows rows;
    cinema_status s = read_row(c, tx, kind, name, false, a, &rows, err); /* what refers locks it */
    if (!s)
        *nr = rows.first->cells[0].number;
    return s;
}

static cinema_status read_record(cinema *c, db_tx *tx, const named_kind *kind, const char *name,
                                 arena *a, draft *ret, cinema_error *err)
{
    db_rows rows, ids;
    db_sql sql;
    void *m = record_new(a, kind->record_size);
    cinema_status s = m ? read_row(c, tx, kind, name, tx != NULL, a, &rows, err) : fail_memory(err);
    if (s)
        return s;
    fields_clear_record(kind->table, m);
    if (fields_read_row(kind->table, rows.first, 1, a, m))
        return fail_memory(err);
    *ret = (draft){ .kind = kind, .m = m, .nr = rows.first->cells[0].number };
    if (!kind->external_ids)
        return CINEMA_OK;
    if (tx)
        db_sql_for_tx(&sql, tx);
    else
        db_sql_for(&sql, c);
    db_add(&sql, *kind->external_ids, "i", ret->nr);
    s = tx ? db_run(tx, &sql, a, &ids, err) : db_read(c, &sql, a, &ids, err);
    if (!s && title__read_external_ids(&ids, a, external_ids(kind, m)))
        s = fail_memory(err);
    return s;
}

cinema_status named_get(cinema *c, const named_kind *kind, const char *name, void *ret,
                        cinema_error *err)
{
    draft d;
    arena *a = arena_new(0, 0);
    cinema_status s = a ? read_record(c, NULL, kind, name, a, &d, err) : fail_memory(err);
    if (s)
        arena_free(a);
    else
        memcpy(ret, &d.m, sizeof d.m);
    return s;
}

/* ---- making
 * ---------------------------------------------------------------------------------------------------
 */

static cinema_status draft_new(cinema *c, const named_kind *kind, const named_input *in, arena *a,
                               draft *ret, cinema_error *err)
{
    named *m = record_new(a, kind->record_size);
    char *id = arena_text(a, UUID_TEXT);
    uuid u;
    if (!m || !id)
        return fail_memory(err);
    uuid_new(c, &u);
    uuid_text(&u, id);
    fields_clear_record(kind->table, m);
    m->id = id;
    m->revision = 1;
    m->created_at = m->updated_at = now_ms(c);
    *ret = (draft){ .kind = kind, .m = m, .slug_given = in->slug };
    if (merge(kind, in, m, a))
        return fail_memory(err);
    return derive(ret, a, err);
}

static cinema_status insert_row(db_tx *tx, const draft *d, const char *slug, arena *a,
                                db_rows *rows, cinema_error *err)
{
    db_sql sql;
    uuid id;
    uuid_parse(d->m->id, &id);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, *d->kind->insert, "uttti", &id, slug, d->m->name, d->sort_key, d->m->created_at);
    if (d->kind->more)
        d->kind->more(&sql, d->m, false);
    db_add(&sql, *d->kind->insert_end, "");
    return db_run(tx, &sql, a, rows, err);
}

static cinema_status slug_taken(const draft *d, cinema_error *err)
{
    return fail(err, CINEMA_CONFLICT, "slug_taken", "slug", "another %s has this slug",
                d->kind->word);
}

static cinema_status insert(db_tx *tx, draft *d, arena *a, cinema_error *err)
{
    char slug[SLUG_MAX + 1];
    db_rows rows = { 0 };
    for (int i = 1; i <= (d->slug_given ? 1 : SLUG_ATTEMPTS) && !rows.count; i++) {
        if (d->slug_given)
            text_copy(slug, sizeof slug, d->m->slug);
        else if (slug_make(d->m->name, CINEMA_ABSENT, d->kind->word, i, slug))
            return fail_memory(err);
        cinema_status s = insert_row(tx, d, slug, a, &rows, err);
        if (s)
            return s;
    }
    if (!rows.count)
        return slug_taken(d, err);
    d->nr = rows.first->cells[0].number;
    d->m->slug = arena_copy(a, slug, strlen(slug));
    if (!d->m->slug)
        return fail_memory(err);
    return d->kind->external_ids ? add_external_ids(tx, d, err) : CINEMA_OK;
}

static cinema_status create(cinema *c, const named_kind *kind, void *in, arena *a, named **ret,
                            cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    draft d;
    cinema_status s;
    if ((s = check(kind, MODE_CREATE, in, a, err)) || (s = draft_new(c, kind, in, a, &d, err)) ||
        (s = db_begin(c, &tx, err)) || (s = insert(tx, &d, a, err)) || (s = db_commit(&tx, err)))
        return s;
    *ret = d.m;
    return CINEMA_OK;
}

cinema_status named_create(cinema *c, const named_kind *kind, const void *input, size_t size,
                           void *ret, cinema_error *err)
{
    arena *a = arena_new(0, 0);
    void *in = a ? arena_alloc(a, kind->input_size) : NULL;
    named *m = NULL;
    cinema_status s = in ? take_input(in, kind->input_size, input, size, err) : fail_memory(err);
    if (s || (s = create(c, kind, in, a, &m, err)))
        arena_free(a);
    else
        memcpy(ret, &m, sizeof m);
    return s;
}

/* ---- changing
 * ----------------------------------------------------------------------------------------------------
 */

static cinema_status check_slug(db_tx *tx, const draft *d, arena *a, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, *d->kind->slug_taken, "ti", d->m->slug, d->nr);
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    return s ? s : rows.count ? slug_taken(d, err) : CINEMA_OK;
}

static cinema_status update_row(db_tx *tx, const draft *d, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, *d->kind->update, "ttti", d->m->slug, d->m->name, d->sort_key, d->m->updated_at);
    if (d->kind->more)
        d->kind->more(&sql, d->m, true);
    db_add(&sql, *d->kind->update_end, "i", d->nr);
    cinema_error own = { 0 };
    cinema_status s = db_run(tx, &sql, NULL, NULL, &own);
    if (s == CINEMA_CONFLICT && !strcmp(own.reason, "unique")) /* taken since check_slug looked */
        return slug_taken(d, err);
    if (s && err)
        *err = own;
    return s;
}

static cinema_status change(cinema *c, db_tx *tx, draft *d, const named_input *in, arena *a,
                            cinema_error *err)
{
    const named_kind *kind = d->kind;
    const char *old_slug = d->m->slug;
    bool ids = kind->external_ids &&
               external_ids(kind, d->m)->items != NULL; /* read, so that merging can tell */
    const void *before = ids ? external_ids(kind, d->m)->items : NULL;
    cinema_status s;
    if (merge(kind, in, d->m, a))
        return fail_memory(err);
    d->m->revision++;
    d->m->updated_at = now_ms(c);
    if ((s = derive(d, a, err)) || (in->slug && (s = check_slug(tx, d, a, err))) ||
        (s = update_row(tx, d, err)))
        return s;
    if (ids && external_ids(kind, d->m)->items != before &&
        ((s = clear_external_ids(tx, d, err)) || (s = add_external_ids(tx, d, err))))
        return s;
    return in->name || in->slug ? kind->changed(c, tx, d->nr, old_slug, d->m->slug, a, err)
                                : CINEMA_OK;
}

static cinema_status update(cinema *c, const named_kind *kind, const char *name, void *input,
                            arena *a, named **ret, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    const named_input *in = input;
    draft d;
    cinema_status s;
    if ((s = check(kind, MODE_UPDATE, input, a, err)) || (s = db_begin(c, &tx, err)) ||
        (s = read_record(c, tx, kind, name, a, &d, err)) ||
        (s = revision_check(in->revision, d.m->revision, err)) ||
        (s = change(c, tx, &d, in, a, err)) || (s = db_commit(&tx, err)))
        return s;
    *ret = d.m;
    return CINEMA_OK;
}

cinema_status named_update(cinema *c, const named_kind *kind, const char *name, const void *input,
                           size_t size, void *ret, cinema_error *err)
{
    arena *a = arena_new(0, 0);
    void *in = a ? arena_alloc(a, kind->input_size) : NULL;
    named *m = NULL;
    cinema_status s = in ? take_input(in, kind->input_size, input, size, err) : fail_memory(err);
    if (s || (s = update(c, kind, name, in, a, &m, err)))
        arena_free(a);
    else
        memcpy(ret, &m, sizeof m);
    return s;
}

cinema_status named_remove(cinema *c, const named_kind *kind, const char *name,
                           const int64_t *revision, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    CLEANUP(db_rollback) db_tx *tx = NULL;
    db_sql sql;
    draft d;
    cinema_status s;
    if (!a)
        return fail_memory(err);
    if ((s = db_begin(c, &tx, err)) || (s = read_record(c, tx, kind, name, a, &d, err)) ||
        (s = revision_check(revision, d.m->revision, err)) ||
        (s = kind->changed(c, tx, d.nr, d.m->slug, NULL, a, err)))
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, *kind->remove, "i", d.nr);
    s = db_run(tx, &sql, NULL, NULL, err);
    return s ? s : db_commit(&tx, err);
}

/* ---- pages
 * --------------------------------------------------------------------------------------------------------
 */

static cinema_status add_cursor(cinema *c, const named_kind *kind, const named_query *q,
                                uint64_t filters, db_sql *sql, arena *a, cinema_error *err)
{
    db_value key;
    int64_t nr;
    if (!q->after)
        return CINEMA_OK;
    cinema_status s = cursor_read(c, filters, q->after, a, &key, &nr, err);
    if (!s)
        db_add(sql, *kind->after, "ti", key.text, nr);
    return s;
}

static cinema_status list(cinema *c, const named_kind *kind, const db_text *select, void *query,
                          arena *a, op_page **ret, cinema_error *err)
{
    const named_query *q = query;
    op_page *p = record_new(a, sizeof *p);
    db_sql sql, count;
    const db_sql *all[] = { &sql, &count };
    db_rows rows[2];
    cinema_status s =
        p ? fields_check(kind->query, MODE_QUERY, query, a, NULL, err) : fail_memory(err);
    if (s)
        return s;
    size_t limit = q->limit ? q->limit : LIMIT;
    db_sql_for(&sql, c);
    db_add(&sql, select ? *select : *kind->list, "");
    uint64_t filters = db_hash(&sql);
    if ((s = add_cursor(c, kind, q, filters, &sql, a, err)))
        return s;
    db_add(&sql, *kind->order, "i", (int64_t)limit + 1);
    db_sql_for(&count, c);
    db_add(&count, *kind->count, "i", (int64_t)TOTAL_MAX + 1);
    if ((s = db_read_all(c, all, q->total ? 2 : 1, a, rows, err)))
        return s;
    p->total = q->total ? rows[1].first->cells[0].number : CINEMA_ABSENT;
    p->total_capped = p->total > TOTAL_MAX;
    if (p->total_capped)
        p->total = TOTAL_MAX;
    *ret = p;
    return page_fill(c, kind->table, filters, &rows[0], limit, a, p, err);
}

cinema_status named_list(cinema *c, const named_kind *kind, const db_text *select, void *query,
                         void *ret, cinema_error *err)
{
    op_page *p = NULL;
    arena *a = arena_new(4096, 0);
    cinema_status s = a ? list(c, kind, select, query, a, &p, err) : fail_memory(err);
    if (s)
        arena_free(a);
    else
        memcpy(ret, &p, sizeof p);
    return s;
}
