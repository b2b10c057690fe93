/* trace.h - a request as part of a trace that began elsewhere (W3C Trace Context).
 */
#ifndef HTTP_TRACE_H
#define HTTP_TRACE_H

#include <stdbool.h>

enum { TRACE_ID = 32, SPAN_ID = 16 };

/* The trace's id and flags from a `traceparent`; false: it is none, and is to be ignored. */
bool trace_read(const char *traceparent, char id[TRACE_ID + 1], char flags[3]);

#endif
