/* buffer.h - bytes that grow, up to a hard maximum.
 * Writers need not check each call: the first failure sticks in `failed` and later writes do
 * nothing, so one look at the end is enough.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/status.h"

typedef struct buffer {
    char *bytes; /* NUL-terminated once something was written; malloc'ed */
    size_t length, room, max;
    cinema_status failed; /* OK, NO_MEMORY or TOO_LARGE */
} buffer;

#define BUFFER(maximum) ((buffer){ .max = (maximum) })

void buffer_done(buffer *b); /* frees; for CLEANUP */
bool buffer_reserve(buffer *b, size_t more);
void buffer_add(buffer *b, const void *bytes, size_t n);
void buffer_text(buffer *b, const char *s);
void buffer_byte(buffer *b, char c);
void buffer_number(buffer *b, int64_t n);
__attribute__((format(printf, 2, 3))) void buffer_format(buffer *b, const char *format, ...);

#endif
