/* report.c - what was wrong with the lines of a batch, until it is told.
 */
#include "import/report.h"

#include <stdio.h>

struct report_entry {
    int64_t line;
    size_t place; /* of those of a line the first stays the first */
    bool warning;
    fault what;
};

void report_done(report *r)
{
    free(r->items);
    *r = (report){ 0 };
}

static report_entry *new_entry(report *r)
{
    if (r->count == r->room) {
        size_t room = r->room ? r->room * 2 : 16;
        report_entry *items = reallocarray(r->items, room, sizeof *items);
        if (!items) {
            r->no_memory = true;
            return NULL;
        }
        r->items = items;
        r->room = room;
    }
    return &r->items[r->count++];
}

static void add(report *r, int64_t line, bool warning, const fault *what)
{
    report_entry *e = new_entry(r);
    if (e)
        *e = (report_entry){ line, r->count, warning, *what };
}

void report_add(report *r, int64_t line, bool warning, const char *where, const char *rule,
                const char *format, ...)
{
    fault what;
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    text_copy(what.field, sizeof what.field, where);
    text_copy(what.rule, sizeof what.rule, rule);
    text_copy(what.message, sizeof what.message, text);
    add(r, line, warning, &what);
}

void report_add_all(report *r, int64_t line, const faults *list)
{
    for (size_t i = 0; i < list->count && i < FAULTS_MAX; i++)
        add(r, line, false, &list->items[i]);
}

void report_cut(report *r, size_t count)
{
    r->count = count;
}

int64_t report_warnings(const report *r)
{
    int64_t n = 0;
    for (size_t i = 0; i < r->count; i++)
        n += r->items[i].warning;
    return n;
}

static int by_line(const void *a, const void *b)
{
    const report_entry *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

cinema_status report_tell(report *r, const cinema_import_input *in)
{
    cinema_status s = CINEMA_OK;
    if (r->count)
        qsort(r->items, r->count, sizeof *r->items, by_line);
    for (size_t i = 0; !s && in->fault && i < r->count; i++) {
        const report_entry *e = &r->items[i];
        cinema_import_fault f = { e->line, e->what.field, e->what.rule, e->what.message,
                                  e->warning };
        s = in->fault(&f, in->user);
    }
    r->count = 0;
    return s;
}
