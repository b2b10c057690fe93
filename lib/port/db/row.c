/* row.c - a database row read into a record by its field table.
 */
#include "port/db/row.h"

#include <assert.h>

static bool has_column(const field *f)
{
    return f->out != FIELD_NONE && !f->no_column && f->type != FIELD_PAIRS &&
           f->type != FIELD_RECORD && f->type != FIELD_RECORDS;
}

size_t fields_columns(const field_table *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++)
        n += has_column(&t->fields[i]);
    return n;
}

static const char *read_uuid(const db_value *cell, arena *a)
{
    uuid u;
    char *text = arena_text(a, UUID_TEXT);
    if (!text)
        return NULL;
    memcpy(u.bytes, cell->blob, sizeof u.bytes);
    uuid_text(&u, text);
    return text;
}

static bool read_words(const char *text, arena *a, cinema_texts *ret)
{
    size_t n = 0, length = strlen(text);
    for (const char *p = text; *p; p++)
        n += p == text || p[-1] == ' ';
    const char **items = n ? arena_alloc(a, n * sizeof *items) : NULL;
    char *copy = n ? arena_copy(a, text, length) : NULL;
    if (n && (!items || !copy))
        return false;
    for (size_t i = 0; i < n; i++) {
        items[i] = copy;
        copy += strcspn(copy, " ");
        *copy++ = '\0';
    }
    *ret = (cinema_texts){ items, n };
    return true;
}

static bool read_cell(const field *f, const db_value *cell, arena *a, void *at)
{
    bool null = cell->type == DB_NULL;
    switch (f->type) {
    case FIELD_TEXT:
    case FIELD_DATE:
        *(const char **)at = null ? NULL : cell->text;
        return true;
    case FIELD_UUID:
        return null || (*(const char **)at = read_uuid(cell, a));
    case FIELD_NUMBER:
    case FIELD_TIME:
        *(int64_t *)at = null || (f->zero_absent && !cell->number) ? CINEMA_ABSENT : cell->number;
        return true;
    case FIELD_REAL:
        *(double *)at = null ? 0 : cell->type == DB_INT ? (double)cell->number : cell->real;
        return true;
    case FIELD_BOOL:
        *(bool *)at = !null && cell->number;
        return true;
    case FIELD_WORDS:
        return null || read_words(cell->text, a, at);
    default:
        assert(!"a field that has no column");
        return true;
    }
}

cinema_status fields_read_row(const field_table *t, const db_row *row, size_t first, arena *a,
                              void *record)
{
    const db_value *cell = row->cells + first;
    for (size_t i = 0; i < t->count; i++) {
        const field *f = &t->fields[i];
        if (has_column(f) && !read_cell(f, cell++, a, (char *)record + f->out))
            return CINEMA_NO_MEMORY;
    }
    return CINEMA_OK;
}
