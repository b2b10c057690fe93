/* fields.c - the complete head: split in place into method, target and fields, and judged. llhttp
 * has refused bad bytes; here each line has to be exactly what RFC 9112 makes of it, one space
 * between the parts of the request line, no folded fields, so that what is read is what was sent.
 */
#include "net.h"

#include <string.h>
#include <strings.h>

static const net_refusal *malformed(void)
{
    return NET_REFUSE(400, "malformed", "The request is not well-formed HTTP.");
}

static const net_refusal *bad_host(void)
{
    return NET_REFUSE(400, "bad_host", "A request needs one Host field with a host name.");
}

static const net_refusal *bad_length(void)
{
    return NET_REFUSE(400, "bad_framing", "The request does not say clearly how long its body is.");
}

/* --- the request line
 * ----------------------------------------------------------------------------- */
static const net_refusal *read_version(net_request *r, const char *text, size_t length)
{
    if (length != 8 || memcmp(text, "HTTP/", 5) != 0 || text[6] != '.')
        return malformed();
    if (text[5] != '1' || (text[7] != '0' && text[7] != '1'))
        return NET_REFUSE(505, "version_not_supported", "The server speaks HTTP/1.1 and HTTP/1.0.");
    r->http10 = text[7] == '0';
    return NULL;
}

static const net_refusal *read_line(net_request *r, char *at, char *end)
{
    char *target = memchr(at, ' ', (size_t)(end - at));
    char *version = target ? memchr(target + 1, ' ', (size_t)(end - target - 1)) : NULL;
    if (!version || target == at || version == target + 1)
        return malformed();
    *target++ = *version++ = '\0';
    r->method = at;
    r->target = target;
    r->head_only = !strcmp(at, "HEAD");
    if (version - target - 1 > NET_TARGET_MAX)
        return NET_REFUSE(414, "target_too_long",
                          "The request's target is longer than 8192 bytes.");
    return read_version(r, version, (size_t)(end - version));
}

/* --- fields: what framing and connection need to know of them
 * -------------------------------------- */
typedef struct seen {
    unsigned hosts, lengths, codings;
    const char *length, *coding, *expect;
    cinema_http_header *host;
} seen;

static bool valid_id(const char *id)
{
    static const char ok[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t n = strspn(id, ok);
    return n && n <= 64 && !id[n];
}

static bool is(const cinema_http_header *h, const char *name)
{
    return !strcasecmp(h->name, name);
}

static void note(net_request *r, cinema_http_header *h, size_t name_length, seen *s)
{
    if (name_length == 4 && is(h, "Host")) {
        s->hosts++;
        s->host = h;
    } else if (name_length == 14 && is(h, "Content-Length")) {
        s->lengths++;
        s->length = h->value;
    } else if (name_length == 17 && is(h, "Transfer-Encoding")) {
        s->codings++;
        s->coding = h->value;
    } else if (name_length == 6 && is(h, "Expect")) {
        s->expect = h->value;
    } else if (name_length == 12 && is(h, "X-Request-Id") && valid_id(h->value)) {
        r->request_id = h->value;
    }
}

/* One line from `at` to the CR at `end`: name, colon, value between optional blanks. */
static const net_refusal *read_field(net_request *r, char *at, char *end, seen *s)
{
    char *colon = memchr(at, ':', (size_t)(end - at));
    if (*at == ' ' || *at == '\t' || !colon || colon == at)
        return malformed(); /* folded, or no field at all */
    if (r->header_count == NET_FIELDS_MAX)
        return NET_REFUSE(431, "headers_too_large", "The request has more than 100 header fields.");
    char *value = colon + 1;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *colon = *end = '\0';
    cinema_http_header *h = &r->headers[r->header_count++];
    *h = (cinema_http_header){ at, value };
    note(r, h, (size_t)(colon - at), s);
    return NULL;
}

/* Each line ends in CR LF and the next begins there; the empty one is the head's end. */
static const net_refusal *read_lines(net_request *r, seen *s)
{
    char *at = r->head, *stop = r->head + r->head_used;
    if (r->head_used > 2 && at[0] == '\r' && at[1] == '\n')
        at += 2; /* an empty line before a request is forgiven (RFC 9112, 2.2) */
    char *end = memchr(at, '\r', (size_t)(stop - at));
    const net_refusal *why = end && *at != '\n' ? read_line(r, at, end) : malformed();
    if (why)
        return why;
    if (stop - end > NET_HEAD_MAX + 4)
        return NET_REFUSE(431, "headers_too_large", "The header fields exceed 32768 bytes.");
    for (;;) {
        if (stop - end < 4 || end[1] != '\n')
            return malformed();
        at = end + 2;
        if (*at == '\r')
            return at + 2 == stop && at[1] == '\n' ? NULL : malformed();
        if (!(end = memchr(at, '\r', (size_t)(stop - at))))
            return malformed();
        if ((why = read_field(r, at, end, s)))
            return why;
    }
}

/* --- what the fields say
 * --------------------------------------------------------------------------- */
static bool host_ok(const char *h)
{
    static const char name[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    size_t n;
    if (*h == '[') {
        n = 1 + strspn(h + 1, "0123456789ABCDEFabcdef:.");
        if (n < 3 || h[n++] != ']')
            return false;
    } else if (!(n = strspn(h, name)) || n > 255) {
        return false;
    }
    if (!h[n])
        return true;
    size_t digits = h[n] == ':' ? strspn(h + n + 1, "0123456789") : 6;
    return digits <= 5 && !h[n + 1 + digits];
}

/* A body's length is told by one Content-Length of digits, or by one coding: chunked. */
static const net_refusal *judge_framing(net_request *r, const seen *s)
{
    if (s->lengths + s->codings > 1 || (s->codings && r->http10))
        return bad_length();
    if (s->codings) {
        r->chunked = !strcasecmp(s->coding, "chunked");
        if (r->chunked)
            return NULL;
        return r->parser.flags & F_CHUNKED
                   ? NET_REFUSE(501, "unsupported", "The only transfer coding here is chunked.")
                   : bad_length();
    }
    if (!s->lengths)
        return NULL;
    size_t n = strspn(s->length, "0123456789");
    if (!n || s->length[n] || r->parser.content_length > SIZE_MAX / 2)
        return bad_length();
    r->content_length = (size_t)r->parser.content_length;
    return NULL;
}

static const net_refusal *judge_expect(net_request *r, const seen *s)
{
    if (!s->expect || r->http10)
        return NULL;
    if (strcasecmp(s->expect, "100-continue") != 0)
        return NET_REFUSE(417, "expectation_failed", "The only expectation here is 100-continue.");
    r->expects = true;
    return NULL;
}

/* "http://host/path" is taken as "/path" on that host, which stands above the Host field. It moves
 * back over its scheme, so that both it and the path can end in NUL. */
static const net_refusal *read_absolute(net_request *r, const seen *s, size_t scheme)
{
    size_t start = (size_t)(r->target - r->head);
    char *host = r->head + start + scheme;
    size_t n = strcspn(host, "/?");
    bool path = host[n] == '/', query = host[n] == '?';
    char *to = host - 2;
    memmove(to, host, n);
    to[n] = '\0';
    if (!host_ok(to))
        return bad_host();
    if (!path)
        host[n - 1] = '/';
    if (!path && !query)
        host[n] = '\0';
    r->target = path ? host + n : host + n - 1;
    if (!path && !query && !strcmp(r->method, "OPTIONS"))
        r->target = "*";
    if (s->host)
        s->host->value = to;
    return NULL;
}

static const net_refusal *judge_target(net_request *r, const seen *s)
{
    const char *t = r->target;
    if (!strcmp(r->method, "CONNECT"))
        return NET_REFUSE(501, "unsupported", "This server is no proxy.");
    if (strchr(t, '#'))
        return malformed();
    if (*t == '/' || (!strcmp(t, "*") && !strcmp(r->method, "OPTIONS")))
        return NULL;
    if (!strncasecmp(t, "http://", 7))
        return read_absolute(r, s, 7);
    if (!strncasecmp(t, "https://", 8))
        return read_absolute(r, s, 8);
    return malformed();
}

const net_refusal *net_fields_read(net_request *r)
{
    seen s = { 0 };
    const net_refusal *why = read_lines(r, &s);
    if (why)
        return why;
    if (s.hosts > 1 || (!s.hosts && !r->http10) || (s.hosts && !host_ok(s.host->value)))
        return bad_host();
    if ((why = judge_framing(r, &s)) || (why = judge_expect(r, &s)))
        return why;
    return judge_target(r, &s);
}
