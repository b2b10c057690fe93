/* auth.h - the auth room for other rooms: who is behind a token, and what follows a first factor.
 */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include "call/op.h"

#include <cinema/auth.h>

/* Nobody without a token. UNAUTHENTICATED: the token is no good. Text lives in the arena. */
cinema_status auth__identify(cinema *c, const cinema_caller *caller, arena *a, identity *ret,
                             cinema_error *err);

/* What becomes of somebody who has proven a first factor; how, in a word: "password", "google".
 * Tokens in `ret`, or the question for the second factor. FORBIDDEN account_disabled,
 * email_unverified; password_reset_required for the method password. Not in a transaction. */
cinema_status auth__first_factor(cinema *c, const cinema_caller *caller, int64_t account_nr,
                                 const char *method, arena *a, cinema_sign_in *ret,
                                 cinema_error *err);

/* What answers of a sign-in look like. */
extern const field_table cinema__sign_in;

#endif
