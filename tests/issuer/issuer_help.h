/* issuer_help.h - an issuer of the test's own: a canary that describes itself, shows keys, and may
 * be down, slow or wrong; and a clock that the test sets.
 */
#ifndef TEST_ISSUER_HELP_H
#define TEST_ISSUER_HELP_H

#include "base/handle.h"
#include "issuer/issuer.h"
#include "support/canary.h"
#include "support/token.h"
#include "test.h"

extern cinema *c;
extern cinema_error err;
extern arena *a;
extern canary *bird;
extern token_key key; /* the issuer's */
extern int64_t now;   /* ms; what time it is */
extern char token[32768];
extern issuer_claims claims;

/* How the issuer is today. */
extern struct mood {
    const char *description; /* NULL: as it should be */
    const char *keys;        /* NULL: `key` under the name `one` */
    const char *status;      /* NULL: 200 OK */
    bool hangs;
} mood;

void issuer_start(void);
void issuer_stop(void);
/* Opens with a setting for CINEMA_TRUSTED_ISSUERS in which @ stands for the canary's origin. */
cinema_status issuer_open(const char *setting);
/* Makes `token` with these claims; beside them iss, sub, aud "films", exp and iat, unless they are
 * there. `more` is JSON members: "\"email\":\"x\"". A member `-name` leaves one out. */
void issuer_token(const char *more);
cinema_status issuer_check(void);
/* Both at once. */
cinema_status issuer_check_with(const char *more);
/* How often its keys were asked for. */
int issuer_asked(void);

#endif
