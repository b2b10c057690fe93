/* oauth_help.h - two providers of the test's own on one canary, GitHub-like and OpenID, and a
 * browser that goes there and back through the HTTP door.
 */
#ifndef TEST_OAUTH_HELP_H
#define TEST_OAUTH_HELP_H

#include "base/handle.h"
#include "port/db/db.h"
#include "support/canary.h"
#include "support/token.h"
#include "test.h"

#include <cinema/http.h>

extern cinema *c;
extern cinema_error err;
extern canary *bird;

/* Who signs in at the provider, and how it is today. */
extern struct mood {
    int id;
    const char *email; /* NULL: it knows none */
    const char *name;  /* as JSON has it between quotes; NULL: a name in two lines */
    bool unverified;   /* neither of its addresses is */
    bool broken;       /* answers 500 */
    bool hangs;
    const char *nonce; /* of the id_token; NULL: the one that was asked for */
} mood;

void oauth_start(void);
void oauth_stop(void);

/* An answer of the HTTP door; lives until the fourth after it. */
typedef struct reply {
    int status;
    char location[4096], cookie[4096], body[8192];
} reply;
/* `cookie` is sent as Cookie, `token` as bearer; either may be NULL. `json` NULL: no body. */
const reply *ask(const char *method, const char *target, const char *cookie, const char *token,
                 const char *json);
/* The same from another address. */
const reply *ask_from(const char *address, const char *method, const char *target,
                      const char *cookie, const char *token, const char *json);

/* A browser on its way. */
typedef struct browser {
    char state[200], cookie[4096]; /* name=value */
    char location[4096];           /* where the provider was asked */
} browser;
void leave(browser *b, const char *provider, const char *query);
/* Follows a location of ours that starts a journey. */
void visit(browser *b, const char *location);
/* Comes back with the provider's code; where it is sent then. */
const reply *come_back(const browser *b, const char *provider, const char *query);
/* The value of a parameter of a URL; "" where there is none. */
const char *value_of(const char *url, const char *name);
/* A member of a JSON object; "" where there is none. */
const char *member_of(const char *json, const char *name);

/* There and back and exchanged: the access token. */
const char *sign_in(const char *provider);
/* How many rows an SQL statement counts. */
int64_t count_of(const char *sql);
/* An account with a password, or without; its address verified or not. */
int64_t add_account(const char *email, bool verified, bool password);

#endif
