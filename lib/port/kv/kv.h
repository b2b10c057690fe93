/* kv.h - the key-value port: small facts that are forgotten by themselves.
 * Rate limits, revocation marks, codes that may be taken once, what was verified a moment ago. Two
 * drivers, one behaviour: memory (linked in) and Redis (a module loaded by URL scheme).
 *
 * Nothing here is the only copy of a fact that must not be lost. An entry may go before its time:
 * memory has a bound and drops what was not used for longest, a Redis may be emptied or restarted.
 *
 * There are two places. KV_LOCAL is this process's memory and never fails for being away. KV_SHARED
 * is the Redis of CINEMA_REDIS_URL, and the same as KV_LOCAL where none is set. When Redis is away
 * a call answers UNAVAILABLE or TIMEOUT, soon: after a failure calls are refused at once until it
 * is time to look again (100 ms, doubling to 2 s). What each use does then: rate limits
 * kv_run_or_local: each process counts by itself until Redis is back revocation marks       the
 * database is asked (its session row is what counts) verified tokens        KV_LOCAL only; a miss
 * is a signature check one-time states, codes 503: a code that cannot be taken must not be believed
 * Of a Redis this needs GET GETDEL SET DEL INCRBY PEXPIRE TIME EVAL EVALSHA (and PING, SELECT) on
 * keys that begin with `cinema:`, or with the `prefix=` of its URL.
 */
#ifndef PORT_KV_H
#define PORT_KV_H

#include "base/status.h"

/* ---- steps ----------------------------------------------------------------------------------- */

enum {
    KV_KEY_MAX = 200,         /* bytes; text without NUL. Long or binary names: their hash */
    KV_VALUE_MAX = 64 * 1024, /* bytes */
    KV_STEPS_MAX = 16,
};
#define KV_TTL_MAX_MS (INT64_C(400) * 24 * 3600 * 1000)
#define KV_COUNT_MAX (INT64_C(1) << 53) /* counters stay within, both ways */

typedef enum kv_verb {
    KV_GET,       /* hit: there is a value; now in `to` */
    KV_TAKE,      /* the same, and it is gone: of several takers one has it */
    KV_SET,       /* hit: always */
    KV_SET_NEW,   /* hit: there was none, it is set; else nothing was changed */
    KV_DELETE,    /* hit: it was there */
    KV_DELETE_IF, /* hit: it was there and was `value`, and is gone */
    KV_COUNT,     /* adds; `number` is the sum. A counter that is made by this ends after ttl_ms */
    KV_LIMIT,     /* hit: allowed, and counted */
} kv_verb;

/* One act on one key; made by the functions below. Text and bytes are borrowed. */
typedef struct kv_step {
    kv_verb verb;
    const char *key;
    int64_t ttl_ms;    /* SET, SET_NEW, COUNT: 1 to KV_TTL_MAX_MS. LIMIT: the window */
    const void *value; /* SET, SET_NEW, DELETE_IF */
    size_t length;     /* of `value` */
    void *to;          /* GET, TAKE: where the value goes */
    size_t room;       /* of `to` */
    int64_t number;    /* COUNT: what is added, then the sum. LIMIT: how many a window */
    int64_t cost;      /* LIMIT: how many this takes; 0: only looks; below: gives back */

    bool hit;
    int64_t left;     /* LIMIT: how many would be allowed now */
    int64_t retry_ms; /* LIMIT: not allowed: when to come back */
    int64_t reset_ms; /* LIMIT: until all of it is there again */
} kv_step;

/* GET and TAKE: afterwards `length` is the value's. One that does not fit makes the call TOO_LARGE
 * (and is gone, if it was taken). */
static inline kv_step kv_get(const char *key, void *to, size_t room)
{
    return (kv_step){ .verb = KV_GET, .key = key, .to = to, .room = room };
}

static inline kv_step kv_take(const char *key, void *to, size_t room)
{
    return (kv_step){ .verb = KV_TAKE, .key = key, .to = to, .room = room };
}

static inline kv_step kv_set(const char *key, const void *value, size_t length, int64_t ttl_ms)
{
    return (
        kv_step){ .verb = KV_SET, .key = key, .value = value, .length = length, .ttl_ms = ttl_ms };
}

static inline kv_step kv_set_new(const char *key, const void *value, size_t length, int64_t ttl_ms)
{
    return (kv_step){
        .verb = KV_SET_NEW, .key = key, .value = value, .length = length, .ttl_ms = ttl_ms
    };
}

static inline kv_step kv_delete(const char *key)
{
    return (kv_step){ .verb = KV_DELETE, .key = key };
}

static inline kv_step kv_delete_if(const char *key, const void *value, size_t length)
{
    return (kv_step){ .verb = KV_DELETE_IF, .key = key, .value = value, .length = length };
}

static inline kv_step kv_count(const char *key, int64_t add, int64_t ttl_ms)
{
    return (kv_step){ .verb = KV_COUNT, .key = key, .number = add, .ttl_ms = ttl_ms };
}

/* At most `count` at once, and then one more each window_ms / count (a token bucket, kept as one
 * moment: docs/decisions/0005). What is refused is not counted. What is given back (a cost below 0)
 * is always a hit, and never makes more of it than there was at first. A cost above `count` is
 * INVALID, either way. */
static inline kv_step kv_limit(const char *key, int64_t count, int64_t window_ms, int64_t cost)
{
    return (kv_step){
        .verb = KV_LIMIT, .key = key, .number = count, .ttl_ms = window_ms, .cost = cost
    };
}

/* ---- what rooms call --------------------------------------------------------------------------
 */

typedef struct kv kv;

typedef enum kv_place { KV_LOCAL, KV_SHARED } kv_place;

/* Runs up to KV_STEPS_MAX steps in one round trip. Each is atomic, all together are not; they
 * should name different keys, for their order is not promised. When one fails the others may have
 * run. INVALID: a key, value, time or number is out of bounds, or KV_COUNT or KV_LIMIT met what is
 * not theirs. UNAVAILABLE: the service is away, or refuses us; TIMEOUT: it is slow. After either a
 * step may have been done. */
cinema_status kv_run(cinema *c, kv_place where, kv_step *steps, size_t count, cinema_error *err);
/* On KV_SHARED, and on KV_LOCAL when that is away: for limits. */
cinema_status kv_run_or_local(cinema *c, kv_step *steps, size_t count, cinema_error *err);
/* Whether other processes see what is set in KV_SHARED. */
bool kv_is_shared(const cinema *c);

/* Opens and closes what a handle has (open.c); opening connects to nothing. */
cinema_status kv_open(cinema *c, cinema_error *err);
void kv_close(cinema *c);

/* ---- what a driver is --------------------------------------------------------------------------
 */

typedef struct kv_options {
    const char *url;                /* memory has none */
    unsigned connections;           /* most that are open at once; 0: the driver's own */
    size_t bytes;                   /* memory: most in all; 0: its own */
    int64_t (*now_ms)(void *clock); /* memory: the time; NULL: monotonic. Redis has its own */
    void *clock;
    void (*log)(void *user, cinema_log_level level, const char *line); /* may be NULL */
    void *user;
} kv_options;

enum { KV_DRIVER_ABI = 1 };

/* Three functions, safe from any thread. */
typedef struct kv_driver {
    int abi; /* KV_DRIVER_ABI */
    const char *name;
    /* Makes no connection: the first use does. INVALID: the URL is no good. */
    cinema_status (*open)(const kv_options *options, kv **ret, cinema_error *err);
    void (*close)(kv *k); /* takes NULL */
    /* As kv_run says; the steps were checked. `deadline` is a moment of the monotonic clock by
     * which the call gives up with TIMEOUT. */
    cinema_status (*run)(kv *k, kv_step *steps, size_t count, int64_t deadline, cinema_error *err);
} kv_driver;

/* What every driver's kv begins with. */
struct kv {
    const kv_driver *driver;
};

/* What every driver is spared: bounds of steps. For kv_run, and for the tests of drivers. */
cinema_status kv_check(const kv_step *steps, size_t count, cinema_error *err);

extern const kv_driver cinema__kv_memory;
/* The one symbol of a driver module. */
#define KV_DRIVER_SYMBOL "cinema_kv_driver"

#endif
