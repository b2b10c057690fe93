/* docs.c - the operations as a page for people: what /openapi.json says, as HTML.
 */
#include "http/docs.h"

#include "http/router.h"

#include <stdio.h>

enum { PAGE_MAX = 16 << 20 };

static const char style[] =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;"
    "color:#222;background:#fff}h1{font-size:1.6em}h2{margin-top:2.2em;"
    "border-bottom:1px solid #ccc}"
    "details{margin:.4em 0;border:1px solid #ddd;border-radius:4px;padding:.4em .8em}"
    "summary{cursor:pointer}code{font-family:ui-monospace,monospace;font-size:.92em}"
    ".m{display:inline-block;min-width:4.5em;font-weight:600}.s{color:#666;margin-left:.8em}"
    "table{border-collapse:collapse;margin:.4em 0;width:100%}"
    "td,th{text-align:left;vertical-align:top;border-bottom:1px solid #eee;padding:.15em .6em "
    ".15em 0}nav a{margin-right:1em}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}"
    "details{border-color:#444}"
    "td,th{border-color:#333}a{color:#8bf}.s{color:#999}}";

static void escaped_n(buffer *b, const char *s, size_t n)
{
    for (; n; n--, s++) {
        switch (*s) {
        case '<':
            buffer_text(b, "&lt;");
            break;
        case '>':
            buffer_text(b, "&gt;");
            break;
        case '&':
            buffer_text(b, "&amp;");
            break;
        case '"':
            buffer_text(b, "&quot;");
            break;
        default:
            buffer_byte(b, *s);
        }
    }
}

static void escaped(buffer *b, const char *s)
{
    escaped_n(b, s, strlen(s));
}

/* <tag>text</tag> */
static void element(buffer *b, const char *tag, const char *text)
{
    buffer_format(b, "<%s>", tag);
    escaped(b, text);
    buffer_format(b, "</%.*s>", (int)strcspn(tag, " "), tag);
}

/* ---- fields ---------------------------------------------------------------------------------- */

static const char *type_word(const field *f)
{
    /* clang-format off */
    static const char *const words[] = {
        [FIELD_TEXT] = "text",           [FIELD_UUID] = "uuid",
        [FIELD_DATE] = "date",           [FIELD_NUMBER] = "whole number",
        [FIELD_TIME] = "time",           [FIELD_REAL] = "number",
        [FIELD_BOOL] = "true or false",  [FIELD_FLAG] = "true or false",
        [FIELD_LIMIT] = "whole number",  [FIELD_TEXTS] = "list of texts",
        [FIELD_WORDS] = "list of words", [FIELD_PAIRS] = "object of texts",
        [FIELD_RECORD] = "object",       [FIELD_RECORDS] = "list of objects",
        [FIELD_CLEAR] = "",
    };
    /* clang-format on */
    return words[f->type];
}

static void limits(buffer *b, const field *f)
{
    bool number = f->type == FIELD_NUMBER || f->type == FIELD_LIMIT || f->type == FIELD_REAL;
    const char *what = number ? "" : f->type == FIELD_TEXT ? " characters" : " items";
    if (f->one_of)
        element(b, "code", f->one_of);
    else if (f->max && f->max != INT64_MAX)
        buffer_format(b, "%lld to %lld%s", (long long)f->min, (long long)f->max, what);
    if (f->initial) {
        buffer_text(b, " (else ");
        element(b, "code", f->initial);
        buffer_text(b, ")");
    }
}

static void field_row(buffer *b, const char *prefix, const field *f, bool input)
{
    buffer_text(b, "<tr><td><code>");
    escaped(b, prefix);
    escaped(b, f->name);
    buffer_text(b, "</code></td><td>");
    buffer_text(b, type_word(f));
    buffer_text(b, input && f->needed ? ", needed</td><td>" : "</td><td>");
    if (input)
        limits(b, f);
    buffer_text(b, "</td><td>");
    escaped(b, f->help ? f->help : "");
    buffer_text(b, "</td></tr>");
}

static void field_rows(buffer *b, const char *prefix, const field_table *t, bool input)
{
    char inner[128];
    for (size_t i = 0; i < t->count; i++) {
        const field *f = &t->fields[i];
        if ((input ? f->in : f->out) == FIELD_NONE || f->type == FIELD_CLEAR)
            continue;
        field_row(b, prefix, f, input);
        if (!f->of || f->of == t || strlen(prefix) > 60)
            continue;
        snprintf(inner, sizeof inner, "%s%s%s.", prefix, f->name,
                 f->type == FIELD_RECORDS ? "[]" : "");
        field_rows(b, inner, f->of, input);
    }
}

static void fields(buffer *b, const char *title, const field_table *t, bool input)
{
    if (!t)
        return;
    element(b, "b", title);
    buffer_text(b, "<table>");
    field_rows(b, "", t, input);
    buffer_text(b, "</table>");
}

/* ---- operations ------------------------------------------------------------------------------ */

static void who(buffer *b, const op *o)
{
    buffer_text(b, "<p>For ");
    if (o->flags & LOOPBACK) {
        buffer_text(b, "the machine itself, or with a token of its own");
    } else if (!strcmp(o->permission, SIGNED_IN)) {
        buffer_text(b, "users who have signed in: it is about their own account");
    } else if (*o->permission) {
        buffer_text(b, "callers with the permission ");
        element(b, "code", o->permission);
    } else {
        buffer_text(b, "anyone");
    }
    buffer_format(b, ". Answers %d", o->success);
    if (o->success_too)
        buffer_format(b, " or %d", o->success_too);
    if (o->outcomes && *o->outcomes) {
        buffer_text(b, "; may refuse: ");
        element(b, "code", o->outcomes);
    }
    buffer_text(b, ".</p>");
}

static void operation(buffer *b, const route *r)
{
    const op *o = r->op;
    buffer_text(b, "<details id=\"");
    escaped(b, o->name);
    buffer_text(b, "\"><summary>");
    element(b, "code class=m", o->method);
    element(b, "code", o->path);
    element(b, "span class=s", o->summary);
    buffer_text(b, "</summary>");
    who(b, o);
    fields(b, r->takes_json ? "Body" : "Query", o->input, true);
    fields(b, o->flags & PAGE ? "Answer: a page of" : "Answer", o->output, false);
    buffer_text(b, "</details>\n");
}

/* Operations of one subject stand together, whatever the order of the tables. */
static bool first_of_subject(size_t row, size_t *length)
{
    const char *name = router_route(row)->op->name;
    *length = strcspn(name, ".");
    for (size_t i = 0; i < row; i++)
        if (!strncmp(router_route(i)->op->name, name, *length + 1))
            return false;
    return true;
}

static void subjects(buffer *b)
{
    size_t n;
    for (size_t i = 0; i < router_count(); i++) {
        const char *name = router_route(i)->op->name;
        if (!first_of_subject(i, &n))
            continue;
        buffer_format(b, "<h2 id=\"%.*s\">%.*s</h2>\n", (int)n, name, (int)n, name);
        for (size_t j = i; j < router_count(); j++)
            if (!strncmp(router_route(j)->op->name, name, n + 1))
                operation(b, router_route(j));
    }
}

static void contents(buffer *b)
{
    size_t n;
    buffer_text(b, "<nav>");
    for (size_t i = 0; i < router_count(); i++) {
        const char *name = router_route(i)->op->name;
        if (first_of_subject(i, &n))
            buffer_format(b, "<a href=\"#%.*s\">%.*s</a>", (int)n, name, (int)n, name);
    }
    buffer_text(b, "</nav>\n");
}

cinema_status docs_write(buffer *b)
{
    *b = BUFFER(PAGE_MAX);
    buffer_text(b, "<!doctype html>\n<html lang=en><meta charset=utf-8>"
                   "<meta name=viewport content=\"width=device-width\"><title>libcinema</title>"
                   "<style>");
    buffer_text(b, style);
    buffer_format(b, "</style>\n<h1>libcinema %s</h1>\n", cinema_version());
    buffer_text(b, "<p>For programs: <a href=\"/openapi.json\">openapi.json</a>. Lists answer "
                   "<code>items</code> and <code>next</code>; give <code>next</code> as "
                   "<code>after</code> for the following page. Refusals are problem documents "
                   "with a stable <code>code</code>.</p>\n");
    contents(b);
    subjects(b);
    buffer_text(b, "</html>\n");
    return b->failed ? CINEMA_NO_MEMORY : CINEMA_OK;
}
