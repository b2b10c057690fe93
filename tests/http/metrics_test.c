/* metrics_test.c - mirrors lib/http/metrics.c and counters.c: what is counted, and who may see it.
 */
#include "http/http_help.h"

#include <locale.h>
#include <pthread.h>
#include <stdio.h>

FIXTURE(http_start, http_stop)

/* The value of a series, such as `name{labels}`; -1: it is not there. */
static double value(const char *series)
{
    size_t n = strlen(series);
    const char *line = got->body;
    while (line && *line) {
        if (!strncmp(line, series, n) && line[n] == ' ')
            return strtod(line + n + 1, NULL);
        line = strchr(line, '\n');
        line += line != NULL;
    }
    return -1;
}

#define REQUESTS(op, method, code)                                                                 \
    value("cinema_http_requests_total{operation=\"" op "\",method=\"" method "\",code=\"" code     \
          "\"}")

static void near(double is, double want)
{
    ck_assert_double_eq_tol(is, want, 0.001);
}

TEST(requests_are_counted_by_operation_and_code)
{
    for (int i = 0; i < 5; i++)
        GET("/healthz");
    GET("/healthz?x");
    GET("/nowhere");
    ASK("BREW", "/healthz", NULL, NULL);
    ck_assert_int_eq(GET("/metrics"), 200);
    ck_assert_str_eq(header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    near(REQUESTS("health.live", "GET", "200"), 5);
    near(REQUESTS("health.live", "GET", "400"), 1);
    near(REQUESTS("", "GET", "404"), 1);
    near(REQUESTS("", "other", "405"), 1);
    near(value("cinema_http_request_duration_seconds_count{operation=\"health.live\","
               "method=\"GET\"}"),
         6);
    near(value("cinema_http_request_duration_seconds_bucket{operation=\"health.live\","
               "method=\"GET\",le=\"+Inf\"}"),
         6);
}

static void *ask_often(void *unused)
{
    const cinema_http_request q = { .method = "GET", .target = "/healthz" };
    for (int i = 0; i < 500; i++) {
        cinema_http_response *r = NULL;
        if (!cinema_http(c, &q, &r, NULL))
            cinema_http_response_free(r);
    }
    return unused;
}

TEST(threads_lose_no_count)
{
    pthread_t threads[6];
    for (size_t i = 0; i < 6; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_often, NULL), 0);
    for (size_t i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    GET("/metrics");
    near(REQUESTS("health.live", "GET", "200"), 3000);
}

TEST(gauges_go_up_and_down)
{
    cinema_http_gauge_add(c, CINEMA_HTTP_CONNECTIONS, 3);
    cinema_http_gauge_add(c, CINEMA_HTTP_CONNECTIONS, -1);
    cinema_http_gauge_add(c, CINEMA_HTTP_MALFORMED, 1);
    cinema_http_gauge_add(c, CINEMA_HTTP_GAUGE_COUNT, 1); /* of a newer program */
    GET("/metrics");
    near(value("cinema_http_connections"), 2);
    near(value("cinema_http_malformed_requests_total"), 1);
    near(value("cinema_http_queued_requests"), 0);
}

TEST(the_process_is_described)
{
    char build[80];
    GET("/metrics");
    snprintf(build, sizeof build, "cinema_build_info{version=\"%s\"}", cinema_version());
    near(value(build), 1);
    ck_assert_double_gt(value("process_resident_memory_bytes"), 1e6);
    ck_assert_double_gt(value("process_open_fds"), 2);
    ck_assert_double_ge(value("process_cpu_seconds_total"), 0);
    ck_assert_double_gt(value("process_start_time_seconds"), 1.6e9);
}

/* Every line is a comment or a series; a family stands together, described before it is told. */
TEST(the_text_is_well_formed)
{
    char family[128] = "", name[128];
    GET("/healthz");
    GET("/metrics");
    for (const char *line = got->body; *line; line = strchr(line, '\n') + 1) {
        ck_assert_ptr_nonnull(strchr(line, '\n'));
        if (sscanf(line, "# HELP %127s", name) == 1) {
            snprintf(family, sizeof family, "%s", name);
        } else if (sscanf(line, "# TYPE %127s", name) == 1) {
            ck_assert_str_eq(name, family);
        } else {
            ck_assert_msg(*family && !strncmp(line, family, strlen(family)), "%.80s", line);
            const char *space = strchr(line, ' ');
            ck_assert(space && space[1] >= '0' && space[1] <= '9');
        }
    }
}

TEST(numbers_have_a_point_wherever_the_program_runs)
{
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8"))
        SKIP("no locale with a decimal comma is installed");
    GET("/metrics");
    ck_assert_ptr_null(strstr(got->body, "_seconds_total 0,"));
}

/* ---- who may see them ------------------------------------------------------------------------ */

static int from(const char *address, const char *name, const char *value_of)
{
    const cinema_http_header h = { name, value_of };
    const cinema_http_request q = { .method = "GET",
                                    .target = "/metrics",
                                    .headers = &h,
                                    .header_count = name != NULL,
                                    .address = address };
    return http_ask_whole(&q);
}

TEST(only_this_machine_sees_them)
{
    ck_assert_int_eq(from("127.0.0.1", NULL, NULL), 200);
    ck_assert_int_eq(from("127.9.8.7", NULL, NULL), 200);
    ck_assert_int_eq(from("::1", NULL, NULL), 200);
    ck_assert_int_eq(from("::ffff:127.0.0.1", NULL, NULL), 200);
    from("192.0.2.7", NULL, NULL);
    PROBLEM(403, "forbidden");
    ck_assert_int_eq(from("127.0.0.1.example.com", NULL, NULL), 403);
    ck_assert_int_eq(from("128.0.0.1", NULL, NULL), 403);
    ck_assert_int_eq(from("", NULL, NULL), 403);
    ck_assert_int_eq(from(NULL, NULL, NULL), 403);
}

TEST(nobody_behind_a_proxy_sees_them)
{
    static const char *const names[] = { "Forwarded",        "via",
                                         "X-Real-IP",        "x-forwarded-for",
                                         "X-FORWARDED-HOST", "X-Forwarded-Proto" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        from("127.0.0.1", names[i], "127.0.0.1");
        PROBLEM(403, "forbidden");
    }
}

static void open_with(const char *setting)
{
    const cinema_options options = { .settings = &setting, .setting_count = 1 };
    cinema_close(c);
    OK(cinema_open_with(&options, &c, &err));
}

TEST(whoever_has_the_token_sees_them)
{
    open_with("CINEMA_METRICS_TOKEN=a-token-of-some-length");
    ck_assert_int_eq(from("192.0.2.7", "Authorization", "Bearer a-token-of-some-length"), 200);
    ck_assert_int_eq(from("127.0.0.1", NULL, NULL), 200);
    from("192.0.2.7", "Authorization", "Bearer a-token-of-some-lengtH");
    PROBLEM(401, "not_signed_in");
    ck_assert_str_eq(header("WWW-Authenticate"), "Bearer error=\"invalid_token\"");
    from("192.0.2.7", NULL, NULL);
    PROBLEM(401, "not_signed_in");
    ck_assert_str_eq(header("WWW-Authenticate"), "Bearer");
}
