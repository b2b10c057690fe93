/* twofactor.h - the second step of a sign-in: an authenticator app (TOTP, RFC 6238) and backup
 * codes for the day it is lost.
 * Every call is safe from any thread. Records are snapshots that the caller owns. On failure `*ret`
 * is untouched and `err`, where given, says why. All may answer UNAVAILABLE (wrong_key, no_key:
 * CINEMA_KEY is not the one that secrets are sealed by), TIMEOUT, NO_MEMORY and MISUSE besides what
 * is listed, and NOT_FOUND where `user_id`, an id or an address, names no user. Wrong codes and
 * passwords are counted for each user (CINEMA_LIMIT_SECOND_FACTOR): beyond that, LIMITED.
 */
#ifndef CINEMA_TWOFACTOR_H
#define CINEMA_TWOFACTOR_H

#include <cinema/base.h>

CINEMA_BEGIN

typedef struct cinema_totp {
    bool on;                   /* codes are asked for at sign-in */
    int64_t confirmed_at;      /* since when, ms since 1970, UTC; CINEMA_ABSENT: it is off */
    int64_t backup_codes_left; /* of ten */
} cinema_totp;

/* What an app has to know, in three forms; the secret is told this once. */
typedef struct cinema_totp_setup {
    const char *secret;      /* 32 characters of base 32, for typing */
    const char *otpauth_uri; /* otpauth://totp/... */
    const char *qr_svg;      /* the same as a QR code */
} cinema_totp_setup;

typedef struct cinema_totp_confirmation {
    const char *code; /* that the app shows now */
} cinema_totp_confirmation;

typedef struct cinema_backup_codes {
    cinema_texts backup_codes; /* ten, such as "7K3M-Q9TX-2WZA"; each may be used once */
} cinema_backup_codes;

/* That it is really them. */
typedef struct cinema_twofactor_proof {
    const char *password; /* needed where the account has one */
    const char *code;     /* of the app, or a backup code */
} cinema_twofactor_proof;

/* How it is with an account. */
CINEMA_API cinema_status cinema_totp_get(cinema *c, const char *user_id, cinema_totp **ret,
                                         cinema_error *err);
/* Makes a secret, in place of one that was not confirmed. Nothing is asked for at sign-in yet.
 * CONFLICT totp_on: there is a confirmed one already. */
CINEMA_API cinema_status cinema_totp_start(cinema *c, const char *user_id, cinema_totp_setup **ret,
                                           cinema_error *err);
/* Turns it on with a first code, within an hour, and gives the backup codes, this once. FORBIDDEN
 * invalid_code (field code). NOT_FOUND totp_not_started. CONFLICT totp_on. */
CINEMA_SIZED_ON(cinema_totp_confirm, cinema_totp_confirmation, cinema_backup_codes *)
/* Turns it off; backup codes are void. FORBIDDEN invalid_credentials (field password),
 * invalid_code (field code). NOT_FOUND totp_off. */
CINEMA_API cinema_status cinema_totp_remove_sized(cinema *c, const char *user_id,
                                                  const cinema_twofactor_proof *in, size_t size,
                                                  cinema_error *err);
static inline cinema_status cinema_totp_remove(cinema *c, const char *user_id,
                                               const cinema_twofactor_proof *in, cinema_error *err)
{
    return cinema_totp_remove_sized(c, user_id, in, sizeof *in, err);
}
/* Ten new backup codes; the old ones are void. Outcomes as cinema_totp_remove. */
CINEMA_SIZED_ON(cinema_backup_code_renew, cinema_twofactor_proof, cinema_backup_codes *)
/* For whoever has lost app and backup codes: turns it off and ends all their sessions. NOT_FOUND
 * totp_off: there is nothing to turn off. */
CINEMA_API cinema_status cinema_totp_reset(cinema *c, const char *user_id, cinema_error *err);

CINEMA_API void cinema_totp_free(cinema_totp *t); /* all three take NULL */
CINEMA_API void cinema_totp_setup_free(cinema_totp_setup *t);
CINEMA_API void cinema_backup_codes_free(cinema_backup_codes *k);

CINEMA_END
#endif
