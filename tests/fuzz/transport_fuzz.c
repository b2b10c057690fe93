/* transport_fuzz.c - bytes of a connection through the server's parser (server/head.c, fields.c,
 * body.c): what is read does not depend on how the bytes were cut on their way, nothing that was
 * not sent is in it, and the library answers it. The input: a byte for the size of the pieces, then
 * what a client sends.
 */
#include "fuzz/fuzz_help.h"

#include "server/net.h"

#include <string.h>

/* A request as far as it came: refused, complete, or waiting for more. */
typedef struct reading {
    net_request *request;
    const net_refusal *why;
    char *bytes; /* the last piece, which the request may borrow */
} reading;

static net_server server;
static net_loop loop;
static net_conn conn;

static void start(void)
{
    if (server.cinema)
        return;
    server.cinema = fuzz_handle();
    server.limits.body_max = 1 << 20;
    server.limits.deadline_ms = 5000;
    loop.server = &server;
    net_body_settings(&loop.settings);
    conn.loop = &loop;
    memcpy(conn.address, "192.0.2.7", sizeof "192.0.2.7");
}

/* As flow.c does it between head and body. */
static const net_refusal *head_done(net_request *r)
{
    const net_refusal *why = net_fields_read(r);
    if (why)
        return why;
    cinema_http_route(server.cinema, r->method, r->target, &r->route);
    r->body_max = r->route.body_max ? r->route.body_max : NET_STRAY_BODY;
    r->body_done = !r->chunked && !r->content_length;
    return r->content_length > r->body_max ? NET_REFUSE(413, "too_large", "") : NULL;
}

static void take(reading *g, char *bytes, size_t length)
{
    net_request *r = g->request;
    size_t used = 0;
    if (!r->head_done) {
        used = net_head_take(r, bytes, length, &g->why);
        HOLDS(used <= length);
        if (!g->why && r->head_done)
            g->why = head_done(r);
    }
    if (!g->why && r->head_done && !r->body_done) {
        used += net_body_take(r, bytes + used, length - used, &g->why);
        HOLDS(used <= length && r->body_length <= r->body_max);
    }
}

/* Pieces lie in memory of their own size, gone when the next one comes. */
static void read_pieces(reading *g, const uint8_t *data, size_t size, size_t piece)
{
    g->request = net_request_new(&conn);
    HOLDS(g->request);
    for (size_t at = 0; at < size && !g->why && !g->request->body_done; at += piece) {
        size_t n = size - at < piece ? size - at : piece;
        if (g->bytes && g->request->head_done)
            HOLDS(net_request_keep(g->request));
        free(g->bytes);
        g->bytes = malloc(n);
        HOLDS(g->bytes);
        memcpy(g->bytes, data + at, n);
        take(g, g->bytes, n);
    }
}

static void same_text(const char *a, const char *b)
{
    HOLDS(!a == !b && (!a || !strcmp(a, b)));
}

static void compare(const reading *a, const reading *b)
{
    const net_request *x = a->request, *y = b->request;
    HOLDS(!a->why == !b->why); /* of two faults, pieces may show the second one first */
    if (a->why)
        return;
    HOLDS(x->head_done == y->head_done && x->body_done == y->body_done);
    if (!x->head_done)
        return;
    same_text(x->method, y->method);
    same_text(x->target, y->target);
    same_text(x->request_id, y->request_id);
    HOLDS(x->header_count == y->header_count && x->body_length == y->body_length);
    for (size_t i = 0; i < x->header_count; i++) {
        same_text(x->headers[i].name, y->headers[i].name);
        same_text(x->headers[i].value, y->headers[i].value);
    }
    HOLDS(!x->body_length || !memcmp(x->body, y->body, x->body_length));
}

static void run(net_request *r)
{
    net_request_run(r);
    HOLDS(r->response && r->response->status >= 200 && r->response->status != 500);
    cinema_http_response_free(r->response);
}

static void end(reading *g)
{
    net_request_free(g->request);
    free(g->bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    reading whole = { 0 }, cut = { 0 };
    if (size < 2)
        return 0;
    start();
    read_pieces(&whole, data + 1, size - 1, size - 1);
    read_pieces(&cut, data + 1, size - 1, 1 + data[0] % 32);
    compare(&whole, &cut);
    if (!cut.why && cut.request->body_done)
        run(cut.request);
    end(&whole);
    end(&cut);
    return 0;
}
