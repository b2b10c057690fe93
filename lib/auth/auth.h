/* auth.h - the auth room for other rooms: who is behind a token.
 */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include "call/op.h"

/* Nobody without a token. UNAUTHENTICATED: the token is no good. */
cinema_status auth__identify(cinema *c, const cinema_caller *caller, arena *a, identity *ret,
                             cinema_error *err);

#endif
