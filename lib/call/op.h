/* op.h - operations: one row says all there is to say about one.
 * Each room has a table `cinema__<subject>_ops` in its <subject>_ops.c, found by the build. Router,
 * permission checks, validation, OpenAPI document and bindings are derived from the rows.
 */
#ifndef CALL_OP_H
#define CALL_OP_H

#include "base/field.h"
#include "base/handle.h"
#include "port/db/db.h"

#include <cinema/http.h>

/* Short names for the tables. */
#define READ CINEMA_NATURE_READ
#define WRITE CINEMA_NATURE_WRITE
#define HASH CINEMA_NATURE_HASH
#define OUTGOING CINEMA_NATURE_OUTGOING
#define STREAM CINEMA_NATURE_STREAM
#define INSTANT CINEMA_NATURE_INSTANT

#define ANYONE "" /* permission: no sign-in needed */
#define SIGNED_IN                                                                                  \
    "signed_in"         /* permission: an account's own affairs; anybody who has signed in         \
                         */
#define SYSTEM "system" /* permission: trusted processes only, never over the network */

enum {
    ETAG = 1,       /* answers carry one; If-None-Match and If-Match are honoured */
    IDEMPOTENT = 2, /* a POST that takes an Idempotency-Key: its answer is kept for a day, so it may
                     * hold no token or secret, and it writes in one transaction */
    PAGE = 4,       /* answers a page of `output` records */
    LOOPBACK = 8, /* over HTTP for loopback without forwarding headers only, or by its own token */
    REDIRECT =
        32, /* answers 302 with op_redirect; alone sees the request's cookies and may set one */
    OTHERS_QUERY = 64, /* its query is written by others: what it does not know is passed over */
    UNLIMITED = 16     /* not counted by the limit on requests: monitors and balancers ask for it */
};

/* What an IDEMPOTENT operation adds to its outcomes. */
#define IDEMPOTENT_OUTCOMES "conflict:idempotency_mismatch conflict:idempotency_in_progress"

/* What a limiter says of a request: of all limits that hold the one that is nearest. */
typedef struct limit_verdict {
    const char *policy; /* its name, a word such as "requests"; NULL: none holds */
    int64_t quota, window_s, remaining, reset_s;
    bool refused;
} limit_verdict;

/* Who a caller turned out to be. */
typedef struct identity {
    bool known, system;
    const char *name;        /* stands for the account in what is kept per caller; NULL: nobody */
    const char *permissions; /* words with spaces between; "*" is every one */
    int64_t account_nr;      /* 0: no account, such as the set-up token or a system's */
    const char *account_id;  /* its id as text; NULL: none */
    const char *session_id;  /* NULL: none, such as another issuer's token */
    int64_t auth_at;         /* when the person last proved who they are */
} identity;

typedef struct op op;
typedef struct op_call op_call;

/* A path parameter or query parameter as text. */
typedef struct op_param {
    const char *name, *value;
} op_param;

enum { OP_PARAMS_MAX = 8, OP_QUERY_MAX = 32 };

struct op_call {
    cinema *cinema;
    const op *op;
    const cinema_caller *caller; /* never NULL */
    identity who;
    arena *arena; /* of the call: input lives here */
    void *body;   /* json_t that texts of the input belong to; freed with the call */
    void *input;  /* the op's input struct, checked; NULL where it has none */
    op_param params[OP_PARAMS_MAX];
    size_t param_count;
    const char *cookies;         /* of a REDIRECT operation, as the request has them; NULL: none */
    const cinema_stream *stream; /* the body of a STREAM operation; NULL: there is none */
    uint64_t received;           /* bytes of it so far */
    cinema_result *result;
    cinema_error *err;
};

struct op {
    const char *name;          /* "movie.get" */
    const char *method, *path; /* "GET", "/v1/movies/{title_id}"; NULL path: not over HTTP */
    int success;               /* 200, 201, 202 or 204 */
    int success_too;           /* another one that its function may set; 0: none */
    const char *permission;
    cinema_nature nature;
    const field_table *input; /* body of POST, PUT and PATCH, and of a DELETE with body_max; query
                               * of GET, STREAM and other DELETEs */
    const field_table *output;
    cinema_status (*function)(op_call *k);
    /* Writes the ETag's inside ("7.431") at the cost of one small read; lets 304 be cheap. */
    cinema_status (*version)(op_call *k, char tag[64]);
    const char *location; /* "/v1/movies/": where an answer with an id is found */
    const char *summary;
    const char *outcomes; /* words, or outcome:reason, that this operation adds */
    unsigned flags;
    size_t body_max;          /* bytes; 0: CINEMA_BODY_MAX where there is an input */
    const char *content_type; /* of raw answers; NULL: JSON */
    const char *accepts;      /* media types of a STREAM body, spaces between; NULL: any */
    const char *cache;        /* Cache-Control of what it answers; NULL: as its ETag lets it be */
};

extern const op *const cinema__op_tables[]; /* generated; ends in NULL */
/* Walks all operations: NULL starts, NULL ends. */
const op *op_next(const op *o);
const op *op_named(const char *name);

/* What every page begins with; the typed pages of the public headers have the same members. */
typedef struct op_page {
    const void *const *items;
    size_t count;
    const char *next;
    int64_t total; /* CINEMA_ABSENT unless asked for */
    bool total_capped;
} op_page;

/* ---- for handlers
 * -------------------------------------------------------------------------------- */

/* A path parameter. Never NULL for one that the path names. */
const char *op_text(const op_call *k, const char *name);
bool op_may(const op_call *k, const char *permission);
/* Leaves a record or page in the result, which frees it with record_free; returns OK. */
cinema_status op_give(op_call *k, const void *record);
/* The same with raw bytes of the op's content_type. Takes over `text` (malloc'ed). */
cinema_status op_give_raw(op_call *k, char *text, size_t length);
/* The next bytes of a STREAM operation's body, as many as have come; waits for them. *got 0: the
 * end. The deadline of the call counts anew from here. TOO_LARGE: more than op->body_max.
 * CANCELLED: the body broke off. */
cinema_status op_read(op_call *k, void *bytes, size_t room, size_t *got);
/* Answers a STREAM operation with bytes of op->content_type. `body` is read when the call has
 * ended, on other threads; `done` (may be NULL) is called with its user when that is over, also
 * when the call fails after this. `length` -1: not known beforehand. */
cinema_status op_give_stream(op_call *k, cinema_stream body, int64_t length,
                             void (*done)(void *user));
/* Names what is answered where there is no record to tell, as a `version` knows it: an answer 304
 * says its Content-Location by it. */
void op_name(op_call *k, const char *id, const char *slug);
/* Where a REDIRECT operation sends the browser; copied. NO_MEMORY. */
cinema_status op_redirect(op_call *k, const char *location);
/* Its Set-Cookie, also where it fails; copied. NO_MEMORY. */
cinema_status op_set_cookie(op_call *k, const char *cookie);
/* With another status than op->success, such as op->success_too. */
void op_status(op_call *k, int http);

/* ---- for what repeats a call --------------------------------------------------------------------
 */

/* A hash of the call's input: path parameters and body, whatever the order of its members. */
cinema_status op_fingerprint(const op_call *k, unsigned char sum[32]);

/* An answer as it is kept; texts are "" or NULL where there is none. */
typedef struct op_answer {
    int http;
    const char *tag, *id, *json;
} op_answer;
cinema_status op_answered(op_call *k, op_answer *ret); /* of the call; in its arena */
/* Answers as the first time. */
cinema_status op_replay(op_call *k, const op_answer *first);

/* ---- for the doors
 * --------------------------------------------------------------------------------- */

/* What a door hands over: path parameters and query as text, body as JSON text not yet read. Path
 * parameters come first; those after `path_params` are of the query. */
typedef struct op_input {
    op_param params[OP_PARAMS_MAX + OP_QUERY_MAX];
    size_t path_params, count;
    const char *json;
    size_t json_length;
    const char *revision;        /* of If-Match; NULL: none */
    const char *if_none;         /* If-None-Match; NULL: none */
    const char *cookies;         /* of a REDIRECT operation: the header Cookie; NULL: none */
    const cinema_stream *stream; /* of a STREAM operation */
} op_input;

/* Runs an operation. `*ret` as cinema_call_run says. */
cinema_status op_run(cinema *c, const cinema_caller *caller, const op *o, op_input *in,
                     cinema_result **ret, cinema_error *err);

/* Fills k->input (and path parameters, for the JSON door) from `in`; faults are gathered. */
cinema_status input_read(op_call *k, const op_input *in, faults *list, cinema_error *err);
/* CREATE for POST, PUT and a DELETE that takes a body, UPDATE for PATCH, else QUERY; so is STREAM,
 * whose body is bytes. */
field_mode op_mode(const op *o);

#endif
