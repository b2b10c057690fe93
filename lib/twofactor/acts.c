/* acts.c - turning the second factor on and off, new backup codes, the way back for who lost both.
 */
#include "twofactor/acts.h"

#include "base/seal.h"
#include "role/role.h"
#include "session/session.h"
#include "twofactor/factor.h"
#include "twofactor/prove.h"
#include "twofactor/qr.h"
#include "twofactor/twofactor.h"

#include <sodium.h>

enum { SETUP_MS = 60 * 60 * 1000 }; /* for a confirmation */

/* By id or address. */
static cinema_status find(const op_call *k, const char *user_id, account *ret)
{
    if (strchr(user_id, '@'))
        return account__by_email(k->cinema, NULL, user_id, k->arena, ret, k->err);
    return account__by_id(k->cinema, NULL, user_id, k->arena, ret, k->err);
}

static cinema_status is_on(const op_call *k)
{
    return fail(k->err, CINEMA_CONFLICT, "totp_on", NULL, "there is a second factor already");
}

/* ---- how it is ------------------------------------------------------------------------------- */

cinema_status totp_get(const op_call *k, const char *user_id, cinema_totp **ret)
{
    CLEANUP(factor_wipe) factor f;
    account who;
    arena *a = arena_new(256, 0);
    cinema_totp *t = a ? record_new(a, sizeof *t) : NULL;
    cinema_status s = t ? find(k, user_id, &who) : fail_memory(k->err);
    if (s || (s = factor_get(k->cinema, NULL, who.nr, k->arena, &f, k->err)) ||
        (s = backup_codes_left(k->cinema, who.nr, k->arena, &t->backup_codes_left, k->err))) {
        arena_free(a);
        return s;
    }
    t->confirmed_at = f.known ? f.confirmed_at : CINEMA_ABSENT;
    t->on = t->confirmed_at != CINEMA_ABSENT;
    *ret = t;
    return CINEMA_OK;
}

/* ---- setting up ------------------------------------------------------------------------------ */

static cinema_status describe(const op_call *k, const account *who,
                              const unsigned char secret[TOTP_SECRET], arena *a,
                              cinema_totp_setup *t)
{
    char text[TOTP_SECRET_TEXT];
    const char *site = totp_issuer(config_text(k->cinema->config, "CINEMA_PUBLIC_URL"), k->arena);
    totp_secret_text(secret, text);
    t->secret = arena_copy(a, text, strlen(text));
    t->otpauth_uri = site ? totp_uri(site, who->email, text, a) : NULL;
    sodium_memzero(text, sizeof text);
    if (!t->secret || !t->otpauth_uri)
        return fail_memory(k->err);
    return qr_svg(t->otpauth_uri, a, &t->qr_svg, k->err);
}

static cinema_status start(const op_call *k, const char *user_id, arena *a, cinema_totp_setup *t)
{
    unsigned char secret[TOTP_SECRET];
    account who;
    bool begun = false;
    cinema_status s = find(k, user_id, &who);
    if (s || (s = factor_begin(k->cinema, who.nr, secret, k->arena, &begun, k->err)))
        return s;
    s = begun ? describe(k, &who, secret, a, t) : is_on(k);
    sodium_memzero(secret, sizeof secret);
    return s;
}

cinema_status totp_start(const op_call *k, const char *user_id, cinema_totp_setup **ret)
{
    arena *a = arena_new(0, 0);
    cinema_totp_setup *t = a ? record_new(a, sizeof *t) : NULL;
    cinema_status s = t ? start(k, user_id, a, t) : fail_memory(k->err);
    if (s)
        arena_free(a);
    else
        *ret = t;
    return s;
}

/* ---- backup codes ---------------------------------------------------------------------------- */

/* The record in which codes are given out. */
static cinema_backup_codes *codes_record(const backup_codes *codes)
{
    arena *a = arena_new(1024, 0);
    cinema_backup_codes *r = a ? record_new(a, sizeof *r) : NULL;
    const char **items = r ? arena_alloc(a, BACKUP_CODES * sizeof *items) : NULL;
    bool ok = items != NULL;
    for (size_t i = 0; ok && i < BACKUP_CODES; i++)
        ok = (items[i] = arena_copy(a, codes->text[i], strlen(codes->text[i]))) != NULL;
    if (!ok) {
        arena_free(a);
        return NULL;
    }
    r->backup_codes = (cinema_texts){ items, BACKUP_CODES };
    return r;
}

/* Keeps new codes, tells of the act and ends the transaction. The record is made before: codes that
 * nobody has seen are worth nothing. */
static cinema_status give_codes(const op_call *k, db_tx **tx, const account *who,
                                const backup_codes *codes, const char *action, const char *mail,
                                cinema_backup_codes **ret)
{
    cinema_backup_codes *r = codes_record(codes);
    cinema_status s = r ? CINEMA_OK : fail_memory(k->err);
    if (s || (s = backup_codes_keep(*tx, who->nr, codes, k->arena, k->err)) ||
        (s = prove_tell(k, *tx, who, action, mail)) || (s = db_commit(tx, k->err)))
        record_free(r);
    else
        *ret = r;
    return s;
}

cinema_status backup_code_renew(op_call *k, const char *user_id, const cinema_twofactor_proof *in,
                                cinema_backup_codes **ret)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    CLEANUP(backup_codes_wipe) backup_codes codes;
    account who;
    cinema_status s = find(k, user_id, &who);
    if (s || (s = backup_codes_make(k->cinema, &codes, k->err)) || (s = prove(k, &who, in, &tx)))
        return s;
    return give_codes(k, &tx, &who, &codes, "backup_code.renew", "backup_codes_new", ret);
}

/* ---- confirming ------------------------------------------------------------------------------ */

/* The factor under set-up, and the step of its first code. */
static cinema_status first_code(op_call *k, const account *who, const char *code, factor *f,
                                int64_t *step)
{
    cinema *c = k->cinema;
    bool right = false;
    cinema_status s = factor_get(c, NULL, who->nr, k->arena, f, k->err);
    if (s)
        return s;
    if (f->known && f->confirmed_at != CINEMA_ABSENT)
        return is_on(k);
    if (!f->known || now_ms(c) - f->created_at > SETUP_MS)
        return fail(k->err, CINEMA_NOT_FOUND, "totp_not_started", NULL,
                    "begin to set it up first; there is an hour for it");
    if ((s = prove_count(k, who)) ||
        (s = totp_match(f->secret, code, now_ms(c), f->last_step, &right, step, k->err)))
        return s;
    if (!right)
        return prove_wrong_code(k, who);
    prove_forgive(k, who);
    return CINEMA_OK;
}

cinema_status totp_confirm(op_call *k, const char *user_id, const cinema_totp_confirmation *in,
                           cinema_backup_codes **ret)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    CLEANUP(backup_codes_wipe) backup_codes codes;
    CLEANUP(factor_wipe) factor f;
    cinema *c = k->cinema;
    account who;
    int64_t step;
    bool done = false;
    cinema_status s = find(k, user_id, &who);
    if (s || (s = first_code(k, &who, in->code, &f, &step)) ||
        (s = backup_codes_make(c, &codes, k->err)) || (s = db_begin(c, &tx, k->err)) ||
        (s = factor_confirm(c, tx, &f, step, k->arena, &done, k->err)))
        return s;
    if (!done) /* begun anew or confirmed meanwhile */
        return is_on(k);
    return give_codes(k, &tx, &who, &codes, "totp.confirm", "totp_on", ret);
}

/* ---- turning it off -------------------------------------------------------------------------- */

cinema_status totp_remove(op_call *k, const char *user_id, const cinema_twofactor_proof *in)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    account who;
    bool was;
    cinema_status s = find(k, user_id, &who);
    if (s || (s = prove(k, &who, in, &tx)) ||
        (s = factor_remove(tx, who.nr, k->arena, &was, k->err)) ||
        (s = prove_tell(k, tx, &who, "totp.remove", "totp_off")))
        return s;
    return db_commit(&tx, k->err);
}

/* One's own is turned off with password and code, by administrators too; and who may do more than
 * the caller is not to be had by a password alone. */
static cinema_status may_reset(const op_call *k, const account *who)
{
    if (!k->who.account_id || strcmp(k->who.account_id, who->id))
        return role__may_handle(k, who->permissions, k->err);
    return fail(k->err, CINEMA_FORBIDDEN, "own_account", NULL,
                "this is your own account: turn it off with your password and a code");
}

cinema_status totp_reset(const op_call *k, const char *user_id)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    cinema *c = k->cinema;
    account who;
    bool was = false;
    cinema_status s = find(k, user_id, &who);
    if (s || (s = may_reset(k, &who)) || (s = db_begin(c, &tx, k->err)) ||
        (s = factor_remove(tx, who.nr, k->arena, &was, k->err)))
        return s;
    if (!was)
        return fail(k->err, CINEMA_NOT_FOUND, "totp_off", NULL, "there is no second factor");
    if ((s = session__end_all(c, tx, who.nr, NULL, k->arena, k->err)) ||
        (s = prove_tell(k, tx, &who, "totp.reset", "totp_off")) || (s = db_commit(&tx, k->err)))
        return s;
    session__told(c);
    return CINEMA_OK;
}
