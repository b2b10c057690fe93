/* seal.c - sealing secrets, and where the key comes from.
 */
#include "base/seal.h"

#include "base/secret_file.h"

#include <sodium.h>

enum {
    VERSION = 1,
    KEY = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    PURPOSE_MAX = 64,
};

/* Base64 as `openssl rand -base64 32` writes it, or its URL form; both with or without padding. */
static bool decode(const char *text, unsigned char key[KEY])
{
    static const int variants[] = { sodium_base64_VARIANT_ORIGINAL,
                                    sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
                                    sodium_base64_VARIANT_URLSAFE,
                                    sodium_base64_VARIANT_URLSAFE_NO_PADDING };
    size_t n;
    for (size_t i = 0; i < COUNT_OF(variants); i++)
        if (!sodium_base642bin(key, KEY, text, strlen(text), NULL, &n, NULL, variants[i]) &&
            n == KEY)
            return true;
    return false;
}

static cinema_status from_file(cinema *c, unsigned char key[KEY], cinema_error *err)
{
    char text[SECRET_FILE_TEXT];
    cinema_status s = secret_file_make(c, "key", sodium_base64_VARIANT_ORIGINAL, err);
    if (s || (s = secret_file_read(c, "key", text, err)))
        return s;
    bool ok = decode(text, key);
    sodium_memzero(text, sizeof text);
    return ok ? CINEMA_OK
              : fail(err, CINEMA_UNAVAILABLE, "data_folder", "CINEMA_KEY",
                     "the file key in the data folder does not hold base64 of 32 bytes");
}

static cinema_status find_key(cinema *c, unsigned char key[KEY], cinema_error *err)
{
    const char *set = config_text(c->config, "CINEMA_KEY");
    if (set && decode(set, key))
        return CINEMA_OK;
    if (set)
        return fail(err, CINEMA_UNAVAILABLE, "no_key", "CINEMA_KEY",
                    "CINEMA_KEY must be base64 of 32 bytes: openssl rand -base64 32");
    if (strncmp(config_text(c->config, "CINEMA_DATABASE_URL"), "sqlite:", 7))
        return fail(err, CINEMA_UNAVAILABLE, "no_key", "CINEMA_KEY",
                    "CINEMA_KEY must be set where the database is on a server: "
                    "openssl rand -base64 32");
    return from_file(c, key, err);
}

/* Read once; a handle keeps its key. */
static cinema_status key_of(cinema *c, unsigned char key[KEY], cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    pthread_mutex_lock(&c->seal_lock);
    if (!c->seal_known && !(s = find_key(c, c->seal_key, err)))
        c->seal_known = true;
    if (!s)
        memcpy(key, c->seal_key, KEY);
    pthread_mutex_unlock(&c->seal_lock);
    return s;
}

/* What is bound to a box: version and purpose. */
static size_t bind(const char *purpose, unsigned char with[1 + PURPOSE_MAX])
{
    size_t n = strlen(purpose);
    with[0] = VERSION;
    memcpy(with + 1, purpose, n < PURPOSE_MAX ? n : PURPOSE_MAX);
    return 1 + (n < PURPOSE_MAX ? n : PURPOSE_MAX);
}

cinema_status seal_close(cinema *c, const char *purpose, bytes plain, arena *a, bytes *box,
                         cinema_error *err)
{
    unsigned char key[KEY], with[1 + PURPOSE_MAX];
    size_t bound = bind(purpose, with), length = 1 + NONCE + plain.length + TAG;
    unsigned char *to = arena_alloc(a, length);
    cinema_status s = to ? key_of(c, key, err) : fail_memory(err);
    if (s)
        return s;
    to[0] = VERSION;
    random_bytes(c, to + 1, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(to + 1 + NONCE, NULL, plain.at, plain.length, with,
                                               bound, NULL, to + 1, key);
    sodium_memzero(key, sizeof key);
    *box = (bytes){ to, length };
    return CINEMA_OK;
}

cinema_status seal_open(cinema *c, const char *purpose, bytes box, arena *a, bytes *plain,
                        cinema_error *err)
{
    unsigned char key[KEY], with[1 + PURPOSE_MAX];
    size_t bound = bind(purpose, with), least = 1 + NONCE + TAG;
    bool ok = box.length >= least && box.at[0] == VERSION;
    unsigned char *to = arena_alloc(a, ok ? box.length - least + 1 : 1);
    cinema_status s = to ? key_of(c, key, err) : fail_memory(err);
    if (s)
        return s;
    ok = ok && !crypto_aead_xchacha20poly1305_ietf_decrypt(to, NULL, NULL, box.at + 1 + NONCE,
                                                           box.length - 1 - NONCE, with, bound,
                                                           box.at + 1, key);
    sodium_memzero(key, sizeof key);
    if (!ok)
        return fail(err, CINEMA_UNAVAILABLE, "wrong_key", "CINEMA_KEY",
                    "a secret in the database was sealed by another CINEMA_KEY");
    *plain = (bytes){ to, box.length - least };
    return CINEMA_OK;
}

cinema_status seal_derive(cinema *c, const char *purpose, unsigned char ret[32], cinema_error *err)
{
    unsigned char key[KEY];
    cinema_status s = key_of(c, key, err);
    if (s)
        return s;
    crypto_generichash(ret, 32, (const unsigned char *)purpose, strlen(purpose), key, sizeof key);
    sodium_memzero(key, sizeof key);
    return CINEMA_OK;
}
