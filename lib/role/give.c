/* give.c - roles given to accounts.
 */
#include "base/text.h"
#include "port/db/row.h"
#include "role/act.h"
#include "session/session.h"

#include "role.sql.h"

enum { ROLES_MAX = 20 };

static const field fields[] = {
    { OUT(cinema_user_roles, id, UUID), .present = true },
    { OUT(cinema_user_roles, roles, WORDS), .present = true },
    { OUT(cinema_user_roles, permissions, WORDS), .present = true,
      .help = "of all the roles together" },
};
const field_table cinema__user_roles = ANSWER("user_roles", fields, cinema_user_roles);

static const field input_fields[] = {
    { IN(cinema_user_roles_input, roles, TEXTS), .needed = true, .max = ROLES_MAX,
      .item_max = ROLE_NAME_MAX, .help = "all that the user is to have" },
};
const field_table cinema__user_roles_input =
    QUERY("user_roles_input", input_fields, cinema_user_roles_input);

/* An account as this room sees it. */
typedef struct holder {
    int64_t nr;
    cinema_user_roles *is;
} holder;

static cinema_status read_holder(db_tx *tx, db_sql *sql, arena *a, holder *ret, cinema_error *err)
{
    cinema_user_roles *is = record_new(a, sizeof *is);
    db_rows rows;
    cinema_status s = is ? db_run(tx, sql, a, &rows, err) : fail_memory(err);
    if (s)
        return s;
    if (!rows.count)
        return fail(err, CINEMA_NOT_FOUND, NULL, NULL, "there is no such user");
    if (fields_read_row(&cinema__user_roles, rows.first, 1, a, is))
        return fail_memory(err);
    texts_once(&is->permissions);
    *ret = (holder){ rows.first->cells[0].number, is };
    return CINEMA_OK;
}

static cinema_status holder_by_nr(db_tx *tx, int64_t nr, arena *a, holder *ret, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_role_account, "");
    db_add(&sql, SQL_role_account_by_nr, "i", nr);
    db_add(&sql, SQL_role_lock, "");
    return read_holder(tx, &sql, a, ret, err);
}

static cinema_status holder_by_id(db_tx *tx, const char *id, arena *a, holder *ret,
                                  cinema_error *err)
{
    db_sql sql;
    uuid u;
    if (!uuid_parse(id, &u))
        return fail(err, CINEMA_NOT_FOUND, NULL, NULL, "there is no such user");
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_role_account, "");
    db_add(&sql, SQL_role_account_by_id, "u", &u);
    db_add(&sql, SQL_role_lock, "");
    return read_holder(tx, &sql, a, ret, err);
}

/* ---- what is given and taken ----------------------------------------------------------------- */

static cinema_status find_all(cinema *c, db_tx *tx, cinema_texts names, arena *a, role_row *rows,
                              cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    if (names.count > ROLES_MAX)
        return fail(err, CINEMA_INVALID, "length", "roles", "roles: must be %d at most", ROLES_MAX);
    for (size_t i = 0; !s && i < names.count; i++)
        if ((s = role__find(c, tx, names.items[i], a, &rows[i], err)) == CINEMA_NOT_FOUND)
            s = fail(err, CINEMA_INVALID, "unknown_role", "roles", "roles: there is no %.40s",
                     names.items[i]);
    return s;
}

static bool has(cinema_texts names, const char *name)
{
    for (size_t i = 0; i < names.count; i++)
        if (!strcmp(names.items[i], name))
            return true;
    return false;
}

/* What is new, and what is no more, has to be theirs. */
static cinema_status may(db_tx *tx, const op_call *by, const holder *h, cinema_texts names,
                         const role_row *roles, arena *a, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    cinema_status s = CINEMA_OK;
    for (size_t i = 0; !s && i < names.count; i++)
        if (!has(h->is->roles, names.items[i]))
            s = role__may_handle(by, roles[i].permissions, err);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_role_of_account, "i", h->nr);
    if (s || (s = db_run(tx, &sql, a, &rows, err)))
        return s;
    for (const db_row *r = rows.first; !s && r; r = r->next)
        if (!has(names, r->cells[0].text))
            s = role__may_handle(by, r->cells[1].text, err);
    return s;
}

static cinema_status put(cinema *c, db_tx *tx, int64_t nr, const role_row *roles, size_t count,
                         arena *a, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_role_take_all, "i", nr);
    cinema_status s = db_run(tx, &sql, a, NULL, err);
    for (size_t i = 0; !s && i < count; i++) {
        db_sql_for_tx(&sql, tx);
        db_add(&sql, SQL_role_give, "ii", nr, roles[i].nr);
        s = db_run(tx, &sql, a, NULL, err);
    }
    if (s)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_role_apply, "ii", now_ms(c), INT64_C(0));
    db_add(&sql, SQL_role_apply_to_one, "i", nr);
    return db_run(tx, &sql, a, NULL, err);
}

static cinema_status change(cinema *c, db_tx *tx, const op_call *by, const holder *h,
                            cinema_texts names, bool administered, arena *a, cinema_error *err)
{
    role_row *roles = arena_alloc(a, (ROLES_MAX + 1) * sizeof *roles);
    cinema_status s = roles ? find_all(c, tx, names, a, roles, err) : fail_memory(err);
    if (s || (by && (s = may(tx, by, h, names, roles, a, err))) ||
        (s = put(c, tx, h->nr, roles, names.count, a, err)) ||
        (s = role__guard_end(tx, administered, a, err)))
        return s;
    return session__changed(c, tx, h->nr, a, err);
}

cinema_status role__set(cinema *c, db_tx *tx, int64_t account_nr, cinema_texts names, arena *a,
                        cinema_error *err)
{
    bool administered;
    holder h;
    cinema_status s;
    if ((s = role__guard(tx, a, &administered, err)) ||
        (s = holder_by_nr(tx, account_nr, a, &h, err)))
        return s;
    return change(c, tx, NULL, &h, names, administered, a, err);
}

static const char *words(cinema_texts l, arena *a)
{
    const char *text = "";
    for (size_t i = 0; text && i < l.count; i++)
        text = *text ? arena_format(a, "%s %s", text, l.items[i]) : l.items[i];
    return text;
}

cinema_status role__give(cinema *c, const op_call *by, const char *account_id,
                         const cinema_user_roles_input *in, arena *a, cinema_user_roles **ret,
                         cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    bool administered;
    holder before, now;
    cinema_status s;
    if ((s = db_begin(c, &tx, err)) || (s = role__guard(tx, a, &administered, err)) ||
        (s = holder_by_id(tx, account_id, a, &before, err)) ||
        (s = change(c, tx, by, &before, in->roles, administered, a, err)) ||
        (s = holder_by_nr(tx, before.nr, a, &now, err)))
        return s;
    const role_act act = { .action = "user_roles.set",
                           .account_id = now.is->id,
                           .words = words(now.is->roles, a) };
    if (!act.words)
        return fail_memory(err);
    if ((s = role__log(c, tx, by, &act, a, err)) || (s = db_commit(&tx, err)))
        return s;
    session__told(c);
    *ret = now.is;
    return CINEMA_OK;
}

cinema_status cinema_user_roles_set_sized(cinema *c, const char *id,
                                          const cinema_user_roles_input *in, size_t size,
                                          cinema_user_roles **ret, cinema_error *err)
{
    cinema_user_roles_input own;
    cinema_user_roles *r = NULL;
    arena *a = arena_new(0, 0);
    cinema_status s = a ? TAKE(own, in, size, err) : fail_memory(err);
    if (s || (s = fields_check(&cinema__user_roles_input, MODE_CREATE, &own, a, NULL, err)) ||
        (s = role__give(c, NULL, id, &own, a, &r, err)))
        arena_free(a);
    else
        *ret = r;
    return s;
}

void cinema_user_roles_free(cinema_user_roles *r)
{
    record_free(r);
}
