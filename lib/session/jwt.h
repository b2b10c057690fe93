/* jwt.h - access tokens as text: JWT (RFC 7519) in compact form, signed with EdDSA (RFC 8037).
 */
#ifndef SESSION_JWT_H
#define SESSION_JWT_H

#include "base/arena.h"

#include <stdbool.h>

enum {
    JWT_MAX = 4096, /* bytes of a token that is looked at */
    KEY_ID = 32,    /* bytes of the name of a key, with its NUL */
};

typedef struct jwt_claims {
    const char *issuer, *subject, *session; /* iss and aud; sub; sid */
    int64_t issued_at, expires_at, auth_at; /* seconds */
    const char *id;                         /* jti */
} jwt_claims;

/* Ed25519. `secret` NULL: it cannot sign. */
typedef struct jwt_key {
    char id[KEY_ID];
    unsigned char public[32];
    const unsigned char *secret;
} jwt_key;

cinema_status jwt_write(const jwt_key *key, const jwt_claims *claims, arena *a, const char **ret,
                        cinema_error *err);
/* The same with a payload as it stands, whatever it says. */
cinema_status jwt_sign(const jwt_key *key, const char *payload, size_t length, arena *a,
                       const char **ret, cinema_error *err);

/* A token taken apart; nothing in it is to be believed before jwt_check. */
typedef struct jwt {
    const char *signed_text;
    size_t signed_length;
    unsigned char signature[64];
    bool typed; /* the head is exactly what we write: EdDSA, at+jwt, a key's id */
    char key_id[KEY_ID];
    const char *issuer;     /* NULL: none that is text */
    struct json_t *payload; /* freed by jwt_done */
} jwt;

/* False: it is no JWT in compact form at all. NO_MEMORY comes as false too: a token that cannot be
 * read is not believed. */
bool jwt_read(const char *token, arena *a, jwt *ret);
void jwt_done(jwt *t);
/* Whether the key has signed it and it has all claims that we write, each of its type. */
bool jwt_check(const jwt *t, const jwt_key *key, jwt_claims *ret);

#endif
