/* seen.c - statements gathered.
 */
#include "same/seen.h"

#include <ctype.h>
#include <string.h>

void seen_add(const db_statement *s, bool read, void *list)
{
    seen_list *l = list;
    for (const seen *x = l->first; x; x = x->next)
        if (!strcmp(x->text, s->text))
            return;
    seen *x = calloc(1, sizeof *x);
    if (!x || !(x->text = strdup(s->text)))
        abort();
    x->read = read;
    x->count = s->count;
    for (size_t i = 0; i < s->count; i++)
        x->types[i] = s->values[i].declared;
    x->next = l->first;
    l->first = x;
    l->count++;
}

void seen_done(seen_list *l)
{
    for (seen *x = l->first, *next; x; x = next) {
        next = x->next;
        free(x->text);
        free(x);
    }
    *l = (seen_list){ 0 };
}

static const char *after_number(const char *s)
{
    while (isdigit((unsigned char)*s))
        s++;
    return s;
}

/* Whether `fragment` stands here: $1 fits any parameter. */
static bool stands(const char *text, const char *fragment)
{
    while (*fragment) {
        if (*text != *fragment)
            return false;
        bool parameter = *text == '$' && isdigit((unsigned char)text[1]);
        text = parameter ? after_number(text + 1) : text + 1;
        fragment = parameter ? after_number(fragment + 1) : fragment + 1;
    }
    return true;
}

bool seen_holds(const seen_list *l, const char *fragment)
{
    fragment += *fragment == ' '; /* each starts with one, but not inside another */
    for (const seen *x = l->first; x; x = x->next)
        for (const char *p = x->text; *p; p++)
            if (stands(p, fragment))
                return true;
    return false;
}
