/* token.h - tokens of a test's own: any header, any payload, signed by Ed25519 or HMAC-SHA256.
 */
#ifndef TEST_SUPPORT_TOKEN_H
#define TEST_SUPPORT_TOKEN_H

#include <stddef.h>

/* A key that is the same each time for the same number. */
typedef struct token_key {
    unsigned char public[32], secret[64];
    char x[44]; /* base64url of `public` */
} token_key;
void token_key_new(token_key *k, unsigned char number);
/* {"kty": "OKP", "crv": "Ed25519", "kid": id, "x": …} */
void token_jwk(const token_key *k, const char *id, char *to, size_t size);

/* "header.payload.signature" of JSON texts. */
void token_eddsa(const token_key *k, const char *header, const char *payload, char *to,
                 size_t size);
void token_hs256(const void *secret, size_t length, const char *header, const char *payload,
                 char *to, size_t size);
/* Without a signature: "header.payload." */
void token_none(const char *header, const char *payload, char *to, size_t size);

#endif
