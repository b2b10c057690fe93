/* source.h - an issuer as this process knows it: description and keys, fetched and kept.
 */
#ifndef ISSUER_SOURCE_H
#define ISSUER_SOURCE_H

#include "base/handle.h"
#include "issuer/issuer.h"
#include "port/jose/jose.h"

enum {
    SOURCES_MAX = 32,
    FRESH_MS = 10 * 60 * 1000,     /* then keys are fetched anew */
    SEEK_MS = 60 * 1000,           /* between two looks for a key that is not known */
    RETRY_MS = 5 * 1000,           /* between two looks where there are no keys at all */
    KEPT_MS = 24 * 60 * 60 * 1000, /* how long keys are good while the issuer is down */
    DESCRIBED_MS = 60 * 60 * 1000, /* then the description is fetched anew */
};

/* Keys in use: kept until the last who checks by them is done. */
typedef struct shared_keys {
    atomic_int users;
    jose_keys *keys;
} shared_keys;

/* What an issuer says of itself; malloc'ed. */
typedef struct description {
    char *jwks, *authorize, *token, *userinfo;
    bool secret_in_body, says_who;
} description;

typedef struct source {
    char *issuer, *audience;
    jose_keys *secret; /* HS256, by setting; NULL: none */
    char *jwks_given;  /* by setting; NULL: as the description says */
    bool trusted;      /* named by CINEMA_TRUSTED_ISSUERS */
    /* All below: under the lock of the state. */
    bool fetching;
    int64_t tried_at, fetched_at, described_at; /* now_ms; 0: never */
    shared_keys *keys;                          /* NULL: none yet */
    description described;                      /* all NULL: not yet */
    char trouble[140];                          /* of the last try; "" */
} source;

struct issuer_state {
    pthread_mutex_t lock;
    pthread_cond_t fetched;
    size_t count;
    source *sources[SOURCES_MAX]; /* never removed while open */
};

/* NULL: not known. */
source *source_find(cinema *c, const char *issuer);
/* The same, added if need be. NO_MEMORY; INVALID: there are too many. */
cinema_status source_of(cinema *c, const char *issuer, source **ret, cinema_error *err);
void source_free(source *s);

/* Keys by which the token may be checked, fetched where need be; given back by keys_done. */
cinema_status source_keys(cinema *c, source *s, const jose_token *t, shared_keys **ret,
                          cinema_error *err);
void keys_done(shared_keys *k);
void keys_donep(shared_keys **k);
/* Sees to it that the description is there, and copies it. */
cinema_status source_endpoints(cinema *c, source *s, arena *a, issuer_endpoints *ret,
                               cinema_error *err);

#endif
