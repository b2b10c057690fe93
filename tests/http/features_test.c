/* features_test.c - what HTTP offers beside the operations: kept answers, gzip, other origins,
 * traces, limits. Mirrors lib/http/{gzip,cors,trace,reply}.c.
 */
#include "http/http_help.h"

#include "base/handle.h"
#include "call/op.h"
#include "http/gzip.h"
#include "http/trace.h"

#include <stdio.h>
#include <zlib.h>

FIXTURE(http_start, http_stop)

static const char long_film[] =
    "{\"title\": \"Ran\", \"year\": 1985, \"status\": \"published\", \"overview\": \"%s\"}";

static void add_long(void)
{
    char overview[3001], body[3200];
    for (size_t i = 0; i < 3000; i++)
        overview[i] = "Hidetora divides his realm. "[i % 28];
    overview[3000] = '\0';
    snprintf(body, sizeof body, long_film, overview);
    ck_assert_int_eq(SEND("POST", "/v1/movies", body), 201);
}

/* ---- Idempotency-Key
 * ----------------------------------------------------------------------------- */

#define POST_ONCE(key, body)                                                                       \
    ASK("POST", "/v1/movies", body, "Content-Type", "application/json", "Authorization",           \
        http_token(), "Idempotency-Key", key, NULL)

TEST(a_repeated_post_is_answered_as_the_first_time)
{
    char first[4096], place[200], tag[80];
    ck_assert_int_eq(POST_ONCE("a", "{\"title\": \"Ran\", \"year\": 1985}"), 201);
    ck_assert_ptr_null(header("Idempotent-Replayed"));
    snprintf(first, sizeof first, "%.*s", (int)got->body_length, (const char *)got->body);
    snprintf(place, sizeof place, "%s", header("Location"));
    snprintf(tag, sizeof tag, "%s", header("ETag"));
    ck_assert_int_eq(POST_ONCE("a", "{\"title\": \"Ran\", \"year\": 1985}"), 201);
    ck_assert_str_eq(header("Idempotent-Replayed"), "true");
    ck_assert_str_eq(header("Content-Type"), "application/json");
    ck_assert_str_eq(header("Location"), place);
    ck_assert_str_eq(header("ETag"), tag);
    ck_assert_int_eq((int)got->body_length, (int)strlen(first));
    ck_assert_int_eq(memcmp(got->body, first, got->body_length), 0);
    POST_ONCE("a", "{\"title\": \"Kagemusha\"}");
    PROBLEM(409, "idempotency_mismatch");
    ck_assert_int_eq(GET("/v1/movies?total=true"), 200);
}

TEST(the_document_tells_of_keys)
{
    ck_assert_int_eq(GET("/openapi.json"), 200);
    ck_assert(memmem(got->body, got->body_length, "idempotency_mismatch", 20));
    ck_assert(memmem(got->body, got->body_length, "Idempotency-Key", 15));
}

/* ---- gzip
 * ------------------------------------------------------------------------------------------ */

static const struct accepted {
    const char *header;
    bool wanted;
} accepted[] = {
    { "gzip", true },
    { "GZIP", true },
    { "x-gzip", true },
    { "br, gzip", true },
    { "deflate;q=1.0, gzip;q=0.5, br", true },
    { "gzip ; q=0.001", true },
    { "*", true },
    { "identity;q=0.5, gzip;q=0.8", true },
    { "identity;q=0, gzip;q=0.1", true },
    { "identity;q=1, *;q=0.5", false },
    { "gzip;q=0", false },
    { "gzip;q=0.000", false },
    { "gzip;q=0, *", false },
    { "*;q=0", false },
    { "identity", false },
    { "identity, gzip;q=0.5", false },
    { "br", false },
    { "gzipx", false },
    { "", false },
    { ",,;;,", false },
    { "gzip;q=", false },
    { NULL, false },
};

TEST_EACH(gzip_is_for_those_who_ask, sizeof accepted / sizeof *accepted)
{
    ck_assert_int_eq(gzip_wanted(accepted[_i].header), accepted[_i].wanted);
}

/* The last answer's body, unpacked. */
static size_t unpacked(char *to, size_t room)
{
    z_stream z = { 0 };
    ck_assert_int_eq(inflateInit2(&z, 31), Z_OK);
    memcpy(&z.next_in, &got->body, sizeof got->body);
    z.avail_in = (uInt)got->body_length;
    z.next_out = (Bytef *)to;
    z.avail_out = (uInt)room;
    ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
    inflateEnd(&z);
    return z.total_out;
}

#define RAN "/v1/movies/ran-1985"
#define GZIP "Accept-Encoding", "gzip, br"

TEST(a_long_answer_is_packed_and_the_same_inside)
{
    char plain[8000], inside[8000];
    add_long();
    GET(RAN);
    ck_assert_ptr_null(header("Content-Encoding"));
    ck_assert_str_eq(header("ETag"), "\"1.0\"");
    size_t length = got->body_length;
    memcpy(plain, got->body, length);
    ck_assert_int_eq(ASK("GET", RAN, NULL, GZIP, NULL), 200);
    ck_assert_str_eq(header("Content-Encoding"), "gzip");
    ck_assert_str_eq(header("Content-Type"), "application/json");
    ck_assert_str_eq(header("ETag"), "\"1.0-gzip\"");
    ck_assert(strstr(header("Vary"), "Accept-Encoding"));
    ck_assert_uint_lt(got->body_length, length / 2);
    ck_assert_uint_eq(unpacked(inside, sizeof inside), length);
    ck_assert_int_eq(memcmp(inside, plain, length), 0);
}

TEST(head_tells_the_length_of_the_packed_form)
{
    add_long();
    ASK("GET", RAN, NULL, GZIP, NULL);
    size_t length = got->body_length;
    ck_assert_int_eq(ASK("HEAD", RAN, NULL, GZIP, NULL), 200);
    ck_assert_uint_eq(got->head_length, length);
    ck_assert_str_eq(header("Content-Encoding"), "gzip");
    ck_assert_str_eq(header("ETag"), "\"1.0-gzip\"");
}

TEST(a_304_has_the_tag_that_the_client_has)
{
    add_long();
    ck_assert_int_eq(ASK("GET", RAN, NULL, "If-None-Match", "\"1.0-gzip\"", GZIP, NULL), 304);
    ck_assert_str_eq(header("ETag"), "\"1.0-gzip\"");
    ck_assert_ptr_null(header("Content-Encoding"));
    ck_assert_int_eq(ASK("GET", RAN, NULL, "If-None-Match", "\"1.0\"", GZIP, NULL), 304);
    ck_assert_str_eq(header("ETag"), "\"1.0\"");
    ck_assert_int_eq(ASK("GET", RAN, NULL, "If-None-Match", "\"1.0-gzip\"", NULL), 304);
    ck_assert_str_eq(header("ETag"), "\"1.0\"");
}

TEST(short_answers_stay_as_they_are)
{
    ck_assert_int_eq(ASK("GET", "/healthz", NULL, GZIP, NULL), 200);
    ck_assert_ptr_null(header("Content-Encoding"));
    ASK("GET", "/nowhere", NULL, GZIP, NULL);
    PROBLEM(404, "not_found");
    ck_assert_ptr_null(header("Content-Encoding"));
}

TEST(documents_are_packed_once)
{
    static char plain[1 << 20], inside[1 << 20];
    static const char *const targets[] = { "/openapi.json", "/docs" };
    for (size_t i = 0; i < 2; i++) {
        GET(targets[i]);
        size_t length = got->body_length;
        memcpy(plain, got->body, length);
        for (int round = 0; round < 2; round++) {
            ck_assert_int_eq(ASK("GET", targets[i], NULL, GZIP, NULL), 200);
            ck_assert_str_eq(header("Content-Encoding"), "gzip");
            ck_assert_uint_eq(unpacked(inside, sizeof inside), length);
            ck_assert_int_eq(memcmp(inside, plain, length), 0);
        }
    }
}

TEST(what_does_not_get_smaller_is_not_packed)
{
    unsigned char noise[2000];
    size_t length;
    cinema_http_gauge_add(c, CINEMA_HTTP_QUEUED, 0);
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (unsigned char)((i * 2654435761U) >> 13 ^ i * i >> 3);
    ck_assert_ptr_null(gzip_pack(noise, 100, 9, &length));
    ck_assert(gzip_pays("application/json") && gzip_pays("text/html; charset=utf-8") &&
              gzip_pays("application/problem+json") && !gzip_pays("application/octet-stream") &&
              !gzip_pays("image/png"));
}

/* ---- names and keeping
 * ----------------------------------------------------------------------------- */

TEST(a_304_says_where_the_film_is_now)
{
    char tag[80];
    add_long();
    ck_assert_int_eq(SEND("PATCH", RAN, "{\"title\": \"Chaos\"}"), 200);
    ck_assert_int_eq(GET(RAN), 200);
    ck_assert_str_eq(header("Content-Location"), "/v1/movies/chaos-1985");
    snprintf(tag, sizeof tag, "%s", header("ETag"));
    ck_assert_int_eq(ASK("GET", RAN, NULL, "If-None-Match", tag, NULL), 304);
    ck_assert_str_eq(header("Content-Location"), "/v1/movies/chaos-1985");
    ck_assert_int_eq(ASK("GET", "/v1/movies/chaos-1985", NULL, "If-None-Match", tag, NULL), 304);
    ck_assert_ptr_null(header("Content-Location"));
}

/* ---- other origins
 * --------------------------------------------------------------------------------- */

static void reopen(const char *origins)
{
    char line[300], url[600];
    snprintf(line, sizeof line, "CINEMA_CORS_ORIGINS=%s", origins);
    snprintf(url, sizeof url, "CINEMA_DATABASE_URL=%s", cinema_setting(c, "CINEMA_DATABASE_URL"));
    const char *settings[] = { line, url };
    const cinema_options options = { settings, 2 };
    cinema_close(c);
    OK(cinema_open_with(&options, &c, &err));
}

#define FROM(origin) ASK("GET", "/healthz", NULL, "Origin", origin, NULL)
#define ASK_FIRST(target, origin, method)                                                          \
    ASK("OPTIONS", target, NULL, "Origin", origin, "Access-Control-Request-Method", method,        \
        "Access-Control-Request-Headers", "authorization,content-type", NULL)

TEST(no_origin_may_read_answers_unless_it_is_named)
{
    ck_assert_int_eq(FROM("https://films.example"), 200);
    ck_assert_ptr_null(header("Access-Control-Allow-Origin"));
    ck_assert_ptr_null(strstr(header("Vary"), "Origin"));
    ck_assert_int_eq(ASK_FIRST("/v1/movies", "https://films.example", "POST"), 204);
    ck_assert_ptr_null(header("Access-Control-Allow-Methods"));
}

TEST(origins_that_are_named_may)
{
    static const char *const others[] = {
        "https://films.example.evil",
        "http://films.example",
        "https://films.example:444",
        "null",
        "https://films.exampl",
        "",
        "https://films.example, http://localhost:3000",
    };
    reopen("https://films.example, http://localhost:3000");
    ck_assert_int_eq(FROM("http://localhost:3000"), 200);
    ck_assert_str_eq(header("Access-Control-Allow-Origin"), "http://localhost:3000");
    ck_assert(strstr(header("Access-Control-Expose-Headers"), "ETag"));
    ck_assert(strstr(header("Vary"), ", Origin"));
    ck_assert_ptr_null(header("Access-Control-Allow-Credentials"));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        ck_assert_int_eq(FROM(others[i]), 200);
        ck_assert_ptr_null(header("Access-Control-Allow-Origin"));
        ck_assert(strstr(header("Vary"), ", Origin")); /* caches must not mix them up */
    }
    GET("/healthz");
    ck_assert(strstr(header("Vary"), ", Origin"));
    ASK("GET", "/v1/movies/none", NULL, "Origin", "https://films.example", NULL);
    PROBLEM(404, "not_found");
    ck_assert_str_eq(header("Access-Control-Allow-Origin"), "https://films.example");
}

TEST(a_page_is_told_beforehand_what_it_may_do)
{
    reopen("https://films.example");
    ck_assert_int_eq(ASK_FIRST("/v1/movies", "https://films.example", "POST"), 204);
    ck_assert_str_eq(header("Access-Control-Allow-Origin"), "https://films.example");
    ck_assert_str_eq(header("Access-Control-Allow-Methods"), "GET, HEAD, POST, OPTIONS");
    ck_assert(strstr(header("Access-Control-Allow-Headers"), "Idempotency-Key"));
    ck_assert(strstr(header("Access-Control-Allow-Headers"), "Authorization"));
    ck_assert_str_eq(header("Access-Control-Max-Age"), "7200");
    ck_assert_ptr_null(got->body);
    ck_assert_int_eq(ASK_FIRST("/v1/movies", "https://other.example", "POST"), 204);
    ck_assert_ptr_null(header("Access-Control-Allow-Methods"));
    ck_assert_int_eq(ASK_FIRST("/nowhere", "https://films.example", "POST"), 404);
}

TEST(a_star_is_everybody)
{
    reopen("*");
    FROM("https://any.example");
    ck_assert_str_eq(header("Access-Control-Allow-Origin"), "*");
    ck_assert_ptr_null(strstr(header("Vary"), "Origin"));
}

static const char *const no_origins[] = { "films.example",    "https://films.example/",
                                          "https://",         "https://a/b",
                                          "* https://a",      "ftp://a",
                                          "https://A.example" };

TEST_EACH(what_is_no_origin_is_refused_when_opening, sizeof no_origins / sizeof *no_origins)
{
    char line[100];
    cinema *other = NULL;
    snprintf(line, sizeof line, "CINEMA_CORS_ORIGINS=%s", no_origins[_i]);
    const char *settings[] = { line };
    const cinema_options options = { settings, 1 };
    GIVES(CINEMA_INVALID, cinema_open_with(&options, &other, &err));
    ck_assert_str_eq(err.field, "CINEMA_CORS_ORIGINS");
}

/* ---- traces
 * ---------------------------------------------------------------------------------------- */

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define PARENT "00-" TRACE "-b7ad6b7169203331-01"

static const struct parent {
    const char *text;
    bool good;
} parents[] = {
    { PARENT, true },
    { "00-" TRACE "-b7ad6b7169203331-00", true },
    { "01-" TRACE "-b7ad6b7169203331-01", true },
    { "cc-" TRACE "-b7ad6b7169203331-01-what-the-future-will-be-like", true },
    { "cc-" TRACE "-b7ad6b7169203331-01.what", false },
    { "00-" TRACE "-b7ad6b7169203331-01-more", false },
    { "ff-" TRACE "-b7ad6b7169203331-01", false },
    { "00-00000000000000000000000000000000-b7ad6b7169203331-01", false },
    { "00-" TRACE "-0000000000000000-01", false },
    { "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false },
    { "00-" TRACE "-b7ad6b716920333-01", false },
    { "00-" TRACE "-b7ad6b7169203331-1", false },
    { "00-" TRACE "-b7ad6b7169203331", false },
    { "00_" TRACE "-b7ad6b7169203331-01", false },
    { "0x-" TRACE "-b7ad6b7169203331-01", false },
    { "", false },
    { NULL, false },
};

TEST_EACH(a_parent_is_well_formed_or_ignored, sizeof parents / sizeof *parents)
{
    char id[TRACE_ID + 1], flags[3];
    ck_assert_int_eq(trace_read(parents[_i].text, id, flags), parents[_i].good);
    if (parents[_i].good)
        ck_assert_str_eq(id, TRACE);
}

TEST(an_answer_names_the_trace_that_it_belongs_to)
{
    char before[80];
    ck_assert_int_eq(ASK("GET", "/healthz", NULL, "Traceparent", PARENT, NULL), 200);
    const char *t = header("traceresponse");
    ck_assert_uint_eq(strlen(t), 55);
    ck_assert_int_eq(strncmp(t, "00-" TRACE "-", 36), 0);
    ck_assert_str_eq(t + 52, "-01");
    ck_assert_str_eq(got->trace_id, TRACE);
    snprintf(before, sizeof before, "%s", t);
    ASK("GET", "/healthz", NULL, "traceparent", PARENT, NULL);
    ck_assert_str_ne(header("traceresponse"), before); /* each request is a span of its own */
    ASK("GET", "/nowhere", NULL, "traceparent", PARENT, NULL);
    PROBLEM(404, "not_found");
    ck_assert_str_eq(said("trace_id"), TRACE);
    ASK("GET", "/v1/movies/none", NULL, "traceparent", PARENT, NULL);
    PROBLEM(404, "not_found");
    ck_assert_str_eq(said("trace_id"), TRACE);
}

TEST(two_parents_are_none)
{
    ck_assert_int_eq(
        ASK("GET", "/healthz", NULL, "traceparent", PARENT, "traceparent", PARENT, NULL), 200);
    ck_assert_ptr_null(header("traceresponse"));
    ck_assert_str_eq(got->trace_id, "");
    GET("/nowhere");
    ck_assert_str_eq(said("trace_id"), "");
}

/* ---- limits
 * ---------------------------------------------------------------------------------------- */

static limit_verdict verdict;
static cinema_status limiter = CINEMA_OK;

static cinema_status limit(cinema *handle, const op *o, const cinema_caller *caller,
                           limit_verdict *ret, cinema_error *why)
{
    (void)why;
    ck_assert_ptr_eq(handle, c);
    ck_assert_str_eq(o->name, "health.live");
    ck_assert_str_eq(caller->address, "127.0.0.1");
    *ret = verdict;
    return limiter;
}

TEST(a_limiters_verdict_is_told)
{
    c->limit = limit;
    verdict = (limit_verdict){
        .policy = "requests", .quota = 1200, .window_s = 60, .remaining = 7, .reset_s = 13
    };
    ck_assert_int_eq(GET("/healthz"), 200);
    ck_assert_str_eq(header("RateLimit-Policy"), "\"requests\";q=1200;w=60");
    ck_assert_str_eq(header("RateLimit"), "\"requests\";r=7;t=13");
    verdict.remaining = 0;
    verdict.refused = true;
    GET("/healthz");
    PROBLEM(429, "limited");
    ck_assert_str_eq(said("title"), "Too many requests");
    ck_assert_str_eq(header("Retry-After"), "13");
    ck_assert_str_eq(header("RateLimit"), "\"requests\";r=0;t=13");
}

TEST(a_limiter_that_has_nothing_to_say_lets_pass)
{
    c->limit = limit;
    verdict = (limit_verdict){ .refused = true };
    ck_assert_int_eq(GET("/healthz"), 200);
    ck_assert_ptr_null(header("RateLimit"));
    limiter = CINEMA_UNAVAILABLE;
    verdict.policy = "requests";
    ck_assert_int_eq(GET("/healthz"), 200);
    ck_assert_ptr_null(header("RateLimit"));
}
