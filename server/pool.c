/* pool.c - threads for work that waits: started when work is queued and nobody is idle, gone after
 * half a minute without any. The queue is bounded, so an overload is told at once.
 */
#include "net.h"

#include <errno.h>
#include <time.h>

enum { IDLE_S = 30 };

void net_pool_open(net_pool *p, net_server *server, const char *name, unsigned threads,
                   unsigned queue)
{
    pthread_condattr_t clock;
    *p = (net_pool){ .server = server, .name = name, .queue_max = queue, .threads_max = threads };
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&p->more, &clock);
    pthread_cond_init(&p->gone, &clock);
    pthread_condattr_destroy(&clock);
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

/* Waits for work, with the lock held; NULL: none came, the thread may go. */
static net_request *take(net_pool *p)
{
    struct timespec until = in_ms(IDLE_S * 1000);
    int error = 0;
    p->idle++;
    while (!p->first && !p->stop && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&p->more, &p->lock, &until);
    p->idle--;
    net_request *r = p->first;
    if (r && !(p->first = r->next))
        p->last = NULL;
    if (r)
        p->queued--;
    return r;
}

/* Ends a thread, with the lock held. Each waits for the one that left before, and who closes the
 * pool for the last: libraries free what they keep for a thread when it has really ended. */
static void leave(net_pool *p)
{
    pthread_t before = p->left;
    bool some = p->has_left;
    p->left = pthread_self();
    p->has_left = true;
    if (!--p->threads)
        pthread_cond_broadcast(&p->gone);
    pthread_mutex_unlock(&p->lock);
    if (some)
        pthread_join(before, NULL);
}

static void *work(void *pool)
{
    net_pool *p = pool;
    net_request *r;
    pthread_setname_np(pthread_self(), p->name); /* top -H, perf */
    pthread_mutex_lock(&p->lock);
    while ((r = take(p))) {
        pthread_mutex_unlock(&p->lock);
        cinema_http_gauge_add(p->server->cinema, CINEMA_HTTP_QUEUED, -1);
        if (!atomic_load_explicit(&r->cancelled, memory_order_relaxed))
            net_request_run(r);
        net_loop_give(r->loop, r);
        pthread_mutex_lock(&p->lock);
    }
    leave(p);
    return NULL;
}

/* With the lock held. */
static void start_thread(net_pool *p)
{
    pthread_t thread;
    if (!pthread_create(&thread, NULL, work, p))
        p->threads++;
}

bool net_pool_submit(net_pool *p, net_request *r)
{
    pthread_mutex_lock(&p->lock);
    if (p->idle <= p->queued && p->threads < p->threads_max)
        start_thread(p);
    bool room = !p->stop && p->queued < p->queue_max && p->threads;
    if (room) {
        r->next = NULL;
        if (p->last)
            p->last->next = r;
        else
            p->first = r;
        p->last = r;
        p->queued++;
        cinema_http_gauge_add(p->server->cinema, CINEMA_HTTP_QUEUED, 1);
        pthread_cond_signal(&p->more);
    }
    pthread_mutex_unlock(&p->lock);
    return room;
}

bool net_pool_close(net_pool *p, int wait_ms)
{
    struct timespec until = in_ms(wait_ms);
    int error = 0;
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->more);
    while (p->threads && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&p->gone, &p->lock, &until);
    bool ended = !p->threads, some = ended && p->has_left;
    p->has_left = p->has_left && !ended;
    pthread_mutex_unlock(&p->lock);
    if (some)
        pthread_join(p->left, NULL);
    return ended;
}
