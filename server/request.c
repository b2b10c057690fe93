/* request.c - a request's memory. While it is read it borrows the loop's input buffer, in which
 * most requests begin and end; one that has to wait takes its bytes along. */
#include "net.h"

#include <stdlib.h>
#include <string.h>

enum { SPARES_MAX = 64 };

/* Every request that is read needs one of these; most have it for microseconds. */
net_request *net_request_new(net_conn *k)
{
    net_loop *l = k->loop;
    net_request *r = l->spare;
    if (r) {
        l->spare = r->next;
        l->spares--;
    } else if (!(r = malloc(sizeof *r))) {
        return NULL;
    }
    memset(r, 0, offsetof(net_request, headers));
    r->conn = k;
    r->loop = l;
    r->method = r->target = "";
    r->started_ns = uv_hrtime();
    llhttp_init(&r->parser, HTTP_REQUEST, &l->settings);
    r->parser.data = r;
    return r;
}

void net_request_free(net_request *r)
{
    net_loop *l = r->loop;
    net_pipe_close(r);
    free(r->piece);
    if (r->streaming)
        cinema_http_response_free(r->response);
    if (r->head_room)
        free(r->head);
    if (r->body_room) {
        atomic_fetch_sub(&l->server->body_bytes, r->body_room);
        free(r->body);
    }
    if (l->spares >= SPARES_MAX) {
        free(r);
        return;
    }
    r->next = l->spare;
    l->spare = r;
    l->spares++;
}

/* `p` after the bytes from `from` to `from + length` went to `to`. */
static const char *moved(const char *p, const char *from, size_t length, const char *to)
{
    return p && p >= from && p <= from + length ? to + (p - from) : p;
}

static bool keep_head(net_request *r)
{
    const char *from = r->head;
    char *to = malloc(r->head_used);
    if (!to)
        return false;
    memcpy(to, from, r->head_used);
    r->method = moved(r->method, from, r->head_used, to);
    r->target = moved(r->target, from, r->head_used, to);
    r->request_id = moved(r->request_id, from, r->head_used, to);
    for (size_t i = 0; i < r->header_count; i++) {
        r->headers[i].name = moved(r->headers[i].name, from, r->head_used, to);
        r->headers[i].value = moved(r->headers[i].value, from, r->head_used, to);
    }
    r->head = to;
    r->head_room = r->head_used;
    return true;
}

bool net_request_keep(net_request *r)
{
    if (!r->head_room && !keep_head(r))
        return false;
    if (r->pipe || r->body_room || !r->body_length)
        return true;
    const char *from = r->body;
    r->body = NULL;
    if (!net_body_room(r, r->body_length))
        return false;
    memcpy(r->body, from, r->body_length);
    return true;
}

/* Grows the body's own memory to `length` bytes or more, within what all bodies may have. */
bool net_body_room(net_request *r, size_t length)
{
    atomic_size_t *all = &r->loop->server->body_bytes;
    size_t room = r->body_room ? r->body_room : 4096;
    if (length <= r->body_room)
        return true;
    while (room < length)
        room *= 2;
    size_t more = room - r->body_room;
    if (atomic_fetch_add(all, more) + more > NET_BODIES_MAX) {
        atomic_fetch_sub(all, more);
        return false;
    }
    char *grown = realloc(r->body_room ? r->body : NULL, room);
    if (!grown) {
        atomic_fetch_sub(all, more);
        return false;
    }
    r->body = grown;
    r->body_room = room;
    return true;
}

/* What is left of the deadline after waiting for a thread; 0: nothing. */
static int64_t time_left(const net_request *r)
{
    int64_t waited = r->queued_ns ? (int64_t)((uv_hrtime() - r->queued_ns) / 1000000) : 0;
    int64_t all = r->loop->server->limits.deadline_ms;
    return waited < all ? all - waited : 0;
}

/* No more than was promised. */
static void read_piece(net_request *r)
{
    const cinema_stream *s = r->response->stream;
    int64_t all = r->response->stream_length;
    uint64_t left = all < 0 ? NET_PIECE : (uint64_t)all - r->streamed;
    size_t room = left < NET_PIECE ? (size_t)left : NET_PIECE;
    r->piece_length = room ? s->read(r->piece, room, s->user) : 0;
    if (r->piece_length > (int64_t)room)
        r->piece_length = -1;
}

void net_request_run(net_request *r)
{
    cinema *c = r->loop->server->cinema;
    const cinema_stream stream = { .read = net_pipe_read, .user = r };
    if (r->streaming) {
        read_piece(r);
        return;
    }
    cinema_http_request in = {
        .method = r->method,
        .target = r->target,
        .headers = r->headers,
        .header_count = r->header_count,
        .body = r->pipe || !r->body_length ? NULL : r->body,
        .body_length = r->pipe ? 0 : r->body_length,
        .stream = r->pipe ? &stream : NULL,
        .address = r->conn->address,
        .request_id = r->request_id,
        .deadline_ms = r->queued_ns ? time_left(r) : 0,
    };
    if (r->queued_ns && !in.deadline_ms)
        cinema_http_problem(c, 503, "timeout", "The server was too busy to answer in time.",
                            r->request_id, &r->response, NULL);
    else
        cinema_http(c, &in, &r->response, NULL);
}
