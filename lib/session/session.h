/* session.h - sessions for other rooms: beginning, ending, who is behind a token.
 * A session is a row; it is over when the row is gone. Access tokens are JWTs of type at+jwt
 * (RFC 9068) signed with EdDSA (RFC 8037) by a key of this installation. A refresh token is the
 * session's id and a counter with a keyed hash: it has no row of its own.
 *
 * Revocation: with SQLite the session's row is read with each request. With a database on a server
 * what it said is remembered for a minute, and session_change is asked at most every 700 ms, on the
 * thread of a request, for sessions that ended or changed.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "call/op.h"

typedef struct session_tokens {
    const char *access_token;
    const char *token_type; /* "Bearer" */
    int64_t expires_in;     /* seconds */
    const char *refresh_token;
} session_tokens;

/* A session for which tokens can be made. Text lives in the arena of the call that gave it. */
typedef struct session_grant {
    int64_t account_nr;
    const char *account_id, *session_id;
    int64_t counter, auth_at;
    bool reused; /* of a refresh: the token was used before, so the session has been ended */
} session_grant;

/* Before the transaction of one of the next two: keys may have to be read or made. */
cinema_status session__ready(cinema *c, cinema_error *err);
/* A new session of an account that has proven who it is; how, in words: "password", "password
 * totp", "google". */
cinema_status session__start(cinema *c, db_tx *tx, int64_t account_nr, const char *account_id,
                             const char *method, const cinema_caller *caller, arena *a,
                             session_grant *ret, cinema_error *err);
/* Goes on with the session of a refresh token. UNAUTHENTICATED invalid_token: it is none of ours,
 * or its session is over. With ret->reused the outcome is OK: commit, then refuse. */
cinema_status session__refresh(cinema *c, db_tx *tx, const char *refresh_token,
                               const cinema_caller *caller, arena *a, session_grant *ret,
                               cinema_error *err);
/* Its tokens, before the commit: without memory for them there is no session either. */
cinema_status session__tokens(cinema *c, const session_grant *grant, arena *a, session_tokens *ret,
                              cinema_error *err);

/* Whose a session is. NOT_FOUND. */
cinema_status session__owner(db_tx *tx, const char *id, arena *a, int64_t *account_nr,
                             cinema_error *err);
/* Ends one of the account's. NOT_FOUND: it has none of that id. */
cinema_status session__end(cinema *c, db_tx *tx, int64_t account_nr, const char *id, arena *a,
                           cinema_error *err);
/* Ends all of an account's; `but_id`, a session's id or NULL, is left. */
cinema_status session__end_all(cinema *c, db_tx *tx, int64_t account_nr, const char *but_id,
                               arena *a, cinema_error *err);
/* Ends one of an account's, or with `session_id` NULL all, in a transaction of its own, with an
 * entry in the audit log; `by` is who does it, NULL: the system. NOT_FOUND. */
cinema_status session__end_by(cinema *c, const op_call *by, const char *id, const char *session_id,
                              cinema_error *err);
/* What an account may do has changed: nobody goes by what they remember of it. */
cinema_status session__changed(cinema *c, db_tx *tx, int64_t account_nr, arena *a,
                               cinema_error *err);

/* After the commit of one of those three: this process goes by it from the next request on, others
 * within a second. */
void session__told(cinema *c);

/* Who is behind an access token of this installation. UNAUTHENTICATED invalid_token, token_expired.
 * *ours false: it names another issuer, and nothing was checked. Text lives in the arena. */
cinema_status session__identify(cinema *c, const char *token, arena *a, identity *ret, bool *ours,
                                cinema_error *err);

extern const field_table cinema__session, cinema__session_query;

/* FORBIDDEN reauthentication_required unless the person behind the call has proven who they are
 * within the last five minutes. */
cinema_status session__recent(const op_call *k, cinema_error *err);

/* Removes sessions that have expired and what is remembered of changes, some rows a call. */
cinema_status session__sweep(cinema *c, bool *more, cinema_error *err);

/* What a handle keeps: keys. NULL: no memory. */
struct session_state *session__state_new(void);
void session__state_free(struct session_state *s);

#endif
