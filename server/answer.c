/* answer.c - a response as bytes: status line and head are put together in the loop's output
 * buffer, a small body beside them, so that one write sends it all; answers to pipelined requests
 * gather there.
 */
#include "net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SMALL = 16 * 1024 }; /* a body that is copied; larger ones go out from where they are */

typedef struct cursor {
    char *at, *end; /* at NULL: it did not fit */
} cursor;

static void put(cursor *to, const char *text, size_t length)
{
    if (!to->at || length > (size_t)(to->end - to->at)) {
        to->at = NULL;
        return;
    }
    memcpy(to->at, text, length);
    to->at += length;
}
#define PUT(to, literal) put(to, literal, sizeof literal - 1)

static void put_number(cursor *to, uint64_t n)
{
    char digits[20];
    size_t i = sizeof digits;
    do
        digits[--i] = (char)('0' + n % 10);
    while (n /= 10);
    put(to, digits + i, sizeof digits - i);
}

#define LINE(status, text) [status - 200] = "HTTP/1.1 " #status " " text "\r\n"
static const char *const lines[] = {
    LINE(200, "OK"),
    LINE(201, "Created"),
    LINE(202, "Accepted"),
    LINE(204, "No Content"),
    LINE(206, "Partial Content"),
    LINE(302, "Found"),
    LINE(304, "Not Modified"),
    LINE(400, "Bad Request"),
    LINE(401, "Unauthorized"),
    LINE(403, "Forbidden"),
    LINE(404, "Not Found"),
    LINE(405, "Method Not Allowed"),
    LINE(406, "Not Acceptable"),
    LINE(408, "Request Timeout"),
    LINE(409, "Conflict"),
    LINE(412, "Precondition Failed"),
    LINE(413, "Content Too Large"),
    LINE(414, "URI Too Long"),
    LINE(415, "Unsupported Media Type"),
    LINE(416, "Range Not Satisfiable"),
    LINE(417, "Expectation Failed"),
    LINE(428, "Precondition Required"),
    LINE(429, "Too Many Requests"),
    LINE(431, "Request Header Fields Too Large"),
    LINE(500, "Internal Server Error"),
    LINE(501, "Not Implemented"),
    LINE(503, "Service Unavailable"),
    LINE(505, "HTTP Version Not Supported"),
};

static void put_status(cursor *to, int status)
{
    size_t i = (size_t)(status - 200);
    if (status >= 200 && i < sizeof lines / sizeof *lines && lines[i]) {
        put(to, lines[i], strlen(lines[i]));
        return;
    }
    PUT(to, "HTTP/1.1 ");
    put_number(to, (uint64_t)(status >= 200 && status <= 599 ? status : 500));
    PUT(to, " \r\n"); /* the phrase may be empty, its space not */
}

/* A line break inside a value would be a second field of somebody else's making: left out. */
static void put_field(cursor *to, const cinema_http_header *h)
{
    size_t name = strlen(h->name), value = strlen(h->value);
    if (memchr(h->value, '\n', value) || memchr(h->value, '\r', value))
        return;
    put(to, h->name, name);
    PUT(to, ": ");
    put(to, h->value, value);
    PUT(to, "\r\n");
}

static bool has_field(const cinema_http_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (!strcasecmp(response->headers[i].name, name))
            return true;
    return false;
}

static void put_date(cursor *to, net_clock *clock)
{
    net_clock_look(clock);
    PUT(to, "Date: ");
    put(to, clock->http, 29);
    PUT(to, "\r\n");
}

static void put_connection(cursor *to, const net_request *r, bool keep)
{
    if (!keep)
        PUT(to, "Connection: close\r\n");
    else if (r->http10)
        PUT(to, "Connection: keep-alive\r\n");
    PUT(to, "\r\n");
}

static bool bodiless(int status)
{
    return status == 204 || status == 304;
}

/* How the client will know the end of the body: by its length, by chunks, or (HTTP/1.0) because the
 * connection closes. */
static void put_length(cursor *to, const net_request *r, const cinema_http_response *response)
{
    uint64_t length = response->body_length;
    if (response->stream_length < 0) {
        if (response->stream && !r->http10)
            PUT(to, "Transfer-Encoding: chunked\r\n");
        return;
    }
    if (response->stream_length > 0)
        length = (uint64_t)response->stream_length;
    else if (r->head_only)
        length = response->head_length;
    PUT(to, "Content-Length: ");
    put_number(to, length);
    PUT(to, "\r\n");
}

/* Into loop->out; false: no room there. */
static bool put_head(net_loop *l, const net_request *r, const cinema_http_response *response,
                     bool keep)
{
    cursor to = { l->out + l->out_used, l->out + NET_BUFFER };
    put_status(&to, response->status);
    for (size_t i = 0; i < response->header_count; i++)
        put_field(&to, &response->headers[i]);
    if (response->status == 503 && !has_field(response, "Retry-After"))
        PUT(&to, "Retry-After: 1\r\n");
    put_date(&to, &l->clock);
    if (!bodiless(response->status))
        put_length(&to, r, response);
    put_connection(&to, r, keep);
    if (to.at)
        l->out_used = (size_t)(to.at - l->out);
    return to.at;
}

/* When there is no memory for a problem document, or no room for what the library answered. */
static void put_plain(net_loop *l, const char *text)
{
    size_t n = strlen(text);
    memcpy(l->out + l->out_used, text, n);
    l->out_used += n;
}

static bool put_any_head(net_conn *k, const cinema_http_response *response, bool keep)
{
    net_loop *l = k->loop;
    const net_request *r = k->request;
    if (response && put_head(l, r, response, keep))
        return true;
    net_conn_send(k, NULL); /* those before it */
    if (k->closing)
        return false;
    if (response && put_head(l, r, response, keep))
        return true;
    k->last = true;
    put_plain(l, response ? "HTTP/1.1 500 Internal Server Error\r\n"
                          : "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n");
    put_plain(l, "Content-Length: 0\r\nConnection: close\r\n\r\n");
    return false;
}

static void put_body(net_conn *k, cinema_http_response *response)
{
    net_loop *l = k->loop;
    if (response->body_length > SMALL || response->body_length > NET_BUFFER - l->out_used) {
        net_conn_send(k, response);
        return;
    }
    memcpy(l->out + l->out_used, response->body, response->body_length);
    l->out_used += response->body_length;
    cinema_http_response_free(response);
}

/* ---- answers that stream
 * ---------------------------------------------------------------------------------------- */

static bool chunked(const net_request *r)
{
    return r->response->stream_length < 0 && !r->http10;
}

/* The head is out. From now on the response belongs to the request. */
static void stream_begin(net_conn *k, cinema_http_response *response)
{
    net_request *r = k->request;
    r->response = response;
    r->streaming = true;
    r->piece = malloc(NET_PIECE);
    net_conn_send(k, NULL);
    if (!k->closing && r->piece)
        net_answer_pull(k);
    else
        net_conn_close(k);
}

static void stream_end(net_conn *k)
{
    net_request *r = k->request;
    if (chunked(r))
        put_plain(k->loop, "0\r\n\r\n");
    k->last = k->last || !r->keep_alive;
    net_access_line(k->loop, k, r->response, r->streamed);
    net_request_free(r);
    k->request = NULL;
    net_conn_state(k, NET_IDLE);
}

/* Nobody waits on a thread for a client that reads slowly: each piece is asked for anew. */
void net_answer_pull(net_conn *k)
{
    net_request *r = k->request;
    if (uv_stream_get_write_queue_size((const uv_stream_t *)&k->tcp)) {
        net_conn_writing(k);
        return;
    }
    k->busy = true;
    net_conn_state(k, NET_WORK);
    if (net_pool_submit(&k->loop->server->stream, r))
        return;
    k->busy = false;
    net_conn_close(k);
}

/* Less than was promised, or an end that is none: the connection ends, so that the client knows. */
void net_answer_piece(net_conn *k)
{
    net_request *r = k->request;
    net_loop *l = k->loop;
    int64_t n = r->piece_length, all = r->response->stream_length;
    if (n < 0 || (!n && all >= 0 && r->streamed < (uint64_t)all)) {
        net_access_line(l, k, r->response, r->streamed);
        net_conn_close(k);
        return;
    }
    if (!n) {
        stream_end(k);
        return;
    }
    cursor to = { l->out + l->out_used, l->out + NET_BUFFER };
    char size[24];
    if (chunked(r))
        put(&to, size, (size_t)snprintf(size, sizeof size, "%llx\r\n", (unsigned long long)n));
    put(&to, r->piece, (size_t)n);
    if (chunked(r))
        PUT(&to, "\r\n");
    l->out_used = (size_t)(to.at - l->out);
    r->streamed += (uint64_t)n;
    net_conn_send(k, NULL);
    if (!k->closing && all >= 0 && r->streamed == (uint64_t)all)
        stream_end(k);
    else if (!k->closing)
        net_answer_pull(k);
}

/* ---- all answers
 * ------------------------------------------------------------------------------------------------
 */

void net_answer(net_conn *k, cinema_http_response *response)
{
    net_request *r = k->request;
    bool open_end = response && response->stream && response->stream_length < 0 && r->http10;
    bool keep = r->keep_alive && !open_end &&
                !atomic_load_explicit(&k->loop->server->stopping, memory_order_relaxed);
    bool fits = put_any_head(k, response, keep);
    if (k->closing) {
        cinema_http_response_free(response);
        return;
    }
    if (fits && response->stream && !bodiless(response->status)) {
        r->keep_alive = keep;
        stream_begin(k, response);
        return;
    }
    bool body = fits && !r->head_only && !bodiless(response->status) && response->body_length;
    net_access_line(k->loop, k, fits ? response : NULL, body ? response->body_length : 0);
    net_request_free(r);
    k->request = NULL;
    k->last = k->last || !keep;
    net_conn_state(k, NET_IDLE);
    if (body)
        put_body(k, response);
    else
        cinema_http_response_free(response);
}
