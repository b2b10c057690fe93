/* call_test.c - the JSON door from end to end: who may, what comes back. Mirrors lib/call/call.c
 * and result.c; what is wrong with an input: input_test.c.
 */
#include "call/call_help.h"

#include "call/op.h"
#include "port/db/db.h"

#include <stdio.h>

FIXTURE(call_start, call_stop)

static json_t *create(const char *name, const char *json)
{
    return call(TRUSTED, name, json, CINEMA_OK);
}

/* ---- answers --------------------------------------------------------------------------------- */

TEST(a_film_is_made_read_changed_and_removed)
{
    create("genre.create", "{\"name\": \"Film noir\"}");
    json_t *v =
        create("movie.create",
               "{\"title\": \"The Third Man\", \"year\": 1949, \"status\": \"published\","
               " \"genres\": [\"film-noir\"], \"external_ids\": {\"imdb\": \"tt0041959\"}}");
    IS(v, "slug", "the-third-man-1949");
    IS(v, "revision", "1");
    IS(v, "kind", "movie");
    IS(v, "genres", "[\"film-noir\"]");
    IS(v, "external_ids", "{\"imdb\":\"tt0041959\"}");
    IS(v, "rating", "null");
    IS(v, "overview", "null");
    IS(v, "cast", "[]");
    ck_assert_uint_eq(strlen(at(v, "created_at")), strlen("2026-01-31T12:00:00.000Z"));
    v = call(NOBODY, "movie.get", "{\"title_id\": \"imdb:tt0041959\"}", CINEMA_OK);
    IS(v, "year", "1949");
    v = create("movie.update", "{\"title_id\": \"the-third-man-1949\", \"runtime_minutes\": 104}");
    IS(v, "runtime_minutes", "104");
    IS(v, "revision", "2");
    v = call(NOBODY, "movie.list", "{\"genre\": \"film-noir\", \"total\": true}", CINEMA_OK);
    IS(v, "items.0.title", "The Third Man");
    IS(v, "total", "1");
    IS(v, "next", "null");
    ck_assert_ptr_null(json_object_get(v, "total_capped"));
    v = create("movie.remove", "{\"title_id\": \"the-third-man-1949\"}");
    ck_assert(json_is_null(v));
    call(NOBODY, "movie.get", "{\"title_id\": \"the-third-man-1949\"}", CINEMA_NOT_FOUND);
}

TEST(people_and_credits_go_through_the_door_too)
{
    create("person.create", "{\"name\": \"Orson Welles\", \"born_on\": \"1915-05-06\"}");
    create("movie.create", "{\"title\": \"Ran\", \"status\": \"published\"}");
    json_t *v = create("credits.set", "{\"title_id\": \"ran\", \"cast\": [{\"person_id\":"
                                      " \"orson-welles\", \"character\": \"Harry Lime\"}],"
                                      " \"crew\": [{\"person_id\": \"orson-welles\","
                                      " \"department\": \"Directing\", \"job\": \"Director\"}]}");
    IS(v, "cast.0.name", "Orson Welles");
    IS(v, "crew.0.job", "Director");
    v = call(NOBODY, "movie.get", "{\"title_id\": \"ran\"}", CINEMA_OK);
    IS(v, "cast.0.character", "Harry Lime");
    IS(v, "revision", "2");
    v = call(NOBODY, "credits.get", "{\"title_id\": \"ran\"}", CINEMA_OK);
    IS(v, "cast.0.slug", "orson-welles");
    v = call(NOBODY, "person.credits", "{\"person_id\": \"orson-welles\"}", CINEMA_OK);
    IS(v, "items.0.character", "Harry Lime");
    IS(v, "items.1.job", "Director");
    v = call(NOBODY, "person.list", "{\"limit\": 1}", CINEMA_OK);
    IS(v, "items.0.born_on", "1915-05-06");
    ck_assert_ptr_null(
        json_object_get(json_array_get(json_object_get(v, "items"), 0), "external_ids"));
    v = call(TRUSTED, "person.remove", "{\"person_id\": \"orson-welles\"}", CINEMA_CONFLICT);
    IS(v, "code", "in_use");
}

TEST(titles_are_counted_only_where_asked_for)
{
    create("genre.create", "{\"name\": \"Drama\"}");
    json_t *v = call(NOBODY, "genre.list", "{\"counts\": true}", CINEMA_OK);
    IS(v, "items.0.titles", "0");
    v = call(NOBODY, "genre.list", NULL, CINEMA_OK);
    ck_assert_ptr_null(json_object_get(json_array_get(json_object_get(v, "items"), 0), "titles"));
}

TEST(no_input_is_an_empty_object)
{
    cinema_result *r = NULL;
    IS(call(NOBODY, "movie.list", NULL, CINEMA_OK), "items", "[]");
    IS(call(NOBODY, "movie.list", "", CINEMA_OK), "items", "[]");
    IS(call(NOBODY, "movie.list", "{}", CINEMA_OK), "items", "[]");
    OK(cinema_call_run(c, NULL, "movie.list", "!!", 0, &r, &err));
    cinema_result_free(r);
}

TEST(a_problem_document_has_an_id_to_find_it_by)
{
    json_t *v = call(&(cinema_caller){ .request_id = "r-17" }, "movie.get", "{\"title_id\": \"x\"}",
                     CINEMA_NOT_FOUND);
    IS(v, "request_id", "r-17");
    IS(v, "type", "urn:cinema:problem:not_found");
    IS(v, "title", "Not found");
    IS(v, "detail", "there is no such movie");
    v = call(NOBODY, "movie.get", "{\"title_id\": \"x\"}", CINEMA_NOT_FOUND);
    ck_assert_uint_ge(strlen(at(v, "request_id")), 16);
    v = call(&(cinema_caller){ .request_id = "\xff\n" }, "no.such", NULL, CINEMA_NOT_FOUND);
    IS(v, "request_id", "??");
}

static const struct {
    const char *name, *detail;
} operations[] = {
    { "movie.gte", "there is no operation movie.gte (did you mean movie.get?)" },
    { "movie", "there is no operation movie" },
    { "", "there is no operation " },
    { "MOVIE.GET", "there is no operation MOVIE.GET" },
    { "movie.get\xff", "there is no operation movie.get? (did you mean movie.get?)" },
};

TEST_EACH(an_unknown_operation_is_not_found_and_the_nearest_is_named,
          sizeof operations / sizeof *operations)
{
    json_t *v = call(NOBODY, operations[_i].name, "not even JSON", CINEMA_NOT_FOUND);
    IS(v, "code", "unknown_operation");
    IS(v, "detail", operations[_i].detail);
}

TEST(every_operation_of_the_tables_is_found_by_its_name)
{
    size_t n = 0;
    for (const op *o = op_next(NULL); o; o = op_next(o), n++)
        ck_assert_ptr_eq(op_named(o->name), o);
    ck_assert_uint_gt(n, 25);
}

/* ---- who may --------------------------------------------------------------------------------- */

static const char *token(void)
{
    static char text[100];
    char path[4096];
    OK(cinema_setup_token_path(c, path, sizeof path, &err));
    FILE *f = fopen(path, "r");
    ck_assert(f && fgets(text, sizeof text, f) && !fclose(f));
    return text;
}

TEST(nobody_may_not_write_and_learns_nothing_of_the_input)
{
    static const char *const writing[] = {
        "movie.create",  "movie.update",  "movie.remove", "series.create",
        "genre.create",  "genre.update",  "genre.remove", "person.create",
        "person.update", "person.remove", "credits.set",
    };
    for (size_t i = 0; i < sizeof writing / sizeof *writing; i++) {
        json_t *v = call(NOBODY, writing[i], "{\"yaer\": ", CINEMA_UNAUTHENTICATED);
        IS(v, "code", "not_signed_in");
        IS(v, "title", "Not signed in");
        ck_assert_ptr_null(json_object_get(v, "errors"));
    }
}

TEST(the_setup_token_may_do_what_an_administrator_may)
{
    json_t *v = call(BEARER(token()), "movie.create", "{\"title\": \"Ran\"}", CINEMA_OK);
    IS(v, "status", "draft");
    call(BEARER(token()), "movie.get", "{\"title_id\": \"ran\"}", CINEMA_OK); /* sees drafts */
    v = call(BEARER(token()), "movie.list", "{\"status\": \"draft\"}", CINEMA_OK);
    IS(v, "items.0.slug", "ran");
}

TEST(a_wrong_token_is_refused_even_where_anyone_may)
{
    char almost[100];
    snprintf(almost, sizeof almost, "%s", token());
    almost[3] ^= 1;
    const char *const wrong[] = { "", "x", almost, "Bearer", token() + 1 };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        call(BEARER(wrong[i]), "movie.create", "{\"title\": \"Ran\"}", CINEMA_UNAUTHENTICATED);
        json_t *v = call(BEARER(wrong[i]), "movie.list", NULL, CINEMA_UNAUTHENTICATED);
        IS(v, "code", "invalid_token");
    }
}

TEST(without_a_token_file_no_token_is_good)
{
    call(BEARER("0123456789012345678901234567890123456789012"), "movie.list", NULL,
         CINEMA_UNAUTHENTICATED);
    call(BEARER(""), "movie.list", NULL, CINEMA_UNAUTHENTICATED);
}

TEST(drafts_are_hidden_from_nobody_as_if_they_were_not_there)
{
    create("movie.create", "{\"title\": \"Draft\"}");
    create("movie.create", "{\"title\": \"Old\", \"status\": \"archived\"}");
    create("movie.create", "{\"title\": \"Ran\", \"status\": \"published\"}");
    call(NOBODY, "movie.get", "{\"title_id\": \"draft\"}", CINEMA_NOT_FOUND);
    call(NOBODY, "movie.get", "{\"title_id\": \"old\"}", CINEMA_NOT_FOUND);
    call(NOBODY, "credits.get", "{\"title_id\": \"draft\"}", CINEMA_NOT_FOUND);
    json_t *v = call(NOBODY, "movie.list", "{\"total\": true}", CINEMA_OK);
    IS(v, "total", "1");
    IS(v, "items.0.slug", "ran");
    call(NOBODY, "movie.list", "{\"status\": \"published\"}", CINEMA_OK);
    v = call(NOBODY, "movie.list", "{\"status\": \"draft\"}", CINEMA_FORBIDDEN);
    IS(v, "code", "forbidden");
    call(NOBODY, "movie.list", "{\"status\": \"archived\"}", CINEMA_FORBIDDEN);
    call(NOBODY, "movie.list", "{\"status\": \"hidden\"}", CINEMA_INVALID);
    IS(create("movie.list", "{\"total\": true}"), "total", "3");
}

TEST(credits_of_a_person_in_drafts_are_hidden_from_nobody)
{
    create("person.create", "{\"name\": \"Ida\"}");
    create("movie.create", "{\"title\": \"Draft\"}");
    create("credits.set", "{\"title_id\": \"draft\", \"cast\": [{\"person_id\": \"ida\"}]}");
    IS(call(NOBODY, "person.credits", "{\"person_id\": \"ida\"}", CINEMA_OK), "items", "[]");
    IS(create("person.credits", "{\"person_id\": \"ida\"}"), "items.0.slug", "draft");
}

/* ---- results --------------------------------------------------------------------------------- */

static cinema_status key(const char *name, size_t length, void *user)
{
    (void)length;
    return strcmp(name, user) ? CINEMA_OK : CINEMA_LIMITED;
}

static cinema_status any(void *user)
{
    (void)user;
    return CINEMA_OK;
}

static cinema_status text(const char *s, size_t length, void *user)
{
    (void)user;
    ck_assert_uint_eq(strlen(s), length);
    return CINEMA_OK;
}

static cinema_status number(int64_t n, void *user)
{
    (void)n, (void)user;
    return CINEMA_OK;
}

static cinema_status real(double d, void *user)
{
    (void)d, (void)user;
    return CINEMA_OK;
}

static cinema_status boolean(bool b, void *user)
{
    (void)b, (void)user;
    return CINEMA_OK;
}

static void stops_at(const char *operation, const char *json, const char *name)
{
    cinema_result *r = NULL;
    cinema_call_run(c, TRUSTED, operation, json, strlen(json), &r, &err);
    const char *const names[] = { name, "no such member" };
    for (int i = 0; i < 2; i++) {
        cinema_emitter e = { any,  any,     key, text, number,
                             real, boolean, any, any,  (void *)(uintptr_t)names[i] };
        GIVES(i ? CINEMA_OK : CINEMA_LIMITED, cinema_result_emit(r, &e));
    }
    cinema_result_free(r);
}

TEST(an_emitter_stops_a_walk_with_its_status)
{
    create("movie.create", "{\"title\": \"Ran\"}");
    stops_at("movie.get", "{\"title_id\": \"ran\"}", "external_ids");
    stops_at("movie.list", "{\"total\": true}", "items");
    stops_at("movie.list", "{\"total\": true}", "slug");
    stops_at("movie.list", "{\"total\": true}", "next");
    stops_at("movie.list", "{\"total\": true}", "total");
    stops_at("movie.create", "{\"title\": \"\"}", "errors");
    stops_at("movie.create", "{\"title\": \"\"}", "rule");
    stops_at("movie.create", "{\"title\": \"\"}", "code");
}

TEST(a_result_needs_neither_its_input_nor_its_handle_any_more)
{
    cinema_result *r = NULL;
    char *json = strdup("{\"title\": \"Ran\", \"overview\": \"of the input\"}");
    OK(cinema_call_run(c, TRUSTED, "movie.create", json, strlen(json), &r, &err));
    memset(json, 'x', strlen(json));
    free(json);
    cinema_close(c);
    c = NULL;
    cinema_emitter e = { any,  any,     key, text, number,
                         real, boolean, any, any,  (void *)(uintptr_t) "-" };
    OK(cinema_result_emit(r, &e));
    OK(cinema_result_emit(r, &e)); /* as often as one likes */
    cinema_result_free(r);
    cinema_result_free(NULL);
    cinema_text_free(NULL);
}

/* ---- callers --------------------------------------------------------------------------------- */

TEST(a_caller_of_an_older_size_is_read_as_far_as_it_goes)
{
    cinema_caller who = { .request_id = "beyond", .system = true };
    char *answer = NULL;
    GIVES(CINEMA_UNAUTHENTICATED,
          cinema_call_sized(c, &who, offsetof(cinema_caller, request_id), "movie.create",
                            "{\"title\": \"Ran\"}", &answer, &err));
    ck_assert_ptr_null(strstr(answer, "beyond"));
    cinema_text_free(answer);
    OK(cinema_call_sized(c, NULL, 0, "movie.list", NULL, &answer, &err));
    cinema_text_free(answer);
}

TEST(a_caller_that_says_what_we_do_not_know_is_refused_with_a_document)
{
    struct {
        cinema_caller who;
        const char *later;
    } who = { { .system = true }, "said" };
    char *answer = NULL;
    GIVES(CINEMA_INVALID,
          cinema_call_sized(c, &who.who, sizeof who, "movie.list", NULL, &answer, &err));
    ck_assert_ptr_nonnull(strstr(answer, "\"code\":\"newer_than_library\""));
    cinema_text_free(answer);
}

TEST(an_error_struct_need_not_be_given)
{
    cinema_result *r = NULL;
    GIVES(CINEMA_INVALID, cinema_call_run(c, TRUSTED, "movie.create", "{}", 2, &r, NULL));
    cinema_result_free(r);
    GIVES(CINEMA_NOT_FOUND, cinema_call_run(c, TRUSTED, "no.such", "{}", 2, &r, NULL));
    cinema_result_free(r);
}

/* ---- deadlines ------------------------------------------------------------------------------- */

static void *write_late(void *took)
{
    int64_t begun = clock_monotonic_ms();
    cinema_caller who = { .system = true, .deadline_ms = 300 };
    json_t *v = call(&who, "movie.create", "{\"title\": \"Ran\"}", CINEMA_TIMEOUT);
    IS(v, "status", "503");
    *(int64_t *)took = clock_monotonic_ms() - begun;
    return NULL;
}

TEST(a_call_gives_up_at_its_deadline)
{
    static const db_text change = { "change", "UPDATE title_total SET total = 0",
                                    "UPDATE title_total SET total = 0" };
    db_tx *tx = NULL;
    db_sql sql;
    pthread_t other;
    int64_t took = 0;
    OK(db_begin(c, &tx, &err)); /* in the way of every other writer */
    db_sql_for_tx(&sql, tx);
    db_add(&sql, change, "");
    OK(db_run(tx, &sql, NULL, NULL, &err));
    ck_assert(!pthread_create(&other, NULL, write_late, &took));
    pthread_join(other, NULL);
    db_rollback(&tx);
    ck_assert(took >= 290 && took < HANG_MS); /* and not those of the handle */
    create("movie.create", "{\"title\": \"Ran\"}");
}

TEST(a_deadline_ends_with_its_call_and_none_is_too_far)
{
    static const int64_t deadlines[] = { INT64_MAX, INT64_MIN, -1, 0, 60000 };
    for (size_t i = 0; i < sizeof deadlines / sizeof *deadlines; i++) {
        cinema_caller who = { .system = true, .deadline_ms = deadlines[i] };
        call(&who, "movie.create", "{\"title\": \"Ran\"}", CINEMA_OK);
        int64_t left = call_deadline(c) - clock_monotonic_ms();
        ck_assert(left > 0 && left <= 30000);
    }
}
