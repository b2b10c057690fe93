/* account.c - rows of accounts: finding, adding, and the changes that other rooms make.
 */
#include "user/account.h"
#include "base/field.h"
#include "base/handle.h"
#include "port/db/row.h"

#include "account.sql.h"

/* In the order of account_get. */
static const field columns[] = {
    { OUT(account, nr, NUMBER) },
    { OUT(account, id, UUID) },
    { OUT(account, revision, NUMBER) },
    { OUT(account, status, TEXT) },
    { OUT(account, email, TEXT) },
    { OUT(account, email_key, TEXT) },
    { OUT(account, email_verified_at, TIME) },
    { OUT(account, name, TEXT) },
    { OUT(account, locale, TEXT) },
    { OUT(account, avatar, TEXT) },
    { OUT(account, password, TEXT) },
    { OUT(account, password_changed_at, TIME) },
    { OUT(account, password_reset_needed, BOOL) },
    { OUT(account, roles, TEXT) },
    { OUT(account, permissions, TEXT) },
    { OUT(account, created_at, TIME) },
    { OUT(account, updated_at, TIME) },
    { OUT(account, signed_in_at, TIME) },
    { OUT(account, delete_at, TIME) },
};
static const field_table table = ANSWER("account", columns, account);

static void begin(db_sql *sql, cinema *c, const db_tx *tx)
{
    if (tx)
        db_sql_for_tx(sql, tx);
    else
        db_sql_for(sql, c);
}

static cinema_status not_found(cinema_error *err)
{
    return fail(err, CINEMA_NOT_FOUND, NULL, NULL, "there is no such account");
}

/* ---- finding
 * -------------------------------------------------------------------------------------- */

static cinema_status read_one(cinema *c, db_tx *tx, db_sql *sql, arena *a, account *ret,
                              cinema_error *err)
{
    db_rows rows;
    if (tx)
        db_add(sql, SQL_account_lock, "");
    cinema_status s = tx ? db_run(tx, sql, a, &rows, err) : db_read(c, sql, a, &rows, err);
    if (s || !rows.count)
        return s ? s : not_found(err);
    return fields_read_row(&table, rows.first, 0, a, ret) ? fail_memory(err) : CINEMA_OK;
}

cinema_status account__by_email(cinema *c, db_tx *tx, const char *email, arena *a, account *ret,
                                cinema_error *err)
{
    const char *shown, *key;
    db_sql sql;
    cinema_status s = email__normalise(email, a, &shown, &key, err);
    if (s)
        return s == CINEMA_INVALID ? not_found(err) : s;
    begin(&sql, c, tx);
    db_add(&sql, SQL_account_get, "");
    db_add(&sql, SQL_account_by_email, "t", key);
    return read_one(c, tx, &sql, a, ret, err);
}

cinema_status account__by_id(cinema *c, db_tx *tx, const char *id, arena *a, account *ret,
                             cinema_error *err)
{
    db_sql sql;
    uuid u;
    if (!uuid_parse(id, &u))
        return not_found(err);
    begin(&sql, c, tx);
    db_add(&sql, SQL_account_get, "");
    db_add(&sql, SQL_account_by_id, "u", &u);
    return read_one(c, tx, &sql, a, ret, err);
}

cinema_status account__by_nr(cinema *c, db_tx *tx, int64_t nr, arena *a, account *ret,
                             cinema_error *err)
{
    db_sql sql;
    begin(&sql, c, tx);
    db_add(&sql, SQL_account_get, "");
    db_add(&sql, SQL_account_by_nr, "i", nr);
    return read_one(c, tx, &sql, a, ret, err);
}

/* ---- adding
 * --------------------------------------------------------------------------------------- */

cinema_status account__taken(cinema_error *err)
{
    return fail(err, CINEMA_CONFLICT, "email_taken", "email",
                "email: another account has this address");
}

static const int64_t *present(const int64_t *n)
{
    return *n == CINEMA_ABSENT ? NULL : n;
}

static cinema_status insert_row(cinema *c, db_tx *tx, const account *in, arena *a, db_rows *rows,
                                cinema_error *err)
{
    const char *email, *key;
    int64_t now = now_ms(c);
    db_sql sql;
    uuid id;
    cinema_status s = email__normalise(in->email, a, &email, &key, err);
    if (s)
        return s;
    uuid_new(c, &id);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_account_insert, "uttItttIitb", &id, email, key,
           present(&in->email_verified_at), in->name ? in->name : "", in->locale, in->password,
           in->password ? &now : NULL, now, in->status ? in->status : "active",
           (int)in->password_reset_needed);
    db_add(&sql, SQL_account_insert_lock, "");
    db_add(&sql, SQL_account_insert_end, "");
    if ((s = db_run(tx, &sql, a, rows, err)) || !rows->count)
        return s;
    return account__index(tx, rows->first->cells[0].number, in->name ? in->name : "", key, a, err);
}

cinema_status account__insert(cinema *c, db_tx *tx, const account *in, arena *a, account *ret,
                              cinema_error *err)
{
    db_rows rows;
    db_sql sql;
    cinema_status s = insert_row(c, tx, in, a, &rows, err);
    if (s || !rows.count)
        return s ? s : account__taken(err);
    int64_t nr = rows.first->cells[0].number;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_account_insert_role, "i", nr);
    s = db_run(tx, &sql, NULL, NULL, err);
    return s ? s : account__by_nr(c, tx, nr, a, ret, err);
}

/* ---- changing
 * ------------------------------------------------------------------------------------- */

cinema_status account__set_password(cinema *c, db_tx *tx, int64_t nr, const char *hash,
                                    cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_account_set_password, "iti", nr, hash, now_ms(c));
    return db_run(tx, &sql, NULL, NULL, err);
}

cinema_status account__renew_password(cinema *c, db_tx *tx, int64_t nr, const char *old_hash,
                                      const char *hash, cinema_error *err)
{
    db_sql sql;
    (void)c;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_account_renew_password, "itt", nr, old_hash, hash);
    return db_run(tx, &sql, NULL, NULL, err);
}

cinema_status account__verify_email(cinema *c, db_tx *tx, int64_t nr, const char *email,
                                    cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    const char *shown, *key;
    db_rows rows;
    db_sql sql;
    cinema_status s = a ? email__normalise(email, a, &shown, &key, err) : fail_memory(err);
    if (s)
        return s == CINEMA_INVALID ? not_found(err) : s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_account_verify_email, "iti", nr, key, now_ms(c));
    s = db_run(tx, &sql, a, &rows, err);
    return s || rows.changed ? s : not_found(err);
}

cinema_status account__check_free(db_tx *tx, int64_t nr, const char *key, arena *a,
                                  cinema_error *err)
{
    db_rows rows;
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_account_email_taken, "ti", key, nr);
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    return s ? s : rows.count ? account__taken(err) : CINEMA_OK;
}

cinema_status account__set_email(cinema *c, db_tx *tx, int64_t nr, const char *email, arena *a,
                                 cinema_error *err)
{
    const char *shown, *key;
    cinema_error own = { 0 };
    account x;
    db_sql sql;
    cinema_status s = email__normalise(email, a, &shown, &key, err);
    if (s || (s = account__by_nr(c, tx, nr, a, &x, err)) ||
        (s = account__check_free(tx, nr, key, a, err)))
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_account_set_email, "itti", nr, shown, key, now_ms(c));
    s = db_run(tx, &sql, NULL, NULL, &own);
    if (s == CINEMA_CONFLICT && !strcmp(own.reason, "unique"))
        return account__taken(err);
    if (s && err)
        *err = own;
    return s ? s : account__index(tx, nr, x.name, key, a, err);
}

cinema_status account__signed_in(cinema *c, db_tx *tx, int64_t nr, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_account_signed_in, "ii", nr, now_ms(c));
    return db_run(tx, &sql, NULL, NULL, err);
}
