/* user_leave.c - a user leaves, with some days to think better of it.
 */
#include "base/text.h"
#include "notify/notify.h"
#include "role/role.h"
#include "session/session.h"
#include "user/user_door.h"

#include "account.sql.h"

enum { DAY_MS = 24 * 3600 * 1000 };

static cinema_status tell(cinema *c, db_tx *tx, const account *x, int64_t at, arena *a,
                          cinema_error *err)
{
    char date[TIME_TEXT];
    time_text(at, date);
    const cinema_pair values[] = { { "date", date } };
    const notify_mail m = { .template = "account_deletion",
                            .to = x->email,
                            .name = x->name,
                            .locale = x->locale,
                            .values = values,
                            .count = 1 };
    cinema_status s = notify__mail(c, tx, &m, a, err);
    return s == CINEMA_INVALID ? CINEMA_OK : s; /* an address that no mail can go to */
}

static cinema_status schedule(cinema *c, db_tx *tx, const account *x, int64_t at, arena *a,
                              cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_account_leave, "iii", x->nr, at, now_ms(c));
    cinema_status s = db_run(tx, &sql, NULL, NULL, err);
    if (s || (s = session__end_all(c, tx, x->nr, NULL, a, err)))
        return s;
    return tell(c, tx, x, at, a, err);
}

static cinema_status leave(cinema *c, const op_call *by, const char *id, const int64_t *revision,
                           arena *a, cinema_user **ret, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    int64_t days = config_number(c->config, "CINEMA_DELETION_DAYS");
    cinema_user *u = NULL;
    account x;
    cinema_status s;
    if ((s = db_begin(c, &tx, err)) || (s = user_find(c, tx, id, a, &x, err)) ||
        (s = revision_check(revision, x.revision, err)) ||
        (s = role__keep_administrator(c, tx, x.nr, a, err)) ||
        (s = user_log(c, tx, by, "user.leave", &x, NULL, a, err)))
        return s;
    if ((s = schedule(c, tx, &x, now_ms(c) + days * DAY_MS, a, err)) ||
        (s = user__read(c, tx, x.nr, a, &u, err)) ||
        (!days && (s = account__remove(c, tx, x.nr, a, err))) || (s = db_commit(&tx, err)))
        return s;
    session__told(c);
    *ret = u;
    return CINEMA_OK;
}

cinema_status user_leave(cinema *c, const op_call *by, const char *id, const int64_t *revision,
                         cinema_user **ret, cinema_error *err)
{
    arena *a = arena_new(0, 0);
    cinema_user *u = NULL;
    cinema_status s = a ? leave(c, by, id, revision, a, &u, err) : fail_memory(err);
    if (s)
        arena_free(a);
    else
        *ret = u;
    return s;
}

cinema_status cinema_user_leave_sized(cinema *c, const char *id, const cinema_user_options *in,
                                      size_t size, cinema_user **ret, cinema_error *err)
{
    cinema_user_options options;
    cinema_status s = TAKE(options, in, size, err);
    return s ? s : user_leave(c, NULL, id, options.revision, ret, err);
}
