/* request.h - one random thing to ask for: an operation with its input, or lines to import. What
 * inputs look like comes from the field tables, so that a new operation or field needs no word
 * here.
 */
#ifndef TEST_SAME_REQUEST_H
#define TEST_SAME_REQUEST_H

#include "base/buffer.h"
#include "call/op.h"
#include "same/known.h"

typedef struct request {
    const op *op;  /* NULL: an import */
    buffer input;  /* JSON without its closing brace, or the lines */
    bool closed;   /* the input is spoilt and stays as it is */
    int cursor;    /* of what is known; -1: none */
    bool nobody;   /* who calls: nobody, or the system */
    int64_t batch; /* of an import, with the status of its titles */
    const char *status;
    port_fault fault;
} request;

/* The first of all: lines for a catalogue in which lists have several pages. */
void request_begin(request *r, source *chance);
void request_make(request *r, const known *k, source *chance);
void request_done(request *r);

#endif
