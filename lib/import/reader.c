/* reader.c - the lines of the source, one at a time, whatever pieces it comes in.
 */
#include "import/reader.h"

enum { PIECE = 64 * 1024 };

void reader_done(reader *r)
{
    free(r->bytes);
    r->bytes = NULL;
}

/* Makes room for a piece behind what is there. */
static bool make_room(reader *r)
{
    if (r->start)
        memmove(r->bytes, r->bytes + r->start, r->end - r->start);
    r->end -= r->start;
    r->start = 0;
    if (r->room - r->end >= PIECE)
        return true;
    size_t room = r->room ? r->room * 2 : 2 * PIECE;
    char *bytes = realloc(r->bytes, room);
    if (!bytes)
        return false;
    r->bytes = bytes;
    r->room = room;
    return true;
}

static cinema_status read_more(reader *r, cinema_error *err)
{
    if (!make_room(r))
        return fail_memory(err);
    int64_t n = r->in->read(r->bytes + r->end, PIECE, r->in->user);
    if (n < 0 || n > PIECE)
        return fail(err, CINEMA_UNAVAILABLE, "read_failed", NULL, "the source could not be read");
    r->end += (size_t)n;
    r->ended = n == 0;
    return CINEMA_OK;
}

/* Takes n bytes, and the line's end if it has one. */
static void take(reader *r, size_t n, bool newline)
{
    r->start += n + newline;
    r->taken += (int64_t)(n + newline);
}

/* Up to the end of a line that is too long. */
static cinema_status pass_over(reader *r, cinema_error *err)
{
    for (;;) {
        const char *text = r->bytes + r->start;
        const char *newline = memchr(text, '\n', r->end - r->start);
        take(r, newline ? (size_t)(newline - text) : r->end - r->start, newline);
        if (newline || r->ended)
            return CINEMA_OK;
        cinema_status s = read_more(r, err);
        if (s)
            return s;
    }
}

static void give(reader *r, size_t n, bool newline, source_line *ret)
{
    static const char mark[] = "\xEF\xBB\xBF";
    const char *text = r->bytes + r->start;
    take(r, n, newline);
    r->lines++;
    if (r->lines == 1 && n >= 3 && !memcmp(text, mark, 3)) {
        text += 3;
        n -= 3;
    }
    if (n && text[n - 1] == '\r')
        n--;
    *ret = (source_line){ .text = text, .length = n, .number = r->lines };
}

cinema_status reader_next(reader *r, source_line *ret, bool *more, cinema_error *err)
{
    size_t seen = 0; /* without a line's end */
    for (;;) {
        const char *text = r->bytes ? r->bytes + r->start : "";
        size_t n = r->end - r->start;
        const char *newline = n > seen ? memchr(text + seen, '\n', n - seen) : NULL;
        size_t length = newline ? (size_t)(newline - text) : n;
        if (length > LINE_MAX_BYTES) {
            *more = true;
            *ret = (source_line){ .text = "", .number = ++r->lines, .too_long = true };
            return pass_over(r, err);
        }
        if (newline || r->ended) {
            *more = newline || n;
            if (*more)
                give(r, length, newline, ret);
            return CINEMA_OK;
        }
        seen = n;
        cinema_status s = read_more(r, err);
        if (s)
            return s;
    }
}
