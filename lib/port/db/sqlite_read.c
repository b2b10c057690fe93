/* sqlite_read.c - the readers: a pool of connections, each opened when first needed.
 * The one used last is used next, so that few are warm and the others cost nothing.
 */
#include "port/db/sqlite_driver.h"

#include "base/buffer.h"

static cinema_status take_idle(lite_db *d, int64_t deadline, lite_connection **ret)
{
    pthread_mutex_lock(&d->read_lock);
    bool taken = lite_turn_take(&d->reading, &d->read_lock, deadline);
    lite_connection *k = taken ? d->idle : NULL;
    if (k)
        d->idle = k->next;
    pthread_mutex_unlock(&d->read_lock);
    *ret = k;
    return taken ? CINEMA_OK : CINEMA_TIMEOUT;
}

/* Gives back the place in the pool, and the connection with it unless that is NULL. */
static void give(lite_db *d, lite_connection *k)
{
    pthread_mutex_lock(&d->read_lock);
    if (k) {
        k->next = d->idle;
        d->idle = k;
    }
    lite_event *called = lite_turn_give(&d->reading);
    pthread_mutex_unlock(&d->read_lock);
    lite_event_wake(called);
}

static cinema_status take(lite_db *d, int64_t deadline, lite_connection **ret, cinema_error *err)
{
    if (take_idle(d, deadline, ret))
        return lite_fail_busy(err);
    if (*ret) {
        (*ret)->deadline = deadline;
        return CINEMA_OK;
    }
    cinema_status s = lite_connect(d, LITE_READER, deadline, ret, err);
    if (s)
        give(d, NULL);
    return s;
}

static cinema_status read_each(lite_connection *k, const db_statement *statements, size_t count,
                               arena *a, db_rows *rows, cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    for (size_t i = 0; i < count && !s; i++)
        s = lite_run(k, &statements[i], LITE_READER, a, &rows[i], err);
    return s;
}

/* The snapshot is the one of the first statement; COMMIT, for a reader, only lets go of it. */
static cinema_status read_snapshot(lite_connection *k, const db_statement *statements, size_t count,
                                   arena *a, db_rows *rows, cinema_error *err)
{
    int code = lite_do(k, LITE_BEGIN);
    if (code)
        return lite_fail(k, code, NULL, err);
    cinema_status s = read_each(k, statements, count, a, rows, err);
    code = lite_do(k, s ? LITE_ROLLBACK : LITE_COMMIT);
    if (!s && code)
        s = lite_fail(k, code, NULL, err);
    return s;
}

cinema_status lite_read(db *base, const db_statement *statements, size_t count, int64_t deadline,
                        arena *a, db_rows *rows, cinema_error *err)
{
    lite_db *d = (lite_db *)base;
    lite_connection *k = NULL;
    cinema_status s;
    if (!deadline_left_ms(deadline))
        return lite_fail_late(err);
    if ((s = take(d, deadline, &k, err)))
        return s;
    if (count == 1)
        s = read_each(k, statements, count, a, rows, err);
    else
        s = read_snapshot(k, statements, count, a, rows, err);
    if (s && (k->doubtful || !sqlite3_get_autocommit(k->handle))) {
        lite_disconnect(k);
        k = NULL;
    }
    give(d, k);
    return s;
}

/* ---- plans ----------------------------------------------------------------------------------- */

/* How deep a step of a plan is below the first: each names the one it is part of. */
static int depth_of(const db_rows *rows, int64_t id)
{
    for (const db_row *row = rows->first; row; row = row->next)
        if (row->cells[0].number == id && row->cells[1].number != id)
            return 1 + depth_of(rows, row->cells[1].number);
    return 0;
}

/* Rows are: id, id of the step it is part of, nothing, text. */
static const char *plan_text(const db_rows *rows, arena *a)
{
    CLEANUP(buffer_done) buffer b = BUFFER(1 << 20);
    for (const db_row *row = rows->first; row; row = row->next) {
        for (int i = depth_of(rows, row->cells[1].number); i > 0; i--)
            buffer_text(&b, "  ");
        buffer_text(&b, row->cells[3].text);
        buffer_text(&b, row->next ? "\n" : "");
    }
    return b.failed ? NULL : arena_copy(a, b.bytes ? b.bytes : "", b.length);
}

static cinema_status explain(lite_connection *k, const db_statement *s, arena *a, db_plan *ret,
                             cinema_error *err)
{
    db_statement plan = *s;
    db_rows rows, ignored;
    plan.text = arena_format(a, "EXPLAIN QUERY PLAN %s", s->text);
    if (!plan.text)
        return fail_memory(err);
    plan.length = strlen(plan.text);
    plan.hash = ~s->hash;
    plan.constant = false;
    cinema_status status = lite_run(k, &plan, LITE_READER, a, &rows, err);
    if (status)
        return status;
    if (!(ret->text = plan_text(&rows, a)))
        return fail_memory(err);
    if (!lite_reads(k, s->text) || (status = lite_run(k, s, LITE_READER, a, &ignored, err)))
        return status;
    ret->rows = (int64_t)ignored.count;
    ret->visited = k->steps;
    return CINEMA_OK;
}

cinema_status lite_explain(db *base, const db_statement *s, int64_t deadline, arena *a,
                           db_plan *ret, cinema_error *err)
{
    lite_db *d = (lite_db *)base;
    lite_connection *k = NULL;
    cinema_status status = take(d, deadline, &k, err);
    if (status)
        return status;
    status = explain(k, s, a, ret, err);
    give(d, k);
    return status;
}
