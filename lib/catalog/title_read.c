/* title_read.c - one title with its external ids and first credits, in one snapshot.
 */
#include "catalog/catalog.h"

#include "title.sql.h"

#include <stdio.h>

cinema_status title__read_external_ids(const db_rows *rows, arena *a, cinema_pairs *ret)
{
    cinema_pair *items = arena_alloc(a, (rows->count + 1) * sizeof *items);
    size_t n = 0;
    if (!items)
        return CINEMA_NO_MEMORY;
    for (const db_row *row = rows->first; row; row = row->next)
        items[n++] = (cinema_pair){ row->cells[0].text, row->cells[1].text };
    *ret = (cinema_pairs){ items, n };
    return CINEMA_OK;
}

static const char *text_of(const db_value *cell)
{
    return cell->type == DB_TEXT ? cell->text : NULL;
}

static const char *id_of(const db_value *cell, arena *a)
{
    uuid u;
    char *text = arena_text(a, UUID_TEXT);
    memcpy(u.bytes, cell->blob, sizeof u.bytes);
    if (text)
        uuid_text(&u, text);
    return text;
}

static void *new_item(arena *a, size_t size, const void **items, size_t *count)
{
    void *item = arena_alloc(a, size);
    items[(*count)++] = item;
    return item;
}

/* Cells: part, role, department, person's id, slug, name. */
cinema_status title__read_credits(const db_rows *rows, arena *a, cinema_cast_list *cast,
                                  cinema_crew_list *crew)
{
    const void **parts[2];
    size_t counts[2] = { 0, 0 };
    for (int i = 0; i < 2; i++)
        if (!(parts[i] = arena_alloc(a, (rows->count + 1) * sizeof(void *))))
            return CINEMA_NO_MEMORY;
    for (const db_row *row = rows->first; row; row = row->next) {
        const db_value *v = row->cells;
        const char *role = text_of(&v[1]), *id = id_of(&v[3], a);
        bool crewed = v[0].number;
        void *item = new_item(a, crewed ? sizeof(cinema_crew) : sizeof(cinema_cast), parts[crewed],
                              &counts[crewed]);
        if (!item || !id)
            return CINEMA_NO_MEMORY;
        if (crewed)
            *(cinema_crew *)item = (cinema_crew){ id, v[4].text, v[5].text, text_of(&v[2]), role };
        else
            *(cinema_cast *)item = (cinema_cast){ id, v[4].text, v[5].text, role };
    }
    *cast = (cinema_cast_list){ (const cinema_cast *const *)parts[0], counts[0] };
    *crew = (cinema_crew_list){ (const cinema_crew *const *)parts[1], counts[1] };
    return CINEMA_OK;
}

enum { TITLE, EXTERNAL_IDS, CREDITS, PARTS };

static cinema_status read_parts(cinema *c, const char *kind, const title_name *n,
                                bool published_only, arena *a, db_rows rows[PARTS],
                                cinema_error *err)
{
    db_sql sql[PARTS];
    for (int i = 0; i < PARTS; i++)
        db_sql_for(&sql[i], c);
    db_add(&sql[TITLE], SQL_title_get, "t", kind);
    title_name_add(&sql[TITLE], n);
    if (published_only)
        db_add(&sql[TITLE], SQL_title_published, "");
    db_add(&sql[EXTERNAL_IDS], SQL_title_external_ids, "");
    title_name_add(&sql[EXTERNAL_IDS], n);
    db_add(&sql[EXTERNAL_IDS], SQL_title_external_ids_order, "");
    db_add(&sql[CREDITS], SQL_title_credits, "i", (int64_t)CREDITS_SHOWN);
    title_name_add(&sql[CREDITS], n);
    db_add(&sql[CREDITS], SQL_title_credits_order, "");
    const db_sql *all[PARTS] = { &sql[TITLE], &sql[EXTERNAL_IDS], &sql[CREDITS] };
    return db_read_all(c, all, PARTS, a, rows, err);
}

static cinema_status build(const db_rows rows[PARTS], arena *a, cinema_title **ret)
{
    cinema_title *m = record_new(a, sizeof *m);
    cinema_status s;
    if (!m)
        return CINEMA_NO_MEMORY;
    if ((s = fields_read_row(&cinema__title, rows[TITLE].first, 1, a, m)) ||
        (s = title__read_external_ids(&rows[EXTERNAL_IDS], a, &m->external_ids)) ||
        (s = title__read_credits(&rows[CREDITS], a, &m->cast, &m->crew)))
        return s;
    *ret = m;
    return CINEMA_OK;
}

static cinema_status get(cinema *c, const char *kind, title_name *n, bool published_only, arena *a,
                         cinema_title **ret, cinema_error *err)
{
    db_rows rows[PARTS];
    cinema_status s = read_parts(c, kind, n, published_only, a, rows, err);
    if (!s && !rows[TITLE].count && n->how == BY_SLUG) {
        n->how = BY_OLD_SLUG;
        s = read_parts(c, kind, n, published_only, a, rows, err);
    }
    if (s)
        return s;
    if (!rows[TITLE].count)
        return title__not_found(kind, err);
    return build(rows, a, ret) ? fail_memory(err) : CINEMA_OK;
}

cinema_status title__get(cinema *c, const char *kind, const char *name,
                         const cinema_title_options *options, size_t size, cinema_title **ret,
                         cinema_error *err)
{
    cinema_title_options in;
    title_name n;
    cinema_status s = TAKE(in, options, size, err);
    if (s)
        return s;
    if (!title_name_parse(name, &n))
        return title__not_found(kind, err);
    arena *a = arena_new(4096, 0);
    if (!a)
        return fail_memory(err);
    if ((s = get(c, kind, &n, in.published_only, a, ret, err)))
        arena_free(a);
    return s;
}

static void read_version(const db_value *v, title_version *ret)
{
    uuid id;
    memcpy(id.bytes, v[2].blob, sizeof id.bytes);
    uuid_text(&id, ret->id);
    text_copy(ret->slug, sizeof ret->slug, v[3].text);
    snprintf(ret->tag, sizeof ret->tag, "%lld.%lld", (long long)v[0].number,
             (long long)v[1].number);
}

cinema_status title__version(cinema *c, const char *kind, const char *name, bool published_only,
                             title_version *ret, cinema_error *err)
{
    title_name n;
    db_sql sql;
    db_rows rows;
    CLEANUP(arena_freep) arena *a = arena_new(512, 0);
    if (!a)
        return fail_memory(err);
    *ret = (title_version){ 0 };
    if (!title_name_parse(name, &n))
        return CINEMA_OK; /* the full read will say so */
    db_sql_for(&sql, c);
    db_add(&sql, SQL_title_version, "t", kind);
    title_name_add(&sql, &n);
    if (published_only)
        db_add(&sql, SQL_title_published, "");
    cinema_status s = db_read(c, &sql, a, &rows, err);
    if (!s && rows.count)
        read_version(rows.first->cells, ret);
    return s;
}
