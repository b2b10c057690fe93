/* totp.h - one-time codes of an authenticator app (RFC 6238) as all apps know them: SHA-1, six
 * digits, 30 seconds. No database here.
 */
#ifndef TWOFACTOR_TOTP_H
#define TWOFACTOR_TOTP_H

#include "base/arena.h"

enum {
    TOTP_SECRET = 20, /* bytes, what RFC 4226 recommends */
    TOTP_SECRET_TEXT = 33,
    TOTP_CODE_TEXT = 7,
    TOTP_STEP_MS = 30 * 1000,
    TOTP_WINDOW = 1, /* steps that a clock may be off, each way */
};

/* The code of a time step. INTERNAL: liboath has failed. */
cinema_status totp_code(const unsigned char secret[TOTP_SECRET], int64_t step,
                        char code[TOTP_CODE_TEXT], cinema_error *err);
/* Whether `code`, as a person types it (blanks are passed over), is one of the steps around `now`
 * and later than step `after`; then *step is its step. Takes as long whichever step it is. */
cinema_status totp_match(const unsigned char secret[TOTP_SECRET], const char *code, int64_t now_ms,
                         int64_t after, bool *right, int64_t *step, cinema_error *err);

/* Base32 (RFC 4648) without padding, for typing it into an app. */
void totp_secret_text(const unsigned char secret[TOTP_SECRET], char text[TOTP_SECRET_TEXT]);
/* What the QR code says: otpauth://totp/ISSUER:ACCOUNT?secret=...; NULL: no memory. */
const char *totp_uri(const char *issuer, const char *account, const char *secret_text, arena *a);
/* What a site is called in an app: the host of its public URL. NULL: no memory. */
const char *totp_issuer(const char *public_url, arena *a);

#endif
