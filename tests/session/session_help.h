/* session_help.h - a migrated database, an open handle, and Ann, who has an account.
 */
#ifndef TEST_SESSION_HELP_H
#define TEST_SESSION_HELP_H

#include "base/base64url.h"
#include "session/key.h"
#include "session/session.h"
#include "test.h"

#include <cinema/cinema.h>

#define ACCOUNT "01900000-0000-7000-8000-000000000001"
#define US "\"http://127.0.0.1:8080\"" /* its issuer, as JSON */

extern cinema *c;
extern cinema_error err;
extern arena *a; /* of the test */
extern char url[600];
extern int64_t account_nr;
extern int64_t wall; /* what the handle takes for now; 0: what is */

/* For FIXTURE. */
void session_start(void);
void session_stop(void);
/* A handle with another setting. */
void reopen(const char *name, const char *value);

session_grant begin(void);
session_tokens tokens_of(session_grant g);
cinema_status refresh(const char *token, session_grant *g);
cinema_status who(const char *token, identity *ret);

#endif
