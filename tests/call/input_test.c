/* input_test.c - what is wrong with an input, all of it at once, and JSON that is none. Mirrors
 * lib/call/input.c.
 */
#include "call/call_help.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

FIXTURE(call_start, call_stop)

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

/* All faults in one line: "title length, yaer unknown_field". */
static void refused(const char *op, const char *json, const char *faults)
{
    char text[4000] = "";
    size_t n = 0, i;
    json_t *errors = json_object_get(call(TRUSTED, op, json, CINEMA_INVALID), "errors"), *v;
    json_array_foreach(errors, i, v)
    {
        char field[64];
        snprintf(field, sizeof field, "%s", at(v, "field"));
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %s", i ? ", " : "", field,
                              at(v, "rule"));
    }
    ck_assert_msg(!strcmp(text, faults), "%s: %s, not %s", json, text, faults);
}

TEST(the_example_of_the_contract)
{
    json_t *v = call(TRUSTED, "movie.create", "{\"title\": \"\", \"yaer\": 1999}", CINEMA_INVALID);
    IS(v, "code", "invalid");
    IS(v, "status", "400");
    IS(v, "title", "Invalid request");
    IS(v, "errors",
       "[{\"field\":\"title\",\"rule\":\"length\","
       "\"message\":\"must have 1 to 500 characters\"},"
       "{\"field\":\"yaer\",\"rule\":\"unknown_field\","
       "\"message\":\"is not a field of a movie (did you mean year?)\"}]");
    ck_assert_str_eq(err.field, "title");
    ck_assert_str_eq(err.message, "title: must have 1 to 500 characters");
}

static const struct {
    const char *op, *json, *faults;
} bad[] = {
    { "movie.create", "{}", "title required" },
    { "movie.create", "{\"title\": null}", "title required" },
    { "movie.create", "{\"title\": 5}", "title type" },
    { "movie.create", "{\"title\": [\"a\"]}", "title type" },
    { "movie.create", "{\"title\": true, \"year\": \"1999\", \"genres\": \"drama\"}",
      "title type, year type, genres type" },
    { "movie.create", "{\"yaer\": 1, \"title\": \"x\", \"yare\": 2}",
      "yaer unknown_field, yare unknown_field" },
    { "movie.create", "{\"title\": \"x\", \"id\": \"1\", \"clear\": \"year\"}",
      "id unknown_field, clear unknown_field" },
    { "movie.create", "{\"title\": \"x\", \"year\": 1999.0}", "year type" },
    { "movie.create", "{\"title\": \"x\", \"year\": 1.999e3}", "year type" },
    { "movie.create", "{\"title\": \"x\", \"year\": 9223372036854775807}", "year range" },
    { "movie.create", "{\"title\": \"x\", \"year\": -9223372036854775808}", "year range" },
    { "movie.create", "{\"title\": \"x\", \"year\": {}}", "year type" },
    { "movie.create", "{\"title\": \"x\", \"poster_url\": \"javascript:alert(1)\"}",
      "poster_url url" },
    { "movie.create", "{\"title\": \"x\", \"poster_url\": \"https://\"}", "poster_url url" },
    { "movie.create", "{\"title\": \"x\", \"poster_url\": \"https://a/\\\"onload=\"}",
      "poster_url url" },
    { "movie.create", "{\"title\": \"x\", \"genres\": [1, \"\", null]}",
      "genres[0] type, genres[2] type, genres[1] length" },
    { "movie.create", "{\"title\": \"x\", \"genres\": {}}", "genres type" },
    { "movie.create", "{\"title\": \"x\", \"external_ids\": []}", "external_ids type" },
    { "movie.create", "{\"title\": \"x\", \"external_ids\": {\"imdb\": 1, \"A\": \"1\"}}",
      "external_ids.imdb type, external_ids.A name" },
    { "movie.create", "{\"title\": \"x\", \"external_ids\": {\"imdb\": null}}",
      "external_ids.imdb type" },
    { "movie.create", "{\"title\": \"x\", \"revision\": 1}", "revision update_only" },
    { "movie.create", "{\"title\": \"x\", \"genres\": [\"no-such\"]}", "genres[0] unknown_genre" },
    { "movie.update", "{\"title\": \"x\"}", "title_id required" },
    { "movie.update", "{\"title_id\": 5, \"title\": \"\"}", "title_id type, title length" },
    { "movie.update", "{\"title_id\": null}", "title_id type" },
    { "movie.get", "{\"title_id\": \"\"}", "title_id name" },
    { "movie.update", "{\"title_id\": \"x\", \"title\": null, \"status\": null}",
      "title not_clearable, status not_clearable" },
    { "movie.update", "{\"title_id\": \"x\", \"revision\": null}", "revision not_clearable" },
    { "movie.update", "{\"title_id\": \"x\", \"revision\": 0}", "revision range" },
    { "movie.get", "{\"title_id\": \"x\", \"fields\": \"all\"}", "fields unknown_field" },
    { "movie.remove", "{\"title_id\": \"x\", \"revision\": \"1\"}", "revision type" },
    { "movie.list", "{\"limit\": 0}", "limit range" },
    { "movie.list", "{\"limit\": 101}", "limit range" },
    { "movie.list", "{\"limit\": -1}", "limit range" },
    { "movie.list", "{\"limit\": 4294967297}", "limit range" },
    { "movie.list", "{\"limit\": \"5\"}", "limit type" },
    { "movie.list", "{\"limit\": 5.5}", "limit type" },
    { "movie.list", "{\"total\": \"true\"}", "total type" },
    { "movie.list", "{\"total\": 1}", "total type" },
    { "movie.list", "{\"sort\": \"height\"}", "sort one_of" },
    { "movie.list", "{\"after\": \"???\"}", "after cursor" },
    { "movie.list", "{\"after\": \"\"}", "after length" },
    { "movie.list", "{\"updated_since\": \"yesterday\", \"year_from\": \"1999\"}",
      "updated_since type, year_from type" },
    { "movie.list", "{\"updated_since\": 5}", "updated_since type" },
    { "movie.list", "{\"published_only\": true}", "published_only unknown_field" },
    { "person.create", "{\"name\": \"x\", \"born_on\": \"1915-13\", \"slug\": \"x\"}",
      "born_on date" },
    { "person.create", "{\"name\": \"x\", \"slug\": \"A b\"}", "slug slug" },
    { "person.update", "{\"person_id\": \"x\", \"slug\": null}", "slug not_clearable" },
    { "genre.update", "{\"genre_id\": \"x\", \"slug\": null, \"name\": null}",
      "slug not_clearable, name not_clearable" },
    { "credits.set", "{\"title_id\": \"x\", \"cast\": {}, \"crew\": [1, {}, null]}",
      "cast type, crew[0] type, crew[2] type, crew[1].person_id required" },
    { "credits.set", "{\"title_id\": \"x\", \"cast\": [{\"person_id\": 5, \"charcter\": \"x\"}]}",
      "cast[0].person_id type, cast[0].charcter unknown_field" },
    { "credits.set", "{\"title_id\": \"x\", \"crew\": [{\"person_id\": \"a\", \"job\": \"\"}]}",
      "crew[0].job length" },
};

TEST_EACH(every_fault_is_told_once_and_all_at_once, COUNT_OF(bad))
{
    refused(bad[_i].op, bad[_i].json, bad[_i].faults);
}

static const struct {
    const char *json, *faults;
} no_json[] = {
    { " ", " json" },
    { "null", " json" },
    { "[]", " json" },
    { "\"text\"", " json" },
    { "{", " json" },
    { "{}x", " json" },
    { "{\"title\": \"x\",}", " json" },
    { "{'title': 'x'}", " json" },
    { "{\"title\": \"x\"} // comment", " json" },
    { "\xef\xbb\xbf{\"title\": \"x\"}", " json" },
    { "{\"title\": NaN}", " json" },
    { "{\"title\": \"\xff\"}", " json" },
    { "{\"title\": \"\xc0\xaf\"}", " json" },
    { "{\"title\": \"\xed\xa0\x80\"}", " json" },
    { "{\"\xff\": 1}", " json" },
    { "{\"title\": \"\\ud800\"}", " json" },
    { "{\"title\": \"\\ud800x\"}", " json" },
    { "{\"title\": \"\\udc00\\ud800\"}", " json" },
    { "{\"title\": \"\\x41\"}", " json" },
    { "{\"title\": \"a\nb\"}", " json" },
    { "{\"year\": 9223372036854775808}", " json" },
    { "{\"year\": 123456789012345678901234567890}", " json" },
    { "{\"year\": 1e400}", " json" },
    { "{\"year\": 01}", " json" },
    { "{\"title\": \"a\\u0000b\"}", " control_character" },
    { "{\"ti\\u0000tle\": \"x\"}", " control_character" },
    { "{\"title\": \"a\", \"title\": \"b\"}", "title duplicate_field" },
    { "{\"title\": \"a\", \"\\u0074itle\": \"b\"}", "\\u0074itle duplicate_field" },
    { "{\"external_ids\": {\"imdb\": \"1\", \"imdb\": \"2\"}, \"yaer\": 1}",
      "imdb duplicate_field" },
    { "{\"\": 1, \"\": 2}", " duplicate_field" },
    { "{\"\": 1, \"title\": \"x\"}", " unknown_field" },
    { "{\"title\": \"x\", \"a\": [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", " json_limits" },
    { "{\"title\": \"x\", \"a\": [[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}", "a unknown_field" },
    { "{\"title\": \"x\", \"a\": \"[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"}", "a unknown_field" },
};

TEST_EACH(json_that_is_none_is_refused_in_a_document, COUNT_OF(no_json))
{
    refused("movie.create", no_json[_i].json, no_json[_i].faults);
    for (const char *p =
             at(call(TRUSTED, "movie.create", no_json[_i].json, CINEMA_INVALID), "detail");
         *p; p++)
        ck_assert_int_ge((unsigned char)*p, ' ');
}

static int left; /* so many allocations of jansson's work */
static bool lasting;

/* Then one fails, or all do. */
static void *scarce_malloc(size_t n)
{
    int at = left--;
    return at > 0 || (at < 0 && !lasting) ? malloc(n) : NULL;
}

TEST_EACH(json_that_there_was_no_memory_for_is_still_json, 2)
{
    static const char json[] = "{\"genre\": \"caf\xc3\xa9\", \"sort\": \"-year\", \"limit\": 5}";
    cinema_status s = CINEMA_NO_MEMORY;
    json_malloc_t usual_malloc;
    json_free_t usual_free;
    json_get_alloc_funcs(&usual_malloc, &usual_free);
    lasting = _i;
    for (int n = 0; !n || left < 0; n++) {
        cinema_result *r = NULL;
        left = n;
        json_set_alloc_funcs(scarce_malloc, free);
        s = cinema_call_run(c, TRUSTED, "movie.list", json, sizeof json - 1, &r, &err);
        json_set_alloc_funcs(usual_malloc, usual_free);
        cinema_result_free(r);
        ck_assert_msg(!s || s == CINEMA_NO_MEMORY, "%d: %s", n, err.message);
        ck_assert(s || left >= 0 || !lasting);
    }
    OK(s);
}

TEST(a_nul_byte_ends_no_json)
{
    static const char json[] = "{\"title\": \"Ran\"}\0x";
    cinema_result *r = NULL;
    GIVES(CINEMA_INVALID,
          cinema_call_run(c, TRUSTED, "movie.create", json, sizeof json - 1, &r, &err));
    cinema_result_free(r);
}

/* ---- very much of it ------------------------------------------------------------------------- */

/* {"title": "x"} with n members more. */
static char *object_of(int n, const char *name)
{
    size_t room = (size_t)n * 100 + 100, used;
    char *json = malloc(room);
    used = (size_t)snprintf(json, room, "{\"title\": \"x\"");
    for (int i = 0; i < n; i++)
        used += (size_t)snprintf(json + used, room - used, ", \"%s%d\": %d", name, i, i);
    snprintf(json + used, room - used, "}");
    return json;
}

TEST(thousands_of_unknown_members_are_counted_and_fifty_are_named)
{
    char *json = object_of(49900, "an unknown member of some length, number ");
    json_t *v = call(TRUSTED, "movie.create", json, CINEMA_INVALID);
    ck_assert_uint_eq(json_array_size(json_object_get(v, "errors")), 50);
    IS(v, "errors.49.rule", "unknown_field");
    free(json);
}

TEST(too_many_values_are_refused_before_they_are_read)
{
    char *json = object_of(50001, "");
    refused("movie.create", json, " json_limits");
    free(json);
}

static char *list_of(const char *head, int n, const char *item, const char *end)
{
    size_t room = strlen(head) + (size_t)n * (strlen(item) + 1) + strlen(end) + 1, used;
    char *json = malloc(room);
    used = (size_t)snprintf(json, room, "%s", head);
    for (int i = 0; i < n; i++)
        used += (size_t)snprintf(json + used, room - used, "%s%s", i ? "," : "", item);
    snprintf(json + used, room - used, "%s", end);
    return json;
}

TEST(long_lists_are_one_fault)
{
    char *json = list_of("{\"title\": \"x\", \"genres\": [", 40000, "\"a\"", "]}");
    refused("movie.create", json, "genres items");
    free(json);
    json = list_of("{\"title_id\": \"x\", \"cast\": [", 501, "{}", "]}");
    refused("credits.set", json, "cast items");
    free(json);
}

TEST(what_is_wrong_with_every_item_of_a_long_list_fits_fifty_faults)
{
    char *json = list_of("{\"title_id\": \"x\", \"cast\": [", 500, "{\"a\": 1, \"b\": 2}", "]}");
    json_t *v = call(TRUSTED, "credits.set", json, CINEMA_INVALID);
    ck_assert_uint_eq(json_array_size(json_object_get(v, "errors")), 50);
    free(json);
}

TEST(a_long_name_is_cut_at_a_character)
{
    char name[400] = "", json[900];
    for (int i = 0; i < 100; i++)
        memcpy(name + 1 + 3 * i, "\xe4\xb9\xb1", 4);
    *name = 'x';
    snprintf(json, sizeof json, "{\"title\": \"x\", \"%s\": 1}", name);
    json_t *v = call(TRUSTED, "movie.create", json, CINEMA_INVALID); /* an answer that is UTF-8 */
    ck_assert_int_eq(strncmp(at(v, "errors.0.field"), name, 50), 0);
    snprintf(json, sizeof json, "{\"title\": \"x\", \"external_ids\": {\"%s\": \"1\"}}", name);
    call(TRUSTED, "movie.create", json, CINEMA_INVALID);
    snprintf(json, sizeof json, "{\"%s\": 1, \"%s\": 2}", name, name);
    call(TRUSTED, "movie.create", json, CINEMA_INVALID);
    snprintf(json, sizeof json, "{\"title\": \"x\", \"genres\": [\"%.79s\"]}", name);
    call(TRUSTED, "movie.create", json, CINEMA_INVALID);
    call(TRUSTED, name, NULL, CINEMA_NOT_FOUND);
}

/* ---- null ------------------------------------------------------------------------------------ */

TEST(null_is_ignored_in_a_creation_and_a_query)
{
    json_t *v =
        call(TRUSTED, "movie.create",
             "{\"title\": \"Ran\", \"year\": null, \"status\": null, \"genres\": null}", CINEMA_OK);
    IS(v, "year", "null");
    IS(v, "status", "draft");
    v = call(TRUSTED, "movie.list", "{\"genre\": null, \"limit\": null, \"total\": null}",
             CINEMA_OK);
    IS(v, "items.0.slug", "ran");
}

TEST(null_clears_in_a_change_and_what_is_absent_stays)
{
    call(TRUSTED, "genre.create", "{\"name\": \"Drama\"}", CINEMA_OK);
    call(TRUSTED, "movie.create",
         "{\"title\": \"Ran\", \"year\": 1985, \"overview\": \"o\", \"released_on\": \"1985\","
         " \"popularity\": 5, \"genres\": [\"drama\"], \"external_ids\": {\"imdb\": \"1\"}}",
         CINEMA_OK);
    json_t *v = call(TRUSTED, "movie.update",
                     "{\"title_id\": \"ran-1985\", \"year\": null, \"overview\": null,"
                     " \"popularity\": null, \"genres\": null, \"external_ids\": null}",
                     CINEMA_OK);
    IS(v, "year", "null");
    IS(v, "slug", "ran");
    IS(v, "overview", "null");
    IS(v, "popularity", "0");
    IS(v, "genres", "[]");
    IS(v, "external_ids", "{}");
    IS(v, "released_on", "1985");
    IS(call(TRUSTED, "movie.get", "{\"title_id\": \"ran\"}", CINEMA_OK), "external_ids", "{}");
    v = call(TRUSTED, "person.create",
             "{\"name\": \"Ida\", \"born_on\": \"1918\", \"external_ids\": {\"imdb\": \"1\"}}",
             CINEMA_OK);
    v = call(TRUSTED, "person.update",
             "{\"person_id\": \"ida\", \"born_on\": null, \"external_ids\": null}", CINEMA_OK);
    IS(v, "born_on", "null");
    IS(call(TRUSTED, "person.get", "{\"person_id\": \"ida\"}", CINEMA_OK), "external_ids", "{}");
}

TEST(a_change_of_nothing_is_a_change)
{
    call(TRUSTED, "movie.create", "{\"title\": \"Ran\"}", CINEMA_OK);
    IS(call(TRUSTED, "movie.update", "{\"title_id\": \"ran\"}", CINEMA_OK), "revision", "2");
}

TEST(a_stale_revision_is_told)
{
    call(TRUSTED, "movie.create", "{\"title\": \"Ran\"}", CINEMA_OK);
    json_t *v =
        call(TRUSTED, "movie.update", "{\"title_id\": \"ran\", \"revision\": 7}", CINEMA_STALE);
    IS(v, "code", "stale");
    call(TRUSTED, "movie.remove", "{\"title_id\": \"ran\", \"revision\": 7}", CINEMA_STALE);
    call(TRUSTED, "credits.set", "{\"title_id\": \"ran\", \"revision\": 7}", CINEMA_STALE);
    call(TRUSTED, "movie.remove", "{\"title_id\": \"ran\", \"revision\": 1}", CINEMA_OK);
}

/* ---- JSONTestSuite --------------------------------------------------------------------------- */

/* Whether an input, never a good one here, is refused as no JSON at all. */
static bool no_json_at_all(const char *json, size_t n)
{
    cinema_result *r = NULL;
    GIVES(CINEMA_INVALID, cinema_call_run(c, TRUSTED, "genre.create", json, n, &r, &err));
    cinema_result_free(r);
    return strstr(err.message, "is not JSON") || strstr(err.message, "nests deeper");
}

/* As the value of a member, and as a whole input. */
static void suite_case(const char *name, const char *expect, const char *b64)
{
    size_t room = strlen(b64) + 16, n = 0;
    char *json = malloc(room);
    memcpy(json, "{\"x\":", 5);
    ck_assert(!sodium_base642bin((unsigned char *)json + 5, room - 5, b64, strlen(b64), NULL, &n,
                                 NULL, sodium_base64_VARIANT_ORIGINAL));
    json[5 + n] = '}';
    bool no = no_json_at_all(json, n + 6);
    ck_assert_msg(*expect == 'e' || no == (*expect == 'r'), "%s: %s", name, err.message);
    no = n && no_json_at_all(json + 5, n); /* an empty input is {} */
    ck_assert_msg(!no || *expect != 'a', "%s: %s", name, err.message);
    free(json);
}

TEST(jsontestsuite_agrees_what_is_json)
{
    char path[1024];
    size_t i;
    json_t *v;
    snprintf(path, sizeof path, "%.*s../shared/vectors/json/jsontestsuite.json",
             (int)(strlen(__FILE__) - strlen("tests/call/input_test.c")), __FILE__);
    json_t *suite = json_load_file(path, 0, NULL);
    if (!suite)
        SKIP("no ../shared/vectors/json/jsontestsuite.json");
    ck_assert_uint_gt(json_array_size(suite), 100);
    json_array_foreach(suite, i, v)
    {
        suite_case(json_string_value(json_object_get(v, "name")),
                   json_string_value(json_object_get(v, "expect")),
                   json_string_value(json_object_get(v, "b64")));
    }
    json_decref(suite);
}
