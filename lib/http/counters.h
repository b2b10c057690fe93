/* counters.h - inside the HTTP door's state: requests counted by operation and status, gauges, the
 * numbering of requests, and documents made once.
 */
#ifndef HTTP_COUNTERS_H
#define HTTP_COUNTERS_H

#include "http/proxy.h"
#include "http/router.h"
#include "http/state.h"

enum { BUCKETS = 14, SHARDS = 4, STATUS_KINDS = 24 };

/* Counts of one operation. Each thread adds to one of a few copies, so that threads seldom share a
 * cache line; readers add the copies up. */
typedef struct counter_row {
    _Atomic(uint64_t) statuses[STATUS_KINDS];
    _Atomic(uint64_t) buckets[BUCKETS]; /* not cumulated; the last one: longer than all bounds */
    _Atomic(uint64_t) nanoseconds;
} counter_row;

/* A text made at the first request for it. */
typedef struct document {
    size_t length, gzip_length;
    char *gzip;   /* malloc'ed; NULL: it would not get smaller */
    char tag[32]; /* of its content */
    char text[];
} document;

void document_free(document *d); /* takes NULL */

struct http_state {
    _Atomic(int64_t) gauges[CINEMA_HTTP_GAUGE_COUNT];
    _Atomic(uint64_t) requests; /* numbered, for their ids */
    uint64_t seed[2];
    _Atomic(size_t) body_max; /* CINEMA_BODY_MAX, once asked for */
    proxies *proxies;         /* CINEMA_TRUSTED_PROXIES */
    _Atomic(document *) openapi, docs;
    size_t rows; /* of routes, then one a method for requests that reached none */
    counter_row *shards[SHARDS];
};

/* What requests that reached no operation are counted under: the methods, then "other". */
extern const char *const counters_methods[];
size_t counters_row(const struct http_state *h, const route *r, const char *method);
void counters_add(struct http_state *h, size_t row, int status, int64_t nanoseconds);

/* Sums over the shards. */
typedef struct row_sum {
    uint64_t statuses[STATUS_KINDS], buckets[BUCKETS], count, nanoseconds;
} row_sum;
void counters_sum(const struct http_state *h, size_t row, row_sum *ret);
/* The status counted at place i; 0: those without a place of their own. */
int counters_status(size_t i);
/* Upper bound of a bucket as text, "0.005"; "+Inf" for the last. */
const char *counters_bound(size_t i);

int64_t counters_now(void); /* ns, monotonic */
enum { REQUEST_ID_TEXT = 33 };
void counters_request_id(struct http_state *h, char text[REQUEST_ID_TEXT]);

#endif
