/* postgres.c - the PostgreSQL driver: reads, transactions, and the table of functions.
 * A transaction's BEGIN goes with its first statement in one round trip; until the server has
 * answered that one, nothing is lost by starting over on another connection.
 */
#include "port/db/postgres.h"

#include <ctype.h>
#include <stdio.h>

enum { CONNECTIONS = 8, CONNECTIONS_MOST = 1000, COMMIT_MS = 1000 };

typedef struct pg_db {
    db base;
    pg_pool pool;
    pg_pool direct; /* one connection without a pooler between, for migrations */
} pg_db;

typedef struct pg_tx {
    db_tx base;
    pg_link *link;
    bool begun;           /* the server knows of it */
    cinema_status failed; /* then only rollback is legal */
    cinema_error error;   /* of that */
} pg_tx;

/* The first member, so one pointer is the other. */
static pg_db *db_of(db *d)
{
    return (pg_db *)(void *)d;
}

static pg_tx *tx_of(db_tx *tx)
{
    return (pg_tx *)(void *)tx;
}

/* ---- open and close -------------------------------------------------------------------------- */

static void close_db(db *d)
{
    pg_db *p = db_of(d);
    if (!p)
        return;
    pg_pool_done(&p->pool);
    pg_pool_done(&p->direct);
    free(p);
}

/* Which setting was no good. */
static cinema_status blame(cinema_status s, const char *setting, cinema_error *err)
{
    if (s == CINEMA_INVALID)
        text_copy(err->field, sizeof err->field, setting);
    return s;
}

static cinema_status open_pools(pg_db *p, const db_options *o, cinema_error *err)
{
    unsigned count = o->connections ? o->connections : CONNECTIONS;
    const char *direct = o->direct_url && *o->direct_url ? o->direct_url : NULL;
    cinema_status s;

    if (count > CONNECTIONS_MOST)
        count = CONNECTIONS_MOST;
    if ((s = pg_pool_open(&p->pool, o->url, count, o, err)))
        return blame(s, "CINEMA_DATABASE_URL", err);
    if ((s = pg_pool_open(&p->direct, direct ? direct : o->url, 1, o, err)))
        return blame(s, "CINEMA_DATABASE_DIRECT_URL", err);
    atomic_store(&p->direct.names, PG_NAMES_OFF); /* what runs there, runs once */
    if (direct && strcmp(p->pool.url.place, p->direct.url.place) != 0 &&
        p->pool.url.names == PG_NAMES_ASK)
        atomic_store(&p->pool.names, PG_NAMES_OFF); /* why else would there be two */
    return CINEMA_OK;
}

extern const db_driver cinema_db_driver;

static cinema_status open_db(const db_options *o, db **ret, cinema_error *err)
{
    cinema_error unheard;
    pg_db *p = calloc(1, sizeof *p);
    err = err ? err : &unheard;
    if (!p)
        return fail_memory(err);
    p->base.driver = &cinema_db_driver;
    cinema_status s = open_pools(p, o, err);
    if (s)
        close_db(&p->base);
    else
        *ret = &p->base;
    return s;
}

/* ---- reads ----------------------------------------------------------------------------------- */

/* What does not plainly read runs in a transaction that may not write. */
static bool is_select(const db_statement *s)
{
    const char *p = s->text;
    while (isspace((unsigned char)*p))
        p++;
    return !strncasecmp(p, "SELECT", 6);
}

static cinema_status read_once(pg_link *l, const pg_batch *b, int64_t deadline, cinema_error *err)
{
    cinema_status s = pg_link_open(l, deadline, err);
    memset(b->rows, 0, b->count * sizeof *b->rows);
    if (s || !(s = pg_talk(l, b, deadline, err)))
        return s;
    pg_talk_settle(l);
    return s;
}

static cinema_status read_rows(db *d, const db_statement *statements, size_t count,
                               int64_t deadline, arena *a, db_rows *rows, cinema_error *err)
{
    static const db_statement snapshot =
        PG_STATEMENT("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", 1);
    static const db_statement end = PG_STATEMENT("COMMIT", 2);
    pg_batch b = { .statements = statements, .count = count, .arena = a, .rows = rows };
    pg_retry retry = { 0 };
    cinema_error unheard;
    pg_link *l;
    cinema_status s;

    err = err ? err : &unheard;
    if (!count)
        return CINEMA_OK;
    if (count > 1 || !is_select(statements)) {
        b.first = &snapshot;
        b.last = &end;
    }
    if ((s = pg_pool_take(&db_of(d)->pool, deadline, &l, err)))
        return s;
    do
        s = read_once(l, &b, deadline, err);
    while (s && pg_link_again(l, &retry, deadline));
    pg_pool_give(l);
    return s;
}

static cinema_status explain(db *d, const db_statement *s, int64_t deadline, arena *a, db_plan *ret,
                             cinema_error *err)
{
    db_statement explaining;
    db_rows rows;
    cinema_error unheard;
    cinema_status status;
    err = err ? err : &unheard;
    if ((status = pg_plan_statement(s, a, &explaining, err)) ||
        (status = read_rows(d, &explaining, 1, deadline, a, &rows, err)))
        return status;
    return pg_plan_read(&rows, a, ret, err);
}

/* ---- transactions ---------------------------------------------------------------------------- */

static cinema_status begin(db *d, unsigned flags, int64_t deadline, db_tx **ret, cinema_error *err)
{
    pg_db *p = db_of(d);
    pg_retry retry = { 0 };
    cinema_error unheard;
    cinema_status s;
    pg_tx *tx = calloc(1, sizeof *tx);

    err = err ? err : &unheard;
    if (!tx)
        return fail_memory(err);
    tx->base = (db_tx){ .db = d, .deadline = deadline };
    s = pg_pool_take(flags & DB_TX_DIRECT ? &p->direct : &p->pool, deadline, &tx->link, err);
    if (s) {
        free(tx);
        return s;
    }
    do
        s = pg_link_open(tx->link, deadline, err);
    while (s && pg_link_again(tx->link, &retry, deadline));
    if (s) {
        pg_pool_give(tx->link);
        free(tx);
        return s;
    }
    *ret = &tx->base;
    return CINEMA_OK;
}

/* The server gives up by itself, too: should we be gone, and a moment before we would cancel, which
 * costs the connection. */
static db_statement guard_of(const pg_tx *tx, char *text, size_t size)
{
    int64_t left = deadline_left_ms(tx->base.deadline);
    left = left > 1 ? left - 1 : 1;
    int n = snprintf(text, size, "SET LOCAL statement_timeout = %d",
                     left < INT32_MAX ? (int)left : INT32_MAX);
    return (db_statement){ .text = text, .length = (size_t)n };
}

static cinema_status first_talk(pg_tx *tx, pg_batch *b, cinema_error *err)
{
    static const db_statement begin_it = PG_STATEMENT("BEGIN ISOLATION LEVEL READ COMMITTED", 4);
    char text[64];
    int64_t deadline = tx->base.deadline;
    pg_retry retry = { 0 };
    cinema_status s;
    do {
        db_statement guard = guard_of(tx, text, sizeof text);
        b->first = &begin_it;
        b->second = deadline == DEADLINE_NONE ? NULL : &guard;
        s = pg_link_open(tx->link, deadline, err);
        if (s || !(s = pg_talk(tx->link, b, deadline, err)))
            continue;
        pg_talk_settle(tx->link);
    } while (s && pg_link_again(tx->link, &retry, deadline));
    tx->begun = !s;
    return s;
}

/* Remembers a failure: what comes after it is refused, and commit gives it back. */
static cinema_status ended(pg_tx *tx, cinema_status s, const cinema_error *error, cinema_error *err)
{
    if (!s)
        return s;
    tx->failed = s;
    tx->error = *error;
    if (err)
        *err = *error;
    return s;
}

static cinema_status refuse(cinema_error *err)
{
    return fail(err, CINEMA_MISUSE, "transaction_failed", NULL,
                "a statement of this transaction has failed: only rollback is left");
}

static cinema_status run(db_tx *base, const db_statement *statement, arena *a, db_rows *rows,
                         cinema_error *err)
{
    pg_tx *tx = tx_of(base);
    pg_batch b = { .statements = statement, .count = 1, .arena = a, .rows = rows };
    cinema_error error;
    if (tx->failed)
        return refuse(err);
    if (rows)
        *rows = (db_rows){ 0 };
    cinema_status s =
        tx->begun ? pg_talk(tx->link, &b, base->deadline, &error) : first_talk(tx, &b, &error);
    return ended(tx, s, &error, err);
}

static cinema_status script(db_tx *base, const char *text, cinema_error *err)
{
    pg_tx *tx = tx_of(base);
    pg_batch nothing = { 0 };
    cinema_error error;
    if (tx->failed)
        return refuse(err);
    cinema_status s = tx->begun ? CINEMA_OK : first_talk(tx, &nothing, &error);
    if (!s)
        s = pg_talk_script(tx->link, text, base->deadline, &error);
    return ended(tx, s, &error, err);
}

static void rollback(db_tx *base)
{
    pg_tx *tx = tx_of(base);
    if (!tx)
        return;
    pg_talk_settle(tx->link);
    pg_pool_give(tx->link);
    free(tx);
}

/* Once it is sent, knowing the outcome is worth more than being in time. */
static int64_t commit_deadline(int64_t deadline)
{
    int64_t least = clock_monotonic_ms() + COMMIT_MS;
    return deadline > least ? deadline : least;
}

static cinema_status send_commit(pg_tx *tx, cinema_error *err)
{
    static const db_statement commit_it = PG_STATEMENT("COMMIT", 2);
    const pg_batch b = { .last = &commit_it, .tag = "COMMIT", .uncancellable = true };
    if (!deadline_left_ms(tx->base.deadline))
        return pg_error_timeout(tx->link, err);
    cinema_status s = pg_talk(tx->link, &b, commit_deadline(tx->base.deadline), err);
    if (!s || tx->link->pg)
        return s;
    return fail(err, s == CINEMA_TIMEOUT ? s : CINEMA_UNAVAILABLE, "commit_unknown", NULL,
                "the connection failed while a change was being stored: look whether it was");
}

static cinema_status commit(db_tx *base, cinema_error *err)
{
    pg_tx *tx = tx_of(base);
    cinema_error error;
    cinema_status s = tx->failed;
    if (s)
        error = tx->error;
    else if (tx->begun)
        s = send_commit(tx, &error);
    if (s && err)
        *err = error;
    rollback(base);
    return s;
}

__attribute__((visibility("default"))) const db_driver cinema_db_driver = {
    .abi = DB_DRIVER_ABI,
    .name = "postgres",
    .open = open_db,
    .close = close_db,
    .read = read_rows,
    .begin = begin,
    .run = run,
    .script = script,
    .commit = commit,
    .rollback = rollback,
    .explain = explain,
};
