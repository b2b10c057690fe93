/* factor.c - second factors in the database, and the taking of codes.
 */
#include "twofactor/factor.h"

#include "base/handle.h"
#include "base/seal.h"
#include "twofactor.sql.h"
#include "twofactor/twofactor.h"

#include <sodium.h>

static const char purpose[] = "totp"; /* of the box that the secret is in */

void factor_wipe(factor *f)
{
    sodium_memzero(f, sizeof *f);
}

static void begin_sql(db_sql *sql, cinema *c, db_tx *tx)
{
    if (tx)
        db_sql_for_tx(sql, tx);
    else
        db_sql_for(sql, c);
}

static cinema_status get_rows(cinema *c, db_tx *tx, const db_sql *sql, arena *a, db_rows *rows,
                              cinema_error *err)
{
    return tx ? db_run(tx, sql, a, rows, err) : db_read(c, sql, a, rows, err);
}

/* Runs a statement; whether it changed a row. */
static cinema_status changes(db_tx *tx, const db_sql *sql, arena *a, bool *ret, cinema_error *err)
{
    db_rows rows = { 0 };
    cinema_status s = db_run(tx, sql, a, &rows, err);
    *ret = !s && rows.changed > 0;
    return s;
}

cinema_status twofactor__ready(cinema *c, cinema_error *err)
{
    unsigned char key[32];
    cinema_status s = seal_derive(c, purpose, key, err);
    sodium_memzero(key, sizeof key);
    return s;
}

/* ---- the factor ------------------------------------------------------------------------------ */

static cinema_status open_secret(cinema *c, const db_value *box, arena *a,
                                 unsigned char secret[TOTP_SECRET], cinema_error *err)
{
    bytes plain;
    cinema_status s = seal_open(c, purpose, (bytes){ box->blob, box->length }, a, &plain, err);
    if (s)
        return s;
    if (plain.length != TOTP_SECRET)
        return fail(err, CINEMA_INTERNAL, NULL, NULL, "a second factor is damaged");
    memcpy(secret, plain.at, TOTP_SECRET);
    sodium_memzero((void *)plain.at, plain.length);
    return CINEMA_OK;
}

cinema_status factor_get(cinema *c, db_tx *tx, int64_t account_nr, arena *a, factor *ret,
                         cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    begin_sql(&sql, c, tx);
    db_add(&sql, SQL_factor_get, "i", account_nr);
    cinema_status s = get_rows(c, tx, &sql, a, &rows, err);
    *ret = (factor){ .known = !s && rows.count };
    if (!ret->known)
        return s;
    const db_value *v = rows.first->cells;
    memcpy(&ret->id, v[0].blob, sizeof ret->id);
    ret->last_step = v[2].number;
    ret->created_at = v[3].number;
    ret->confirmed_at = v[4].type == DB_NULL ? CINEMA_ABSENT : v[4].number;
    return open_secret(c, &v[1], a, ret->secret, err);
}

cinema_status factor_begin(cinema *c, int64_t account_nr, unsigned char secret[TOTP_SECRET],
                           arena *a, bool *ret, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    db_sql sql;
    bytes box;
    uuid id;
    random_bytes(c, secret, TOTP_SECRET);
    uuid_new(c, &id);
    cinema_status s = seal_close(c, purpose, (bytes){ secret, TOTP_SECRET }, a, &box, err);
    if (s || (s = db_begin(c, &tx, err)))
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_factor_begin, "uixi", &id, account_nr, box.at, box.length, now_ms(c));
    if ((s = changes(tx, &sql, a, ret, err)))
        return s;
    return db_commit(&tx, err);
}

cinema_status factor_confirm(cinema *c, db_tx *tx, const factor *f, int64_t step, arena *a,
                             bool *ret, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_factor_confirm, "uii", &f->id, now_ms(c), step);
    return changes(tx, &sql, a, ret, err);
}

/* The factor first: its row is what keeps others waiting, who would add codes behind our back. */
cinema_status factor_remove(db_tx *tx, int64_t account_nr, arena *a, bool *ret, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_factor_remove, "i", account_nr);
    cinema_status s = changes(tx, &sql, a, ret, err);
    if (s)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_backup_code_clear, "i", account_nr);
    return db_run(tx, &sql, a, NULL, err);
}

cinema_status twofactor__is_on(cinema *c, db_tx *tx, int64_t account_nr, arena *a, bool *ret,
                               cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    begin_sql(&sql, c, tx);
    db_add(&sql, SQL_factor_is_on, "i", account_nr);
    cinema_status s = get_rows(c, tx, &sql, a, &rows, err);
    *ret = !s && rows.count > 0;
    return s;
}

cinema_status twofactor__take_totp(cinema *c, db_tx *tx, int64_t account_nr, const char *code,
                                   arena *a, bool *right, cinema_error *err)
{
    CLEANUP(factor_wipe) factor f;
    db_sql sql;
    int64_t step = 0;
    *right = false;
    cinema_status s = factor_get(c, tx, account_nr, a, &f, err);
    if (s || !f.known || f.confirmed_at == CINEMA_ABSENT)
        return s;
    s = totp_match(f.secret, code, now_ms(c), f.last_step, right, &step, err);
    if (s || !*right)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_factor_advance, "ui", &f.id, step);
    return changes(tx, &sql, a, right, err);
}

/* ---- backup codes ---------------------------------------------------------------------------- */

cinema_status backup_codes_keep(db_tx *tx, int64_t account_nr, const backup_codes *codes, arena *a,
                                cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_backup_code_clear, "i", account_nr);
    cinema_status s = db_run(tx, &sql, a, NULL, err);
    if (s)
        return s;
    db_sql_for_tx(&sql, tx);
    for (size_t i = 0; i < BACKUP_CODES; i++)
        db_add(&sql, i ? SQL_backup_code_more : SQL_backup_code_insert, "ix", account_nr,
               codes->hash[i], sizeof codes->hash[i]);
    return db_run(tx, &sql, a, NULL, err);
}

cinema_status backup_codes_left(cinema *c, int64_t account_nr, arena *a, int64_t *ret,
                                cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, c);
    db_add(&sql, SQL_backup_code_count, "i", account_nr);
    cinema_status s = db_read(c, &sql, a, &rows, err);
    if (!s)
        *ret = rows.first->cells[0].number;
    return s;
}

cinema_status twofactor__take_backup_code(cinema *c, db_tx *tx, int64_t account_nr,
                                          const char *code, arena *a, bool *right,
                                          cinema_error *err)
{
    unsigned char hash[BACKUP_CODE_HASH];
    db_sql sql;
    *right = false;
    cinema_status s = backup_code_hash(c, code, right, hash, err);
    if (s || !*right)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_backup_code_take, "ix", account_nr, hash, sizeof hash);
    return changes(tx, &sql, a, right, err);
}
