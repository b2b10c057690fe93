/* url.c - addresses of services as consoles print them.
 */
#include "base/url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

cinema_status url_invalid(const char *what, const char *rule, cinema_error *err)
{
    return fail(err, CINEMA_INVALID, NULL, NULL, "%s %s", what, rule);
}

/* ---- parts ----------------------------------------------------------------------------------- */

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
        return (c | 0x20) - 'a' + 10;
    return -1;
}

cinema_status url_decode(const char *what, const char *s, size_t n, char **ret, cinema_error *err)
{
    char *text = malloc(n + 1), *to = text;
    if (!text)
        return fail_memory(err);
    for (const char *end = s + n; s < end; s++) {
        int byte = (unsigned char)*s;
        if (byte == '%') {
            int high = end - s > 2 ? digit(s[1]) : -1;
            int low = high < 0 ? -1 : digit(s[2]);
            if (low < 0 || high + low == 0) {
                free(text);
                return url_invalid(
                    what, "has a % without two hexadecimal digits after it (write %25)", err);
            }
            byte = high * 16 + low;
            s += 2;
        }
        *to++ = (char)byte;
    }
    *to = '\0';
    free(*ret);
    *ret = text;
    return CINEMA_OK;
}

/* user:password. Consoles leave `@` in passwords as it is, so the last one ended this. */
static cinema_status read_user(const char *s, size_t n, url_parts *u, cinema_error *err)
{
    const char *colon = memchr(s, ':', n);
    size_t user = colon ? (size_t)(colon - s) : n;
    cinema_status status = user ? url_decode(u->what, s, user, &u->user, err) : CINEMA_OK;
    return status || !colon ? status
                            : url_decode(u->what, colon + 1, n - user - 1, &u->password, err);
}

static bool plain(const char *s, const char * not )
{
    for (; *s; s++)
        if ((unsigned char)*s <= ' ' || *s == 0x7f || strchr(not, *s))
            return false;
    return true;
}

/* With or without a zone: fe80::1%eth0. */
static bool is_v6(const char *s)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr v6;
    size_t n = strcspn(s, "%");
    snprintf(address, sizeof address, "%.*s", (int)n, s);
    return n < sizeof address && inet_pton(AF_INET6, address, &v6) == 1 &&
           plain(s + n, ":/?#@[]\\<>\"");
}

/* Whoever connects must not read another host into it, where it is put into an address again. */
static cinema_status check_host(const url_parts *u, bool six, cinema_error *err)
{
    if (six)
        return is_v6(u->host)
                   ? CINEMA_OK
                   : url_invalid(u->what, "has something in its [ ] that is no IPv6 address", err);
    if (*u->host == '/' || *u->host == '@') /* a socket */
        return CINEMA_OK;
    return plain(u->host, ":/?#@[]\\%<>\"")
               ? CINEMA_OK
               : url_invalid(u->what, "has a host with a sign in it that no name has", err);
}

/* host:port, [::1]:port, or nothing. */
static cinema_status read_host(const char *s, size_t n, url_parts *u, cinema_error *err)
{
    const char *end = s + n, *host_end;
    if (memchr(s, ',', n))
        return url_invalid(u->what, "names several hosts: give one", err);
    if (n && *s == '[') {
        s++;
        host_end = memchr(s, ']', (size_t)(end - s));
        if (!host_end || host_end == s)
            return url_invalid(u->what, "has a [ without an IPv6 address and a ] after it", err);
    } else {
        host_end = memchr(s, ':', n);
        host_end = host_end ? host_end : end;
    }
    const char *rest = host_end < end && *host_end == ']' ? host_end + 1 : host_end;
    cinema_status status = CINEMA_OK;
    if (host_end > s && !(status = url_decode(u->what, s, (size_t)(host_end - s), &u->host, err)))
        status = check_host(u, rest > host_end, err);
    if (status || rest == end)
        return status;
    if (*rest != ':')
        return url_invalid(u->what, "has something after the ] of its address that is no port",
                           err);
    return rest + 1 < end ? url_decode(u->what, rest + 1, (size_t)(end - rest - 1), &u->port, err)
                          : CINEMA_OK;
}

static cinema_status split(const char *s, url_parts *u, cinema_error *err)
{
    for (const char *p = s; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f)
            return url_invalid(u->what, "has a space or a control character in it", err);
    const char *end = s + strcspn(s, "/?");
    const char *at = memrchr(s, '@', (size_t)(end - s)), *host = at ? at + 1 : s;
    cinema_status status = at ? read_user(s, (size_t)(at - s), u, err) : CINEMA_OK;
    if (status || (status = read_host(host, (size_t)(end - host), u, err)))
        return status;
    if (*end == '/') {
        size_t n = strcspn(++end, "?");
        if (memchr(end, '@', n) || memchr(end, '/', n))
            return url_invalid(
                u->what, "has a password or a name that holds / ? or @ (write %2F %3F %40)", err);
        if (n && (status = url_decode(u->what, end, n, &u->path, err)))
            return status;
        end += n;
    }
    u->query = *end ? end + 1 : end;
    return CINEMA_OK;
}

cinema_status url_split(const char *rest, url_parts *ret, cinema_error *err)
{
    url_parts u = { .what = ret->what };
    cinema_status s = split(rest, &u, err);
    if (s)
        url_done(&u);
    else
        *ret = u;
    return s;
}

void url_done(url_parts *u)
{
    if (u->password)
        explicit_bzero(u->password, strlen(u->password));
    free(u->user);
    free(u->password);
    free(u->host);
    free(u->port);
    free(u->path);
    *u = (url_parts){ .what = u->what };
}

/* ---- parameters ------------------------------------------------------------------------------ */

bool url_next(const char **query, url_parameter *ret)
{
    const char *s = *query + strspn(*query, "&");
    size_t n = strcspn(s, "&");
    const char *equals = memchr(s, '=', n);
    if (!n)
        return false;
    *ret = (url_parameter){ .name = s, .name_length = equals ? (size_t)(equals - s) : n };
    if (equals) {
        ret->value = equals + 1;
        ret->value_length = n - ret->name_length - 1;
    }
    *query = s + n;
    return true;
}

bool url_is(const url_parameter *p, const char *name)
{
    return strlen(name) == p->name_length && !memcmp(p->name, name, p->name_length);
}

/* ---- hosts ----------------------------------------------------------------------------------- */

static bool ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && !strcasecmp(s + n - m, end);
}

bool url_host_local(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (!host || !*host || *host == '/' || *host == '@')
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, host, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return !strcasecmp(host, "localhost") || ends_in(host, ".localhost");
}

static bool is_private_v4(uint32_t a)
{
    static const struct {
        uint32_t net;
        int bits;
    } nets[] = { { 0x0A000000, 8 },
                 { 0xAC100000, 12 },
                 { 0xC0A80000, 16 },
                 { 0x64400000, 10 },
                 { 0xA9FE0000, 16 } };
    for (size_t i = 0; i < COUNT_OF(nets); i++)
        if (a >> (32 - nets[i].bits) == nets[i].net >> (32 - nets[i].bits))
            return true;
    return false;
}

/* Networks that strangers are not on: there, and only there, plain text may be asked for. */
bool url_host_private(const char *host)
{
    static const char *const ends[] = { ".internal", ".local", ".lan",      ".svc",
                                        ".flycast",  ".test",  ".home.arpa" };
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_aton(host, &v4)) /* in all forms that resolvers know, such as 134744072 */
        return is_private_v4(ntohl(v4.s_addr));
    if (inet_pton(AF_INET6, host, &v6) == 1)
        return (v6.s6_addr[0] & 0xfe) == 0xfc || IN6_IS_ADDR_LINKLOCAL(&v6);
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (ends_in(host, ends[i]))
            return true;
    return !strchr(host, '.') && !strchr(host, ':'); /* `db` of a compose file */
}
