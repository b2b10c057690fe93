/* outbox.h - work for the outside: written in the transaction that is the reason for it, done
 * afterwards by whoever runs the worker (worker.h), at least once.
 * A taker holds a lease: when it dies the work falls to another. What fails is tried again, later
 * each time; what cannot succeed, or has failed OUTBOX_ATTEMPTS times, is dead: it stays for a
 * month to be looked at, and to be put back (dead_letter.c).
 */
#ifndef OUTBOX_OUTBOX_H
#define OUTBOX_OUTBOX_H

#include "port/db/db.h"

enum {
    OUTBOX_ATTEMPTS = 12,       /* some seven hours in all */
    OUTBOX_JOB_MS = 30 * 1000,  /* what one attempt may take */
    OUTBOX_LEASE_MS = 90 * 1000 /* until it falls to another; more than the above */
};

/* Adds work to the transaction. `key` (NULL: one of its own) makes it unique within its kind: what
 * waits, or was done within a day, is not added again. It is due at once. */
cinema_status outbox__add(cinema *c, db_tx *tx, const char *kind, const char *key,
                          const char *payload, arena *a, cinema_error *err);

/* A piece of work, taken. */
typedef struct outbox_job {
    const char *kind, *key, *payload;
    int64_t created_at;
    int64_t attempt; /* 1 the first time */
} outbox_job;

/* Does one kind of work, under a deadline of its own, with no transaction open; it may be called
 * twice for one job. INVALID: this can never succeed, do not try again. */
typedef struct outbox_handler {
    const char *kind; /* the table ends in NULL */
    cinema_status (*work)(cinema *c, const outbox_job *job, arena *a, cinema_error *err);
} outbox_handler;

typedef struct outbox_counts {
    int64_t done, failed, dead; /* failed: will be tried again */
} outbox_counts;

/* Takes one job that is due and does it; *found: there was one. `from` is the least row number to
 * be taken, 0 for all. Fails only when the outbox itself cannot be read or written. */
cinema_status outbox__work(cinema *c, const outbox_handler *handlers, int64_t from,
                           outbox_counts *counts, bool *found, cinema_error *err);

/* With CINEMA_OUTBOX inline: the first row of what this thread has just committed (or one before
 * it, after a transaction that was undone), 0: none. */
int64_t outbox__added(void);

/* How much waits, since when (CINEMA_ABSENT: nothing does), and how much is dead; up to 10,000. */
typedef struct outbox_state {
    int64_t waiting, oldest_at, dead;
} outbox_state;
cinema_status outbox__state(cinema *c, outbox_state *ret, cinema_error *err);

/* Removes what was done a day ago and what died a month ago, at most 500 rows of each; *more: there
 * may be others. */
cinema_status outbox__sweep(cinema *c, bool *more, cinema_error *err);

/* ---- bell.c: who waits for work in this process -------------------------------------------------
 */

cinema_status outbox__open(cinema *c, cinema_error *err);
void outbox__close(cinema *c);
/* There is something to do, for one who waits. */
void outbox__ring(cinema *c);
/* Everybody comes back, now and from now on. */
void outbox__ring_off(cinema *c);
/* Until the bell rings, or `max_ms` are over. */
cinema_status outbox__wait(cinema *c, int64_t max_ms, cinema_error *err);

#endif
