/* postgres_url.h - database URLs as consoles give them, made into what libpq is told.
 */
#ifndef PORT_DB_POSTGRES_URL_H
#define PORT_DB_POSTGRES_URL_H

#include "base/status.h"

/* Whether statements get names on the server: to be found out, yes, no (a pooler is between). */
enum { PG_NAMES_ASK, PG_NAMES_ON, PG_NAMES_OFF };

typedef struct pg_url {
    char *settings;         /* a libpq connection string; has the password in it */
    char *place;            /* host and port: the same place is the same server */
    int names;              /* what the URL says or lets guess about a pooler */
    int connect_timeout_ms; /* of one attempt; 0: none of its own */
    bool unverified;        /* sslmode=no-verify: whoever answers is believed */
} pg_url;

/* Reads postgres:// and postgresql://; keeps the parameters that libpq knows and we allow, drops
 * others (pgbouncer, schema, pool_timeout ...) and never passes `options`, which poolers refuse.
 *
 * TLS: a server that is not local (a socket, localhost, 127.x, ::1) is asked for a certificate that
 * fits its name, whatever weaker mode the URL names; CA certificates are those of `sslrootcert` or
 * of the system. Exceptions, all to be written out: verify-ca together with sslrootcert;
 * sslmode=disable on a private network (10.x, a name without dots, .internal ...); and
 * sslmode=no-verify for servers that sign their own certificates. Local servers get what the URL
 * says, or plain text.
 *
 * INVALID: says what is wrong and never repeats a piece of the URL. `err` may not be NULL. */
cinema_status pg_url_read(const char *url, pg_url *ret, cinema_error *err);
void pg_url_done(pg_url *u);

#endif
