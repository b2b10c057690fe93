/* page.c - rows become a page of records.
 */
#include "call/page.h"

#include "call/cursor.h"
#include "port/db/row.h"

static void *read_record(const field_table *t, const db_row *row, arena *a)
{
    void *record = arena_alloc(a, t->record_size);
    if (!record)
        return NULL;
    fields_clear_record(t, record);
    return fields_read_row(t, row, 2, a, record) ? NULL : record;
}

cinema_status page_fill(cinema *c, const field_table *t, uint64_t filters, const db_rows *rows,
                        size_t limit, arena *a, op_page *p, cinema_error *err)
{
    size_t n = rows->count < limit ? rows->count : limit;
    const void **items = arena_alloc(a, (n + 1) * sizeof *items);
    const db_row *row = rows->first, *last = NULL;
    if (!items)
        return fail_memory(err);
    for (size_t i = 0; i < n; i++, last = row, row = row->next)
        if (!(items[i] = read_record(t, row, a)))
            return fail_memory(err);
    p->items = items;
    p->count = n;
    if (!row || !last)
        return CINEMA_OK;
    return cursor_write(c, filters, &last->cells[0], last->cells[1].number, a, &p->next, err);
}

void *page_keep(arena **a, op_page *p)
{
    *a = NULL;
    return p;
}
