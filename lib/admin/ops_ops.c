/* ops_ops.c - the operation `ops`: all operations with their fields, for bindings and for people.
 */
#include "call/op.h"

#include "base/text.h"

/* A field as others see it; fields of a nested object hang below it. */
typedef struct field_info field_info;
typedef struct field_infos {
    const field_info *const *items;
    size_t count;
} field_infos;

struct field_info {
    const char *name, *type;
    bool needed, lasting, create_only, update_only, lines, optional;
    int64_t min, max, item_max; /* as the table has it; CINEMA_ABSENT: no limit of its own */
    cinema_texts one_of;
    const char *initial, *help, *of;
    field_infos fields;
};

typedef struct op_info {
    const char *name, *method, *path;
    int64_t success;
    const char *permission, *nature, *summary, *content_type;
    cinema_texts parameters, outcomes;
    bool page, etag, idempotent;
    field_infos input, output;
} op_info;

typedef struct op_infos { /* begins as pages do */
    const op_info *const *items;
    size_t count;
    const char *next;
    int64_t total;
    bool total_capped;
} op_infos;

static const field_table field_info_table;
static const field field_info_fields[] = {
    { OUT(field_info, name, TEXT), .needed = true },
    { OUT(field_info, type, TEXT), .needed = true },
    { OUT(field_info, needed, BOOL), .optional = true },
    { OUT(field_info, lasting, BOOL), .optional = true, .help = "cannot be emptied" },
    { OUT(field_info, create_only, BOOL), .optional = true },
    { OUT(field_info, update_only, BOOL), .optional = true },
    { OUT(field_info, lines, BOOL), .optional = true },
    { OUT(field_info, optional, BOOL), .optional = true },
    { OUT(field_info, min, NUMBER), .optional = true },
    { OUT(field_info, max, NUMBER), .optional = true },
    { OUT(field_info, item_max, NUMBER), .optional = true },
    { OUT(field_info, one_of, TEXTS), .optional = true },
    { OUT(field_info, initial, TEXT), .optional = true },
    { OUT(field_info, help, TEXT), .optional = true },
    { OUT(field_info, of, TEXT), .optional = true, .help = "name of the nested object" },
    { OUT(field_info, fields, RECORDS), .of = &field_info_table, .optional = true },
};
static const field_table field_info_table = ANSWER("field", field_info_fields, field_info);

static const field op_info_fields[] = {
    { OUT(op_info, name, TEXT), .needed = true },
    { OUT(op_info, method, TEXT), .needed = true },
    { OUT(op_info, path, TEXT), .help = "null: by name only" },
    { OUT(op_info, parameters, TEXTS), .help = "of the path" },
    { OUT(op_info, success, NUMBER), .needed = true },
    { OUT(op_info, permission, TEXT), .needed = true, .help = "empty: anyone" },
    { OUT(op_info, nature, TEXT), .one_of = "read write hash outgoing stream instant",
      .needed = true },
    { OUT(op_info, summary, TEXT), .needed = true },
    { OUT(op_info, outcomes, TEXTS) },
    { OUT(op_info, page, BOOL) },
    { OUT(op_info, etag, BOOL) },
    { OUT(op_info, idempotent, BOOL) },
    { OUT(op_info, content_type, TEXT), .optional = true, .help = "of answers that are not JSON" },
    { OUT(op_info, input, RECORDS), .of = &field_info_table },
    { OUT(op_info, output, RECORDS), .of = &field_info_table },
};
static const field_table op_info_table = ANSWER("operation", op_info_fields, op_info);

/* Everything is made in one arena; the first failure sticks. */
typedef struct making {
    arena *arena;
    bool failed;
} making;

static void *make(making *m, size_t size)
{
    void *p = m->failed ? NULL : arena_alloc(m->arena, size ? size : 1);
    m->failed |= !p;
    return p;
}

/* The parts of `words` between separators. */
static cinema_texts words_of(making *m, const char *words)
{
    size_t n = 0;
    char *copy = words ? make(m, strlen(words) + 1) : NULL;
    const char **items = copy ? make(m, (strlen(words) / 2 + 1) * sizeof *items) : NULL;
    if (!items)
        return (cinema_texts){ 0 };
    memcpy(copy, words, strlen(words) + 1);
    for (copy += strspn(copy, " "); *copy; copy += strspn(copy, " ")) {
        size_t length = strcspn(copy, " ");
        items[n++] = copy;
        copy += length;
        if (*copy)
            *copy++ = '\0';
    }
    return (cinema_texts){ items, n };
}

/* "title_id" of "/v1/movies/{title_id}" */
static cinema_texts parameters_of(making *m, const char *path)
{
    const char **items = make(m, OP_PARAMS_MAX * sizeof *items);
    size_t n = 0;
    while (items && path && (path = strchr(path, '{')) && n < OP_PARAMS_MAX) {
        size_t length = strcspn(++path, "}");
        char *name = make(m, length + 1);
        if (name)
            memcpy(name, path, length);
        items[n++] = name;
    }
    return (cinema_texts){ items, n };
}

/* ---- fields ---------------------------------------------------------------------------------- */

static const char *type_name(uint8_t type)
{
    /* clang-format off */
    static const char *const names[] = {
        [FIELD_TEXT] = "text",     [FIELD_UUID] = "uuid",     [FIELD_DATE] = "date",
        [FIELD_NUMBER] = "number", [FIELD_TIME] = "time",     [FIELD_REAL] = "real",
        [FIELD_BOOL] = "bool",     [FIELD_FLAG] = "flag",     [FIELD_LIMIT] = "limit",
        [FIELD_TEXTS] = "texts",   [FIELD_WORDS] = "texts",   [FIELD_PAIRS] = "pairs",
        [FIELD_RECORD] = "record", [FIELD_RECORDS] = "records", [FIELD_CLEAR] = "clear",
    };
    /* clang-format on */
    return names[type];
}

static int64_t limit_of(int64_t n)
{
    return n ? n : CINEMA_ABSENT;
}

static field_infos fields_of(making *m, const field_table *t, bool input, int depth);

static void describe_field(making *m, const field *f, bool input, int depth, field_info *ret)
{
    *ret = (field_info){ .name = f->name,
                         .type = type_name(f->type),
                         .optional = f->optional,
                         .help = f->help,
                         .min = CINEMA_ABSENT,
                         .max = CINEMA_ABSENT,
                         .item_max = CINEMA_ABSENT };
    ret->one_of = words_of(m, f->one_of);
    if (input) {
        ret->needed = f->needed;
        ret->lasting = f->lasting;
        ret->create_only = f->create_only;
        ret->update_only = f->update_only;
        ret->lines = f->lines;
        ret->initial = f->initial;
        ret->min = limit_of(f->min);
        ret->max = f->max == INT64_MAX ? CINEMA_ABSENT : limit_of(f->max);
        ret->item_max = limit_of(f->item_max);
    }
    if (!f->of)
        return;
    ret->of = f->of->name;
    if (depth < 4)
        ret->fields = fields_of(m, f->of, input, depth + 1);
}

static field_infos fields_of(making *m, const field_table *t, bool input, int depth)
{
    size_t n = 0, most = t ? t->count : 0;
    field_info *infos = make(m, most * sizeof *infos);
    const field_info **items = make(m, most * sizeof *items);
    for (size_t i = 0; infos && items && i < most; i++) {
        const field *f = &t->fields[i];
        if ((input ? f->in : f->out) == FIELD_NONE || f->type == FIELD_CLEAR)
            continue;
        describe_field(m, f, input, depth, &infos[n]);
        items[n] = &infos[n];
        n++;
    }
    return (field_infos){ items, n };
}

/* ---- operations ------------------------------------------------------------------------------ */

static void describe(making *m, const op *o, op_info *ret)
{
    static const char *const natures[] = {
        [READ] = "read",         [WRITE] = "write",   [HASH] = "hash",
        [OUTGOING] = "outgoing", [STREAM] = "stream", [INSTANT] = "instant",
    };
    *ret = (op_info){ .name = o->name,
                      .method = o->method,
                      .path = o->path,
                      .success = o->success,
                      .permission = o->permission,
                      .nature = natures[o->nature],
                      .summary = o->summary,
                      .content_type = o->content_type };
    ret->page = o->flags & PAGE;
    ret->etag = o->flags & ETAG;
    ret->idempotent = o->flags & IDEMPOTENT;
    ret->parameters = parameters_of(m, o->path);
    ret->outcomes = words_of(m, o->outcomes);
    ret->input = fields_of(m, o->input, true, 0);
    ret->output = fields_of(m, o->output, false, 0);
}

static cinema_status list(op_call *k)
{
    size_t n = 0;
    making m = { arena_new(65536, 0), false };
    op_infos *page = m.arena ? record_new(m.arena, sizeof *page) : NULL;
    for (const op *o = op_next(NULL); o; o = op_next(o))
        n++;
    m.failed = !page;
    op_info *infos = make(&m, n * sizeof *infos);
    const op_info **items = make(&m, n * sizeof *items);
    n = 0;
    for (const op *o = op_next(NULL); o && infos && items; o = op_next(o)) {
        describe(&m, o, &infos[n]);
        items[n] = &infos[n];
        n++;
    }
    if (m.failed) {
        arena_free(m.arena);
        return fail_memory(k->err);
    }
    *page = (op_infos){ .items = items, .count = n, .total = CINEMA_ABSENT };
    return op_give(k, page);
}

/* clang-format off */
const op cinema__ops_ops[] = {
    { .name = "ops", .method = "GET", .success = 200, .permission = ANYONE, .nature = INSTANT,
      .output = &op_info_table, .function = list, .summary = "All operations, with their fields",
      .flags = PAGE },
    { 0 },
};
/* clang-format on */
