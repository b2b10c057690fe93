/* target_test.c - mirrors lib/http/target.c: paths and queries, decoded once.
 */
#include "test.h"

#include "http/target.h"

static char room[512];
static request_path p;
static op_input in;
static const char *rest;

static const refusal *read_path(const char *target)
{
    char *to = room;
    return target_path(target, &to, &p, &rest);
}

static const refusal *read_query(const char *query)
{
    ck_assert_uint_le(strlen(query) + 1, sizeof room);
    char *exact = malloc(strlen(query) + 1); /* so that a byte too many is seen */
    in.count = in.path_params = 0;
    const refusal *r = target_query(query, exact, &in);
    for (size_t i = 0; !r && i < in.count; i++)
        in.params[i] = (op_param){ strdup(in.params[i].name), strdup(in.params[i].value) };
    free(exact);
    return r;
}

static void forget(void)
{
    for (size_t i = 0; i < in.count; i++) {
        free((void *)(uintptr_t)in.params[i].name);
        free((void *)(uintptr_t)in.params[i].value);
    }
}

TEST(segments_are_decoded)
{
    ck_assert_ptr_null(read_path("/v1/people/Ren%C3%a9%20+%25?a=/b"));
    ck_assert_uint_eq(p.count, 3);
    ck_assert_str_eq(p.segments[0], "v1");
    ck_assert_str_eq(p.segments[2], "Ren\xc3\xa9 +%");
    ck_assert_str_eq(rest, "?a=/b");
    ck_assert(!p.nowhere);
}

TEST(what_is_decoded_is_not_decoded_again)
{
    ck_assert_ptr_null(read_path("/a/%252e%252E/%2541"));
    ck_assert_str_eq(p.segments[1], "%2e%2E");
    ck_assert_str_eq(p.segments[2], "%41");
}

TEST(dots_inside_a_name_are_letters)
{
    ck_assert_ptr_null(read_path("/.well-known/jwks.json/..."));
    ck_assert_str_eq(p.segments[0], ".well-known");
    ck_assert_str_eq(p.segments[2], "...");
}

TEST(a_slash_at_the_end_leads_nowhere)
{
    ck_assert_ptr_null(read_path("/a/"));
    ck_assert(p.nowhere);
    ck_assert_ptr_null(read_path("/"));
    ck_assert(p.nowhere);
    ck_assert_ptr_nonnull(read_path("/a//"));
}

TEST(a_path_fills_no_more_than_its_room)
{
    const char *target = "/a/b/%41/cde";
    char *exact = malloc(strlen(target) + 1), *to = exact;
    ck_assert_ptr_null(target_path(target, &to, &p, &rest));
    ck_assert_uint_le((size_t)(to - exact), strlen(target));
    free(exact);
}

TEST(names_and_values_of_a_query_are_decoded)
{
    ck_assert_ptr_null(read_query("?q=der+dritte%20mann&x=%2B%26%3D&empty=&bare&a=b=c&%61"));
    ck_assert_uint_eq(in.count, 6);
    ck_assert_str_eq(in.params[0].value, "der dritte mann");
    ck_assert_str_eq(in.params[1].value, "+&=");
    ck_assert_str_eq(in.params[2].value, "");
    ck_assert_str_eq(in.params[3].name, "bare");
    ck_assert_str_eq(in.params[3].value, "");
    ck_assert_str_eq(in.params[4].value, "b=c");
    ck_assert_str_eq(in.params[5].name, "a");
    forget();
}

TEST(nothing_between_ampersands_is_nothing)
{
    ck_assert_ptr_null(read_query("?&&a=1&&"));
    ck_assert_uint_eq(in.count, 1);
    forget();
    ck_assert_ptr_null(read_query("?=1"));
    ck_assert_uint_eq(in.count, 1);
    ck_assert_str_eq(in.params[0].name, "");
    forget();
    ck_assert_ptr_null(read_query(""));
    ck_assert_ptr_null(read_query("?"));
    ck_assert_uint_eq(in.count, 0);
}

static const char *const bad[] = { "?a=%",  "?a=%4",   "?a=%g0", "?%00",      "?a=%00", "?a=\x01",
                                   "?a=\n", "?a= b",   "?a=#b",  "?a=\xff",   "?a=%ff", "?%c3=1",
                                   "?a=%%", "?a=\x7f", "?a#b",   "?a=%c0%80", "?a=%2" };

TEST_EACH(bad_queries_are_refused, sizeof bad / sizeof *bad)
{
    const refusal *r = read_query(bad[_i]);
    ck_assert_msg(r != NULL, "%s was taken", bad[_i]);
    ck_assert_int_eq(r->http, 400);
}

TEST(a_query_has_so_many_parameters_and_no_more)
{
    char query[200] = "?";
    for (int i = 0; i < OP_QUERY_MAX; i++)
        strncat(query, "a=1&", 5);
    ck_assert_ptr_null(read_query(query));
    ck_assert_uint_eq(in.count, OP_QUERY_MAX);
    forget();
    strncat(query, "a", 2);
    ck_assert_str_eq(read_query(query)->rule, "too_many");
}
