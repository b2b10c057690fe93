/* loop.c - one event loop a core: its thread, its clock of deadlines, its way home for work that
 * was done elsewhere, and its end.
 */
#include "net.h"

#include <stdlib.h>
#include <unistd.h>

static uint64_t limit_ms(const net_loop *l, net_state state)
{
    const net_limits *limits = &l->server->limits;
    switch (state) {
    case NET_FRESH:
    case NET_HEAD:
        return limits->header_ms;
    case NET_BODY:
    case NET_STREAM:
        return limits->body_ms;
    case NET_IDLE:
        return NET_IDLE_MS;
    case NET_WRITE:
        return NET_WRITE_MS;
    case NET_LINGER:
        return NET_LINGER_MS;
    case NET_TURN: /* soon */
    case NET_WORK: /* the library's deadline */
    case NET_STATES:
        break;
    }
    return UINT64_MAX;
}

/* Each list is in the order of its deadlines. What expires leaves its place, so this ends. */
static void on_tick(uv_timer_t *timer)
{
    net_loop *l = timer->data;
    uint64_t now = uv_now(&l->uv);
    for (net_state s = NET_FRESH; s < NET_STATES; s++) {
        uint64_t limit = limit_ms(l, s);
        while (l->lists[s].first && now - l->lists[s].first->since >= limit)
            net_conn_expire(l->lists[s].first);
    }
    if (!l->connections)
        uv_timer_stop(timer);
}

/* Runs while there are connections; an empty server sleeps. */
void net_loop_tick(net_loop *l)
{
    if (!uv_is_active((uv_handle_t *)&l->tick))
        uv_timer_start(&l->tick, on_tick, NET_TICK_MS, NET_TICK_MS);
}

/* Each that waits now has one turn; those that then wait again come after other connections. */
static void on_turns(uv_idle_t *turns)
{
    net_loop *l = turns->data;
    net_list *list = &l->lists[NET_TURN];
    for (net_conn *k = NULL, *last = list->last; k != last && list->first;) {
        k = list->first;
        net_flow_turn(k);
    }
    if (!list->first)
        uv_idle_stop(turns);
}

void net_loop_turns(net_loop *l)
{
    uv_idle_start(&l->turns, on_turns);
}

static void close_all(net_loop *l, net_state state)
{
    while (l->lists[state].first)
        net_conn_close(l->lists[state].first);
}

/* Once told to stop: no new connections, none kept for later, and at the second word none at all.
 */
static void check_stop(net_loop *l)
{
    int stopping = atomic_load(&l->server->stopping);
    if (!stopping)
        return;
    net_accept_stop(l);
    close_all(l, NET_FRESH);
    close_all(l, NET_IDLE);
    for (net_state s = NET_FRESH; stopping > 1 && s < NET_STATES; s++)
        close_all(l, s);
    net_loop_check_end(l);
}

static void take_back(net_request *r)
{
    net_conn *k = r->conn;
    if (!k->closing) {
        net_flow_done(k);
        return;
    }
    if (!r->streaming)
        cinema_http_response_free(r->response); /* nobody is there to read it */
    k->request = NULL;
    net_request_free(r);
    net_conn_release(k);
}

/* The list comes newest first: turned round, so that nobody waits longer than they must. Both are
 * taken at once: a request that is given back must not be left in the list of those that want. */
static net_request *take_done(net_loop *l, net_request **wanted)
{
    pthread_mutex_lock(&l->lock);
    net_request *r = l->done, *turned = NULL;
    *wanted = l->wanted;
    l->done = l->wanted = NULL;
    pthread_mutex_unlock(&l->lock);
    while (r) {
        net_request *next = r->next;
        r->next = turned;
        turned = r;
        r = next;
    }
    return turned;
}

/* Requests whose workers want more come before those that are done: they may be the same. */
static void on_wake(uv_async_t *wake)
{
    net_loop *l = wake->data;
    net_request *wanted = NULL;
    net_request *done = take_done(l, &wanted);
    for (net_request *r = wanted, *next; r; r = next) {
        next = r->next_wanted;
        if (!r->conn->closing)
            net_flow_wanted(r->conn);
    }
    for (net_request *r = done, *next; r; r = next) {
        next = r->next;
        take_back(r);
    }
    check_stop(l);
}

void net_loop_wake(net_loop *l)
{
    uv_async_send(&l->wake);
}

/* Woken under the lock: the loop cannot have ended before this thread lets go of it. */
void net_loop_give(net_loop *l, net_request *r)
{
    pthread_mutex_lock(&l->lock);
    bool first = !l->done;
    r->next = l->done;
    l->done = r;
    if (first)
        uv_async_send(&l->wake);
    pthread_mutex_unlock(&l->lock);
}

void net_loop_check_end(net_loop *l)
{
    if (!atomic_load(&l->server->stopping) || l->connections || l->ending)
        return;
    l->ending = true;
    net_accept_stop(l);
    uv_close((uv_handle_t *)&l->wake, NULL);
    uv_close((uv_handle_t *)&l->tick, NULL);
    uv_close((uv_handle_t *)&l->turns, NULL);
    uv_close((uv_handle_t *)&l->again, NULL);
    uv_close((uv_handle_t *)&l->log_flush, NULL);
}

static bool open_handles(net_loop *l)
{
    if (uv_loop_init(&l->uv))
        return false;
    l->tick.data = l->again.data = l->log_flush.data = l->wake.data = l->listener.data = l;
    l->turns.data = l;
    if (uv_async_init(&l->uv, &l->wake, on_wake))
        return false;
    uv_idle_init(&l->uv, &l->turns);
    uv_timer_init(&l->uv, &l->tick);
    uv_timer_init(&l->uv, &l->again);
    uv_timer_init(&l->uv, &l->log_flush);
    return !uv_poll_init(&l->uv, &l->listener, l->listen_fd);
}

bool net_loop_open(net_loop *l, net_server *server, int listen_fd)
{
    *l = (net_loop){ .server = server, .listen_fd = listen_fd };
    pthread_mutex_init(&l->lock, NULL);
    net_body_settings(&l->settings);
    l->in = malloc(NET_BUFFER);
    l->out = malloc(NET_BUFFER);
    l->log = malloc(NET_BUFFER);
    return l->in && l->out && l->log && open_handles(l);
}

/* Also for a loop that never ran: its handles want to be closed all the same. */
void net_loop_close(net_loop *l)
{
    net_loop_check_end(l);
    uv_run(&l->uv, UV_RUN_NOWAIT);
    uv_loop_close(&l->uv);
    for (net_request *r = l->spare, *next; r; r = next) {
        next = r->next;
        free(r);
    }
    free(l->in);
    free(l->out);
    free(l->log);
    pthread_mutex_destroy(&l->lock);
}

void *net_loop_run(void *loop)
{
    net_loop *l = loop;
    net_accept_start(l);
    uv_run(&l->uv, UV_RUN_DEFAULT);
    net_access_flush(l, NET_BREAK_MS);
    uv_async_t *control = l->server->control;
    atomic_fetch_sub(&l->server->running, 1);
    uv_async_send(control);
    return NULL;
}
