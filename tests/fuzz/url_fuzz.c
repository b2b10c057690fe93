/* url_fuzz.c - addresses: those that requests go to and redirects lead to have one origin, which
 * libcurl, who connects, reads as we do; those of services come apart into parts that make the same
 * address again, and a host is called near only where its numbers are.
 * The input: two lines, an address and where it redirects to; the first is also that of a service.
 */
#include "fuzz/fuzz_help.h"

#include "base/buffer.h"
#include "base/url.h"
#include "port/web/web.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { ROOM = 4096 };

/* ---- the second reading ---------------------------------------------------------------------- */

typedef struct reading {
    char *scheme, *host, *port;
} reading;

static void forget(reading *r)
{
    curl_free(r->scheme);
    curl_free(r->host);
    curl_free(r->port);
    *r = (reading){ 0 };
}

/* As curl_easy_perform does it. False: it would not go there. */
static bool curl_reads(const char *base, const char *url, reading *ret, char whole[ROOM])
{
    const unsigned how = CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME;
    char *text = NULL;
    CURLU *u = curl_url();
    HOLDS(u);
    bool ok = (!base || !curl_url_set(u, CURLUPART_URL, base, how)) &&
              !curl_url_set(u, CURLUPART_URL, url, how) &&
              !curl_url_get(u, CURLUPART_SCHEME, &ret->scheme, 0) &&
              !curl_url_get(u, CURLUPART_HOST, &ret->host, 0) &&
              !curl_url_get(u, CURLUPART_PORT, &ret->port, CURLU_DEFAULT_PORT) &&
              !curl_url_get(u, CURLUPART_URL, &text, 0) && strlen(text) < ROOM;
    if (ok && whole)
        snprintf(whole, ROOM, "%s", text);
    curl_free(text);
    curl_url_cleanup(u);
    return ok;
}

static bool same(const reading *a, const reading *b)
{
    return !strcmp(a->scheme, b->scheme) && !strcasecmp(a->host, b->host) &&
           !strcmp(a->port, b->port);
}

/* ---- addresses of the web -------------------------------------------------------------------- */

static bool origin_of(const char *url, char origin[WEB_ORIGIN_MAX])
{
    cinema_error err;
    cinema_status s = web_origin(url, origin, &err);
    HOLDS(s == CINEMA_OK || (s == CINEMA_INVALID && !strcmp(err.reason, "bad_url")));
    return s == CINEMA_OK;
}

/* Two addresses of one origin are of one place to libcurl too: each is where its origin is. */
static void check_origin(const char *url)
{
    char origin[WEB_ORIGIN_MAX], again[WEB_ORIGIN_MAX], list[2 * WEB_ORIGIN_MAX];
    reading there = { 0 }, here = { 0 };
    if (!origin_of(url, origin))
        return;
    HOLDS(origin_of(origin, again) && !strcmp(origin, again));
    snprintf(list, sizeof list, "https://a.example,%s", origin);
    HOLDS(web_origin_listed(list, origin) && !web_origin_listed("https://", origin));
    if (curl_reads(NULL, url, &there, NULL))
        HOLDS(curl_reads(NULL, origin, &here, NULL) && same(&there, &here));
    forget(&there);
    forget(&here);
}

/* Where an answer leads is read by libcurl, then judged by us. */
static void check_redirect(const char *url, const char *location)
{
    char origin[WEB_ORIGIN_MAX], there[ROOM];
    reading r = { 0 };
    if (origin_of(url, origin) && curl_reads(url, location, &r, there))
        check_origin(there);
    forget(&r);
}

/* ---- addresses of services ------------------------------------------------------------------- */

static bool split(const char *text, url_parts *ret)
{
    cinema_error err;
    *ret = (url_parts){ .what = "the address" };
    cinema_status s = url_split(text, ret, &err);
    HOLDS(s == CINEMA_OK || (s == CINEMA_INVALID && *err.message && !ret->host && !ret->password));
    return s == CINEMA_OK;
}

static void add(buffer *to, const char *before, const char *part, const char *after)
{
    if (!part)
        return;
    buffer_text(to, before);
    for (; *part; part++)
        buffer_format(to, "%%%02X", (unsigned char)*part);
    buffer_text(to, after);
}

static bool equal(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static void check_again(const url_parts *u)
{
    CLEANUP(buffer_done) buffer b = BUFFER(8 * ROOM);
    url_parts v;
    bool six = u->host && *u->host != '/' && *u->host != '@' && strchr(u->host, ':');
    add(&b, "", u->user, u->password ? "" : "@");
    add(&b, ":", u->password, "@");
    add(&b, six ? "[" : "", u->host, six ? "]" : "");
    add(&b, ":", u->port, "");
    add(&b, "/", u->path, "");
    buffer_byte(&b, '?');
    buffer_text(&b, u->query);
    HOLDS(!b.failed && split(b.bytes, &v));
    HOLDS(equal(u->user, v.user) && equal(u->password, v.password) && equal(u->host, v.host));
    HOLDS(equal(u->port, v.port) && equal(u->path, v.path) && equal(u->query, v.query));
    url_done(&v);
}

/* Numbers are what the resolver makes of them: near is never where strangers are. */
static void check_near(const char *host)
{
    struct addrinfo want = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM }, *a = NULL;
    bool near = url_host_local(host) || url_host_private(host);
    if (near && !getaddrinfo(host, NULL, &want, &a))
        HOLDS(!web_address_public(a->ai_addr));
    if (a)
        freeaddrinfo(a);
}

/* libcurl writes numbers in a form of its own. */
static bool same_host(const char *ours, const char *theirs)
{
    struct in6_addr six[2];
    struct in_addr four[2];
    char a[ROOM], b[ROOM];
    snprintf(a, ROOM, "%.*s", (int)strcspn(ours, "%"), ours); /* without the zone */
    snprintf(b, ROOM, "%.*s", (int)strcspn(theirs + (*theirs == '['), "%]"),
             theirs + (*theirs == '['));
    if (inet_pton(AF_INET6, a, &six[0]) == 1)
        return inet_pton(AF_INET6, b, &six[1]) == 1 && !memcmp(&six[0], &six[1], sizeof *six);
    if (inet_aton(a, &four[0]))
        return inet_aton(b, &four[1]) && four[0].s_addr == four[1].s_addr;
    return !strcasecmp(a, b);
}

/* A host in an address, as it is given to libcurl (mail), is that host. */
static void check_host(const char *host)
{
    char url[ROOM];
    reading r = { 0 };
    check_near(host);
    if (*host == '/' || *host == '@') /* a socket: not for libcurl */
        return;
    const char *open = strchr(host, ':') ? "[" : "", *close = *open ? "]" : "";
    HOLDS(snprintf(url, ROOM, "smtp://%s%s%s:587/", open, host, close) < ROOM);
    if (curl_reads(NULL, url, &r, NULL))
        HOLDS(!strcmp(r.port, "587") && same_host(host, r.host));
    forget(&r);
}

static void check_query(const char *query)
{
    const char *end = query + strlen(query);
    url_parameter p;
    while (url_next(&query, &p)) {
        const char *stop = p.value ? p.value + p.value_length : p.name + p.name_length;
        HOLDS(stop == query && query <= end);
        HOLDS(!memchr(p.name, '=', p.name_length) && !memchr(p.name, '&', p.name_length));
    }
    HOLDS(!*(query + strspn(query, "&")));
}

static void check_service(const char *text)
{
    url_parts u;
    if (!split(text, &u))
        return;
    check_again(&u);
    check_query(u.query);
    if (u.host)
        check_host(u.host);
    url_done(&u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1000)
        return 0;
    char *text = fuzz_text(data, size), *rest = text;
    const char *url = fuzz_cut(&rest, "\n"), *scheme = strstr(url, "://");
    check_origin(url);
    if (rest)
        check_redirect(url, rest);
    check_service(scheme ? scheme + 3 : url);
    free(text);
    return 0;
}
