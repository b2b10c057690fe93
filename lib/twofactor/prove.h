/* prove.h - whether somebody is who they say, before their second factor is touched.
 */
#ifndef TWOFACTOR_PROVE_H
#define TWOFACTOR_PROVE_H

#include "call/op.h"
#include "user/user.h"

#include <cinema/twofactor.h>

/* Password (or, of an account without one, a sign-in a moment ago) and code. OK leaves a
 * transaction open in which the code has been taken. Outcomes as cinema_totp_remove. */
cinema_status prove(op_call *k, const account *who, const cinema_twofactor_proof *in, db_tx **tx);
/* The refusal of a code; it is written to the audit log, in a transaction of its own. */
cinema_status prove_wrong_code(const op_call *k, const account *who);
/* Nobody tries codes without end: counts an attempt before it is made, takes the count back when it
 * was right. */
cinema_status prove_count(op_call *k, const account *who);
void prove_forgive(const op_call *k, const account *who);

/* An act on somebody's second factor: a line of the audit log, and a mail to the account. */
cinema_status prove_tell(const op_call *k, db_tx *tx, const account *who, const char *action,
                         const char *mail);

#endif
