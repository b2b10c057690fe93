/* proxy.h - whose request it is when proxies stand between (CINEMA_TRUSTED_PROXIES).
 */
#ifndef HTTP_PROXY_H
#define HTTP_PROXY_H

#include "base/address.h"

#include <cinema/http.h>

/* Networks whose X-Forwarded-For is believed. */
typedef struct proxies {
    size_t count;
    network items[];
} proxies;

/* Of a setting that was checked; NULL text: none. NULL: no memory. */
proxies *proxies_new(const char *setting);
bool proxies_hold(const proxies *p, const address *a);

/* The client's address: the peer's, unless that is a trusted proxy's. Then what it has written into
 * X-Forwarded-For, from the right, as long as who wrote it is trusted. `text` has room for it. */
const char *proxies_client(const proxies *p, const cinema_http_request *q, char text[ADDRESS_TEXT]);

#endif
