/* stream.c - raw bytes of STREAM operations: read as they come, answered as they are asked for.
 */
#include "call/result.h"

#include <assert.h>

/* An upload may take hours, its statements not: the deadline moves on with the bytes. */
cinema_status op_read(op_call *k, void *bytes, size_t room, size_t *got)
{
    int64_t n = k->stream ? k->stream->read(bytes, room, k->stream->user) : 0;
    *got = 0;
    call_deadline_set(op_deadline(k->cinema, k->caller));
    if (n < 0 || (uint64_t)n > room)
        return fail(k->err, CINEMA_CANCELLED, NULL, NULL, "the body broke off");
    k->received += (uint64_t)n;
    if (k->received > k->op->body_max)
        return fail(k->err, CINEMA_TOO_LARGE, NULL, NULL, "the body is larger than this takes");
    *got = (size_t)n;
    return CINEMA_OK;
}

cinema_status op_give_stream(op_call *k, cinema_stream body, int64_t length,
                             void (*done)(void *user))
{
    assert(k->op->nature == STREAM && body.read);
    k->result->stream = body;
    k->result->stream_length = length < 0 ? -1 : length;
    k->result->stream_done = done;
    return CINEMA_OK;
}
