/* role_help.h - a migrated database, accounts, and calls by somebody who may do so much.
 */
#ifndef ROLE_HELP_H
#define ROLE_HELP_H

#include "test.h"

#include "role/role.h"
#include "user/user.h"

#include <cinema/cinema.h>

#include <string.h>

extern cinema *c;
extern cinema_error err;

void role_start(void); /* for FIXTURE */
void role_stop(void);

/* An account of this address; its texts live as long as the test. */
account add_account(const char *email);
account see_account(int64_t nr);
/* Gives it roles, names with spaces between, through role__set. */
cinema_status give(int64_t nr, const char *names);
/* The same, and it has to work. */
void has(account *who, const char *names);

/* Makes a role or changes it, permissions with spaces between. */
cinema_status put(const char *name, const char *permissions);

/* Runs an operation as one who may do `permissions`; NULL: as nobody. The answer lives as long as
 * the test. */
cinema_status call_as(const char *permissions, const char *op, const char *json);
extern char *said;

/* Actions of the audit log, the newest first, with spaces between. */
void logged(const char *want);

#endif
