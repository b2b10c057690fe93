/* health_test.c - mirrors lib/admin/health_ops.c.
 */
#include "admin/admin_help.h"

FIXTURE(admin_start, admin_stop)

static const char *status_of(json_t *v, size_t i)
{
    json_t *check = json_array_get(json_object_get(v, "checks"), i);
    return json_string_value(json_object_get(check, "status"));
}

TEST(a_process_that_answers_lives)
{
    json_t *v = admin_call("health.live", CINEMA_OK);
    ck_assert_str_eq(json_string_value(json_object_get(v, "status")), "ok");
    ck_assert_uint_eq(json_object_size(v), 1);
    json_decref(v);
}

TEST(a_migrated_database_is_ready)
{
    admin_migrate();
    json_t *v = admin_call("health.ready", CINEMA_OK);
    ck_assert_str_eq(json_string_value(json_object_get(v, "status")), "ok");
    ck_assert_str_eq(status_of(v, 0), "ok");
    ck_assert_str_eq(status_of(v, 1), "ok");
    json_decref(v);
}

static int ask_ready(char *body, size_t size)
{
    const cinema_http_request q = { .method = "GET", .target = "/readyz" };
    cinema_http_response *r = NULL;
    OK(cinema_http(c, &q, &r, &err));
    int status = r->status;
    ck_assert_uint_lt(r->body_length, size);
    memcpy(body, r->body, r->body_length);
    body[r->body_length] = '\0';
    cinema_http_response_free(r);
    return status;
}

TEST(a_database_without_its_schema_is_not_ready)
{
    char body[1000];
    json_t *v = admin_call("health.ready", CINEMA_OK);
    ck_assert_str_eq(json_string_value(json_object_get(v, "status")), "out");
    ck_assert_str_eq(status_of(v, 0), "ok");
    ck_assert_str_eq(status_of(v, 1), "out");
    json_decref(v);
    ck_assert_int_eq(ask_ready(body, sizeof body), 503);
    ck_assert(strstr(body, "cinema migrate"));
    admin_migrate();
    ck_assert_int_eq(ask_ready(body, sizeof body), 200);
}

TEST(a_database_that_is_not_there_is_told_and_life_goes_on)
{
    char body[1000];
    admin_stop();
    OK(cinema_open("sqlite:/proc/nowhere/cinema.db", &c, &err));
    ck_assert_int_eq(ask_ready(body, sizeof body), 503);
    ck_assert(strstr(body, "\"database\",\"status\":\"out\""));
    ck_assert_ptr_null(strstr(body, "/proc/nowhere"));
    json_decref(admin_call("health.live", CINEMA_OK));
}
