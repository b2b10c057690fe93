/* postgres_plan.c - how PostgreSQL carries a statement out, from what EXPLAIN writes.
 */
#include "port/db/postgres.h"

#include "base/buffer.h"

#include <stdio.h>

/* What only reads, and locks nothing: it may be run to be counted. */
static bool only_reads(const char *text)
{
    text += strspn(text, " \n");
    return !strncmp(text, "SELECT", 6) && !strstr(text, " FOR UPDATE") &&
           !strstr(text, " FOR NO KEY") && !strstr(text, " FOR KEY") && !strstr(text, "nextval(");
}

cinema_status pg_plan_statement(const db_statement *s, arena *a, db_statement *ret,
                                cinema_error *err)
{
    const char *how =
        only_reads(s->text) ? "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF)" : "EXPLAIN";
    *ret = *s;
    ret->hash = 0; /* unnamed */
    ret->constant = false;
    if (!(ret->text = arena_format(a, "%s %s", how, s->text)))
        return fail_memory(err);
    ret->length = strlen(ret->text);
    return CINEMA_OK;
}

/* The number behind a word of a line; -1: it is not there. */
static int64_t number_after(const char *line, const char *word)
{
    const char *at = strstr(line, word);
    return at ? strtoll(at + strlen(word), NULL, 10) : -1;
}

/* Rows are told for each time that a step is run: `times` is of the step that lines are about. */
static void count_line(const char *line, int64_t *times, db_plan *ret)
{
    int64_t rows = number_after(line, "(actual rows="), removed;
    if (rows >= 0) {
        *times = number_after(line, " loops=");
        if (ret->rows == CINEMA_ABSENT) {
            ret->rows = rows;
            ret->visited = 0;
        }
        if (strstr(line, "Scan ") && !strstr(line, "Subquery Scan"))
            ret->visited += rows * *times;
    }
    removed = number_after(line, "Rows Removed by ");
    if (removed >= 0 && (line = strchr(strstr(line, "Rows Removed by "), ':')))
        ret->visited += strtoll(line + 1, NULL, 10) * *times;
}

cinema_status pg_plan_read(const db_rows *rows, arena *a, db_plan *ret, cinema_error *err)
{
    CLEANUP(buffer_done) buffer b = BUFFER(1 << 20);
    int64_t times = 1;
    for (const db_row *row = rows->first; row; row = row->next) {
        count_line(row->cells[0].text, &times, ret);
        buffer_text(&b, row->cells[0].text);
        buffer_text(&b, row->next ? "\n" : "");
    }
    if (b.failed || !(ret->text = arena_copy(a, b.bytes ? b.bytes : "", b.length)))
        return fail_memory(err);
    return CINEMA_OK;
}
