/* postgres.h - what the files of the PostgreSQL driver share.
 *   postgres.c        the driver's functions: reads and transactions
 *   postgres_pool.c   connections handed out and taken back, first come first served
 *   postgres_link.c   one connection: made, waited for, cancelled, dropped; when to try again
 *   postgres_talk.c   one round trip: statements out, answers in
 *   postgres_value.c  parameters and rows in binary form
 *   postgres_names.c  prepared statements by name
 *   postgres_plan.c   how a statement is carried out
 *   postgres_error.c  what the server's codes mean
 *   postgres_url.c    URLs; postgres_tls.c: who is believed
 * `err` is never NULL in here. A deadline is a moment of the monotonic clock.
 */
#ifndef PORT_DB_POSTGRES_H
#define PORT_DB_POSTGRES_H

#include "base/clock.h"
#include "port/db/db.h"
#include "port/db/postgres_url.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>

/* What a failure means for whoever might try again. */
typedef enum pg_trouble {
    PG_FINAL,  /* trying again would change nothing */
    PG_BUSY,   /* the connection is fine, a later attempt may do */
    PG_LOST,   /* the connection is gone, or none could be made: the server is away or starting */
    PG_STALE,  /* the same, on one that had worked: the server may have restarted meanwhile */
    PG_POOLER, /* a name was not there or another's: a pooler is between; no names from now on */
    PG_PLAN    /* a prepared statement does not fit its tables any more */
} pg_trouble;

/* ---- names of statements --------------------------------------------------------------------- */

enum { PG_NAMES_MAX = 256, PG_NAME_TEXT = 34 };

/* 128 bits of the text, so that one name is one statement, whoever else is on the server. */
typedef struct pg_name {
    uint64_t hash, check;
} pg_name;

typedef struct pg_names {
    struct pg_slot *slots; /* made with the first name */
    unsigned used;         /* also those that are no more */
    unsigned pending;      /* sent and not yet answered */
} pg_names;

typedef enum pg_known { PG_KNOWN, PG_NEW, PG_UNNAMED } pg_known;

pg_name pg_name_of(const db_statement *s);
void pg_name_text(const pg_name *name, char text[PG_NAME_TEXT]);
/* Whether the server has it; a NEW one is then pending. UNNAMED: no room or no memory. */
pg_known pg_names_use(pg_names *names, const pg_name *name);
/* Whether an answer to its preparation is still to come; settled by that answer. */
bool pg_names_pending(const pg_names *names, const pg_name *name);
void pg_names_settle(pg_names *names, const pg_name *name, bool prepared);
void pg_names_clear(pg_names *names); /* frees */

/* ---- plans ----------------------------------------------------------------------------------- */

/* The statement that explains another; runs it too where it only reads. */
cinema_status pg_plan_statement(const db_statement *s, arena *a, db_statement *ret,
                                cinema_error *err);
cinema_status pg_plan_read(const db_rows *rows, arena *a, db_plan *ret, cinema_error *err);

/* ---- connections ----------------------------------------------------------------------------- */

typedef struct pg_pool pg_pool;

typedef struct pg_link {
    PGconn *pg; /* in pipeline mode; NULL: not connected */
    pg_pool *pool;
    pg_names names;
    bool worked;        /* has answered since it was made */
    bool forget;        /* prepared statements are out of date */
    pg_trouble trouble; /* of the last failure */
} pg_link;

/* Connects unless connected. TIMEOUT, UNAVAILABLE, NO_MEMORY; sets `trouble`. */
cinema_status pg_link_open(pg_link *l, int64_t deadline, cinema_error *err);
void pg_link_drop(pg_link *l);
/* Waits for events of poll(2), at most `turn` ms; OK also when that time is over. */
cinema_status pg_link_wait(pg_link *l, short events, int turn, int64_t deadline, cinema_error *err);
/* Asks the server to stop what it is doing for us; takes 250 ms at most where nobody answers. */
void pg_link_cancel(pg_link *l);

/* Attempts of one call. After a failure: waits a while if it makes sense to try again. */
typedef struct pg_retry {
    unsigned waits, switches;
} pg_retry;
bool pg_link_again(pg_link *l, pg_retry *r, int64_t deadline);

typedef struct pg_waiter pg_waiter;

struct pg_pool {
    pg_url url;
    atomic_int names; /* PG_NAMES_... as known by now */
    void (*log)(void *user, cinema_log_level level, const char *line);
    void *user;

    pthread_mutex_t lock;
    pg_link *links; /* all there are, connected or not */
    pg_link **free; /* those nobody has, the one used last on top */
    unsigned count, free_count;
    pg_waiter *first, **last;
};

cinema_status pg_pool_open(pg_pool *p, const char *url, unsigned count, const db_options *o,
                           cinema_error *err);
void pg_pool_done(pg_pool *p); /* also of one that is all zero */
/* A connection, perhaps not yet connected. TIMEOUT: all were in use until the deadline. */
cinema_status pg_pool_take(pg_pool *p, int64_t deadline, pg_link **ret, cinema_error *err);
void pg_pool_give(pg_link *l);

/* ---- talking --------------------------------------------------------------------------------- */

/* What goes in one pipeline and is answered in one round trip. */
typedef struct pg_batch {
    const db_statement *first, *second; /* BEGIN, SET LOCAL; NULL: none */
    const db_statement *statements;
    size_t count;
    const db_statement *last; /* COMMIT, ROLLBACK; NULL: none */
    arena *arena;
    db_rows *rows;      /* of `statements`; NULL: not wanted */
    const char *tag;    /* what the server has to call `last`, else it failed */
    bool uncancellable; /* a timeout leaves it to the server */
} pg_batch;

/* Initialises a db_statement of our own; hash 0: not worth a name. */
#define PG_STATEMENT(s, n)                                                                         \
    {                                                                                              \
        .text = (s), .length = sizeof(s) - 1, .constant = true, .hash = (n)                        \
    }

/* The outcome of the first statement that failed. After TIMEOUT and when the connection was lost it
 * is dropped; else it can be used, within what the server's transaction allows. */
cinema_status pg_talk(pg_link *l, const pg_batch *b, int64_t deadline, cinema_error *err);
/* Leaves a transaction that a failed batch left open; drops the connection if that fails. */
void pg_talk_settle(pg_link *l);
/* Many statements in one text, without parameters. */
cinema_status pg_talk_script(pg_link *l, const char *text, int64_t deadline, cinema_error *err);

/* ---- values ---------------------------------------------------------------------------------- */

/* Parameters as libpq wants them. */
typedef struct pg_values {
    Oid types[DB_VALUES_MAX];
    const char *values[DB_VALUES_MAX];
    int lengths[DB_VALUES_MAX], formats[DB_VALUES_MAX];
    uint64_t numbers[DB_VALUES_MAX];
    unsigned char bools[DB_VALUES_MAX];
} pg_values;

void pg_values_fill(pg_values *v, const db_statement *s);
/* INTERNAL: a column has a type that is not read. NO_MEMORY: the arena is full. */
cinema_status pg_rows_read(pg_link *l, const PGresult *r, arena *a, db_rows *rows,
                           cinema_error *err);

/* ---- failures -------------------------------------------------------------------------------- */

/* The outcome that an answer stands for; also sets l->trouble and writes to the log. */
cinema_status pg_error_of_result(pg_link *l, const PGresult *r, const db_statement *s,
                                 cinema_error *err);
/* The same when no connection could be made, or was lost. */
cinema_status pg_error_of_connect(pg_link *l, cinema_error *err);
cinema_status pg_error_of_loss(pg_link *l, cinema_error *err);
cinema_status pg_error_timeout(pg_link *l, cinema_error *err);

__attribute__((format(printf, 3, 4))) void pg_log(const pg_pool *p, cinema_log_level level,
                                                  const char *format, ...);

#endif
