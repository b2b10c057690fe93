/* setup_token.h - the way in for an installation that has no administrator yet.
 */
#ifndef AUTH_SETUP_TOKEN_H
#define AUTH_SETUP_TOKEN_H

#include "call/op.h"

/* The bearer of the set-up token may do all, as long as there is no account that may.
 * UNAUTHENTICATED: it is not the token, or there is an administrator. */
cinema_status setup_identify(cinema *c, const char *token, arena *a, identity *ret,
                             cinema_error *err);

#endif
