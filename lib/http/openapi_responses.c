/* openapi_responses.c - what an operation may answer: its success, and every outcome as a problem.
 */
#include "http/openapi.h"

#include "base/text.h"

#include <stdio.h>

/* The statuses of problems that are described, in order, with the name of their component. */
static const struct outcome {
    int http;
    const char *name, *description;
} outcomes[] = {
    { 400, "Invalid", "The request breaks a rule; `errors` says which" },
    { 401, "NotSignedIn", "No token, or one that is no good" },
    { 403, "Forbidden", "Not allowed" },
    { 404, "NotFound", "There is none, or none to be shown" },
    { 409, "Conflict", "In the way of something that exists" },
    { 412, "Stale", "Changed meanwhile: it is not at the revision that If-Match names" },
    { 413, "TooLarge", "The body is too large" },
    { 415, "UnsupportedMediaType", "The body is not application/json" },
    { 429, "Limited", "Too many requests" },
    { 500, "Internal", "A fault of the server" },
    { 501, "Unsupported", "Not built in" },
    { 503, "Unavailable", "Not available now: try again" },
};

static int http_of_word(const char *word, size_t n)
{
    for (int i = 1; i < CINEMA_STATUS_COUNT; i++) {
        const cinema_status_info *info = cinema_status_describe(i);
        if (strlen(info->word) == n && !memcmp(info->word, word, n))
            return info->http;
    }
    return 0;
}

static void content(doc *d, const char *type, const char *schema)
{
    doc_object(d, "content");
    doc_object(d, type);
    if (schema) {
        doc_ref(d, "schema", "schemas", schema);
    } else {
        doc_object(d, "schema");
        doc_text(d, "type", strcmp(type, "application/json") ? "string" : "object");
        doc_end(d);
    }
    doc_end(d);
    doc_end(d);
}

static void header(doc *d, const char *name, const char *description)
{
    doc_object(d, name);
    doc_text(d, "description", description);
    doc_object(d, "schema");
    doc_text(d, "type", "string");
    doc_end(d);
    doc_end(d);
}

/* ---- success --------------------------------------------------------------------------------- */

static void success_headers(doc *d, const route *r)
{
    const op *o = r->op;
    bool located = o->location && o->success == 201;
    bool renamed =
        o->location && r->slug != FIELD_NONE && r->named_last && !strcmp(o->method, "GET");
    if (!(o->flags & (ETAG | REDIRECT)) && !located && !renamed)
        return;
    doc_object(d, "headers");
    if (o->flags & REDIRECT)
        header(d, "Location", "where the browser goes on");
    if (o->flags & ETAG)
        header(d, "ETag", "this version, for If-None-Match and If-Match");
    if (located)
        header(d, "Location", "where it is");
    if (renamed)
        header(d, "Content-Location", "where it is, if it was asked for by another name");
    doc_end(d);
}

static void success_content(doc *d, const op *o)
{
    char name[SCHEMA_NAME];
    if (o->content_type) {
        char type[64];
        snprintf(type, sizeof type, "%.*s", (int)strcspn(o->content_type, ";"), o->content_type);
        content(d, type, NULL);
    } else if (o->output) {
        schema_name(o->output, o->flags & PAGE ? SCHEMA_PAGE : SCHEMA_ANSWER, name);
        content(d, "application/json", name);
    }
}

static void success(doc *d, const route *r, int http)
{
    char status[16];
    static const char *const words[] = { "Done", "Made", "Taken on", "", "Done: nothing to tell" };
    snprintf(status, sizeof status, "%d", http);
    doc_object(d, status);
    doc_text(d, "description",
             http >= 200 && http < 205 ? words[http - 200]
             : http == 302             ? "Go on there"
                                       : "Done");
    success_headers(d, r);
    success_content(d, r->op);
    doc_end(d);
}

static void not_modified(doc *d, const op *o)
{
    if (!(o->flags & ETAG) || strcmp(o->method, "GET"))
        return;
    doc_object(d, "304");
    doc_text(d, "description", "The version that If-None-Match names");
    doc_object(d, "headers");
    header(d, "ETag", "this version");
    doc_end(d);
    doc_end(d);
}

/* ---- problems -------------------------------------------------------------------------------- */

/* Whether any operation of this form may answer so. */
static bool implied(const route *r, int http)
{
    const op *o = r->op;
    switch (http) {
    case 400:
    case 401:
    case 500:
    case 503:
        return true;
    case 403:
        return *o->permission || o->flags & LOOPBACK;
    case 404:
        return r->param_count > 0;
    case 412:
        return r->takes_revision && strcmp(o->method, "GET") != 0;
    case 413:
    case 415:
        return r->takes_body;
    default:
        return false;
    }
}

/* The reasons of this status as "`a`, `b`"; whether the row names the status at all. */
static bool named(const char *words, int http, char *reasons, size_t size)
{
    bool found = false;
    size_t used = 0;
    *reasons = '\0';
    for (; words && *words; words += *words == ' ') {
        size_t n = strcspn(words, " "), word = strcspn(words, ": ");
        if (http_of_word(words, word) == http) {
            found = true;
            if (word < n && used + n < size - 8)
                used += (size_t)snprintf(reasons + used, size - used, "%s`%.*s`", used ? ", " : "",
                                         (int)(n - word - 1), words + word + 1);
        }
        words += n;
    }
    return found;
}

static void problem_response(doc *d, const char *key, const struct outcome *o, const char *reasons)
{
    char text[600];
    snprintf(text, sizeof text, "%s%s%s", o->description, *reasons ? ". Code: " : "", reasons);
    doc_object(d, key);
    doc_text(d, "description", text);
    if (o->http == 401 || o->http == 503 || o->http == 429) {
        doc_object(d, "headers");
        if (o->http == 401)
            header(d, "WWW-Authenticate", "Bearer, and what is wrong with the token");
        else
            header(d, "Retry-After", "seconds");
        doc_end(d);
    }
    content(d, "application/problem+json", "Problem");
    doc_end(d);
}

void responses_write(doc *d, const route *r)
{
    char status[16], reasons[480];
    doc_object(d, "responses");
    success(d, r, r->op->success);
    if (r->op->success_too)
        success(d, r, r->op->success_too);
    not_modified(d, r->op);
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        const struct outcome *o = &outcomes[i];
        if (!named(r->op->outcomes, o->http, reasons, sizeof reasons) && !implied(r, o->http))
            continue;
        snprintf(status, sizeof status, "%d", o->http);
        if (*reasons)
            problem_response(d, status, o, reasons);
        else
            doc_ref(d, status, "responses", o->name);
    }
    doc_ref(d, "default", "responses", "Problem");
    doc_end(d);
}

void responses_components(doc *d)
{
    static const struct outcome any = { 0, "Problem", "Any other refusal" };
    doc_object(d, "responses");
    problem_response(d, any.name, &any, "");
    for (size_t i = 0; i < COUNT_OF(outcomes); i++)
        problem_response(d, outcomes[i].name, &outcomes[i], "");
    doc_end(d);
}
