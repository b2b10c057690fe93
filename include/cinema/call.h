/* call.h - the JSON door: every operation by its name, JSON in, JSON (or events) out.
 * Bindings, the command line and the HTTP door use it. Permissions are checked here and only here:
 * the typed functions of the other headers trust their caller.
 */
#ifndef CINEMA_CALL_H
#define CINEMA_CALL_H

#include <cinema/base.h>

CINEMA_BEGIN

/* Who calls. NULL, or all zero, is nobody: only what anyone may do. */
typedef struct cinema_caller {
    const char *token;           /* bearer token; checked inside */
    const char *address;         /* of the client, "192.0.2.7"; for limits and audit */
    const char *user_agent;      /* as the client says */
    const char *language;        /* Accept-Language or a tag */
    int64_t deadline_ms;         /* from now; 0: the handle's CINEMA_DEADLINE_MS */
    const char *request_id;      /* for logs; NULL: one is made */
    const char *idempotency_key; /* Idempotency-Key of the request */
    bool system;                 /* a trusted process: may do everything. Never from the network */
} cinema_caller;

/* What an operation answered: an object, a page or nothing, or the problem document. It holds no
 * lock and no connection, and outlives nothing but its own memory. One thread at a time. */
typedef struct cinema_result cinema_result;

/* Runs one operation. `json` is its input, one object with path parameters, query and body members
 * together (`{"title_id": "ran-1985"}`); NULL or length 0: `{}`. `*ret` is set on success *and* on
 * failure (then it holds the problem document with all faults), unless memory is out: NULL. The
 * outcomes of each operation are listed by the operation `ops`. NOT_FOUND with reason
 * unknown_operation: there is no such operation. UNSUPPORTED with reason stream: it carries raw
 * bytes (an upload, say) and is called over HTTP. */
CINEMA_API cinema_status cinema_call_run_sized(cinema *c, const cinema_caller *caller, size_t size,
                                               const char *op, const char *json, size_t length,
                                               cinema_result **ret, cinema_error *err);
static inline cinema_status cinema_call_run(cinema *c, const cinema_caller *caller, const char *op,
                                            const char *json, size_t length, cinema_result **ret,
                                            cinema_error *err)
{
    return cinema_call_run_sized(c, caller, sizeof *caller, op, json, length, ret, err);
}
CINEMA_API void cinema_result_free(cinema_result *r); /* takes NULL */

/* Receives a result piece by piece, in document order. Each function returns OK or the status with
 * which to stop; it comes back unchanged. `key` precedes each value inside an object. Text is UTF-8
 * of `length` bytes. */
typedef struct cinema_emitter {
    cinema_status (*object)(void *user);
    cinema_status (*list)(void *user);
    cinema_status (*key)(const char *name, size_t length, void *user);
    cinema_status (*text)(const char *text, size_t length, void *user);
    cinema_status (*number)(int64_t n, void *user);
    cinema_status (*real)(double d, void *user);
    cinema_status (*boolean)(bool b, void *user);
    cinema_status (*null)(void *user);
    cinema_status (*end)(void *user); /* of the innermost object or list */
    void *user;
} cinema_emitter;
/* Walks a result. A result without content (204) emits null; raw bytes (a page of /docs, say) emit
 * one text. The emitter must be the whole struct. */
CINEMA_API cinema_status cinema_result_emit(const cinema_result *r, const cinema_emitter *emitter);

/* Run and emit as JSON text: `*ret` is malloc'ed, free with cinema_text_free; set on failure too
 * (the problem document), NULL when memory is out. NO_MEMORY with reason answer_lost: the operation
 * was done, its answer alone could not be written. */
CINEMA_API cinema_status cinema_call_sized(cinema *c, const cinema_caller *caller, size_t size,
                                           const char *op, const char *json, char **ret,
                                           cinema_error *err);
static inline cinema_status cinema_call(cinema *c, const cinema_caller *caller, const char *op,
                                        const char *json, char **ret, cinema_error *err)
{
    return cinema_call_sized(c, caller, sizeof *caller, op, json, ret, err);
}
CINEMA_API void cinema_text_free(char *text); /* takes NULL */

CINEMA_END
#endif
