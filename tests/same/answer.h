/* answer.h - what an engine says to a request, in a form that may be compared byte by byte.
 */
#ifndef TEST_SAME_ANSWER_H
#define TEST_SAME_ANSWER_H

#include "same/request.h"

typedef struct answer {
    buffer text; /* outcome and error, then the JSON; cursors without row number and signature */
    buffer json; /* of the operation, as it came; empty: an import */
    char *next;  /* of a page that goes on; NULL: none */
} answer;

/* `place` is the engine's number in what is known. */
void answer_get(engine *e, size_t place, const request *r, const known *k, answer *ret);
void answer_done(answer *a);

/* Everything that the database holds, without row numbers. */
void state_get(engine *e, buffer *ret);
/* Of the rows that row numbers are given after, on an engine that gives them anew when the last
 * rows are gone. */
int64_t state_newest(engine *e);

#endif
