/* url.h - addresses of services as consoles print them: user:password@host:port/path?query.
 * Stateless: linked into each driver module.
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include "base/status.h"

/* A URL under reading. What is refused is told about `what` ("the database URL") and never repeats
 * a piece of it. */
typedef struct url_parts {
    const char *what;
    char *user, *password, *host, *port, *path; /* decoded; NULL: not there */
    const char *query;                          /* what is behind the `?`, as it is */
} url_parts;

/* `rest` is what follows the scheme and its `//`; `err` may not be NULL. */
cinema_status url_split(const char *rest, url_parts *ret, cinema_error *err);
void url_done(url_parts *u); /* wipes the password */

/* INVALID, with "the database URL has a port ..." made of `what` and `rule`. */
cinema_status url_invalid(const char *what, const char *rule, cinema_error *err);
/* Resolves %41 and the like into *ret, which is freed first: the last one counts. */
cinema_status url_decode(const char *what, const char *s, size_t n, char **ret, cinema_error *err);

/* One after the other: name=value of a query, decoded by url_decode. The last gives NULL. */
typedef struct url_parameter {
    const char *name, *value; /* value NULL: there is no `=` */
    size_t name_length, value_length;
} url_parameter;
bool url_next(const char **query, url_parameter *ret);
bool url_is(const url_parameter *p, const char *name);

/* By name or address: this machine; and a network that strangers are not on (10.x, a name without
 * dots, .internal ...). */
bool url_host_local(const char *host);
bool url_host_private(const char *host);

#endif
