/* sqlite_write.c - the writer: one connection, a turn on it, and group commit.
 * Whoever has the turn is the only one to touch the connection. Members of a group follow each
 * other in one transaction of SQLite; each but the first is a savepoint, so that its rollback is
 * its own. At the end of its turn a member that is done hands the turn to the next in line and
 * waits for the outcome of the group; when nobody is in line, or the group is full or old, it is
 * the one that commits for all. So the turn is free only when no group is open, and whoever has
 * the turn answers for the group: nobody is left waiting, also not when others give up in line.
 */
#include "port/db/sqlite_driver.h"

enum {
    GROUP_MEMBERS = 128,
    GROUP_MS = 5, /* how long a group takes members in */
};

struct lite_group {
    /* Of whoever has the turn: */
    unsigned done;        /* members that have committed and wait */
    unsigned joined;      /* members so far, those that rolled back too */
    int64_t since;        /* when it was opened */
    cinema_status broken; /* SQLite has rolled all of it back, for this */
    cinema_status status; /* of its commit; these two are for all once it is closed */
    cinema_error why;
    lite_lates late; /* of the members that are done */
    /* Of all: */
    lite_event closed;
    atomic_uint holders; /* transactions that point here */
};

typedef struct lite_tx {
    db_tx base;
    lite_db *db;
    lite_group *group;
    bool savepoint;
    lite_lates late;
    cinema_status failed; /* the first failure; from then on only rollback is legal */
    cinema_error why;
} lite_tx;

/* ---- groups ---------------------------------------------------------------------------------- */

static void group_let_go(lite_group *g)
{
    if (g && atomic_fetch_sub(&g->holders, 1) == 1)
        free(g);
}

/* No deadline: the caller must know what became of its work. */
static cinema_status group_outcome(lite_group *g, cinema_error *err)
{
    lite_event_wait(&g->closed, DEADLINE_NONE);
    if (g->status && err)
        *err = g->why;
    return g->status;
}

/* ---- the connection, by whoever has the turn ------------------------------------------------- */

/* After a failure: out of any transaction, or away with it. */
static void clean(lite_db *d)
{
    lite_connection *k = d->writer;
    if (!sqlite3_get_autocommit(k->handle))
        lite_do(k, LITE_ROLLBACK);
    if (sqlite3_get_autocommit(k->handle) && !k->doubtful)
        return;
    lite_disconnect(k);
    d->writer = NULL;
}

/* Copies the log into the database, after the members know their outcome. With the turn: nothing
 * is written meanwhile, so all of it can be copied and the log then starts anew. */
static void checkpoint(lite_connection *k)
{
    if (!k || k->wal_pages < k->wal_limit)
        return;
    k->wal_limit = k->wal_pages + LITE_WAL_PAGES;
    sqlite3_wal_checkpoint_v2(k->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static cinema_status group_open(lite_db *d, int64_t deadline, cinema_error *err)
{
    cinema_status s;
    if (!d->writer && (s = lite_connect(d, LITE_WRITER, deadline, &d->writer, err)))
        return s;
    lite_group *g = calloc(1, sizeof *g);
    if (!g)
        return fail_memory(err);
    d->writer->deadline = deadline;
    d->writer->shared = d->writer->steadfast = false;
    int code = lite_do(d->writer, LITE_BEGIN_IMMEDIATE);
    if (code) {
        s = lite_fail(d->writer, code, NULL, err);
        clean(d);
        free(g);
        return s;
    }
    g->since = clock_monotonic_ms();
    d->group = g;
    return CINEMA_OK;
}

/* A full disk is everybody's; what was wrong with one member's work is not. */
static cinema_status why_of_others(cinema_status s, const cinema_error *why, cinema_error *ret)
{
    if (s != CINEMA_UNAVAILABLE && s != CINEMA_NO_MEMORY)
        return fail(ret, CINEMA_UNAVAILABLE, "busy", NULL,
                    "this change was undone together with another one that failed: try again");
    *ret = *why;
    return s;
}

/* What was kept for the end, then COMMIT. */
static cinema_status finish(lite_connection *k, lite_group *g)
{
    cinema_error why;
    cinema_status s = lite_late_run(k, &g->late, &why);
    if (s && g->done > 1)
        return why_of_others(s, &why, &g->why);
    if (s) {
        g->why = why;
        return s;
    }
    int code = lite_do(k, LITE_COMMIT);
    return code ? lite_fail(k, code, "COMMIT", &g->why) : CINEMA_OK;
}

static void group_commit(lite_db *d)
{
    lite_group *g = d->group;
    cinema_status s = g->broken;
    d->writer->deadline = DEADLINE_NONE;
    if (!s && g->done)
        s = finish(d->writer, g);
    lite_late_clear(&g->late);
    if (s || !g->done || d->writer->doubtful)
        clean(d);
    d->group = NULL;
    g->status = s;
    lite_event_set(&g->closed);
    lite_event_wake(&g->closed);
    checkpoint(d->writer);
}

/* ---- the turn -------------------------------------------------------------------------------- */

static bool group_takes_more(const lite_group *g)
{
    return !g->broken && g->done && g->joined < GROUP_MEMBERS &&
           clock_monotonic_ms() - g->since < GROUP_MS;
}

static void turn_give(lite_db *d)
{
    pthread_mutex_lock(&d->write_lock);
    lite_event *called = lite_turn_give(&d->writing);
    pthread_mutex_unlock(&d->write_lock);
    lite_event_wake(called);
}

/* The caller's transaction, if it has one, still holds on to the group. */
static void turn_end(lite_db *d)
{
    bool more = d->group && group_takes_more(d->group);
    lite_event *called = NULL;
    pthread_mutex_lock(&d->write_lock);
    more = more && d->writing.first;
    if (more)
        called = lite_turn_give(&d->writing);
    pthread_mutex_unlock(&d->write_lock);
    lite_event_wake(called);
    if (more)
        return;
    if (d->group)
        group_commit(d);
    turn_give(d);
}

static bool turn_take(lite_db *d, int64_t deadline)
{
    pthread_mutex_lock(&d->write_lock);
    bool taken = lite_turn_take(&d->writing, &d->write_lock, deadline);
    pthread_mutex_unlock(&d->write_lock);
    return taken;
}

/* ---- a transaction --------------------------------------------------------------------------- */

/* A failure of the one whose turn it is. SQLite may have rolled back all of the transaction (no
 * memory, no room): then all of the group have failed. */
static cinema_status note_failure(lite_tx *tx, cinema_status s, const cinema_error *why)
{
    lite_group *g = tx->group;
    if (!tx->failed) {
        tx->failed = s;
        tx->why = *why;
    }
    if (!g->broken && sqlite3_get_autocommit(tx->db->writer->handle))
        g->broken = why_of_others(s, why, &g->why);
    return s;
}

/* The first member needs no savepoint: there is nobody whose work a rollback would undo. */
static cinema_status join(lite_tx *tx, bool alone, cinema_error *err)
{
    lite_db *d = tx->db;
    lite_connection *k;
    cinema_status s;
    if (alone && d->group) /* others need not wait until a migration is done */
        group_commit(d);
    if (!d->group && (s = group_open(d, tx->base.deadline, err)))
        return s;
    k = d->writer;
    k->deadline = tx->base.deadline;
    k->shared = d->group->done > 0;
    tx->group = d->group;
    tx->group->joined++;
    atomic_fetch_add(&tx->group->holders, 1);
    int code = k->shared ? lite_do(k, LITE_SAVEPOINT) : SQLITE_OK;
    tx->savepoint = k->shared && !code;
    if (!code)
        return CINEMA_OK;
    cinema_error why;
    s = note_failure(tx, lite_fail(k, code, "SAVEPOINT", &why), &why);
    if (err)
        *err = why;
    return s;
}

static void leave(lite_tx *tx)
{
    group_let_go(tx->group);
    lite_late_clear(&tx->late);
    free(tx);
}

cinema_status lite_begin(db *base, unsigned flags, int64_t deadline, db_tx **ret, cinema_error *err)
{
    lite_db *d = (lite_db *)base;
    if (!deadline_left_ms(deadline))
        return lite_fail_late(err);
    lite_tx *tx = calloc(1, sizeof *tx);
    if (!tx)
        return fail_memory(err);
    *tx = (lite_tx){ .base = { .db = base, .deadline = deadline }, .db = d };
    if (!turn_take(d, deadline)) {
        free(tx);
        return lite_fail_busy(err);
    }
    cinema_status s = join(tx, flags & DB_TX_DIRECT, err);
    if (s) {
        turn_end(d);
        leave(tx);
        return s;
    }
    *ret = &tx->base;
    return CINEMA_OK;
}

/* What stands between a transaction and its next statement. */
static cinema_status may_go_on(lite_tx *tx, cinema_error *err)
{
    if (tx->failed)
        return fail(err, CINEMA_MISUSE, "transaction_failed", NULL,
                    "an earlier statement of this transaction has failed: roll it back");
    if (deadline_left_ms(tx->base.deadline))
        return CINEMA_OK;
    cinema_error why;
    cinema_status s = note_failure(tx, lite_fail_late(&why), &why);
    if (err)
        *err = why;
    return s;
}

cinema_status lite_tx_run(db_tx *base, const db_statement *s, arena *a, db_rows *rows,
                          cinema_error *err)
{
    lite_tx *tx = (lite_tx *)base;
    cinema_error why;
    cinema_status status = may_go_on(tx, err);
    if (status)
        return status;
    status = lite_run(tx->db->writer, s, LITE_WRITER, a, rows, &why);
    if (!status)
        return CINEMA_OK;
    if (err)
        *err = why;
    return note_failure(tx, status, &why);
}

cinema_status lite_tx_late(db_tx *base, const db_statement *s, cinema_error *err)
{
    lite_tx *tx = (lite_tx *)base;
    cinema_error why;
    cinema_status status = may_go_on(tx, err);
    if (status || lite_late_add(&tx->late, s))
        return status;
    status = fail_memory(&why);
    if (err)
        *err = why;
    return note_failure(tx, status, &why);
}

cinema_status lite_script(db_tx *base, const char *text, cinema_error *err)
{
    lite_tx *tx = (lite_tx *)base;
    lite_connection *k = tx->db->writer;
    cinema_error why;
    cinema_status status = may_go_on(tx, err);
    if (status)
        return status;
    k->steadfast = k->shared;
    int code = sqlite3_exec(k->handle, text, NULL, NULL, NULL);
    if (!code)
        return CINEMA_OK;
    status = lite_fail(k, code, text, &why);
    if (err)
        *err = why;
    return note_failure(tx, status, &why);
}

/* A deferred foreign key that is still open would fail the COMMIT of the whole group. */
static int deferred_keys(lite_connection *k)
{
    int open = 0, high = 0;
    int code = sqlite3_db_status(k->handle, SQLITE_DBSTATUS_DEFERRED_FKS, &open, &high, 0);
    return code ? code : open ? SQLITE_CONSTRAINT_FOREIGNKEY : SQLITE_OK;
}

/* Into the group's transaction with the work of this member. */
static void release(lite_tx *tx)
{
    lite_connection *k = tx->db->writer;
    cinema_error why;
    int code = deferred_keys(k);
    if (!code && tx->savepoint)
        code = lite_do(k, LITE_RELEASE);
    if (code)
        note_failure(tx, lite_fail(k, code, "COMMIT", &why), &why);
    else {
        tx->group->done++;
        lite_late_move(&tx->group->late, &tx->late);
    }
}

cinema_status lite_commit(db_tx *base, cinema_error *err)
{
    lite_tx *tx = (lite_tx *)base;
    if (!tx->failed)
        release(tx);
    cinema_status s = tx->failed;
    if (s) {
        if (err)
            *err = tx->why;
        lite_rollback(base);
        return s;
    }
    turn_end(tx->db);
    s = group_outcome(tx->group, err);
    leave(tx);
    return s;
}

/* Undoes what only this member did; if even that fails, the group is lost: it ends with the turn,
 * and its transaction is rolled back there. So it is where there is nobody else in it. */
static void undo(lite_tx *tx)
{
    lite_connection *k = tx->db->writer;
    lite_group *g = tx->group;
    cinema_error why;
    if (g->broken || !tx->savepoint)
        return;
    k->deadline = DEADLINE_NONE;
    int code = lite_do(k, LITE_ROLLBACK_TO);
    if (!code)
        code = lite_do(k, LITE_RELEASE);
    if (code)
        g->broken = why_of_others(lite_fail(k, code, "ROLLBACK TO", &why), &why, &g->why);
}

void lite_rollback(db_tx *base)
{
    lite_tx *tx = (lite_tx *)base;
    undo(tx);
    turn_end(tx->db);
    leave(tx);
}
