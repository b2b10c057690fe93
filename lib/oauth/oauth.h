/* oauth.h - sign-ins elsewhere, for other layers.
 */
#ifndef OAUTH_OAUTH_H
#define OAUTH_OAUTH_H

#include "call/op.h"

/* Who is behind a token of an issuer that CINEMA_TRUSTED_ISSUERS names: the account linked with its
 * subject, which is made, or found by an address that both sides have verified, when somebody comes
 * for the first time. Such a caller has no session here, and never a recent sign-in.
 * UNAUTHENTICATED invalid_token, token_expired; FORBIDDEN account_disabled, email_unverified;
 * CONFLICT email_in_use; UNAVAILABLE: the issuer's keys cannot be had. */
cinema_status oauth__identify(cinema *c, const cinema_caller *caller, arena *a, identity *ret,
                              cinema_error *err);

#endif
