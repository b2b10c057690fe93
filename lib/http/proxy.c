/* proxy.c - whose request it is when proxies stand between.
 * Each proxy adds the address that it sees at the right end of X-Forwarded-For. What stands left of
 * an address that is not trusted was written by nobody we know, and is never looked at.
 */
#include "http/proxy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HOPS_MAX = 32 };

proxies *proxies_new(const char *setting)
{
    const char *s = setting ? setting : "";
    proxies *p = calloc(1, sizeof *p + (strlen(s) / 2 + 1) * sizeof p->items[0]);
    for (size_t n; p && *s; s += n + (s[n] != '\0')) {
        n = strcspn(s, " ,");
        p->count += n && network_parse(s, n, &p->items[p->count]);
    }
    return p;
}

bool proxies_hold(const proxies *p, const address *a)
{
    for (size_t i = 0; i < p->count; i++)
        if (network_holds(&p->items[i], a))
            return true;
    return false;
}

/* ---- X-Forwarded-For, from the right --------------------------------------------------------- */

/* Where reading stands: a field of the request, and what of its value is still unread. */
typedef struct hops {
    const cinema_http_request *request;
    size_t field; /* those below are unread; the value is of this one */
    const char *value;
    size_t length; /* 0: the next field */
} hops;

static bool next_field(hops *h)
{
    while (h->field > 0) {
        const cinema_http_header *f = &h->request->headers[--h->field];
        if (strcasecmp(f->name, "x-forwarded-for"))
            continue;
        h->value = f->value;
        h->length = strlen(f->value);
        return true;
    }
    return false;
}

/* The last element that is unread, without the white space around it. */
static const char *next_element(hops *h, size_t *n)
{
    const char *start = h->value + h->length, *end = start;
    while (start > h->value && start[-1] != ',')
        start--;
    h->length = start > h->value ? (size_t)(start - h->value) - 1 : 0;
    while (start < end && (*start == ' ' || *start == '\t'))
        start++;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *n = (size_t)(end - start);
    return start;
}

/* Some proxies write the port too: 192.0.2.7:4711, [2001:db8::7]:4711. */
static bool read_hop(const char *s, size_t n, address *ret)
{
    const char *colon = memchr(s, ':', n);
    const char *close = *s == '[' ? memchr(s, ']', n) : NULL;
    if (close)
        return address_parse(s + 1, (size_t)(close - s) - 1, ret);
    if (colon && !memchr(colon + 1, ':', n - (size_t)(colon + 1 - s)))
        n = (size_t)(colon - s);
    return address_parse(s, n, ret);
}

static bool next_hop(hops *h, address *ret)
{
    size_t n = 0;
    while (h->length || next_field(h)) {
        const char *s = next_element(h, &n);
        if (n)
            return read_hop(s, n, ret);
    }
    return false;
}

const char *proxies_client(const proxies *p, const cinema_http_request *q, char text[ADDRESS_TEXT])
{
    hops h = { .request = q, .field = q->header_count };
    address now, next;
    if (!p->count || !q->address || !address_parse(q->address, strlen(q->address), &now))
        return q->address;
    for (int i = 0; i < HOPS_MAX && proxies_hold(p, &now) && next_hop(&h, &next); i++)
        now = next;
    address_text(&now, text);
    return text;
}
