/* user_export.c - all that is kept about a user, for the user.
 * Where others acted from is theirs: it stays out.
 */
#include "base/handle.h"
#include "port/db/row.h"
#include "user/user_door.h"

#include "user.sql.h"

enum { ACTS_MAX = 1000, LISTS = 4 };

static const field session_fields[] = {
    { OUT(cinema_user_session, id, UUID), .present = true },
    { OUT(cinema_user_session, method, TEXT), .present = true,
      .help = "how they signed in, such as password totp" },
    { OUT(cinema_user_session, address, TEXT) },
    { OUT(cinema_user_session, user_agent, TEXT) },
    { OUT(cinema_user_session, created_at, TIME), .present = true },
    { OUT(cinema_user_session, used_at, TIME), .present = true },
    { OUT(cinema_user_session, expires_at, TIME), .present = true },
};
static const field_table sessions = ANSWER("user_session", session_fields, cinema_user_session);

static const field identity_fields[] = {
    { OUT(cinema_user_identity, issuer, TEXT), .present = true },
    { OUT(cinema_user_identity, subject, TEXT), .present = true },
    { OUT(cinema_user_identity, email, TEXT) },
    { OUT(cinema_user_identity, name, TEXT) },
    { OUT(cinema_user_identity, created_at, TIME), .present = true },
    { OUT(cinema_user_identity, used_at, TIME), .present = true },
};
static const field_table identities =
    ANSWER("user_identity", identity_fields, cinema_user_identity);

static const field act_fields[] = {
    { OUT(cinema_user_act, at, TIME), .present = true },
    { OUT(cinema_user_act, action, TEXT), .present = true },
    { OUT(cinema_user_act, target, TEXT) },
    { OUT(cinema_user_act, address, TEXT), .help = "of acts of their own" },
    { OUT(cinema_user_act, user_agent, TEXT) },
    { OUT(cinema_user_act, own, BOOL), .present = true, .help = "done by the user" },
};
static const field_table acts = ANSWER("user_act", act_fields, cinema_user_act);

static const field fields[] = {
    { OUT(cinema_user_data, exported_at, TIME), .present = true },
    { OUT(cinema_user_data, user, RECORD), .present = true, .of = &cinema__user },
    { OUT(cinema_user_data, sessions, RECORDS), .present = true, .of = &sessions },
    { OUT(cinema_user_data, identities, RECORDS), .present = true, .of = &identities },
    { OUT(cinema_user_data, acts, RECORDS), .present = true, .of = &acts,
      .help = "from the audit log, the newest 1,000" },
};
const field_table cinema__user_data = ANSWER("user_data", fields, cinema_user_data);

typedef struct list {
    const void **items;
    size_t count;
} list;

/* Adds rows as records. */
static bool add(const field_table *t, const db_rows *rows, arena *a, list *l)
{
    for (const db_row *row = rows->first; row; row = row->next) {
        void *record = arena_alloc(a, t->record_size);
        if (!record || fields_read_row(t, row, 0, a, record))
            return false;
        l->items[l->count++] = record;
    }
    return true;
}

static int by_time(const void *a, const void *b)
{
    const cinema_user_act *x = *(const cinema_user_act *const *)a,
                          *y = *(const cinema_user_act *const *)b;
    return x->at < y->at ? 1 : x->at > y->at ? -1 : 0;
}

static cinema_status fill(const db_rows rows[LISTS], arena *a, cinema_user_data *d)
{
    const field_table *const tables[LISTS] = { &sessions, &identities, &acts, &acts };
    list lists[LISTS - 1] = { 0 };
    for (size_t i = 0; i < LISTS; i++) {
        size_t at = i < 3 ? i : 2, more = i == 2 ? rows[3].count : 0;
        if (i < 3 &&
            !(lists[at].items = arena_alloc(a, (rows[i].count + more + 1) * sizeof(void *))))
            return CINEMA_NO_MEMORY;
        if (!add(tables[i], &rows[i], a, &lists[at]))
            return CINEMA_NO_MEMORY;
    }
    qsort(lists[2].items, lists[2].count, sizeof(void *), by_time);
    memcpy(&d->sessions, &lists[0], sizeof d->sessions);
    memcpy(&d->identities, &lists[1], sizeof d->identities);
    memcpy(&d->acts, &lists[2], sizeof d->acts);
    if (d->acts.count > ACTS_MAX)
        d->acts.count = ACTS_MAX;
    return CINEMA_OK;
}

static cinema_status gather(cinema *c, const char *id, arena *a, cinema_user_data **ret,
                            cinema_error *err)
{
    cinema_user_data *d = record_new(a, sizeof *d);
    cinema_user *u = NULL;
    account x;
    uuid who;
    db_sql sql[LISTS];
    const db_sql *const all[] = { &sql[0], &sql[1], &sql[2], &sql[3] };
    db_rows rows[LISTS];
    cinema_status s = d ? user_find(c, NULL, id, a, &x, err) : fail_memory(err);
    if (s || (s = user__read(c, NULL, x.nr, a, &u, err)))
        return s;
    uuid_parse(x.id, &who);
    for (size_t i = 0; i < LISTS; i++)
        db_sql_for(&sql[i], c);
    db_add(&sql[0], SQL_user_sessions, "ii", x.nr, now_ms(c));
    db_add(&sql[1], SQL_user_identities, "i", x.nr);
    db_add(&sql[2], SQL_user_acts_own, "ui", &who, (int64_t)ACTS_MAX);
    db_add(&sql[3], SQL_user_acts_of_others, "ui", &who, (int64_t)ACTS_MAX);
    if ((s = db_read_all(c, all, LISTS, a, rows, err)))
        return s;
    d->exported_at = now_ms(c);
    d->user = u;
    if (fill(rows, a, d))
        return fail_memory(err);
    *ret = d;
    return CINEMA_OK;
}

cinema_status cinema_user_export_sized(cinema *c, const char *id, const cinema_user_options *in,
                                       size_t size, cinema_user_data **ret, cinema_error *err)
{
    cinema_user_options options;
    cinema_status s = TAKE(options, in, size, err);
    arena *a = s ? NULL : arena_new(4096, 0);
    if (!s)
        s = a ? gather(c, id, a, ret, err) : fail_memory(err);
    if (s)
        arena_free(a);
    return s;
}

void cinema_user_data_free(cinema_user_data *d)
{
    record_free(d);
}
