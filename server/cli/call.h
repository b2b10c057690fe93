/* call.h - running one operation and nothing else. */
#ifndef CLI_CALL_H
#define CLI_CALL_H

#include "cli/cli.h"

/* Opens, runs an operation as the command line says (as the system, where it says nothing), closes.
 * `*ret` is the answer, free with cinema_text_free; on failure it is NULL, the problem was told and
 * the exit code for it comes back. `json` may be NULL. */
int call_operation(const cli_args *args, const char *op, const char *json, char **ret);

#endif
