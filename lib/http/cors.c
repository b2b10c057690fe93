/* cors.c - which web pages of other origins may read answers. There are no cookies, so none are
 * allowed: a page sends the token that it has been given.
 */
#include "http/cors.h"

#define REQUEST_HEADERS                                                                            \
    "Authorization, Content-Type, Accept-Language, If-Match, If-None-Match, Idempotency-Key, "     \
    "X-Request-Id, traceparent, tracestate"
#define ANSWER_HEADERS                                                                             \
    "ETag, Location, Content-Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, "   \
    "traceresponse, WWW-Authenticate, Allow, Idempotent-Replayed"

static bool any(const char *origins)
{
    return !strcmp(origins, "*");
}

static bool listed(const char *origins, const char *origin)
{
    size_t length = strlen(origin);
    while (*origins) {
        size_t n = strcspn(origins, " ,");
        if (n && n == length && !memcmp(origins, origin, n))
            return true;
        origins += n + (origins[n] != '\0');
    }
    return false;
}

static void allow_request(reply *p, const char *allow)
{
    reply_header(p, "Access-Control-Allow-Methods", allow);
    reply_header(p, "Access-Control-Allow-Headers", REQUEST_HEADERS);
    reply_header(p, "Access-Control-Max-Age", "7200");
}

void cors_say(reply *p, const head *h, const char *origins, const char *allow)
{
    if (!origins)
        return;
    if (!any(origins))
        reply_varies_by_origin(p);
    if (!h->origin || (!any(origins) && !listed(origins, h->origin)))
        return;
    if (any(origins))
        reply_header(p, "Access-Control-Allow-Origin", "*");
    else if (text_copy(p->origin, sizeof p->origin, h->origin))
        reply_header(p, "Access-Control-Allow-Origin", p->origin);
    if (allow && h->request_method)
        allow_request(p, allow);
    else
        reply_header(p, "Access-Control-Expose-Headers", ANSWER_HEADERS);
}
