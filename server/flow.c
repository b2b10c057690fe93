/* flow.c - what happens on a connection: bytes come, become requests, are answered one after the
 * other in their order. Nothing here waits, and nothing calls itself: each event runs `feed` over
 * what there is, then `settle` says where the connection stands.
 */
#include "net.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static bool sending(const net_conn *k)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&k->tcp) > 0;
}

/* Whether bytes can be used now. Not while an answer is on its way: a client that does not read
 * gets no more requests read. A body that streams is taken as fast as its worker reads it. */
static bool takes(const net_conn *k)
{
    if (k->closing || k->last)
        return false;
    return k->state == NET_STREAM ? !k->request->pipe->paused : k->state <= NET_BODY && !sending(k);
}

static cinema_http_response *problem(net_conn *k, const net_refusal *why)
{
    cinema_http_response *response = NULL;
    cinema_http_problem(k->loop->server->cinema, why->status, why->code, why->detail,
                        k->request->request_id, &response, NULL);
    return response;
}

/* The end of the connection: where the next request would begin is not known. */
static void refuse(net_conn *k, const net_refusal *why)
{
    static const int malformed[] = { 400, 414, 417, 431, 501, 505 };
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
        if (why->status == malformed[i])
            cinema_http_gauge_add(k->loop->server->cinema, CINEMA_HTTP_MALFORMED, 1);
    k->request->keep_alive = false;
    k->linger = true;
    net_answer(k, problem(k, why));
}

static const net_refusal *too_slow(void)
{
    return NET_REFUSE(408, "too_slow", "The request did not arrive in time.");
}

static const net_refusal *overloaded(void)
{
    return NET_REFUSE(503, "overloaded", "The server has too much to do. Try again in a moment.");
}

static net_pool *pool_of(net_server *s, cinema_nature nature)
{
    if (nature == CINEMA_NATURE_HASH)
        return &s->hash;
    return nature == CINEMA_NATURE_STREAM ? &s->stream : &s->work;
}

/* With the request's memory its own, it goes to a worker; net_flow_done brings it back. */
static bool submit(net_conn *k, net_request *r, net_state state)
{
    if (!net_request_keep(r))
        return false;
    r->queued_ns = uv_hrtime();
    k->busy = true;
    net_conn_state(k, state);
    if (net_pool_submit(pool_of(k->loop->server, r->route.nature), r))
        return true;
    k->busy = false;
    return false;
}

static void hand_over(net_conn *k, net_request *r)
{
    net_conn_send(k, NULL); /* answers to those before it */
    if (k->closing || submit(k, r, NET_WORK))
        return;
    net_answer(k, problem(k, overloaded())); /* all of the request is here: others may follow */
}

/* Its worker begins before the body is here. */
static const net_refusal *stream_start(net_conn *k, net_request *r)
{
    net_conn_send(k, NULL);
    if (k->closing)
        return NULL;
    k->mark = 0;
    return net_pipe_open(r) && submit(k, r, NET_STREAM) ? NULL : overloaded();
}

/* Short work is done here: handing it to another thread and back would cost more. */
static void dispatch(net_conn *k, net_request *r)
{
    cinema_nature nature = r->route.nature;
    if (r->route.found && nature != CINEMA_NATURE_INSTANT &&
        !(nature == CINEMA_NATURE_READ && r->route.local)) {
        hand_over(k, r);
        return;
    }
    net_request_run(r);
    net_answer(k, r->response);
}

/* What the request wants is known, its body not here yet: decides whether it may come. */
static const net_refusal *judge_body(net_request *r)
{
    const net_limits *limits = &r->loop->server->limits;
    net_conn *k = r->conn;
    size_t stray = limits->body_max < NET_STRAY_BODY ? limits->body_max : NET_STRAY_BODY;
    bool comes = r->chunked || r->content_length;
    bool wanted = r->route.found && r->route.body_max;
    r->body_max = wanted ? r->route.body_max : stray;
    r->body_done = !comes;
    if (!comes || (r->content_length <= r->body_max && (wanted || !r->expects)))
        return NULL;
    if (r->route.found)
        return NET_REFUSE(413, "too_large", "The body is larger than this operation takes.");
    r->body_done = r->skip_body = k->linger = true; /* 404, 405: no need to see the body */
    return NULL;
}

static const net_refusal *head_done(net_request *r)
{
    const net_refusal *why = net_fields_read(r);
    if (why)
        return why;
    cinema_http_route(r->loop->server->cinema, r->method, r->target, &r->route);
    r->keep_alive = llhttp_should_keep_alive(&r->parser);
    why = judge_body(r);
    r->keep_alive = r->keep_alive && !r->skip_body;
    return why;
}

/* `100 Continue`, once, when the client waits for it. */
static void encourage(net_conn *k, net_request *r)
{
    static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    net_loop *l = k->loop;
    if (!r->expects || r->body_length || r->wire)
        return;
    r->expects = false;
    if (NET_BUFFER - l->out_used < sizeof line)
        net_conn_send(k, NULL);
    memcpy(l->out + l->out_used, line, sizeof line - 1);
    l->out_used += sizeof line - 1;
}

/* Not all of the request is here: it waits in its own memory, under the deadline of its state. */
static void wait_for_more(net_conn *k, net_request *r)
{
    if (!r->head_done) {
        if (k->state != NET_HEAD)
            net_conn_state(k, NET_HEAD);
        return;
    }
    if (k->state != NET_BODY)
        net_conn_state(k, NET_BODY);
    encourage(k, r);
    if (!k->closing && !net_request_keep(r))
        refuse(k, overloaded());
}

static bool streams(const net_request *r)
{
    return r->route.found && r->route.nature == CINEMA_NATURE_STREAM && r->route.body_max;
}

/* The worker is told that no more will come; it comes back with an answer that is not used. */
static void stream_break(net_conn *k, net_request *r, const net_refusal *why)
{
    r->broken = why;
    net_pipe_end(r->pipe, true);
    net_conn_state(k, NET_WORK);
}

static void stream_goes_on(net_conn *k, net_request *r)
{
    if (r->body_done) {
        net_pipe_end(r->pipe, false);
        net_conn_state(k, NET_WORK);
    } else if (r->pipe->paused) {
        net_conn_reading(k, false); /* until net_flow_wanted */
    }
}

/* Takes bytes for one request and acts on it; returns how many were used. */
static size_t take(net_conn *k, char *bytes, size_t length)
{
    const net_refusal *why = NULL;
    net_request *r = k->request;
    size_t used = 0;
    if (!r && !(r = k->request = net_request_new(k))) {
        net_conn_close(k);
        return length;
    }
    if (!r->head_done) {
        used = net_head_take(r, bytes, length, &why);
        if (!why && r->head_done)
            why = head_done(r);
        if (!why && r->head_done && !r->body_done && streams(r))
            why = stream_start(k, r);
        if (k->closing)
            return length;
    }
    if (!why && r->head_done && !r->body_done && takes(k))
        used += net_body_take(r, bytes + used, length - used, &why);
    if (k->busy && why)
        stream_break(k, r, why);
    else if (k->busy)
        stream_goes_on(k, r);
    else if (why)
        refuse(k, why);
    else if (r->body_done)
        dispatch(k, r);
    else
        wait_for_more(k, r);
    return used;
}

static size_t feed(net_conn *k, char *bytes, size_t length)
{
    size_t used = 0;
    for (int i = 0; i < NET_TURN_REQUESTS && used < length && takes(k); i++)
        used += take(k, bytes + used, length - used);
    if (k->last && used < length)
        k->linger = true; /* sent after a request that was the last */
    return used;
}

/* The last answer is out. Closing with unread bytes would make the kernel reset the connection, and
 * the client might never see the answer: our side ends, theirs is read for a while. */
static void finish(net_conn *k)
{
    uv_os_fd_t fd;
    if (!k->linger || k->eof || uv_fileno((uv_handle_t *)&k->tcp, &fd)) {
        net_conn_close(k);
        return;
    }
    shutdown(fd, SHUT_WR);
    free(k->pending);
    k->pending = NULL;
    net_conn_state(k, NET_LINGER);
    net_conn_reading(k, true);
}

/* After any work on a connection: everything goes out that can. */
static void settle(net_conn *k)
{
    if (k->loop->out_used)
        net_conn_send(k, NULL);
    if (k->closing || k->busy)
        return;
    if (sending(k))
        net_conn_writing(k);
    else if (k->last)
        finish(k);
}

static void keep(net_conn *k, const char *bytes, size_t length)
{
    if (!(k->pending = malloc(length))) {
        net_conn_close(k);
        return;
    }
    memcpy(k->pending, bytes, length);
    k->pending_length = length;
    k->pending_at = 0;
    net_conn_reading(k, false);
}

/* Requests that arrived behind the one just answered. The buffer is ours meanwhile: closing the
 * connection frees what hangs on it. */
static void replay(net_conn *k)
{
    char *bytes = k->pending;
    k->pending = NULL;
    k->pending_at += feed(k, bytes + k->pending_at, k->pending_length - k->pending_at);
    if (!k->closing && !k->last && k->pending_at < k->pending_length)
        k->pending = bytes;
    else
        free(bytes);
    settle(k);
}

/* More has come than one turn allows: who sends a thousand requests at once waits for those who
 * send one. */
static void wait_for_turn(net_conn *k)
{
    net_conn_state(k, NET_TURN);
    net_loop_turns(k->loop);
}

/* An answer is out: on to what has arrived meanwhile, or to what will. */
static void go_on(net_conn *k)
{
    if (k->pending && takes(k))
        replay(k);
    if (!takes(k))
        return;
    if (k->pending)
        wait_for_turn(k);
    else if (k->eof)
        net_conn_close(k);
    else
        net_conn_reading(k, true);
}

void net_flow_turn(net_conn *k)
{
    net_conn_state(k, NET_IDLE);
    go_on(k);
}

static void answer_done(net_conn *k, net_request *r)
{
    if (r->broken) {
        cinema_http_response_free(r->response);
        refuse(k, r->broken);
        return;
    }
    if (r->pipe && !r->body_done) { /* it did not want to see all of it */
        r->keep_alive = false;
        k->linger = true;
    }
    net_answer(k, r->response);
}

void net_flow_done(net_conn *k)
{
    k->busy = false;
    if (k->request->streaming)
        net_answer_piece(k);
    else
        answer_done(k, k->request);
    settle(k);
    go_on(k);
}

void net_flow_wanted(net_conn *k)
{
    net_request *r = k->request;
    if (k->state != NET_STREAM)
        return;
    net_pipe_go_on(r->pipe);
    k->mark = r->body_length;
    net_conn_state(k, NET_STREAM);
    encourage(k, r);
    if (k->loop->out_used)
        net_conn_send(k, NULL);
    go_on(k);
}

/* While the worker has enough to read the client is not to blame. */
void net_flow_check_rate(net_conn *k)
{
    net_request *r = k->request;
    const net_limits *limits = &k->loop->server->limits;
    uint64_t least = limits->body_rate * limits->body_ms / 1000;
    if (!r->pipe->paused && r->body_length - k->mark < least) {
        stream_break(k, r, too_slow());
        return;
    }
    k->mark = r->body_length;
    net_conn_state(k, NET_STREAM);
}

void net_flow_written(net_conn *k)
{
    if (k->last) {
        finish(k);
        return;
    }
    if (k->request && k->request->streaming) {
        net_answer_pull(k);
        return;
    }
    const net_request *r = k->request; /* part of one, behind those that are answered */
    net_conn_state(k, !r ? NET_IDLE : r->head_done ? NET_BODY : NET_HEAD);
    go_on(k);
}

void net_flow_too_slow(net_conn *k)
{
    refuse(k, too_slow());
    settle(k);
}

/* The client sends no more. It may still want the answer to what it has sent. */
static void ended(net_conn *k, ssize_t why)
{
    k->eof = true;
    k->reading = false;
    bool complete = (k->busy && k->state != NET_STREAM) || k->state == NET_WRITE;
    if (why == UV_EOF && complete)
        return;
    net_conn_close(k);
}

void net_flow_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    net_conn *k = (net_conn *)stream;
    if (n < 0) {
        ended(k, n);
        return;
    }
    if (k->state == NET_LINGER) {
        k->lingered += (size_t)n;
        if (k->lingered > NET_LINGER_MAX)
            net_conn_close(k);
        return;
    }
    size_t length = (size_t)n, used = feed(k, buffer->base, length);
    settle(k);
    if (k->closing || k->state == NET_LINGER || used == length)
        return;
    keep(k, buffer->base + used, length - used);
    if (takes(k))
        wait_for_turn(k);
}
