/* email.c - e-mail addresses: what is one, and when two are the same.
 */
#include "base/handle.h"
#include "base/unicode.h"
#include "user/user.h"

#include <idn2.h>

enum { LOCAL_MAX = 64, ADDRESS_MAX = 254, GIVEN_MAX = 1000 }; /* RFC 5321 4.5.3.1, in bytes */

static void idn_freep(char **text)
{
    idn2_free(*text);
}

static cinema_status bad(cinema_error *err)
{
    return fail(err, CINEMA_INVALID, "email", "email",
                "email: must be an address such as name@site.example");
}

/* Words of ordinary characters with single dots between (RFC 5322 3.2.3, RFC 6531 3.3). */
static bool local_ok(const char *local)
{
    static const char ordinary[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                   "!#$%&'*+-/=?^_`{|}~.";
    size_t n = strlen(local);
    if (!n || n > LOCAL_MAX || *local == '.' || local[n - 1] == '.' || strstr(local, ".."))
        return false;
    for (const char *p = local; *p; p++)
        if (!((unsigned char)*p & 0x80) && !strchr(ordinary, *p))
            return false;
    return unicode_visible(local);
}

/* The name of a host (RFC 1123), whose last label is not a number: that would be an address. */
static bool domain_ok(const char *domain)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    const char *label = domain;
    size_t labels = 0;
    for (size_t n; *label; label += n + (label[n] == '.'), labels++) {
        n = strspn(label, letters);
        if (!n || n > 63 || *label == '-' || label[n - 1] == '-' || (label[n] && label[n] != '.') ||
            (label[n] && !label[n + 1]))
            return false;
        if (!label[n] && strspn(label, "0123456789") == n)
            return false;
    }
    return labels > 1;
}

/* The domain as it is asked for in the DNS. What is shown has it as it was given. Not with
 * IDN2_USE_STD3_ASCII_RULES: libidn2 2.3 drops what they forbid instead of refusing it. */
static cinema_status domain_ascii(const char *domain, arena *a, const char **ret, cinema_error *err)
{
    CLEANUP(idn_freep) char *text = NULL;
    int failed = idn2_to_ascii_8z(domain, &text, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    /* The text is UTF-8 and in normal form: the other two say that there was no memory as well. */
    if (failed == IDN2_MALLOC || failed == IDN2_ENCODING_ERROR || failed == IDN2_NFC)
        return fail_memory(err);
    if (failed || !text || !domain_ok(text))
        return bad(err);
    *ret = arena_copy(a, text, strlen(text));
    return *ret ? CINEMA_OK : fail_memory(err);
}

static cinema_status key_of(const char *local, const char *domain, arena *a, const char **ret,
                            cinema_error *err)
{
    CLEANUP(freep) char *folded = NULL;
    if (unicode_casefold(local, &folded) || !(*ret = arena_format(a, "%s@%s", folded, domain)))
        return fail_memory(err);
    return CINEMA_OK;
}

cinema_status email__normalise(const char *given, arena *a, const char **email, const char **key,
                               cinema_error *err)
{
    CLEANUP(freep) char *text = NULL;
    const char *domain;
    size_t n = strlen(given);
    if (n > GIVEN_MAX || !utf8_valid(given, n))
        return bad(err);
    if (unicode_nfc(given, n, &text) || !(*email = arena_copy(a, text, strlen(text))))
        return fail_memory(err);
    char *at = strrchr(text, '@');
    if (!at)
        return bad(err);
    *at = '\0';
    if (!local_ok(text) || !unicode_visible(at + 1))
        return bad(err);
    cinema_status s = domain_ascii(at + 1, a, &domain, err);
    if (s)
        return s;
    if (strlen(text) + 1 + strlen(domain) > ADDRESS_MAX || strlen(*email) > ADDRESS_MAX)
        return bad(err);
    return key_of(text, domain, a, key, err);
}
