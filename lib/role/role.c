/* role.c - roles: what they may be called, what they hold, and what changes with them.
 */
#include "audit/audit.h"
#include "call/cursor.h"
#include "call/page.h"
#include "port/db/row.h"
#include "role/act.h"
#include "session/session.h"

#include "role.sql.h"

static const field fields[] = {
    { OUT(cinema_role, name, TEXT), .present = true },
    { OUT(cinema_role, revision, NUMBER), .present = true },
    { OUT(cinema_role, description, TEXT), .present = true },
    { OUT(cinema_role, permissions, WORDS), .present = true, .help = "* is every one" },
    { OUT(cinema_role, built_in, BOOL), .present = true, .help = "it cannot be removed" },
    { OUT(cinema_role, created_at, TIME), .present = true },
    { OUT(cinema_role, updated_at, TIME), .present = true },
};
const field_table cinema__role = ANSWER("role", fields, cinema_role);

static const field input_fields[] = {
    { IN(cinema_role_input, revision, NUMBER), .min = 1, .max = INT64_MAX,
      .help = "change only this revision, as If-Match does" },
    { IN(cinema_role_input, description, TEXT), .min = 1, .max = 500 },
    { IN(cinema_role_input, permissions, TEXTS), .needed = true, .max = 100, .item_max = 80,
      .help = "names that permission.list tells" },
};
const field_table cinema__role_input = QUERY("role_input", input_fields, cinema_role_input);

static const field query_fields[] = {
    { IN(cinema_role_query, after, TEXT), .min = 1, .max = 2000,
      .help = "next of the page before" },
    { IN(cinema_role_query, limit, LIMIT), .min = 1, .max = 100, .help = "20 unless given" },
};
const field_table cinema__role_query = QUERY("role list", query_fields, cinema_role_query);

/* ---- finding --------------------------------------------------------------------------------- */

static bool is_name(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return n && n <= ROLE_NAME_MAX && !s[n] && *s >= 'a';
}

static cinema_status not_found(cinema_error *err)
{
    return fail(err, CINEMA_NOT_FOUND, NULL, NULL, "there is no such role");
}

cinema_status role__find(cinema *c, db_tx *tx, const char *name, arena *a, role_row *ret,
                         cinema_error *err)
{
    enum { PERMISSIONS = 4 }; /* column of role_get */
    cinema_role *r = record_new(a, sizeof *r);
    db_sql sql;
    db_rows rows;
    if (!is_name(name))
        return not_found(err);
    if (tx)
        db_sql_for_tx(&sql, tx);
    else
        db_sql_for(&sql, c);
    db_add(&sql, SQL_role_get, "t", name);
    if (tx)
        db_add(&sql, SQL_role_lock, "");
    cinema_status s = !r   ? fail_memory(err)
                      : tx ? db_run(tx, &sql, a, &rows, err)
                           : db_read(c, &sql, a, &rows, err);
    if (s || !rows.count)
        return s ? s : not_found(err);
    if (fields_read_row(&cinema__role, rows.first, 1, a, r))
        return fail_memory(err);
    const db_value *v = rows.first->cells;
    *ret = (role_row){ v[0].number, r, v[PERMISSIONS].text };
    return CINEMA_OK;
}

/* ---- what all acts do ------------------------------------------------------------------------ */

cinema_status role__log(cinema *c, db_tx *tx, const op_call *by, const role_act *act, arena *a,
                        cinema_error *err)
{
    audit_entry e =
        by ? audit__by(by, act->action) : (audit_entry){ .action = act->action, .actor = "system" };
    e.target = act->target;
    e.account_id = act->account_id;
    /* Words of ours, and names that have no quotes in them. */
    if (act->words && !(e.detail = arena_format(a, "{\"set\":\"%s\"}", act->words)))
        return fail_memory(err);
    return audit__add(c, tx, by ? by->caller : NULL, &e, a, err);
}

static cinema_status administrator(db_tx *tx, int64_t but_nr, arena *a, bool *ret,
                                   cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_role_administrator, "i", but_nr);
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    *ret = !s && rows.count;
    return s;
}

cinema_status role__guard(db_tx *tx, arena *a, bool *administered, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_role_guard, "");
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    return s ? s : administrator(tx, 0, a, administered, err);
}

static cinema_status last_administrator(cinema_error *err)
{
    return fail(err, CINEMA_CONFLICT, "last_administrator", NULL,
                "nobody could do everything any more: make another administrator first");
}

cinema_status role__guard_end(db_tx *tx, bool administered, arena *a, cinema_error *err)
{
    bool still = false;
    cinema_status s = administered ? administrator(tx, 0, a, &still, err) : CINEMA_OK;
    return s || !administered || still ? s : last_administrator(err);
}

cinema_status role__keep_administrator(cinema *c, db_tx *tx, int64_t account_nr, arena *a,
                                       cinema_error *err)
{
    bool any = false, other = false;
    (void)c;
    cinema_status s = role__guard(tx, a, &any, err);
    if (s || !any || (s = administrator(tx, account_nr, a, &other, err)) || other)
        return s;
    return last_administrator(err);
}

cinema_status role__administered(cinema *c, arena *a, bool *ret, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, c);
    db_add(&sql, SQL_role_administrator, "i", INT64_C(0));
    cinema_status s = db_read(c, &sql, a, &rows, err);
    *ret = !s && rows.count;
    return s;
}

/* Accounts that have the role may do something else from now on; `gone`: it is about to go. */
static cinema_status spread(cinema *c, db_tx *tx, int64_t nr, bool gone, arena *a,
                            cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_role_apply, "ii", now_ms(c), gone ? nr : INT64_C(0));
    db_add(&sql, SQL_role_apply_to_all, "i", nr);
    cinema_status s = db_run(tx, &sql, a, NULL, err);
    if (s)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_role_changed, "ii", nr, now_ms(c));
    return db_run(tx, &sql, a, NULL, err);
}

/* ---- making and changing --------------------------------------------------------------------- */

static cinema_status built_in(cinema_error *err, const char *what)
{
    return fail(err, CINEMA_CONFLICT, "built_in", NULL, "%s", what);
}

/* What is to be there afterwards. */
typedef struct wish {
    const char *name, *description, *permissions;
} wish;

static cinema_status update(cinema *c, db_tx *tx, const role_row *old, const wish *w, arena *a,
                            cinema_error *err)
{
    bool same = !strcmp(old->permissions, w->permissions);
    db_sql sql;
    if (!same && !strcmp(w->name, "admin"))
        return built_in(err, "what admin may do is fixed: everything");
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_role_update, "itti", old->nr, w->description, w->permissions, now_ms(c));
    cinema_status s = db_run(tx, &sql, a, NULL, err);
    return s || same ? s : spread(c, tx, old->nr, false, a, err);
}

static cinema_status insert(cinema *c, db_tx *tx, const wish *w, arena *a, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_role_insert, "ttti", w->name, w->description, w->permissions, now_ms(c));
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    if (!s && !rows.count) /* made by another since we looked */
        s = fail(err, CINEMA_UNAVAILABLE, "serialization", NULL, "try again");
    return s;
}

static cinema_status write(cinema *c, db_tx *tx, const op_call *by, const wish *w,
                           const int64_t *revision, arena *a, cinema_error *err)
{
    role_row old = { 0 };
    bool administered;
    cinema_error none;
    cinema_status s = role__guard(tx, a, &administered, err);
    if (s)
        return s;
    s = role__find(c, tx, w->name, a, &old, &none);
    if (s && s != CINEMA_NOT_FOUND) {
        if (err)
            *err = none;
        return s;
    }
    if ((s = revision_check(revision, old.role ? old.role->revision : 0, err)) ||
        (old.role && (s = role__may_handle(by, old.permissions, err))) ||
        (s = role__may_handle(by, w->permissions, err)) ||
        (s = old.role ? update(c, tx, &old, w, a, err) : insert(c, tx, w, a, err)))
        return s;
    return role__guard_end(tx, administered, a, err);
}

cinema_status role__put(cinema *c, const op_call *by, const char *name, const cinema_role_input *in,
                        arena *a, cinema_role **ret, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    wish w = { .name = name, .description = in->description ? in->description : "" };
    role_row now;
    cinema_status s = role__permissions_text(in->permissions, a, &w.permissions, err);
    if (s)
        return s;
    if (!is_name(name))
        return fail(err, CINEMA_INVALID, "pattern", "role",
                    "role: must be made of a-z, 0-9 and -, begin with a letter, at most %d of them",
                    ROLE_NAME_MAX);
    const role_act act = { .action = "role.set", .target = name, .words = w.permissions };
    if ((s = db_begin(c, &tx, err)) || (s = write(c, tx, by, &w, in->revision, a, err)) ||
        (s = role__log(c, tx, by, &act, a, err)) || (s = role__find(c, tx, name, a, &now, err)) ||
        (s = db_commit(&tx, err)))
        return s;
    session__told(c);
    *ret = now.role;
    return CINEMA_OK;
}

cinema_status cinema_role_set_sized(cinema *c, const char *name, const cinema_role_input *in,
                                    size_t size, cinema_role **ret, cinema_error *err)
{
    cinema_role_input own;
    cinema_role *r = NULL;
    arena *a = arena_new(0, 0);
    cinema_status s = a ? TAKE(own, in, size, err) : fail_memory(err);
    if (s || (s = fields_check(&cinema__role_input, MODE_CREATE, &own, a, NULL, err)) ||
        (s = role__put(c, NULL, name, &own, a, &r, err)))
        arena_free(a);
    else
        *ret = r;
    return s;
}

/* ---- removing -------------------------------------------------------------------------------- */

static cinema_status erase(cinema *c, db_tx *tx, const role_row *r, arena *a, cinema_error *err)
{
    db_sql sql;
    cinema_status s = spread(c, tx, r->nr, true, a, err);
    if (s)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_role_remove, "i", r->nr);
    return db_run(tx, &sql, a, NULL, err);
}

cinema_status role__remove(cinema *c, const op_call *by, const char *name, const int64_t *revision,
                           cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    CLEANUP(db_rollback) db_tx *tx = NULL;
    const role_act act = { .action = "role.remove", .target = name };
    bool administered;
    role_row r;
    cinema_status s = a ? db_begin(c, &tx, err) : fail_memory(err);
    if (s || (s = role__guard(tx, a, &administered, err)) ||
        (s = role__find(c, tx, name, a, &r, err)) ||
        (s = revision_check(revision, r.role->revision, err)))
        return s;
    if (r.role->built_in)
        return built_in(err, "this role is always there");
    if ((s = role__may_handle(by, r.permissions, err)) || (s = erase(c, tx, &r, a, err)) ||
        (s = role__guard_end(tx, administered, a, err)) ||
        (s = role__log(c, tx, by, &act, a, err)) || (s = db_commit(&tx, err)))
        return s;
    session__told(c);
    return CINEMA_OK;
}

cinema_status cinema_role_remove_sized(cinema *c, const char *name, const cinema_role_options *in,
                                       size_t size, cinema_error *err)
{
    cinema_role_options own;
    cinema_status s = TAKE(own, in, size, err);
    return s ? s : role__remove(c, NULL, name, own.revision, err);
}

/* ---- reading --------------------------------------------------------------------------------- */

cinema_status cinema_role_get_sized(cinema *c, const char *name, const cinema_role_options *in,
                                    size_t size, cinema_role **ret, cinema_error *err)
{
    cinema_role_options own;
    role_row r;
    arena *a = arena_new(0, 0);
    cinema_status s = a ? TAKE(own, in, size, err) : fail_memory(err);
    if (s || (s = role__find(c, NULL, name, a, &r, err)))
        arena_free(a);
    else
        *ret = r.role;
    return s;
}

static cinema_status list(cinema *c, cinema_role_query *q, arena *a, op_page **ret,
                          cinema_error *err)
{
    enum { LIMIT = 20 };
    op_page *p = record_new(a, sizeof *p);
    size_t limit = q->limit ? q->limit : LIMIT;
    int64_t nr;
    db_value key;
    db_rows rows;
    db_sql sql;
    cinema_status s = p ? CINEMA_OK : fail_memory(err);
    if (s || (s = fields_check(&cinema__role_query, MODE_QUERY, q, a, NULL, err)))
        return s;
    db_sql_for(&sql, c);
    db_add(&sql, SQL_role_list, "");
    uint64_t filters = db_hash(&sql);
    if (q->after && (s = cursor_read(c, filters, q->after, a, &key, &nr, err)))
        return s;
    if (q->after)
        db_add(&sql, SQL_role_after, "ti", key.text, nr);
    db_add(&sql, SQL_role_order, "i", (int64_t)limit + 1);
    if ((s = db_read(c, &sql, a, &rows, err)))
        return s;
    p->total = CINEMA_ABSENT;
    *ret = p;
    return page_fill(c, &cinema__role, filters, &rows, limit, a, p, err);
}

cinema_status cinema_role_list_sized(cinema *c, const cinema_role_query *in, size_t size,
                                     cinema_role_page **ret, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    cinema_role_query q;
    op_page *p = NULL;
    cinema_status s = a ? TAKE(q, in, size, err) : fail_memory(err);
    if (!s && !(s = list(c, &q, a, &p, err)))
        *ret = page_keep(&a, p);
    return s;
}

void cinema_role_free(cinema_role *r)
{
    record_free(r);
}

void cinema_role_page_free(cinema_role_page *p)
{
    record_free(p);
}
