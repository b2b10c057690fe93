/* redis_url.c - Redis URLs as consoles give them.
 */
#include "port/kv/redis_url.h"

#include "base/url.h"
#include "port/kv/kv.h"

#include <limits.h>
#include <strings.h>
#include <unistd.h>

static const char WHAT[] = "the Redis URL";

static bool number(const char *s, long most, long *ret)
{
    char *end;
    *ret = strtol(s, &end, 10);
    return *s >= '0' && *s <= '9' && !*end && *ret <= most;
}

static cinema_status read_parameter(const url_parameter *p, redis_url *u, char **database,
                                    cinema_error *err)
{
    char **to = url_is(p, "prefix") ? &u->prefix : url_is(p, "db") ? database : NULL;
    if (url_is(p, "sslrootcert") || url_is(p, "ssl_ca_certs"))
        to = &u->ca;
    if (!p->value)
        return url_invalid(WHAT,
                           "has a parameter without a value, or a password that holds / ? or "
                           "@ (write %2F %3F %40)",
                           err);
    return to ? url_decode(WHAT, p->value, p->value_length, to, err) : CINEMA_OK;
}

static cinema_status put(char **to, const char *value, cinema_error *err)
{
    if (!*to)
        *to = strdup(value);
    return *to ? CINEMA_OK : fail_memory(err);
}

static cinema_status check(redis_url *u, const char *database, cinema_error *err)
{
    long n = 0;
    if (u->user && !u->password)
        return url_invalid(WHAT, "has a user without a password", err);
    if (database && !number(database, INT_MAX, &n))
        return url_invalid(WHAT, "names a database that is no number", err);
    u->database = (int)n;
    if (u->port && (!number(u->port, 65535, &n) || n == 0))
        return url_invalid(WHAT,
                           "has a port that is no number from 1 to 65535; a password that "
                           "holds / ? or @ needs %2F %3F %40",
                           err);
    if (u->prefix && strlen(u->prefix) > KV_KEY_MAX)
        return url_invalid(WHAT, "has a prefix that is too long", err);
    if (u->ca && access(u->ca, R_OK))
        return url_invalid(WHAT, "has an sslrootcert that names no file that can be read", err);
    cinema_status s = put(&u->host, "localhost", err);
    if (s || (s = put(&u->port, "6379", err)))
        return s;
    return put(&u->prefix, "cinema:", err);
}

static cinema_status read_url(const char *rest, redis_url *u, cinema_error *err)
{
    CLEANUP(url_done) url_parts parts = { .what = WHAT };
    CLEANUP(freep) char *database = NULL;
    url_parameter p;
    cinema_status s = url_split(rest, &parts, err);
    if (s)
        return s;
    u->user = MOVE(parts.user);
    u->password = MOVE(parts.password);
    u->host = MOVE(parts.host);
    u->port = MOVE(parts.port);
    database = MOVE(parts.path);
    for (const char *query = parts.query; !s && url_next(&query, &p);)
        s = read_parameter(&p, u, &database, err);
    return s ? s : check(u, database, err);
}

cinema_status redis_url_read(const char *url, redis_url *ret, cinema_error *err)
{
    redis_url u = { .tls = !strncasecmp(url, "rediss://", 9) };
    if (!u.tls && strncasecmp(url, "redis://", 8))
        return url_invalid(WHAT, "does not begin with rediss:// or redis://", err);
    cinema_status s = read_url(strstr(url, "//") + 2, &u, err);
    if (s)
        redis_url_done(&u);
    else
        *ret = u;
    return s;
}

void redis_url_done(redis_url *u)
{
    if (u->password)
        explicit_bzero(u->password, strlen(u->password));
    free(u->user);
    free(u->password);
    free(u->host);
    free(u->port);
    free(u->prefix);
    free(u->ca);
    *u = (redis_url){ 0 };
}
