/* acts.h - what an account does with its second factor, for both doors. `k` says who does it; the
 * typed door comes as a trusted process. Records have an arena of their own.
 */
#ifndef TWOFACTOR_ACTS_H
#define TWOFACTOR_ACTS_H

#include "call/op.h"

#include <cinema/twofactor.h>

/* As the functions of the public header; inputs are checked. */
cinema_status totp_get(const op_call *k, const char *user_id, cinema_totp **ret);
cinema_status totp_start(const op_call *k, const char *user_id, cinema_totp_setup **ret);
cinema_status totp_confirm(op_call *k, const char *user_id, const cinema_totp_confirmation *in,
                           cinema_backup_codes **ret);
cinema_status totp_remove(op_call *k, const char *user_id, const cinema_twofactor_proof *in);
cinema_status backup_code_renew(op_call *k, const char *user_id, const cinema_twofactor_proof *in,
                                cinema_backup_codes **ret);
cinema_status totp_reset(const op_call *k, const char *user_id);

#endif
