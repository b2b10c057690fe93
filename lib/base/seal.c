/* seal.c - sealing secrets, and where the key comes from.
 */
#include "base/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    VERSION = 1,
    KEY = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    KEY_TEXT = 64,
    PURPOSE_MAX = 64,
};

static cinema_status folder_fault(cinema_error *err, const char *what)
{
    return fail(err, CINEMA_UNAVAILABLE, "data_folder", "CINEMA_DATA_DIR",
                "cannot %s the file key in the data folder: %s", what, strerror(errno));
}

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

/* Written under another name and linked, so that of two processes one makes it and both agree. */
static cinema_status make(cinema *c, const char *path, cinema_error *err)
{
    unsigned char key[KEY], mark[8];
    char text[KEY_TEXT], draft[4200], name[2 * sizeof mark + 1];
    random_bytes(c, key, sizeof key);
    random_bytes(c, mark, sizeof mark);
    sodium_bin2base64(text, sizeof text, key, sizeof key, sodium_base64_VARIANT_ORIGINAL);
    sodium_bin2hex(name, sizeof name, mark, sizeof mark);
    snprintf(draft, sizeof draft, "%s.%s", path, name);
    int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && !fsync(fd);
    if (fd >= 0)
        close(fd);
    ok = ok && (!link(draft, path) || errno == EEXIST);
    cinema_status s = ok ? CINEMA_OK : folder_fault(err, "make");
    unlink(draft);
    sodium_memzero(text, sizeof text);
    sodium_memzero(key, sizeof key);
    return s;
}

static cinema_status from_file(cinema *c, unsigned char key[KEY], cinema_error *err)
{
    char path[4096], text[KEY_TEXT] = "";
    const char *folder = config_text(c->config, "CINEMA_DATA_DIR");
    cinema_status s;
    if (snprintf(path, sizeof path, "%s/key", folder) >= (int)sizeof path)
        return fail(err, CINEMA_INVALID, "bad_setting", "CINEMA_DATA_DIR", "the path is too long");
    if (access(path, F_OK) && errno == ENOENT) {
        if (mkdir(folder, 0700) && errno != EEXIST)
            return folder_fault(err, "make");
        if ((s = make(c, path, err)))
            return s;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    s = n < 0 ? folder_fault(err, "read") : CINEMA_OK;
    if (fd >= 0)
        close(fd);
    text[strcspn(text, "\r\n")] = '\0';
    bool ok = !s && decode(text, key);
    sodium_memzero(text, sizeof text);
    if (s || ok)
        return s;
    return fail(err, CINEMA_UNAVAILABLE, "data_folder", "CINEMA_KEY",
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
