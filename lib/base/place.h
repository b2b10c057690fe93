/* place.h - scheme, host and port of an address of the web. Narrower than the standard, so that
 * neither libcurl nor a browser can read anything else into it than we do.
 */
#ifndef BASE_PLACE_H
#define BASE_PLACE_H

#include <stdbool.h>
#include <stddef.h>

enum { PLACE_URL_MAX = 2048 };

typedef struct place {
    bool https;
    const char *host, *port, *rest; /* in the URL; port: behind the colon, NULL: none */
    size_t host_length, port_length;
} place;

/* NULL: *ret is filled. Else the rule that is broken, such as "names no user". */
const char *place_read(const char *url, place *ret);

#endif
