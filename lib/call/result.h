/* result.h - what an operation answered, until it is written out.
 */
#ifndef CALL_RESULT_H
#define CALL_RESULT_H

#include "call/json_out.h"
#include "call/op.h"

struct cinema_result {
    const op *op; /* NULL: there was no such operation */
    cinema_status status;
    int http;           /* status code */
    const void *record; /* freed with record_free; NULL: no content */
    char *raw;          /* malloc'ed; bytes in place of a record */
    size_t raw_length;
    const void
        *gzip; /* `raw` packed beforehand, for as long as the handle lives; NULL: it is not */
    size_t gzip_length;
    cinema_stream stream; /* in place of a record; read NULL: none */
    int64_t stream_length;
    void (*stream_done)(void *user);
    char tag[64];            /* inside of the ETag; "" none */
    char id[40], slug[84];   /* of what is answered, where there is no record to tell; "" */
    char *location, *cookie; /* of a REDIRECT operation, malloc'ed; NULL: not said */
    bool replayed;           /* `raw` is the JSON text of an earlier answer */
    bool not_modified;
    /* of a failure */
    char code[40], request_id[72], trace_id[33];
    int64_t retry_after; /* seconds; 0: not said */
    cinema_error error;
    size_t fault_count;
    fault *faults; /* malloc'ed */
};

cinema_result *result_new(const op *o);
/* Lets go of its stream, if it has one. */
void result_drop_stream(cinema_result *r);
/* Makes it a problem document. */
void result_fail(cinema_result *r, const cinema_error *err, const faults *list,
                 const char *request_id);

/* The ETag's inside for a record that has `revision` (and `votes`); false: it has none. */
bool result_tag(const field_table *t, const void *record, char tag[64]);

/* By when a call that begins now has to end, a moment of the monotonic clock. */
int64_t op_deadline(const cinema *c, const cinema_caller *caller);

/* JSON text, through cinema_result_emit. */
cinema_status result_json(const cinema_result *r, buffer *b);

/* JSON text as events. INTERNAL: it is not JSON. */
cinema_status emit_json(const char *json, size_t length, const cinema_emitter *e);

#endif
