/* redis.c - the key-value port on Redis (6.2 or later, and what speaks as it does).
 * All steps of a call are one pipeline on one connection. Nothing is sent twice: a step that may
 * have been done is not tried again.
 */
#include "port/kv/redis.h"

enum { COMMANDS_MAX = KV_STEPS_MAX * (KV_VALUE_MAX + 4096), SLOW_MS = 200 };

/* A call under way. */
typedef struct talk {
    redis_link *link;
    kv_step *steps;
    size_t count;
    int64_t deadline;
    unsigned again; /* steps, by bit, whose script has to be sent whole */
    bool broken;    /* the connection is of no more use */
} talk;

static cinema_status send_steps(talk *t, cinema_error *err)
{
    CLEANUP(buffer_done) buffer b = BUFFER(COMMANDS_MAX);
    for (size_t i = 0; i < t->count; i++)
        if (!t->again || t->again >> i & 1)
            redis_command(t->link->pool, &t->steps[i], t->again != 0, &b);
    if (b.failed)
        return fail_memory(err);
    cinema_status s = redis_link_send(t->link, &b, t->deadline, err);
    t->broken = s != CINEMA_OK;
    return s;
}

/* Reads the answer to one step; `first` is the first failure of the call. */
static cinema_status read_step(talk *t, size_t i, unsigned *unknown, cinema_status *first,
                               cinema_error *err)
{
    redisReply *r = NULL;
    bool broken = false;
    cinema_status s = redis_link_reply(t->link, &r, t->deadline, err);
    if (s) {
        t->broken = true;
        return s;
    }
    if (!t->again && redis_unknown_script(r))
        *unknown |= 1u << i;
    else if ((s = redis_answer(&t->steps[i], r, &broken, *first ? NULL : err)) && !*first)
        *first = s;
    t->broken |= broken;
    freeReplyObject(r);
    return CINEMA_OK;
}

/* One round trip; `first` as above. What is returned is a failure of the connection. */
static cinema_status round_trip(talk *t, cinema_status *first, cinema_error *err)
{
    unsigned unknown = 0;
    cinema_status s = send_steps(t, err);
    for (size_t i = 0; !s && i < t->count; i++)
        if (!t->again || t->again >> i & 1)
            s = read_step(t, i, &unknown, first, err);
    t->again = unknown;
    return s;
}

static cinema_status speak(talk *t, cinema_error *err)
{
    cinema_status first = CINEMA_OK, s = redis_link_open(t->link, t->deadline, err);
    if (s) {
        t->broken = true;
        return s;
    }
    s = round_trip(t, &first, err);
    if (!s && t->again && !t->broken)
        s = round_trip(t, &first, err);
    return s ? s : first;
}

/* A caller in a hurry says little about the service. */
static redis_health health_after(const talk *t, cinema_status s, int64_t begun)
{
    if (!t->broken)
        return REDIS_WELL;
    return s == CINEMA_TIMEOUT && clock_monotonic_ms() - begun < SLOW_MS ? REDIS_UNKNOWN
                                                                         : REDIS_TROUBLE;
}

static cinema_status redis_run(kv *k, kv_step *steps, size_t count, int64_t deadline,
                               cinema_error *err)
{
    redis *r = (redis *)k;
    cinema_error own;
    talk t = { .steps = steps, .count = count, .deadline = deadline };
    int64_t begun = clock_monotonic_ms();
    cinema_status s;
    err = err ? err : &own;
    if (!deadline_left_ms(deadline))
        return fail(err, CINEMA_TIMEOUT, NULL, NULL, "there was no time left to ask Redis");
    if ((s = redis_pool_take(r, &t.link, deadline, err)))
        return s;
    s = speak(&t, err);
    if (t.broken)
        redis_link_drop(t.link);
    redis_pool_give(r, t.link, health_after(&t, s, begun), s ? err->message : "");
    return s;
}

static void redis_close(kv *k)
{
    redis *r = (redis *)k;
    if (!r)
        return;
    redis_pool_done(r);
    SSL_CTX_free(r->tls);
    redis_url_done(&r->url);
    free(r);
}

extern const kv_driver cinema_kv_driver;

static cinema_status redis_open(const kv_options *o, kv **ret, cinema_error *err)
{
    cinema_error own;
    redis_url url;
    SSL_CTX *tls = NULL;
    cinema_status s = redis_url_read(o->url, &url, err ? err : &own);
    if (s)
        return s;
    redis *r = calloc(1, sizeof *r);
    s = !r ? fail_memory(err) : url.tls ? redis_tls_context(&url, &tls, err) : CINEMA_OK;
    if (s) {
        redis_url_done(&url);
        free(r);
        return s;
    }
    r->head.driver = &cinema_kv_driver;
    r->url = url;
    r->tls = tls;
    r->log = o->log;
    r->user = o->user;
    redis_script_names(r->scripts);
    redis_pool_start(r, o->connections);
    *ret = &r->head;
    return CINEMA_OK;
}

__attribute__((visibility("default"))) const kv_driver cinema_kv_driver = {
    .abi = KV_DRIVER_ABI,
    .name = "redis",
    .open = redis_open,
    .close = redis_close,
    .run = redis_run,
};
