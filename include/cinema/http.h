/* http.h - the HTTP door without a socket: request in, response out.
 * The server, functions on Vercel or Netlify, tests and fuzzers call the same function. It routes,
 * checks, calls the operation and answers with JSON or problem+json (RFC 9457); ETag, conditional
 * requests, HEAD, OPTIONS, CORS and gzip are handled here. What concerns the connection is not:
 * framing, Host, time limits and connection counts belong to the transport, which has refused
 * malformed HTTP before it comes here. Follows RFC 9110 (semantics), RFC 6750 (bearer tokens).
 */
#ifndef CINEMA_HTTP_H
#define CINEMA_HTTP_H

#include <cinema/base.h>

CINEMA_BEGIN

typedef struct cinema_http_header {
    const char *name; /* any letter case in requests */
    const char *value;
} cinema_http_header;

/* What kind of work a request is, so that a server can choose a thread for it. */
typedef enum cinema_nature {
    CINEMA_NATURE_READ,     /* reads the database */
    CINEMA_NATURE_WRITE,    /* writes it: waits for the disk */
    CINEMA_NATURE_HASH,     /* costs tens of milliseconds of CPU on purpose */
    CINEMA_NATURE_OUTGOING, /* waits for somebody else's server */
    CINEMA_NATURE_STREAM,   /* raw bytes through cinema_stream */
    CINEMA_NATURE_INSTANT,  /* neither waits nor reads the database */
    CINEMA_NATURE_FORCE_INT_ = INT32_MAX
} cinema_nature;

/* Raw bytes of a STREAM operation, piece by piece: a request's body as it comes, an answer's as it
 * is asked for. `read` returns the count, 0 at the end, negative: broken off; it may wait. It is
 * always the receiver that reads, so nobody is sent more than they take; `write` is not called by
 * the HTTP door and may be NULL. */
typedef struct cinema_stream {
    int64_t (*read)(void *bytes, size_t room, void *user);
    int64_t (*write)(const void *bytes, size_t length, void *user);
    void *user;
} cinema_stream;

/* A request; everything is borrowed for the call. */
typedef struct cinema_http_request {
    const char *method; /* "GET" */
    const char *target; /* raw origin-form, "/v1/movies?limit=2", NUL-terminated */
    const cinema_http_header *headers;
    size_t header_count;
    const void *body;
    size_t body_length;
    const char *address;         /* the peer's, "127.0.0.1"; NULL: not known, never loopback.
                                    X-Forwarded-For is read here: do not read it yourself */
    const char *request_id;      /* [A-Za-z0-9._-]{1,64}; NULL: one is made */
    int64_t deadline_ms;         /* from now; 0: CINEMA_DEADLINE_MS */
    const cinema_stream *stream; /* the body of a STREAM operation; NULL: it is in `body` */
} cinema_http_request;

/* A response, free with cinema_http_response_free. The body's length is in body_length; the header
 * list holds neither Content-Length nor Date nor Connection: they are the transport's. For HEAD the
 * body is left out and `head_length` says what its length would be. */
typedef struct cinema_http_response {
    int status;
    const cinema_http_header *headers;
    size_t header_count;
    const void *body; /* NULL where there is none */
    size_t body_length, head_length;
    const char *operation; /* "movie.get"; "" where no operation was reached */
    const char *request_id;
    const char *code; /* of a problem, "not_found"; "" for success */
    /* The body where a STREAM operation answers with one, in place of `body`: read it to its end,
     * on any thread, one at a time, before the response is freed. NULL: there is none. */
    const cinema_stream *stream;
    int64_t stream_length; /* bytes that it will give, or for HEAD would; -1: not known */
    const char *trace_id;  /* of the trace that `traceparent` named, 32 hex digits; "" */
    const char *address;   /* of the client, where trusted proxies stand between; "": not known */
} cinema_http_response;

/* Answers one request. Always gives a response, whatever went wrong inside, except: NO_MEMORY (*ret
 * NULL: answer 503 by yourself) and MISUSE. Safe from any thread. */
CINEMA_API cinema_status cinema_http_sized(cinema *c, const cinema_http_request *request,
                                           size_t size, cinema_http_response **ret,
                                           cinema_error *err);
static inline cinema_status cinema_http(cinema *c, const cinema_http_request *request,
                                        cinema_http_response **ret, cinema_error *err)
{
    return cinema_http_sized(c, request, sizeof *request, ret, err);
}
CINEMA_API void cinema_http_response_free(cinema_http_response *r); /* takes NULL */

/* What a request will be, told from its method and target before its body is read. */
typedef struct cinema_http_route_info {
    cinema_nature nature;
    size_t body_max;   /* bytes; 0: a body is refused */
    bool local;        /* with this database the work is short enough for an I/O thread */
    bool found;        /* false: the answer will be 404, 405 or 400 */
    void *reserved[4]; /* NULL; for what is to come */
} cinema_http_route_info;
CINEMA_API void cinema_http_route(cinema *c, const char *method, const char *target,
                                  cinema_http_route_info *ret);

/* Whether CINEMA_TRUSTED_PROXIES has this peer: the requests that it brings are of many people, who
 * are told apart by its X-Forwarded-For, so its connections are not to be counted as one's. */
CINEMA_API bool cinema_http_is_proxy(cinema *c, const char *address);

/* A problem document for what the transport itself refuses (408, 413, 431 ...): the same form as
 * all others. `code` is a stable word; `detail` a sentence. NO_MEMORY as above. */
CINEMA_API cinema_status cinema_http_problem(cinema *c, int status, const char *code,
                                             const char *detail, const char *request_id,
                                             cinema_http_response **ret, cinema_error *err);

/* Counts that the transport keeps and /metrics shows. */
typedef enum cinema_http_gauge {
    CINEMA_HTTP_CONNECTIONS,         /* open now */
    CINEMA_HTTP_CONNECTIONS_REFUSED, /* over a limit, since start */
    CINEMA_HTTP_MALFORMED,           /* requests refused by the parser, since start */
    CINEMA_HTTP_QUEUED,              /* requests waiting for a worker now */
    CINEMA_HTTP_GAUGE_COUNT,
    CINEMA_HTTP_GAUGE_FORCE_INT_ = INT32_MAX
} cinema_http_gauge;
CINEMA_API void cinema_http_gauge_add(cinema *c, cinema_http_gauge which, int64_t delta);

CINEMA_END
#endif
