/* base64url.c - libsodium's, with what it lets pass refused.
 */
#include "base/base64url.h"

#include <sodium.h>

enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

char *base64url_write(const void *bytes, size_t n, char *to)
{
    sodium_bin2base64(to, BASE64URL_ROOM(n), bytes, n, VARIANT);
    return to + BASE64URL_ROOM(n) - 1;
}

/* libsodium 1.0.18 takes bytes from 0x80 on for _, which would make many texts of one value. */
static bool is_ascii(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] >= 0x80)
            return false;
    return true;
}

bool base64url_read(const char *text, size_t n, void *to, size_t room, size_t *length)
{
    return is_ascii(text, n) && !sodium_base642bin(to, room, text, n, NULL, length, NULL, VARIANT);
}
