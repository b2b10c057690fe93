/* limit_test.c - limits by account and by address, in one process. Mirrors lib/limit/limit.c. What
 * several processes count together is in tests/http/limits_test.py.
 */
#include "test.h"

#include "limit/limit.h"

#include <stdio.h>

#define ACCOUNT "CINEMA_LIMIT_SIGN_IN_ACCOUNT"   /* 3/1m */
#define ADDRESS "CINEMA_LIMIT_SIGN_IN_ADDRESS"   /* 2/1m */
#define OFF "CINEMA_LIMIT_MAIL_ACCOUNT"          /* off */
#define REQUESTS "CINEMA_LIMIT_REQUESTS_ADDRESS" /* 3/1m */

static cinema *c;
static cinema_error err;
static int64_t moment = 1700000000000;

static int64_t standing(void *user)
{
    (void)user;
    return moment;
}

static void start(void)
{
    const char *settings[] = { ACCOUNT "=3/1m", ADDRESS "=2/1m", OFF "=off", REQUESTS "=3/1m" };
    OK(cinema_open_with(&(cinema_options){ settings, 4 }, &c, &err));
    c->wall_ms = standing;
}

static void stop(void)
{
    cinema_close(c);
}

FIXTURE(start, stop)

static void takes(const char *name, const char *who, int count)
{
    for (int i = 0; i < count; i++)
        OK(limit__take(c, name, who, &err));
    GIVES(CINEMA_LIMITED, limit__take(c, name, who, &err));
}

TEST(so_many_are_allowed_and_then_none)
{
    takes(ACCOUNT, "ada", 3);
    GIVES(CINEMA_LIMITED, limit__take(c, ACCOUNT, "ada", &err));
    ck_assert_int_eq(err.retry_after_s, 20); /* one more each 20 s */
    ck_assert_str_eq(err.reason, "limited");
    moment += 19999;
    GIVES(CINEMA_LIMITED, limit__take(c, ACCOUNT, "ada", &err));
    ck_assert_int_eq(err.retry_after_s, 1);
    moment += 1;
    takes(ACCOUNT, "ada", 1);
}

TEST(one_is_not_limited_by_another)
{
    takes(ACCOUNT, "ada", 3);
    takes(ACCOUNT, "bob", 3);
    takes(ADDRESS, "ada", 2); /* another limit */
}

TEST(what_is_forgiven_was_never_counted)
{
    takes(ACCOUNT, "ada", 3);
    limit__forgive(c, ACCOUNT, "ada");
    takes(ACCOUNT, "ada", 1);
    limit__forgive(c, ACCOUNT, "bob"); /* who has nothing to be forgiven */
    takes(ACCOUNT, "bob", 3);
}

TEST(an_address_is_counted_however_it_is_written)
{
    OK(limit__take(c, ADDRESS, "192.0.2.7", &err));
    takes(ADDRESS, "::ffff:192.0.2.7", 1);
    takes(ADDRESS, "192.0.2.8", 2);
}

TEST(ipv6_is_counted_by_the_network_of_a_customer)
{
    OK(limit__take(c, ADDRESS, "2001:db8:1:2::1", &err));
    takes(ADDRESS, "2001:DB8:1:2:ffff::9", 1);
    takes(ADDRESS, "2001:db8:1:3::1", 2);
}

TEST(an_account_that_looks_like_an_address_is_none)
{
    takes(ACCOUNT, "2001:db8:1:2::1", 3);
    takes(ACCOUNT, "2001:db8:1:2::2", 3);
}

TEST(what_is_off_or_has_no_name_is_not_limited)
{
    for (int i = 0; i < 100; i++) {
        OK(limit__take(c, OFF, "ada", &err));
        OK(limit__take(c, ADDRESS, NULL, &err));
    }
}

/* ---- requests -------------------------------------------------------------------------------- */

static limit_verdict request(const char *name, const char *address)
{
    const cinema_caller caller = { .address = address };
    limit_verdict v = { 0 };
    OK(limit__request(c, op_named(name), &caller, &v, &err));
    return v;
}

TEST(requests_are_counted_by_address_and_told)
{
    for (int i = 2; i >= 0; i--) {
        limit_verdict v = request("movie.list", "192.0.2.7");
        ck_assert(!v.refused);
        ck_assert_str_eq(v.policy, "requests");
        ck_assert_int_eq(v.quota, 3);
        ck_assert_int_eq(v.window_s, 60);
        ck_assert_int_eq(v.remaining, i);
    }
    limit_verdict no = request("movie.get", "192.0.2.7");
    ck_assert(no.refused);
    ck_assert_int_eq(no.remaining, 0);
    ck_assert_int_eq(no.reset_s, 20);
    ck_assert(!request("movie.list", "192.0.2.8").refused);
}

TEST(balancers_and_monitors_are_not_counted)
{
    static const char *const free_ones[] = { "health.live", "health.ready", "metrics.show" };
    for (int i = 0; i < 12; i++)
        ck_assert_ptr_null(request(free_ones[i % 3], "192.0.2.7").policy);
    ck_assert_int_eq(request("docs.show", "192.0.2.7").remaining, 2);
    ck_assert_ptr_null(request("docs.show", NULL).policy);
}

/* ---- over HTTP ------------------------------------------------------------------------------- */

static const char *header(const cinema_http_response *r, const char *name)
{
    for (size_t i = 0; i < r->header_count; i++)
        if (!strcmp(r->headers[i].name, name))
            return r->headers[i].value;
    return NULL;
}

/* The token is none: were it looked at, the answer would be 401. */
static cinema_http_response *ask(const char *target)
{
    static const cinema_http_header headers[] = { { "Authorization", "Bearer nonsense" } };
    cinema_http_response *r = NULL;
    OK(cinema_http(c,
                   &(cinema_http_request){ .method = "GET",
                                           .target = target,
                                           .headers = headers,
                                           .header_count = 1,
                                           .address = "192.0.2.7" },
                   &r, &err));
    return r;
}

TEST(a_refusal_comes_before_token_and_database)
{
    for (int i = 0; i < 3; i++) {
        cinema_http_response *r = ask("/v1/movies");
        ck_assert_int_eq(r->status, 401);
        cinema_http_response_free(r);
    }
    cinema_http_response *r = ask("/v1/movies"); /* of a database that is not there */
    ck_assert_int_eq(r->status, 429);
    ck_assert_str_eq(r->code, "limited");
    ck_assert_str_eq(header(r, "Retry-After"), "20");
    ck_assert_str_eq(header(r, "RateLimit"), "\"requests\";r=0;t=20");
    ck_assert_str_eq(header(r, "RateLimit-Policy"), "\"requests\";q=3;w=60");
    cinema_http_response_free(r);
    r = ask("/healthz");
    ck_assert_int_ne(r->status, 429);
    cinema_http_response_free(r);
}
