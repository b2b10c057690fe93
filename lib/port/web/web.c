/* web.c - the front of outgoing HTTP: URLs judged, hops followed, the driver found.
 */
#include "port/web/web.h"

#include "base/handle.h"
#include "base/module.h"
#include "base/place.h"

#include <assert.h>
#include <stdio.h>
#include <strings.h>

/* ---- URLs ------------------------------------------------------------------------------------ */

static cinema_status bad_url(cinema_error *err, const char *rule)
{
    return fail(err, CINEMA_INVALID, "bad_url", NULL, "an address of the web %s", rule);
}

cinema_status web_origin(const char *url, char origin[WEB_ORIGIN_MAX], cinema_error *err)
{
    place p;
    const char *rule = place_read(url, &p);
    if (rule)
        return bad_url(err, rule);
    unsigned long port = p.port ? strtoul(p.port, NULL, 10) : 0;
    int n = snprintf(origin, WEB_ORIGIN_MAX, "%s://%.*s", p.https ? "https" : "http",
                     (int)p.host_length, p.host);
    if (port && port != (p.https ? 443 : 80))
        snprintf(origin + n, (size_t)(WEB_ORIGIN_MAX - n), ":%lu", port);
    for (char *c = origin; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c | 0x20);
    return CINEMA_OK;
}

bool web_origin_listed(const char *list, const char *origin)
{
    size_t want = strlen(origin);
    for (const char *s = list; s && *s; s += *s != '\0') {
        size_t n = strcspn(s, " ,");
        if (n == want && !memcmp(s, origin, n))
            return true;
        s += n;
    }
    return false;
}

/* ---- the driver ------------------------------------------------------------------------------ */

/* In a static build the program names the driver by linking it. */
extern const web_driver cinema_web_driver __attribute__((weak));

static cinema_status driver(const web_driver **ret, cinema_error *err)
{
    static const char module[] = "cinema-curl.so";
    static _Atomic(const web_driver *) known;
    const web_driver *d = atomic_load(&known);
    if (!d)
        d = &cinema_web_driver;
    if (!d)
        d = module_symbol(module, WEB_DRIVER_SYMBOL);
    if (!d || d->abi != WEB_DRIVER_ABI)
        return fail(err, CINEMA_UNSUPPORTED, "no_driver", NULL,
                    "the driver %s is not installed beside this libcinema%s", module,
                    d ? " in the same version" : "");
    atomic_store(&known, d);
    *ret = d;
    return CINEMA_OK;
}

/* ---- fetching -------------------------------------------------------------------------------- */

static bool plain_line(const char *s)
{
    const char *start = s;
    for (; *s; s++)
        if (((unsigned char)*s < ' ' && *s != '\t') || *s == 0x7f)
            return false;
    return s - start <= WEB_HEADER_MAX;
}

static bool plain_name(const char *s)
{
    static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    return *s && strspn(s, token) == strlen(s) && strlen(s) < 64;
}

static cinema_status check_headers(const web_request *q, cinema_error *err)
{
    bool ok = q->header_count <= WEB_HEADERS_MAX;
    for (size_t i = 0; ok && i < q->header_count; i++)
        ok = plain_name(q->headers[i].name) && plain_line(q->headers[i].value);
    return ok ? CINEMA_OK
              : fail(err, CINEMA_INVALID, "bad_url", NULL, "a header to send is no good");
}

static bool may_connect(const struct sockaddr *address, void *exempt)
{
    return *(const bool *)exempt || web_address_public(address);
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static int64_t patience(const cinema *c, const web_request *q)
{
    int64_t own = q->timeout_ms > 0 ? q->timeout_ms : WEB_PATIENCE_MS;
    int64_t call = deadline_left_ms(call_deadline(c));
    return call < own ? call : own;
}

/* What was meant for one origin is not shown to another. */
static void drop_secrets(web_hop *h, cinema_pair kept[WEB_HEADERS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < h->header_count; i++)
        if (strcasecmp(h->headers[i].name, "Authorization") != 0 &&
            strcasecmp(h->headers[i].name, "Cookie") != 0)
            kept[n++] = h->headers[i];
    h->headers = kept;
    h->header_count = n;
}

static cinema_status one_hop(cinema *c, web_hop *h, int64_t until, arena *a, web_answer *ret,
                             cinema_error *err)
{
    char origin[WEB_ORIGIN_MAX];
    const web_driver *d = NULL;
    cinema_status s = web_origin(h->url, origin, err);
    if (s || (s = driver(&d, err)))
        return s;
    const char *allowed = config_text(c->config, "CINEMA_OUTGOING_ALLOW");
    bool exempt = allowed && (!strcmp(allowed, "*") || web_origin_listed(allowed, origin));
    if (!(h->timeout_ms = deadline_left_ms(until)))
        return fail(err, CINEMA_TIMEOUT, NULL, NULL, "there was no time left to ask %.100s",
                    origin);
    h->user = &exempt;
    s = d->hop(h, a, ret, err);
    log_line(c, CINEMA_LOG_DEBUG, "web: %s %s: %s %d", h->method, origin,
             cinema_status_describe(s)->word, s ? 0 : ret->status);
    return s;
}

/* On to where an answer leads; what is not to be followed is the answer. */
static cinema_status next_hop(web_hop *h, const web_answer *from, cinema_pair kept[WEB_HEADERS_MAX],
                              cinema_error *err)
{
    char here[WEB_ORIGIN_MAX], there[WEB_ORIGIN_MAX];
    cinema_status s = web_origin(h->url, here, err);
    if (s || (s = web_origin(from->location, there, err)))
        return s;
    if (!strncmp(here, "https:", 6) && strncmp(there, "https:", 6) != 0)
        return bad_url(err, "does not lead from https:// to http://");
    if (strcmp(here, there) != 0)
        drop_secrets(h, kept);
    h->url = from->location;
    return CINEMA_OK;
}

cinema_status web_fetch(cinema *c, const web_request *q, arena *a, web_answer *ret,
                        cinema_error *err)
{
    cinema_pair kept[WEB_HEADERS_MAX];
    web_hop h = { .url = q->url,
                  .method = q->method ? q->method
                            : q->body ? "POST"
                                      : "GET",
                  .headers = q->headers,
                  .header_count = q->header_count,
                  .body = q->body,
                  .body_length = q->body_length,
                  .max = q->max ? q->max : WEB_ANSWER_MAX,
                  .may_connect = may_connect };
    int64_t until = clock_monotonic_ms() + patience(c, q);
    unsigned left = strcmp(h.method, "GET") ? 0 : q->redirects;
    assert(!cinema__transactions_open && "no waiting inside a transaction");
    assert(q->redirects <= WEB_REDIRECTS_MAX);
    cinema_status s = handle_check(c, err);
    if (s || (s = check_headers(q, err)))
        return s;
    while (!(s = one_hop(c, &h, until, a, ret, err))) {
        if (!left || !is_redirect(ret->status) || !*ret->location)
            break;
        if ((s = next_hop(&h, ret, kept, err)))
            return s;
        left--;
    }
    if (!s && q->redirects && is_redirect(ret->status) && *ret->location)
        return fail(err, CINEMA_UNAVAILABLE, "too_many_redirects", NULL,
                    "it was sent from place to place too often");
    return s;
}
