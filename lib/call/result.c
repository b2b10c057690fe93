/* result.c - what an operation answered: records, pages, problem documents.
 */
#include "call/result.h"

cinema_result *result_new(const op *o)
{
    cinema_result *r = calloc(1, sizeof *r);
    if (r) {
        r->op = o;
        r->http = o ? o->success : 404;
    }
    return r;
}

void result_drop_stream(cinema_result *r)
{
    if (r->stream.read && r->stream_done)
        r->stream_done(r->stream.user);
    r->stream.read = NULL;
}

void cinema_result_free(cinema_result *r)
{
    if (!r)
        return;
    result_drop_stream(r);
    record_free(r->record);
    free(r->raw);
    free(r->location);
    free(r->cookie);
    free(r->faults);
    free(r);
}

void result_fail(cinema_result *r, const cinema_error *err, const faults *list,
                 const char *request_id)
{
    size_t n = list && list->count < FAULTS_MAX ? list->count : list ? FAULTS_MAX : 0;
    r->status = (cinema_status)err->status;
    r->http = cinema_status_describe(err->status)->http;
    r->error = *err;
    text_copy(r->code, sizeof r->code, err->reason);
    text_copy(r->request_id, sizeof r->request_id, request_id ? request_id : "");
    record_free(r->record);
    r->record = NULL;
    result_drop_stream(r);
    if (n && (r->faults = malloc(n * sizeof *r->faults))) {
        memcpy(r->faults, list->items, n * sizeof *r->faults);
        r->fault_count = n;
    }
}

static int64_t number_of(const field_table *t, const void *record, const char *name)
{
    const field *f = field_find(t, name);
    if (!f || f->out == FIELD_NONE || f->type != FIELD_NUMBER)
        return CINEMA_ABSENT;
    return *(const int64_t *)(const void *)((const char *)record + f->out);
}

bool result_tag(const field_table *t, const void *record, char tag[64])
{
    char digits[64];
    int64_t revision = number_of(t, record, "revision");
    int64_t votes = number_of(t, record, "votes");
    buffer b = { digits, 0, sizeof digits, sizeof digits, CINEMA_OK };
    if (revision == CINEMA_ABSENT)
        return false;
    buffer_number(&b, revision);
    if (votes != CINEMA_ABSENT) {
        buffer_byte(&b, '.');
        buffer_number(&b, votes);
    }
    memcpy(tag, digits, b.length + 1);
    return true;
}

/* ---- problem documents (RFC 9457) --------------------------------------------------------------
 */

static cinema_status member(const cinema_emitter *e, const char *name, const char *value)
{
    cinema_status s = e->key(name, strlen(name), e->user);
    return s ? s : e->text(value, strlen(value), e->user);
}

static cinema_status emit_fault(const cinema_emitter *e, const char *name, const char *rule,
                                const char *message)
{
    cinema_status s;
    if ((s = e->object(e->user)) || (s = member(e, "field", name)) ||
        (s = member(e, "rule", rule)) || (s = member(e, "message", message)))
        return s;
    return e->end(e->user);
}

/* The message of an error begins with its field; that of a fault stands beside it. */
static const char *without_field(const cinema_error *err)
{
    size_t n = strlen(err->field);
    bool begins = !strncmp(err->message, err->field, n) && !strncmp(err->message + n, ": ", 2);
    return begins ? err->message + n + 2 : err->message;
}

/* A single fault found by a rule deeper down has its field in the error alone. */
static cinema_status emit_faults(const cinema_result *r, const cinema_emitter *e)
{
    cinema_status s;
    if (r->http != 400 || (!r->fault_count && !*r->error.field))
        return CINEMA_OK;
    if ((s = e->key("errors", 6, e->user)) || (s = e->list(e->user)))
        return s;
    for (size_t i = 0; !s && i < r->fault_count; i++)
        s = emit_fault(e, r->faults[i].field, r->faults[i].rule, r->faults[i].message);
    if (!s && !r->fault_count)
        s = emit_fault(e, r->error.field, r->error.reason, without_field(&r->error));
    return s ? s : e->end(e->user);
}

static cinema_status emit_problem(const cinema_result *r, const cinema_emitter *e)
{
    const cinema_status_info *info = cinema_status_describe(r->status);
    char type[80] = "urn:cinema:problem:";
    cinema_status s;
    text_copy(type + strlen(type), sizeof type - strlen(type), r->code);
    if ((s = e->object(e->user)) || (s = member(e, "type", type)) ||
        (s = member(e, "title", info->title)) || (s = e->key("status", 6, e->user)) ||
        (s = e->number(r->http, e->user)) || (s = member(e, "detail", r->error.message)) ||
        (s = member(e, "code", r->code)) || (s = member(e, "request_id", r->request_id)) ||
        (*r->trace_id && (s = member(e, "trace_id", r->trace_id))) || (s = emit_faults(r, e)))
        return s;
    return e->end(e->user);
}

/* ---- answers
 * ------------------------------------------------------------------------------------- */

static cinema_status emit_page(const cinema_result *r, const cinema_emitter *e)
{
    const op_page *p = r->record;
    cinema_status s;
    if ((s = e->object(e->user)) || (s = e->key("items", 5, e->user)) || (s = e->list(e->user)))
        return s;
    for (size_t i = 0; i < p->count; i++)
        if ((s = fields_emit(r->op->output, p->items[i], e)))
            return s;
    if ((s = e->end(e->user)) || (s = e->key("next", 4, e->user)) ||
        (s = p->next ? e->text(p->next, strlen(p->next), e->user) : e->null(e->user)))
        return s;
    if (p->total != CINEMA_ABSENT &&
        ((s = e->key("total", 5, e->user)) || (s = e->number(p->total, e->user))))
        return s;
    if (p->total_capped &&
        ((s = e->key("total_capped", 12, e->user)) || (s = e->boolean(true, e->user))))
        return s;
    return e->end(e->user);
}

cinema_status cinema_result_emit(const cinema_result *r, const cinema_emitter *e)
{
    if (r->status)
        return emit_problem(r, e);
    if (r->replayed && r->raw)
        return emit_json(r->raw, r->raw_length, e);
    if (r->raw)
        return e->text(r->raw, r->raw_length, e->user);
    if (!r->record)
        return e->null(e->user);
    if (r->op->flags & PAGE)
        return emit_page(r, e);
    return fields_emit(r->op->output, r->record, e);
}

cinema_status result_json(const cinema_result *r, buffer *b)
{
    json_writer w;
    cinema_emitter e = json_emitter(&w, b);
    cinema_status s = cinema_result_emit(r, &e);
    return s ? s : b->failed;
}
