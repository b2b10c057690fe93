/* email_fuzz.c - mail addresses: any text is refused, or has one form and one key, in which nothing
 * is left that could end a line of a mail's head, and which are the same when they are given again.
 */
#include "fuzz/fuzz_help.h"

#include "base/arena.h"
#include "base/unicode.h"
#include "user/user.h"

#include <string.h>

static bool normal(const char *text, arena *a, const char **email, const char **key)
{
    cinema_error err;
    cinema_status s = email__normalise(text, a, email, key, &err);
    HOLDS(s == CINEMA_OK || s == CINEMA_INVALID);
    HOLDS(!s || (!strcmp(err.field, "email") && *err.message));
    return s == CINEMA_OK;
}

/* RFC 5321, 4.5.3.1: no path is longer than 256 with its brackets. */
static void check_form(const char *s)
{
    size_t n = strlen(s);
    HOLDS(n >= 3 && n <= 254 && utf8_valid(s, n));
    const char *at = strrchr(s, '@');
    HOLDS(at && at > s && at[1]);
    for (const unsigned char *p = (const unsigned char *)s; *p; p++)
        HOLDS(*p > ' ' && *p != 0x7f && *p != '<' && *p != '>' && *p != ',');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 2000)
        return 0;
    char *text = fuzz_text(data, size);
    arena *a = arena_new(0, 0);
    const char *email, *key, *email_again, *key_again;
    HOLDS(a);
    if (normal(text, a, &email, &key)) {
        check_form(email);
        HOLDS(strchr(key, '@'));
        HOLDS(normal(email, a, &email_again, &key_again));
        HOLDS(!strcmp(email, email_again) && !strcmp(key, key_again));
        if (normal(key, a, &email_again, &key_again)) /* a folded form may be longer than allowed */
            HOLDS(!strcmp(key, key_again));
    }
    arena_free(a);
    free(text);
    return 0;
}
