/* head.c - the request headers that mean something here.
 */
#include "http/head.h"

#include <strings.h>

enum { LIST, ONCE, LONE };

static const struct known {
    const char *name;
    uint8_t length;
    char twice; /* LIST: the first counts; ONCE: refused; LONE: then none counts */
    size_t at;
} known[] = {
/* clang-format off */
#define KNOWN(name, twice, member) { name, sizeof name - 1, twice, offsetof(head, member) }
    /* clang-format on */
    KNOWN("authorization", ONCE, authorization),
    KNOWN("content-type", ONCE, content_type),
    KNOWN("content-encoding", ONCE, content_encoding),
    KNOWN("if-match", ONCE, if_match),
    KNOWN("if-none-match", LIST, if_none_match),
    KNOWN("accept-language", LIST, accept_language),
    KNOWN("accept-encoding", LIST, accept_encoding),
    KNOWN("user-agent", LIST, user_agent),
    KNOWN("idempotency-key", ONCE, idempotency_key),
    KNOWN("origin", LONE, origin),
    KNOWN("access-control-request-method", LIST, request_method),
    KNOWN("cookie", LONE, cookie),
    KNOWN("traceparent", LONE, traceparent),
};

static bool is_forwarding(const char *name, size_t n)
{
    static const char *const words[] = { "forwarded", "via", "x-real-ip" };
    if (n > 12 && !strncasecmp(name, "x-forwarded-", 12))
        return true;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (!strcasecmp(name, words[i]))
            return true;
    return false;
}

static void read_one(const cinema_http_header *h, head *ret)
{
    size_t n = strlen(h->name);
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (known[i].length != n || strcasecmp(known[i].name, h->name))
            continue;
        const char **at = (const char **)(void *)((char *)ret + known[i].at);
        if (*at && known[i].twice == LONE)
            *at = "";
        else if (*at)
            ret->repeated |= known[i].twice == ONCE;
        else
            *at = h->value + strspn(h->value, " \t");
        return;
    }
    ret->forwarded |= is_forwarding(h->name, n);
}

void head_read(const cinema_http_request *q, head *ret)
{
    *ret = (head){ 0 };
    for (size_t i = 0; i < q->header_count; i++)
        read_one(&q->headers[i], ret);
}

#define TOKEN_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/"

bool head_bearer(const char *authorization, const char **token)
{
    const char *s = authorization;
    if (strncasecmp(s, "Bearer", 6) || s[6] != ' ')
        return false;
    s += 6 + strspn(s + 6, " ");
    *token = s;
    s += strspn(s, TOKEN_CHARACTERS);
    return s > *token && !s[strspn(s, "=")];
}

static bool is_type(const char **s, const char *type)
{
    size_t n = strlen(type);
    if (strncasecmp(*s, type, n) || ((*s)[n] && !strchr(" \t;", (*s)[n])))
        return false;
    *s += n;
    return true;
}

static bool is_utf8(const char *s)
{
    s += strspn(s, " \t");
    if (!*s)
        return true;
    if (*s++ != ';')
        return false;
    s += strspn(s, " \t");
    if (!*s)
        return true;
    if (strncasecmp(s, "charset=", 8))
        return false;
    s += 8;
    size_t quote = *s == '"';
    s += quote;
    if (strncasecmp(s, "utf-8", 5) || (quote && s[5] != '"'))
        return false;
    s += 5 + quote;
    return !s[strspn(s, " \t;")];
}

bool head_is_json(const char *content_type, bool merge)
{
    const char *s = content_type;
    return (is_type(&s, "application/json") ||
            (merge && is_type(&s, "application/merge-patch+json"))) &&
           is_utf8(s);
}

bool head_is_type(const char *content_type, const char *types)
{
    size_t n = strcspn(content_type, " \t;");
    for (; *types; types += strspn(types, " ")) {
        size_t length = strcspn(types, " ");
        if (length == n && !strncasecmp(types, content_type, n))
            return true;
        types += length;
    }
    return false;
}

bool head_is_key(const char *idempotency_key)
{
    size_t n = 0;
    while (idempotency_key[n] > ' ' && idempotency_key[n] < 0x7F)
        n++;
    return n && n <= IDEMPOTENCY_KEY_MAX && !idempotency_key[n];
}

bool head_loopback(const char *address)
{
    if (!address)
        return false;
    if (!strncasecmp(address, "::ffff:", 7))
        address += 7;
    bool four = !address[strspn(address, "0123456789.")];
    return (four && !strncmp(address, "127.", 4)) || !strcmp(address, "::1");
}
