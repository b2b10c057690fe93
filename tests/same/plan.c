/* plan.c - plans of PostgreSQL, taken apart.
 */
#include "same/plan.h"

#include "base/buffer.h"
#include "base/handle.h"

#include <jansson.h>
#include <stdio.h>

/* Tables that grow with catalogue and users. Genres are a few dozen, titles' totals nine. */
static const char *const growing[] = {
    "title",          "title_old_slug", "title_external_id",  "title_genre",     "title_search",
    "season",         "person",         "person_external_id", "credit",          "audit",
    "account",        "account_role",   "account_word",       "session",         "session_change",
    "one_time_token", "factor",         "backup_code",        "linked_identity", "outbox",
};

/* Statements that may read a table whole: a part of the text, the table, and why. */
static const struct {
    const char *text, *table, *why;
} allowed[] = {
    { "UPDATE title_total SET total = (SELECT count(*)", "title",
      "counts the episodes anew when a series with episodes goes: seldom, and over an index" },
    { "OR EXISTS (SELECT 1 FROM season e JOIN title r", "season",
      "PostgreSQL may hash the seasons of published series once in place of a look-up a title" },
};

static bool is_growing(const char *table)
{
    for (size_t i = 0; i < COUNT_OF(growing); i++)
        if (table && !strcmp(table, growing[i]))
            return true;
    return false;
}

static bool is_allowed(const char *text, const char *table)
{
    for (size_t i = 0; i < COUNT_OF(allowed); i++)
        if (strstr(text, allowed[i].text) && !strcmp(table, allowed[i].table))
            return true;
    return false;
}

static const char *type_word(uint8_t type)
{
    static const char *const words[] = {
        [DB_NULL] = "unknown", [DB_INT] = "bigint", [DB_REAL] = "float8", [DB_TEXT] = "text",
        [DB_UUID] = "uuid",    [DB_BLOB] = "bytea", [DB_BOOL] = "boolean"
    };
    return words[type];
}

/* PREPARE p (types) AS text, and what executes it. These tables are small: only where a loop is
 * made to look each row up does it show whether there is an index for that. */
static void prepare(db_tx *tx, const seen *x, char execute[512])
{
    CLEANUP(buffer_done) buffer b = BUFFER(1 << 20);
    cinema_error err;
    size_t n = (size_t)snprintf(execute, 512, "EXPLAIN (FORMAT JSON) EXECUTE p");
    buffer_text(&b, "SET LOCAL plan_cache_mode = force_generic_plan; "
                    "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; "
                    "SET LOCAL enable_mergejoin = off; PREPARE p");
    for (size_t i = 0; i < x->count; i++) {
        buffer_format(&b, "%s%s", i ? ", " : " (", type_word(x->types[i]));
        n += (size_t)snprintf(execute + n, 512 - n, "%s", i ? ", NULL" : " (NULL");
    }
    snprintf(execute + n, 512 - n, "%s", x->count ? ")" : "");
    buffer_text(&b, x->count ? ") AS " : " AS ");
    buffer_text(&b, x->text);
    cinema_status s = db_script(tx, b.bytes, &err);
    if (s)
        printf("%s\n", b.bytes);
    fflush(stdout);
    ck_assert_msg(!s, "%s", err.message);
}

/* Nodes that have read all of what is below them before they give the first row. */
static bool reads_all(const char *node)
{
    return !strcmp(node, "Sort") || !strcmp(node, "Aggregate") || !strcmp(node, "Hash") ||
           !strcmp(node, "ModifyTable") || !strcmp(node, "Materialize");
}

/* The first table that is read whole; `some`: only until there is enough. */
static const char *read_whole(const json_t *node, bool some)
{
    const char *type = json_string_value(json_object_get(node, "Node Type"));
    const char *table = json_string_value(json_object_get(node, "Relation Name"));
    const char *found = NULL;
    bool conditional = json_object_get(node, "Index Cond") || json_object_get(node, "Recheck Cond");
    if (is_growing(table) && !strcmp(type, "Seq Scan"))
        return table;
    if (is_growing(table) && strstr(type, "Scan") && !conditional && !some)
        return table;
    some = !strcmp(type, "Limit") || (some && !reads_all(type));
    const json_t *below = json_object_get(node, "Plans");
    for (size_t i = 0; i < json_array_size(below) && !found; i++)
        found = read_whole(json_array_get(below, i), some);
    return found;
}

bool plan_reads_too_much(engine *e, const seen *x)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    char execute[512];
    cinema_error err;
    db_sql sql;
    db_rows rows;
    OK(db_begin(e->c, &tx, &err));
    prepare(tx, x, execute);
    db_sql_for(&sql, e->c);
    db_add(&sql, (db_text){ "explain", execute, execute }, "");
    OK(db_run(tx, &sql, a, &rows, &err));
    json_t *plan = json_loads(rows.first->cells[0].text, 0, NULL);
    const char *table = read_whole(json_object_get(json_array_get(plan, 0), "Plan"), false);
    bool bad = table && !is_allowed(x->text, table);
    if (bad)
        printf("reads all of %s: %s\n%s\n", table, x->text, rows.first->cells[0].text);
    json_decref(plan);
    db_run(tx, &(db_sql){ .postgres = true, .text = "DEALLOCATE p", .length = 12 }, NULL, NULL,
           NULL);
    return bad;
}
