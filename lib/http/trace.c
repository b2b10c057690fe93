/* trace.c - a request as part of a trace that began elsewhere.
 */
#include "http/trace.h"

#include <string.h>

enum {
    ID_AT = 3,
    SPAN_AT = ID_AT + TRACE_ID + 1,
    FLAGS_AT = SPAN_AT + SPAN_ID + 1,
    LENGTH = FLAGS_AT + 2
};

static bool hex(const char *s, size_t n)
{
    return strspn(s, "0123456789abcdef") >= n;
}

static bool zeros(const char *s, size_t n)
{
    return strspn(s, "0") >= n;
}

/* Versions above 00 may have more behind what we know; ff is none. */
bool trace_read(const char *t, char id[TRACE_ID + 1], char flags[3])
{
    if (!t || strlen(t) < LENGTH || t[2] != '-' || t[SPAN_AT - 1] != '-' || t[FLAGS_AT - 1] != '-')
        return false;
    if (!hex(t, 2) || !hex(t + ID_AT, TRACE_ID) || !hex(t + SPAN_AT, SPAN_ID) ||
        !hex(t + FLAGS_AT, 2) || zeros(t + ID_AT, TRACE_ID) || zeros(t + SPAN_AT, SPAN_ID))
        return false;
    bool first = zeros(t, 2);
    if (!memcmp(t, "ff", 2) || (t[LENGTH] && (first || t[LENGTH] != '-')))
        return false;
    memcpy(id, t + ID_AT, TRACE_ID);
    memcpy(flags, t + FLAGS_AT, 2);
    id[TRACE_ID] = flags[2] = '\0';
    return true;
}
