/* twofactor.h - the second step of a sign-in, for other rooms: codes of an authenticator app (TOTP,
 * RFC 6238) and backup codes. All take an open transaction: a code is used up when it commits, and
 * of several that present the same one at once one is right. None counts wrong codes: whoever lets
 * somebody guess asks CINEMA_LIMIT_SECOND_FACTOR before.
 */
#ifndef TWOFACTOR_TWOFACTOR_H
#define TWOFACTOR_TWOFACTOR_H

#include "port/db/db.h"

/* Before a transaction in which codes are taken: the key may have to be read from its file. */
cinema_status twofactor__ready(cinema *c, cinema_error *err);
/* Whether a second step is asked for. `tx` NULL: outside of a transaction. */
cinema_status twofactor__is_on(cinema *c, db_tx *tx, int64_t account_nr, arena *a, bool *ret,
                               cinema_error *err);
/* Takes a code of the app: of the time step now, the one before or the one after, and later than
 * the last that was taken. *right false: it is not, or the account has no confirmed factor.
 * UNAVAILABLE wrong_key, no_key as base/seal.h. */
cinema_status twofactor__take_totp(cinema *c, db_tx *tx, int64_t account_nr, const char *code,
                                   arena *a, bool *right, cinema_error *err);
/* The same with a backup code, which is gone then. */
cinema_status twofactor__take_backup_code(cinema *c, db_tx *tx, int64_t account_nr,
                                          const char *code, arena *a, bool *right,
                                          cinema_error *err);

#endif
