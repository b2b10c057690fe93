/* field.c - finding fields, gathering faults.
 */
#include "base/field.h"

#include <stdio.h>

const field *field_find(const field_table *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (!strcmp(t->fields[i].name, name))
            return &t->fields[i];
    return NULL;
}

void fault_add(faults *f, const char *name, const char *rule, const char *format, ...)
{
    char line[512];
    va_list args;
    if (f->count++ >= FAULTS_MAX)
        return;
    fault *x = &f->items[f->count - 1];
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    text_copy(x->field, sizeof x->field, name);
    text_copy(x->rule, sizeof x->rule, rule);
    text_copy(x->message, sizeof x->message, line);
}

cinema_status faults_status(const faults *f, cinema_error *err)
{
    if (!f->count)
        return CINEMA_OK;
    const fault *x = &f->items[0];
    return fail(err, CINEMA_INVALID, NULL, x->field, "%s%s%s", x->field, *x->field ? ": " : "",
                x->message);
}
