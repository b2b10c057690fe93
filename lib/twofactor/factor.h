/* factor.h - second factors as they are kept.
 */
#ifndef TWOFACTOR_FACTOR_H
#define TWOFACTOR_FACTOR_H

#include "port/db/db.h"
#include "twofactor/backup_code.h"
#include "twofactor/totp.h"

typedef struct factor {
    bool known; /* false: there is none, the rest says nothing */
    uuid id;
    unsigned char secret[TOTP_SECRET];
    int64_t last_step; /* of the last code that was taken */
    int64_t created_at;
    int64_t confirmed_at; /* CINEMA_ABSENT: being set up */
} factor;

void factor_wipe(factor *f); /* for CLEANUP */

/* `tx` NULL: outside of a transaction. */
cinema_status factor_get(cinema *c, db_tx *tx, int64_t account_nr, arena *a, factor *ret,
                         cinema_error *err);
/* Starts the set-up with a new secret, over one that was not confirmed. *ret false: there is a
 * confirmed one, and it stays. */
cinema_status factor_begin(cinema *c, int64_t account_nr, unsigned char secret[TOTP_SECRET],
                           arena *a, bool *ret, cinema_error *err);
/* Ends it with the step of its first code. *ret false: another was faster. */
cinema_status factor_confirm(cinema *c, db_tx *tx, const factor *f, int64_t step, arena *a,
                             bool *ret, cinema_error *err);
/* Removes the factor, confirmed or not, and the backup codes; *ret: whether there was one. */
cinema_status factor_remove(db_tx *tx, int64_t account_nr, arena *a, bool *ret, cinema_error *err);

/* The only codes of the account from now on. The transaction has changed the factor's row before:
 * that keeps others who would do the same waiting. */
cinema_status backup_codes_keep(db_tx *tx, int64_t account_nr, const backup_codes *codes, arena *a,
                                cinema_error *err);
cinema_status backup_codes_left(cinema *c, int64_t account_nr, arena *a, int64_t *ret,
                                cinema_error *err);

#endif
