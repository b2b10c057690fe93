/* fuzz_help.h - what fuzz targets share. A target says that something is wrong by abort().
 */
#ifndef FUZZ_FUZZ_HELP_H
#define FUZZ_FUZZ_HELP_H

#include <cinema/cinema.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What has to hold. Not assert(), which NDEBUG takes away. */
#define HOLDS(x) ((x) ? (void)0 : abort())

/* A handle on a new database in a folder of its own with one film, "ran-1985"; made once a process
 * and removed at its end. */
cinema *fuzz_handle(void);

/* The input as text that ends in NUL, to be freed. */
char *fuzz_text(const uint8_t *data, size_t size);

/* The part of a text up to `end`, cut off in place; *p goes on behind it, NULL at the end. */
char *fuzz_cut(char **p, const char *end);

#endif
