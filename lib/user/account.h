/* account.h - what the files about rows of accounts share.
 */
#ifndef USER_ACCOUNT_H
#define USER_ACCOUNT_H

#include "user/user.h"

/* CONFLICT email_taken. */
cinema_status account__taken(cinema_error *err);
/* The same if another account than `nr` has the address. Asked before, for after a statement that
 * failed nothing else is legal; who comes first of two is known to the database alone. */
cinema_status account__check_free(db_tx *tx, int64_t nr, const char *key, arena *a,
                                  cinema_error *err);
/* Writes down the words that an account is found by. */
cinema_status account__index(db_tx *tx, int64_t nr, const char *name, const char *email_key,
                             arena *a, cinema_error *err);

#endif
