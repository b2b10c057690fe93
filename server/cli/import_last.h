/* import_last.h - what the last import into a data folder did, for `cinema import --status`.
 * A small file there, import.json, written anew at most once a second: so it tells of an import
 * that was killed, too. Where it cannot be written the import goes on without.
 */
#ifndef CLI_IMPORT_LAST_H
#define CLI_IMPORT_LAST_H

#include "cli/cli.h"

#include <cinema/import.h>

typedef struct import_last {
    char *path;                     /* NULL: nothing is kept */
    char *file;                     /* what is imported */
    int64_t started_at, written_at; /* ms since 1970 */
} import_last;

/* For an import of this file into `c`. */
void import_last_start(import_last *l, cinema *c, const char *file);
/* How far it is; `state`: "running", or at its end "done", "stopped" or "failed". */
void import_last_tell(import_last *l, const cinema_import_counts *counts, const char *state);
void import_last_done(import_last *l);

/* Shows it; gives the exit code. */
int import_last_show(const cli_args *args, cinema *c);

#endif
