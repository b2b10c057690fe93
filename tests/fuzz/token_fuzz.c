/* token_fuzz.c - access tokens: any text is refused; one that we sign is read back, and not after a
 * byte of it has changed, nor by another key.
 * The input: two bytes for where to change what, then the subject, which is tried as a token too.
 */
#include "base/unicode.h"
#include "fuzz/fuzz_help.h"

#include "base/arena.h"
#include "call/op.h"
#include "session/jwt.h"
#include "session/session.h"

#include <sodium.h>
#include <string.h>

static unsigned char secrets[2][crypto_sign_SECRETKEYBYTES];

static jwt_key key_of(unsigned char n)
{
    unsigned char seed[crypto_sign_SEEDBYTES] = { n };
    jwt_key key = { .id = "fuzz", .secret = secrets[n] };
    HOLDS(!crypto_sign_seed_keypair(key.public, secrets[n], seed));
    return key;
}

/* Nobody is behind it, whatever it is: at most it names another issuer. */
static void try_text(const char *text, arena *a)
{
    identity who = { 0 };
    bool ours = true;
    cinema_error err;
    cinema_status s = session__identify(fuzz_handle(), text, a, &who, &ours, &err);
    HOLDS((s == CINEMA_OK && !ours) || s == CINEMA_UNAUTHENTICATED);
    HOLDS(!who.known && !who.account_nr);
}

static bool checks(const char *token, const jwt_key *key, arena *a, jwt_claims *ret)
{
    jwt t = { 0 };
    bool read = jwt_read(token, a, &t), ok = read && t.typed && jwt_check(&t, key, ret);
    if (ok)
        ret->subject = arena_copy(a, ret->subject, strlen(ret->subject));
    if (read)
        jwt_done(&t);
    return ok;
}

static void round_trip(const char *subject, uint8_t where, uint8_t what, arena *a)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    const jwt_key key = key_of(0), other = key_of(1);
    const jwt_claims in = { .issuer = "https://films.example",
                            .subject = subject,
                            .session = "s",
                            .issued_at = 1,
                            .expires_at = 2,
                            .auth_at = 1,
                            .id = "j" };
    jwt_claims out;
    const char *token = NULL;
    if (!utf8_valid(subject, strlen(subject))) /* subjects are ids of ours */
        return;
    if (jwt_write(&key, &in, a, &token, NULL))
        return; /* the subject is no text */
    HOLDS(checks(token, &key, a, &out) && !strcmp(out.subject, subject));
    HOLDS(!checks(token, &other, a, &out));
    size_t n = strlen(token);
    char *changed = arena_copy(a, token, n);
    HOLDS(changed);
    changed[where * n / 256] = letters[what % 65];
    HOLDS(!strcmp(changed, token) || !checks(changed, &key, a, &out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 6000)
        return 0;
    char *text = fuzz_text(data + 2, size - 2);
    arena *a = arena_new(0, 0);
    HOLDS(a);
    try_text(text, a);
    if (size < 500)
        round_trip(text, data[0], data[1], a);
    arena_free(a);
    free(text);
    return 0;
}
