/* user_help.h - a migrated database, an open handle and short ways to accounts.
 */
#ifndef USER_HELP_H
#define USER_HELP_H

#include "test.h"

#include "base/arena.h"

#include <cinema/cinema.h>

#include <string.h>

extern cinema *c;
extern cinema_error err;
extern arena *a; /* of the test */

/* For FIXTURE: a handle alone; with a migrated database behind it. */
void user_open(void);
void user_start(void);
void user_close(void);

/* A user with a password that is good enough; `roles` with spaces between. Its id, in `a`. */
#define PASSWORD "zither under Vienna"
const char *add_user(const char *email, const char *name, const char *roles);
/* A role of its own. */
void add_role(const char *name, const char *permissions);
/* A new session of a user: its access token, in `a`. */
const char *sign_in(const char *id);
/* Runs an operation with that token, NULL: as the system. The answer's JSON, or the problem's, lies
 * in `a`; its status in `err`. */
cinema_status call(const char *token, const char *name, const char *json, const char **answer);
/* What one statement answers as its first number, CINEMA_ABSENT: no row. */
int64_t count_of(const char *statement, int64_t nr);

#endif
