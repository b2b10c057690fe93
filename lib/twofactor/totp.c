/* totp.c - one-time codes: liboath computes them, here is what counts as right.
 */
#include "twofactor/totp.h"

#include <oath.h>
#include <pthread.h>
#include <sodium.h>

enum { DIGITS = TOTP_CODE_TEXT - 1 };

static bool ready;

static void make_ready(void)
{
    ready = oath_init() == OATH_OK;
}

cinema_status totp_code(const unsigned char secret[TOTP_SECRET], int64_t step,
                        char code[TOTP_CODE_TEXT], cinema_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_ready);
    if (ready && step >= 0 &&
        oath_hotp_generate((const char *)secret, TOTP_SECRET, (uint64_t)step, DIGITS, false,
                           OATH_HOTP_DYNAMIC_TRUNCATION, code) == OATH_OK)
        return CINEMA_OK;
    return fail(err, CINEMA_INTERNAL, NULL, NULL, "a one-time code could not be computed");
}

/* Six digits; apps show them as 123 456. */
static bool read_code(const char *s, char digits[TOTP_CODE_TEXT])
{
    size_t n = 0;
    for (; *s; s++) {
        if (*s == ' ' || *s == '-')
            continue;
        if (*s < '0' || *s > '9' || n == DIGITS)
            return false;
        digits[n++] = *s;
    }
    digits[n] = '\0';
    return n == DIGITS;
}

cinema_status totp_match(const unsigned char secret[TOTP_SECRET], const char *code, int64_t now_ms,
                         int64_t after, bool *right, int64_t *step, cinema_error *err)
{
    char given[TOTP_CODE_TEXT], wanted[TOTP_CODE_TEXT];
    int64_t now = now_ms / TOTP_STEP_MS, found = -1;
    cinema_status s = CINEMA_OK;
    *right = false;
    if (!read_code(code, given))
        return CINEMA_OK;
    for (int64_t i = now - TOTP_WINDOW; !s && i <= now + TOTP_WINDOW; i++)
        if (i > after && !(s = totp_code(secret, i, wanted, err)))
            found = sodium_memcmp(given, wanted, DIGITS) ? found : i;
    sodium_memzero(given, sizeof given);
    sodium_memzero(wanted, sizeof wanted);
    *right = !s && found >= 0;
    if (*right)
        *step = found;
    return s;
}

/* ---- telling an app
 * --------------------------------------------------------------------------------- */

/* 20 bytes are exactly 32 characters of 5 bits. */
void totp_secret_text(const unsigned char secret[TOTP_SECRET], char text[TOTP_SECRET_TEXT])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    for (size_t i = 0; i + 1 < TOTP_SECRET_TEXT; i++) {
        size_t bit = 5 * i, byte = bit / 8;
        unsigned two =
            (unsigned)secret[byte] << 8 | (byte + 1 < TOTP_SECRET ? secret[byte + 1] : 0);
        text[i] = letters[two >> (11 - bit % 8) & 31];
    }
    text[TOTP_SECRET_TEXT - 1] = '\0';
}

/* Everything but what RFC 3986 calls unreserved: a colon of an address must not end the issuer. */
static const char *percent(const char *s, arena *a)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static const char hex[] = "0123456789ABCDEF";
    char *text = arena_text(a, 3 * strlen(s) + 1), *to = text;
    for (; text && *s; s++) {
        if (strchr(plain, *s)) {
            *to++ = *s;
            continue;
        }
        *to++ = '%';
        *to++ = hex[(unsigned char)*s >> 4];
        *to++ = hex[(unsigned char)*s & 15];
    }
    if (text)
        *to = '\0';
    return text;
}

const char *totp_uri(const char *issuer, const char *account, const char *secret_text, arena *a)
{
    const char *site = percent(issuer, a), *who = percent(account, a);
    if (!site || !who)
        return NULL;
    return arena_format(
        a, "otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%d&period=%d", site, who,
        secret_text, site, DIGITS, TOTP_STEP_MS / 1000);
}

const char *totp_issuer(const char *public_url, arena *a)
{
    const char *host = public_url ? strstr(public_url, "://") : NULL;
    host = host ? host + 3 : "";
    size_t n = strcspn(host, ":/?#");
    if (!n || *host == '[') /* a name with a colon in it would be taken apart by apps */
        return "libcinema";
    return arena_copy(a, host, n);
}
