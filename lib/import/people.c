/* people.c - the people in cast and crew: who is known by a name, and who is new.
 * People whose names have one sort key are one person. Of several (told apart by external ids) the
 * first is meant, unless the credit has a slug: it means whoever has that, if the name is the same.
 */
#include "import/batch.h"

#include "bulk.sql.h"

/* Names that nobody of this import has asked for yet. */
typedef struct unknown {
    const line_credit **items;
    int64_t *nrs;  /* 0: there is no such person */
    bool *by_name; /* no slug tells who it is */
    size_t count, room;
} unknown;

static size_t credits_in(line *const *list, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += list[i]->parts[CAST].count + list[i]->parts[CREW].count;
    return n;
}

/* Each name once: a mark stands for it in the memory until its number does. */
static cinema_status gather(batch *b, line *const *list, size_t count, unknown *ret)
{
    ret->room = credits_in(list, count) + 1;
    ret->items = arena_alloc(b->arena, ret->room * sizeof *ret->items);
    ret->nrs = arena_alloc(b->arena, ret->room * sizeof *ret->nrs);
    ret->by_name = arena_alloc(b->arena, ret->room * sizeof *ret->by_name);
    if (!ret->items || !ret->nrs || !ret->by_name)
        return fail_memory(b->err);
    for (size_t i = 0; i < count; i++)
        for (int part = 0; part < PARTS; part++) {
            const line_part *p = &list[i]->parts[part];
            for (size_t k = 0; list[i]->state.part_differs[part] && k < p->count; k++) {
                if (names_get(b->memory->people, p->items[k].who))
                    continue;
                ret->by_name[ret->count] = !p->items[k].person;
                ret->items[ret->count++] = &p->items[k];
                if (names_put(b->memory->people, p->items[k].who, -1))
                    return fail_memory(b->err);
            }
        }
    return CINEMA_OK;
}

/* Cells: place, nr, sort key of the name. A slug that somebody else has here says nothing. */
static void take_slug(unknown *u, size_t i, const db_value *v)
{
    u->by_name[i] = strcmp(v[2].text, u->items[i]->key) != 0;
    u->nrs[i] = u->by_name[i] ? 0 : v[1].number;
}

static cinema_status look_up(batch *b, unknown *u, bool by_name)
{
    CLEANUP(bulk_keys_done) bulk_keys keys = BULK_KEYS;
    size_t *asked = arena_alloc(b->arena, (u->count + 1) * sizeof *asked);
    db_rows rows;
    if (!asked)
        return fail_memory(b->err);
    for (size_t i = 0; i < u->count; i++) {
        if (u->by_name[i] != by_name)
            continue;
        asked[keys.count] = i;
        bulk_key(&keys, by_name ? u->items[i]->key : u->items[i]->person);
    }
    cinema_status s =
        batch_find(b, &keys, by_name ? SQL_bulk_people : SQL_bulk_people_by_slug, &rows);
    for (const db_row *row = s ? NULL : rows.first; row; row = row->next) {
        size_t i = asked[row->cells[0].number];
        if (!by_name)
            take_slug(u, i, row->cells);
        else if (!u->nrs[i])
            u->nrs[i] = row->cells[1].number;
    }
    return s;
}

/* Those who are there go to the memory, those who are not to the front of the list. */
static cinema_status remember_known(batch *b, unknown *u)
{
    size_t n = 0;
    for (size_t i = 0; i < u->count; i++)
        if (!u->nrs[i])
            u->items[n++] = u->items[i];
        else if (names_put(b->memory->people, u->items[i]->who, u->nrs[i]))
            return fail_memory(b->err);
    u->count = n;
    return CINEMA_OK;
}

static cinema_status write_rows(batch *b, const unknown *u, const slug_want *slugs)
{
    CLEANUP(bulk_done) bulk rows;
    int64_t now = now_ms(b->c);
    cinema_status s = CINEMA_OK;
    bulk_start(&rows, b->tx, SQL_bulk_person, "iuttti");
    for (size_t i = 0; !s && i < u->count; i++) {
        const line_credit *who = u->items[i];
        uuid id;
        uuid_new(b->c, &id);
        if (names_put(b->memory->people, who->who, u->nrs[i]))
            s = fail_memory(b->err);
        else
            s = bulk_row(&rows, b->err, u->nrs[i], &id, slugs[i].slug, who->name, who->key, now);
    }
    return s ? s : bulk_end(&rows, b->err);
}

static void slug_start(slug_want *w, const line_credit *who)
{
    *w = (slug_want){ who->name, "person", CINEMA_ABSENT, "", 0, false };
    if (who->person)
        text_copy(w->slug, sizeof w->slug, who->person);
}

static cinema_status add(batch *b, unknown *u)
{
    slug_want *slugs = arena_alloc(b->arena, (u->count + 1) * sizeof *slugs);
    cinema_status s;
    if (!slugs)
        return fail_memory(b->err);
    for (size_t i = 0; i < u->count; i++)
        slug_start(&slugs[i], u->items[i]);
    if ((s = batch_slugs(b, slugs, u->count, SQL_bulk_person_slugs)))
        return s;
    for (size_t i = 0; i < u->count; i++)
        if (!*slugs[i].slug)
            return fail(b->err, CINEMA_CONFLICT, "slug_taken", "cast",
                        "too many people have a name like %.60s", u->items[i]->name);
    if ((s = batch_numbers(b, SQL_bulk_person_numbers, u->count, u->nrs)))
        return s;
    return write_rows(b, u, slugs);
}

/* Where others write meanwhile, whoever an earlier batch knew may have another name by now: all are
 * asked for, and keep their names until this is written. */
static void doubt(batch *b)
{
    db_sql sql;
    db_sql_for_tx(&sql, b->tx);
    if (sql.postgres)
        names_clear(b->memory->people);
}

cinema_status people_make(batch *b, line **list, size_t count)
{
    unknown u = { 0 };
    cinema_status s;
    doubt(b);
    if ((s = gather(b, list, count, &u)) || !u.count || (s = look_up(b, &u, false)) ||
        (s = look_up(b, &u, true)) || (s = remember_known(b, &u)) || !u.count)
        return s;
    return add(b, &u);
}

cinema_status credits_write(batch *b, line **list, size_t count)
{
    CLEANUP(bulk_done) bulk rows;
    cinema_status s = CINEMA_OK;
    bulk_start(&rows, b->tx, SQL_bulk_credit, "iiiitt");
    for (size_t i = 0; i < count; i++)
        for (int part = 0; part < PARTS; part++) {
            const line_part *p = &list[i]->parts[part];
            for (size_t k = 0; !s && list[i]->state.part_differs[part] && k < p->count; k++)
                s = bulk_row(&rows, b->err, list[i]->state.nr, (int64_t)part, (int64_t)k,
                             names_get(b->memory->people, p->items[k].who), p->items[k].role,
                             p->items[k].department);
        }
    return s ? s : bulk_end(&rows, b->err);
}
