/* buffer.c - bytes that grow, up to a hard maximum.
 */
#include "base/buffer.h"

#include "base/text.h"

#include <stdio.h>

enum { FIRST = 256 };

void buffer_done(buffer *b)
{
    free(b->bytes);
    *b = (buffer){ .max = b->max };
}

bool buffer_reserve(buffer *b, size_t more)
{
    if (b->failed)
        return false;
    if (more < b->room - b->length) /* one is kept for the NUL; room 0 length 0 falls through */
        return true;
    if (more >= b->max || b->length >= b->max - more) {
        b->failed = CINEMA_TOO_LARGE;
        return false;
    }
    size_t room = b->room ? b->room : FIRST;
    while (room <= b->length + more)
        room *= 2;
    if (room > b->max)
        room = b->max;
    char *bytes = realloc(b->bytes, room);
    if (!bytes) {
        b->failed = CINEMA_NO_MEMORY;
        return false;
    }
    b->bytes = bytes;
    b->room = room;
    return true;
}

void buffer_add(buffer *b, const void *bytes, size_t n)
{
    if (!buffer_reserve(b, n))
        return;
    if (n)
        memcpy(b->bytes + b->length, bytes, n);
    b->length += n;
    b->bytes[b->length] = '\0';
}

void buffer_text(buffer *b, const char *s)
{
    buffer_add(b, s, strlen(s));
}

void buffer_byte(buffer *b, char c)
{
    if (!buffer_reserve(b, 1))
        return;
    b->bytes[b->length++] = c;
    b->bytes[b->length] = '\0';
}

void buffer_number(buffer *b, int64_t n)
{
    char digits[NUMBER_TEXT];
    buffer_add(b, digits, (size_t)(number_text(n, digits) - digits));
}

void buffer_format(buffer *b, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof line) {
        if (!b->failed)
            b->failed = CINEMA_TOO_LARGE;
        return;
    }
    buffer_add(b, line, (size_t)n);
}
