/* ops.h - what the operation `ops` tells about all operations. */
#ifndef CLI_OPS_H
#define CLI_OPS_H

#include "cli/cli.h"

#include <jansson.h>

/* `cinema ops`, and `cinema call --list`. */
int ops_list(const cli_args *args);
/* `cinema call OPERATION --help`: its fields, limits and outcomes. */
int ops_help(const cli_args *args);

/* One operation, as `ops` describes it, for people. */
void ops_show(const json_t *op);

/* The text at `name`, "" where there is none. */
const char *ops_text(const json_t *object, const char *name);
/* The longest such text in a list of objects, in bytes. */
int ops_longest(const json_t *items, const char *name);

#endif
