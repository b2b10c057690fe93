/* counters.c - requests counted by operation and status, with how long they took.
 */
#include "http/counters.h"

#include <sodium.h>
#include <time.h>

const char *const counters_methods[] = { "GET",    "HEAD",    "POST",  "PUT",  "PATCH",
                                         "DELETE", "OPTIONS", "TRACE", "other" };
enum { METHOD_ROWS = COUNT_OF(counters_methods) };

/* 0 takes what is not listed. */
static const short statuses[STATUS_KINDS] = { 0,   200, 201, 202, 204, 302, 304, 400,
                                              401, 403, 404, 405, 408, 409, 412, 413,
                                              414, 415, 429, 431, 499, 500, 501, 503 };

static const struct bound {
    int64_t nanoseconds;
    const char *text;
} bounds[BUCKETS] = {
    { 500000, "0.0005" },  { 1000000, "0.001" },  { 2500000, "0.0025" }, { 5000000, "0.005" },
    { 10000000, "0.01" },  { 25000000, "0.025" }, { 50000000, "0.05" },  { 100000000, "0.1" },
    { 250000000, "0.25" }, { 500000000, "0.5" },  { 1000000000, "1" },   { 2500000000, "2.5" },
    { 5000000000, "5" },   { INT64_MAX, "+Inf" },
};

struct http_state *http_state_new(const config *settings)
{
    struct http_state *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->rows = router_count() + METHOD_ROWS;
    for (size_t i = 0; i < SHARDS; i++) {
        if ((h->shards[i] = calloc(h->rows, sizeof *h->shards[i])))
            continue;
        http_state_free(h);
        return NULL;
    }
    randombytes_buf(h->seed, sizeof h->seed);
    if ((h->proxies = proxies_new(config_text(settings, "CINEMA_TRUSTED_PROXIES"))))
        return h;
    http_state_free(h);
    return NULL;
}

void http_state_free(struct http_state *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < SHARDS; i++)
        free(h->shards[i]);
    free(h->proxies);
    document_free(atomic_load(&h->openapi));
    document_free(atomic_load(&h->docs));
    free(h);
}

void document_free(document *d)
{
    if (d)
        free(d->gzip);
    free(d);
}

/* ---- adding ---------------------------------------------------------------------------------- */

size_t counters_row(const struct http_state *h, const route *r, const char *method)
{
    size_t i = 0;
    if (r)
        return r->row;
    while (i + 1 < METHOD_ROWS && strcmp(counters_methods[i], method))
        i++;
    return h->rows - METHOD_ROWS + i;
}

static size_t shard_here(void)
{
    static _Atomic(unsigned) threads;
    static _Thread_local unsigned number;
    if (!number)
        number = 1 + atomic_fetch_add_explicit(&threads, 1, memory_order_relaxed) % SHARDS;
    return number - 1;
}

static void add(_Atomic(uint64_t) *n, uint64_t more)
{
    atomic_fetch_add_explicit(n, more, memory_order_relaxed);
}

void counters_add(struct http_state *h, size_t at, int status, int64_t nanoseconds)
{
    counter_row *r = &h->shards[shard_here()][at];
    size_t kind = 1, bucket = 0;
    while (kind < STATUS_KINDS && statuses[kind] != status)
        kind++;
    while (nanoseconds > bounds[bucket].nanoseconds)
        bucket++;
    add(&r->statuses[kind % STATUS_KINDS], 1);
    add(&r->buckets[bucket], 1);
    add(&r->nanoseconds, (uint64_t)nanoseconds);
}

void cinema_http_gauge_add(cinema *c, cinema_http_gauge which, int64_t delta)
{
    if ((unsigned)which < CINEMA_HTTP_GAUGE_COUNT)
        atomic_fetch_add_explicit(&c->http->gauges[which], delta, memory_order_relaxed);
}

/* ---- reading --------------------------------------------------------------------------------- */

void counters_sum(const struct http_state *h, size_t at, row_sum *ret)
{
    *ret = (row_sum){ 0 };
    for (size_t i = 0; i < SHARDS; i++) {
        const counter_row *r = &h->shards[i][at];
        for (size_t k = 0; k < STATUS_KINDS; k++)
            ret->statuses[k] += atomic_load_explicit(&r->statuses[k], memory_order_relaxed);
        for (size_t k = 0; k < BUCKETS; k++)
            ret->buckets[k] += atomic_load_explicit(&r->buckets[k], memory_order_relaxed);
        ret->nanoseconds += atomic_load_explicit(&r->nanoseconds, memory_order_relaxed);
    }
    for (size_t k = 0; k < BUCKETS; k++)
        ret->count += ret->buckets[k];
}

int counters_status(size_t i)
{
    return statuses[i];
}

const char *counters_bound(size_t i)
{
    return bounds[i].text;
}

/* ---- time and names -------------------------------------------------------------------------- */

int64_t counters_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* splitmix64: another number for each number, in no order that shows. */
static uint64_t mix(uint64_t n)
{
    n = (n ^ n >> 30) * 0xBF58476D1CE4E5B9U;
    n = (n ^ n >> 27) * 0x94D049BB133111EBU;
    return n ^ n >> 31;
}

static void put_hex(char *to, uint64_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 15; i >= 0; i--, n >>= 4)
        to[i] = digits[n & 15];
}

/* Ids name a request in logs and are no secret: unlike one another, and from those of another
 * process, is all they have to be. */
void counters_request_id(struct http_state *h, char text[REQUEST_ID_TEXT])
{
    uint64_t n = atomic_fetch_add_explicit(&h->requests, 1, memory_order_relaxed);
    n *= 0x9E3779B97F4A7C15U;
    put_hex(text, mix(h->seed[0] + n));
    put_hex(text + 16, mix(h->seed[1] + n));
    text[32] = '\0';
}
