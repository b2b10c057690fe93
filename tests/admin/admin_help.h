/* admin_help.h - an open handle and its database.
 */
#ifndef ADMIN_HELP_H
#define ADMIN_HELP_H

#include "test.h"

#include <cinema/cinema.h>
#include <jansson.h>
#include <string.h>

extern cinema *c;
extern cinema_error err;
extern char url[512];

void admin_start(void); /* for FIXTURE: opened, not migrated */
void admin_stop(void);
void admin_migrate(void);

/* Runs an operation as nobody; the caller frees the answer. */
json_t *admin_call(const char *op, cinema_status want);

#endif
