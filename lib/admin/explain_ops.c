/* explain_ops.c - the operation `explain`: what another operation asks the database, and how that
 * is carried out. The other one is run, and what it changes is undone.
 */
#include "call/op.h"

#include "health.sql.h"

typedef struct explain_input {
    const char *operation, *input;
} explain_input;

typedef struct explained_statement {
    const char *sql, *plan;
    int64_t rows, visited;
} explained_statement;

typedef struct explained {
    const char *operation, *permission, *nature, *outcome, *engine, *visits;
    struct {
        const explained_statement *const *items;
        size_t count;
    } statements;
} explained;

static const field input_fields[] = {
    { IN(explain_input, operation, TEXT), .needed = true, .min = 1, .max = 100,
      .help = "name of an operation that reads or writes" },
    { IN(explain_input, input, TEXT), .max = 1000000, .lines = true,
      .help = "its input as JSON; {} unless given" },
};
static const field_table input_table = QUERY("explain", input_fields, explain_input);

static const field statement_fields[] = {
    { OUT(explained_statement, sql, TEXT), .needed = true },
    { OUT(explained_statement, plan, TEXT), .needed = true, .help = "in the engine's words" },
    { OUT(explained_statement, rows, NUMBER), .help = "answered; null: it changes something" },
    { OUT(explained_statement, visited, NUMBER), .help = "in what `visits` says" },
};
static const field_table statement_table =
    ANSWER("explained_statement", statement_fields, explained_statement);

static const field fields[] = {
    { OUT(explained, operation, TEXT), .needed = true },
    { OUT(explained, permission, TEXT), .needed = true, .help = "empty: anyone" },
    { OUT(explained, nature, TEXT), .one_of = "read write" },
    { OUT(explained, outcome, TEXT), .needed = true,
      .help = "of the operation: ok, not_found ..." },
    { OUT(explained, engine, TEXT), .one_of = "sqlite postgres" },
    { OUT(explained, visits, TEXT), .one_of = "steps rows",
      .help = "what is counted: steps of SQLite's machine, rows looked at by PostgreSQL" },
    { OUT(explained, statements, RECORDS), .of = &statement_table },
};
static const field_table table = ANSWER("explanation", fields, explained);

/* ---- statements as they come ----------------------------------------------------------------- */

enum { STATEMENTS_MAX = 2000 };

typedef struct noted {
    arena *arena;
    db_statement items[STATEMENTS_MAX];
    size_t count;
    bool failed;
} noted;

static bool copy_value(db_value *v, arena *a)
{
    bool far = v->type == DB_TEXT || v->type == DB_BLOB || v->type == DB_UUID;
    if (far)
        v->blob = arena_copy(a, v->blob, v->length);
    return v->blob || !far;
}

static void note(const db_statement *s, void *user)
{
    noted *n = user;
    if (n->failed || n->count == STATEMENTS_MAX)
        return;
    db_statement *to = &n->items[n->count++];
    db_value *values = arena_alloc(n->arena, (s->count + 1) * sizeof *values);
    *to = *s;
    to->constant = false; /* the text is a copy */
    to->text = arena_copy(n->arena, s->text, s->length);
    to->values = values;
    n->failed = !to->text || !values;
    for (size_t i = 0; !n->failed && i < s->count; i++) {
        values[i] = s->values[i];
        n->failed = !copy_value(&values[i], n->arena);
    }
}

/* ---- the operation --------------------------------------------------------------------------- */

static cinema_status find(const explain_input *in, const op **ret, cinema_error *err)
{
    const op *o = op_named(in->operation);
    if (!o)
        return fail(err, CINEMA_INVALID, "unknown_operation", "operation",
                    "operation: there is no operation %.60s", in->operation);
    if ((o->nature != READ && o->nature != WRITE) || !o->path) /* not this one either */
        return fail(err, CINEMA_INVALID, "nature", "operation",
                    "operation: must be one that reads or writes");
    *ret = o;
    return CINEMA_OK;
}

/* So that the schema is not looked at while the other operation is watched. */
static cinema_status warm_up(cinema *c, arena *a, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, c);
    db_add(&sql, SQL_health_probe, "");
    return db_read(c, &sql, a, &rows, err);
}

static cinema_status watch(op_call *k, const op *o, noted *n, cinema_status *outcome)
{
    const explain_input *in = k->input;
    const db_watch w = { note, n, true };
    op_input input = { .json = in->input, .json_length = in->input ? strlen(in->input) : 0 };
    cinema_result *result = NULL;
    const db_watch *before = db_watch_set(&w);
    *outcome = op_run(k->cinema, k->caller, o, &input, &result, NULL);
    db_watch_set(before);
    bool there = result != NULL;
    cinema_result_free(result);
    return there && !n->failed ? CINEMA_OK : fail_memory(k->err);
}

static cinema_status explain_one(op_call *k, const db_statement *s, arena *a,
                                 explained_statement *ret)
{
    db_plan plan;
    cinema_status status = db_explain(k->cinema, s, a, &plan, k->err);
    *ret =
        (explained_statement){ s->text + strspn(s->text, " "), plan.text, plan.rows, plan.visited };
    return status;
}

static cinema_status explain_all(op_call *k, const noted *n, arena *a, explained *ret)
{
    explained_statement *all = arena_alloc(a, (n->count + 1) * sizeof *all);
    const explained_statement **items = arena_alloc(a, (n->count + 1) * sizeof *items);
    cinema_status s = all && items ? CINEMA_OK : fail_memory(k->err);
    for (size_t i = 0; !s && i < n->count; i++) {
        s = explain_one(k, &n->items[i], a, &all[i]);
        items[i] = &all[i];
    }
    ret->statements.items = items;
    ret->statements.count = n->count;
    return s;
}

static cinema_status run(op_call *k, arena *a, explained **ret)
{
    explained *e = record_new(a, sizeof *e);
    noted *n = arena_alloc(a, sizeof *n);
    db_sql engine;
    const op *o = NULL;
    cinema_status s, outcome;
    if (!e || !n)
        return fail_memory(k->err);
    n->arena = a;
    db_sql_for(&engine, k->cinema);
    if ((s = find(k->input, &o, k->err)) || (s = warm_up(k->cinema, a, k->err)) ||
        (s = watch(k, o, n, &outcome)))
        return s;
    *e = (explained){ .operation = o->name,
                      .permission = o->permission,
                      .nature = o->nature == READ ? "read" : "write",
                      .outcome = cinema_status_describe((int)outcome)->word,
                      .engine = engine.postgres ? "postgres" : "sqlite",
                      .visits = engine.postgres ? "rows" : "steps" };
    *ret = e;
    return explain_all(k, n, a, e);
}

static cinema_status explain(op_call *k)
{
    explained *e = NULL;
    arena *a = arena_new(65536, 0);
    cinema_status s = a ? run(k, a, &e) : fail_memory(k->err);
    if (!s)
        return op_give(k, e);
    arena_free(a);
    return s;
}

/* clang-format off */
const op cinema__explain_ops[] = {
    { .name = "explain", .method = "POST", .success = 200, .permission = SYSTEM, .nature = READ,
      .input = &input_table, .output = &table, .function = explain,
      .summary = "What an operation asks the database, and how that is carried out",
      .outcomes = "invalid" },
    { 0 },
};
/* clang-format on */
