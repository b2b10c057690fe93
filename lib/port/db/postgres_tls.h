/* postgres_tls.h - how a server has to prove who it is; part of reading a URL (postgres_url.h).
 */
#ifndef PORT_DB_POSTGRES_TLS_H
#define PORT_DB_POSTGRES_TLS_H

#include "port/db/postgres_url.h"

/* The values of a URL, malloc'ed or NULL, by parameter. Those after OTHERS are only passed on. */
enum {
    PG_SET_HOST,
    PG_SET_HOSTADDR,
    PG_SET_PORT,
    PG_SET_USER,
    PG_SET_PASSWORD,
    PG_SET_DBNAME,
    PG_SET_SSLMODE,
    PG_SET_SSLROOTCERT,
    PG_SET_CONNECT_TIMEOUT,
    PG_SET_APPLICATION_NAME,
    PG_SET_GSSENCMODE,
    PG_SET_KEEPALIVES_IDLE,
    PG_SET_KEEPALIVES_INTERVAL,
    PG_SET_KEEPALIVES_COUNT,
    PG_SET_OTHERS,
    PG_SET_COUNT = PG_SET_OTHERS + 10
};

/* Sets SSLMODE and SSLROOTCERT to what will be demanded, as postgres_url.h says. */
cinema_status pg_tls_choose(char **set, pg_url *u, cinema_error *err);

#endif
