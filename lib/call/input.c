/* input.c - the JSON door's way in: text and JSON become an operation's input struct.
 * Types are judged here, limits by fields_check.
 */
#include "base/text.h"
#include "base/unicode.h"
#include "call/json_in.h"
#include "call/op.h"

#include <stdio.h>

/* What is being read, and who collects the faults. Strings belong to the json_t, which lives as
 * long as the call's arena. */
typedef struct reading {
    arena *arena;
    faults *faults;
    faults **unknown; /* told last; made when there is one */
    const char *what; /* "movie" */
    const field_table *table;
    field_mode mode;
    const char *path;
    char **clear; /* names of fields that were null */
    bool no_memory;
} reading;

static void *keep(reading *r, size_t size)
{
    void *p = arena_alloc(r->arena, size);
    r->no_memory |= !p;
    return p;
}

#define BAD(r, name, rule, ...) bad(r, name, rule, __VA_ARGS__)
__attribute__((format(printf, 4, 5))) static void bad(reading *r, const char *name,
                                                      const char *rule, const char *format, ...)
{
    char path[128], line[256];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    snprintf(path, sizeof path, "%s%.60s", r->path, name);
    fault_add(r->faults, path, rule, "%s", line);
}

static void unknown(reading *r, const char *name)
{
    const char *names[96];
    size_t n = 0;
    if (!*r->unknown && !(*r->unknown = keep(r, sizeof **r->unknown)))
        return;
    if ((*r->unknown)->count >= FAULTS_MAX) /* not shown: no need to look what was meant */
        return;
    for (size_t i = 0; r->table && i < r->table->count && n < COUNT_OF(names); i++)
        if (r->table->fields[i].in != FIELD_NONE && r->table->fields[i].type != FIELD_CLEAR)
            names[n++] = r->table->fields[i].name;
    const char *near = text_nearest(name, names, n);
    char path[128];
    snprintf(path, sizeof path, "%s%.60s", r->path, name);
    if (near)
        fault_add(*r->unknown, path, "unknown_field", "is not a field of a %s (did you mean %s?)",
                  r->what, near);
    else
        fault_add(*r->unknown, path, "unknown_field", "is not a field of a %s", r->what);
}

/* ---- from text: query parameters
 * ------------------------------------------------------------------ */

static void text_into_number(reading *r, const field *f, const char *s, void *at)
{
    int64_t *n = keep(r, sizeof *n);
    bool ok = n && (f->type == FIELD_TIME ? time_parse(s, n) : text_number(s, n));
    if (ok)
        *(const int64_t **)at = n;
    else if (n)
        BAD(r, f->name, "type",
            f->type == FIELD_TIME ? "must be a time: 2026-01-31T12:00:00Z"
                                  : "must be a whole number");
}

static void text_into_limit(reading *r, const field *f, const char *s, unsigned *at)
{
    int64_t n;
    if (!text_number(s, &n))
        BAD(r, f->name, "type", "must be a whole number");
    else if (n < 1 || n > f->max) /* 0 inside stands for the default, so it is refused here */
        BAD(r, f->name, "range", "must be from 1 to %lld", (long long)f->max);
    else
        *at = (unsigned)n;
}

static void text_into_flag(reading *r, const field *f, const char *s, bool *at)
{
    if (!strcmp(s, "true"))
        *at = true;
    else if (strcmp(s, "false"))
        BAD(r, f->name, "type", "must be true or false");
}

/* Lists in a query: with commas between. */
static void text_into_texts(reading *r, const char *s, cinema_texts *at)
{
    size_t n = 1;
    for (const char *p = s; *p; p++)
        n += *p == ',';
    const char **items = keep(r, n * sizeof *items);
    char *copy = arena_copy(r->arena, s, strlen(s));
    if (!items || !copy) {
        r->no_memory = true;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        items[i] = copy;
        copy += strcspn(copy, ",");
        *copy++ = '\0';
    }
    *at = (cinema_texts){ items, n };
}

static void from_text(reading *r, const field *f, const char *s, void *at)
{
    switch (f->type) {
    case FIELD_NUMBER:
    case FIELD_TIME:
        text_into_number(r, f, s, at);
        return;
    case FIELD_LIMIT:
        text_into_limit(r, f, s, at);
        return;
    case FIELD_FLAG:
        text_into_flag(r, f, s, at);
        return;
    case FIELD_TEXTS:
    case FIELD_WORDS:
        text_into_texts(r, s, at);
        return;
    case FIELD_TEXT:
    case FIELD_DATE:
    case FIELD_UUID:
        if (utf8_valid(s, strlen(s)))
            *(const char **)at = s;
        else
            BAD(r, f->name, "utf8", "is not valid UTF-8");
        return;
    default:
        BAD(r, f->name, "type", "cannot be given in a query");
    }
}

/* ---- from JSON
 * ------------------------------------------------------------------------------------- */

static void read_object(reading *r, const json_t *object, char *input);

static void json_into_number(reading *r, const field *f, const json_t *v, void *at)
{
    int64_t *n = keep(r, sizeof *n);
    if (!n)
        return;
    *n = json_integer_value(v);
    if (json_is_integer(v))
        *(const int64_t **)at = n;
    else
        BAD(r, f->name, "type", "must be a whole number");
}

static void json_into_limit(reading *r, const field *f, const json_t *v, unsigned *at)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(v));
    text_into_limit(r, f, json_is_integer(v) ? digits : "", at);
}

static void json_into_time(reading *r, const field *f, const json_t *v, void *at)
{
    text_into_number(r, f, json_is_string(v) ? json_string_value(v) : "", at);
}

static void json_into_real(reading *r, const field *f, const json_t *v, void *at)
{
    double *d = keep(r, sizeof *d);
    if (!d)
        return;
    *d = json_number_value(v);
    if (json_is_number(v))
        *(const double **)at = d;
    else
        BAD(r, f->name, "type", "must be a number");
}

static void json_into_bool(reading *r, const field *f, const json_t *v, void *at)
{
    if (!json_is_boolean(v)) {
        BAD(r, f->name, "type", "must be true or false");
    } else if (f->type == FIELD_FLAG) {
        *(bool *)at = json_is_true(v);
    } else {
        bool *b = keep(r, sizeof *b);
        if (b)
            *b = json_is_true(v);
        *(const bool **)at = b;
    }
}

static void json_into_texts(reading *r, const field *f, const json_t *v, cinema_texts *at)
{
    char name[80];
    size_t n = json_array_size(v);
    const char **items = keep(r, (n + 1) * sizeof *items);
    if (!json_is_array(v)) {
        BAD(r, f->name, "type", "must be a list of strings");
        return;
    }
    for (size_t i = 0; items && i < n; i++) {
        items[i] = json_string_value(json_array_get(v, i));
        snprintf(name, sizeof name, "%s[%zu]", f->name, i);
        if (!items[i]) {
            BAD(r, name, "type", "must be a string");
            items[i] = "-"; /* told already: nothing more is to be found wrong with it */
        }
    }
    *at = (cinema_texts){ items, n };
}

static void json_into_pairs(reading *r, const field *f, json_t *v, cinema_pairs *at)
{
    size_t n = json_object_size(v), i = 0;
    cinema_pair *items = keep(r, (n + 1) * sizeof *items);
    char path[80];
    const char *name;
    json_t *value;
    if (!json_is_object(v)) {
        BAD(r, f->name, "type", "must be an object of strings, such as {\"imdb\": \"tt0041959\"}");
        return;
    }
    if (!items)
        return;
    json_object_foreach(v, name, value)
    {
        snprintf(path, sizeof path, "%s.%.40s", f->name, name);
        if (json_is_string(value))
            items[i++] = (cinema_pair){ name, json_string_value(value) };
        else
            BAD(r, path, "type", "must be a string");
    }
    *at = (cinema_pairs){ items, i };
}

typedef struct record_list {
    const void *const *items;
    size_t count;
} record_list;

static void json_into_records(reading *r, const field *f, const json_t *v, record_list *at)
{
    char path[96];
    size_t n = json_array_size(v);
    if (!json_is_array(v)) {
        BAD(r, f->name, "type", "must be a list of objects");
        return;
    }
    if (n > (size_t)(f->max ? f->max : 100)) { /* before memory is spent on them */
        BAD(r, f->name, "items", "must have at most %lld items",
            (long long)(f->max ? f->max : 100));
        return;
    }
    const void **items = keep(r, (n + 1) * sizeof *items);
    for (size_t i = 0; items && i < n; i++) {
        const json_t *item = json_array_get(v, i);
        char *record = keep(r, f->of->input_size);
        snprintf(path, sizeof path, "%s%s[%zu].", r->path, f->name, i);
        reading inner = { r->arena,    r->faults, r->unknown, f->of->name, f->of,
                          MODE_CREATE, path,      NULL,       false };
        if (!json_is_object(item)) {
            path[strlen(path) - 1] = '\0';
            fault_add(r->faults, path, "type", "must be an object");
        } else if (record) {
            read_object(&inner, item, record);
        }
        r->no_memory |= inner.no_memory;
        items[i] = record;
    }
    if (items)
        *at = (record_list){ items, n };
}

static void json_into_text(reading *r, const field *f, const json_t *v, const char **at)
{
    if (json_is_string(v))
        *at = json_string_value(v);
    else
        BAD(r, f->name, "type", "must be a string");
}

static void from_json(reading *r, const field *f, json_t *v, void *at)
{
    switch (f->type) {
    case FIELD_NUMBER:
        json_into_number(r, f, v, at);
        return;
    case FIELD_LIMIT:
        json_into_limit(r, f, v, at);
        return;
    case FIELD_TIME:
        json_into_time(r, f, v, at);
        return;
    case FIELD_REAL:
        json_into_real(r, f, v, at);
        return;
    case FIELD_BOOL:
    case FIELD_FLAG:
        json_into_bool(r, f, v, at);
        return;
    case FIELD_TEXTS:
    case FIELD_WORDS:
        json_into_texts(r, f, v, at);
        return;
    case FIELD_PAIRS:
        json_into_pairs(r, f, v, at);
        return;
    case FIELD_RECORDS:
        json_into_records(r, f, v, at);
        return;
    default:
        json_into_text(r, f, v, at);
    }
}

/* null empties a field of a change; elsewhere it is as good as absent. */
static void add_clear(reading *r, const char *name)
{
    if (r->mode != MODE_UPDATE || !r->clear)
        return;
    char *names =
        arena_format(r->arena, "%s%s%s", *r->clear ? *r->clear : "", *r->clear ? "," : "", name);
    r->no_memory |= !names;
    *r->clear = names;
}

static void read_member(reading *r, const char *name, json_t *v, char *input)
{
    const field *f = r->table ? field_find(r->table, name) : NULL;
    if (!f || f->in == FIELD_NONE || f->type == FIELD_CLEAR)
        unknown(r, name);
    else if (json_is_null(v))
        add_clear(r, name);
    else
        from_json(r, f, v, input + f->in);
}

static void read_object(reading *r, const json_t *object, char *input)
{
    const char *name;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)object, name, v) read_member(r, name, v, input);
}

/* ---- one operation's input
 * ------------------------------------------------------------------------------ */

static bool is_path_param(const op *o, const char *name)
{
    char braced[72];
    snprintf(braced, sizeof braced, "{%.60s}", name);
    return o->path && strstr(o->path, braced);
}

static void add_param(op_call *k, const char *name, const char *value)
{
    if (k->param_count < OP_PARAMS_MAX)
        k->params[k->param_count++] = (op_param){ name, value };
}

enum { NAME_MAX_BYTES = 512 };

/* A name in a path: text of a sane length; what it may be is the room's to say. */
static void check_param(reading *r, const op_param *p)
{
    size_t n = strlen(p->value);
    if (!n || n > NAME_MAX_BYTES || !utf8_valid(p->value, n))
        BAD(r, p->name, "name", "must be 1 to %d bytes of UTF-8", NAME_MAX_BYTES);
}

/* In the JSON door path parameters are members like any other. */
static void params_from_json(op_call *k, reading *r, json_t *body)
{
    const char *name;
    json_t *v;
    void *tmp;
    json_object_foreach_safe(body, tmp, name, v)
    {
        if (!is_path_param(k->op, name) || op_text(k, name))
            continue;
        char *copy = arena_copy(k->arena, name, strlen(name));
        const char *text = json_string_value(v);
        const char *value = text ? arena_copy(k->arena, text, strlen(text)) : NULL;
        r->no_memory |= !copy || (text && !value);
        if (!text)
            BAD(r, name, "type", "must be a string");
        else if (copy && value) {
            add_param(k, copy, value);
            check_param(r, &(op_param){ copy, value });
        }
        json_object_del(body, name);
    }
}

static void query_from_text(reading *r, const op_input *in, bool others, char *input)
{
    for (size_t i = in->path_params; i < in->count; i++) {
        const op_param *p = &in->params[i];
        const field *f = r->table ? field_find(r->table, p->name) : NULL;
        bool again = false;
        for (size_t j = in->path_params; j < i; j++)
            again |= !strcmp(in->params[j].name, p->name);
        if (!f || f->in == FIELD_NONE || f->type == FIELD_CLEAR || r->mode != MODE_QUERY) {
            if (!others)
                unknown(r, p->name);
        } else if (again)
            BAD(r, p->name, "duplicate_field", "stands twice");
        else
            from_text(r, f, p->value, input + f->in);
    }
}

static bool told(const faults *list, const char *name)
{
    for (size_t i = 0; i < list->count && i < FAULTS_MAX; i++)
        if (!strcmp(list->items[i].field, name))
            return true;
    return false;
}

static void required_params(op_call *k, reading *r)
{
    const char *p = k->op->path;
    while (p && (p = strchr(p, '{'))) {
        char name[64];
        size_t n = strcspn(++p, "}");
        snprintf(name, sizeof name, "%.*s", (int)(n < 60 ? n : 60), p);
        if (!op_text(k, name) && !told(r->faults, name))
            BAD(r, name, "required", "is required");
    }
}

static char **clear_of(const field_table *t, char *input)
{
    for (size_t i = 0; t && i < t->count; i++)
        if (t->fields[i].type == FIELD_CLEAR)
            return (char **)(void *)(input + t->fields[i].in);
    return NULL;
}

/* If-Match has the last word; a revision in body or query may only say the same. */
static void revision_of_header(op_call *k, const char *text, reading *r)
{
    const field *f = r->table ? field_find(r->table, "revision") : NULL;
    if (!text || !f || f->in == FIELD_NONE)
        return;
    const int64_t **at = (const int64_t **)(void *)((char *)k->input + f->in);
    const int64_t *other = *at;
    from_text(r, f, text, at);
    if (other && *at && *other != **at)
        BAD(r, f->name, "if_match", "is another than that of If-Match");
}

/* The json_t is freed with the call: its strings are in use until then. */
static cinema_status read_all(op_call *k, const op_input *in, json_t *body, reading *r)
{
    for (size_t i = 0; i < in->path_params; i++) {
        check_param(r, &in->params[i]);
        add_param(k, in->params[i].name, in->params[i].value);
    }
    if (body)
        params_from_json(k, r, body);
    required_params(k, r);
    query_from_text(r, in, k->op->flags & OTHERS_QUERY, k->input);
    if (body)
        read_object(r, body, k->input);
    revision_of_header(k, in->revision, r);
    return r->no_memory ? CINEMA_NO_MEMORY : CINEMA_OK;
}

field_mode op_mode(const op *o)
{
    if (o->nature == STREAM)
        return MODE_QUERY;
    if (!strcmp(o->method, "POST") || !strcmp(o->method, "PUT"))
        return MODE_CREATE;
    if (!strcmp(o->method, "DELETE"))
        return o->body_max ? MODE_CREATE : MODE_QUERY;
    return strcmp(o->method, "PATCH") ? MODE_QUERY : MODE_UPDATE;
}

cinema_status input_read(op_call *k, const op_input *in, faults *list, cinema_error *err)
{
    const field_table *t = k->op->input;
    field_mode mode = op_mode(k->op);
    faults *unknown = NULL;
    char what[32];
    reading r = { k->arena, list, &unknown, what, t, mode, "", NULL, false };
    json_t *body = NULL;
    snprintf(what, sizeof what, "%.*s", (int)strcspn(k->op->name, "."), k->op->name);
    if (t && !(k->input = arena_alloc(k->arena, t->input_size)))
        return fail_memory(err);
    r.clear = k->input ? clear_of(t, k->input) : NULL;
    if (in->json_length && !(body = json_read_object(in->json, in->json_length, list)))
        return list->count ? CINEMA_OK : fail_memory(err);
    k->body = body;
    if (read_all(k, in, body, &r))
        return fail_memory(err);
    cinema_status s = t ? fields_check(t, mode, k->input, k->arena, list, err) : CINEMA_OK;
    for (size_t i = 0; unknown && i < unknown->count && i < FAULTS_MAX; i++) {
        const fault *x = &unknown->items[i];
        fault_add(list, x->field, x->rule, "%s", x->message);
    }
    return s;
}
