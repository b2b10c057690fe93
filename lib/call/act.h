/* act.h - one act of somebody, through the typed door: who asks, memory for it, where to say what
 * is wrong. A function of the typed door is then
 *
 *     CLEANUP(act_end) act t = { 0 };
 *     cinema_thing_input in;
 *     cinema_status s;
 *     if ((s = TAKE(in, input, size, err)) ||
 *         (s = act_begin(&t, c, &in.client, &cinema__thing_input, &in, err)))
 *         return s;
 *     cinema_thing *r = act_record(&t, sizeof *r);
 *     s = r ? do_it(&t, &in, r) : fail_memory(err);
 *     if (!s)
 *         *ret = act_keep(&t, r);
 *     return s;
 */
#ifndef CALL_ACT_H
#define CALL_ACT_H

#include "call/op.h"

#include <cinema/auth.h>

typedef struct act {
    cinema *c;
    cinema_caller caller;
    arena *a;
    cinema_error *err;
} act;

/* Also checks the input, unless `fields` is NULL. NO_MEMORY, INVALID. */
cinema_status act_begin(act *t, cinema *c, const cinema_client *client, const field_table *fields,
                        void *input, cinema_error *err);
/* The answer, zeroed. NULL: no memory. */
void *act_record(act *t, size_t size);
/* From now on the memory of the act is that of the answer. */
void *act_keep(act *t, void *record);
void act_end(act *t);

#endif
