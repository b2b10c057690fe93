/* onetime.c - one-time tokens: issuing, taking, forgetting.
 */
#include "onetime/onetime.h"

#include "base/base64url.h"
#include "base/handle.h"
#include "onetime.sql.h"

#include <sodium.h>

enum { TOKEN_BYTES = 32, ID_BYTES = 32, SWEPT_AT_ONCE = 500 };

static void hash(const char *token, unsigned char id[ID_BYTES])
{
    crypto_generichash(id, ID_BYTES, (const unsigned char *)token, strlen(token), NULL, 0);
}

/* Text that no token could be is looked for like any other. */
static cinema_status refuse(cinema_error *err)
{
    return fail(err, CINEMA_INVALID, "invalid_token", "token",
                "this token is not known, was used already or has expired");
}

cinema_status onetime__void(cinema *c, db_tx *tx, const char *purpose, int64_t account_nr, arena *a,
                            cinema_error *err)
{
    db_sql sql;
    (void)c;
    db_sql_for_tx(&sql, tx);
    if (purpose)
        db_add(&sql, SQL_onetime_void, "it", account_nr, purpose);
    else
        db_add(&sql, SQL_onetime_void_all, "i", account_nr);
    return db_run(tx, &sql, a, NULL, err);
}

cinema_status onetime__issue(cinema *c, db_tx *tx, const onetime_new *n, arena *a,
                             char token[ONETIME_TEXT], cinema_error *err)
{
    unsigned char bytes[TOKEN_BYTES], id[ID_BYTES];
    int64_t now = now_ms(c), *nr = n->account_nr ? &(int64_t){ n->account_nr } : NULL;
    db_sql sql;
    cinema_status s;
    if (n->newest_only && (s = onetime__void(c, tx, n->purpose, n->account_nr, a, err)))
        return s;
    random_bytes(c, bytes, sizeof bytes);
    base64url_write(bytes, sizeof bytes, token);
    hash(token, id);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_onetime_insert, "xtItii", id, sizeof id, n->purpose, nr, n->data, now,
           now + n->ttl_ms);
    if ((s = db_run(tx, &sql, a, NULL, err)))
        sodium_memzero(token, ONETIME_TEXT);
    sodium_memzero(bytes, sizeof bytes);
    return s;
}

static cinema_status one(db_tx *tx, const db_sql *sql, arena *a, onetime *ret, cinema_error *err)
{
    db_rows rows;
    cinema_status s = db_run(tx, sql, a, &rows, err);
    if (s || !rows.count)
        return s ? s : refuse(err);
    const db_value *v = rows.first->cells;
    *ret = (onetime){ .account_nr = v[0].type == DB_NULL ? 0 : v[0].number,
                      .data = v[1].type == DB_NULL ? NULL : v[1].text };
    return CINEMA_OK;
}

/* By one of the two statements that take the same values. */
static cinema_status good_one(cinema *c, db_tx *tx, db_text statement, const char *purpose,
                              const char *token, arena *a, onetime *ret, cinema_error *err)
{
    unsigned char id[ID_BYTES];
    db_sql sql;
    hash(token, id);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, statement, "xti", id, sizeof id, purpose, now_ms(c));
    return one(tx, &sql, a, ret, err);
}

cinema_status onetime__look(cinema *c, db_tx *tx, const char *purpose, const char *token, arena *a,
                            onetime *ret, cinema_error *err)
{
    return good_one(c, tx, SQL_onetime_look, purpose, token, a, ret, err);
}

cinema_status onetime__take(cinema *c, db_tx *tx, const char *purpose, const char *token, arena *a,
                            onetime *ret, cinema_error *err)
{
    return good_one(c, tx, SQL_onetime_take, purpose, token, a, ret, err);
}

cinema_status onetime__try(cinema *c, db_tx *tx, const char *purpose, const char *token,
                           int64_t attempts_max, arena *a, onetime *ret, cinema_error *err)
{
    unsigned char id[ID_BYTES];
    db_sql sql;
    hash(token, id);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_onetime_try, "xtii", id, sizeof id, purpose, now_ms(c), attempts_max);
    return one(tx, &sql, a, ret, err);
}

cinema_status onetime__claim(cinema *c, db_tx *tx, const char *purpose, const char *secret,
                             int64_t ttl_ms, arena *a, bool *first, cinema_error *err)
{
    unsigned char id[ID_BYTES];
    int64_t now = now_ms(c);
    db_rows rows = { 0 };
    db_sql sql;
    hash(secret, id);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_onetime_claim, "xtii", id, sizeof id, purpose, now, now + ttl_ms);
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    *first = !s && rows.changed == 1;
    return s;
}

cinema_status onetime__sweep(cinema *c, bool *more, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_sql sql;
    db_rows rows = { 0 };
    cinema_status s = a ? db_begin(c, &tx, err) : fail_memory(err);
    if (s)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_onetime_sweep, "ii", now_ms(c), (int64_t)SWEPT_AT_ONCE);
    if ((s = db_run(tx, &sql, a, &rows, err)) || (s = db_commit(&tx, err)))
        return s;
    *more = rows.changed == SWEPT_AT_ONCE;
    return CINEMA_OK;
}
