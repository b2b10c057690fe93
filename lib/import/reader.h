/* reader.h - the lines of the source, one at a time.
 */
#ifndef IMPORT_READER_H
#define IMPORT_READER_H

#include "base/status.h"

#include <cinema/import.h>

enum { LINE_MAX_BYTES = 1 << 20 };

typedef struct reader {
    const cinema_import_input *in;
    char *bytes;
    size_t start, end, room; /* what was read and not yet given lies between */
    bool ended;
    int64_t lines, taken; /* given so far, in lines and in bytes of the source */
} reader;

typedef struct source_line {
    const char *text; /* without its end; valid until the next call */
    size_t length;
    int64_t number; /* from 1 */
    bool too_long;  /* passed over: of more than 1 MiB */
} source_line;

/* `*more` false: there is no further line. UNAVAILABLE read_failed: the source cannot. */
cinema_status reader_next(reader *r, source_line *ret, bool *more, cinema_error *err);
void reader_done(reader *r); /* for CLEANUP */

#endif
