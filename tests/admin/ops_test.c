/* ops_test.c - mirrors lib/admin/ops_ops.c: the table of operations as data.
 */
#include "admin/admin_help.h"

#include "call/op.h"

FIXTURE(admin_start, admin_stop)

static json_t *item(json_t *v, const char *name)
{
    size_t i;
    json_t *o;
    json_array_foreach(
        json_object_get(v, "items"), i,
        o) if (!strcmp(json_string_value(json_object_get(o, "name")), name)) return o;
    ck_abort_msg("%s is missing", name);
}

static json_t *field_named(json_t *list, const char *name)
{
    size_t i;
    json_t *f;
    json_array_foreach(
        list, i, f) if (!strcmp(json_string_value(json_object_get(f, "name")), name)) return f;
    ck_abort_msg("%s is missing", name);
}

TEST(every_operation_is_listed)
{
    json_t *v = admin_call("ops", CINEMA_OK);
    size_t n = 0;
    for (const op *o = op_next(NULL); o; o = op_next(o), n++) {
        json_t *it = item(v, o->name);
        ck_assert_str_eq(json_string_value(json_object_get(it, "method")), o->method);
        ck_assert_int_eq(json_integer_value(json_object_get(it, "success")), o->success);
        ck_assert_int_eq(json_is_null(json_object_get(it, "path")), !o->path);
    }
    ck_assert_uint_eq(json_array_size(json_object_get(v, "items")), n);
    ck_assert(json_is_null(json_object_get(v, "next")));
    json_decref(v);
}

TEST(fields_come_with_their_limits)
{
    json_t *v = admin_call("ops", CINEMA_OK);
    json_t *input = json_object_get(item(v, "movie.create"), "input");
    json_t *title = field_named(input, "title"), *status = field_named(input, "status");
    ck_assert(json_is_true(json_object_get(title, "needed")));
    ck_assert_int_eq(json_integer_value(json_object_get(title, "max")), 500);
    ck_assert_str_eq(json_string_value(json_object_get(status, "initial")), "draft");
    ck_assert_uint_eq(json_array_size(json_object_get(status, "one_of")), 3);
    json_t *get = item(v, "movie.get");
    json_t *names = json_object_get(get, "parameters");
    ck_assert_str_eq(json_string_value(json_array_get(names, 0)), "title_id");
    json_t *cast = field_named(json_object_get(get, "output"), "cast");
    ck_assert_str_eq(json_string_value(json_object_get(cast, "type")), "records");
    field_named(json_object_get(cast, "fields"), "character");
    json_decref(v);
}

TEST(it_is_for_the_json_door_alone)
{
    const cinema_http_request q = { .method = "GET", .target = "/v1/ops" };
    cinema_http_response *r = NULL;
    OK(cinema_http(c, &q, &r, &err));
    ck_assert_int_eq(r->status, 404);
    cinema_http_response_free(r);
}
