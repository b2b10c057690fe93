/* pipe.c - a body that streams, from the loop that receives it to the worker that reads it. The
 * loop never waits: above half of the room it stops reading from the socket, so that the client
 * waits, and goes on when the worker asks.
 */
#include "net.h"

#include <stdlib.h>
#include <string.h>

bool net_pipe_open(net_request *r)
{
    atomic_size_t *all = &r->loop->server->body_bytes;
    net_pipe *p = NULL;
    if (atomic_fetch_add(all, sizeof *p) + sizeof *p <= NET_BODIES_MAX)
        p = malloc(sizeof *p);
    if (!p) {
        atomic_fetch_sub(all, sizeof *p);
        return false;
    }
    memset(p, 0, offsetof(net_pipe, bytes));
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->more, NULL);
    p->paused = r->expects; /* told to continue only if the body is wanted */
    r->pipe = p;
    return true;
}

void net_pipe_close(net_request *r)
{
    net_pipe *p = r->pipe;
    if (!p)
        return;
    atomic_fetch_sub(&r->loop->server->body_bytes, sizeof *p);
    pthread_cond_destroy(&p->more);
    pthread_mutex_destroy(&p->lock);
    free(p);
    r->pipe = NULL;
}

void net_pipe_put(net_pipe *p, const char *bytes, size_t length)
{
    pthread_mutex_lock(&p->lock);
    if (p->at + p->length + length > NET_PIPE) {
        memmove(p->bytes, p->bytes + p->at, p->length);
        p->at = 0;
    }
    memcpy(p->bytes + p->at + p->length, bytes, length);
    p->length += length;
    p->paused = p->length >= NET_PIPE / 2;
    pthread_cond_signal(&p->more);
    pthread_mutex_unlock(&p->lock);
}

void net_pipe_end(net_pipe *p, bool broken)
{
    pthread_mutex_lock(&p->lock);
    p->end = true;
    p->broken = broken;
    pthread_cond_signal(&p->more);
    pthread_mutex_unlock(&p->lock);
}

void net_pipe_go_on(net_pipe *p)
{
    pthread_mutex_lock(&p->lock);
    p->paused = p->asked = false;
    pthread_mutex_unlock(&p->lock);
}

/* Into the loop's list of those that want more; it will come back by net_flow_wanted. */
static void want(net_loop *l, net_request *r)
{
    pthread_mutex_lock(&l->lock);
    r->next_wanted = l->wanted;
    l->wanted = r;
    uv_async_send(&l->wake);
    pthread_mutex_unlock(&l->lock);
}

/* With the lock held. */
static void ask(net_request *r)
{
    net_pipe *p = r->pipe;
    if (p->asked || !p->paused || p->end || p->length >= NET_PIPE / 4)
        return;
    p->asked = true;
    want(r->loop, r);
}

/* What has come of a body that then broke off is of no use to anybody. */
int64_t net_pipe_read(void *bytes, size_t room, void *request)
{
    net_request *r = request;
    net_pipe *p = r->pipe;
    pthread_mutex_lock(&p->lock);
    ask(r);
    while (!p->length && !p->end)
        pthread_cond_wait(&p->more, &p->lock);
    size_t n = room < p->length ? room : p->length;
    memcpy(bytes, p->bytes + p->at, n);
    p->length -= n;
    p->at = p->length ? p->at + n : 0;
    ask(r);
    bool broken = p->broken;
    pthread_mutex_unlock(&p->lock);
    return broken ? -1 : (int64_t)n;
}
