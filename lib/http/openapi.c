/* openapi.c - the OpenAPI 3.1 document, derived from the operation and field tables.
 */
#include "http/openapi.h"

#include <stdio.h>

enum { DOCUMENT_MAX = 16 << 20, PARAM_MAX = 512 };
/* As target.c judges a segment. */
#define PARAM_PATTERN "^(?!\\.{1,2}$)[^\\u0000-\\u001f\\u007f/\\\\]+$"

/* ---- parameters ------------------------------------------------------------------------------ */

static void path_parameter(doc *d, const char *name)
{
    doc_object(d, NULL);
    doc_text(d, "name", name);
    doc_text(d, "in", "path");
    doc_bool(d, "required", true);
    doc_object(d, "schema");
    doc_text(d, "type", "string");
    doc_number(d, "minLength", 1);
    doc_number(d, "maxLength", PARAM_MAX);
    doc_text(d, "pattern", PARAM_PATTERN);
    doc_end(d);
    doc_end(d);
}

static void query_parameter(doc *d, const field *f)
{
    doc_object(d, NULL);
    doc_text(d, "name", f->name);
    doc_text(d, "in", "query");
    if (f->needed)
        doc_bool(d, "required", true);
    if (f->type == FIELD_TEXTS || f->type == FIELD_WORDS) {
        doc_text(d, "style", "form"); /* with commas between */
        doc_bool(d, "explode", false);
    }
    schema_field(d, "schema", f, SCHEMA_QUERY, false);
    doc_end(d);
}

static void header_parameter(doc *d, const char *name, const char *description, int64_t max)
{
    doc_object(d, NULL);
    doc_text(d, "name", name);
    doc_text(d, "in", "header");
    doc_text(d, "description", description);
    doc_object(d, "schema");
    doc_text(d, "type", "string");
    if (max) {
        doc_number(d, "minLength", 1);
        doc_number(d, "maxLength", max);
        doc_text(d, "pattern", "^[!-~]+$");
    }
    doc_end(d);
    doc_end(d);
}

static void header_parameters(doc *d, const route *r)
{
    const op *o = r->op;
    if (!strcmp(o->method, "GET")) {
        if (o->flags & ETAG)
            header_parameter(d, "If-None-Match", "an ETag: 304 while it is still this one", 0);
    } else if (r->takes_revision) {
        header_parameter(d, "If-Match", "an ETag: only if it is still this one", 0);
    }
    if (o->flags & IDEMPOTENT)
        header_parameter(d, "Idempotency-Key",
                         "the same key and body within 24 h gives the first answer again",
                         IDEMPOTENCY_KEY_MAX);
}

static void parameters(doc *d, const route *r)
{
    const field_table *t = r->takes_json ? NULL : r->op->input;
    doc_list(d, "parameters");
    for (size_t i = 0; i < r->param_count; i++)
        path_parameter(d, r->params[i]);
    for (size_t i = 0; t && i < t->count; i++)
        if (t->fields[i].in != FIELD_NONE && t->fields[i].type != FIELD_CLEAR)
            query_parameter(d, &t->fields[i]);
    header_parameters(d, r);
    doc_end(d);
}

/* ---- bodies ---------------------------------------------------------------------------------- */

static bool needs_body(const op *o)
{
    for (size_t i = 0; op_mode(o) == MODE_CREATE && i < o->input->count; i++)
        if (o->input->fields[i].needed && o->input->fields[i].in != FIELD_NONE)
            return true;
    return false;
}

/* Raw bytes of the types that the operation takes. */
static void stream_body(doc *d, const op *o)
{
    const char *types = o->accepts ? o->accepts : "application/octet-stream";
    doc_object(d, "requestBody");
    doc_object(d, "content");
    while (*types) {
        char type[80];
        size_t n = strcspn(types, " ");
        snprintf(type, sizeof type, "%.*s", (int)n, types);
        doc_object(d, type);
        doc_object(d, "schema");
        doc_text(d, "type", "string");
        doc_text(d, "format", "binary");
        doc_end(d);
        doc_end(d);
        types += n + strspn(types + n, " ");
    }
    doc_end(d);
    doc_end(d);
}

static void body(doc *d, const route *r)
{
    const op *o = r->op;
    bool change = op_mode(o) == MODE_UPDATE;
    char name[SCHEMA_NAME];
    if (r->takes_body && !r->takes_json)
        stream_body(d, o);
    if (!r->takes_json || !o->input)
        return;
    schema_name(o->input, change ? SCHEMA_UPDATE : SCHEMA_CREATE, name);
    doc_object(d, "requestBody");
    if (needs_body(o))
        doc_bool(d, "required", true);
    doc_object(d, "content");
    for (int i = 0; i <= change; i++) {
        doc_object(d, i ? "application/merge-patch+json" : "application/json");
        doc_ref(d, "schema", "schemas", name);
        doc_end(d);
    }
    doc_end(d);
    doc_end(d);
}

/* ---- operations ------------------------------------------------------------------------------ */

/* A list of alternatives: none at all is one of them where a token only shows more. */
static void security(doc *d, const op *o)
{
    doc_list(d, "security");
    if (!*o->permission) {
        doc_object(d, NULL);
        doc_end(d);
    }
    doc_object(d, NULL);
    doc_list(d, "bearer");
    doc_end(d);
    doc_end(d);
    doc_end(d);
}

static void operation(doc *d, const route *r)
{
    static const char *const words[][2] = { { "GET", "get" },
                                            { "POST", "post" },
                                            { "PUT", "put" },
                                            { "PATCH", "patch" },
                                            { "DELETE", "delete" } };
    const op *o = r->op;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (!strcmp(o->method, words[i][0]))
            doc_object(d, words[i][1]);
    doc_text(d, "operationId", o->name);
    doc_list(d, "tags");
    doc_text_n(d, NULL, o->name, strcspn(o->name, "."));
    doc_end(d);
    doc_text(d, "summary", o->summary);
    if (*o->permission)
        doc_text(d, "x-permission", o->permission);
    parameters(d, r);
    body(d, r);
    responses_write(d, r);
    security(d, o);
    doc_end(d);
}

static bool path_before(size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (!strcmp(router_route(i)->op->path, router_route(row)->op->path))
            return true;
    return false;
}

static void paths(doc *d)
{
    doc_object(d, "paths");
    for (size_t i = 0; i < router_count(); i++) {
        const char *path = router_route(i)->op->path;
        if (path_before(i))
            continue;
        doc_object(d, path);
        for (size_t j = i; j < router_count(); j++)
            if (!strcmp(router_route(j)->op->path, path))
                operation(d, router_route(j));
        doc_end(d);
    }
    doc_end(d);
}

static bool subject_before(size_t row)
{
    const char *name = router_route(row)->op->name;
    size_t n = strcspn(name, ".") + 1; /* with its dot or NUL */
    for (size_t i = 0; i < row; i++)
        if (!strncmp(router_route(i)->op->name, name, n))
            return true;
    return false;
}

static void tags(doc *d)
{
    doc_list(d, "tags");
    for (size_t i = 0; i < router_count(); i++) {
        const char *name = router_route(i)->op->name;
        if (subject_before(i))
            continue;
        doc_object(d, NULL);
        doc_text_n(d, "name", name, strcspn(name, "."));
        doc_end(d);
    }
    doc_end(d);
}

/* ---- the document ---------------------------------------------------------------------------- */

static void opening(doc *d)
{
    doc_text(d, "openapi", "3.1.0");
    doc_object(d, "info");
    doc_text(d, "title", "libcinema");
    doc_text(d, "version", cinema_version());
    doc_text(d, "description",
             "Lists answer `items` and `next`; give `next` as `after` for the following page. "
             "Refusals are problem documents (RFC 9457) with a stable `code`.");
    doc_end(d);
    doc_list(d, "servers");
    doc_object(d, NULL);
    doc_text(d, "url", "/");
    doc_end(d);
    doc_end(d);
}

static void components(doc *d)
{
    doc_object(d, "components");
    schema_components(d);
    responses_components(d);
    doc_object(d, "securitySchemes");
    doc_object(d, "bearer");
    doc_text(d, "type", "http");
    doc_text(d, "scheme", "bearer");
    doc_end(d);
    doc_end(d);
    doc_end(d);
}

cinema_status openapi_write(buffer *b)
{
    doc d;
    doc_begin(&d, DOCUMENT_MAX);
    doc_object(&d, NULL);
    opening(&d);
    tags(&d);
    paths(&d);
    components(&d);
    doc_end(&d);
    *b = d.out;
    return d.out.failed ? CINEMA_NO_MEMORY : CINEMA_OK;
}
