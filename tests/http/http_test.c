/* http_test.c - mirrors lib/http/http.c: from request to response, with operations of the admin
 * room.
 */
#include "http/http_help.h"

#include <ctype.h>
#include <sys/wait.h>
#include <unistd.h>

FIXTURE(http_start, http_stop)

TEST(healthz_answers_ok)
{
    ck_assert_int_eq(GET("/healthz"), 200);
    ck_assert_str_eq(said("status"), "ok");
    ck_assert_str_eq(got->operation, "health.live");
    ck_assert_str_eq(got->code, "");
    ck_assert_str_eq(header("Content-Type"), "application/json");
    ck_assert_str_eq(header("Cache-Control"), "no-store");
}

TEST(every_answer_has_the_headers_that_protect)
{
    static const char *const targets[] = { "/healthz", "/nowhere", "/docs", "/openapi.json" };
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        GET(targets[i]);
        ck_assert_str_eq(header("X-Content-Type-Options"), "nosniff");
        ck_assert_str_eq(header("Referrer-Policy"), "no-referrer");
        ck_assert_str_eq(header("Vary"), "Authorization, Accept-Language, Accept-Encoding");
        ck_assert(strstr(header("Content-Security-Policy"), "default-src 'none'"));
        ck_assert(strstr(header("Content-Security-Policy"), "frame-ancestors 'none'"));
        ck_assert_ptr_null(strstr(header("Content-Security-Policy"), "script"));
    }
}

TEST(nothing_at_a_path_is_a_404_problem)
{
    GET("/v1/nothing?a=1");
    PROBLEM(404, "not_found");
    ck_assert_str_eq(said("title"), "Not found");
    ck_assert_str_eq(got->operation, "");
    GET("/");
    PROBLEM(404, "not_found");
    GET("/healthz/");
    PROBLEM(404, "not_found");
    GET("/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o");
    PROBLEM(404, "not_found");
}

TEST(paths_with_two_readings_are_refused)
{
    static const char *const bad[] = {
        "",           "healthz",       "//healthz",    "/v1//x",        "/v1/../healthz",
        "/./healthz", "/%2e/healthz",  "/v1/%2E%2e/x", "/v1/%2fx",      "/v1/%5Cx",
        "/v1/\\x",    "/v1/%00",       "/v1/x%0a",     "/v1/%7f",       "/v1/%",
        "/v1/%4",     "/v1/%zz",       "/v1/a b",      "/v1/\x01",      "/v1/\xff",
        "/v1/%ff",    "/v1/%c0%af",    "/healthz#x",   "/v1/%ed%a0%80", "*",
        "http://a/b", "/healthz?a=%z", "/healthz?a=%", "/healthz?%00",  "/healthz?a=\xff",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        GET(bad[i]);
        ck_assert_msg(got->status == 400, "%s gave %d", bad[i], got->status);
        PROBLEM(400, "invalid");
        ck_assert_str_ne(said("errors.0.rule"), "");
    }
}

TEST(a_literal_may_be_escaped)
{
    ck_assert_int_eq(GET("/%68ealthz"), 200);
}

TEST(too_long_a_target_is_414)
{
    char target[9000] = "/healthz?a=";
    memset(target + 11, 'x', sizeof target - 12);
    target[sizeof target - 1] = '\0';
    GET(target);
    PROBLEM(414, "target_too_long");
}

TEST(methods_that_are_not_there_are_405_with_allow)
{
    static const char *const others[] = { "POST", "PUT", "PATCH", "DELETE", "TRACE",
                                          "BREW", "get", "",      "CONNECT" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        ASK(others[i], "/healthz", NULL, NULL);
        PROBLEM(405, "method_not_allowed");
        ck_assert_str_eq(header("Allow"), "GET, HEAD, OPTIONS");
    }
    ASK("BREW", "/coffee", NULL, NULL);
    PROBLEM(404, "not_found");
}

TEST(options_tells_the_methods)
{
    ck_assert_int_eq(ASK("OPTIONS", "/healthz", NULL, NULL), 204);
    ck_assert_str_eq(header("Allow"), "GET, HEAD, OPTIONS");
    ck_assert_ptr_null(got->body);
    ck_assert_int_eq(ASK("OPTIONS", "/nowhere", NULL, NULL), 404);
}

TEST(head_is_get_without_its_body)
{
    ck_assert_int_eq(GET("/healthz"), 200);
    size_t length = got->body_length;
    ck_assert_int_eq(ASK("HEAD", "/healthz", NULL, NULL), 200);
    ck_assert_ptr_null(got->body);
    ck_assert_uint_eq(got->body_length, 0);
    ck_assert_uint_eq(got->head_length, length);
    ck_assert_str_eq(header("Content-Type"), "application/json");
    ck_assert_int_eq(ASK("HEAD", "/nowhere", NULL, NULL), 404);
    ck_assert_ptr_null(got->body);
}

TEST(unknown_query_parameters_are_refused)
{
    GET("/healthz?colour=red");
    PROBLEM(400, "invalid");
    ck_assert_str_eq(said("errors.0.field"), "colour");
    ck_assert_str_eq(said("errors.0.rule"), "unknown_field");
    ck_assert_int_eq(GET("/healthz?"), 200);
    ck_assert_int_eq(GET("/healthz?&&"), 200);
}

TEST(more_parameters_than_anybody_needs_are_refused)
{
    char target[400] = "/healthz?";
    for (int i = 0; i < 40; i++)
        snprintf(target + strlen(target), sizeof target - strlen(target), "a%d=1&", i);
    GET(target);
    PROBLEM(400, "invalid");
    ck_assert_str_eq(said("errors.0.rule"), "too_many");
}

TEST(a_body_where_none_is_taken_is_refused)
{
    ASK("GET", "/healthz", "{}", "Content-Type", "application/json", NULL);
    PROBLEM(400, "invalid");
    ck_assert_str_eq(said("errors.0.rule"), "no_body");
}

/* ---- who asks -------------------------------------------------------------------------------- */

TEST(malformed_authorization_is_401)
{
    static const char *const bad[] = { "",           "Bearer",      "Bearer ",     "Basic YTpi",
                                       "Bearer a b", "Bearer a\"b", "Bearer =",    "Bearerabc",
                                       "Bearer a=b", "Bearer \xc3", "Token abcdef" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ASK("GET", "/healthz", NULL, "authorization", bad[i], NULL);
        PROBLEM(401, "not_signed_in");
        ck_assert_str_eq(header("WWW-Authenticate"), "Bearer error=\"invalid_request\"");
    }
}

TEST(a_bad_token_is_401_and_says_so)
{
    ASK("GET", "/healthz", NULL, "Authorization", "bearer AAAA.bbbb-cc_~+/==", NULL);
    ck_assert_int_eq(got->status, 401);
    ck_assert_str_eq(header("WWW-Authenticate"), "Bearer error=\"invalid_token\"");
}

TEST(the_scheme_may_be_written_in_any_case)
{
    char small[128];
    snprintf(small, sizeof small, "bEARER  %s", http_token() + 7);
    ck_assert_int_eq(ASK("GET", "/healthz", NULL, "AUTHORIZATION", small, NULL), 200);
}

TEST(two_authorizations_are_refused)
{
    ASK("GET", "/healthz", NULL, "Authorization", http_token(), "authorization", "Bearer x", NULL);
    PROBLEM(400, "invalid");
    ck_assert_str_eq(said("errors.0.rule"), "repeated_header");
}

/* ---- names of requests ----------------------------------------------------------------------- */

TEST(a_request_keeps_the_id_it_comes_with)
{
    cinema_http_request q = { .method = "GET", .target = "/nowhere", .request_id = "Abc-1._2" };
    http_ask_whole(&q);
    ck_assert_str_eq(got->request_id, "Abc-1._2");
    PROBLEM(404, "not_found");
}

TEST(an_id_that_is_none_is_replaced)
{
    static const char *const bad[] = {
        "",         "a b", "a\r\nX: y",
        "\xc3\xa4", "a\"", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cinema_http_request q = { .method = "GET", .target = "/healthz", .request_id = bad[i] };
        http_ask_whole(&q);
        ck_assert_uint_eq(strlen(got->request_id), 32);
        for (const char *s = got->request_id; *s; s++)
            ck_assert(isxdigit((unsigned char)*s));
    }
}

TEST(ids_that_are_made_differ)
{
    char before[80] = "";
    for (int i = 0; i < 100; i++) {
        GET("/healthz");
        ck_assert_str_ne(got->request_id, before);
        snprintf(before, sizeof before, "%s", got->request_id);
    }
}

/* ---- documents ------------------------------------------------------------------------------- */

TEST(a_document_has_a_tag_and_is_not_sent_twice)
{
    char tag[80], weak[128], zipped[128];
    ck_assert_int_eq(GET("/openapi.json"), 200);
    snprintf(tag, sizeof tag, "%s", header("ETag"));
    ck_assert_str_eq(header("Cache-Control"), "no-cache");
    ck_assert_int_eq(ASK("GET", "/openapi.json", NULL, "If-None-Match", tag, NULL), 304);
    ck_assert_str_eq(header("ETag"), tag);
    ck_assert_str_eq(header("Cache-Control"), "no-cache");
    ck_assert_ptr_null(header("Content-Type"));
    ck_assert_ptr_null(got->body);
    snprintf(weak, sizeof weak, "\"x\", W/%s , \"y\"", tag);
    ck_assert_int_eq(ASK("HEAD", "/openapi.json", NULL, "if-none-match", weak, NULL), 304);
    snprintf(zipped, sizeof zipped, "%.*s-gzip\"", (int)strlen(tag) - 1, tag);
    ck_assert_int_eq(ASK("GET", "/openapi.json", NULL, "If-None-Match", zipped, NULL), 304);
    ck_assert_int_eq(ASK("GET", "/openapi.json", NULL, "If-None-Match", "*", NULL), 304);
    ck_assert_int_eq(ASK("GET", "/openapi.json", NULL, "If-None-Match", "\"x\"", NULL), 200);
    ck_assert_int_eq(ASK("GET", "/openapi.json", NULL, "If-None-Match", tag + 1, NULL), 200);
}

TEST(docs_is_a_page_without_scripts)
{
    ck_assert_int_eq(GET("/docs"), 200);
    ck_assert_str_eq(header("Content-Type"), "text/html; charset=utf-8");
    ck_assert(strstr(header("Content-Security-Policy"), "style-src"));
    const char *page = got->body;
    ck_assert(strstr(page, "/healthz") && strstr(page, "health.ready"));
    ck_assert_ptr_null(strstr(page, "<script"));
    ck_assert_ptr_null(strstr(page, "http://"));
    ck_assert_ptr_null(strstr(page, "https://"));
    ck_assert(strstr(page, "users who have signed in") && strstr(page, "Answers 202 or 201"));
}

/* ---- what a transport asks ------------------------------------------------------------------- */

TEST(a_route_is_told_beforehand)
{
    cinema_http_route_info info;
    cinema_http_route(c, "GET", "/healthz?x=%zz", &info);
    ck_assert(info.found && info.local && info.nature == CINEMA_NATURE_INSTANT);
    ck_assert_uint_eq(info.body_max, 0);
    cinema_http_route(c, "HEAD", "/readyz", &info);
    ck_assert(info.found && info.nature == CINEMA_NATURE_READ);
    ck_assert_int_eq(info.local, !test_on_postgres());
    cinema_http_route(c, "OPTIONS", "/readyz", &info);
    ck_assert(info.found && info.local && !info.body_max);
    cinema_http_route(c, "POST", "/healthz", &info);
    ck_assert(!info.found);
    cinema_http_route(c, "GET", "/nowhere", &info);
    ck_assert(!info.found);
    cinema_http_route(c, "GET", "/%", &info);
    ck_assert(!info.found);
}

TEST(a_problem_of_the_transport_looks_like_all_others)
{
    OK(cinema_http_problem(c, 431, "headers_too_large", "the headers are \"too\" large", "id-1",
                           &got, &err));
    PROBLEM(431, "headers_too_large");
    ck_assert_str_eq(said("title"), "Headers too large");
    ck_assert_str_eq(said("detail"), "the headers are \"too\" large");
    ck_assert_str_eq(got->request_id, "id-1");
    cinema_http_response_free(got);
    got = NULL;
    OK(cinema_http_problem(c, 503, "overloaded", "too much to do", NULL, &got, &err));
    ck_assert_str_eq(header("Retry-After"), "1");
    cinema_http_response_free(NULL);
}

TEST(an_older_caller_may_send_a_shorter_request)
{
    const cinema_http_request q = { .method = "GET", .target = "/healthz" };
    OK(cinema_http_sized(c, &q, offsetof(cinema_http_request, deadline_ms), &got, &err));
    ck_assert_int_eq(got->status, 200);
}

TEST(a_child_of_fork_is_refused)
{
    int status = 0;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (!child) {
        const cinema_http_request q = { .method = "GET", .target = "/healthz" };
        cinema_http_response *r = NULL;
        test_leave(cinema_http(c, &q, &r, NULL) == CINEMA_MISUSE && !r ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}
