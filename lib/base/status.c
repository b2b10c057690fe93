/* status.c - outcomes and errors.
 * The table comes from CINEMA_STATUS_MAP; nothing else in the library lists outcomes.
 */
#include "base/status.h"

#include <assert.h>
#include <stdio.h>

_Static_assert(sizeof(cinema_error) == 256, "cinema_error is 256 bytes for ever");
_Static_assert(CINEMA_STATUS_COUNT == 16, "outcomes are numbered without gaps");

#define INFO(name, number, http, word, title) [number] = { number, http, #name, word, title },
static const cinema_status_info infos[] = { CINEMA_STATUS_MAP(INFO) };
#undef INFO

const cinema_status_info *cinema_status_describe(int status)
{
    if (status < 0 || status >= CINEMA_STATUS_COUNT)
        status = CINEMA_INTERNAL;
    return &infos[status];
}

/* Cuts at the start of the character that does not fit whole. */
static size_t whole_characters(const char *s, size_t room)
{
    while (room && ((unsigned char)s[room] & 0xC0) == 0x80)
        room--;
    return room;
}

/* Bytes of the well-formed character at `s` (RFC 3629); 0: there is none, or it is a control. */
static size_t character(const unsigned char *s)
{
    static const struct {
        unsigned char first, last, low, high; /* of the first byte, of the second */
        size_t length;
    } forms[] = {
        { 0x20, 0x7E, 0, 0xFF, 1 },    { 0xC2, 0xC2, 0xA0, 0xBF, 2 }, { 0xC3, 0xDF, 0x80, 0xBF, 2 },
        { 0xE0, 0xE0, 0xA0, 0xBF, 3 }, { 0xE1, 0xEC, 0x80, 0xBF, 3 }, { 0xED, 0xED, 0x80, 0x9F, 3 },
        { 0xEE, 0xEF, 0x80, 0xBF, 3 }, { 0xF0, 0xF0, 0x90, 0xBF, 4 }, { 0xF1, 0xF3, 0x80, 0xBF, 4 },
        { 0xF4, 0xF4, 0x80, 0x8F, 4 },
    };
    size_t i = 0, n = 2;
    while (i < COUNT_OF(forms) && (*s < forms[i].first || *s > forms[i].last))
        i++;
    if (i == COUNT_OF(forms) || s[1] < forms[i].low || s[1] > forms[i].high)
        return 0;
    while (n < forms[i].length && (s[n] & 0xC0) == 0x80)
        n++;
    return n < forms[i].length ? 0 : forms[i].length;
}

bool text_copy(char *to, size_t size, const char *s)
{
    size_t length = strlen(s), step;
    size_t n = length < size ? length : whole_characters(s, size - 1);
    memcpy(to, s, n);
    to[n] = '\0';
    for (size_t i = 0; i < n; i += step ? step : 1)
        if (!(step = character((const unsigned char *)to + i)))
            to[i] = '?';
    return n == length;
}

cinema_status fail(cinema_error *err, cinema_status status, const char *reason, const char *field,
                   const char *format, ...)
{
    char line[512];
    va_list args;

    if (!err)
        return status;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    *err = (cinema_error){ .status = (int32_t)status };
    text_copy(err->reason, sizeof err->reason, reason ? reason : infos[status].word);
    text_copy(err->field, sizeof err->field, field ? field : "");
    text_copy(err->message, sizeof err->message, line);
    return status;
}

cinema_status fail_memory(cinema_error *err)
{
    return fail(err, CINEMA_NO_MEMORY, NULL, NULL, "out of memory");
}
