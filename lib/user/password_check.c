/* password_check.c - what a new password has to be: long enough, and not what others would try.
 */
#include "base/text.h"
#include "base/unicode.h"
#include "user/password.h"

#include <ctype.h>

enum { WITH_SECOND_FACTOR = 8, OWN_LEFT = 7, REPEATED = 8, ROUND_A_WORD = 8 };

static cinema_status bad_length(const char *field, int64_t min, cinema_error *err)
{
    return fail(err, CINEMA_INVALID, "length", field, "%s: must have %d to %d characters", field,
                (int)min, PASSWORD_MAX);
}

static cinema_status guessed(const char *field, cinema_error *err)
{
    return fail(err, CINEMA_INVALID, "common_password", field,
                "%s: is one of those that are tried first", field);
}

/* ---- patterns, in the folded text
 * ----------------------------------------------------------------- */

/* "aaaa", "12345678", "ffeeddcc": nearly each byte is the one before it or its neighbour. */
static bool runs(const char *s, size_t n)
{
    size_t fresh = 1;
    for (size_t i = 1; i < n; i++)
        fresh += abs((unsigned char)s[i] - (unsigned char)s[i - 1]) > 1;
    return fresh * 4 <= n;
}

/* How long the piece is that the text repeats; n: it does not. */
static size_t period(const char *s, size_t n)
{
    for (size_t p = 1; p <= n / 2; p++)
        if (!memcmp(s, s + p, n - p))
            return p;
    return n;
}

static bool repeats(const char *s, size_t n)
{
    size_t p = period(s, n);
    return p < n && (p < REPEATED || password_common(s, p));
}

/* A common one with a number or signs before or behind it. */
static bool decorated(const char *s, size_t n)
{
    const char *first = s, *end = s + n;
    while (first < end && (isdigit((unsigned char)*first) || ispunct((unsigned char)*first)))
        first++;
    while (end > first && (isdigit((unsigned char)end[-1]) || ispunct((unsigned char)end[-1])))
        end--;
    size_t core = (size_t)(end - first);
    return core && n - core < ROUND_A_WORD && password_common(first, core);
}

/* ---- what others know of the account
 * -------------------------------------------------------------- */

/* Takes a word out of the text wherever it stands. */
static void take_out(char *text, const char *word, size_t n)
{
    char *at = text;
    for (size_t left = strlen(at); left >= n;) {
        if (memcmp(at, word, n)) {
            at++;
            left--;
            continue;
        }
        memmove(at, at + n, left - n + 1);
        left -= n;
    }
}

/* Takes out each word of `from`, which is folded first. */
static bool take_out_words(char *text, const char *from, size_t least)
{
    static const char ends[] = " \t.,:;/@+-_'\"()[]";
    CLEANUP(freep) char *folded = NULL;
    if (unicode_casefold(from, &folded))
        return false;
    for (size_t i = 0, n; folded[i]; i += n + (folded[i + n] != '\0'))
        if ((n = strcspn(folded + i, ends)) >= least)
            take_out(text, folded + i, n);
    return true;
}

/* Whether there is little but name, address and site in it. */
static cinema_status own(cinema *c, const char *folded, const char *email, const char *name,
                         bool *ret, cinema_error *err)
{
    CLEANUP(freep) char *left = strdup(folded);
    const char *site = config_text(c->config, "CINEMA_PUBLIC_URL");
    bool ok = left && take_out_words(left, "libcinema cinema", 4) &&
              (!email || take_out_words(left, email, 3)) &&
              (!name || take_out_words(left, name, 3)) && (!site || take_out_words(left, site, 4));
    if (!ok)
        return fail_memory(err);
    *ret = utf8_length(left, strlen(left)) < OWN_LEFT;
    return CINEMA_OK;
}

cinema_status password__check(cinema *c, const char *password, const char *field,
                              bool second_factor, const char *email, const char *name,
                              cinema_error *err)
{
    CLEANUP(freep) char *folded = NULL;
    int64_t min =
        second_factor ? WITH_SECOND_FACTOR : config_number(c->config, "CINEMA_PASSWORD_MIN");
    size_t n = strlen(password), length = utf8_length(password, n);
    bool is_own = false;
    if (!utf8_valid(password, n))
        return fail(err, CINEMA_INVALID, "utf8", field, "%s: is not valid UTF-8", field);
    if (length > PASSWORD_MAX || (int64_t)length < min)
        return bad_length(field, min, err);
    if (unicode_casefold(password, &folded))
        return fail_memory(err);
    n = strlen(folded);
    if (unicode_blank(password) || password_common(folded, n) || runs(folded, n) ||
        repeats(folded, n) || decorated(folded, n))
        return guessed(field, err);
    cinema_status s = own(c, folded, email, name, &is_own, err);
    return s ? s : is_own ? guessed(field, err) : CINEMA_OK;
}
