/* jose.h - the port for signed tokens of others: JWS in compact form (RFC 7515), by JWK (RFC 7517).
 * Which key may check which token is decided here, in one place and strictly; the arithmetic is the
 * driver's, OpenSSL, a module that the first key loads.
 *  - A token names its algorithm, its key says for which it is good, the caller says which it
 *    wants: all three have to agree. There is no `none`.
 *  - Keys come from the caller alone. A header that brings a key, or says where to get one (jwk,
 *    jku, x5c, x5u), or asks for what we do not know (crit, b64, zip), is refused.
 *  - base64url and JSON are read in one way only; a doubled member is refused. Sizes are bounded.
 *  - RSA has 2048 to 8192 bits, an odd exponent from 3 and no weak primes (ROCA); points are on
 *    their curve; a secret has as many bytes as its hash.
 */
#ifndef PORT_JOSE_H
#define PORT_JOSE_H

#include "base/arena.h"

typedef enum jose_algorithm {
    JOSE_RS256 = 1 << 0,
    JOSE_RS384 = 1 << 1,
    JOSE_RS512 = 1 << 2,
    JOSE_PS256 = 1 << 3,
    JOSE_PS384 = 1 << 4,
    JOSE_PS512 = 1 << 5,
    JOSE_ES256 = 1 << 6,
    JOSE_ES384 = 1 << 7,
    JOSE_ES512 = 1 << 8,
    JOSE_EDDSA = 1 << 9, /* Ed25519 alone */
    JOSE_HS256 = 1 << 10,
    JOSE_HS384 = 1 << 11,
    JOSE_HS512 = 1 << 12,
} jose_algorithm;

enum {
    JOSE_TOKEN_MAX = 16 * 1024, /* bytes of a token */
    JOSE_HEADER_MAX = 4096,     /* bytes of its header, as JSON */
    JOSE_KEYS_MAX = 100,        /* keys of a set */
    JOSE_KEY_ID_MAX = 255,
};

/* ---- tokens ---------------------------------------------------------------------------------- */

/* A token taken apart; nothing in it is to be believed before jose_verify. */
typedef struct jose_token {
    jose_algorithm algorithm;
    const char *key_id, *type; /* kid, typ; NULL: not there */
    const char *payload;       /* bytes, with a NUL behind them that is not counted */
    size_t payload_length;
    const char *message; /* what was signed: a part of the text that was given, which is borrowed */
    size_t message_length;
    const unsigned char *signature;
    size_t signature_length;
} jose_token;

/* UNAUTHENTICATED invalid_token: it is no such token, its algorithm is none of ours, or its header
 * is refused. `ret` lives in `a`. */
cinema_status jose_read(const char *text, arena *a, jose_token *ret, cinema_error *err);

/* ---- keys ------------------------------------------------------------------------------------ */

typedef struct jose_keys jose_keys;

/* A JWK Set, or one JWK. Keys that are for something else, that we do not know or that are too weak
 * are left out. INVALID bad_keys: it is no such JSON, has secrets beside public keys or too many
 * keys. UNSUPPORTED no_driver. */
cinema_status jose_keys_read(const char *json, size_t length, jose_keys **ret, cinema_error *err);
/* One shared secret, for `algorithms` of the HS kind. INVALID bad_keys: it is too short. */
cinema_status jose_keys_secret(const void *secret, size_t length, unsigned algorithms,
                               jose_keys **ret, cinema_error *err);
void jose_keys_free(jose_keys *k); /* takes NULL */
size_t jose_keys_count(const jose_keys *k);
/* Whether a key of the set bears the token's key id, or none is named and there is no choice. */
bool jose_keys_know(const jose_keys *k, const jose_token *t);

/* OK: one of the keys that fit the token has signed it. UNAUTHENTICATED invalid_token: none has, or
 * the algorithm is not among `allowed`. */
cinema_status jose_verify(const jose_keys *k, const jose_token *t, unsigned allowed,
                          cinema_error *err);

/* ---- what a driver is --------------------------------------------------------------------------
 */

typedef enum jose_kind { JOSE_RSA, JOSE_EC, JOSE_OKP, JOSE_SECRET } jose_kind;

typedef struct jose_number {
    const unsigned char *at;
    size_t length;
} jose_number;

/* What a key is made of. RSA: n, e. EC: x, y of `bits` (256, 384, 521). OKP: x. SECRET: x. */
typedef struct jose_material {
    jose_kind kind;
    unsigned bits;
    jose_number n, e, x, y;
} jose_material;

typedef struct jose_key jose_key; /* the driver's own */

enum { JOSE_DRIVER_ABI = 1 };

/* Safe from any thread. */
typedef struct jose_driver {
    int abi; /* JOSE_DRIVER_ABI */
    const char *name;
    /* INVALID: it is no key, or a weak one. */
    cinema_status (*key_new)(const jose_material *m, jose_key **ret, cinema_error *err);
    void (*key_free)(jose_key *k); /* takes NULL */
    /* Whether the signature is this key's; an algorithm of another kind than the key is not. */
    bool (*verify)(const jose_key *k, jose_algorithm algorithm, const void *message, size_t length,
                   const unsigned char *signature, size_t signature_length);
} jose_driver;

/* The one symbol of a driver module. */
#define JOSE_DRIVER_SYMBOL "cinema_jose_driver"

/* The driver, for its tests. UNSUPPORTED no_driver: the module is not installed. */
cinema_status jose_driver_get(const jose_driver **ret, cinema_error *err);
/* 0: none of ours. */
jose_algorithm jose_algorithm_named(const char *name);

#endif
