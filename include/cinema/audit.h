/* audit.h - the audit log: who did what, when, from where.
 * The library writes an entry for each security-relevant act, in the transaction of the act.
 * Entries outlive the accounts that they speak of. Every call is safe from any thread. Pages are
 * snapshots that the caller owns. On failure `*ret` is untouched and `err`, where given, says why.
 * All may answer UNAVAILABLE, TIMEOUT, NO_MEMORY and MISUSE besides what is listed.
 */
#ifndef CINEMA_AUDIT_H
#define CINEMA_AUDIT_H

#include <cinema/base.h>

CINEMA_BEGIN

typedef struct cinema_audit_entry {
    const char *id;         /* UUIDv7 as text, never NULL */
    int64_t at;             /* ms since 1970, UTC */
    const char *action;     /* subject.verb, such as "role.set"; never NULL */
    const char *actor;      /* "user", "system", "set-up token" or "nobody" */
    const char *actor_id;   /* of the account that did it; NULL: none */
    const char *account_id; /* of the account that it is about; NULL: none */
    const char *target;     /* what else it is about, such as a role; NULL: nothing */
    const char *address, *user_agent, *request_id; /* of the request; NULL: not known */
    const char *detail;                            /* JSON text; NULL: none */
} cinema_audit_entry;

/* Which entries. All zero: the last twenty. */
typedef struct cinema_audit_query {
    const char *actor_id, *account_id; /* account ids */
    const char *action;
    const int64_t *from, *to; /* both moments belong to it */
    const char *after;        /* `next` of the page before, with the same filters */
    unsigned limit;           /* 0: 20; at most 100 */
} cinema_audit_query;

typedef struct cinema_audit_page {
    const cinema_audit_entry *const *items;
    size_t count;
    const char *next; /* NULL on the last page */
    int64_t total;    /* CINEMA_ABSENT: they are not counted */
    bool total_capped;
} cinema_audit_page;

/* The newest first. `in` may be NULL. INVALID: a filter, limit or cursor is no good. */
CINEMA_SIZED(cinema_audit_list, cinema_audit_query, cinema_audit_page *)
CINEMA_API void cinema_audit_page_free(cinema_audit_page *p); /* takes NULL */

CINEMA_END
#endif
