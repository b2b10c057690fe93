/* import_source.h - the bytes of an import file, unpacked.
 * Plain, gzip or xz, known by the first bytes, never by the name. Memory is bounded: a window of
 * input, and what the decoder needs (xz: at most 128 MiB).
 */
#ifndef CLI_IMPORT_SOURCE_H
#define CLI_IMPORT_SOURCE_H

#include <stddef.h>
#include <stdint.h>

typedef struct import_source import_source;

/* "-" is stdin. Complains and gives the exit code where it cannot be read. */
int import_source_open(const char *path, import_source **ret);
void import_source_close(import_source *s); /* takes NULL */

/* The count of bytes, 0 at the end, -1: import_source_error says why, or a signal came. */
int64_t import_source_read(import_source *s, void *bytes, size_t room);

/* What was wrong with the file, "" while nothing is, and the exit code for it. */
const char *import_source_error(const import_source *s);
int import_source_exit(const import_source *s);

/* Bytes of the file read so far, packed as they are, and its length; -1: not known (a pipe). */
int64_t import_source_taken(const import_source *s);
int64_t import_source_length(const import_source *s);

#endif
