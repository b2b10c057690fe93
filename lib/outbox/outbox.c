/* outbox.c - work for the outside: adding it, taking it, saying what came of it.
 */
#include "outbox/outbox.h"

#include "base/handle.h"
#include "base/seal.h"
#include "outbox.sql.h"

#include <stdio.h>

enum { LEASE = 16, SWEPT_AT_ONCE = 500, DAY_MS = 24 * 3600 * 1000, FIRST_MS = 5000 };
#define PURPOSE "outbox"

static _Thread_local int64_t first_added;

/* ---- adding ---------------------------------------------------------------------------------- */

static void committed(cinema *c)
{
    if (c->work_inline)
        c->work_inline(c);
    first_added = 0;
    outbox__ring(c);
}

static cinema_status insert(cinema *c, db_tx *tx, const char *kind, const char *key, bytes box,
                            arena *a, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_outbox_add, "ttxi", kind, key, box.at, box.length, now_ms(c));
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    if (s || !rows.count)
        return s;
    int64_t nr = rows.first->cells[0].number;
    if (!first_added || nr < first_added)
        first_added = nr;
    db_when_committed(c, committed);
    return CINEMA_OK;
}

cinema_status outbox__add(cinema *c, db_tx *tx, const char *kind, const char *key,
                          const char *payload, arena *a, cinema_error *err)
{
    char own[UUID_TEXT];
    uuid id;
    bytes box, plain = { (const unsigned char *)payload, strlen(payload) };
    cinema_status s = seal_close(c, PURPOSE, plain, a, &box, err);
    if (s)
        return s;
    if (!key) {
        uuid_new(c, &id);
        uuid_text(&id, own);
        key = own;
    }
    return insert(c, tx, kind, key, box, a, err);
}

int64_t outbox__added(void)
{
    int64_t nr = first_added;
    first_added = 0;
    return nr;
}

/* ---- taking ---------------------------------------------------------------------------------- */

/* A job with what it takes to say how it ended. */
typedef struct taken {
    outbox_job job;
    int64_t nr;
    unsigned char lease[LEASE];
    bytes box;
} taken;

static void read_job(const db_row *row, taken *t)
{
    const db_value *v = row->cells;
    t->nr = v[0].number;
    t->box = (bytes){ v[3].blob, v[3].length };
    t->job = (outbox_job){
        .kind = v[1].text, .key = v[2].text, .created_at = v[4].number, .attempt = v[5].number
    };
}

/* Most of the time nothing is due; looking is cheaper than taking a writer's turn. */
static cinema_status next_due(cinema *c, arena *a, int64_t *due_at, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, c);
    db_add(&sql, SQL_outbox_next, "");
    cinema_status s = db_read(c, &sql, a, &rows, err);
    if (!s)
        *due_at = rows.count ? rows.first->cells[0].number : INT64_MAX;
    return s;
}

static cinema_status take(cinema *c, int64_t from, arena *a, taken *t, bool *found,
                          cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    int64_t now = now_ms(c), due_at;
    db_sql sql;
    db_rows rows;
    cinema_status s = next_due(c, a, &due_at, err);
    *found = false;
    if (s || due_at > now || (s = db_begin(c, &tx, err)))
        return s;
    random_bytes(c, t->lease, LEASE);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_outbox_take, "xiii", t->lease, (size_t)LEASE, now + OUTBOX_LEASE_MS, now,
           from);
    if ((s = db_run(tx, &sql, a, &rows, err)))
        return s;
    if (!rows.count)
        return CINEMA_OK; /* another was faster */
    read_job(rows.first, t);
    *found = true;
    return db_commit(&tx, err);
}

/* ---- what came of it ------------------------------------------------------------------------- */

/* 5 s, 20 s, 80 s ... an hour at most; a fifth more or less, so that a crowd comes apart. */
static int64_t delay_ms(cinema *c, int64_t attempt)
{
    int64_t ms = FIRST_MS, most = DAY_MS / 24;
    uint16_t chance;
    for (int64_t i = 1; i < attempt && ms < most; i++)
        ms *= 4;
    if (ms > most)
        ms = most;
    random_bytes(c, &chance, sizeof chance);
    return ms * 4 / 5 + ms * 2 / 5 * chance / UINT16_MAX;
}

static cinema_status run(cinema *c, const db_sql *sql, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    cinema_status s = db_begin(c, &tx, err);
    if (s || (s = db_run(tx, sql, NULL, NULL, err)))
        return s;
    return db_commit(&tx, err);
}

static cinema_status end_well(cinema *c, const taken *t, outbox_counts *n, cinema_error *err)
{
    db_sql sql;
    n->done++;
    db_sql_for(&sql, c);
    db_add(&sql, SQL_outbox_done, "ixxi", t->nr, t->lease, (size_t)LEASE, "", (size_t)0, now_ms(c));
    return run(c, &sql, err);
}

static cinema_status end_badly(cinema *c, const taken *t, cinema_status why,
                               const cinema_error *what, outbox_counts *n, cinema_error *err)
{
    db_sql sql;
    bool dead = why == CINEMA_INVALID || t->job.attempt >= OUTBOX_ATTEMPTS;
    int64_t delay = delay_ms(c, t->job.attempt), at = now_ms(c) + (dead ? 0 : delay);
    db_sql_for(&sql, c);
    db_add(&sql, dead ? SQL_outbox_dead : SQL_outbox_again, "ixit", t->nr, t->lease, (size_t)LEASE,
           at, what->message);
    n->dead += dead;
    n->failed += !dead;
    if (dead)
        log_line(c, CINEMA_LOG_ERROR, "outbox: %s %lld is given up after %lld attempts: %s",
                 t->job.kind, (long long)t->nr, (long long)t->job.attempt, what->message);
    else
        log_line(c, CINEMA_LOG_WARNING, "outbox: %s %lld is tried again in %lld s: %s", t->job.kind,
                 (long long)t->nr, (long long)delay / 1000, what->message);
    return run(c, &sql, err);
}

/* A worker that died at it each time will die of it again. */
static cinema_status too_often(const taken *t, cinema_error *err)
{
    if (t->job.attempt <= OUTBOX_ATTEMPTS)
        return CINEMA_OK;
    return fail(err, CINEMA_INVALID, NULL, NULL, "nobody who took it came back");
}

static cinema_status open_payload(cinema *c, taken *t, arena *a, cinema_error *err)
{
    bytes plain;
    cinema_status s = seal_open(c, PURPOSE, t->box, a, &plain, err);
    if (s)
        return s;
    t->job.payload = arena_copy(a, (const char *)plain.at, plain.length);
    return t->job.payload ? CINEMA_OK : fail_memory(err);
}

static cinema_status do_job(cinema *c, const outbox_handler *h, taken *t, int64_t deadline,
                            arena *a, cinema_error *err)
{
    cinema_status s = too_often(t, err);
    if (s || (s = open_payload(c, t, a, err)))
        return s;
    while (h->kind && strcmp(h->kind, t->job.kind))
        h++;
    if (!h->kind)
        return fail(err, CINEMA_UNSUPPORTED, NULL, NULL, "this libcinema does not know `%s`",
                    t->job.kind);
    int64_t own = clock_monotonic_ms() + OUTBOX_JOB_MS;
    call_deadline_set(deadline && deadline < own ? deadline : own);
    s = h->work(c, &t->job, a, err);
    call_deadline_set(0);
    return s;
}

/* The caller's time is that of the job: what came of it has to be written however late it is. */
static cinema_status work(cinema *c, const outbox_handler *handlers, int64_t from, int64_t deadline,
                          outbox_counts *counts, bool *found, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(8192, 0);
    cinema_error why = { 0 };
    taken t = { 0 };
    cinema_status s = a ? take(c, from, a, &t, found, err) : fail_memory(err);
    if (s || !*found)
        return s;
    outbox__ring(c); /* while this one is busy, another may find more */
    cinema_status came = do_job(c, handlers, &t, deadline, a, &why);
    return came ? end_badly(c, &t, came, &why, counts, err) : end_well(c, &t, counts, err);
}

cinema_status outbox__work(cinema *c, const outbox_handler *handlers, int64_t from,
                           outbox_counts *counts, bool *found, cinema_error *err)
{
    int64_t deadline = call_deadline_set(0);
    cinema_status s = work(c, handlers, from, deadline, counts, found, err);
    call_deadline_set(deadline);
    return s;
}

/* ---- looking after it ------------------------------------------------------------------------ */

cinema_status outbox__state(cinema *c, outbox_state *ret, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, c);
    db_add(&sql, SQL_outbox_counts, "");
    cinema_status s = a ? db_read(c, &sql, a, &rows, err) : fail_memory(err);
    if (s)
        return s;
    const db_value *v = rows.first->cells;
    *ret = (outbox_state){ .waiting = v[0].number,
                           .oldest_at = v[1].type == DB_NULL ? CINEMA_ABSENT : v[1].number,
                           .dead = v[2].number };
    return CINEMA_OK;
}

static cinema_status sweep(cinema *c, const char *status, int64_t before, bool *more,
                           cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_sql sql;
    db_rows rows = { 0 };
    cinema_status s = a ? db_begin(c, &tx, err) : fail_memory(err);
    if (s)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_outbox_sweep, "tii", status, before, (int64_t)SWEPT_AT_ONCE);
    if ((s = db_run(tx, &sql, a, &rows, err)) || (s = db_commit(&tx, err)))
        return s;
    *more |= rows.changed == SWEPT_AT_ONCE;
    return CINEMA_OK;
}

cinema_status outbox__sweep(cinema *c, bool *more, cinema_error *err)
{
    int64_t now = now_ms(c);
    *more = false;
    cinema_status s = sweep(c, "done", now - DAY_MS, more, err);
    return s ? s : sweep(c, "dead", now - INT64_C(30) * DAY_MS, more, err);
}
