/* journey.h - what is kept of a sign-in elsewhere between start and callback: in the browser's
 * cookie, sealed, so that any process can end what another has begun and a start writes nothing.
 */
#ifndef OAUTH_JOURNEY_H
#define OAUTH_JOURNEY_H

#include "oauth/part.h"

typedef struct journey {
    const char *provider, *state, *nonce, *verifier;
    const char *return_to;
    int64_t account_nr;              /* to be linked; 0: somebody signs in */
    const char *permit, *session_id; /* to link, and who began it */
    bool confirm;                    /* the account has to confirm the link */
    int64_t expires_at;
} journey;

/* With state, nonce and verifier of its own. NO_MEMORY. */
cinema_status journey_new(act *t, journey *j);
/* As Set-Cookie. */
cinema_status journey_cookie(act *t, const journey *j, const char **ret);
/* That takes it away again. */
const char *journey_no_cookie(act *t);
/* INVALID invalid_state: the request's cookies have none for this provider and state, or it is too
 * old. */
cinema_status journey_read(act *t, const char *cookies, const char *provider, const char *state,
                           journey *ret);

#endif
