/* account_end.c - accounts that go: at once, or when their time for coming back is over.
 */
#include "audit/audit.h"
#include "session/session.h"
#include "user/user.h"

#include "account.sql.h"

enum { SWEPT_AT_ONCE = 50 };

cinema_status account__remove(cinema *c, db_tx *tx, int64_t nr, arena *a, cinema_error *err)
{
    db_sql sql;
    cinema_status s = session__end_all(c, tx, nr, NULL, a, err);
    if (s)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_account_remove, "i", nr);
    return db_run(tx, &sql, NULL, NULL, err);
}

static cinema_status remove_one(cinema *c, db_tx *tx, const db_row *row, arena *a,
                                cinema_error *err)
{
    char id[UUID_TEXT];
    uuid u;
    memcpy(u.bytes, row->cells[1].blob, sizeof u.bytes);
    uuid_text(&u, id);
    const audit_entry e = { .action = "user.remove", .actor = "system", .account_id = id };
    cinema_status s = audit__add(c, tx, NULL, &e, a, err);
    return s ? s : account__remove(c, tx, row->cells[0].number, a, err);
}

cinema_status account__sweep(cinema *c, bool *more, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    CLEANUP(db_rollback) db_tx *tx = NULL;
    db_rows rows = { 0 };
    db_sql sql;
    cinema_status s = a ? db_begin(c, &tx, err) : fail_memory(err);
    if (s)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_account_due, "ii", now_ms(c), (int64_t)SWEPT_AT_ONCE);
    s = db_run(tx, &sql, a, &rows, err);
    for (const db_row *row = rows.first; !s && row; row = row->next)
        s = remove_one(c, tx, row, a, err);
    if (s || (s = db_commit(&tx, err)))
        return s;
    *more = rows.count == SWEPT_AT_ONCE;
    if (rows.count)
        session__told(c);
    return CINEMA_OK;
}
