/* place.c - scheme, host and port of an address of the web.
 */
#include "base/place.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool plain_host(const char *s, size_t n)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    if (n > 2 && *s == '[' && s[n - 1] == ']')
        return strspn(s + 1, "0123456789abcdefABCDEF:.") == n - 2;
    return n && n < 256 && strspn(s, name) >= n && *s != '.' && *s != '-';
}

static bool plain_port(const char *s, size_t n)
{
    unsigned long port = strtoul(s, NULL, 10);
    return n && n <= 5 && strspn(s, "0123456789") >= n && port >= 1 && port <= 65535;
}

static const char *host_end(const char *s, const char *end)
{
    const char *bracket = *s == '[' ? memchr(s, ']', (size_t)(end - s)) : NULL;
    const char *from = bracket ? bracket : s;
    const char *colon = memchr(from, ':', (size_t)(end - from));
    return colon ? colon : end;
}

static void split(const char *url, place *ret)
{
    const char *host = url + (ret->https ? 8 : 7), *end = host + strcspn(host, "/?#");
    const char *colon = host_end(host, end);
    ret->host = host;
    ret->host_length = (size_t)(colon - host);
    ret->port = colon < end ? colon + 1 : NULL;
    ret->port_length = colon < end ? (size_t)(end - colon - 1) : 0;
    ret->rest = end;
}

const char *place_read(const char *url, place *ret)
{
    size_t n = url ? strnlen(url, PLACE_URL_MAX + 1) : 0;
    if (!n || n > PLACE_URL_MAX)
        return "has 1 to 2048 characters";
    for (const char *p = url; *p; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f || *p == '\\')
            return "has visible ASCII characters only";
    ret->https = !strncasecmp(url, "https://", 8);
    if (!ret->https && strncasecmp(url, "http://", 7) != 0)
        return "begins with https:// or http://";
    split(url, ret);
    if (memchr(ret->host, '@', (size_t)(ret->rest - ret->host)))
        return "names no user";
    if (!plain_host(ret->host, ret->host_length) ||
        (ret->port && !plain_port(ret->port, ret->port_length)))
        return "has a host and, where it needs one, a port";
    return NULL;
}
