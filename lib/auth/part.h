/* part.h - what the files of this room share.
 */
#ifndef AUTH_PART_H
#define AUTH_PART_H

#include "audit/audit.h"
#include "auth/auth.h"
#include "call/act.h"
#include "limit/limit.h"
#include "notify/notify.h"
#include "onetime/onetime.h"
#include "session/session.h"
#include "user/user.h"

/* Purposes of one-time tokens. */
#define FOR_VERIFICATION "verify e-mail"
#define FOR_EMAIL_CHANGE "change e-mail"
#define FOR_RESET "reset password"
#define FOR_SECOND_FACTOR "second factor"

/* In the detail of an entry session.start. */
#define TOLD ",\"told\":true"

enum {
    SECOND_FACTOR_MS = 5 * 60000,
    SECOND_FACTOR_TRIES = 5,
    VERIFICATION_MS = 24 * 3600000,
    RESET_MS = 3600000,
};

/* An entry of the audit log: what the owner of an account did. */
cinema_status act_audit(act *t, db_tx *tx, const char *action, const char *account_id,
                        const char *detail);
/* What was asked for by somebody who has not shown who they are; account_id NULL: about nobody. */
cinema_status act_audit_stranger(act *t, db_tx *tx, const char *action, const char *account_id);
/* The same of a sign-in that is refused, in a transaction of its own. */
cinema_status act_audit_refusal(act *t, const char *account_id, const char *detail);
/* A mail to an account with up to two values. */
cinema_status act_mail(act *t, db_tx *tx, const char *template, const account *to,
                       cinema_pair first, cinema_pair second);

cinema_status act_mail_values(act *t, db_tx *tx, const char *template, const account *to,
                              const cinema_pair *values, size_t count);

/* Before the entry of a sign-in is written: tells the account's owner where it has not been signed
 * in to from this device, or from this network. *told: a mail goes out; then the entry has the word
 * in its detail, by which they are counted. */
cinema_status act_tell_new_sign_in(act *t, db_tx *tx, const account *who, bool *told);

/* What auth__first_factor does, in an open transaction; after session__ready. */
cinema_status act_sign_in(act *t, db_tx *tx, int64_t account_nr, const char *method,
                          cinema_sign_in *ret);

cinema_status bad_credentials(cinema_error *err);
/* Reads and locks the account. CONFLICT password_changed: it has another password than when it was
 * read; the same one hashed anew is none. NOT_FOUND. */
cinema_status act_unchanged(act *t, db_tx *tx, const account *was, account *now);
/* FORBIDDEN invalid_credentials, counted, unless it is the account's password; an account without
 * one takes NULL. Slow. */
cinema_status act_password(act *t, const account *who, const char *password);
/* *yes: a mail may go to the address; false: it has had enough of them, which nobody is told. */
cinema_status act_may_mail(act *t, const char *key, bool *yes);
/* Whose a token is, locked. INVALID invalid_token: the account has been removed. */
cinema_status act_owner(act *t, db_tx *tx, const onetime *token, account *ret);

#endif
