/* known.c - names and cursors that answers have told, a bounded number of each.
 */
#include "same/known.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void forget_cursor(known_cursor *c)
{
    free(c->input);
    for (size_t i = 0; i < ENGINES_MAX; i++)
        free(c->after[i]);
    *c = (known_cursor){ 0 };
}

void known_forget_cursors(known *k)
{
    for (size_t i = 0; i < k->cursor_count; i++)
        forget_cursor(&k->cursors[i]);
    k->cursor_count = 0;
    k->fresh = -1;
}

void known_done(known *k)
{
    known_forget_cursors(k);
}

/* ---- names ----------------------------------------------------------------------------------- */

static known_name *place_for(known *k, known_kind kind, const char *text, source *chance)
{
    for (size_t i = 0; i < k->counts[kind]; i++)
        if (!strcmp(k->names[kind][i].text, text))
            return &k->names[kind][i];
    if (k->counts[kind] < NAMES_MAX)
        return &k->names[kind][k->counts[kind]++];
    return &k->names[kind][source_below(chance, NAMES_MAX)];
}

static void add(known *k, known_kind kind, const char *text, int64_t revision, source *chance)
{
    if (!text || strlen(text) >= NAME_SIZE)
        return;
    known_name *n = place_for(k, kind, text, chance);
    snprintf(n->text, sizeof n->text, "%s", text);
    n->revision = revision;
}

/* By its own word, else by the operation's. */
static known_kind kind_of(const json_t *record, const char *op)
{
    static const char *const words[] = { "movie", "series", "episode", "person", "genre" };
    const char *own = json_string_value(json_object_get(record, "kind"));
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (own ? !strcmp(own, words[i]) : !strncmp(op, words[i], strlen(words[i])))
            return (known_kind)i;
    return KNOWN_COUNT;
}

static void learn(known *k, const char *op, const json_t *record, source *chance)
{
    const json_t *ids = json_object_get(record, "external_ids");
    int64_t revision = json_integer_value(json_object_get(record, "revision"));
    known_kind kind = kind_of(record, op);
    char text[NAME_SIZE];
    if (kind == KNOWN_COUNT || !json_object_get(record, "id"))
        return;
    add(k, kind, json_string_value(json_object_get(record, "id")), revision, chance);
    add(k, kind, json_string_value(json_object_get(record, "slug")), revision, chance);
    for (void *i = json_object_iter((json_t *)(uintptr_t)ids); i;
         i = json_object_iter_next((json_t *)(uintptr_t)ids, i)) {
        snprintf(text, sizeof text, "%.60s:%.200s", json_object_iter_key(i),
                 json_string_value(json_object_iter_value(i)));
        add(k, kind, text, revision, chance);
    }
}

void known_learn(known *k, const char *op, const char *answer, source *chance)
{
    json_t *a = json_loads(answer, JSON_DECODE_ANY, NULL);
    const json_t *items = json_object_get(a, "items");
    for (size_t i = 0; i < json_array_size(items); i++)
        learn(k, op, json_array_get(items, i), chance);
    if (!items && a)
        learn(k, op, a, chance);
    json_decref(a);
}

const known_name *known_any(const known *k, known_kind kind, source *chance)
{
    return k->counts[kind] ? &k->names[kind][source_below(chance, k->counts[kind])] : NULL;
}

known_kind known_kind_of(const char *op, const char *field, source *chance)
{
    bool other = source_one_in(chance, 30) || !strcmp(field, "id"); /* of a line to import */
    if (other)
        return (known_kind)source_below(chance, KNOWN_COUNT);
    if (!strncmp(field, "person", 6))
        return KNOWN_PERSON;
    if (!strncmp(field, "genre", 5))
        return KNOWN_GENRE;
    if (!strcmp(field, "series") || !strncmp(op, "series.", 7))
        return KNOWN_SERIES;
    return !strncmp(op, "movie.", 6) ? KNOWN_MOVIE : (known_kind)source_below(chance, KNOWN_PERSON);
}

/* ---- cursors --------------------------------------------------------------------------------- */

void known_keep_cursor(known *k, const char *op, const char *input, char *const *after,
                       size_t count, source *chance)
{
    size_t i =
        k->cursor_count < CURSORS_MAX ? k->cursor_count++ : source_below(chance, CURSORS_MAX);
    known_cursor *c = &k->cursors[i];
    k->fresh = (int)i;
    forget_cursor(c);
    snprintf(c->op, sizeof c->op, "%s", op);
    c->input = strdup(input);
    for (size_t e = 0; e < count; e++)
        c->after[e] = strdup(after[e]);
}
