/* redis_pool.c - a few connections, and knowing that the service is away.
 * After a failure calls are refused at once until `again_at`; then one of them looks. So a Redis
 * that hangs costs one call its patience now and then, not every call.
 */
#include "base/url.h"
#include "port/kv/redis.h"

#include <stdio.h>
#include <time.h>

enum { AGAIN_FIRST_MS = 100, AGAIN_MOST_MS = 2000 };

static void say(const redis *r, cinema_log_level level, const char *what, const char *why)
{
    char line[600];
    if (!r->log)
        return;
    snprintf(line, sizeof line, "redis %s:%s: %s%s", r->url.host, r->url.port, what, why);
    r->log(r->user, level, line);
}

void redis_pool_start(redis *r, unsigned connections)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->freed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    r->link_count = connections ? connections : REDIS_LINKS;
    if (r->link_count > REDIS_LINKS_MAX)
        r->link_count = REDIS_LINKS_MAX;
    for (; r->free_count < r->link_count; r->free_count++) {
        redis_link *l = &r->links[r->free_count];
        *l = (redis_link){ .pool = r, .fd = -1 };
        r->free[r->free_count] = l;
    }
    if (!r->url.tls && !url_host_local(r->url.host) && !url_host_private(r->url.host))
        say(r, CINEMA_LOG_WARNING,
            "is reached without TLS: everybody between can read and change "
            "what goes there; use rediss://",
            "");
}

void redis_pool_done(redis *r)
{
    for (unsigned i = 0; i < r->link_count; i++)
        redis_link_drop(&r->links[i]);
    pthread_cond_destroy(&r->freed);
    pthread_mutex_destroy(&r->lock);
}

/* ---- taking ---------------------------------------------------------------------------------- */

static bool wait_freed(redis *r, int64_t deadline)
{
    struct timespec until = { .tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000 };
    if (deadline != DEADLINE_NONE)
        return !pthread_cond_timedwait(&r->freed, &r->lock, &until);
    return !pthread_cond_wait(&r->freed, &r->lock);
}

/* Away, and it is not (this caller's) time to look. */
static bool must_refuse(const redis *r)
{
    return r->again_at && (r->looking || !r->free_count || clock_monotonic_ms() < r->again_at);
}

cinema_status redis_pool_take(redis *r, redis_link **ret, int64_t deadline, cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    pthread_mutex_lock(&r->lock);
    while (!s && !r->free_count && !r->again_at)
        if (!wait_freed(r, deadline) && !r->free_count)
            s = fail(err, CINEMA_TIMEOUT, NULL, NULL, "all connections to Redis are busy");
    if (!s && must_refuse(r))
        s = redis_lost(err, "it was a moment ago");
    if (!s) {
        *ret = r->free[--r->free_count];
        if (r->again_at)
            r->looking = *ret;
    }
    pthread_mutex_unlock(&r->lock);
    return s;
}

/* ---- giving back ----------------------------------------------------------------------------- */

/* 100 ms doubling to 2 s, shortened by up to a half, so that processes do not march in step. */
static int64_t next_wait(const redis *r)
{
    struct timespec t;
    int64_t most = r->failures < 5 ? AGAIN_FIRST_MS << r->failures : AGAIN_MOST_MS;
    most = most < AGAIN_MOST_MS ? most : AGAIN_MOST_MS;
    clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t chance = ((uint64_t)t.tv_nsec ^ (uintptr_t)r >> 4) * 0x9E3779B97F4A7C15u >> 32;
    return most - (int64_t)(chance % (uint64_t)(most / 2 + 1));
}

/* Several that fail together are one failure. Returns whether that is news. */
static bool went_away(redis *r, bool looked)
{
    bool news = !r->again_at;
    if (!news && !looked)
        return false;
    r->again_at = clock_monotonic_ms() + next_wait(r);
    r->failures++;
    return news;
}

static bool came_back(redis *r)
{
    bool news = r->again_at != 0;
    r->again_at = 0;
    r->failures = 0;
    return news;
}

void redis_pool_give(redis *r, redis_link *l, redis_health health, const char *why)
{
    bool lost = false, back = false;
    pthread_mutex_lock(&r->lock);
    bool looked = r->looking == l;
    if (health == REDIS_TROUBLE)
        lost = went_away(r, looked);
    else if (health == REDIS_WELL && (looked || !r->again_at))
        back = came_back(r);
    if (looked)
        r->looking = NULL;
    r->free[r->free_count++] = l;
    pthread_cond_broadcast(&r->freed);
    pthread_mutex_unlock(&r->lock);
    if (lost)
        say(r, CINEMA_LOG_WARNING, "", why);
    if (back)
        say(r, CINEMA_LOG_INFO, "is back", "");
}
