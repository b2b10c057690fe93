/* openapi_schema.c - field tables as JSON Schema (2020-12, as OpenAPI 3.1 has it).
 */
#include "http/openapi.h"

#include "base/text.h"

#include <stdio.h>

/* Where a field says nothing: as field_check.c has it. */
enum { TEXT_MAX = 500, ITEMS_MAX = 100, RECORDS_MAX = 100 };

#define DATE_PATTERN "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
/* No control characters; in texts of several lines tab and line ends may stand. */
#define LINE_PATTERN "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
#define LINES_PATTERN "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$"
#define WEB_CHARACTER "\\u0000-\\u0020\"<>\\\\^`{|}\\u007f-\\u009f"
#define WEB_PATTERN "^https?://[^/" WEB_CHARACTER "][^" WEB_CHARACTER "]*$"
#define PAIR_PATTERN "^[a-z_][a-z0-9_]{0,31}$"

void schema_name(const field_table *t, schema_kind kind, char name[SCHEMA_NAME])
{
    static const char *const suffixes[] = { "", "Create", "Update", "Query", "Page" };
    size_t n = 0;
    bool capital = true;
    for (const char *s = t->name; *s && n < 64; s++) {
        bool letter = *s >= 'a' && *s <= 'z';
        if (letter || (*s >= '0' && *s <= '9'))
            name[n++] = (char)(letter && capital ? *s - 'a' + 'A' : *s);
        capital = !letter;
    }
    snprintf(name + n, SCHEMA_NAME - n, "%s", suffixes[kind]);
}

/* ---- one field ------------------------------------------------------------------------------- */

static bool is_list(const field *f)
{
    return f->type == FIELD_TEXTS || f->type == FIELD_WORDS || f->type == FIELD_PAIRS ||
           f->type == FIELD_RECORDS;
}

/* Whether null may stand there. Answers: fields that every record has are marked `present` or
 * `needed`, or have one of the names that are the same everywhere. */
static bool nullable(const field *f, schema_kind kind, bool clearable)
{
    static const char always[] = "id slug revision created_at updated_at";
    switch (kind) {
    case SCHEMA_ANSWER:
        return !f->present && !f->needed && !f->lasting && !f->initial && !f->optional &&
               !is_list(f) && f->type != FIELD_BOOL && (f->type != FIELD_REAL || f->zero_absent) &&
               !text_listed(always, f->name);
    case SCHEMA_CREATE:
        return !f->needed; /* as good as leaving it out */
    case SCHEMA_UPDATE:
        return !clearable || (!f->needed && !f->initial && !f->update_only && !f->lasting);
    default:
        return false;
    }
}

static void write_type(doc *d, const char *type, bool null)
{
    if (!null) {
        doc_text(d, "type", type);
        return;
    }
    doc_list(d, "type");
    doc_text(d, NULL, type);
    doc_text(d, NULL, "null");
    doc_end(d);
}

static void write_choices(doc *d, const char *words, bool null)
{
    doc_list(d, "enum");
    while (*words) {
        size_t n = strcspn(words, " ");
        doc_text_n(d, NULL, words, n);
        words += n + (words[n] == ' ');
    }
    if (null)
        doc_null(d, NULL);
    doc_end(d);
}

/* What a text that is sent may be. */
static void write_limits(doc *d, int64_t min, int64_t max, const char *pattern)
{
    if (min)
        doc_number(d, "minLength", min);
    doc_number(d, "maxLength", max);
    doc_text(d, "pattern", pattern);
}

static const char *pattern_of(const field *f)
{
    if (f->pattern)
        return f->pattern;
    if (f->web)
        return WEB_PATTERN;
    return f->lines ? LINES_PATTERN : LINE_PATTERN;
}

static void write_text(doc *d, const field *f, schema_kind kind, bool null)
{
    write_type(d, "string", null);
    if (f->one_of)
        write_choices(d, f->one_of, null);
    else if (f->type == FIELD_UUID)
        doc_text(d, "format", "uuid");
    else if (f->type == FIELD_TIME)
        doc_text(d, "format", "date-time");
    else if (f->type == FIELD_DATE)
        doc_text(d, "pattern", DATE_PATTERN);
    else if (kind != SCHEMA_ANSWER)
        write_limits(d, f->min, f->max ? f->max : TEXT_MAX, pattern_of(f));
}

static void write_number(doc *d, const field *f, schema_kind kind, bool null)
{
    bool real = f->type == FIELD_REAL;
    write_type(d, real ? "number" : "integer", null);
    if (!real)
        doc_text(d, "format", "int64");
    if (kind == SCHEMA_ANSWER)
        return;
    doc_number(d, "minimum", f->min);
    if (f->max && f->max != INT64_MAX)
        doc_number(d, "maximum", f->max);
}

static void write_items(doc *d, const field *f, schema_kind kind, int64_t max)
{
    if (kind == SCHEMA_ANSWER)
        return;
    if (f->min)
        doc_number(d, "minItems", f->min);
    doc_number(d, "maxItems", f->max ? f->max : max);
}

static void write_texts(doc *d, const field *f, schema_kind kind, bool null)
{
    write_type(d, "array", null);
    write_items(d, f, kind, ITEMS_MAX);
    doc_object(d, "items");
    doc_text(d, "type", "string");
    if (kind != SCHEMA_ANSWER)
        write_limits(d, 1, f->item_max ? f->item_max : TEXT_MAX, LINE_PATTERN);
    doc_end(d);
}

static void write_pairs(doc *d, const field *f, schema_kind kind, bool null)
{
    write_type(d, "object", null);
    if (kind != SCHEMA_ANSWER)
        doc_number(d, "maxProperties", f->max ? f->max : ITEMS_MAX);
    doc_object(d, "propertyNames");
    doc_text(d, "pattern", PAIR_PATTERN);
    doc_end(d);
    doc_object(d, "additionalProperties");
    doc_text(d, "type", "string");
    if (kind != SCHEMA_ANSWER)
        write_limits(d, 1, f->item_max ? f->item_max : TEXT_MAX, LINE_PATTERN);
    doc_end(d);
}

static void write_record(doc *d, const field *f, schema_kind kind, bool null)
{
    char name[SCHEMA_NAME];
    schema_name(f->of, kind == SCHEMA_ANSWER ? kind : SCHEMA_CREATE, name);
    if (f->type == FIELD_RECORDS) {
        write_type(d, "array", null);
        write_items(d, f, kind, RECORDS_MAX);
        doc_ref(d, "items", "schemas", name);
        return;
    }
    doc_list(d, "anyOf");
    doc_ref(d, NULL, "schemas", name);
    if (null) {
        doc_object(d, NULL);
        doc_text(d, "type", "null");
        doc_end(d);
    }
    doc_end(d);
}

static void write_default(doc *d, const field *f)
{
    int64_t n;
    if (text_number(f->initial, &n) && f->type != FIELD_TEXT)
        doc_number(d, "default", n);
    else if (f->type == FIELD_BOOL || f->type == FIELD_FLAG)
        doc_bool(d, "default", !strcmp(f->initial, "true"));
    else
        doc_text(d, "default", f->initial);
}

void schema_field(doc *d, const char *key, const field *f, schema_kind kind, bool clearable)
{
    bool null = nullable(f, kind, clearable);
    doc_object(d, key);
    switch (f->type) {
    case FIELD_NUMBER:
    case FIELD_LIMIT:
    case FIELD_REAL:
        write_number(d, f, kind, null);
        break;
    case FIELD_BOOL:
    case FIELD_FLAG:
        write_type(d, "boolean", null);
        break;
    case FIELD_TEXTS:
    case FIELD_WORDS:
        write_texts(d, f, kind, null);
        break;
    case FIELD_PAIRS:
        write_pairs(d, f, kind, null);
        break;
    case FIELD_RECORD:
    case FIELD_RECORDS:
        write_record(d, f, kind, null);
        break;
    default:
        write_text(d, f, kind, null);
    }
    if (f->help)
        doc_text(d, "description", f->help);
    if (f->initial && kind != SCHEMA_ANSWER && kind != SCHEMA_UPDATE)
        write_default(d, f);
    doc_end(d);
}

/* ---- one table ------------------------------------------------------------------------------- */

static bool belongs(const field *f, schema_kind kind)
{
    switch (kind) {
    case SCHEMA_ANSWER:
        return f->out != FIELD_NONE && f->type != FIELD_CLEAR;
    case SCHEMA_CREATE:
        return f->in != FIELD_NONE && f->type != FIELD_CLEAR && !f->update_only;
    case SCHEMA_UPDATE:
        return f->in != FIELD_NONE && f->type != FIELD_CLEAR && !f->create_only;
    default:
        return f->in != FIELD_NONE && f->type != FIELD_CLEAR;
    }
}

static bool has_clear(const field_table *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->fields[i].type == FIELD_CLEAR)
            return true;
    return false;
}

static void write_required(doc *d, const field_table *t, schema_kind kind)
{
    bool open = false;
    for (size_t i = 0; i < t->count; i++) {
        const field *f = &t->fields[i];
        bool required = kind == SCHEMA_ANSWER ? !f->optional : kind == SCHEMA_CREATE && f->needed;
        if (!required || !belongs(f, kind))
            continue;
        if (!open)
            doc_list(d, "required");
        open = true;
        doc_text(d, NULL, f->name);
    }
    if (open)
        doc_end(d);
}

static void write_table(doc *d, const char *name, const field_table *t, schema_kind kind)
{
    bool clearable = has_clear(t);
    doc_object(d, name);
    doc_text(d, "type", "object");
    doc_object(d, "properties");
    for (size_t i = 0; i < t->count; i++)
        if (belongs(&t->fields[i], kind))
            schema_field(d, t->fields[i].name, &t->fields[i], kind, clearable);
    doc_end(d);
    write_required(d, t, kind);
    if (kind != SCHEMA_ANSWER)
        doc_bool(d, "additionalProperties", false);
    doc_end(d);
}

static void write_page(doc *d, const char *name, const field_table *t)
{
    static const field more[] = {
        { .name = "next", .type = FIELD_TEXT, .help = "to give as `after`; null: the last page" },
        { .name = "total", .type = FIELD_NUMBER, .optional = true, .help = "with total=true" },
        { .name = "total_capped", .type = FIELD_BOOL, .optional = true, .help = "there are more" },
    };
    char item[SCHEMA_NAME];
    schema_name(t, SCHEMA_ANSWER, item);
    doc_object(d, name);
    doc_text(d, "type", "object");
    doc_object(d, "properties");
    doc_object(d, "items");
    doc_text(d, "type", "array");
    doc_ref(d, "items", "schemas", item);
    doc_end(d);
    for (size_t i = 0; i < COUNT_OF(more); i++)
        schema_field(d, more[i].name, &more[i], SCHEMA_ANSWER, false);
    doc_end(d);
    doc_list(d, "required");
    doc_text(d, NULL, "items");
    doc_text(d, NULL, "next");
    doc_end(d);
    doc_end(d);
}

/* ---- all of them ----------------------------------------------------------------------------- */

typedef struct wanted {
    const field_table *table;
    schema_kind kind;
} wanted;

typedef struct wanted_list {
    wanted items[512];
    size_t count;
} wanted_list;

/* Adds a schema and those it refers to. Two tables of one name are taken to be the same. */
static void want(wanted_list *l, const field_table *t, schema_kind kind)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->items[i].kind == kind && !strcmp(l->items[i].table->name, t->name))
            return;
    if (l->count == COUNT_OF(l->items))
        return;
    l->items[l->count++] = (wanted){ t, kind };
    if (kind == SCHEMA_PAGE) {
        want(l, t, SCHEMA_ANSWER);
        return;
    }
    for (size_t i = 0; i < t->count; i++)
        if (t->fields[i].of && belongs(&t->fields[i], kind))
            want(l, t->fields[i].of, kind == SCHEMA_ANSWER ? SCHEMA_ANSWER : SCHEMA_CREATE);
}

static void want_operation(wanted_list *l, const route *r)
{
    const op *o = r->op;
    if (o->output && !o->content_type)
        want(l, o->output, o->flags & PAGE ? SCHEMA_PAGE : SCHEMA_ANSWER);
    if (o->input && r->takes_json)
        want(l, o->input, op_mode(o) == MODE_UPDATE ? SCHEMA_UPDATE : SCHEMA_CREATE);
}

/* What every refusal looks like (RFC 9457). */
static void write_problem(doc *d)
{
    static const field fault_fields[] = {
        { .name = "field", .type = FIELD_TEXT, .needed = true },
        { .name = "rule", .type = FIELD_TEXT, .needed = true },
        { .name = "message", .type = FIELD_TEXT, .needed = true },
    };
    static const field_table fault_table = { "fault", fault_fields, COUNT_OF(fault_fields), 0, 0 };
    static const field fields[] = {
        { .name = "type", .type = FIELD_TEXT, .needed = true },
        { .name = "title", .type = FIELD_TEXT, .needed = true },
        { .name = "status", .type = FIELD_NUMBER, .needed = true },
        { .name = "detail", .type = FIELD_TEXT, .needed = true },
        { .name = "code", .type = FIELD_TEXT, .needed = true, .help = "stable word for programs" },
        { .name = "request_id", .type = FIELD_TEXT, .needed = true },
        { .name = "trace_id",
          .type = FIELD_TEXT,
          .optional = true,
          .help = "of the trace that traceparent named" },
        { .name = "errors",
          .type = FIELD_RECORDS,
          .of = &fault_table,
          .optional = true,
          .help = "of a 400: everything that is wrong, not just the first" },
    };
    static const field_table table = { "problem", fields, COUNT_OF(fields), 0, 0 };
    write_table(d, "Fault", &fault_table, SCHEMA_ANSWER);
    write_table(d, "Problem", &table, SCHEMA_ANSWER);
}

void schema_components(doc *d)
{
    char name[SCHEMA_NAME];
    wanted_list l;
    l.count = 0;
    for (size_t i = 0; i < router_count(); i++)
        want_operation(&l, router_route(i));
    doc_object(d, "schemas");
    write_problem(d);
    for (size_t i = 0; i < l.count; i++) {
        const wanted *w = &l.items[i];
        schema_name(w->table, w->kind, name);
        if (w->kind == SCHEMA_PAGE)
            write_page(d, name, w->table);
        else
            write_table(d, name, w->table, w->kind);
    }
    doc_end(d);
}
