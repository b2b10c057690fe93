/* postgres_pool.c - connections handed out and taken back.
 * A free one goes to whoever has waited longest, else on top of the stack: few stay warm. Those not
 * connected lie at the bottom.
 */
#include "port/db/postgres.h"

#include <time.h>

struct pg_waiter {
    pg_waiter *next;
    pg_link *given;
    pthread_cond_t wake;
};

static cinema_status pool_memory(pg_pool *p, unsigned count, cinema_error *err)
{
    p->links = calloc(count, sizeof *p->links);
    p->free = calloc(count, sizeof *p->free);
    if (!p->links || !p->free)
        return fail_memory(err);
    for (unsigned i = 0; i < count; i++) {
        p->links[i].pool = p;
        p->free[i] = &p->links[i];
    }
    p->count = p->free_count = count;
    return CINEMA_OK;
}

cinema_status pg_pool_open(pg_pool *p, const char *url, unsigned count, const db_options *o,
                           cinema_error *err)
{
    cinema_status s;
    p->log = o->log;
    p->user = o->user;
    p->last = &p->first;
    if ((s = pg_url_read(url, &p->url, err)) || (s = pool_memory(p, count, err)))
        return s;
    atomic_init(&p->names, p->url.names);
    pthread_mutex_init(&p->lock, NULL);
    return CINEMA_OK;
}

void pg_pool_done(pg_pool *p)
{
    for (unsigned i = 0; i < p->count; i++)
        pg_link_drop(&p->links[i]);
    if (p->count)
        pthread_mutex_destroy(&p->lock);
    free(p->links);
    free(p->free);
    pg_url_done(&p->url);
}

static void wake_by(pthread_cond_t *wake)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(wake, &attributes);
    pthread_condattr_destroy(&attributes);
}

static bool sleep_until(pthread_cond_t *wake, pthread_mutex_t *lock, int64_t deadline)
{
    struct timespec t = { .tv_sec = (time_t)(deadline / 1000),
                          .tv_nsec = (long)(deadline % 1000) * 1000000 };
    if (deadline == DEADLINE_NONE)
        return !pthread_cond_wait(wake, lock);
    return !pthread_cond_timedwait(wake, lock, &t);
}

static void leave_queue(pg_pool *p, pg_waiter *w)
{
    pg_waiter **at = &p->first;
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    if (!w->next)
        p->last = at;
}

static pg_link *wait_for_one(pg_pool *p, int64_t deadline)
{
    pg_waiter w = { 0 };
    wake_by(&w.wake);
    *p->last = &w;
    p->last = &w.next;
    while (!w.given && sleep_until(&w.wake, &p->lock, deadline))
        ;
    if (!w.given)
        leave_queue(p, &w);
    pthread_cond_destroy(&w.wake);
    return w.given;
}

cinema_status pg_pool_take(pg_pool *p, int64_t deadline, pg_link **ret, cinema_error *err)
{
    if (!deadline_left_ms(deadline))
        return fail(err, CINEMA_TIMEOUT, NULL, NULL, "there was no time left for the database");
    pthread_mutex_lock(&p->lock);
    pg_link *l = p->free_count ? p->free[--p->free_count] : wait_for_one(p, deadline);
    pthread_mutex_unlock(&p->lock);
    if (!l)
        return fail(err, CINEMA_TIMEOUT, NULL, NULL,
                    "all connections to the database were in use: try again");
    *ret = l;
    return CINEMA_OK;
}

void pg_pool_give(pg_link *l)
{
    pg_pool *p = l->pool;
    if (l->pg && PQtransactionStatus(l->pg) != PQTRANS_IDLE)
        pg_link_drop(l);
    pthread_mutex_lock(&p->lock);
    pg_waiter *w = p->first;
    if (w) {
        p->first = w->next;
        if (!p->first)
            p->last = &p->first;
        w->given = l;
        pthread_cond_signal(&w->wake);
    } else if (l->pg) {
        p->free[p->free_count++] = l;
    } else {
        memmove(p->free + 1, p->free, p->free_count++ * sizeof *p->free);
        p->free[0] = l;
    }
    pthread_mutex_unlock(&p->lock);
}
