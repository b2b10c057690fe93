/* act.c - one act of somebody, through the typed door.
 */
#include "call/act.h"

cinema_status act_begin(act *t, cinema *c, const cinema_client *client, const field_table *fields,
                        void *input, cinema_error *err)
{
    *t = (act){ .c = c, .err = err, .a = arena_new(0, 0) };
    t->caller.address = client->address;
    t->caller.user_agent = client->user_agent;
    t->caller.language = client->language;
    if (!t->a)
        return fail_memory(err);
    return fields ? fields_check(fields, MODE_CREATE, input, t->a, NULL, err) : CINEMA_OK;
}

void *act_record(act *t, size_t size)
{
    return record_new(t->a, size);
}

void *act_keep(act *t, void *record)
{
    t->a = NULL;
    return record;
}

void act_end(act *t)
{
    arena_free(t->a);
}
