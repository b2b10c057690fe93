/* token.c - tokens of a test's own.
 */
#include "support/token.h"

#include "support/support.h"

#include <check.h>
#include <sodium.h>
#include <string.h>

static void add(char *to, size_t size, const void *bytes, size_t n, const char *end)
{
    size_t used = strlen(to);
    ck_assert(used + n / 3 * 4 + 8 < size);
    sodium_bin2base64(to + used, size - used, bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    test__print(to + strlen(to), size - strlen(to), "%s", end);
}

void token_key_new(token_key *k, unsigned char number)
{
    unsigned char seed[crypto_sign_SEEDBYTES] = { number, 1, 2, 3 };
    ck_assert(sodium_init() >= 0);
    crypto_sign_seed_keypair(k->public, k->secret, seed);
    sodium_bin2base64(k->x, sizeof k->x, k->public, sizeof k->public,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void token_jwk(const token_key *k, const char *id, char *to, size_t size)
{
    test__print(to, size, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"%s\",\"x\":\"%s\"}", id,
                k->x);
}

void token_none(const char *header, const char *payload, char *to, size_t size)
{
    *to = '\0';
    add(to, size, header, strlen(header), ".");
    add(to, size, payload, strlen(payload), ".");
}

void token_eddsa(const token_key *k, const char *header, const char *payload, char *to, size_t size)
{
    unsigned char sum[crypto_sign_BYTES];
    token_none(header, payload, to, size);
    crypto_sign_detached(sum, NULL, (const unsigned char *)to, strlen(to) - 1, k->secret);
    add(to, size, sum, sizeof sum, "");
}

void token_hs256(const void *secret, size_t length, const char *header, const char *payload,
                 char *to, size_t size)
{
    unsigned char sum[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    token_none(header, payload, to, size);
    crypto_auth_hmacsha256_init(&state, secret, length);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)to, strlen(to) - 1);
    crypto_auth_hmacsha256_final(&state, sum);
    add(to, size, sum, sizeof sum, "");
}
