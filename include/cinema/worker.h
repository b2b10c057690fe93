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

/* ---- what was given up -------------------------------------------------------------------------
 */

/* Work that was given up, a dead letter: it could not succeed, or has failed too often. It is kept
 * for a month. What it holds is sealed, and not told. */
typedef struct cinema_dead_letter {
    const char *id, *kind; /* "mail" */
    int64_t attempts;
    int64_t created_at, ended_at; /* ended_at: when it was given up */
    const char *error;            /* why, in the words of the last attempt */
} cinema_dead_letter;
typedef struct cinema_dead_letter_query {
    const char *after; /* `next` of the page before */
    unsigned limit;    /* 0: 20; at most 100 */
} cinema_dead_letter_query;
typedef struct cinema_dead_letter_page {
    const cinema_dead_letter *const *items;
    size_t count;
    const char *next; /* NULL on the last page */
    int64_t total;    /* CINEMA_ABSENT */
    bool total_capped;
} cinema_dead_letter_page;
/* (c, in, ret, err): what was given up last comes first; `in` may be NULL. INVALID: limit or cursor
 * is no good. */
CINEMA_SIZED(cinema_dead_letter_list, cinema_dead_letter_query, cinema_dead_letter_page *)
CINEMA_API void cinema_dead_letter_page_free(cinema_dead_letter_page *p); /* takes NULL */

/* Lets one wait again: it is due at once, with all attempts before it. A server's threads, a worker
 * or the next run do it. NOT_FOUND: there is none such, or somebody else was first. */
CINEMA_API cinema_status cinema_dead_letter_retry(cinema *c, const char *id, cinema_error *err);
/* The same for all that there are now; *ret: how many. When it fails half way, some are waiting
 * again and the others can be asked for once more. */
CINEMA_API cinema_status cinema_dead_letter_retry_all(cinema *c, int64_t *ret, cinema_error *err);

CINEMA_END
#endif
