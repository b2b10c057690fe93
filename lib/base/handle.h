/* handle.h - what hangs on a `cinema`.
 * Base owns the struct and its settings; each layer above keeps one pointer of its own in it.
 */
#ifndef BASE_HANDLE_H
#define BASE_HANDLE_H

#include "base/clock.h"
#include "base/config.h"
#include "base/uuid.h"

#include <pthread.h>
#include <stdatomic.h>

struct arena;
struct identity;
struct op_call;
struct op;
struct limit_verdict;
struct cinema_caller;

struct cinema {
    unsigned generation; /* of the process: another after fork */
    config *config;
    int64_t deadline_ms; /* CINEMA_DEADLINE_MS */

    cinema_log_fn log;
    void *log_user;

    /* Replaced by tests that need every run alike; NULL: the real ones. */
    int64_t (*wall_ms)(void *user);
    void (*random)(void *bytes, size_t n, void *user);
    void *seed;

    pthread_mutex_t lock; /* of the two below */
    uint64_t last_id_ms;  /* ids of one millisecond keep their order */
    unsigned last_id_count;

    /* Who is behind a caller; the auth room's, for the doors. */
    cinema_status (*identify)(cinema *c, const struct cinema_caller *caller, struct arena *a,
                              struct identity *ret, cinema_error *err);
    /* The same for the token of another issuer; the oauth room's. */
    cinema_status (*identify_other)(cinema *c, const struct cinema_caller *caller, struct arena *a,
                                    struct identity *ret, cinema_error *err);
    /* Runs an operation at most once for the caller's key; the idempotency room's. */
    cinema_status (*run_once)(struct op_call *k);
    /* Whether a request over HTTP may pass, asked before its operation. Without a shared key-value
     * store short work only, for it is asked on the I/O threads. A failure lets it pass. NULL:
     * there are no limits. */
    cinema_status (*limit)(cinema *c, const struct op *o, const struct cinema_caller *caller,
                           struct limit_verdict *ret, cinema_error *err);
    struct db *db;               /* port/db/db.c */
    struct kv *kv_local;         /* port/kv/kv.c: in this process, always there */
    struct kv *kv_shared;        /* of all processes; NULL: no such service is set */
    struct blob *blob;           /* port/blob/blob.c */
    _Atomic(int64_t) kv_lost_at; /* when it was last logged that the service is away */
    /* Refuses a schema newer than this library, before the first use; admin/migrate.c. */
    cinema_status (*schema_check)(cinema *c, cinema_error *err);
    _Atomic(bool) schema_known;
    pthread_mutex_t seal_lock; /* base/seal.c: of the two below */
    bool seal_known;
    unsigned char seal_key[32];
    struct mail_state *mail;      /* port/mail/mail.c */
    struct outbox_bell *bell;     /* outbox/bell.c: rings when there is something to do */
    _Atomic(int64_t) swept_at;    /* worker/worker.c: when rooms last removed what has expired */
    _Atomic(int64_t) worker_ends; /* 0, or a moment by which work for later has to stop */
    /* Does what this thread has just written to the outbox; the worker room's, with CINEMA_OUTBOX
     * inline. */
    void (*work_inline)(cinema *c);
    struct session_state *session; /* session/: keys, what was verified a moment ago */
    struct http_state *http;       /* http/: counters */
    struct issuer_state *issuers;  /* issuer/source.h: others' keys */
    struct cursor_key *cursors;    /* call/cursor.c: read from the database when first needed */
};

/* MISUSE after fork or close. */
cinema_status handle_check(const cinema *c, cinema_error *err);
/* Counts forks; starts what a process needs once. 0: there is no randomness to be had. */
unsigned cinema__generation(void);

/* Wall time and random bytes of this handle. */
int64_t now_ms(cinema *c);
void random_bytes(cinema *c, void *bytes, size_t n);
/* UUIDv7 (RFC 9562), in the order in which they are asked for within this handle. */
void uuid_new(cinema *c, uuid *ret);

/* One line for the log; cut at 1,000 bytes, control characters are spaces. */
__attribute__((format(printf, 3, 4))) void log_line(cinema *c, cinema_log_level level,
                                                    const char *format, ...);

/* The deadline of the call under way on this thread, a moment of the monotonic clock. The doors set
 * it; a typed call that came through none has the handle's. */
int64_t call_deadline(const cinema *c);
/* Sets it, 0: back to the handle's, and returns what it was. */
int64_t call_deadline_set(int64_t deadline);

/* Whether this thread is between db_begin and its end: no hashing, waiting or files then. */
extern _Thread_local unsigned cinema__transactions_open;

#endif
