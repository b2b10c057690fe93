/* field_emit.c - answers: a record walked by its field table into an emitter.
 */
#include "base/field.h"
#include "base/text.h"

typedef struct pointers {
    const void *const *items;
    size_t count;
} pointers;

static cinema_status emit_string(const char *s, const cinema_emitter *e)
{
    return s ? e->text(s, strlen(s), e->user) : e->null(e->user);
}

static cinema_status emit_time(int64_t ms, const cinema_emitter *e)
{
    char text[TIME_TEXT];
    if (ms == CINEMA_ABSENT)
        return e->null(e->user);
    time_text(ms, text);
    return e->text(text, sizeof text - 1, e->user);
}

static cinema_status emit_texts(const cinema_texts *l, const cinema_emitter *e)
{
    cinema_status s = e->list(e->user);
    for (size_t i = 0; !s && i < l->count; i++)
        s = emit_string(l->items[i], e);
    return s ? s : e->end(e->user);
}

static cinema_status emit_pairs(const cinema_pairs *l, const cinema_emitter *e)
{
    cinema_status s = e->object(e->user);
    for (size_t i = 0; !s && i < l->count; i++) {
        const cinema_pair *p = &l->items[i];
        if (!(s = e->key(p->name, strlen(p->name), e->user)))
            s = emit_string(p->value, e);
    }
    return s ? s : e->end(e->user);
}

static cinema_status emit_records(const field_table *t, const pointers *l, const cinema_emitter *e)
{
    cinema_status s = e->list(e->user);
    for (size_t i = 0; !s && i < l->count; i++)
        s = fields_emit(t, l->items[i], e);
    return s ? s : e->end(e->user);
}

static cinema_status emit_value(const field *f, const void *at, const cinema_emitter *e)
{
    switch (f->type) {
    case FIELD_NUMBER: {
        int64_t n = *(const int64_t *)at;
        return n == CINEMA_ABSENT ? e->null(e->user) : e->number(n, e->user);
    }
    case FIELD_TIME:
        return emit_time(*(const int64_t *)at, e);
    case FIELD_REAL: {
        double d = *(const double *)at;
        return f->zero_absent && !(d < 0 || d > 0) ? e->null(e->user) : e->real(d, e->user);
    }
    case FIELD_BOOL:
        return e->boolean(*(const bool *)at, e->user);
    case FIELD_TEXTS:
    case FIELD_WORDS:
        return emit_texts(at, e);
    case FIELD_PAIRS:
        return emit_pairs(at, e);
    case FIELD_RECORD: {
        const void *inner = *(const void *const *)at;
        return inner ? fields_emit(f->of, inner, e) : e->null(e->user);
    }
    case FIELD_RECORDS:
        return emit_records(f->of, at, e);
    default:
        return emit_string(*(const char *const *)at, e);
    }
}

static bool left_out(const field *f, const void *at)
{
    if (!f->optional)
        return false;
    switch (f->type) {
    case FIELD_NUMBER:
    case FIELD_TIME:
        return *(const int64_t *)at == CINEMA_ABSENT;
    case FIELD_BOOL:
        return !*(const bool *)at;
    case FIELD_TEXTS:
    case FIELD_RECORDS:
        return !((const pointers *)at)->items;
    default:
        return !*(const void *const *)at;
    }
}

cinema_status fields_emit(const field_table *t, const void *record, const cinema_emitter *e)
{
    cinema_status s = e->object(e->user);
    for (size_t i = 0; !s && i < t->count; i++) {
        const field *f = &t->fields[i];
        const void *at = (const char *)record + f->out;
        if (f->out == FIELD_NONE || left_out(f, at))
            continue;
        if (!(s = e->key(f->name, strlen(f->name), e->user)))
            s = emit_value(f, at, e);
    }
    return s ? s : e->end(e->user);
}
