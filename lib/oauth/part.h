/* part.h - what the files of this room share.
 */
#ifndef OAUTH_PART_H
#define OAUTH_PART_H

#include "audit/audit.h"
#include "auth/auth.h"
#include "base/buffer.h"
#include "call/act.h"
#include "issuer/issuer.h"
#include "notify/notify.h"
#include "onetime/onetime.h"
#include "user/user.h"

#include <cinema/oauth.h>

/* Purposes of one-time tokens. */
#define FOR_SIGN_IN "oauth code"
#define FOR_LINKING "oauth ticket"
#define FOR_ARRIVING "oauth permit"
#define FOR_CONFIRMING "oauth link"
#define FOR_STATE "oauth state"

enum {
    JOURNEY_MS = 10 * 60000, /* from start to callback */
    TICKET_MS = 2 * 60000,
    CODE_MS = 60000,
    SECRET_BYTES = 32,
    SECRET_TEXT = 44,
    RETURN_TO_MAX = 1000,
};

/* ---- providers ------------------------------------------------------------------------------- */

typedef struct provider {
    const char *name; /* "github" */
    const char *client_id, *client_secret;
    const char *issuer;                   /* of an OpenID provider; NULL */
    const char *authorize, *token, *user; /* of another */
    const char *key;                      /* of linked_identity.issuer */
    bool github;                          /* addresses are asked for apart */
    bool in_body;                         /* how we show who we are to `token` */
    const char *userinfo;                 /* of an OpenID provider; NULL: it has none */
    bool says_who;
} provider;

/* NOT_FOUND: none of this name is set. */
cinema_status provider_find(act *t, const char *name, provider *ret);
/* Its addresses, of an OpenID provider those of its description. UNAVAILABLE. */
cinema_status provider_ready(act *t, provider *p);
/* The name of the provider whose key this is. */
const char *provider_name(cinema *c, const char *key, arena *a);

/* Who somebody is there. */
typedef struct person {
    const char *key, *subject; /* never NULL */
    const char *email, *name;  /* NULL: not told */
    bool verified;             /* the provider says that the address is theirs */
} person;

/* What goes with a code. */
typedef struct proof {
    const char *code, *verifier, *nonce, *redirect_uri;
} proof;
/* Asks the provider. UNAUTHENTICATED: it does not take the code, or its answer is no good.
 * UNAVAILABLE: it is away. */
cinema_status person_ask(act *t, const provider *p, const proof *f, person *ret);

/* ---- linked identities ----------------------------------------------------------------------- */

/* Whose account it is, making one where there is none and both sides agree on the address.
 * CONFLICT email_in_use: an account has the address but has not verified it; FORBIDDEN
 * email_unverified: the provider knows none that is verified. */
cinema_status identity_account(act *t, const person *p, const char *name, int64_t *account_nr);
/* What an account began: good once, void as all of its tokens are, and while its session lasts. */
typedef struct link_permit {
    int64_t account_nr;
    const char *purpose, *token;
    const char *session_id; /* NULL: it was begun without one */
} link_permit;

/* UNAUTHENTICATED session_ended: the session is over, or the account disabled. */
cinema_status identity_check_session(act *t, db_tx *tx, const account *who, const char *session_id);
/* Locks the account and uses the permit up. INVALID invalid_token (field code); as above. */
cinema_status identity_use_permit(act *t, db_tx *tx, const link_permit *m, account *who);
/* Links it to the account of the permit, which is used up. As above; CONFLICT identity_taken,
 * already_linked. */
cinema_status identity_add(act *t, const link_permit *m, const person *p, const char *name);

/* ---- pieces of URLs -------------------------------------------------------------------------- */

/* name=value, percent-encoded, behind `separator`; nothing where the value is NULL. */
void url_add(buffer *b, char separator, const char *name, const char *value);
/* {public}/v1/auth/oauth/{provider}/callback */
const char *redirect_uri(act *t, const char *name);

#endif
