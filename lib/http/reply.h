/* reply.h - a response in the making: one allocation for everything but the body.
 */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "base/buffer.h"
#include "http/proxy.h"
#include "http/target.h"
#include "http/trace.h"

enum { REPLY_HEADERS = 24, PLACE_MAX = 320, ORIGIN_MAX = 264, POLICY_MAX = 20, LIMIT_TEXT = 80 };

typedef struct reply {
    cinema_http_response response; /* first: what callers see */
    cinema_http_header headers[REPLY_HEADERS];
    char *body;              /* malloc'ed */
    char *location, *cookie; /* likewise: header values too long for a place here */
    cinema_stream stream;
    void (*stream_done)(void *user);
    char request_id[72], code[40], tag[72], place[PLACE_MAX], origin[ORIGIN_MAX];
    char trace_id[TRACE_ID + 1], trace[64]; /* trace: the header */
    char limit[LIMIT_TEXT], policy[LIMIT_TEXT], retry[24];
    char address[ADDRESS_TEXT]; /* that a proxy has told */
    char room[];                /* text of the request, decoded */
} reply;

/* With the headers that all responses have; `room` bytes for text. NULL: no memory. */
reply *reply_new(cinema *c, const char *request_id, size_t room);

/* The name is a constant; the value has to live as long as the reply. */
void reply_header(reply *p, const char *name, const char *value);
/* Takes the buffer's bytes over. */
void reply_body(reply *p, buffer *b, const char *content_type);
/* Takes the result's stream over. */
struct cinema_result;
void reply_stream(reply *p, struct cinema_result *r, const char *content_type);
/* For HEAD the length is told and the body kept back. */
void reply_without_body(reply *p);
/* `name: base + value`, the value percent-encoded where needed; nothing where it does not fit. */
void reply_place(reply *p, const char *name, const char *base, const char *value);
/* Location and Set-Cookie of the result, taken over. */
void reply_redirect(reply *p, struct cinema_result *r);
/* As packed by gzip.h; malloc'ed, taken over. */
void reply_gzip(reply *p, char *packed, size_t length);
/* It belongs to a trace that began elsewhere; ours is a span of its own in it. */
void reply_trace(reply *p, cinema *c, const char *traceparent);
/* RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers). */
void reply_limit(reply *p, const limit_verdict *v);
void reply_retry_after(reply *p, int64_t seconds);
void reply_varies_by_origin(reply *p);
/* Makes it a problem document (RFC 9457). NO_MEMORY. */
cinema_status reply_problem(reply *p, const refusal *why);
/* A 401 says how to sign in, a 429 or 503 when to come back. `token`: one was sent, and is bad. */
void reply_advice(reply *p, bool token);

/* "Method not allowed" */
const char *problem_title(int http);

#endif
