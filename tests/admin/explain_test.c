/* explain_test.c - mirrors lib/admin/explain_ops.c: what an operation asks the database.
 */
#include "admin/admin_help.h"

#include <cinema/movie.h>

#include <string.h>

static void start(void)
{
    admin_start();
    admin_migrate();
}

FIXTURE(start, admin_stop)

static json_t *explain(const char *json, cinema_status want)
{
    cinema_caller us = { .system = true };
    char *text = NULL;
    GIVES(want, cinema_call(c, &us, "explain", json, &text, &err));
    json_t *v = json_loads(text, 0, NULL);
    cinema_text_free(text);
    ck_assert_ptr_nonnull(v);
    return v;
}

static const json_t *statement(const json_t *v, const char *part)
{
    const json_t *all = json_object_get(v, "statements");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *s = json_array_get(all, i);
        if (strstr(json_string_value(json_object_get(s, "sql")), part))
            return s;
    }
    ck_abort_msg("no statement has %s", part);
}

static void says(const json_t *v, const char *name, const char *text)
{
    ck_assert_str_eq(json_string_value(json_object_get(v, name)), text);
}

TEST(a_read_is_told_with_its_plan_and_what_it_looked_at)
{
    json_t *v = explain(
        "{\"operation\":\"movie.get\",\"input\":\"{\\\"title_id\\\":\\\"ran\\\"}\"}", CINEMA_OK);
    says(v, "operation", "movie.get");
    says(v, "permission", "");
    says(v, "nature", "read");
    says(v, "outcome", "not_found");
    says(v, "engine", test_on_postgres() ? "postgres" : "sqlite");
    says(v, "visits", test_on_postgres() ? "rows" : "steps");
    const json_t *s = statement(v, "t.slug = $2");
    ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(s, "plan")), "title"));
    ck_assert_int_eq(json_integer_value(json_object_get(s, "rows")), 0);
    ck_assert(json_is_integer(json_object_get(s, "visited")));
    json_decref(v);
}

TEST(rows_looked_at_are_counted)
{
    cinema_movie *m = NULL;
    cinema_movie_input in = { .title = "Ran", .status = "published" };
    OK(cinema_movie_create(c, &in, &m, &err));
    cinema_movie_free(m);
    json_t *v = explain(
        "{\"operation\":\"movie.get\",\"input\":\"{\\\"title_id\\\":\\\"ran\\\"}\"}", CINEMA_OK);
    const json_t *s = statement(v, "t.slug = $2");
    ck_assert_int_eq(json_integer_value(json_object_get(s, "rows")), 1);
    ck_assert_int_ge(json_integer_value(json_object_get(s, "visited")), 1);
    json_decref(v);
}

TEST(a_write_is_told_and_undone)
{
    json_t *v = explain(
        "{\"operation\":\"movie.create\",\"input\":\"{\\\"title\\\":\\\"Ran\\\"}\"}", CINEMA_OK);
    says(v, "nature", "write");
    says(v, "permission", "content.write");
    says(v, "outcome", "ok");
    const json_t *s = statement(v, "INSERT INTO title ");
    ck_assert(json_is_null(json_object_get(s, "rows")));
    json_decref(v);
    cinema_movie *m = NULL;
    GIVES(CINEMA_NOT_FOUND, cinema_movie_get(c, "ran", NULL, &m, &err));
    cinema_movie_input in = { .title = "Ran" };
    OK(cinema_movie_create(c, &in, &m, &err)); /* commits again */
    cinema_movie_free(m);
    OK(cinema_movie_get(c, "ran", NULL, &m, &err));
    cinema_movie_free(m);
}

TEST(only_operations_on_data_are_explained)
{
    json_decref(explain("{\"operation\":\"nonsense\"}", CINEMA_INVALID));
    ck_assert_str_eq(err.reason, "unknown_operation");
    json_decref(explain("{\"operation\":\"explain\"}", CINEMA_INVALID));
    json_decref(explain("{\"operation\":\"ops\"}", CINEMA_INVALID));
    json_decref(explain("{}", CINEMA_INVALID));
}
