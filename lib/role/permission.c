/* permission.c - which permissions there are, and who may hand them on.
 */
#include "base/text.h"
#include "call/cursor.h"
#include "call/page.h"
#include "role/act.h"

#include <stdio.h>

/* Each word that an operation asks for, and words that have their place: a test compares. */
const role_permission cinema__permissions[] = {
    { "*", "everything there is and will be" },
    { "audit.read", "read the audit log" },
    { "content.write", "see drafts, add, change and remove what is in the catalogue" },
    { "role.read", "see roles and permissions" },
    { "role.write", "make and change roles, and give them to users" },
    { "search.admin", "look after the search index" },
    { "user.read", "see users" },
    { "user.write", "add, change, disable and remove users" },
    { "worker.run", "run work that waits, such as mails" },
    { NULL, NULL },
};

static const field permission_fields[] = {
    { OUT(cinema_permission, name, TEXT), .present = true },
    { OUT(cinema_permission, description, TEXT), .present = true },
    { OUT(cinema_permission, operations, TEXTS), .present = true,
      .help = "that ask for it; none: it has its place" },
};
const field_table cinema__permission = ANSWER("permission", permission_fields, cinema_permission);

static const role_permission *permission_named(const char *name)
{
    const role_permission *p = cinema__permissions;
    while (p->name && strcmp(p->name, name))
        p++;
    return p->name ? p : NULL;
}

/* ---- who may hand them on -------------------------------------------------------------------- */

cinema_status role__may_handle(const op_call *by, const char *permissions, cinema_error *err)
{
    for (const char *s = permissions; by && *s; s += *s == ' ') {
        size_t n = strcspn(s, " ");
        char word[96];
        snprintf(word, sizeof word, "%.*s", (int)n, s);
        if (!op_may(by, word))
            return fail(err, CINEMA_FORBIDDEN, "more_permissions", NULL,
                        "one gives and takes only what one may do oneself, and not: %s", word);
        s += n;
    }
    return CINEMA_OK;
}

static cinema_status unknown(const char *word, cinema_error *err)
{
    const char *names[64];
    size_t n = 0;
    for (const role_permission *p = cinema__permissions; p->name && n < COUNT_OF(names); p++)
        names[n++] = p->name;
    const char *near = text_nearest(word, names, n);
    return fail(err, CINEMA_INVALID, "unknown_permission", "permissions",
                "permissions: there is no %.40s%s%s%s", word, near ? " (did you mean " : "",
                near ? near : "", near ? "?)" : "");
}

static bool wanted(cinema_texts words, const char *name)
{
    for (size_t i = 0; i < words.count; i++)
        if (!strcmp(words.items[i], name))
            return true;
    return false;
}

cinema_status role__permissions_text(cinema_texts words, arena *a, const char **ret,
                                     cinema_error *err)
{
    const char *text = "";
    for (size_t i = 0; i < words.count; i++)
        if (!permission_named(words.items[i]))
            return unknown(words.items[i], err);
    for (const role_permission *p = cinema__permissions; text && p->name; p++) {
        if (!wanted(words, p->name))
            continue;
        text = *text ? arena_format(a, "%s %s", text, p->name) : p->name;
        if (!strcmp(p->name, "*")) /* the first of them */
            break;
    }
    *ret = text;
    return text ? CINEMA_OK : fail_memory(err);
}

/* ---- the list -------------------------------------------------------------------------------- */

static cinema_texts operations_of(const char *name, arena *a)
{
    size_t n = 0;
    for (const op *o = op_next(NULL); o; o = op_next(o))
        n += !strcmp(o->permission, name);
    const char **items = arena_alloc(a, (n + 1) * sizeof *items);
    cinema_texts l = { items, 0 };
    for (const op *o = op_next(NULL); items && o; o = op_next(o))
        if (!strcmp(o->permission, name))
            items[l.count++] = o->name;
    return l;
}

static const cinema_permission *permission_new(const role_permission *p, arena *a)
{
    cinema_permission *made = arena_alloc(a, sizeof *made);
    if (made)
        *made = (cinema_permission){ p->name, p->description, operations_of(p->name, a) };
    return made && made->operations.items ? made : NULL;
}

enum { LIMIT = 20, THIS_LIST = 1 };

/* Where to go on: behind the name of the last one. */
static cinema_status begin(cinema *c, const char *after, arena *a, const role_permission **ret,
                           cinema_error *err)
{
    db_value key;
    int64_t nr;
    cinema_status s = CINEMA_OK;
    *ret = cinema__permissions;
    if (!after || (s = cursor_read(c, THIS_LIST, after, a, &key, &nr, err)))
        return s;
    while ((*ret)->name && strcmp((*ret)->name, key.text) <= 0)
        (*ret)++;
    return CINEMA_OK;
}

static cinema_status list(cinema *c, cinema_role_query *q, arena *a, op_page **ret,
                          cinema_error *err)
{
    op_page *page = record_new(a, sizeof *page);
    const void **items = arena_alloc(a, 100 * sizeof *items);
    const role_permission *p;
    cinema_status s = page && items ? CINEMA_OK : fail_memory(err);
    if (s || (s = fields_check(&cinema__role_query, MODE_QUERY, q, a, NULL, err)) ||
        (s = begin(c, q->after, a, &p, err)))
        return s;
    *page = (op_page){ .items = items, .total = CINEMA_ABSENT };
    for (; p->name && page->count < (q->limit ? q->limit : LIMIT); p++)
        if (!(items[page->count++] = permission_new(p, a)))
            return fail_memory(err);
    *ret = page;
    if (!p->name)
        return CINEMA_OK;
    const db_value last = { .type = DB_TEXT,
                            .length = (uint32_t)strlen(p[-1].name),
                            .text = p[-1].name };
    return cursor_write(c, THIS_LIST, &last, 0, a, &page->next, err);
}

cinema_status cinema_permission_list_sized(cinema *c, const cinema_role_query *in, size_t size,
                                           cinema_permission_page **ret, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    cinema_role_query q;
    op_page *p = NULL;
    cinema_status s = handle_check(c, err);
    if (!s && !(s = a ? TAKE(q, in, size, err) : fail_memory(err)) &&
        !(s = list(c, &q, a, &p, err)))
        *ret = page_keep(&a, p);
    return s;
}

void cinema_permission_page_free(cinema_permission_page *p)
{
    record_free(p);
}
