/* later.c - threads that do what waits (cinema/worker.h): mail and the like. Two, so that a mail
 * server that is slow with one message does not hold up the next.
 */
#include "net.h"

#include <cinema/worker.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LOOK_MS = 1000, GRACE_MS = 2000 };

/* The first failure is told, and that it is over. */
static void tell(net_later *l, cinema_status s, const cinema_error *err)
{
    pthread_mutex_lock(&l->lock);
    bool news = l->failing != (s != CINEMA_OK);
    l->failing = s != CINEMA_OK;
    pthread_mutex_unlock(&l->lock);
    if (news && s)
        fprintf(stderr, "cinema: what waits (mail, say) is not done: %s\n", err->message);
    else if (news)
        fprintf(stderr, "cinema: what waits is done again\n");
}

static void *run(void *later)
{
    net_later *l = later;
    cinema_worker_counts n;
    cinema_error err;
    while (!atomic_load(&l->stop)) {
        cinema_status s = cinema_worker_run(l->cinema, NULL, &n, &err);
        tell(l, s, &err);
        cinema_worker_wait(l->cinema, LOOK_MS, &err);
    }
    pthread_mutex_lock(&l->lock);
    l->threads--;
    pthread_cond_broadcast(&l->gone);
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

bool net_later_start(net_later *l, cinema *c)
{
    bool started = true;
    const char *who = cinema_setting(c, "CINEMA_OUTBOX");
    if (who && !strcmp(who, "off"))
        return true;
    l->cinema = c;
    for (int i = 0; started && i < NET_LATER; i++) {
        pthread_mutex_lock(&l->lock);
        started = !pthread_create(&l->ids[i], NULL, run, l);
        l->threads += started;
        l->started += started;
        pthread_mutex_unlock(&l->lock);
    }
    return started;
}

void net_later_open(net_later *l)
{
    pthread_condattr_t clock;
    pthread_mutex_init(&l->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&l->gone, &clock);
    pthread_condattr_destroy(&clock);
}

bool net_later_close(net_later *l, int wait_ms)
{
    struct timespec until;
    int error = 0;
    if (!l->cinema)
        return true;
    atomic_store(&l->stop, true);
    cinema_worker_stop(l->cinema, GRACE_MS);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (GRACE_MS + wait_ms) / 1000 + 1;
    pthread_mutex_lock(&l->lock);
    while (l->threads && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&l->gone, &l->lock, &until);
    bool ended = !l->threads;
    pthread_mutex_unlock(&l->lock);
    for (int i = 0; ended && i < l->started; i++)
        pthread_join(l->ids[i], NULL); /* they have said so, and are about to */
    return ended;
}
