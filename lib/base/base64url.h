/* base64url.h - RFC 4648, section 5, without padding; strict.
 */
#ifndef BASE_BASE64URL_H
#define BASE_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

/* Characters of n bytes, with a NUL. */
#define BASE64URL_ROOM(n) (((n)*4 + 2) / 3 + 1)

/* `to` has BASE64URL_ROOM(n). Returns the end, at the NUL. */
char *base64url_write(const void *bytes, size_t n, char *to);
/* False: other characters, padding, bits that mean nothing, or more than `room` bytes. One value
 * has one text. */
bool base64url_read(const char *text, size_t n, void *to, size_t room, size_t *length);

#endif
