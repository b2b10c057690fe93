/* audit.h - the audit log for other rooms: one entry for each security-relevant act, in the
 * transaction of the act, so that neither is there without the other.
 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "call/op.h"

/* An act. Words of the program, ids and names of things; never a password, token or code. */
typedef struct audit_entry {
    const char *action;     /* subject.verb: "session.start", "role.set" */
    const char *actor;      /* "user", "system", "set-up token", "nobody" */
    const char *actor_id;   /* account id as text; NULL: none */
    const char *account_id; /* whom it is about; NULL: nobody */
    const char *target;     /* what else, such as a role or a provider; NULL: nothing */
    const char *detail;     /* JSON text; NULL: none */
} audit_entry;

/* Adds an entry. Address, user agent and request id are the caller's, which may be NULL. What a
 * client has sent is cut to what a log can bear. */
cinema_status audit__add(cinema *c, db_tx *tx, const cinema_caller *caller, const audit_entry *e,
                         arena *a, cinema_error *err);
/* An entry of the one behind a call, with nothing said yet but the action. */
audit_entry audit__by(const op_call *k, const char *action);

/* Where and when something was done. NULL: not known. */
typedef struct audit_trace {
    int64_t at;
    const char *address, *user_agent, *detail;
} audit_trace;

/* Those of one action, the newest first, among the account's last thousand entries: whoever fills
 * the log does not make this dear. In the arena. */
cinema_status audit__last(db_tx *tx, const char *account_id, const char *action, arena *a,
                          const audit_trace **ret, size_t *count, cinema_error *err);

#endif
