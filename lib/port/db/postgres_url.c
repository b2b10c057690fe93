/* postgres_url.c - database URLs as consoles give them, made into what libpq is told.
 * What is put together here ends in pg_url.settings: key='value' pairs, which win over the PG...
 * variables of the environment. TLS is decided in postgres_tls.c.
 */
#include "port/db/postgres_url.h"

#include "base/buffer.h"
#include "base/url.h"
#include "port/db/postgres_tls.h"

#include <limits.h>
#include <stdio.h>
#include <strings.h>

enum { SETTINGS_MAX = 8192 };

/* Parameters that are passed on. */
static const char *const known[PG_SET_COUNT] = {
    [PG_SET_HOST] = "host",
    [PG_SET_HOSTADDR] = "hostaddr",
    [PG_SET_PORT] = "port",
    [PG_SET_USER] = "user",
    [PG_SET_PASSWORD] = "password",
    [PG_SET_DBNAME] = "dbname",
    [PG_SET_SSLMODE] = "sslmode",
    [PG_SET_SSLROOTCERT] = "sslrootcert",
    [PG_SET_CONNECT_TIMEOUT] = "connect_timeout",
    [PG_SET_APPLICATION_NAME] = "application_name",
    [PG_SET_GSSENCMODE] = "gssencmode",
    [PG_SET_KEEPALIVES_IDLE] = "keepalives_idle",
    [PG_SET_KEEPALIVES_INTERVAL] = "keepalives_interval",
    [PG_SET_KEEPALIVES_COUNT] = "keepalives_count",
    [PG_SET_OTHERS] = "keepalives",
    "tcp_user_timeout",
    "channel_binding",
    "target_session_attrs",
    "sslcert",
    "sslkey",
    "sslcrl",
    "sslsni",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
};

static const char WHAT[] = "the database URL";

static cinema_status invalid(cinema_error *err, const char *what)
{
    return url_invalid(WHAT, what, err);
}

static bool says_no(const char *value)
{
    return !strcmp(value, "false") || !strcmp(value, "off") || !strcmp(value, "0");
}

static bool says_yes(const char *value)
{
    return !strcmp(value, "true") || !strcmp(value, "on") || !strcmp(value, "1");
}

/* Parameters of other programs that tell something about a pooler. */
static void read_hint(const url_parameter *p, const char *value, pg_url *u)
{
    if (url_is(p, "prepared"))
        u->names = says_yes(value) ? PG_NAMES_ON : says_no(value) ? PG_NAMES_OFF : u->names;
    else if (url_is(p, "pgbouncer") && says_yes(value))
        u->names = PG_NAMES_OFF;
    else if (url_is(p, "statement_cache_size") && says_no(value))
        u->names = PG_NAMES_OFF;
}

static cinema_status decode(const char *s, size_t n, char **ret, cinema_error *err)
{
    return url_decode(WHAT, s, n, ret, err);
}

/* ssl=true, as drivers of other languages write it. */
static cinema_status set_ssl(const char *value, char **set, cinema_error *err)
{
    const char *mode = says_yes(value) ? "require" : says_no(value) ? "disable" : value;
    return decode(mode, strlen(mode), &set[PG_SET_SSLMODE], err);
}

static cinema_status read_parameter(const url_parameter *p, char **set, pg_url *u,
                                    cinema_error *err)
{
    CLEANUP(freep) char *other = NULL;
    cinema_status status;
    if (!p->value)
        return invalid(err, "has a parameter without a value, or a password that holds / ? or "
                            "@ (write %2F %3F %40)");
    for (size_t i = 0; i < PG_SET_COUNT; i++)
        if (known[i] && url_is(p, known[i]))
            return decode(p->value, p->value_length, &set[i], err);
    if ((status = decode(p->value, p->value_length, &other, err)))
        return status;
    if (url_is(p, "ssl"))
        return set_ssl(other, set, err);
    read_hint(p, other, u);
    return CINEMA_OK;
}

/* Cuts the URL into its parts, which move into `set`. */
static cinema_status split(const char *url, char **set, pg_url *u, cinema_error *err)
{
    CLEANUP(url_done) url_parts parts = { .what = WHAT };
    url_parameter p;
    size_t scheme = !strncasecmp(url, "postgres://", 11)     ? 11
                    : !strncasecmp(url, "postgresql://", 13) ? 13
                                                             : 0;
    if (!scheme)
        return invalid(err, "does not begin with postgres:// or postgresql://");
    cinema_status status = url_split(url + scheme, &parts, err);
    if (status)
        return status;
    if (parts.password && !strcmp(parts.password, "[YOUR-PASSWORD]"))
        return invalid(err, "still has [YOUR-PASSWORD] in it: put the password there");
    set[PG_SET_USER] = MOVE(parts.user);
    set[PG_SET_PASSWORD] = MOVE(parts.password);
    set[PG_SET_HOST] = MOVE(parts.host);
    set[PG_SET_PORT] = MOVE(parts.port);
    set[PG_SET_DBNAME] = MOVE(parts.path);
    for (const char *query = parts.query; !status && url_next(&query, &p);)
        status = read_parameter(&p, set, u, err);
    return status;
}

static bool number_between(const char *s, long least, long most, long *ret)
{
    char *end;
    long n = strtol(s, &end, 10);
    if (*s < '0' || *s > '9' || *end || n < least || n > most)
        return false;
    *ret = n;
    return true;
}

static cinema_status check(char **set, pg_url *u, cinema_error *err)
{
    long n;
    for (size_t i = 0; i < PG_SET_COUNT; i++)
        for (const char *p = set[i]; p && *p; p++)
            if ((unsigned char)*p < ' ')
                return invalid(err, "has a control character in it");
    if ((set[PG_SET_HOST] && strchr(set[PG_SET_HOST], ',')) ||
        (set[PG_SET_HOSTADDR] && strchr(set[PG_SET_HOSTADDR], ',')))
        return invalid(err, "names several hosts: give one");
    if (set[PG_SET_PORT] && !number_between(set[PG_SET_PORT], 1, 65535, &n))
        return invalid(err, "has a port that is no number from 1 to 65535; a password that holds "
                            "/ ? or @ needs %2F %3F %40");
    if (set[PG_SET_CONNECT_TIMEOUT]) {
        if (!number_between(set[PG_SET_CONNECT_TIMEOUT], 0, INT_MAX / 1000, &n))
            return invalid(err, "has a connect_timeout that is no number of seconds");
        u->connect_timeout_ms = (int)n * 1000;
    }
    return CINEMA_OK;
}

/* Ports and names that poolers of the big providers have. */
static bool looks_pooled(char **set)
{
    const char *host = set[PG_SET_HOST], *port = set[PG_SET_PORT];
    return (host && (strstr(host, "-pooler.") || strstr(host, ".pooler."))) ||
           (port && (!strcmp(port, "6543") || !strcmp(port, "6432")));
}

static void add(buffer *b, const char *key, const char *value)
{
    buffer_text(b, b->length ? " " : "");
    buffer_text(b, key);
    buffer_text(b, "='");
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            buffer_byte(b, '\\');
        buffer_byte(b, *value);
    }
    buffer_text(b, "'");
}

/* What the URL says, and what it does not: then our defaults, not those of the environment. */
static cinema_status compose(char **set, pg_url *u, cinema_error *err)
{
    static const struct {
        int which;
        const char *value;
    } defaults[] = {
        { PG_SET_HOST, "" }, /* libpq's socket */
        { PG_SET_PORT, "5432" },
        { PG_SET_APPLICATION_NAME, "libcinema" },
        { PG_SET_GSSENCMODE, "disable" },
        { PG_SET_KEEPALIVES_IDLE, "60" }, /* balancers forget silent connections */
        { PG_SET_KEEPALIVES_INTERVAL, "10" },
        { PG_SET_KEEPALIVES_COUNT, "3" },
    };
    buffer settings = BUFFER(SETTINGS_MAX), place = BUFFER(SETTINGS_MAX);
    for (size_t i = 0; i < PG_SET_COUNT; i++)
        if (set[i])
            add(&settings, known[i], set[i]);
    for (size_t i = 0; i < COUNT_OF(defaults); i++)
        if (!set[defaults[i].which])
            add(&settings, known[defaults[i].which], defaults[i].value);
    add(&settings, "client_encoding", "UTF8");
    add(&settings, "options", ""); /* PGOPTIONS */
    const char *host = set[PG_SET_HOST] ? set[PG_SET_HOST] : set[PG_SET_HOSTADDR];
    buffer_text(&place, host ? host : "");
    buffer_byte(&place, ' ');
    buffer_text(&place, set[PG_SET_PORT] ? set[PG_SET_PORT] : "5432");
    u->settings = settings.bytes;
    u->place = place.bytes;
    if (settings.failed == CINEMA_TOO_LARGE || place.failed == CINEMA_TOO_LARGE)
        return invalid(err, "is too long");
    return settings.failed || place.failed ? fail_memory(err) : CINEMA_OK;
}

cinema_status pg_url_read(const char *url, pg_url *ret, cinema_error *err)
{
    char *set[PG_SET_COUNT] = { 0 };
    pg_url u = { .names = PG_NAMES_ASK };
    cinema_status s;

    if (!(s = split(url, set, &u, err)) && !(s = check(set, &u, err)) &&
        !(s = pg_tls_choose(set, &u, err))) {
        if (u.names == PG_NAMES_ASK && looks_pooled(set))
            u.names = PG_NAMES_OFF;
        s = compose(set, &u, err);
    }
    if (set[PG_SET_PASSWORD])
        explicit_bzero(set[PG_SET_PASSWORD], strlen(set[PG_SET_PASSWORD]));
    for (size_t i = 0; i < PG_SET_COUNT; i++)
        free(set[i]);
    if (s)
        pg_url_done(&u);
    else
        *ret = u;
    return s;
}

void pg_url_done(pg_url *u)
{
    if (u->settings)
        explicit_bzero(u->settings, strlen(u->settings));
    free(u->settings);
    free(u->place);
    *u = (pg_url){ 0 };
}
