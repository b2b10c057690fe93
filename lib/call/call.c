/* call.c - running an operation: who calls, may they, is the input good, then the handler.
 * Both doors (JSON here, HTTP in lib/http) come through op_run.
 */
#include "base/text.h"
#include "call/result.h"
#include "call/tag.h"

#include <jansson.h>
#include <stdio.h>

/* ---- the table of all operations
 * ------------------------------------------------------------------ */

const op *op_next(const op *o)
{
    const op *const *table = cinema__op_tables;
    if (!o)
        return *table && (*table)->name ? *table : NULL;
    if (o[1].name)
        return o + 1;
    for (; *table; table++) { /* the table after the one that o ends */
        const op *last = *table;
        while (last->name && last != o)
            last++;
        if (last == o && last->name)
            return table[1];
    }
    return NULL;
}

const op *op_named(const char *name)
{
    for (const op *o = op_next(NULL); o; o = op_next(o))
        if (!strcmp(o->name, name))
            return o;
    return NULL;
}

/* ---- what handlers use
 * ------------------------------------------------------------------------------ */

const char *op_text(const op_call *k, const char *name)
{
    for (size_t i = 0; i < k->param_count; i++)
        if (!strcmp(k->params[i].name, name))
            return k->params[i].value;
    return NULL;
}

bool op_may(const op_call *k, const char *permission)
{
    const char *all = k->who.permissions;
    if (!*permission)
        return true;
    if (!strcmp(permission, SIGNED_IN)) /* a trusted process may do all, but is nobody's account */
        return k->who.account_nr != 0;
    if (k->who.system)
        return true;
    return all && strcmp(permission, SYSTEM) &&
           (text_listed(all, "*") || text_listed(all, permission));
}

cinema_status op_give(op_call *k, const void *record)
{
    k->result->record = record;
    if (k->op->flags & ETAG && !*k->result->tag)
        result_tag(k->op->output, record, k->result->tag);
    return CINEMA_OK;
}

cinema_status op_give_raw(op_call *k, char *text, size_t length)
{
    free(k->result->raw);
    k->result->raw = text;
    k->result->raw_length = length;
    return CINEMA_OK;
}

void op_name(op_call *k, const char *id, const char *slug)
{
    text_copy(k->result->id, sizeof k->result->id, id);
    text_copy(k->result->slug, sizeof k->result->slug, slug);
}

static cinema_status keep_text(char **to, const char *text, cinema_error *err)
{
    char *copy = strdup(text);
    if (!copy)
        return fail_memory(err);
    free(*to);
    *to = copy;
    return CINEMA_OK;
}

cinema_status op_redirect(op_call *k, const char *location)
{
    return keep_text(&k->result->location, location, k->err);
}

cinema_status op_set_cookie(op_call *k, const char *cookie)
{
    return keep_text(&k->result->cookie, cookie, k->err);
}

void op_status(op_call *k, int http)
{
    k->result->http = http;
}

/* ---- one call
 * --------------------------------------------------------------------------------------------- */

static cinema_status permitted(op_call *k)
{
    cinema_status s = k->cinema->identify(k->cinema, k->caller, k->arena, &k->who, k->err);
    if (s || op_may(k, k->op->permission))
        return s;
    if (!k->who.known)
        return fail(k->err, CINEMA_UNAUTHENTICATED, NULL, NULL,
                    "sign in first: this needs a token");
    return fail(k->err, CINEMA_FORBIDDEN, NULL, NULL, "you are not allowed to do this");
}

/* Whether the client has this version already, at the cost of one small read. */
static cinema_status unchanged(op_call *k, const char *if_none, bool *ret)
{
    char tag[64] = "";
    cinema_status s;
    if (!if_none || !k->op->version)
        return CINEMA_OK;
    if ((s = k->op->version(k, tag)))
        return s;
    *ret = tag_listed(if_none, tag);
    if (*ret)
        memcpy(k->result->tag, tag, sizeof tag);
    return CINEMA_OK;
}

static cinema_status steps(op_call *k, const op_input *in, faults *list)
{
    bool same = false;
    cinema_status s;
    if ((s = handle_check(k->cinema, k->err)) || (s = permitted(k)) ||
        (s = input_read(k, in, list, k->err)) || (s = faults_status(list, k->err)) ||
        (s = unchanged(k, in->if_none, &same)))
        return s;
    if (same) {
        k->result->not_modified = true;
        k->result->http = 304;
        return CINEMA_OK;
    }
    bool once = k->caller->idempotency_key && k->op->flags & IDEMPOTENT;
    return once ? k->cinema->run_once(k) : k->op->function(k);
}

enum { DEADLINE_MAX_MS = 24 * 3600 * 1000 };

int64_t op_deadline(const cinema *c, const cinema_caller *caller)
{
    int64_t ms = caller->deadline_ms > 0 ? caller->deadline_ms : c->deadline_ms;
    return clock_monotonic_ms() + (ms < DEADLINE_MAX_MS ? ms : DEADLINE_MAX_MS);
}

/* The problem document of a call, with an id to find it by in logs: the caller's, or a new one. */
static void tell(cinema *c, cinema_result *r, const cinema_error *err, const faults *list,
                 const char *request_id)
{
    unsigned char bytes[8];
    char made[2 * sizeof bytes + 1];
    if (!request_id)
        random_bytes(c, bytes, sizeof bytes);
    for (size_t i = 0; !request_id && i < sizeof bytes; i++)
        snprintf(made + 2 * i, 3, "%02x", bytes[i]);
    result_fail(r, err, list, request_id ? request_id : made);
}

cinema_status op_run(cinema *c, const cinema_caller *caller, const op *o, op_input *in,
                     cinema_result **ret, cinema_error *err)
{
    static const cinema_caller nobody;
    cinema_error own = { 0 };
    faults list __attribute__((uninitialized)); /* 12 KiB, written before they are read */
    list.count = 0;
    *ret = NULL;
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    cinema_result *r = a ? result_new(o) : NULL;
    if (!r)
        return fail_memory(err);
    op_call k = { .cinema = c,
                  .op = o,
                  .caller = caller ? caller : &nobody,
                  .arena = a,
                  .cookies = in->cookies,
                  .stream = in->stream,
                  .result = r,
                  .err = &own };
    int64_t before = call_deadline_set(op_deadline(c, k.caller));
    cinema_status s = steps(&k, in, &list);
    call_deadline_set(before);
    json_decref(k.body);
    if (s && own.retry_after_s)
        r->retry_after = own.retry_after_s;
    if (s)
        tell(c, r, &own, &list, k.caller->request_id);
    if (s && err)
        *err = own;
    *ret = r;
    return s;
}

/* ---- the JSON door
 * ----------------------------------------------------------------------------------------- */

/* A call that comes to no operation. */
static cinema_status refuse(cinema *c, const cinema_error *own, const char *request_id,
                            cinema_result **ret, cinema_error *err)
{
    cinema_result *r = *ret = result_new(NULL);
    if (!r)
        return fail_memory(err);
    tell(c, r, own, NULL, request_id);
    if (err)
        *err = *own;
    return r->status;
}

static void no_such_operation(const char *name, cinema_error *err)
{
    const char *names[512];
    size_t n = 0;
    for (const op *o = op_next(NULL); o && n < COUNT_OF(names); o = op_next(o))
        names[n++] = o->name;
    const char *near = text_nearest(name, names, n);
    fail(err, CINEMA_NOT_FOUND, "unknown_operation", NULL, "there is no operation %.60s%s%s%s",
         name, near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
}

cinema_status cinema_call_run_sized(cinema *c, const cinema_caller *caller, size_t size,
                                    const char *name, const char *json, size_t length,
                                    cinema_result **ret, cinema_error *err)
{
    cinema_caller who;
    op_input in = { .json = json, .json_length = json ? length : 0 };
    cinema_error own;
    cinema_status s = TAKE(who, caller, size, &own);
    const op *o = op_named(name);
    if (!s && o && o->nature != STREAM)
        return op_run(c, &who, o, &in, ret, err);
    if (!s && o)
        fail(&own, CINEMA_UNSUPPORTED, "stream", NULL, "%s carries raw bytes: call it over HTTP",
             name);
    else if (!s)
        no_such_operation(name, &own);
    return refuse(c, &own, s ? NULL : who.request_id, ret, err);
}

enum { JSON_MAX = 256 << 20 };

cinema_status cinema_call_sized(cinema *c, const cinema_caller *caller, size_t size,
                                const char *name, const char *json, char **ret, cinema_error *err)
{
    cinema_result *r = NULL;
    buffer b = BUFFER(JSON_MAX);
    cinema_status s =
        cinema_call_run_sized(c, caller, size, name, json, json ? strlen(json) : 0, &r, err);
    cinema_status written = r ? result_json(r, &b) : CINEMA_NO_MEMORY;
    cinema_result_free(r);
    *ret = written ? NULL : b.bytes;
    if (written)
        buffer_done(&b);
    if (written && !s)
        return fail(err, written, "answer_lost", NULL,
                    "it was done, but there is no memory to say so");
    return s;
}

void cinema_text_free(char *text)
{
    free(text);
}
