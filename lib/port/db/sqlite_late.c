/* sqlite_late.c - statements that wait for the end of their group.
 * FTS5 writes what it holds in memory to its tables at every savepoint, and each time that is a
 * segment, merged with others later. So the entries of all members are made together, after the
 * last member and before the COMMIT (measured for 32 callers: 30 us an entry instead of 80).
 */
#include "port/db/sqlite_driver.h"

struct lite_late {
    lite_late *next;
    db_statement statement;
    db_value values[]; /* then the bytes that they, and the statement, point at */
};

static bool points(const db_value *v)
{
    return v->type == DB_TEXT || v->type == DB_UUID || v->type == DB_BLOB;
}

static size_t bytes_of(const db_statement *s)
{
    size_t n = s->constant ? 0 : s->length + 1;
    for (size_t i = 0; i < s->count; i++)
        if (points(&s->values[i]))
            n += (size_t)s->values[i].length + 1;
    return n;
}

static const char *keep(char **room, const void *bytes, size_t n)
{
    char *copy = *room;
    if (n)
        memcpy(copy, bytes, n);
    copy[n] = '\0';
    *room += n + 1;
    return copy;
}

bool lite_late_add(lite_lates *l, const db_statement *s)
{
    size_t values = s->count * sizeof *s->values;
    lite_late *one = malloc(sizeof *one + values + bytes_of(s));
    if (!one)
        return false;
    char *room = (char *)one->values + values;
    one->next = NULL;
    one->statement = *s;
    one->statement.values = one->values;
    if (!s->constant)
        one->statement.text = keep(&room, s->text, s->length);
    for (size_t i = 0; i < s->count; i++) {
        one->values[i] = s->values[i];
        if (points(&s->values[i]))
            one->values[i].blob = keep(&room, s->values[i].blob, s->values[i].length);
    }
    *(l->first ? l->end : &l->first) = one;
    l->end = &one->next;
    return true;
}

void lite_late_move(lite_lates *to, lite_lates *from)
{
    if (!from->first)
        return;
    *(to->first ? to->end : &to->first) = from->first;
    to->end = from->end;
    *from = (lite_lates){ 0 };
}

cinema_status lite_late_run(lite_connection *k, const lite_lates *l, cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    for (const lite_late *one = l->first; !s && one; one = one->next)
        s = lite_run(k, &one->statement, LITE_WRITER, NULL, NULL, err);
    return s;
}

void lite_late_clear(lite_lates *l)
{
    for (lite_late *one = l->first, *next; one; one = next) {
        next = one->next;
        free(one);
    }
    *l = (lite_lates){ 0 };
}
