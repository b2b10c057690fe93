/* titles_compare.c - what in a title that is there differs from what its line says. What a line
 * does not say is left alone.
 */
#include "import/batch.h"

typedef struct comparison {
    batch *b;
    line *l;
    const db_value *cells;
    cinema_title_input *change;
} comparison;

static void compare_text(comparison *x, const char *said, int cell, const char **change)
{
    const db_value *v = &x->cells[cell];
    if (!said || (v->type == DB_TEXT && !strcmp(said, v->text)) ||
        (!*said && v->type == DB_NULL)) /* no text is no news where there is none */
        return;
    *change = said;
    x->l->state.changed = true;
}

static void compare_number(comparison *x, const int64_t *said, int cell, const int64_t **change)
{
    const db_value *v = &x->cells[cell];
    if (!said || (v->type == DB_INT && *said == v->number))
        return;
    *change = said;
    x->l->state.changed = true;
}

/* --- genres --- */

/* Whether slugs with spaces between are these, in this order. */
static bool same_slugs(const char *text, const line_state *state)
{
    for (size_t i = 0; i < state->genre_count; i++) {
        size_t n = strlen(state->genre_slugs[i]);
        if (strncmp(text, state->genre_slugs[i], n) != 0)
            return false;
        text += n;
        if (i + 1 < state->genre_count && *text++ != ' ')
            return false;
    }
    return !*text;
}

static cinema_status compare_genres(comparison *x)
{
    bool known;
    if (!x->l->in.title.genres.items)
        return CINEMA_OK;
    cinema_status s = genres_look_up(x->b, x->l, &known);
    if (s || (known && same_slugs(x->cells[THERE_GENRES].text, &x->l->state)))
        return s;
    x->l->state.genres_differ = x->l->state.changed = true;
    return CINEMA_OK;
}

/* --- external ids --- */

static const cinema_pair *said_of(const line *l, const char *source)
{
    const cinema_pairs *ids = &l->in.title.external_ids;
    for (size_t i = 0; i < ids->count; i++)
        if (!(l->state.left_out >> i & 1) && !strcmp(ids->items[i].name, source))
            return &ids->items[i];
    return NULL;
}

static bool has(const title_there *t, const cinema_pair *id)
{
    for (const db_row *row = t->ids; row && row->cells[0].number == t->nr; row = row->next)
        if (!strcmp(row->cells[1].text, id->name) && !strcmp(row->cells[2].text, id->value))
            return true;
    return false;
}

/* Those that it has and the line says nothing of, and those of the line. */
static cinema_status join_ids(comparison *x, const title_there *t)
{
    const cinema_pairs *ids = &x->l->in.title.external_ids;
    size_t n = ids->count;
    for (const db_row *row = t->ids; row && row->cells[0].number == t->nr; row = row->next)
        n++;
    cinema_pair *items = arena_alloc(x->b->arena, (n + 1) * sizeof *items);
    if (!items)
        return fail_memory(x->b->err);
    n = 0;
    for (const db_row *row = t->ids; row && row->cells[0].number == t->nr; row = row->next)
        if (!said_of(x->l, row->cells[1].text))
            items[n++] = (cinema_pair){ row->cells[1].text, row->cells[2].text };
    for (size_t i = 0; i < ids->count; i++)
        if (!(x->l->state.left_out >> i & 1))
            items[n++] = ids->items[i];
    if (n > EXTERNAL_IDS_MAX)
        batch_refuse_ids(x->b, x->l);
    x->change->external_ids = (cinema_pairs){ items, n };
    x->l->state.changed = true;
    return CINEMA_OK;
}

static cinema_status compare_ids(comparison *x, const title_there *t)
{
    const cinema_pairs *ids = &x->l->in.title.external_ids;
    for (size_t i = 0; i < ids->count; i++)
        if (!(x->l->state.left_out >> i & 1) && !has(t, &ids->items[i]))
            return join_ids(x, t);
    return CINEMA_OK;
}

/* --- credits --- */

static bool same_text(const char *said, const db_value *v)
{
    return said ? v->type == DB_TEXT && !strcmp(said, v->text) : v->type == DB_NULL;
}

/* A slug stands for whom this import has met under it, who may have another here. */
static bool same_person(const comparison *x, const line_credit *said, const db_value *slug,
                        const db_value *nr)
{
    return !said->person || !strcmp(said->person, slug->text) ||
           names_get(x->b->memory->people, said->who) == nr->number;
}

/* Cells: title, part, sort key of the name, role, department, slug, nr. */
static bool same_credit(const comparison *x, const line_credit *said, const db_value *v)
{
    return !strcmp(said->key, v[2].text) && same_text(said->role, &v[3]) &&
           same_text(said->department, &v[4]) && same_person(x, said, &v[5], &v[6]);
}

static void compare_part(comparison *x, const title_there *t, int part)
{
    const line_part *said = &x->l->parts[part];
    size_t n = 0;
    bool same = true;
    if (!said->items)
        return;
    for (const db_row *row = t->credits; row && row->cells[0].number == t->nr; row = row->next) {
        if (row->cells[1].number != part)
            continue;
        same = same && n < said->count && same_credit(x, &said->items[n], row->cells);
        n++;
    }
    if (same && n == said->count)
        return;
    x->l->state.part_differs[part] = x->l->state.changed = true;
}

/* --- all --- */

cinema_status title_compare(batch *b, line *l, const title_there *t)
{
    const cinema_title_input *said = &l->in.title;
    const int64_t *year = l->year == CINEMA_ABSENT ? NULL : &l->year;
    cinema_title_input *to = arena_alloc(b->arena, sizeof *to);
    comparison x = { b, l, t->content->cells, to };
    if (!to)
        return fail_memory(b->err);
    l->state.change = to;
    compare_text(&x, said->title, THERE_TITLE, &to->title);
    compare_text(&x, said->original_title, THERE_ORIGINAL_TITLE, &to->original_title);
    compare_number(&x, year, THERE_YEAR, &to->year);
    compare_text(&x, said->released_on, THERE_RELEASED_ON, &to->released_on);
    compare_number(&x, said->runtime_minutes, THERE_RUNTIME, &to->runtime_minutes);
    compare_text(&x, said->overview, THERE_OVERVIEW, &to->overview);
    compare_text(&x, said->language, THERE_LANGUAGE, &to->language);
    compare_text(&x, said->status, THERE_STATUS, &to->status);
    compare_number(&x, said->popularity, THERE_POPULARITY, &to->popularity);
    compare_text(&x, said->poster_url, THERE_POSTER_URL, &to->poster_url);
    compare_part(&x, t, CAST);
    compare_part(&x, t, CREW);
    cinema_status s = compare_genres(&x);
    return s ? s : compare_ids(&x, t);
}
