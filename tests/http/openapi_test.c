/* openapi_test.c - mirrors lib/http/openapi*.c: the document is whole and says what the tables say.
 * (It was checked with openapi-spec-validator when it was written; what can break later is here.)
 */
#include "http/http_help.h"

#include "http/router.h"

#include <stdio.h>

FIXTURE(http_start, http_stop)

static json_t *document(void)
{
    ck_assert_int_eq(GET("/openapi.json"), 200);
    ck_assert_str_eq(header("Content-Type"), "application/json");
    return answer();
}

/* A member deep inside: names with '|' between, for paths hold slashes and dots. */
static json_t *inside(json_t *v, const char *path)
{
    while (v && *path) {
        char name[128];
        size_t n = strcspn(path, "|");
        snprintf(name, sizeof name, "%.*s", (int)n, path);
        v = json_is_array(v) ? json_array_get(v, strtoul(name, NULL, 10))
                             : json_object_get(v, name);
        path += n + (path[n] == '|');
    }
    return v;
}

static const char *text(json_t *v, const char *path)
{
    const char *s = json_string_value(inside(v, path));
    return s ? s : "";
}

/* Calls fn for each object in the document. */
static void each_object(json_t *v, void (*fn)(json_t *object, json_t *root), json_t *root)
{
    const char *name;
    size_t i;
    json_t *inner;
    if (json_is_object(v))
        fn(v, root);
    json_object_foreach(v, name, inner) each_object(inner, fn, root);
    json_array_foreach(v, i, inner) each_object(inner, fn, root);
}

static void resolves(json_t *object, json_t *root)
{
    char path[200];
    const char *ref = json_string_value(json_object_get(object, "$ref"));
    if (!ref)
        return;
    ck_assert_msg(!strncmp(ref, "#/", 2), "%s", ref);
    snprintf(path, sizeof path, "%s", ref + 2);
    for (char *p = path; *p; p++)
        if (*p == '/')
            *p = '|';
    ck_assert_msg(inside(root, path) != NULL, "%s leads nowhere", ref);
}

TEST(every_reference_leads_somewhere)
{
    json_t *d = document();
    each_object(d, resolves, d);
}

static void is_schema(json_t *object, json_t *root)
{
    json_t *required = json_object_get(object, "required"), *name;
    json_t *properties = json_object_get(object, "properties");
    size_t i;
    (void)root;
    if (!properties || !json_is_object(properties))
        return;
    json_array_foreach(required, i, name)
        ck_assert_msg(json_object_get(properties, json_string_value(name)) != NULL,
                      "%s is required and not there", json_string_value(name));
}

TEST(what_is_required_is_described)
{
    json_t *d = document();
    each_object(d, is_schema, d);
}

static json_t *operation(json_t *d, const op *o)
{
    char method[8] = "";
    for (size_t i = 0; o->method[i]; i++)
        method[i] = (char)(o->method[i] | 0x20);
    return json_object_get(json_object_get(json_object_get(d, "paths"), o->path), method);
}

static bool has_parameter(json_t *o, const char *in, const char *name)
{
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(o, "parameters"), i,
                       p) if (!strcmp(text(p, "in"), in) &&
                              !strcmp(text(p, "name"), name)) return true;
    return false;
}

static void check_operation(json_t *d, const route *r)
{
    char status[16];
    json_t *o = operation(d, r->op);
    ck_assert_msg(o != NULL, "%s is missing", r->op->name);
    ck_assert_str_eq(text(o, "operationId"), r->op->name);
    ck_assert_str_eq(text(o, "summary"), r->op->summary);
    snprintf(status, sizeof status, "responses|%d", r->op->success);
    ck_assert_msg(inside(o, status) != NULL, "%s: %s", r->op->name, status);
    ck_assert_ptr_nonnull(inside(o, "responses|default"));
    for (size_t i = 0; i < r->param_count; i++)
        ck_assert(has_parameter(o, "path", r->params[i]));
    bool bytes = r->op->nature == CINEMA_NATURE_STREAM;
    ck_assert_int_eq(json_object_get(o, "requestBody") != NULL,
                     r->takes_body && (r->op->input || bytes));
    ck_assert_str_eq(text(o, "x-permission"), r->op->permission);
    const field_table *t = r->takes_body ? NULL : r->op->input;
    for (size_t i = 0; t && i < t->count; i++)
        if (t->fields[i].in != FIELD_NONE && t->fields[i].type != FIELD_CLEAR)
            ck_assert(has_parameter(o, "query", t->fields[i].name));
}

TEST(every_operation_is_in_it)
{
    json_t *d = document();
    for (size_t i = 0; i < router_count(); i++)
        check_operation(d, router_route(i));
}

TEST(it_says_what_it_is)
{
    json_t *d = document();
    ck_assert_str_eq(text(d, "openapi"), "3.1.0");
    ck_assert_str_eq(text(d, "info|version"), cinema_version());
    ck_assert_str_eq(text(d, "components|securitySchemes|bearer|scheme"), "bearer");
}

TEST(a_film_to_make_a_film_to_change_and_a_film)
{
    json_t *s = inside(document(), "components|schemas");
    ck_assert_str_eq(text(s, "TitleCreate|required|0"), "title");
    ck_assert(json_is_false(inside(s, "TitleCreate|additionalProperties")));
    ck_assert_str_eq(text(s, "TitleCreate|properties|title|type"), "string");
    ck_assert_int_eq(json_integer_value(inside(s, "TitleCreate|properties|title|maxLength")), 500);
    ck_assert_int_eq(json_integer_value(inside(s, "TitleCreate|properties|year|minimum")), 1888);
    ck_assert_str_eq(text(s, "TitleCreate|properties|status|default"), "draft");
    ck_assert_ptr_null(inside(s, "TitleCreate|properties|revision"));
    ck_assert_ptr_null(inside(s, "TitleUpdate|required"));
    ck_assert_str_eq(text(s, "TitleUpdate|properties|year|type|1"), "null");
    ck_assert_str_eq(text(s, "TitleUpdate|properties|title|type"), "string");
    ck_assert_str_eq(text(s, "TitleUpdate|properties|revision|type"), "integer");
    ck_assert_str_eq(text(s, "Title|properties|id|format"), "uuid");
    ck_assert_str_eq(text(s, "Title|properties|year|type|1"), "null");
    ck_assert_str_eq(text(s, "Title|properties|created_at|format"), "date-time");
    ck_assert_ptr_null(inside(s, "Title|properties|clear"));
    ck_assert_str_eq(text(s, "TitleSummaryPage|properties|items|items|$ref"),
                     "#/components/schemas/TitleSummary");
}

TEST(what_no_text_may_have_is_told)
{
    json_t *s = inside(document(), "components|schemas");
    const char *line = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";
    ck_assert_str_eq(text(s, "TitleCreate|properties|title|pattern"), line);
    ck_assert_str_eq(text(s, "TitleCreate|properties|genres|items|pattern"), line);
    ck_assert_str_eq(text(s, "TitleCreate|properties|external_ids|additionalProperties|pattern"),
                     line);
    ck_assert_str_eq(text(s, "TitleCreate|properties|overview|pattern"),
                     "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$");
    ck_assert_str_eq(text(s, "PersonCreate|properties|slug|pattern"), "^[a-z0-9-]+$");
    ck_assert_ptr_null(inside(s, "Title|properties|title|pattern"));
}

TEST(what_every_film_has_is_never_null)
{
    static const char *const never[] = { "id",         "slug",  "kind",       "title",     "status",
                                         "popularity", "votes", "created_at", "updated_at" };
    json_t *s = inside(document(), "components|schemas");
    for (size_t i = 0; i < COUNT_OF(never); i++) {
        char path[64];
        snprintf(path, sizeof path, "Title|properties|%s|type", never[i]);
        ck_assert_msg(json_is_string(inside(s, path)), "%s", never[i]);
    }
    ck_assert_str_eq(text(s, "Cast|properties|person_id|type"), "string");
    ck_assert_str_eq(text(s, "Cast|properties|character|type|1"), "null");
    ck_assert_str_eq(text(s, "TitleSummary|properties|title|type"), "string");
}

TEST(answers_and_refusals_of_an_operation_are_told)
{
    json_t *o = inside(document(), "paths|/v1/movies/{title_id}|patch");
    ck_assert(has_parameter(o, "header", "If-Match"));
    ck_assert_ptr_nonnull(inside(o, "requestBody|content|application/merge-patch+json"));
    ck_assert_ptr_nonnull(inside(o, "responses|200|headers|ETag"));
    ck_assert_str_eq(text(o, "responses|412|$ref"), "#/components/responses/Stale");
    ck_assert(strstr(text(o, "responses|409|description"), "`external_id_taken`"));
    o = inside(document(), "paths|/v1/movies|post");
    ck_assert(has_parameter(o, "header", "Idempotency-Key"));
    ck_assert_ptr_nonnull(inside(o, "responses|201|headers|Location"));
    o = inside(document(), "paths|/v1/movies/{title_id}|get");
    ck_assert_ptr_nonnull(inside(o, "responses|304"));
    ck_assert_ptr_nonnull(inside(o, "responses|200|headers|Content-Location"));
    ck_assert_uint_eq(json_object_size(inside(o, "security|0")), 0);
    ck_assert_ptr_nonnull(inside(o, "security|1|bearer"));
}

TEST(what_is_about_oneself_needs_a_sign_in)
{
    json_t *o = inside(document(), "paths|/v1/me/sessions|get");
    ck_assert_str_eq(text(o, "x-permission"), "signed_in");
    ck_assert_uint_eq(json_array_size(inside(o, "security")), 1);
    ck_assert_ptr_nonnull(inside(o, "security|0|bearer"));
    ck_assert_str_eq(text(o, "responses|401|$ref"), "#/components/responses/NotSignedIn");
    ck_assert_str_eq(text(o, "responses|403|$ref"), "#/components/responses/Forbidden");
}

TEST(an_operation_that_succeeds_in_two_ways_tells_both)
{
    json_t *o = inside(document(), "paths|/v1/auth/register|post|responses");
    ck_assert_str_eq(text(o, "202|content|application/json|schema|$ref"),
                     "#/components/schemas/Registration");
    ck_assert_str_eq(text(o, "201|content|application/json|schema|$ref"),
                     "#/components/schemas/Registration");
}
