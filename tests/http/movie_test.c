/* movie_test.c - the HTTP door with a subject behind it: bodies, tags, names, preconditions.
 */
#include "http/http_help.h"

#include <stdio.h>

FIXTURE(http_start, http_stop)

static char id[64], slug[100], tag[80];

/* A published film; its id, slug and tag are kept. */
static void add(const char *body)
{
    ck_assert_msg(SEND("POST", "/v1/movies", body) == 201, "%.*s", (int)got->body_length,
                  (const char *)got->body);
    snprintf(id, sizeof id, "%s", said("id"));
    snprintf(slug, sizeof slug, "%s", said("slug"));
    snprintf(tag, sizeof tag, "%s", header("ETag"));
}

static void add_ran(void)
{
    add("{\"title\": \"Ran\", \"year\": 1985, \"status\": \"published\","
        " \"external_ids\": {\"imdb\": \"tt0089881\"}}");
}

static const char *at(const char *name)
{
    static char target[200];
    snprintf(target, sizeof target, "/v1/movies/%s", name);
    return target;
}

#define PATCH(body, ...)                                                                           \
    ASK("PATCH", at(slug), body, "Content-Type", "application/json", "Authorization",              \
        http_token(), __VA_ARGS__ NULL)

TEST(what_is_made_says_where_it_is)
{
    char place[128];
    add_ran();
    snprintf(place, sizeof place, "/v1/movies/%s", id);
    ck_assert_str_eq(header("Location"), place);
    ck_assert_str_eq(tag, "\"1.0\"");
    ck_assert_str_eq(header("Cache-Control"), "no-store");
    ck_assert_ptr_null(header("Content-Location"));
    ck_assert_int_eq(GET(place), 200);
    ck_assert_str_eq(said("slug"), "ran-1985");
}

TEST(a_film_is_kept_by_caches_that_ask_again)
{
    add_ran();
    ck_assert_int_eq(GET(at(slug)), 200);
    ck_assert_str_eq(header("ETag"), tag);
    ck_assert_str_eq(header("Cache-Control"), "no-cache");
    ck_assert_int_eq(ASK("GET", at(slug), NULL, "If-None-Match", tag, NULL), 304);
    ck_assert_str_eq(header("ETag"), tag);
    ck_assert_ptr_null(got->body);
    ck_assert_int_eq(ASK("GET", at(slug), NULL, "If-None-Match", "\"1.1\"", NULL), 200);
    ck_assert_int_eq(ASK("GET", at(slug), NULL, "Authorization", http_token(), NULL), 200);
    ck_assert_str_eq(header("Cache-Control"), "private, no-cache");
    ck_assert_int_eq(
        ASK("GET", at(slug), NULL, "Authorization", http_token(), "If-None-Match", tag, NULL), 304);
    ck_assert_str_eq(header("Cache-Control"), "private, no-cache");
    ck_assert_int_eq(ASK("GET", "/v1/movies", NULL, "Authorization", http_token(), NULL), 200);
    ck_assert_str_eq(header("Cache-Control"), "no-store"); /* a list has no tag to ask by */
}

TEST(head_tells_the_length_of_a_film)
{
    add_ran();
    GET(at(slug));
    size_t length = got->body_length;
    ck_assert_int_eq(ASK("HEAD", at(slug), NULL, NULL), 200);
    ck_assert_uint_eq(got->head_length, length);
    ck_assert_str_eq(header("ETag"), tag);
}

TEST(another_name_is_answered_with_the_real_one)
{
    add_ran();
    GET(at(slug));
    ck_assert_ptr_null(header("Content-Location"));
    GET(at(id));
    ck_assert_ptr_null(header("Content-Location"));
    ck_assert_int_eq(GET("/v1/movies/imdb:tt0089881"), 200);
    ck_assert_str_eq(header("Content-Location"), "/v1/movies/ran-1985");
    ck_assert_int_eq(GET("/v1/movies/imdb%3Att0089881"), 200);
    ck_assert_str_eq(header("Content-Location"), "/v1/movies/ran-1985");
}

TEST(a_change_is_made_to_the_version_that_was_seen)
{
    add_ran();
    ck_assert_int_eq(PATCH("{\"year\": 1986}", "If-Match", tag, ), 200);
    ck_assert_str_eq(header("ETag"), "\"2.0\"");
    ck_assert_int_eq(PATCH("{\"year\": 1987}", "If-Match", tag, ), 412);
    PROBLEM(412, "stale");
    ck_assert_int_eq(PATCH("{\"year\": 1987}", "If-Match", "\"2.77\"", ), 200); /* votes came */
    ck_assert_int_eq(PATCH("{\"year\": 1988}", "If-Match", "*", ), 200);
    ck_assert_int_eq(PATCH("{\"year\": 1989}", "If-Match", "\"4.0-gzip\"", ), 200);
    ck_assert_int_eq(PATCH("{\"year\": 1990}", "If-Match", "W/\"5.0\"", ), 412);
    ck_assert_int_eq(PATCH("{\"year\": 1990}", "If-Match", "\"x\"", ), 412);
    ck_assert_int_eq(PATCH("{\"year\": 1990}", "If-Match", "\"4.0\", \"5.0\"", ), 412);
    ck_assert_int_eq(PATCH("{\"year\": 1990}", ), 200);
}

TEST(a_revision_in_the_body_does_not_outdo_if_match)
{
    add_ran();
    ck_assert_int_eq(PATCH("{\"revision\": 1, \"year\": 1986}", "If-Match", "\"77.0\"", ), 400);
    PROBLEM(400, "invalid");
    ck_assert_int_eq(PATCH("{\"revision\": 1, \"year\": 1986}", "If-Match", tag, ), 200);
    ck_assert_int_eq(PATCH("{\"revision\": 1, \"year\": 1987}", ), 412);
}

TEST(who_calls_is_judged_before_versions)
{
    add_ran();
    ASK("PATCH", at(slug), "{}", "Content-Type", "application/json", "If-Match", "\"x\"", NULL);
    PROBLEM(401, "not_signed_in");
    ck_assert_str_eq(header("WWW-Authenticate"), "Bearer");
    SEND("PATCH", "/v1/movies/nothing", "{}");
    PROBLEM(404, "not_found");
}

TEST(what_is_removed_is_the_version_that_was_seen)
{
    add_ran();
    const char *bearer = http_token();
    ASK("DELETE", at(slug), NULL, "Authorization", bearer, "If-Match", "\"9.0\"", NULL);
    PROBLEM(412, "stale");
    ASK("DELETE", at(slug), "{}", "Authorization", bearer, "Content-Type", "application/json",
        NULL);
    PROBLEM(400, "invalid");
    ck_assert_int_eq(ASK("DELETE", at(slug), NULL, "Authorization", bearer, "If-Match", tag, NULL),
                     204);
    ck_assert_ptr_null(got->body);
    ck_assert_ptr_null(header("Content-Type"));
    ck_assert_int_eq(GET(at(slug)), 404);
}

TEST(what_is_new_has_no_version_to_match)
{
    ASK("POST", "/v1/movies", "{\"title\": \"A\"}", "Content-Type", "application/json",
        "Authorization", http_token(), "If-Match", "\"1.0\"", NULL);
    PROBLEM(412, "stale");
}

TEST(an_idempotency_key_is_a_short_word)
{
    char key[300];
    memset(key, 'k', sizeof key);
    for (size_t length = 254; length < 258; length++) {
        key[length] = '\0';
        ASK("POST", "/v1/movies", "{\"title\": \"A\"}", "Content-Type", "application/json",
            "Authorization", http_token(), "Idempotency-Key", key, NULL);
        ck_assert_int_eq(got->status, length < 256 ? 201 : 400);
        key[length] = 'k';
    }
    ASK("POST", "/v1/movies", "{\"title\": \"A\"}", "Idempotency-Key", "a b", NULL);
    PROBLEM(400, "invalid");
    ck_assert_str_eq(said("errors.0.rule"), "idempotency_key");
}

TEST(if_none_match_is_not_passed_over_where_it_cannot_be_kept)
{
    add_ran();
    PATCH("{}", "If-None-Match", "*", );
    PROBLEM(501, "unsupported");
}

/* ---- bodies ---------------------------------------------------------------------------------- */

static const struct media {
    const char *type;
    int post, patch;
} media[] = {
    { "application/json", 201, 200 },
    { "Application/JSON; Charset=\"UTF-8\"", 201, 200 },
    { "application/json;charset=utf-8", 201, 200 },
    { "application/json ;", 201, 200 },
    { "application/merge-patch+json", 415, 200 },
    { "application/json; charset=latin1", 415, 415 },
    { "application/json; charset=utf-8x", 415, 415 },
    { "application/json; profile=x", 415, 415 },
    { "application/jsonx", 415, 415 },
    { "text/json", 415, 415 },
    { "application/x-www-form-urlencoded", 415, 415 },
    { "", 415, 415 },
    { NULL, 415, 415 },
};

TEST(bodies_are_json)
{
    add_ran();
    for (size_t i = 0; i < sizeof media / sizeof *media; i++) {
        const struct media *m = &media[i];
        const char *name = m->type ? "content-type" : NULL;
        ASK("POST", "/v1/movies", "{\"title\":\"A\"}", "Authorization", http_token(), name, m->type,
            NULL);
        ck_assert_msg(got->status == m->post, "POST %s gave %d", m->type, got->status);
        ASK("PATCH", at(slug), "{}", "Authorization", http_token(), name, m->type, NULL);
        ck_assert_msg(got->status == m->patch, "PATCH %s gave %d", m->type, got->status);
    }
    PROBLEM(415, "unsupported_media_type");
}

TEST(bodies_are_not_compressed)
{
    ASK("POST", "/v1/movies", "{}", "Content-Type", "application/json", "Content-Encoding", "gzip",
        "Authorization", http_token(), NULL);
    PROBLEM(415, "unsupported_media_type");
    ck_assert_int_eq(ASK("POST", "/v1/movies", "{\"title\":\"A\"}", "Content-Type",
                         "application/json", "Content-Encoding", "Identity", "Authorization",
                         http_token(), NULL),
                     201);
}

TEST(no_body_is_an_empty_one)
{
    SEND("POST", "/v1/movies", "");
    PROBLEM(400, "invalid");
    ck_assert_str_eq(said("errors.0.field"), "title");
    ck_assert_str_eq(said("errors.0.rule"), "required");
    ASK("POST", "/v1/movies", NULL, NULL);
    PROBLEM(401, "not_signed_in");
}

TEST(a_body_has_a_largest_size)
{
    cinema_http_route_info info;
    size_t size = (1 << 20) + 1;
    char *body = malloc(size + 1);
    memset(body, ' ', size);
    body[size] = '\0';
    SEND("POST", "/v1/movies", body);
    PROBLEM(413, "too_large");
    memcpy(body, "{}", 2);
    body[size - 1] = '\0';
    SEND("POST", "/v1/movies", body);
    PROBLEM(400, "invalid");
    free(body);
    cinema_http_route(c, "POST", "/v1/movies", &info);
    ck_assert(info.found && !info.local && info.nature == CINEMA_NATURE_WRITE);
    ck_assert_uint_eq(info.body_max, 1 << 20);
}

TEST(everything_wrong_is_told_at_once)
{
    SEND("POST", "/v1/movies", "{\"title\": \"\", \"yaer\": 1999, \"year\": 3}");
    PROBLEM(400, "invalid");
    ck_assert_uint_eq(json_array_size(json_object_get(answer(), "errors")), 3);
    SEND("POST", "/v1/movies", "{\"title\": \"a\", \"title\": \"b\"}");
    ck_assert_str_eq(said("errors.0.rule"), "duplicate_field");
    SEND("POST", "/v1/movies", "[1]");
    PROBLEM(400, "invalid");
    SEND("POST", "/v1/movies", "{\"title\": \"a\"");
    PROBLEM(400, "invalid");
    SEND("POST", "/v1/movies?title=a", "{\"title\": \"a\"}");
    PROBLEM(400, "invalid");
}

/* ---- lists ----------------------------------------------------------------------------------- */

TEST(a_list_has_pages_and_no_tag)
{
    char next[600] = "/v1/movies?limit=2&after=";
    add("{\"title\": \"A\", \"status\": \"published\"}");
    add("{\"title\": \"B\", \"status\": \"published\"}");
    add("{\"title\": \"C\", \"status\": \"published\"}");
    ck_assert_int_eq(GET("/v1/movies?limit=2&sort=title"), 200);
    ck_assert_ptr_null(header("ETag"));
    ck_assert_str_eq(header("Cache-Control"), "no-store");
    ck_assert_str_eq(said("items.1.title"), "B");
    snprintf(next, sizeof next, "/v1/movies?sort=title&limit=2&after=%.500s", said("next"));
    ck_assert_int_eq(GET(next), 200);
    ck_assert_str_eq(said("items.0.title"), "C");
    ck_assert(json_is_null(json_object_get(answer(), "next")));
}

static const char *const bad_lists[] = {
    "?limit=0",   "?limit=101",       "?limit=x", "?limit=",     "?after=xx",
    "?sort=size", "?limit=1&limit=1", "?title=A", "?year_from=", "?total=yes"
};

TEST_EACH(bad_list_queries_are_refused, sizeof bad_lists / sizeof *bad_lists)
{
    char target[100];
    snprintf(target, sizeof target, "/v1/movies%s", bad_lists[_i]);
    ck_assert_int_eq(GET(target), 400);
    ck_assert_str_ne(said("errors.0.field"), "");
}

TEST(drafts_are_for_those_who_write)
{
    add("{\"title\": \"Unfinished\"}");
    GET(at(slug));
    PROBLEM(404, "not_found");
    ck_assert_int_eq(ASK("GET", at(slug), NULL, "If-None-Match", tag, NULL), 404);
    ck_assert_int_eq(ASK("GET", at(slug), NULL, "Authorization", http_token(), NULL), 200);
    GET("/v1/movies?status=draft");
    ck_assert_int_eq(got->status, 403);
}

TEST(names_that_are_no_names_are_not_found_or_refused)
{
    static const char *const names[] = { "x'--", "%22",          "imdb:", ":",
                                         "....", "%F0%9F%8E%AC", "a%20b" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        GET(at(names[i]));
        ck_assert_msg(got->status == 404 || got->status == 400, "%s: %d", names[i], got->status);
    }
}

#define PUT(target, body, ...)                                                                     \
    ASK("PUT", target, body, "Content-Type", "application/json", "Authorization", http_token(),    \
        __VA_ARGS__ NULL)

TEST(credits_carry_the_version_of_their_film)
{
    char credits[128];
    add_ran();
    snprintf(credits, sizeof credits, "/v1/titles/%s/credits", slug);
    ck_assert_int_eq(PUT(credits, "{\"cast\": []}", "If-Match", tag, ), 200);
    ck_assert_str_eq(header("ETag"), "\"2\"");
    ck_assert_int_eq(ASK("GET", credits, NULL, "If-None-Match", "\"2\"", NULL), 304);
    ck_assert_int_eq(PUT(credits, "{\"cast\": []}", "If-Match", tag, ), 412);
    ck_assert_int_eq(PUT(credits, "{\"cast\": []}", "If-Match", "\"2\"", ), 200);
    ck_assert_int_eq(GET(credits), 200);
    ck_assert_str_eq(header("ETag"), "\"3\"");
}
