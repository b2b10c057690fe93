/* worker.h - work that is done later: mail and the like (the outbox), and keeping house.
 * What an operation has to tell the outside is written with it, in one transaction, and done
 * afterwards, at least once. A server does it on threads of its own. A program that serves nothing
 * for long (a function, a script) calls cinema_worker_run now and then, or sets CINEMA_OUTBOX to
 * inline. Several may be at it at once, in one process or many.
 */
#ifndef CINEMA_WORKER_H
#define CINEMA_WORKER_H

#include <cinema/base.h>

CINEMA_BEGIN

/* What a run did. */
typedef struct cinema_worker_counts {
    int64_t done;   /* jobs that are done */
    int64_t failed; /* that failed and will be tried again, later each time */
    int64_t dead;   /* that were given up: they cannot succeed, or have failed too often */
} cinema_worker_counts;

/* How far to go. All zero: until nothing is due. */
typedef struct cinema_worker_input {
    int64_t max_ms;   /* no new job is begun after this; 0: no limit */
    int64_t max_jobs; /* at most this many; 0: no limit */
    /* Called after each job; may be NULL. Any status but OK stops the run with it. */
    cinema_status (*progress)(const cinema_worker_counts *counts, void *user);
    void *user;
} cinema_worker_input;

/* (c, in, ret, err): does what is due on the calling thread, and every few minutes removes what has
 * expired. `in` may be NULL. `*ret` is set in every case. A job that fails is counted and is no
 * failure of the run. UNAVAILABLE, TIMEOUT: the database is away or slow. */
CINEMA_SIZED(cinema_worker_run, cinema_worker_input, cinema_worker_counts)

/* Waits until this process adds work, or `max_ms` are over; at once after cinema_worker_stop. Other
 * processes do not ring here: wait a second at most, then run again. */
CINEMA_API cinema_status cinema_worker_wait(cinema *c, int64_t max_ms, cinema_error *err);

/* Ends it for this handle: waits come back, runs begin no job, and what is under way after
 * `grace_ms` is broken off, to be done again by somebody else. From any thread. */
CINEMA_API void cinema_worker_stop(cinema *c, int64_t grace_ms);

CINEMA_END
#endif
