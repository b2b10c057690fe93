/* stream_test.c - mirrors lib/call/stream.c: bodies read as they come, answers read piece by piece,
 * through the HTTP door. The operations are those of test_ops.c.
 */
#include "http/http_help.h"

#include <sodium.h>
#include <stdio.h>

extern _Atomic(int) test_supplies_open;

FIXTURE(http_start, http_stop)

/* A body of `left` zero bytes in pieces of 1 to 1000, which may break off at its end. */
typedef struct source {
    uint64_t left, reads;
    bool broken;
} source;

static int64_t pour(void *bytes, size_t room, void *user)
{
    source *s = user;
    size_t n = 1 + s->reads++ * 37 % 1000;
    n = n < room ? n : room;
    n = n < s->left ? n : (size_t)s->left;
    if (!n && s->broken)
        return -1;
    memset(bytes, 0, n);
    s->left -= n;
    return (int64_t)n;
}

static int put(const char *method, const char *target, source *s, const char *type)
{
    const cinema_stream stream = { .read = pour, .user = s };
    const cinema_http_header headers[] = { { "Authorization", http_token() },
                                           { "Content-Type", type } };
    const cinema_http_request q = { .method = method,
                                    .target = target,
                                    .headers = headers,
                                    .header_count = type ? 2 : 1,
                                    .stream = &stream };
    return http_ask_whole(&q);
}

static int64_t number(const char *name)
{
    return json_integer_value(json_object_get(answer(), name));
}

TEST(a_body_that_streams_is_read_to_its_end)
{
    char sum[33];
    source s = { .left = 5000000 };
    unsigned char hash[16], *zeros = calloc(1, s.left);
    crypto_generichash(hash, sizeof hash, zeros, s.left, NULL, 0);
    free(zeros);
    ck_assert_int_eq(put("PUT", "/test/bytes", &s, NULL), 200);
    ck_assert_int_eq(number("bytes"), 5000000);
    ck_assert_str_eq(said("sum"), sodium_bin2hex(sum, sizeof sum, hash, sizeof hash));
    ck_assert_uint_eq(s.left, 0);
}

TEST(a_body_in_memory_is_read_the_same_way)
{
    ck_assert_int_eq(ASK("PUT", "/test/bytes", "abcdef", NULL), 200);
    ck_assert_int_eq(number("bytes"), 6);
    ck_assert_int_eq(ASK("PUT", "/test/bytes", NULL, NULL), 200);
    ck_assert_int_eq(number("bytes"), 0);
}

TEST(an_operation_may_have_seen_enough)
{
    source s = { .left = 5000000 };
    ck_assert_int_eq(put("PUT", "/test/bytes?stop_after=100000", &s, NULL), 200);
    ck_assert_int_ge(number("bytes"), 100000);
    ck_assert_uint_ge(s.left, 4000000);
}

TEST(a_body_that_streams_has_a_largest_size)
{
    source exact = { .left = 100000 }, more = { .left = 5000000 };
    ck_assert_int_eq(put("POST", "/test/images", &exact, "image/png"), 200);
    put("POST", "/test/images", &more, "image/png");
    PROBLEM(413, "too_large");
    ck_assert_uint_ge(more.left, 4800000); /* and no more of it is read */
}

TEST(who_may_not_send_is_not_read_from)
{
    source s = { .left = 1000 };
    const cinema_stream stream = { .read = pour, .user = &s };
    const cinema_http_header type = { "Content-Type", "image/png" };
    const cinema_http_request q = { .method = "POST",
                                    .target = "/test/images",
                                    .headers = &type,
                                    .header_count = 1,
                                    .stream = &stream };
    http_ask_whole(&q);
    PROBLEM(401, "not_signed_in");
    ck_assert_uint_eq(s.reads, 0);
}

static const struct type {
    const char *text;
    int http;
} types[] = { { "image/png", 200 },
              { "IMAGE/JPEG; q=1", 200 },
              { "image/gif", 415 },
              { "image/pn", 415 },
              { "image/png image/jpeg", 200 },
              { "", 415 },
              { "application/json", 415 },
              { NULL, 415 } };

TEST_EACH(a_body_has_one_of_the_types_that_are_taken, sizeof types / sizeof *types)
{
    source s = { .left = 10 };
    ck_assert_int_eq(put("POST", "/test/images", &s, types[_i].text), types[_i].http);
}

TEST(a_body_that_breaks_off_is_not_taken_for_whole)
{
    source s = { .left = 1000, .broken = true };
    ck_assert_int_eq(put("PUT", "/test/bytes", &s, NULL), 499);
    ck_assert_str_eq(got->code, "cancelled");
}

TEST(the_query_of_a_stream_is_checked_like_any_other)
{
    source s = { .left = 10 };
    put("PUT", "/test/bytes?stop_after=-1", &s, NULL);
    PROBLEM(400, "invalid");
    ck_assert_str_eq(said("errors.0.field"), "stop_after");
    put("PUT", "/test/bytes?color=red", &s, NULL);
    PROBLEM(400, "invalid");
    ck_assert_uint_eq(s.reads, 0);
}

static uint64_t drain(void)
{
    char piece[4096];
    uint64_t all = 0;
    int64_t n;
    ck_assert_ptr_nonnull(got->stream);
    while ((n = got->stream->read(piece, sizeof piece, got->stream->user)) > 0)
        for (int64_t i = 0; i < n; i++)
            ck_assert_uint_eq((unsigned char)piece[i], all++ % 251);
    ck_assert_int_eq(n, 0);
    return all;
}

TEST(an_answer_is_read_piece_by_piece)
{
    ck_assert_int_eq(GET("/test/bytes?bytes=100001"), 200);
    ck_assert_str_eq(header("Content-Type"), "application/octet-stream");
    ck_assert_ptr_null(got->body);
    ck_assert_int_eq(got->stream_length, -1);
    ck_assert_uint_eq(drain(), 100001);
    ck_assert_int_eq(GET("/test/bytes?bytes=7&known=true"), 200);
    ck_assert_int_eq(test_supplies_open, 1); /* the first has been freed */
    ck_assert_int_eq(got->stream_length, 7);
    ck_assert_uint_eq(drain(), 7);
}

TEST(what_is_not_read_is_let_go_of)
{
    ck_assert_int_eq(GET("/test/bytes?bytes=100001"), 200);
    ck_assert_int_eq(ASK("HEAD", "/test/bytes?bytes=7&known=true", NULL, NULL), 200);
    ck_assert_ptr_null(got->stream);
    ck_assert_int_eq(got->stream_length, 7);
    ck_assert_int_eq(test_supplies_open, 0);
    GET("/test/bytes?bytes=x");
    PROBLEM(400, "invalid");
    ck_assert_ptr_null(got->stream);
}

TEST(the_json_door_carries_no_bytes)
{
    char *json = NULL;
    GIVES(CINEMA_UNSUPPORTED, cinema_call(c, NULL, "test.receive", "{}", &json, &err));
    ck_assert_str_eq(err.reason, "stream");
    cinema_text_free(json);
}

TEST(the_document_shows_bodies_of_bytes)
{
    ck_assert_int_eq(GET("/openapi.json"), 200);
    const json_t *paths = json_object_get(answer(), "paths");
    const json_t *post = json_object_get(json_object_get(paths, "/test/images"), "post");
    const json_t *content = json_object_get(json_object_get(post, "requestBody"), "content");
    const json_t *png = json_object_get(json_object_get(content, "image/png"), "schema");
    ck_assert_str_eq(json_string_value(json_object_get(png, "format")), "binary");
    ck_assert_uint_eq(json_object_size(content), 2);
    ck_assert_uint_eq(json_array_size(json_object_get(post, "parameters")), 5);
}

TEST(a_transport_is_told_that_bytes_will_come)
{
    cinema_http_route_info info;
    cinema_http_route(c, "PUT", "/test/bytes", &info);
    ck_assert(info.found && !info.local && info.nature == CINEMA_NATURE_STREAM);
    ck_assert_uint_eq(info.body_max, (size_t)1 << 40);
    cinema_http_route(c, "GET", "/test/bytes", &info);
    ck_assert(info.found && !info.local && !info.body_max);
}
