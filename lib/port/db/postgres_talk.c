/* postgres_talk.c - one round trip: statements out in one pipeline, answers in.
 * A statement is prepared and run in the same pipeline the first time. The server skips what
 * follows a failure until the end of the pipeline, so an error stays with its request.
 */
#include "port/db/postgres.h"

#include <limits.h>
#include <poll.h>

enum { SETTLE_MS = 1000, TLS_TURN_MS = 64 };

/* ---- sending --------------------------------------------------------------------------------- */

static size_t batch_count(const pg_batch *b)
{
    return (b->first != NULL) + (b->second != NULL) + b->count + (b->last != NULL);
}

/* The i-th statement of a batch; *rows is where its rows go, NULL: nowhere. */
static const db_statement *batch_at(const pg_batch *b, size_t i, db_rows **rows)
{
    *rows = NULL;
    if (b->first && i-- == 0)
        return b->first;
    if (b->second && i-- == 0)
        return b->second;
    if (i >= b->count)
        return b->last;
    *rows = b->rows ? &b->rows[i] : NULL;
    return &b->statements[i];
}

static bool send_one(pg_link *l, const db_statement *s, bool named)
{
    pg_values v;
    char text[PG_NAME_TEXT];
    int n = (int)s->count;

    pg_values_fill(&v, s);
    pg_name name = pg_name_of(s);
    pg_known known = named && s->hash ? pg_names_use(&l->names, &name) : PG_UNNAMED;
    if (known == PG_UNNAMED)
        return PQsendQueryParams(l->pg, s->text, n, v.types, v.values, v.lengths, v.formats, 1);
    pg_name_text(&name, text);
    if (known == PG_NEW && !PQsendPrepare(l->pg, text, s->text, n, v.types))
        return false;
    return PQsendQueryPrepared(l->pg, text, n, v.values, v.lengths, v.formats, 1);
}

static bool send_all(pg_link *l, const pg_batch *b)
{
    bool named = atomic_load(&l->pool->names) == PG_NAMES_ON;
    size_t count = batch_count(b);
    db_rows *rows;
    for (size_t i = 0; i < count; i++)
        if (!send_one(l, batch_at(b, i, &rows), named))
            return false;
    return PQpipelineSync(l->pg);
}

/* What the socket did not take at once. The server may have to be listened to meanwhile. */
static cinema_status flush(pg_link *l, int64_t deadline, cinema_error *err)
{
    while (PQflush(l->pg) > 0) {
        cinema_status s = pg_link_wait(l, POLLIN | POLLOUT, INT_MAX, deadline, err);
        if (s)
            return s;
        PQconsumeInput(l->pg); /* a broken connection shows when the answer is read */
    }
    return CINEMA_OK;
}

/* ---- receiving ------------------------------------------------------------------------------- */

/* Until PQgetResult would not block. TLS may hold bytes that poll cannot see (a record longer than
 * libpq's buffer had room): then it looks again by itself, soon at first. */
static cinema_status await(pg_link *l, int64_t deadline, cinema_error *err)
{
    int turn = PQsslInUse(l->pg) ? 1 : INT_MAX;
    while (PQisBusy(l->pg)) {
        cinema_status s = pg_link_wait(l, POLLIN, turn, deadline, err);
        if (s)
            return s;
        if (!PQconsumeInput(l->pg))
            break; /* the result says why */
        turn = turn < TLS_TURN_MS ? turn * 2 : turn;
    }
    return CINEMA_OK;
}

static cinema_status next(pg_link *l, int64_t deadline, PGresult **ret, cinema_error *err)
{
    cinema_status s = await(l, deadline, err);
    if (s)
        return s;
    *ret = PQgetResult(l->pg);
    return CINEMA_OK;
}

/* The one answer of a command, and the NULL that ends it. */
static cinema_status answer(pg_link *l, int64_t deadline, PGresult **ret, cinema_error *err)
{
    PGresult *end = NULL;
    cinema_status s = next(l, deadline, ret, err);
    if (s)
        return s;
    if (!*ret || PQstatus(l->pg) == CONNECTION_BAD)
        return CINEMA_OK;
    if (!(s = next(l, deadline, &end, err)) && end)
        s = fail(err, CINEMA_INTERNAL, NULL, NULL, "the database answered out of turn");
    PQclear(end);
    return s;
}

static void clearp(PGresult **r)
{
    PQclear(*r);
}

/* The outcome of a whole batch; the first failure stays, later ones are not told. */
typedef struct outcome {
    cinema_status status;
    bool lost; /* after that failure nobody knows what the server has done */
    cinema_error *err, unheard;
} outcome;

static cinema_error *err_of(outcome *o)
{
    return o->status ? &o->unheard : o->err;
}

/* Errors without a code are libpq's own: it had no memory for an answer, say, to a preparation. */
static bool is_lost(const pg_link *l, const PGresult *r)
{
    return !PQresultErrorField(r, PG_DIAG_SQLSTATE) || l->trouble == PG_LOST ||
           l->trouble == PG_STALE;
}

static void judge(pg_link *l, const pg_batch *b, const db_statement *s, db_rows *rows,
                  const PGresult *r, outcome *o)
{
    ExecStatusType status = PQresultStatus(r);
    if (o->status) /* and what follows was skipped */
        return;
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        o->status = pg_error_of_result(l, r, s, o->err);
        o->lost = is_lost(l, r);
    } else if (rows)
        o->status = pg_rows_read(l, r, b->arena, rows, o->err);
    else if (s == b->last && b->tag && strcmp(PQcmdStatus((PGresult *)r), b->tag) != 0)
        o->status = fail(o->err, CINEMA_UNAVAILABLE, "rolled_back", NULL,
                         "the database gave the change up: try again");
}

/* The answers of the i-th statement. Not OK: the connection is of no use any more. */
static cinema_status receive(pg_link *l, const pg_batch *b, size_t i, int64_t deadline, outcome *o)
{
    CLEANUP(clearp) PGresult *prepared = NULL, *r = NULL;
    db_rows *rows;
    const db_statement *s = batch_at(b, i, &rows);
    cinema_status status;

    if (l->names.pending) {
        pg_name name = pg_name_of(s);
        if (pg_names_pending(&l->names, &name)) {
            if ((status = answer(l, deadline, &prepared, err_of(o))))
                return status;
            bool fine = PQresultStatus(prepared) == PGRES_COMMAND_OK;
            pg_names_settle(&l->names, &name, fine);
            if (!fine)
                judge(l, b, s, NULL, prepared, o);
            if (PQstatus(l->pg) == CONNECTION_BAD)
                return o->status;
        }
    }
    if ((status = answer(l, deadline, &r, err_of(o))))
        return status;
    judge(l, b, s, rows, r, o);
    return PQstatus(l->pg) == CONNECTION_BAD ? o->status : CINEMA_OK;
}

static cinema_status receive_end(pg_link *l, int64_t deadline, cinema_error *err)
{
    CLEANUP(clearp) PGresult *r = NULL;
    cinema_status s = next(l, deadline, &r, err);
    if (s)
        return s;
    return PQresultStatus(r) == PGRES_PIPELINE_SYNC ? CINEMA_OK : pg_error_of_loss(l, err);
}

/* ---- talking --------------------------------------------------------------------------------- */

/* The connection is of no use any more. */
static void give_up(pg_link *l, cinema_status s, const char *text, bool cancel)
{
    if (s == CINEMA_TIMEOUT) {
        pg_log(l->pool, CINEMA_LOG_INFO, "postgres: given up at its deadline: %.200s", text);
        if (cancel)
            pg_link_cancel(l);
    }
    pg_link_drop(l);
}

static cinema_status exchange(pg_link *l, const pg_batch *b, int64_t deadline, cinema_error *err)
{
    outcome o = { .err = err };
    size_t count = batch_count(b);
    cinema_status s = send_all(l, b) ? flush(l, deadline, err) : pg_error_of_loss(l, err);

    for (size_t i = 0; !s && i < count; i++)
        s = receive(l, b, i, deadline, &o);
    if (!s)
        s = receive_end(l, deadline, err_of(&o));
    if (s || o.lost) {
        const db_statement *named = b->count ? b->statements : b->last;
        give_up(l, s, named ? named->text : "", !b->uncancellable);
        return o.status ? o.status : s;
    }
    l->worked = true;
    return o.status;
}

/* The table is full, or plans are out of date. Behind a pooler it would be other people's. */
static bool has_to_forget(const pg_link *l, const pg_batch *b)
{
    return l->names.slots && (l->forget || l->names.used + batch_count(b) > PG_NAMES_MAX) &&
           atomic_load(&l->pool->names) == PG_NAMES_ON;
}

static cinema_status forget(pg_link *l, int64_t deadline, cinema_error *err)
{
    static const db_statement all = PG_STATEMENT("DEALLOCATE ALL", 0);
    const pg_batch b = { .statements = &all, .count = 1 };
    pg_names_clear(&l->names);
    l->forget = false;
    return exchange(l, &b, deadline, err);
}

cinema_status pg_talk(pg_link *l, const pg_batch *b, int64_t deadline, cinema_error *err)
{
    l->trouble = PG_FINAL;
    cinema_status s = has_to_forget(l, b) ? forget(l, deadline, err) : CINEMA_OK;
    return s ? s : exchange(l, b, deadline, err);
}

void pg_talk_settle(pg_link *l)
{
    static const db_statement rollback = PG_STATEMENT("ROLLBACK", 3);
    const pg_batch b = { .last = &rollback, .uncancellable = true };
    pg_trouble trouble = l->trouble;
    cinema_error unheard;
    if (l->pg && PQtransactionStatus(l->pg) != PQTRANS_IDLE &&
        pg_talk(l, &b, clock_monotonic_ms() + SETTLE_MS, &unheard))
        pg_link_drop(l);
    l->trouble = trouble;
}

/* ---- scripts --------------------------------------------------------------------------------- */

/* The answers of a script, one for each statement. Not OK: the connection is of no use any more. */
static cinema_status script_answers(pg_link *l, int64_t deadline, outcome *o)
{
    for (;;) {
        CLEANUP(clearp) PGresult *r = NULL;
        cinema_status s = next(l, deadline, &r, err_of(o));
        if (s || !r)
            return s;
        ExecStatusType status = PQresultStatus(r);
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT)
            return fail(err_of(o), CINEMA_INTERNAL, NULL, NULL, "COPY does not go into a script");
        if (status != PGRES_EMPTY_QUERY)
            judge(l, &(pg_batch){ 0 }, NULL, NULL, r, o);
        if (PQstatus(l->pg) == CONNECTION_BAD)
            return o->status;
    }
}

cinema_status pg_talk_script(pg_link *l, const char *text, int64_t deadline, cinema_error *err)
{
    outcome o = { .err = err };
    cinema_status s = CINEMA_OK;
    l->trouble = PG_FINAL;
    if (!PQexitPipelineMode(l->pg) || !PQsendQuery(l->pg, text))
        s = pg_error_of_loss(l, err);
    if (s || (s = flush(l, deadline, err)) || (s = script_answers(l, deadline, &o)) || o.lost ||
        !PQenterPipelineMode(l->pg)) {
        if (!s && !o.status)
            s = pg_error_of_loss(l, err);
        give_up(l, s, text, true);
    }
    return o.status ? o.status : s;
}
