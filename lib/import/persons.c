/* persons.c - lines that say more of a person than a name.
 */
#include "import/batch.h"

#include "base/unicode.h"
#include "search/search.h"

#include "bulk.sql.h"
#include "person.sql.h"

enum { ATTEMPTS = 500 };

/* --- who it is --- */

/* `*nr` 0: nobody has one of the external ids. */
static cinema_status by_external_ids(batch *b, line *l, int64_t *nr)
{
    const cinema_pairs *ids = &l->in.title.external_ids;
    cinema_status s = CINEMA_OK;
    for (size_t i = 0; !s && i < ids->count; i++) {
        db_rows rows;
        s = batch_run(b, SQL_bulk_person_by_external_id, &rows, "tt", ids->items[i].name,
                      ids->items[i].value);
        if (s || !rows.count)
            continue;
        int64_t owner = rows.first->cells[0].number;
        if (*nr && *nr != owner) {
            batch_refuse(b, l, "external_ids", "external_id_taken",
                         "%.32s:%.60s belongs to another person than the ids before it",
                         ids->items[i].name, ids->items[i].value);
            return CINEMA_OK;
        }
        *nr = owner;
    }
    return s;
}

static cinema_status by_id(batch *b, const line *l, int64_t *nr)
{
    db_rows rows;
    cinema_status s =
        l->in.id ? batch_run(b, SQL_bulk_person_by_id, &rows, "u", &l->id) : CINEMA_OK;
    if (!s && l->in.id && rows.count)
        *nr = rows.first->cells[0].number;
    return s;
}

/* Whether the ids of a person say that it is not the one of the line. */
static bool contradicts(const cinema_pairs *ids, const db_row *row, int64_t nr)
{
    for (; row; row = row->next)
        for (size_t i = 0; row->cells[0].number == nr && i < ids->count; i++)
            if (row->cells[1].type == DB_TEXT && !strcmp(ids->items[i].name, row->cells[1].text) &&
                strcmp(ids->items[i].value, row->cells[2].text) != 0)
                return true;
    return false;
}

/* Cells: nr, then an external id, if there are any. */
static cinema_status by_slug(batch *b, const line *l, int64_t *nr)
{
    db_rows rows;
    cinema_status s = batch_run(b, SQL_bulk_person_by_slug, &rows, "t", l->in.slug);
    if (s || !rows.count)
        return s;
    int64_t found = rows.first->cells[0].number;
    if (!contradicts(&l->in.title.external_ids, rows.first, found))
        *nr = found;
    return CINEMA_OK;
}

static cinema_status by_name(batch *b, const line *l, const char *key, int64_t *nr)
{
    db_rows people, ids;
    cinema_status s;
    if ((s = batch_run(b, SQL_bulk_person_by_key, &people, "t", key)) || !people.count ||
        (s = batch_run(b, SQL_bulk_person_external_ids, &ids, "t", key)))
        return s;
    for (const db_row *row = people.first; row && !*nr; row = row->next)
        if (!contradicts(&l->in.title.external_ids, ids.first, row->cells[0].number))
            *nr = row->cells[0].number;
    return CINEMA_OK;
}

/* `*nr` 0: nobody. The name tells only where the line has neither id nor slug. */
static cinema_status find(batch *b, line *l, const char *key, int64_t *nr)
{
    cinema_status s;
    if ((s = by_id(b, l, nr)) || (s = by_external_ids(b, l, nr)) || l->state.refused || *nr)
        return s;
    return l->in.slug ? by_slug(b, l, nr) : l->in.id ? CINEMA_OK : by_name(b, l, key, nr);
}

/* --- writing --- */

static cinema_status insert_row(batch *b, const line *l, const char *key, const char *slug,
                                db_rows *rows)
{
    db_sql sql;
    uuid id = l->id;
    if (!l->in.id)
        uuid_new(b->c, &id);
    db_sql_for_tx(&sql, b->tx);
    db_add(&sql, SQL_person_insert, "uttti", &id, slug, l->in.name, key, now_ms(b->c));
    db_add(&sql, SQL_person_insert_more, "ttt", l->in.born_on, l->in.died_on, l->in.biography);
    db_add(&sql, SQL_person_insert_end, "");
    return db_run(b->tx, &sql, b->arena, rows, b->err);
}

static cinema_status add(batch *b, line *l, const char *key, int64_t *nr)
{
    char slug[SLUG_MAX + 1];
    db_rows rows = { 0 };
    cinema_status s = CINEMA_OK;
    for (int i = l->in.slug ? 0 : 1; !s && !rows.count && i <= ATTEMPTS; i++) {
        if (!i)
            text_copy(slug, sizeof slug, l->in.slug);
        else if (slug_make(l->in.name, CINEMA_ABSENT, "person", i, slug))
            return fail_memory(b->err);
        s = insert_row(b, l, key, slug, &rows);
    }
    if (s || !rows.count)
        return s ? s
                 : fail(b->err, CINEMA_CONFLICT, "slug_taken", "name",
                        "too many people have this name");
    *nr = rows.first->cells[0].number;
    b->counts.created++;
    return CINEMA_OK;
}

static bool names_source(const cinema_pairs *ids, const char *source)
{
    for (size_t i = 0; i < ids->count; i++)
        if (!strcmp(ids->items[i].name, source))
            return true;
    return false;
}

static cinema_status check_ids(batch *b, line *l, int64_t nr)
{
    const cinema_pairs *ids = &l->in.title.external_ids;
    size_t n = ids->count;
    db_rows rows;
    cinema_status s = n ? batch_run(b, SQL_person_external_ids, &rows, "i", nr) : CINEMA_OK;
    for (const db_row *row = n && !s ? rows.first : NULL; row; row = row->next)
        n += !names_source(ids, row->cells[0].text);
    if (!s && n > EXTERNAL_IDS_MAX)
        batch_refuse_ids(b, l);
    return s;
}

/* Adds the ids that the person does not have; `*added` tells whether there were any. */
static cinema_status add_ids(batch *b, const line *l, int64_t nr, bool *added)
{
    const cinema_pairs *ids = &l->in.title.external_ids;
    cinema_status s = CINEMA_OK;
    for (size_t i = 0; !s && i < ids->count; i++) {
        const cinema_pair *id = &ids->items[i];
        db_rows rows;
        if (!(s = batch_run(b, SQL_bulk_person_drop_external_id, NULL, "tti", id->name, id->value,
                            nr)))
            s = batch_run(b, SQL_bulk_person_add_external_id, &rows, "tti", id->name, id->value,
                          nr);
        *added |= !s && rows.changed;
    }
    return s;
}

static const char *newer(const char *said, const db_value *there)
{
    return said ? said : there->type == DB_TEXT ? there->text : NULL;
}

static bool differs(const char *said, const db_value *there)
{
    return said && (there->type != DB_TEXT || strcmp(said, there->text) != 0);
}

/* Titles are found by the names of their people. */
static cinema_status renamed(batch *b, int64_t nr)
{
    db_rows rows;
    cinema_status s = batch_run(b, SQL_person_titles, &rows, "i", nr);
    for (const db_row *row = s ? NULL : rows.first; row && !s; row = row->next)
        if (!(s = title__touch(b->c, b->tx, row->cells[0].number, b->err)))
            s = search__refresh(b->c, b->tx, row->cells[0].number, b->err);
    return s;
}

/* Cells: slug, name, born_on, died_on, biography. */
static cinema_status update_row(batch *b, const line *l, const char *key, int64_t nr,
                                const db_value *v)
{
    db_sql sql;
    db_sql_for_tx(&sql, b->tx);
    db_add(&sql, SQL_person_update, "ttti", v[0].text, l->in.name, key, now_ms(b->c));
    db_add(&sql, SQL_person_update_more, "ttt", newer(l->in.born_on, &v[2]),
           newer(l->in.died_on, &v[3]), newer(l->in.biography, &v[4]));
    db_add(&sql, SQL_person_update_end, "i", nr);
    return db_run(b->tx, &sql, NULL, NULL, b->err);
}

static cinema_status change(batch *b, line *l, const char *key, int64_t nr)
{
    db_rows rows;
    bool added = false;
    cinema_status s = check_ids(b, l, nr);
    if (s || l->state.refused)
        return s;
    if ((s = batch_run(b, SQL_bulk_person_content, &rows, "i", nr)) ||
        (s = add_ids(b, l, nr, &added)))
        return s;
    if (!rows.count)
        return fail(b->err, CINEMA_NOT_FOUND, NULL, NULL, "the person was removed meanwhile");
    const db_value *v = rows.first->cells;
    bool name = differs(l->in.name, &v[1]);
    if (!added && !name && !differs(l->in.born_on, &v[2]) && !differs(l->in.died_on, &v[3]) &&
        !differs(l->in.biography, &v[4])) {
        b->counts.unchanged++;
        return CINEMA_OK;
    }
    b->counts.updated++;
    s = update_row(b, l, key, nr, v);
    return s || !name ? s : renamed(b, nr);
}

/* Whom credits mean that come later and say this slug. */
static cinema_status remember(batch *b, const line *l, int64_t nr)
{
    const char *who = l->in.slug ? person_key(l->in.slug, b->arena) : NULL;
    if (l->in.slug && (!who || names_put(b->memory->people, who, nr)))
        return fail_memory(b->err);
    return CINEMA_OK;
}

cinema_status person_line_write(batch *b, line *l)
{
    CLEANUP(freep) char *key = NULL;
    int64_t nr = 0;
    bool added = false;
    cinema_status s;
    if (unicode_sort_key(l->in.name, &key))
        return fail_memory(b->err);
    if ((s = find(b, l, key, &nr)) || l->state.refused)
        return s;
    if (nr)
        s = change(b, l, key, nr);
    else if (!(s = add(b, l, key, &nr)))
        s = add_ids(b, l, nr, &added);
    return s ? s : remember(b, l, nr);
}
