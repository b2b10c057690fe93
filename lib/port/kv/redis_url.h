/* redis_url.h - Redis URLs, read.
 */
#ifndef PORT_KV_REDIS_URL_H
#define PORT_KV_REDIS_URL_H

#include "base/status.h"

typedef struct redis_url {
    bool tls;
    char *user, *password; /* NULL: none */
    char *host, *port, *prefix;
    char *ca; /* file of certificates to trust; NULL: the system's */
    int database;
} redis_url;

/* redis:// and rediss://; parameters `prefix` (of keys; "cinema:"), `db`, and `sslrootcert` (also
 * `ssl_ca_certs`), others are dropped. INVALID never repeats a piece of the URL. */
cinema_status redis_url_read(const char *url, redis_url *ret, cinema_error *err);
void redis_url_done(redis_url *u);

#endif
