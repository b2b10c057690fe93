/* genres.c - genres by their names: those that there are, and new ones.
 * There are few, so all are read in each transaction that needs them.
 */
#include "import/batch.h"

#include "base/unicode.h"

#include "bulk.sql.h"
#include "genre.sql.h"

enum { GENRES_MAX = 10000, ATTEMPTS = 500 };

void genres_done(genre_list *g)
{
    names_free(g->by_key);
    names_free(g->by_slug);
    names_free(g->by_id);
    *g = (genre_list){ 0 };
}

/* What names of one genre have in common. Free it. */
static cinema_status key_of(const char *name, char **ret)
{
    cinema_status s = unicode_fold(name, ret);
    if (s || **ret)
        return s;
    free(*ret); /* nothing but signs: those tell it apart */
    *ret = NULL;
    return unicode_sort_key(name, ret);
}

static cinema_status remember(batch *b, const genre_entry *g)
{
    CLEANUP(freep) char *key = NULL;
    char id[UUID_TEXT];
    genre_list *l = &b->genres;
    if (l->count == l->room) {
        size_t room = l->room ? l->room * 2 : 64;
        genre_entry *items = arena_alloc(b->arena, room * sizeof *items);
        if (!items)
            return fail_memory(b->err);
        if (l->count)
            memcpy(items, l->items, l->count * sizeof *items);
        l->items = items;
        l->room = room;
    }
    l->items[l->count++] = *g;
    uuid_text(&g->id, id);
    if (key_of(g->name, &key) || names_put(l->by_slug, g->slug, (int64_t)l->count) ||
        names_put(l->by_id, id, (int64_t)l->count) ||
        (!names_get(l->by_key, key) && names_put(l->by_key, key, (int64_t)l->count)))
        return fail_memory(b->err);
    return CINEMA_OK;
}

static cinema_status read_all(batch *b)
{
    genre_list *l = &b->genres;
    db_rows rows;
    cinema_status s;
    if (l->read)
        return CINEMA_OK;
    l->by_key = names_new();
    l->by_slug = names_new();
    l->by_id = names_new();
    if (!l->by_key || !l->by_slug || !l->by_id)
        return fail_memory(b->err);
    if ((s = batch_run(b, SQL_bulk_genres, &rows, "i", (int64_t)GENRES_MAX)))
        return s;
    for (const db_row *row = rows.first; row && !s; row = row->next) {
        const db_value *v = row->cells;
        genre_entry g = { v[0].number, v[1].text, v[2].text, { { 0 } } };
        memcpy(g.id.bytes, v[3].blob, sizeof g.id.bytes);
        s = remember(b, &g);
    }
    l->read = !s;
    return s;
}

static cinema_status find(batch *b, const char *name, const genre_entry **ret)
{
    CLEANUP(freep) char *key = NULL;
    cinema_status s = read_all(b);
    if (s)
        return s;
    if (key_of(name, &key))
        return fail_memory(b->err);
    int64_t place = names_get(b->genres.by_key, key);
    *ret = place ? &b->genres.items[place - 1] : NULL;
    return CINEMA_OK;
}

/* As titles name it: by its slug, or else by its name. */
static cinema_status find_said(batch *b, const char *said, const genre_entry **ret)
{
    cinema_status s = read_all(b);
    int64_t place = s ? 0 : names_get(b->genres.by_slug, said);
    if (!place)
        return s ? s : find(b, said, ret);
    *ret = &b->genres.items[place - 1];
    return CINEMA_OK;
}

/* `*nr` 0: the slug is taken. */
static cinema_status insert(batch *b, const char *name, const char *slug, const uuid *id,
                            int64_t *nr)
{
    CLEANUP(freep) char *key = NULL;
    db_sql sql;
    db_rows rows;
    if (unicode_sort_key(name, &key))
        return fail_memory(b->err);
    db_sql_for_tx(&sql, b->tx);
    db_add(&sql, SQL_genre_insert, "uttti", id, slug, name, key, now_ms(b->c));
    db_add(&sql, SQL_genre_insert_end, "");
    cinema_status s = db_run(b->tx, &sql, b->arena, &rows, b->err);
    *nr = !s && rows.count ? rows.first->cells[0].number : 0;
    return s;
}

/* Its slug is there, but not in the list: of somebody who was faster, perhaps with this genre. */
static cinema_status read_again(batch *b, const char *name, const genre_entry **ret)
{
    genres_done(&b->genres);
    return find(b, name, ret);
}

/* With the slug that is given, or the first free one made from the name; `id` may be NULL. */
static cinema_status add(batch *b, const char *name, const char *given, const uuid *id,
                         const genre_entry **ret)
{
    char made[SLUG_MAX + 1];
    uuid own;
    int64_t nr = 0;
    cinema_status s = CINEMA_OK;
    if (id)
        own = *id;
    else
        uuid_new(b->c, &own);
    for (int i = 1; !s && !nr && i <= (given ? 1 : ATTEMPTS); i++) {
        if (given)
            text_copy(made, sizeof made, given);
        else if (slug_make(name, CINEMA_ABSENT, "genre", i, made))
            return fail_memory(b->err);
        if (names_get(b->genres.by_slug, made) || (s = insert(b, name, made, &own, &nr)) || nr)
            continue;
        if ((s = read_again(b, name, ret)) || *ret)
            return s;
    }
    if (s || !nr)
        return s ? s
                 : fail(b->err, CINEMA_CONFLICT, "slug_taken", "slug",
                        "another genre has this slug");
    genre_entry g = { nr, arena_copy(b->arena, made, strlen(made)), name, own };
    if (!g.slug)
        return fail_memory(b->err);
    s = remember(b, &g);
    *ret = s ? NULL : &b->genres.items[b->genres.count - 1];
    return s;
}

/* --- the genres of a title --- */

static cinema_status start(batch *b, line *l)
{
    line_state *state = &l->state;
    size_t count = l->in.title.genres.count;
    state->genre_count = 0;
    state->genre_slugs = arena_alloc(b->arena, (count + 1) * sizeof *state->genre_slugs);
    state->genre_nrs = arena_alloc(b->arena, (count + 1) * sizeof *state->genre_nrs);
    return state->genre_slugs && state->genre_nrs ? CINEMA_OK : fail_memory(b->err);
}

/* A genre given twice is meant once. */
static void take(line_state *state, const genre_entry *g)
{
    for (size_t i = 0; i < state->genre_count; i++)
        if (state->genre_nrs[i] == g->nr)
            return;
    state->genre_nrs[state->genre_count] = g->nr;
    state->genre_slugs[state->genre_count++] = g->slug;
}

static cinema_status resolve(batch *b, line *l, bool make, bool *known)
{
    const cinema_texts *said = &l->in.title.genres;
    cinema_status s = start(b, l);
    *known = true;
    for (size_t i = 0; !s && i < said->count; i++) {
        const genre_entry *g = NULL;
        if (!(s = find_said(b, said->items[i], &g)) && !g && make)
            s = add(b, said->items[i], NULL, NULL, &g);
        if (g)
            take(&l->state, g);
        else
            *known = false;
    }
    return s;
}

cinema_status genres_look_up(batch *b, line *l, bool *known)
{
    return resolve(b, l, false, known);
}

cinema_status genres_make(batch *b, line *l)
{
    bool known;
    return resolve(b, l, true, &known);
}

/* --- a genre's own line --- */

static cinema_status rename_genre(batch *b, genre_entry *g, const char *name)
{
    CLEANUP(freep) char *key = NULL;
    db_sql sql;
    if (unicode_sort_key(name, &key))
        return fail_memory(b->err);
    db_sql_for_tx(&sql, b->tx);
    db_add(&sql, SQL_genre_update, "ttti", g->slug, name, key, now_ms(b->c));
    db_add(&sql, SQL_genre_update_end, "i", g->nr);
    b->counts.updated++;
    cinema_status s = db_run(b->tx, &sql, NULL, NULL, b->err);
    return s ? s : remember(b, &(genre_entry){ g->nr, g->slug, name, g->id });
}

/* The place of the one that id or slug name; 0: there is none. */
static int64_t place_of(const batch *b, const line *l)
{
    char id[UUID_TEXT];
    uuid_text(&l->id, id);
    int64_t place = l->in.id ? names_get(b->genres.by_id, id) : 0;
    return place || !l->in.slug ? place : names_get(b->genres.by_slug, l->in.slug);
}

/* It is known by id or slug, if the line has one that there is, or, without an id, by its name. */
cinema_status genre_line_write(batch *b, line *l)
{
    const genre_entry *g = NULL;
    cinema_status s = read_all(b);
    if (s)
        return s;
    int64_t place = place_of(b, l);
    if (place && strcmp(b->genres.items[place - 1].name, l->in.name) != 0)
        return rename_genre(b, &b->genres.items[place - 1], l->in.name);
    if (!place && !l->in.id && (s = find(b, l->in.name, &g)))
        return s;
    if (place || g) {
        b->counts.unchanged++;
        return CINEMA_OK;
    }
    b->counts.created++;
    return add(b, l->in.name, l->in.slug, l->in.id ? &l->id : NULL, &g);
}
