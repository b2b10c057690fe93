/* gzip.h - answers made smaller for those who ask (RFC 9110, 12.5.3).
 */
#ifndef HTTP_GZIP_H
#define HTTP_GZIP_H

#include <stdbool.h>
#include <stddef.h>

/* Below it a packet would carry no less, and the work would not pay. */
enum { GZIP_MIN = 1400 };

/* Whether Accept-Encoding (may be NULL) wants gzip rather than nothing. */
bool gzip_wanted(const char *accept_encoding);
/* Whether it is text of some kind. */
bool gzip_pays(const char *content_type);
/* Malloc'ed; NULL: no memory, or it would not get smaller. Levels are zlib's. */
char *gzip_pack(const void *bytes, size_t length, int level, size_t *ret_length);

#endif
