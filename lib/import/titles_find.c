/* titles_find.c - which titles are there already, and what is in them.
 * A film or series is known by its id; else by its external ids; else by its slug, or, where the
 * line says neither id nor slug, by kind, title and year, unless an external id says that it is
 * another. An episode is known by its place.
 */
#include "import/batch.h"

#include "bulk.sql.h"

#include <stdio.h>

/* A title that may be the one of a line. */
typedef struct candidate {
    line *l;
    int64_t nr;
} candidate;

typedef struct finding {
    batch *b;
    line **list;
    size_t count;
    candidate *candidates;
    size_t candidate_count;
    titles_there *there;
} finding;

static bool is_key(const line *l, size_t i)
{
    return l->keys >> i & 1;
}

static bool is_soft(const line *l, size_t i)
{
    return l->soft >> i & 1;
}

/* A reason not to take a line as things are. Lines before it may change that: then it is looked at
 * again, alone, when they are written. */
__attribute__((format(printf, 6, 7))) static void trouble(batch *b, line *l, bool alone,
                                                          const char *where, const char *rule,
                                                          const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (alone)
        batch_refuse(b, l, where, rule, "%s", text);
    else
        l->state.later = true;
}

/* --- by id --- */

/* Cells: place, nr, kind, season, episode. An episode stays where it is. */
static void take_id(const finding *f, line *l, const db_row *row)
{
    const db_value *v = row->cells;
    bool alone = f->count == 1;
    if (strcmp(v[2].text, l->in.kind) != 0) {
        trouble(f->b, l, alone, "id", "kind", "%s is not a %s but a %s", l->in.id, l->in.kind,
                v[2].text);
        return;
    }
    if (l->stage == STAGE_EPISODE &&
        (v[3].number != l->state.season_nr || v[4].number != *l->in.episode_number)) {
        trouble(f->b, l, alone, "id", "place", "the episode %s has another place", l->in.id);
        return;
    }
    l->state.there = true;
    l->state.nr = row->cells[1].number;
}

static cinema_status find_by_id(const finding *f)
{
    CLEANUP(bulk_ids_done) bulk_ids ids = BULK_IDS;
    line **asked = arena_alloc(f->b->arena, (f->count + 1) * sizeof *asked);
    size_t n = 0;
    db_rows rows;
    if (!asked)
        return fail_memory(f->b->err);
    for (size_t i = 0; i < f->count; i++) {
        if (!f->list[i]->in.id || f->list[i]->state.refused)
            continue;
        asked[n++] = f->list[i];
        bulk_id(&ids, &f->list[i]->id);
    }
    cinema_status s = bulk_find_ids(&ids, f->b->tx, SQL_bulk_by_id, f->b->arena, &rows, f->b->err);
    for (const db_row *row = s ? NULL : rows.first; row; row = row->next)
        take_id(f, asked[row->cells[0].number], row);
    return s;
}

/* --- by external ids --- */

static cinema_status ask_for_ids(finding *f)
{
    CLEANUP(bulk_keys_done) bulk_keys keys = BULK_KEYS;
    char key[32 + 200 * 4 + 1];
    size_t room = 1;
    for (size_t i = 0; i < f->count; i++)
        room += f->list[i]->in.title.external_ids.count;
    id_asked *asked = arena_alloc(f->b->arena, room * sizeof *asked);
    if (!asked)
        return fail_memory(f->b->err);
    f->there->asked = asked;
    for (size_t i = 0; i < f->count; i++) {
        const cinema_pairs *ids = &f->list[i]->in.title.external_ids;
        for (size_t k = 0; k < ids->count; k++) {
            asked[keys.count] = (id_asked){ f->list[i], k };
            snprintf(key, sizeof key, "%-32s%s", ids->items[k].name, ids->items[k].value);
            bulk_key(&keys, key);
        }
    }
    return batch_find(f->b, &keys, SQL_bulk_by_external_id, &f->there->by_id);
}

static const cinema_pair *id_of(const line *l, size_t place)
{
    return &l->in.title.external_ids.items[place];
}

/* What the line calls it. */
static void field_of_id(const line *l, size_t place, char path[64])
{
    if (l->catalogue)
        text_copy(path, 64, is_soft(l, place) ? "href" : "id");
    else
        snprintf(path, 64, "external_ids.%.40s", id_of(l, place)->name);
}

/* The first external id that says which title it is decides. */
static void take_ids(finding *f)
{
    for (const db_row *row = f->there->by_id.first; row; row = row->next) {
        const id_asked *asked = &f->there->asked[row->cells[0].number];
        line *l = asked->l;
        char path[64];
        if (!is_key(l, asked->place) || l->state.there || l->stage == STAGE_EPISODE)
            continue;
        l->state.there = !strcmp(row->cells[2].text, l->in.kind);
        l->state.nr = l->state.there ? row->cells[1].number : 0;
        if (l->state.there)
            continue;
        const cinema_pair *id = id_of(l, asked->place);
        field_of_id(l, asked->place, path);
        trouble(f->b, l, f->count == 1, path, "kind", "%.32s:%.60s is not a %s but a %s", id->name,
                id->value, l->in.kind, row->cells[2].text);
    }
}

void titles_settle_ids(batch *b, const titles_there *t, bool alone)
{
    for (const db_row *row = t->by_id.first; row; row = row->next) {
        line *l = t->asked[row->cells[0].number].l;
        size_t place = t->asked[row->cells[0].number].place;
        const cinema_pair *id = id_of(l, place);
        char path[64];
        if (l->state.refused || l->state.later)
            continue;
        field_of_id(l, place, path);
        if (l->state.there && l->state.nr == row->cells[1].number) {
            l->state.own |= UINT64_C(1) << place;
        } else if (is_soft(l, place)) {
            l->state.left_out |= UINT64_C(1) << place;
            report_add(b->report, l->number, true, path, "external_id_taken",
                       "another title has %.32s:%.60s: left out", id->name, id->value);
        } else {
            trouble(b, l, alone, path, "external_id_taken", "another title has %.32s:%.60s",
                    id->name, id->value);
        }
    }
}

/* --- by slug, by title, by place --- */

/* How lines are looked for that no id has told. */
typedef struct look {
    bool (*takes)(const line *l);
    void (*ask)(const line *l, bulk_keys *keys);
    bool (*fits)(const line *l, const db_row *row);
    const db_text *text;
} look;

static bool has_slug(const line *l)
{
    return l->stage != STAGE_EPISODE && l->in.slug;
}

static void ask_for_slug(const line *l, bulk_keys *keys)
{
    bulk_key(keys, l->in.slug);
}

/* Cells: place, nr, kind. */
static bool same_kind(const line *l, const db_row *row)
{
    return !strcmp(row->cells[2].text, l->in.kind);
}

static bool has_place(const line *l)
{
    return l->stage == STAGE_EPISODE;
}

static void ask_for_place(const line *l, bulk_keys *keys)
{
    bulk_number(keys, l->state.season_nr * 100000 + *l->in.episode_number);
}

static bool any_fits(const line *l, const db_row *row)
{
    (void)l;
    (void)row;
    return true;
}

static bool has_name(const line *l)
{
    return l->stage != STAGE_EPISODE && !l->named;
}

static void ask_for_name(const line *l, bulk_keys *keys)
{
    char year[8];
    CLEANUP(buffer_done) buffer key = BUFFER(1 << 16);
    snprintf(year, sizeof year, "%04d", l->year == CINEMA_ABSENT ? 0 : (int)l->year);
    buffer_text(&key, year);
    buffer_text(&key, l->sort_key);
    bulk_key(keys, key.failed ? "" : key.bytes);
}

/* Cells: place, nr, kind, title. */
static bool same_name(const line *l, const db_row *row)
{
    return same_kind(l, row) && !strcmp(row->cells[3].text, l->in.title.title);
}

static const look looks[] = {
    { has_slug, ask_for_slug, same_kind, &SQL_bulk_by_slug },
    { has_place, ask_for_place, any_fits, &SQL_bulk_by_episode },
    { has_name, ask_for_name, same_name, &SQL_bulk_by_title },
};

static cinema_status add_candidates(finding *f, const look *k)
{
    CLEANUP(bulk_keys_done) bulk_keys keys = BULK_KEYS;
    line **asked = arena_alloc(f->b->arena, (f->count + 1) * sizeof *asked);
    db_rows rows;
    if (!asked)
        return fail_memory(f->b->err);
    for (size_t i = 0; i < f->count; i++) {
        const line *l = f->list[i];
        if (l->state.there || l->state.refused || l->state.later || !k->takes(l))
            continue;
        asked[keys.count] = f->list[i];
        k->ask(l, &keys);
    }
    cinema_status s = batch_find(f->b, &keys, *k->text, &rows);
    if (s || !rows.count)
        return s;
    candidate *all = arena_alloc(f->b->arena, (f->candidate_count + rows.count) * sizeof *all);
    if (!all)
        return fail_memory(f->b->err);
    if (f->candidate_count)
        memcpy(all, f->candidates, f->candidate_count * sizeof *all);
    f->candidates = all;
    for (const db_row *row = rows.first; row; row = row->next)
        if (k->fits(asked[row->cells[0].number], row))
            all[f->candidate_count++] =
                (candidate){ asked[row->cells[0].number], row->cells[1].number };
    return CINEMA_OK;
}

static cinema_status find_candidates(finding *f)
{
    cinema_status s = CINEMA_OK;
    for (size_t i = 0; !s && i < COUNT_OF(looks); i++)
        s = add_candidates(f, &looks[i]);
    return s;
}

/* An episode's place is enough; a film may be another of the same name and year. */
static void take_candidates(finding *f)
{
    for (size_t i = 0; i < f->candidate_count; i++) {
        line *l = f->candidates[i].l;
        const title_there *t = titles_there_get(f->there, f->candidates[i].nr);
        if (l->state.refused || l->state.later || !t ||
            (l->stage != STAGE_EPISODE && title_contradicts(l, t)))
            continue;
        if (l->state.there)
            trouble(f->b, l, f->count == 1, "title", "ambiguous",
                    "there are several of this title and year: give an external id");
        l->state.there = true;
        l->state.nr = t->nr;
    }
}

/* --- what is in them --- */

const title_there *titles_there_get(const titles_there *t, int64_t nr)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->items[middle].nr < nr)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->count && t->items[low].nr == nr ? &t->items[low] : NULL;
}

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* All titles that are looked into, each once. */
static cinema_status gather(const finding *f, int64_t **ret, size_t *count)
{
    int64_t *nrs = arena_alloc(f->b->arena, (f->count + f->candidate_count + 1) * sizeof *nrs);
    size_t n = 0;
    if (!nrs)
        return fail_memory(f->b->err);
    for (size_t i = 0; i < f->count; i++)
        if (f->list[i]->state.there && !f->list[i]->state.refused)
            nrs[n++] = f->list[i]->state.nr;
    for (size_t i = 0; i < f->candidate_count; i++)
        nrs[n++] = f->candidates[i].nr;
    qsort(nrs, n, sizeof *nrs, by_number);
    *count = 0;
    for (size_t i = 0; i < n; i++)
        if (!*count || nrs[*count - 1] != nrs[i])
            nrs[(*count)++] = nrs[i];
    *ret = nrs;
    return CINEMA_OK;
}

static cinema_status load(const finding *f, const int64_t *nrs, size_t count, db_text text,
                          db_rows *rows)
{
    CLEANUP(bulk_keys_done) bulk_keys keys = BULK_KEYS;
    for (size_t i = 0; i < count; i++)
        bulk_number(&keys, nrs[i]);
    return batch_find(f->b, &keys, text, rows);
}

/* Rows come in the order of the titles: the first of this one. */
static const db_row *first_of(const db_row **at, int64_t nr)
{
    while (*at && (*at)->cells[0].number < nr)
        *at = (*at)->next;
    return *at && (*at)->cells[0].number == nr ? *at : NULL;
}

static cinema_status load_all(const finding *f)
{
    titles_there *ret = f->there;
    db_rows content, ids, credits;
    int64_t *nrs = NULL;
    size_t count = 0;
    cinema_status s;
    if ((s = gather(f, &nrs, &count)) || (s = load(f, nrs, count, SQL_bulk_content, &content)) ||
        !content.count || (s = load(f, nrs, count, SQL_bulk_external_ids, &ids)) ||
        (s = load(f, nrs, count, SQL_bulk_credits, &credits)))
        return s;
    const db_row *id = ids.first, *credit = credits.first;
    ret->items = arena_alloc(f->b->arena, content.count * sizeof *ret->items);
    if (!ret->items)
        return fail_memory(f->b->err);
    for (const db_row *row = content.first; row; row = row->next) {
        int64_t nr = row->cells[0].number;
        ret->items[ret->count++] =
            (title_there){ nr, row, first_of(&id, nr), first_of(&credit, nr) };
    }
    return CINEMA_OK;
}

bool title_contradicts(const line *l, const title_there *t)
{
    const cinema_pairs *ids = &l->in.title.external_ids;
    for (const db_row *row = t->ids; row && row->cells[0].number == t->nr; row = row->next)
        for (size_t i = 0; i < ids->count; i++)
            if (!strcmp(ids->items[i].name, row->cells[1].text) &&
                strcmp(ids->items[i].value, row->cells[2].text) != 0)
                return true;
    return false;
}

cinema_status titles_find(batch *b, line **list, size_t count, titles_there *ret)
{
    finding f = { .b = b, .list = list, .count = count, .there = ret };
    cinema_status s;
    *ret = (titles_there){ 0 };
    if ((s = find_by_id(&f)) || (s = ask_for_ids(&f)))
        return s;
    take_ids(&f);
    if ((s = find_candidates(&f)) || (s = load_all(&f)))
        return s;
    take_candidates(&f);
    return CINEMA_OK;
}
