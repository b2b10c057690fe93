/* conn.c - a connection: its place in the lists, reading, writing, closing. */
#include "net.h"

#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* An answer that the socket did not take at once. */
typedef struct outgoing {
    uv_write_t write;
    cinema_http_response *response; /* holds the body */
    char head[];
} outgoing;

static void list_remove(net_conn *k)
{
    net_list *list = &k->loop->lists[k->state];
    *(k->prev ? &k->prev->next : &list->first) = k->next;
    *(k->next ? &k->next->prev : &list->last) = k->prev;
}

static void list_append(net_conn *k)
{
    net_list *list = &k->loop->lists[k->state];
    k->prev = list->last;
    k->next = NULL;
    *(list->last ? &list->last->next : &list->first) = k;
    list->last = k;
}

/* Entering a state starts its time limit. */
void net_conn_state(net_conn *k, net_state state)
{
    if (k->state != NET_STATES)
        list_remove(k);
    k->state = (uint8_t)state;
    k->since = uv_now(&k->loop->uv);
    if (state != NET_STATES)
        list_append(k);
}

static void leave(net_server *s, const net_peer_key *peer)
{
    atomic_fetch_sub(&s->connections, 1);
    if (s->limits.per_address)
        net_peers_leave(&s->peers, peer);
}

void net_conn_open(net_loop *l, int fd, const net_peer_key *peer, const char *address)
{
    net_conn *k = calloc(1, sizeof *k);
    if (!k || uv_tcp_init(&l->uv, &k->tcp)) {
        free(k);
        close(fd);
        leave(l->server, peer);
        return;
    }
    k->loop = l;
    k->peer = *peer;
    memcpy(k->address, address, sizeof k->address);
    k->state = NET_STATES;
    l->connections++;
    cinema_http_gauge_add(l->server->cinema, CINEMA_HTTP_CONNECTIONS, 1);
    net_loop_tick(l);
    net_conn_state(k, NET_FRESH);
    if (!uv_tcp_open(&k->tcp, fd)) {
        net_conn_reading(k, true);
        return;
    }
    close(fd);
    net_conn_close(k);
}

/* All connections of a loop read into one buffer: an idle one holds none. */
static void on_room(uv_handle_t *handle, size_t wish, uv_buf_t *ret)
{
    (void)wish;
    *ret = uv_buf_init(((net_conn *)handle)->loop->in, NET_BUFFER);
}

void net_conn_reading(net_conn *k, bool on)
{
    if (k->reading == on || k->closing || (on && k->eof))
        return;
    k->reading = on;
    if (!on)
        uv_read_stop((uv_stream_t *)&k->tcp);
    else if (uv_read_start((uv_stream_t *)&k->tcp, on_room, net_flow_read))
        net_conn_close(k);
}

void net_conn_release(net_conn *k)
{
    net_loop *l = k->loop;
    if (!k->closed || k->request)
        return;
    free(k);
    l->connections--;
    net_loop_check_end(l);
}

static void on_closed(uv_handle_t *handle)
{
    net_conn *k = (net_conn *)handle;
    k->closed = true;
    leave(k->loop->server, &k->peer);
    cinema_http_gauge_add(k->loop->server->cinema, CINEMA_HTTP_CONNECTIONS, -1);
    net_conn_release(k);
}

/* A request that a worker has stays; net_loop's take_back lets go of it. */
void net_conn_close(net_conn *k)
{
    if (k->closing)
        return;
    net_conn_state(k, NET_STATES);
    k->closing = true;
    if (k->busy)
        atomic_store_explicit(&k->request->cancelled, true, memory_order_relaxed);
    if (k->busy && k->request->pipe)
        net_pipe_end(k->request->pipe, !k->request->body_done);
    if (!k->busy && k->request)
        net_request_free(k->request);
    if (!k->busy)
        k->request = NULL;
    free(k->pending);
    k->pending = NULL;
    uv_close((uv_handle_t *)&k->tcp, on_closed);
}

/* Bytes that the client has not taken: ours, and the megabytes that the kernel may hold for it. */
static size_t unsent(const net_conn *k)
{
    uv_os_fd_t fd;
    int kernel = 0;
    if (!uv_fileno((const uv_handle_t *)&k->tcp, &fd) && ioctl(fd, SIOCOUTQ, &kernel))
        kernel = 0;
    return uv_stream_get_write_queue_size((const uv_stream_t *)&k->tcp) + (size_t)kernel;
}

void net_conn_writing(net_conn *k)
{
    k->unsent = unsent(k);
    net_conn_state(k, NET_WRITE);
}

/* A slow reader may take all the time it wants, as long as it reads. */
static void check_writing(net_conn *k)
{
    if (unsent(k) < k->unsent)
        net_conn_writing(k);
    else
        net_conn_close(k);
}

void net_conn_expire(net_conn *k)
{
    if (k->state == NET_HEAD || k->state == NET_BODY)
        net_flow_too_slow(k);
    else if (k->state == NET_STREAM)
        net_flow_check_rate(k);
    else if (k->state == NET_WRITE)
        check_writing(k);
    else
        net_conn_close(k);
}

static void on_written(uv_write_t *write, int status)
{
    net_conn *k = (net_conn *)write->handle;
    outgoing *o = (outgoing *)write;
    cinema_http_response_free(o->response);
    free(o);
    if (k->closing)
        return;
    if (status < 0)
        net_conn_close(k);
    else if (k->state == NET_WRITE && !uv_stream_get_write_queue_size((uv_stream_t *)&k->tcp))
        net_flow_written(k);
}

/* What is left after `done` bytes is queued: the head as a copy, the body as it is. */
static bool queue(net_conn *k, const uv_buf_t parts[2], size_t done, cinema_http_response *response)
{
    size_t of_head = done < parts[0].len ? done : parts[0].len;
    size_t rest = parts[0].len - of_head, of_body = done - of_head;
    outgoing *o = malloc(sizeof *o + rest);
    uv_buf_t left[2];
    unsigned n = 0;
    if (!o)
        return false;
    memcpy(o->head, parts[0].base + of_head, rest);
    if (rest)
        left[n++] = uv_buf_init(o->head, (unsigned)rest);
    if (parts[1].len > of_body) {
        left[n] = parts[1];
        left[n].base += of_body;
        left[n++].len -= of_body;
    }
    o->response = response;
    if (!uv_write(&o->write, (uv_stream_t *)&k->tcp, left, n, on_written))
        return true;
    free(o);
    return false;
}

void net_conn_send(net_conn *k, cinema_http_response *response)
{
    net_loop *l = k->loop;
    uv_buf_t parts[2] = { { .base = l->out, .len = l->out_used }, { .base = NULL, .len = 0 } };
    if (response) {
        parts[1].len = response->body_length;
        memcpy(&parts[1].base, &response->body, sizeof parts[1].base); /* libuv only reads it */
    }
    size_t total = parts[0].len + parts[1].len;
    int n = 0;
    l->out_used = 0;
    if (!k->closing && total)
        n = uv_try_write((uv_stream_t *)&k->tcp, parts, parts[1].len ? 2 : 1);
    if (n == UV_EAGAIN)
        n = 0;
    if (!k->closing && n >= 0 && (size_t)n < total && queue(k, parts, (size_t)n, response))
        return;
    if (!k->closing && (n < 0 || (size_t)n < total))
        net_conn_close(k);
    cinema_http_response_free(response);
}
