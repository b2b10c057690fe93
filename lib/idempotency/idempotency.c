/* idempotency.c - requests carried out once: keys claimed in the transaction of the operation, and
 * the answer written beside what it did.
 */
#include "idempotency/idempotency.h"

#include "idempotency.sql.h"

#include <sodium.h>

enum { SUM = 32, KEPT_MS = 24 * 3600 * 1000, KEY_MAX = 255 };

/* One request with a key. */
typedef struct claim {
    op_call *call;
    unsigned char id[SUM], fingerprint[SUM];
    int64_t now;
    const db_row *first; /* what is stored already */
} claim;

/* Each part with its end, so that no two lists of parts look alike. */
static void add_part(crypto_generichash_state *state, const char *text)
{
    crypto_generichash_update(state, (const unsigned char *)text, strlen(text) + 1);
}

/* Nobody in particular is told apart by address. */
static void name_it(claim *x)
{
    const op_call *k = x->call;
    const char *address = k->caller->address ? k->caller->address : "";
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, SUM);
    add_part(&state, k->op->name);
    add_part(&state, k->who.name ? "who" : "address");
    add_part(&state, k->who.name ? k->who.name : address);
    add_part(&state, k->caller->idempotency_key);
    crypto_generichash_final(&state, x->id, SUM);
}

static cinema_status claim_new(op_call *k, claim *ret)
{
    size_t n = strlen(k->caller->idempotency_key);
    *ret = (claim){ .call = k, .now = now_ms(k->cinema) };
    if (!n || n > KEY_MAX)
        return fail(k->err, CINEMA_INVALID, "idempotency_key", NULL,
                    "the idempotency key must have 1 to %d bytes", KEY_MAX);
    name_it(ret);
    return op_fingerprint(k, ret->fingerprint);
}

/* ---- what is stored
 * ------------------------------------------------------------------------------ */

static cinema_status find(claim *x, db_tx *tx, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    arena *a = x->call->arena;
    if (tx)
        db_sql_for_tx(&sql, tx);
    else
        db_sql_for(&sql, x->call->cinema);
    db_add(&sql, SQL_idempotency_find, "xi", x->id, (size_t)SUM, x->now - KEPT_MS);
    cinema_status s =
        tx ? db_run(tx, &sql, a, &rows, err) : db_read(x->call->cinema, &sql, a, &rows, err);
    if (!s)
        x->first = rows.first;
    return s;
}

static const char *text_of(const db_value *v)
{
    return v->type == DB_TEXT ? v->text : "";
}

static cinema_status replay(const claim *x)
{
    const db_value *v = x->first->cells;
    op_call *k = x->call;
    if (v[0].length != SUM || memcmp(v[0].blob, x->fingerprint, SUM))
        return fail(k->err, CINEMA_CONFLICT, "idempotency_mismatch", NULL,
                    "this Idempotency-Key was used with another body");
    const op_answer first = { .http = (int)v[1].number,
                              .tag = text_of(&v[2]),
                              .id = text_of(&v[3]),
                              .json = text_of(&v[4]) };
    return op_replay(k, &first);
}

/* ---- in the operation's transaction
 * -------------------------------------------------------------- */

static cinema_status insert(claim *x, db_tx *tx, db_rows *rows, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_idempotency_claim, "xxii", x->id, (size_t)SUM, x->fingerprint, (size_t)SUM,
           x->now, x->now - KEPT_MS);
    cinema_error why;
    cinema_status s = db_run(tx, &sql, x->call->arena, rows, &why);
    if (s && err)
        *err = why;
    if (s != CINEMA_TIMEOUT && !(s == CINEMA_UNAVAILABLE && !strcmp(why.reason, "busy")))
        return s;
    return fail(err, CINEMA_CONFLICT, "idempotency_in_progress", NULL,
                "the first request with this Idempotency-Key is still at work");
}

/* The transaction has begun: is this the first of its key? If not there is nothing to do. */
static cinema_status begun(db_tx *tx, void *user, bool *over, cinema_error *err)
{
    claim *x = user;
    db_rows rows;
    cinema_status s = insert(x, tx, &rows, err);
    if (s || rows.count)
        return s;
    if ((s = find(x, tx, err)))
        return s;
    *over = x->first != NULL;
    return fail(err, CINEMA_CONFLICT, "idempotency_in_progress", NULL,
                "another request with this Idempotency-Key came first");
}

static cinema_status expire(const claim *x, db_tx *tx, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_idempotency_expire, "i", x->now - KEPT_MS);
    return db_run(tx, &sql, NULL, NULL, err);
}

static cinema_status keep(const claim *x, db_tx *tx)
{
    op_call *k = x->call;
    op_answer a;
    db_sql sql;
    cinema_status s = op_answered(k, &a);
    if (s)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_idempotency_keep, "xittt", x->id, (size_t)SUM, (int64_t)a.http, a.tag, a.id,
           a.json);
    s = db_run(tx, &sql, NULL, NULL, k->err);
    return s ? s : expire(x, tx, k->err);
}

/* An operation that wrote nothing has nothing that could be done twice. */
static cinema_status run(claim *x)
{
    op_call *k = x->call;
    db_hold hold = { .begun = begun, .user = x };
    db_hold_start(&hold);
    cinema_status s = k->op->function(k);
    if (!s && hold.tx)
        s = keep(x, hold.tx);
    cinema_status ended = db_hold_end(&hold, !s, s ? NULL : k->err);
    if (x->first && !hold.lost)
        return replay(x);
    return s ? s : ended;
}

cinema_status idempotency__run(op_call *k)
{
    claim x;
    cinema_status s = claim_new(k, &x);
    if (s || (s = find(&x, NULL, k->err)))
        return s;
    return x.first ? replay(&x) : run(&x);
}
