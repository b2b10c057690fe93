/* part.c - what the acts of this room have in common.
 */
#include "auth/part.h"

static cinema_status write_entry(act *t, db_tx *tx, const char *action, const char *actor_id,
                                 const char *account_id, const char *detail)
{
    audit_entry e = { .action = action,
                      .actor = actor_id ? "user" : "nobody",
                      .actor_id = actor_id,
                      .account_id = account_id,
                      .detail = detail };
    return audit__add(t->c, tx, &t->caller, &e, t->a, t->err);
}

cinema_status act_audit(act *t, db_tx *tx, const char *action, const char *account_id,
                        const char *detail)
{
    return write_entry(t, tx, action, account_id, account_id, detail);
}

cinema_status act_audit_stranger(act *t, db_tx *tx, const char *action, const char *account_id)
{
    return write_entry(t, tx, action, NULL, account_id, NULL);
}

cinema_status act_audit_refusal(act *t, const char *account_id, const char *detail)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    cinema_status s;
    if ((s = db_begin(t->c, &tx, t->err)) ||
        (s = write_entry(t, tx, "session.refuse", NULL, account_id, detail)))
        return s;
    return db_commit(&tx, t->err);
}

cinema_status act_mail_values(act *t, db_tx *tx, const char *template, const account *to,
                              const cinema_pair *values, size_t count)
{
    notify_mail m = { .template = template,
                      .to = to->email,
                      .name = to->name,
                      .locale = to->locale ? to->locale : t->caller.language,
                      .values = values,
                      .count = count };
    return notify__mail(t->c, tx, &m, t->a, t->err);
}

cinema_status act_mail(act *t, db_tx *tx, const char *template, const account *to,
                       cinema_pair first, cinema_pair second)
{
    cinema_pair values[] = { first, second };
    return act_mail_values(t, tx, template, to, values, !!first.name + (size_t) !!second.name);
}

cinema_status bad_credentials(cinema_error *err)
{
    return fail(err, CINEMA_UNAUTHENTICATED, "invalid_credentials", NULL,
                "address and password do not go together");
}

cinema_status act_unchanged(act *t, db_tx *tx, const account *was, account *now)
{
    cinema_status s = account__by_nr(t->c, tx, was->nr, t->a, now, t->err);
    if (s || was->password_changed_at == now->password_changed_at)
        return s;
    return fail(t->err, CINEMA_CONFLICT, "password_changed", "password",
                "the password was changed meanwhile");
}

cinema_status act_may_mail(act *t, const char *key, bool *yes)
{
    cinema_status s = limit__take(t->c, "CINEMA_LIMIT_MAIL_ACCOUNT", key, t->err);
    *yes = !s;
    return s == CINEMA_LIMITED ? CINEMA_OK : s;
}

cinema_status act_owner(act *t, db_tx *tx, const onetime *token, account *ret)
{
    cinema_status s = account__by_nr(t->c, tx, token->account_nr, t->a, ret, t->err);
    if (s != CINEMA_NOT_FOUND)
        return s;
    return fail(t->err, CINEMA_INVALID, "invalid_token", "token",
                "this token's account has been removed");
}

cinema_status act_password(act *t, const account *who, const char *password)
{
    return who->password || password ? account__prove(t->c, who, password, t->err) : CINEMA_OK;
}
