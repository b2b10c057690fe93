/* line_fuzz.c - any line of an import: it is taken whole, or told what is wrong with it.
 */
#include "fuzz/fuzz_help.h"

#include "base/unicode.h"
#include "import/line.h"

#include <string.h>

static void check_taken(const line *l)
{
    HOLDS(l->stage < STAGE_COUNT);
    HOLDS(strlen(l->slug) <= 80);
    if (l->in.title.title)
        HOLDS(*l->in.title.title && utf8_valid(l->in.title.title, strlen(l->in.title.title)));
    if (l->sort_key)
        HOLDS(strlen(l->sort_key) <= 1000);
    for (size_t p = 0; p < PARTS; p++)
        for (size_t i = 0; i < l->parts[p].count; i++)
            HOLDS(l->parts[p].items[i].name && *l->parts[p].items[i].name);
}

static void check_faults(const faults *f)
{
    for (size_t i = 0; i < f->count && i < FAULTS_MAX; i++) {
        const fault *one = &f->items[i];
        HOLDS(*one->rule && *one->message);
        HOLDS(utf8_valid(one->message, strlen(one->message)));
        HOLDS(utf8_valid(one->field, strlen(one->field)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static faults list, warnings;
    line l = { 0 };
    char *text = fuzz_text(data, size);
    arena *a = arena_new(0, 0);
    HOLDS(a);
    list.count = warnings.count = 0;
    HOLDS(!line_read(text, size, a, &l, &list, &warnings, NULL));
    check_faults(&list);
    check_faults(&warnings);
    if (!list.count)
        check_taken(&l);
    line_done(&l);
    arena_free(a);
    free(text);
    return 0;
}
