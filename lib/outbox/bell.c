/* bell.c - waiting for work without asking all the time: who adds some in this process rings, and
 * once a second somebody looks what other processes have added.
 */
#include "outbox/outbox.h"

#include "base/handle.h"
#include "outbox.sql.h"

#include <errno.h>
#include <time.h>

struct outbox_bell {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool rung, off;
};

cinema_status outbox__open(cinema *c, cinema_error *err)
{
    pthread_condattr_t clock;
    struct outbox_bell *b = c->bell = calloc(1, sizeof *b);
    if (!b)
        return fail_memory(err);
    pthread_mutex_init(&b->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&b->cond, &clock);
    pthread_condattr_destroy(&clock);
    return CINEMA_OK;
}

void outbox__close(cinema *c)
{
    if (!c->bell)
        return;
    pthread_cond_destroy(&c->bell->cond);
    pthread_mutex_destroy(&c->bell->lock);
    free(c->bell);
}

void outbox__ring(cinema *c)
{
    pthread_mutex_lock(&c->bell->lock);
    c->bell->rung = true;
    pthread_cond_signal(&c->bell->cond);
    pthread_mutex_unlock(&c->bell->lock);
}

void outbox__ring_off(cinema *c)
{
    pthread_mutex_lock(&c->bell->lock);
    c->bell->off = true;
    pthread_cond_broadcast(&c->bell->cond);
    pthread_mutex_unlock(&c->bell->lock);
}

static struct timespec in_ms(int64_t ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += ms % 1000 * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

cinema_status outbox__wait(cinema *c, int64_t max_ms, cinema_error *err)
{
    struct outbox_bell *b = c->bell;
    cinema_status s = handle_check(c, err);
    if (s)
        return s;
    struct timespec until = in_ms(max_ms < 0 ? 0 : max_ms);
    int error = 0;
    pthread_mutex_lock(&b->lock);
    while (!b->rung && !b->off && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&b->cond, &b->lock, &until);
    b->rung = false;
    pthread_mutex_unlock(&b->lock);
    return CINEMA_OK;
}
