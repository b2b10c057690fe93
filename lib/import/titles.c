/* titles.c - films, series and episodes of a batch: what is there is changed where it differs, what
 * is new goes in together.
 */
#include "import/batch.h"

#include "search/search.h"

#include "bulk.sql.h"
#include "credit.sql.h"

#include <stdio.h>

/* --- lines that meet --- */

/* What earlier lines of the batch will be known by. */
typedef struct coming {
    names *keys; /* place in the list, from 1 */
    line **list;
    const titles_there *there;
} coming;

static bool same_source_differs(const line *x, const line *y)
{
    const cinema_pairs *a = &x->in.title.external_ids, *b = &y->in.title.external_ids;
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++)
            if (!strcmp(a->items[i].name, b->items[k].name) &&
                strcmp(a->items[i].value, b->items[k].value) != 0)
                return true;
    return false;
}

static const line *earlier(const coming *k, const char *key)
{
    int64_t place = names_get(k->keys, key);
    return place ? k->list[place - 1] : NULL;
}

/* An external id that an earlier line has: the same title, or only an article that both name. */
static cinema_status meet_ids(batch *b, coming *k, line *l, int64_t place)
{
    const cinema_pairs *ids = &l->in.title.external_ids;
    for (size_t i = 0; i < ids->count; i++) {
        const char *key = arena_format(b->arena, "%s:%s", ids->items[i].name, ids->items[i].value);
        const line *other = key ? earlier(k, key) : NULL;
        bool soft = l->soft >> i & 1;
        if (!key || (!other && names_put(k->keys, key, place)))
            return fail_memory(b->err);
        if (other && (!soft || other->state.later))
            l->state.later = true;
        else if (other)
            l->state.has_soft = other;
    }
    return CINEMA_OK;
}

/* An article that an earlier line names is that one's. */
static void leave_out(batch *b, line *l)
{
    const cinema_pairs *ids = &l->in.title.external_ids;
    for (size_t i = 0; i < ids->count; i++) {
        if (!(l->soft >> i & 1) || (l->state.own | l->state.left_out) >> i & 1)
            continue;
        l->state.left_out |= UINT64_C(1) << i;
        report_add(b->report, l->number, true, "href", "external_id_taken",
                   "line %lld has %.32s:%.60s: left out", (long long)l->state.has_soft->number,
                   ids->items[i].name, ids->items[i].value);
    }
}

/* The row or the place that says which title it is. */
static const char *place_key(const batch *b, const line *l)
{
    if (l->state.there)
        return arena_format(b->arena, "#%lld", (long long)l->state.nr);
    return arena_format(b->arena, "@%lld/%lld", (long long)l->state.season_nr,
                        (long long)*l->in.episode_number);
}

static cinema_status meet_place(batch *b, coming *k, line *l, int64_t place)
{
    const char *key = place_key(b, l);
    if (!key)
        return fail_memory(b->err);
    l->state.later |= earlier(k, key) != NULL;
    return names_put(k->keys, key, place) ? fail_memory(b->err) : CINEMA_OK;
}

/* The year that the title will have. */
static int64_t year_after(const coming *k, const line *l)
{
    const title_there *t = l->state.there ? titles_there_get(k->there, l->state.nr) : NULL;
    if (l->year != CINEMA_ABSENT)
        return l->year;
    return t ? t->content->cells[THERE_YEAR].number : 0;
}

/* One of the name and year of an earlier line may be its title, unless external ids differ, or the
 * line says id or slug. */
static cinema_status meet_name(batch *b, coming *k, line *l, int64_t place)
{
    const char *key = arena_format(b->arena, "=%s/%lld/%s", l->in.kind, (long long)year_after(k, l),
                                   l->in.title.title);
    if (!key)
        return fail_memory(b->err);
    const line *first = earlier(k, key);
    for (const line *x = first; x && !l->named; x = x->state.same_name)
        l->state.later |= !same_source_differs(x, l);
    l->state.same_name = first;
    return names_put(k->keys, key, place) ? fail_memory(b->err) : CINEMA_OK;
}

/* An earlier line may get the slug that this one is known by. */
static cinema_status meet_slug(batch *b, coming *k, line *l, int64_t place)
{
    const char *key = arena_format(b->arena, "/%s", l->slug);
    if (!key)
        return fail_memory(b->err);
    l->state.later |= l->in.slug && earlier(k, key);
    return names_put(k->keys, key, place) ? fail_memory(b->err) : CINEMA_OK;
}

static cinema_status meet_id(batch *b, coming *k, line *l, int64_t place)
{
    char id[UUID_TEXT];
    if (!l->in.id)
        return CINEMA_OK;
    uuid_text(&l->id, id);
    const char *key = arena_format(b->arena, "!%s", id);
    if (!key)
        return fail_memory(b->err);
    l->state.later |= earlier(k, key) != NULL;
    return names_put(k->keys, key, place) ? fail_memory(b->err) : CINEMA_OK;
}

/* Lines that are written later are met as well: what comes after them has to wait, too. */
static cinema_status meet(batch *b, coming *k, line *l, int64_t place)
{
    bool episode = l->stage == STAGE_EPISODE;
    cinema_status s = episode || l->state.there ? meet_place(b, k, l, place) : CINEMA_OK;
    if (!s && !episode)
        s = meet_name(b, k, l, place);
    if (!s && !episode)
        s = meet_slug(b, k, l, place);
    if (!s)
        s = meet_id(b, k, l, place);
    return s ? s : meet_ids(b, k, l, place);
}

static cinema_status find_meetings(batch *b, line **list, size_t count, const titles_there *there)
{
    CLEANUP(names_freep) names *keys = names_new();
    coming k = { keys, list, there };
    cinema_status s = keys ? CINEMA_OK : fail_memory(b->err);
    for (size_t i = 0; !s && count > 1 && i < count; i++)
        if (!list[i]->state.refused)
            s = meet(b, &k, list[i], (int64_t)i + 1);
    return s;
}

/* --- those that are there --- */

static cinema_status change_fields(batch *b, line *l, const title_there *t)
{
    title_name name = { .how = BY_ID };
    title_draft d;
    memcpy(name.id.bytes, t->content->cells[THERE_ID].blob, sizeof name.id.bytes);
    if (l->state.genres_differ) {
        cinema_status s = genres_make(b, l);
        if (s)
            return s;
        l->state.change->genres = (cinema_texts){ l->state.genre_slugs, l->state.genre_count };
    }
    cinema_status s = title__lock(b->c, b->tx, l->in.kind, &name, b->arena, &d, b->err);
    return s ? s : title__change(b->c, b->tx, &d, l->state.change, b->arena, b->err);
}

static cinema_status change(batch *b, line *l, const title_there *t)
{
    cinema_status s = change_fields(b, l, t);
    for (int part = 0; !s && part < PARTS; part++)
        if (l->state.part_differs[part])
            s = batch_run(b, SQL_credit_clear, NULL, "ii", l->state.nr, (int64_t)part);
    return s;
}

static cinema_status change_all(batch *b, line **list, size_t count, const titles_there *there)
{
    cinema_status s = people_make(b, list, count); /* before titles: as those who rename them */
    for (size_t i = 0; !s && i < count; i++)
        s = change(b, list[i], titles_there_get(there, list[i]->state.nr));
    if (!s)
        s = credits_write(b, list, count);
    for (size_t i = 0; !s && !b->dry && i < count; i++)
        s = search__refresh(b->c, b->tx, list[i]->state.nr, b->err);
    return s;
}

static cinema_status write_there(batch *b, line **list, size_t count, const titles_there *there)
{
    line **changed = arena_alloc(b->arena, (count + 1) * sizeof *changed);
    size_t n = 0;
    cinema_status s = changed ? CINEMA_OK : fail_memory(b->err);
    for (size_t i = 0; !s && i < count; i++) {
        line *l = list[i];
        const title_there *t = l->state.there ? titles_there_get(there, l->state.nr) : NULL;
        if (!t || l->state.refused || l->state.later || (s = title_compare(b, l, t)) ||
            l->state.refused)
            continue;
        if (!l->state.changed) {
            b->counts.unchanged++;
            continue;
        }
        changed[n++] = l;
        b->counts.updated++;
    }
    return s || !n ? s : change_all(b, changed, n, there);
}

/* --- new ones --- */

static const char *status_of(const batch *b, const line *l)
{
    return l->in.title.status ? l->in.title.status : b->status;
}

static void count_total(batch *b, const line *l)
{
    const char *status = status_of(b, l);
    size_t kind = *l->in.kind == 'e' ? 0 : *l->in.kind == 'm' ? 1 : 2;
    b->totals[kind * 3 + (*status == 'a' ? 0 : *status == 'd' ? 1 : 2)]++;
}

static char *joined(const line_state *state, arena *a)
{
    size_t room = 1;
    for (size_t i = 0; i < state->genre_count; i++)
        room += strlen(state->genre_slugs[i]) + 1;
    char *text = arena_text(a, room), *to = text;
    for (size_t i = 0; text && i < state->genre_count; i++) {
        size_t n = strlen(state->genre_slugs[i]);
        if (i)
            *to++ = ' ';
        memcpy(to, state->genre_slugs[i], n);
        to += n;
    }
    if (text)
        *to = '\0';
    return text;
}

static cinema_status add_row(batch *b, bulk *rows, const line *l, int64_t now)
{
    const cinema_title_input *t = &l->in.title;
    const int64_t *season = l->stage == STAGE_EPISODE ? &l->state.season_nr : NULL;
    int64_t year = l->year == CINEMA_ABSENT ? 0 : l->year;
    const char *genres = joined(&l->state, b->arena);
    uuid id = l->id;
    if (!genres)
        return fail_memory(b->err);
    if (!l->in.id)
        uuid_new(b->c, &id);
    return bulk_row(rows, b->err, l->state.nr, &id, l->in.kind, status_of(b, l), l->state.slug,
                    t->title, l->sort_key, year, t->popularity ? *t->popularity : INT64_C(0),
                    genres, t->poster_url, t->original_title, t->released_on, t->runtime_minutes,
                    t->language, season, season ? l->in.episode_number : NULL, now, t->overview);
}

static cinema_status add_rows(batch *b, line **list, size_t count)
{
    CLEANUP(bulk_done) bulk rows;
    int64_t now = now_ms(b->c);
    cinema_status s = CINEMA_OK;
    bulk_start(&rows, b->tx, SQL_bulk_title, "iutttttiittttItIIit");
    for (size_t i = 0; !s && i < count; i++)
        if (!(s = add_row(b, &rows, list[i], now)))
            count_total(b, list[i]);
    return s ? s : bulk_end(&rows, b->err);
}

static cinema_status add_genres(batch *b, line **list, size_t count)
{
    CLEANUP(bulk_done) bulk rows;
    cinema_status s = CINEMA_OK;
    bulk_start(&rows, b->tx, SQL_bulk_genre, "ii");
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; !s && k < list[i]->state.genre_count; k++)
            s = bulk_row(&rows, b->err, list[i]->state.genre_nrs[k], list[i]->state.nr);
    return s ? s : bulk_end(&rows, b->err);
}

static cinema_status add_external_ids(batch *b, line **list, size_t count)
{
    CLEANUP(bulk_done) bulk rows;
    cinema_status s = CINEMA_OK;
    bulk_start(&rows, b->tx, SQL_bulk_external_id, "tti");
    for (size_t i = 0; i < count; i++) {
        const cinema_pairs *ids = &list[i]->in.title.external_ids;
        for (size_t k = 0; !s && k < ids->count; k++)
            if (!(list[i]->state.left_out >> k & 1))
                s = bulk_row(&rows, b->err, ids->items[k].name, ids->items[k].value,
                             list[i]->state.nr);
    }
    return s ? s : bulk_end(&rows, b->err);
}

static cinema_status add_old_slugs(batch *b, line **list, size_t count)
{
    CLEANUP(bulk_done) bulk rows;
    cinema_status s = CINEMA_OK;
    bulk_start(&rows, b->tx, SQL_bulk_old_slug, "ti");
    for (size_t i = 0; i < count; i++) {
        const cinema_texts *slugs = &list[i]->in.old_slugs;
        for (size_t k = 0; !s && k < slugs->count; k++)
            s = bulk_row(&rows, b->err, slugs->items[k], list[i]->state.nr);
    }
    return s ? s : bulk_end(&rows, b->err);
}

static cinema_status add_words(batch *b, line **list, size_t count)
{
    search_entry *items = arena_alloc(b->arena, (count + 1) * sizeof *items);
    if (b->dry) /* nothing can be wrong with them */
        return CINEMA_OK;
    if (!items)
        return fail_memory(b->err);
    for (size_t i = 0; i < count; i++)
        items[i] = (search_entry){ list[i]->state.nr, list[i]->words };
    return search__add(b->tx, items, count, b->err);
}

static cinema_status choose_slugs(batch *b, line **list, size_t *count)
{
    slug_want *slugs = arena_alloc(b->arena, (*count + 1) * sizeof *slugs);
    size_t n = 0;
    if (!slugs)
        return fail_memory(b->err);
    for (size_t i = 0; i < *count; i++) {
        slugs[i] = (slug_want){ list[i]->in.title.title, "title", list[i]->year, "", 0, false };
        text_copy(slugs[i].slug, sizeof slugs[i].slug, list[i]->slug);
    }
    cinema_status s = batch_slugs(b, slugs, *count, SQL_bulk_title_slugs);
    for (size_t i = 0; !s && i < *count; i++) {
        list[i]->state.slug = slugs[i].slug;
        if (*slugs[i].slug)
            list[n++] = list[i];
        else
            batch_refuse(b, list[i], "title", "slug_taken",
                         "too many titles have this name and year");
        if (list[i]->in.slug && *slugs[i].slug && strcmp(list[i]->slug, slugs[i].slug) != 0)
            report_add(b->report, list[i]->number, true, "slug", "slug_taken",
                       "another title has it: this one became %s", slugs[i].slug);
    }
    *count = n;
    return s;
}

static cinema_status choose_numbers(batch *b, line **list, size_t count)
{
    int64_t *nrs = arena_alloc(b->arena, (count + 1) * sizeof *nrs);
    cinema_status s =
        nrs ? batch_numbers(b, SQL_bulk_title_numbers, count, nrs) : fail_memory(b->err);
    for (size_t i = 0; !s && i < count; i++)
        list[i]->state.nr = nrs[i];
    return s;
}

static cinema_status write_new(batch *b, line **list, size_t count)
{
    cinema_status s = CINEMA_OK;
    for (size_t i = 0; !s && i < count; i++) {
        list[i]->state.part_differs[CAST] = list[i]->state.part_differs[CREW] = true;
        s = genres_make(b, list[i]);
    }
    if (s || (s = choose_slugs(b, list, &count)) || !count ||
        (s = choose_numbers(b, list, count)) || (s = people_make(b, list, count)) ||
        (s = add_rows(b, list, count)) || (s = add_genres(b, list, count)) ||
        (s = add_external_ids(b, list, count)) || (s = add_old_slugs(b, list, count)) ||
        (s = credits_write(b, list, count)) || (s = add_words(b, list, count)))
        return s;
    b->counts.created += (int64_t)count;
    return CINEMA_OK;
}

/* --- all --- */

/* Seasons name a series by the slug that follows from its line. */
static cinema_status remember_series(batch *b, line **list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (*list[i]->in.kind == 's' && list[i]->state.nr && !list[i]->state.refused &&
            names_put(b->series, list[i]->slug, list[i]->state.nr))
            return fail_memory(b->err);
    return CINEMA_OK;
}

cinema_status titles_write(batch *b, line **list, size_t count)
{
    line **fresh = arena_alloc(b->arena, (count + 1) * sizeof *fresh);
    titles_there there;
    size_t n = 0;
    cinema_status s;
    if (!fresh)
        return fail_memory(b->err);
    if ((s = titles_find(b, list, count, &there)) || (s = find_meetings(b, list, count, &there)))
        return s;
    titles_settle_ids(b, &there, count == 1);
    for (size_t i = 0; i < count; i++)
        if (list[i]->state.has_soft && !list[i]->state.later && !list[i]->state.refused)
            leave_out(b, list[i]);
    if ((s = write_there(b, list, count, &there)))
        return s;
    for (size_t i = 0; i < count; i++)
        if (!list[i]->state.there && !list[i]->state.later && !list[i]->state.refused)
            fresh[n++] = list[i];
    s = n ? write_new(b, fresh, n) : CINEMA_OK;
    return s ? s : remember_series(b, list, count);
}
