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

#endif
