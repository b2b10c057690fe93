/* metrics.c - counters in Prometheus' text format 0.0.4.
 */
#include "http/metrics.h"

#include <inttypes.h>
#include <stdio.h>

/* Which operation, by what method; "" for requests that reached none. */
typedef struct subject {
    const char *operation, *method;
} subject;

static subject subject_of(size_t row)
{
    if (row >= router_count())
        return (subject){ "", counters_methods[row - router_count()] };
    return (subject){ router_route(row)->op->name, router_route(row)->op->method };
}

static void family(buffer *b, const char *name, const char *type, const char *help)
{
    buffer_format(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_requests(struct http_state *h, buffer *b)
{
    family(b, "cinema_http_requests_total", "counter", "Requests answered.");
    for (size_t row = 0; row < h->rows; row++) {
        subject of = subject_of(row);
        row_sum sum;
        counters_sum(h, row, &sum);
        for (size_t i = 0; i < STATUS_KINDS; i++) {
            char code[8] = "other";
            if (!sum.statuses[i])
                continue;
            if (counters_status(i))
                snprintf(code, sizeof code, "%d", counters_status(i));
            buffer_format(b,
                          "cinema_http_requests_total{operation=\"%s\",method=\"%s\",code=\"%s\"} "
                          "%" PRIu64 "\n",
                          of.operation, of.method, code, sum.statuses[i]);
        }
    }
}

/* Buckets of text are cumulated; those of a row are not. */
static void write_duration(const row_sum *sum, subject of, buffer *b)
{
    static const char name[] = "cinema_http_request_duration_seconds";
    char labels[128];
    uint64_t count = 0;
    snprintf(labels, sizeof labels, "operation=\"%s\",method=\"%s\"", of.operation, of.method);
    for (size_t i = 0; i < BUCKETS; i++) {
        count += sum->buckets[i];
        buffer_format(b, "%s_bucket{%s,le=\"%s\"} %" PRIu64 "\n", name, labels, counters_bound(i),
                      count);
    }
    buffer_format(b, "%s_sum{%s} %" PRIu64 ".%09" PRIu64 "\n", name, labels,
                  sum->nanoseconds / 1000000000, sum->nanoseconds % 1000000000);
    buffer_format(b, "%s_count{%s} %" PRIu64 "\n", name, labels, count);
}

static void write_durations(struct http_state *h, buffer *b)
{
    family(b, "cinema_http_request_duration_seconds", "histogram",
           "Time from a whole request to its response, without the transport's.");
    for (size_t row = 0; row < h->rows; row++) {
        row_sum sum;
        counters_sum(h, row, &sum);
        if (sum.count)
            write_duration(&sum, subject_of(row), b);
    }
}

static void write_gauges(struct http_state *h, buffer *b)
{
    static const struct gauge {
        const char *name, *type, *help;
    } gauges[CINEMA_HTTP_GAUGE_COUNT] = {
        [CINEMA_HTTP_CONNECTIONS] = { "cinema_http_connections", "gauge", "Connections open." },
        [CINEMA_HTTP_CONNECTIONS_REFUSED] = { "cinema_http_connections_refused_total", "counter",
                                              "Connections refused because there were too many." },
        [CINEMA_HTTP_MALFORMED] = { "cinema_http_malformed_requests_total", "counter",
                                    "Requests refused because they were not HTTP." },
        [CINEMA_HTTP_QUEUED] = { "cinema_http_queued_requests", "gauge",
                                 "Requests waiting for a thread." },
    };
    for (size_t i = 0; i < COUNT_OF(gauges); i++) {
        const struct gauge *g = &gauges[i];
        family(b, g->name, g->type, g->help);
        buffer_format(b, "%s %" PRId64 "\n", g->name,
                      atomic_load_explicit(&h->gauges[i], memory_order_relaxed));
    }
}

void metrics_write(struct http_state *h, buffer *b)
{
    family(b, "cinema_build_info", "gauge", "The version, as a label.");
    buffer_format(b, "cinema_build_info{version=\"%s\"} 1\n", cinema_version());
    write_requests(h, b);
    write_durations(h, b);
    write_gauges(h, b);
    metrics_process(b);
}
