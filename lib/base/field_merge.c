/* field_merge.c - what an input sets or clears goes into a record.
 */
#include "base/field.h"

typedef struct list {
    const void *items;
    size_t count;
} list;

static bool copy_text(arena *a, const char *s, const char **ret)
{
    *ret = arena_copy(a, s, strlen(s));
    return *ret;
}

static bool copy_texts(arena *a, const cinema_texts *from, cinema_texts *to)
{
    const char **items = arena_alloc(a, (from->count + 1) * sizeof *items);
    for (size_t i = 0; items && i < from->count; i++)
        if (!copy_text(a, from->items[i], &items[i]))
            return false;
    *to = (cinema_texts){ items, from->count };
    return items;
}

static bool copy_pairs(arena *a, const cinema_pairs *from, cinema_pairs *to)
{
    cinema_pair *items = arena_alloc(a, (from->count + 1) * sizeof *items);
    for (size_t i = 0; items && i < from->count; i++)
        if (!copy_text(a, from->items[i].name, &items[i].name) ||
            !copy_text(a, from->items[i].value, &items[i].value))
            return false;
    *to = (cinema_pairs){ items, from->count };
    return items;
}

static void clear(const field *f, void *to)
{
    switch (f->type) {
    case FIELD_NUMBER:
    case FIELD_TIME:
        *(int64_t *)to = CINEMA_ABSENT;
        return;
    case FIELD_REAL:
        *(double *)to = 0;
        return;
    case FIELD_BOOL:
        *(bool *)to = false;
        return;
    case FIELD_TEXTS:
    case FIELD_WORDS:
    case FIELD_PAIRS:
        *(list *)to = (list){ NULL, 0 };
        return;
    default:
        *(const char **)to = NULL;
    }
}

static bool set(const field *f, const void *from, void *to, arena *a)
{
    switch (f->type) {
    case FIELD_NUMBER:
    case FIELD_TIME:
        *(int64_t *)to = **(const int64_t *const *)from;
        return true;
    case FIELD_REAL:
        *(double *)to = **(const double *const *)from;
        return true;
    case FIELD_BOOL:
        *(bool *)to = **(const bool *const *)from;
        return true;
    case FIELD_TEXTS:
    case FIELD_WORDS:
        return copy_texts(a, from, to);
    case FIELD_PAIRS:
        return copy_pairs(a, from, to);
    default:
        return copy_text(a, *(const char *const *)from, to);
    }
}

static const char *clear_names(const field_table *t, const char *input)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->fields[i].type == FIELD_CLEAR)
            return *(const char *const *)(const void *)(input + t->fields[i].in);
    return NULL;
}

void fields_clear_record(const field_table *t, void *record)
{
    for (size_t i = 0; i < t->count; i++) {
        const field *f = &t->fields[i];
        if (f->out != FIELD_NONE && (f->type == FIELD_NUMBER || f->type == FIELD_TIME))
            clear(f, (char *)record + f->out);
    }
}

cinema_status fields_merge(const field_table *t, const void *input, void *record, arena *a)
{
    const char *cleared = clear_names(t, input);
    for (size_t i = 0; i < t->count; i++) {
        const field *f = &t->fields[i];
        if (f->in == FIELD_NONE || f->out == FIELD_NONE || f->update_only)
            continue;
        const void *from = (const char *)input + f->in;
        void *to = (char *)record + f->out;
        if (field_cleared(cleared, f->name))
            clear(f, to);
        else if (*(const void *const *)from && !set(f, from, to, a))
            return CINEMA_NO_MEMORY;
    }
    return CINEMA_OK;
}
