/* password_foreign.c - hashes in their own formats: Argon2, bcrypt and other crypt(3) ones, PBKDF2
 * and scrypt as Django, Passlib, Werkzeug and the PHC string format write them.
 */
#include "base/text.h"
#include "user/password.h"

#include <crypt.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>

/* What a hash may ask for: more would let whoever brings hashes in keep the server busy. */
enum {
    ROUNDS_MAX = 10000000,
    BCRYPT_COST_MAX = 16,
    SHA_CRYPT_ROUNDS_MAX = 2000000,
    SCRYPT_LOG_MAX = 18,
    SCRYPT_LANES_MAX = 16,
    SCRYPT_WORK_MAX = 1 << 21, /* blocks of 128 bytes, each of which is made and kept */
    ARGON_PASSES_MAX = 20,
    ARGON_KIB_MAX = 256 * 1024,
    CRYPT_ROOM = 64 << 20, /* what they take as a rule, or less */
    KEY_MAX = 64,
    SALT_MAX = 128,
    PARTS = 6
};

/* A text cut at each of some characters. */
typedef struct parts {
    char text[512];
    const char *at[PARTS];
    size_t count;
} parts;

static bool cut(const char *s, const char *at, parts *p)
{
    p->count = 0;
    if (!text_copy(p->text, sizeof p->text, s))
        return false;
    for (char *rest = p->text; rest; p->count++) {
        if (p->count == PARTS)
            return false;
        p->at[p->count] = rest;
        rest = strpbrk(rest, at);
        if (rest)
            *rest++ = '\0';
    }
    return true;
}

static bool number(const char *text, int64_t min, int64_t max, int64_t *ret)
{
    return text_number(text, ret) && *ret >= min && *ret <= max;
}

/* Base64 with or without padding, also with Passlib's '.' in place of '+'; 0: it is neither. */
static size_t base64(const char *text, unsigned char *bytes, size_t room)
{
    char plain[256];
    size_t n = strcspn(text, "="), length = 0;
    if (n >= sizeof plain)
        return 0;
    for (size_t i = 0; i < n; i++)
        plain[i] = text[i] == '.' ? '+' : text[i];
    if (sodium_base642bin(bytes, room, plain, n, NULL, &length, NULL,
                          sodium_base64_VARIANT_ORIGINAL_NO_PADDING))
        return 0;
    return length;
}

static size_t hex(const char *text, unsigned char *bytes, size_t room)
{
    size_t length = 0;
    if (sodium_hex2bin(bytes, room, text, strlen(text), NULL, &length, NULL))
        return 0;
    return length;
}

/* ---- PBKDF2
 * --------------------------------------------------------------------------------------- */

/* The two of RFC 8018 that libsodium has the HMAC of. */
typedef union hmac {
    crypto_auth_hmacsha256_state sha256;
    crypto_auth_hmacsha512_state sha512;
} hmac;

static void hmac_more(hmac *h, bool wide, const void *bytes, size_t n)
{
    if (wide)
        crypto_auth_hmacsha512_update(&h->sha512, bytes, n);
    else
        crypto_auth_hmacsha256_update(&h->sha256, bytes, n);
}

static void hmac_end(hmac *h, bool wide, unsigned char *sum)
{
    if (wide)
        crypto_auth_hmacsha512_final(&h->sha512, sum);
    else
        crypto_auth_hmacsha256_final(&h->sha256, sum);
}

typedef struct derived {
    unsigned char salt[SALT_MAX], key[KEY_MAX];
    size_t salt_length, key_length;
} derived;

/* One block is all that passwords are kept as: at most as much as the hash gives. */
static verdict pbkdf2(const char *password, bool wide, int64_t rounds, const derived *d)
{
    static const unsigned char first[4] = { 0, 0, 0, 1 };
    size_t width = wide ? 64 : 32;
    unsigned char u[64], sum[64];
    hmac keyed, h;
    if (!d->salt_length || d->key_length < 16 || d->key_length > width)
        return UNKNOWN_KIND;
    if (wide)
        crypto_auth_hmacsha512_init(&keyed.sha512, (const void *)password, strlen(password));
    else
        crypto_auth_hmacsha256_init(&keyed.sha256, (const void *)password, strlen(password));
    h = keyed;
    hmac_more(&h, wide, d->salt, d->salt_length);
    hmac_more(&h, wide, first, sizeof first);
    hmac_end(&h, wide, u);
    memcpy(sum, u, width);
    while (--rounds > 0) {
        h = keyed;
        hmac_more(&h, wide, u, width);
        hmac_end(&h, wide, u);
        for (size_t i = 0; i < width; i++)
            sum[i] ^= u[i];
    }
    sodium_memzero(&keyed, sizeof keyed);
    return sodium_memcmp(sum, d->key, d->key_length) ? WRONG : RIGHT;
}

static bool salt_as_is(const char *text, derived *d)
{
    d->salt_length = strlen(text);
    if (d->salt_length > sizeof d->salt)
        return false;
    memcpy(d->salt, text, d->salt_length);
    return true;
}

/* pbkdf2_sha256$ROUNDS$SALT$BASE64 */
static verdict pbkdf2_django(const char *password, const char *hash, bool wide)
{
    parts p;
    derived d;
    int64_t rounds;
    if (!cut(hash, "$", &p) || p.count != 4 || !number(p.at[1], 1, ROUNDS_MAX, &rounds) ||
        !salt_as_is(p.at[2], &d))
        return UNKNOWN_KIND;
    d.key_length = base64(p.at[3], d.key, sizeof d.key);
    return pbkdf2(password, wide, rounds, &d);
}

/* pbkdf2:sha256:ROUNDS$SALT$HEX */
static verdict pbkdf2_werkzeug(const char *password, const char *hash, bool wide)
{
    parts p;
    derived d;
    int64_t rounds;
    if (!cut(hash, ":$", &p) || p.count != 5 || !number(p.at[2], 1, ROUNDS_MAX, &rounds) ||
        !salt_as_is(p.at[3], &d))
        return UNKNOWN_KIND;
    d.key_length = hex(p.at[4], d.key, sizeof d.key);
    return pbkdf2(password, wide, rounds, &d);
}

/* $pbkdf2-sha256$ROUNDS$SALT$KEY, where PHC has i=ROUNDS and may go on with ,l=LENGTH */
static verdict pbkdf2_passlib(const char *password, const char *hash, bool wide)
{
    parts p;
    derived d;
    int64_t rounds;
    char word[16];
    if (!cut(hash, "$", &p) || p.count != 5)
        return UNKNOWN_KIND;
    const char *text = p.at[2] + (strncmp(p.at[2], "i=", 2) ? 0 : 2);
    snprintf(word, sizeof word, "%.*s", (int)strcspn(text, ","), text);
    if (!number(word, 1, ROUNDS_MAX, &rounds))
        return UNKNOWN_KIND;
    d.salt_length = base64(p.at[3], d.salt, sizeof d.salt);
    d.key_length = base64(p.at[4], d.key, sizeof d.key);
    return pbkdf2(password, wide, rounds, &d);
}

/* ---- scrypt
 * --------------------------------------------------------------------------------------- */

/* For 2^log, r and p that are small numbers. */
static bool scrypt_fits(int64_t log, int64_t r, int64_t p)
{
    return log >= 1 && log <= SCRYPT_LOG_MAX && r >= 1 && p >= 1 && p <= SCRYPT_LANES_MAX &&
           r * p << log <= SCRYPT_WORK_MAX;
}

static int64_t log_of(int64_t n)
{
    int64_t log = 0;
    while (log < 62 && n > INT64_C(1) << log)
        log++;
    return n == INT64_C(1) << log ? log : -1;
}

static verdict scrypt(const char *password, int64_t n, int64_t r, int64_t p, const derived *d)
{
    unsigned char key[KEY_MAX];
    if (!scrypt_fits(log_of(n), r, p) || !d->salt_length || d->key_length < 16)
        return UNKNOWN_KIND;
    if (crypto_pwhash_scryptsalsa208sha256_ll((const void *)password, strlen(password), d->salt,
                                              d->salt_length, (uint64_t)n, (uint32_t)r, (uint32_t)p,
                                              key, d->key_length))
        return NO_ROOM;
    return sodium_memcmp(key, d->key, d->key_length) ? WRONG : RIGHT;
}

/* scrypt$N$SALT$R$P$BASE64 */
static verdict scrypt_django(const char *password, const char *hash)
{
    parts x;
    derived d;
    int64_t n, r, p;
    if (!cut(hash, "$", &x) || x.count != 6 || !number(x.at[1], 2, 1 << SCRYPT_LOG_MAX, &n) ||
        !salt_as_is(x.at[2], &d) || !number(x.at[3], 1, 64, &r) ||
        !number(x.at[4], 1, SCRYPT_LANES_MAX, &p))
        return UNKNOWN_KIND;
    d.key_length = base64(x.at[5], d.key, sizeof d.key);
    return scrypt(password, n, r, p, &d);
}

/* scrypt:N:R:P$SALT$HEX */
static verdict scrypt_werkzeug(const char *password, const char *hash)
{
    parts x;
    derived d;
    int64_t n, r, p;
    if (!cut(hash, ":$", &x) || x.count != 6 || !number(x.at[1], 2, 1 << SCRYPT_LOG_MAX, &n) ||
        !number(x.at[2], 1, 64, &r) || !number(x.at[3], 1, SCRYPT_LANES_MAX, &p) ||
        !salt_as_is(x.at[4], &d))
        return UNKNOWN_KIND;
    d.key_length = hex(x.at[5], d.key, sizeof d.key);
    return scrypt(password, n, r, p, &d);
}

/* $scrypt$ln=LOG2N,r=R,p=P$SALT$KEY */
static verdict scrypt_phc(const char *password, const char *hash)
{
    parts x, q;
    derived d;
    int64_t log, r, p;
    if (!cut(hash, "$", &x) || x.count != 5 || !cut(x.at[2], ",", &q) || q.count != 3 ||
        strncmp(q.at[0], "ln=", 3) || !number(q.at[0] + 3, 1, SCRYPT_LOG_MAX, &log) ||
        strncmp(q.at[1], "r=", 2) || !number(q.at[1] + 2, 1, 64, &r) || strncmp(q.at[2], "p=", 2) ||
        !number(q.at[2] + 2, 1, SCRYPT_LANES_MAX, &p))
        return UNKNOWN_KIND;
    d.salt_length = base64(x.at[3], d.salt, sizeof d.salt);
    d.key_length = base64(x.at[4], d.key, sizeof d.key);
    return scrypt(password, (int64_t)1 << log, r, p, &d);
}

/* ---- Argon2 and crypt(3)
 * -------------------------------------------------------------------------- */

/* Whether there is room of this size now: for what does not say why it has failed. A lack that has
 * passed meanwhile is not seen. */
static bool room_for(size_t n)
{
    void *room = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return room != MAP_FAILED && !munmap(room, n);
}

typedef struct argon {
    int kind;
    int64_t memory, passes; /* memory in KiB */
    derived d;
} argon;

/* Whether libsodium has a function that makes such a hash, and so says when it cannot. */
static bool is_plain(const parts *x, const parts *q, argon *g)
{
    g->kind =
        strcmp(x->at[1], "argon2id") ? crypto_pwhash_ALG_ARGON2I13 : crypto_pwhash_ALG_ARGON2ID13;
    g->d.salt_length = base64(x->at[4], g->d.salt, sizeof g->d.salt);
    g->d.key_length = base64(x->at[5], g->d.key, sizeof g->d.key);
    return !strcmp(x->at[2], "v=19") && !strcmp(q->at[2], "p=1") &&
           g->d.salt_length == crypto_pwhash_SALTBYTES &&
           g->d.key_length >= crypto_pwhash_BYTES_MIN &&
           (g->kind == crypto_pwhash_ALG_ARGON2ID13 ||
            g->passes >= crypto_pwhash_argon2i_OPSLIMIT_MIN);
}

static verdict argon2_plain(const char *password, const argon *g)
{
    unsigned char key[KEY_MAX];
    if (crypto_pwhash(key, g->d.key_length, password, strlen(password), g->d.salt,
                      (unsigned long long)g->passes, (size_t)g->memory * 1024, g->kind))
        return NO_ROOM;
    verdict v = sodium_memcmp(key, g->d.key, g->d.key_length) ? WRONG : RIGHT;
    sodium_memzero(key, sizeof key);
    return v;
}

/* $argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$KEY; also $argon2i$ */
static verdict argon2(const char *password, const char *hash)
{
    parts x, q;
    argon g;
    if (!cut(hash, "$", &x) || x.count != 6 || !cut(x.at[3], ",", &q) || q.count != 3 ||
        strncmp(q.at[0], "m=", 2) || !number(q.at[0] + 2, 8, ARGON_KIB_MAX, &g.memory) ||
        strncmp(q.at[1], "t=", 2) || !number(q.at[1] + 2, 1, ARGON_PASSES_MAX, &g.passes))
        return UNKNOWN_KIND;
    if (is_plain(&x, &q, &g))
        return argon2_plain(password, &g);
    /* libsodium 1.0.18 says the same of a wrong password and of no memory, in errno too. */
    if (!crypto_pwhash_str_verify(hash, password, strlen(password)))
        return RIGHT;
    return room_for((size_t)g.memory * 1024) ? WRONG : NO_ROOM;
}

/* A digit of crypt(3); -1: it is none. */
static int64_t digit(char c)
{
    static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? at - digits : -1;
}

/* $6$SALT$KEY is 5,000 rounds, $6$rounds=N$SALT$KEY says how many. */
static bool sha_crypt_fits(const char *hash)
{
    char word[16];
    int64_t n;
    if (strncmp(hash + 3, "rounds=", 7) != 0)
        return true;
    snprintf(word, sizeof word, "%.*s", (int)strcspn(hash + 10, "$"), hash + 10);
    return number(word, 1, SHA_CRYPT_ROUNDS_MAX, &n);
}

/* $y$jNR$SALT$KEY, as crypt_gensalt(3) writes it: a digit each, less one. */
static bool yescrypt_fits(const char *hash)
{
    return hash[3] == 'j' && hash[4] && hash[5] && hash[6] == '$' &&
           scrypt_fits(digit(hash[4]) + 1, digit(hash[5]) + 1, 1);
}

/* $7$NRRRRRPPPPPSALT$KEY: five digits, the low one first; the others are none. */
static bool scrypt_crypt_fits(const char *hash)
{
    return hash[3] && hash[4] && !strncmp(hash + 5, "....", 4) && hash[9] &&
           !strncmp(hash + 10, "....", 4) &&
           scrypt_fits(digit(hash[3]), digit(hash[4]), digit(hash[9]));
}

static bool bcrypt_fits(const char *hash)
{
    int64_t n;
    char cost[3] = { 0 };
    snprintf(cost, sizeof cost, "%.2s", strlen(hash) > 6 ? hash + 4 : "");
    return strlen(hash) == 60 && number(cost, 4, BCRYPT_COST_MAX, &n);
}

/* Of yescrypt and scrypt libxcrypt does not say either whether there was no memory. */
static verdict not_made(const char *hash)
{
    bool hungry = hash[1] == 'y' || hash[1] == '7';
    return hungry && !room_for(CRYPT_ROOM) ? NO_ROOM : UNKNOWN_KIND;
}

static bool crypt_ok(const char *hash)
{
    if (hash[1] == '2')
        return bcrypt_fits(hash);
    int known = crypt_checksalt(hash);
    bool fits = hash[1] == 'y'   ? yescrypt_fits(hash)
                : hash[1] == '7' ? scrypt_crypt_fits(hash)
                                 : sha_crypt_fits(hash);
    return fits && (known == CRYPT_SALT_OK || known == CRYPT_SALT_METHOD_LEGACY);
}

static verdict by_crypt(const char *password, const char *hash)
{
    if (!crypt_ok(hash))
        return UNKNOWN_KIND;
    struct crypt_data *room = calloc(1, sizeof *room);
    if (!room)
        return NO_ROOM;
    const char *made = crypt_r(password, hash, room);
    size_t n = strlen(hash);
    verdict v = !made || *made == '*'                                ? not_made(hash)
                : strlen(made) == n && !sodium_memcmp(made, hash, n) ? RIGHT
                                                                     : WRONG;
    sodium_memzero(room, sizeof *room);
    free(room);
    return v;
}

/* bcrypt reads 72 bytes, so Django gives it the hex of a SHA-256: bcrypt_sha256$$2b$… */
static verdict bcrypt_django(const char *password, const char *hash)
{
    unsigned char sum[crypto_hash_sha256_BYTES];
    char text[2 * sizeof sum + 1];
    crypto_hash_sha256(sum, (const void *)password, strlen(password));
    sodium_bin2hex(text, sizeof text, sum, sizeof sum);
    return by_crypt(text, hash);
}

verdict password_compare(const char *password, const char *hash)
{
#define BEGINS(word) (!strncmp(hash, word, sizeof word - 1))
    if (BEGINS("$argon2id$") || BEGINS("$argon2i$"))
        return argon2(password, hash);
    if (BEGINS("argon2$argon2")) /* Django's */
        return argon2(password, hash + 6);
    if (BEGINS("$2a$") || BEGINS("$2b$") || BEGINS("$2y$"))
        return by_crypt(password, hash);
    if (BEGINS("bcrypt$$2"))
        return by_crypt(password, hash + 7);
    if (BEGINS("bcrypt_sha256$$2"))
        return bcrypt_django(password, hash + 14);
    if (BEGINS("pbkdf2_sha256$") || BEGINS("pbkdf2_sha512$"))
        return pbkdf2_django(password, hash, BEGINS("pbkdf2_sha512$"));
    if (BEGINS("pbkdf2:sha256:") || BEGINS("pbkdf2:sha512:"))
        return pbkdf2_werkzeug(password, hash, BEGINS("pbkdf2:sha512:"));
    if (BEGINS("$pbkdf2-sha256$") || BEGINS("$pbkdf2-sha512$"))
        return pbkdf2_passlib(password, hash, BEGINS("$pbkdf2-sha512$"));
    if (BEGINS("$scrypt$"))
        return scrypt_phc(password, hash);
    if (BEGINS("scrypt$"))
        return scrypt_django(password, hash);
    if (BEGINS("scrypt:"))
        return scrypt_werkzeug(password, hash);
    if (BEGINS("$6$") || BEGINS("$5$") || BEGINS("$y$") || BEGINS("$7$"))
        return by_crypt(password, hash);
    return UNKNOWN_KIND;
#undef BEGINS
}
