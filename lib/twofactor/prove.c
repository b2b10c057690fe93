/* prove.c - password and code together; who is told of an act.
 */
#include "twofactor/prove.h"

#include "audit/audit.h"
#include "limit/limit.h"
#include "notify/notify.h"
#include "session/session.h"
#include "twofactor/twofactor.h"

static const char limit[] = "CINEMA_LIMIT_SECOND_FACTOR";

/* By the account's id: its sessions and addresses count together. */
cinema_status prove_count(op_call *k, const account *who)
{
    return limit__take(k->cinema, limit, who->id, k->err);
}

void prove_forgive(const op_call *k, const account *who)
{
    limit__forgive(k->cinema, limit, who->id);
}

cinema_status prove_tell(const op_call *k, db_tx *tx, const account *who, const char *action,
                         const char *mail)
{
    audit_entry e = audit__by(k, action);
    const notify_mail m = { .template = mail,
                            .to = who->email,
                            .name = who->name,
                            .locale = who->locale ? who->locale : k->caller->language };
    e.account_id = who->id;
    cinema_status s = audit__add(k->cinema, tx, k->caller, &e, k->arena, k->err);
    return s ? s : notify__mail(k->cinema, tx, &m, k->arena, k->err);
}

/* ---- refusals -------------------------------------------------------------------------------- */

/* That it could not be logged must not make a wrong answer look like another outcome. */
static void log_failure(const op_call *k, const account *who, const char *target)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    audit_entry e = audit__by(k, "second_factor.fail");
    e.account_id = who->id;
    e.target = target;
    if (!db_begin(k->cinema, &tx, NULL) &&
        !audit__add(k->cinema, tx, k->caller, &e, k->arena, NULL))
        db_commit(&tx, NULL);
}

cinema_status prove_wrong_code(const op_call *k, const account *who)
{
    log_failure(k, who, "code");
    return fail(k->err, CINEMA_FORBIDDEN, "invalid_code", "code",
                "code: is not right, or was used already");
}

static cinema_status check_password(const op_call *k, const account *who, const char *password)
{
    bool right = false, renew;
    if (!who->password)
        return session__recent(k, k->err);
    cinema_status s = CINEMA_OK;
    if (password)
        s = password__verify(k->cinema, password, who->password, &right, &renew, k->err);
    if (s || right)
        return s;
    log_failure(k, who, "password");
    return fail(k->err, CINEMA_FORBIDDEN, "invalid_credentials", "password",
                "password: is not the account's");
}

/* ---- the proof ------------------------------------------------------------------------------- */

static cinema_status take_code(const op_call *k, db_tx *tx, const account *who, const char *code,
                               bool *right)
{
    cinema_status s = twofactor__take_totp(k->cinema, tx, who->nr, code, k->arena, right, k->err);
    if (s || *right)
        return s;
    return twofactor__take_backup_code(k->cinema, tx, who->nr, code, k->arena, right, k->err);
}

cinema_status prove(op_call *k, const account *who, const cinema_twofactor_proof *in, db_tx **tx)
{
    bool on = false, right = false;
    cinema *c = k->cinema;
    cinema_status s = twofactor__is_on(c, NULL, who->nr, k->arena, &on, k->err);
    if (!s && !on)
        s = fail(k->err, CINEMA_NOT_FOUND, "totp_off", NULL, "there is no second factor");
    if (s || (s = prove_count(k, who)) || (s = check_password(k, who, in->password)) ||
        (s = twofactor__ready(c, k->err)) || (s = db_begin(c, tx, k->err)) ||
        (s = take_code(k, *tx, who, in->code, &right)))
        return s;
    if (right) {
        prove_forgive(k, who);
        return CINEMA_OK;
    }
    db_rollback(tx);
    return prove_wrong_code(k, who);
}
