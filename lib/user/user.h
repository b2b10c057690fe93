/* user.h - accounts for other rooms: rows, addresses, passwords.
 * Texts of what is given lie in the caller's arena. `tx` NULL: outside of any transaction; inside
 * one the row is locked until its end.
 */
#ifndef USER_USER_H
#define USER_USER_H

#include "port/db/db.h"

struct cinema_user;

/* A row of the table, as lib/schema has it. Absent numbers: CINEMA_ABSENT, absent text: NULL. */
typedef struct account {
    int64_t nr;
    const char *id;
    int64_t revision;
    const char *status;            /* "active" or "disabled" */
    const char *email, *email_key; /* as it was given, in NFC; what makes it unique */
    int64_t email_verified_at;
    const char *name, *locale, *avatar;
    const char *password; /* the hash; NULL: none */
    int64_t password_changed_at;
    bool password_reset_needed;
    const char *roles, *permissions; /* words with spaces between */
    int64_t created_at, updated_at, signed_in_at;
    int64_t delete_at; /* the grace period of its deletion ends then */
} account;

/* NOT_FOUND: there is none, or `email` or `id` could not be one. Mail goes to account.email, never
 * to the address that somebody asked with: other spellings of it may belong to others. */
cinema_status account__by_email(cinema *c, db_tx *tx, const char *email, arena *a, account *ret,
                                cinema_error *err);
cinema_status account__by_id(cinema *c, db_tx *tx, const char *id, arena *a, account *ret,
                             cinema_error *err);
cinema_status account__by_nr(cinema *c, db_tx *tx, int64_t nr, arena *a, account *ret,
                             cinema_error *err);

/* Adds one of email, name ("" if NULL), locale, password hash, email_verified_at, status (active if
 * NULL), password_reset_needed, with the role viewer. What is not there is NULL or CINEMA_ABSENT.
 * INVALID: the address is none. CONFLICT email_taken, field email. */
cinema_status account__insert(cinema *c, db_tx *tx, const account *in, arena *a, account *ret,
                              cinema_error *err);

/* INVALID, rule and field locale: it is no language tag of BCP 47. NULL is fine. */
cinema_status account__check_locale(const char *locale, cinema_error *err);

/* A new password, chosen by its owner; no reset is needed then. NULL: none any more. */
cinema_status account__set_password(cinema *c, db_tx *tx, int64_t nr, const char *hash,
                                    cinema_error *err);
/* The same password hashed anew (password__verify's `renew`), unless it has changed meanwhile. */
cinema_status account__renew_password(cinema *c, db_tx *tx, int64_t nr, const char *old_hash,
                                      const char *hash, cinema_error *err);
/* The address is verified now, if it still is the account's: NOT_FOUND otherwise. */
cinema_status account__verify_email(cinema *c, db_tx *tx, int64_t nr, const char *email,
                                    cinema_error *err);
/* Another address, verified. INVALID, CONFLICT as account__insert. */
cinema_status account__set_email(cinema *c, db_tx *tx, int64_t nr, const char *email, arena *a,
                                 cinema_error *err);
/* Somebody signs in: that is noted, and a deletion that was asked for is off. */
cinema_status account__signed_in(cinema *c, db_tx *tx, int64_t nr, cinema_error *err);
/* Removes an account with all that is its own; its sessions end at once. */
cinema_status account__remove(cinema *c, db_tx *tx, int64_t nr, arena *a, cinema_error *err);
/* Removes accounts whose time for coming back is over, some a call; *more: there may be others. */
cinema_status account__sweep(cinema *c, bool *more, cinema_error *err);

/* The record that is shown of an account. NOT_FOUND. */
extern const struct field_table cinema__user;
cinema_status user__read(cinema *c, db_tx *tx, int64_t nr, arena *a, struct cinema_user **ret,
                         cinema_error *err);

/* ---- addresses --------------------------------------------------------------------------------
 */

/* INVALID, rule and field email: no address of RFC 5321 and 6531 without quotes, comments and
 * address literals. `*email` is it in NFC; `*key` has the local part in folded case and the domain
 * in ASCII, small: of all spellings of an address one account has the key. */
cinema_status email__normalise(const char *given, arena *a, const char **email, const char **key,
                               cinema_error *err);

/* ---- passwords --------------------------------------------------------------------------------
 */

enum { PASSWORD_HASH_MAX = 256, PASSWORD_MAX = 256 /* code points */ };

/* INVALID for a new password, at `field`: rule length (CINEMA_PASSWORD_MIN to 256 code points; 8
 * where there is a second factor), common_password (known from leaks, a row of neighbours, a
 * repetition, or little but address, name and site). `email` and `name` may be NULL. */
cinema_status password__check(cinema *c, const char *password, const char *field,
                              bool second_factor, const char *email, const char *name,
                              cinema_error *err);
/* Argon2id, 19 MiB, two passes. NO_MEMORY. Takes 20 ms and more: for operations of the nature HASH,
 * and never inside a transaction. */
cinema_status password__hash(cinema *c, const char *password, char ret[PASSWORD_HASH_MAX],
                             cinema_error *err);
/* `hash` NULL: the same work, never right, so that time does not tell who has an account. *renew:
 * it is right, and the hash is weaker than ours or of another system. A hash of a kind that is not
 * known is never right (and logged). */
cinema_status password__verify(cinema *c, const char *password, const char *hash, bool *right,
                               bool *renew, cinema_error *err);
/* That who is signed in knows the account's password. Wrong ones count as those of signing in do:
 * FORBIDDEN invalid_credentials, field password, also where either is NULL; LIMITED. As verify, not
 * inside a transaction. */
cinema_status account__prove(cinema *c, const account *who, const char *password,
                             cinema_error *err);

#endif
