/* once.c - what a call asked and what it answered, as values that can be kept and given again.
 */
#include "call/result.h"

#include <jansson.h>
#include <sodium.h>

/* The same members in another order, or with other white space, are the same input. */
cinema_status op_fingerprint(const op_call *k, unsigned char sum[32])
{
    crypto_generichash_state state;
    char *text = k->body ? json_dumps(k->body, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (k->body && !text)
        return fail_memory(k->err);
    crypto_generichash_init(&state, NULL, 0, 32);
    for (size_t i = 0; i < k->param_count; i++) {
        const op_param *p = &k->params[i];
        crypto_generichash_update(&state, (const unsigned char *)p->name, strlen(p->name) + 1);
        crypto_generichash_update(&state, (const unsigned char *)p->value, strlen(p->value) + 1);
    }
    if (text)
        crypto_generichash_update(&state, (const unsigned char *)text, strlen(text));
    crypto_generichash_final(&state, sum, 32);
    free(text);
    return CINEMA_OK;
}

/* ---- answers ------------------------------------------------------------------------------------
 */

enum { ANSWER_MAX = 16 << 20 };

static const char *id_of(const op_call *k)
{
    const field *f = k->op->output ? field_find(k->op->output, "id") : NULL;
    const char *id = NULL;
    if (f && f->out != FIELD_NONE && k->result->record && !(k->op->flags & PAGE))
        memcpy(&id, (const char *)k->result->record + f->out, sizeof id);
    return id;
}

cinema_status op_answered(op_call *k, op_answer *ret)
{
    buffer b = BUFFER(ANSWER_MAX);
    const cinema_result *r = k->result;
    cinema_status s = r->record || r->raw ? result_json(r, &b) : CINEMA_OK;
    *ret = (op_answer){ .http = r->http, .tag = r->tag, .id = id_of(k) };
    if (b.length && !(ret->json = arena_copy(k->arena, b.bytes, b.length)))
        s = CINEMA_NO_MEMORY;
    buffer_done(&b);
    return s ? fail(k->err, s, NULL, NULL, "the answer could not be kept") : CINEMA_OK;
}

cinema_status op_replay(op_call *k, const op_answer *first)
{
    cinema_result *r = k->result;
    size_t n = strlen(first->json);
    r->http = first->http;
    r->replayed = true;
    text_copy(r->tag, sizeof r->tag, first->tag);
    text_copy(r->id, sizeof r->id, first->id);
    if (!n)
        return CINEMA_OK;
    char *copy = malloc(n + 1);
    if (!copy)
        return fail_memory(k->err);
    memcpy(copy, first->json, n + 1);
    return op_give_raw(k, copy, n);
}

/* ---- JSON text through an emitter
 * ---------------------------------------------------------------- */

static cinema_status emit(json_t *v, const cinema_emitter *e);

static cinema_status emit_members(json_t *v, const cinema_emitter *e)
{
    cinema_status s = e->object(e->user);
    const char *name;
    json_t *member;
    json_object_foreach(v, name, member)
    {
        if (s || (s = e->key(name, strlen(name), e->user)))
            return s;
        s = emit(member, e);
    }
    return s ? s : e->end(e->user);
}

static cinema_status emit_items(const json_t *v, const cinema_emitter *e)
{
    cinema_status s = e->list(e->user);
    for (size_t i = 0; !s && i < json_array_size(v); i++)
        s = emit(json_array_get(v, i), e);
    return s ? s : e->end(e->user);
}

static cinema_status emit(json_t *v, const cinema_emitter *e)
{
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return emit_members(v, e);
    case JSON_ARRAY:
        return emit_items(v, e);
    case JSON_STRING:
        return e->text(json_string_value(v), json_string_length(v), e->user);
    case JSON_INTEGER:
        return e->number(json_integer_value(v), e->user);
    case JSON_REAL:
        return e->real(json_real_value(v), e->user);
    case JSON_NULL:
        return e->null(e->user);
    default:
        return e->boolean(json_is_true(v), e->user);
    }
}

cinema_status emit_json(const char *json, size_t length, const cinema_emitter *e)
{
    json_t *v = json_loadb(json, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    cinema_status s = v ? emit(v, e) : CINEMA_INTERNAL;
    json_decref(v);
    return s;
}
