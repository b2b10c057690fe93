/* reply.c - a response in the making: headers, body, problem documents.
 */
#include "http/reply.h"

#include "base/text.h"
#include "call/result.h"
#include "http/counters.h"

#include <stdio.h>

enum { PROBLEM_MAX = 16384 };

#define CSP "default-src 'none'; frame-ancestors 'none'"
#define CSP_PAGE CSP "; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

#define VARY "Authorization, Accept-Language, Accept-Encoding"

/* On every response, the first one with its id. */
static const cinema_http_header always[] = {
    { "X-Request-Id", NULL },
    { "Content-Security-Policy", CSP },
    { "Vary", VARY },
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
};
enum { ID_HEADER = 0, CSP_HEADER = 1, VARY_HEADER = 2 };

static bool good_id(const char *s)
{
    size_t n = 0;
    if (!s)
        return false;
    for (; n <= 64 && s[n]; n++)
        if (!(s[n] >= '0' && s[n] <= '9') && !((s[n] | 0x20) >= 'a' && (s[n] | 0x20) <= 'z') &&
            s[n] != '.' && s[n] != '_' && s[n] != '-')
            return false;
    return n && n <= 64;
}

reply *reply_new(cinema *c, const char *request_id, size_t room)
{
    reply *p = malloc(sizeof *p + room);
    if (!p)
        return NULL;
    p->response = (cinema_http_response){ .headers = p->headers,
                                          .operation = "",
                                          .request_id = p->request_id,
                                          .code = p->code,
                                          .address = "",
                                          .trace_id = p->trace_id };
    p->body = p->location = p->cookie = NULL;
    p->stream = (cinema_stream){ 0 };
    *p->code = *p->tag = *p->place = *p->trace_id = *p->retry = '\0';
    if (good_id(request_id))
        text_copy(p->request_id, sizeof p->request_id, request_id);
    else
        counters_request_id(c->http, p->request_id);
    memcpy(p->headers, always, sizeof always);
    p->response.header_count = COUNT_OF(always);
    p->headers[ID_HEADER].value = p->request_id;
    return p;
}

void reply_header(reply *p, const char *name, const char *value)
{
    if (p->response.header_count < REPLY_HEADERS)
        p->headers[p->response.header_count++] = (cinema_http_header){ name, value };
}

void reply_body(reply *p, buffer *b, const char *content_type)
{
    if (!strncmp(content_type, "text/html", 9))
        p->headers[CSP_HEADER].value = CSP_PAGE;
    free(p->body);
    p->body = b->bytes;
    p->response.body = b->bytes;
    p->response.body_length = b->length;
    *b = (buffer){ .max = b->max };
    reply_header(p, "Content-Type", content_type);
}

void reply_gzip(reply *p, char *packed, size_t length)
{
    free(p->body);
    p->body = packed;
    p->response.body = packed;
    p->response.body_length = length;
    reply_header(p, "Content-Encoding", "gzip");
}

void reply_varies_by_origin(reply *p)
{
    p->headers[VARY_HEADER].value = VARY ", Origin";
}

void reply_trace(reply *p, cinema *c, const char *traceparent)
{
    char flags[3], span[REQUEST_ID_TEXT];
    if (!trace_read(traceparent, p->trace_id, flags))
        return;
    counters_request_id(c->http, span);
    snprintf(p->trace, sizeof p->trace, "00-%s-%.*s-%s", p->trace_id, SPAN_ID, span, flags);
    reply_header(p, "traceresponse", p->trace);
}

void reply_retry_after(reply *p, int64_t seconds)
{
    snprintf(p->retry, sizeof p->retry, "%lld", (long long)(seconds > 0 ? seconds : 1));
}

/* "requests";q=1200;w=60, without printf: it is on every answer. */
static void limit_text(char text[LIMIT_TEXT], const char *policy, const char *first, int64_t a,
                       const char *second, int64_t b)
{
    size_t n = strnlen(policy, POLICY_MAX);
    *text++ = '"';
    memcpy(text, policy, n);
    memcpy(text + n, first, 5);
    text = number_text(a, text + n + 4);
    memcpy(text, second, 4);
    number_text(b, text + 3);
}

void reply_limit(reply *p, const limit_verdict *v)
{
    limit_text(p->policy, v->policy, "\";q=", v->quota, ";w=", v->window_s);
    limit_text(p->limit, v->policy, "\";r=", v->remaining, ";t=", v->reset_s);
    reply_header(p, "RateLimit-Policy", p->policy);
    reply_header(p, "RateLimit", p->limit);
}

void reply_stream(reply *p, cinema_result *r, const char *content_type)
{
    p->stream = r->stream;
    p->stream_done = r->stream_done;
    r->stream.read = NULL;
    p->response.stream = &p->stream;
    p->response.stream_length = r->stream_length;
    reply_header(p, "Content-Type", content_type);
}

void reply_redirect(reply *p, cinema_result *r)
{
    if (r->location && !r->status)
        reply_header(p, "Location", p->location = r->location);
    if (r->cookie)
        reply_header(p, "Set-Cookie", p->cookie = r->cookie);
    if (p->location)
        r->location = NULL;
    r->cookie = NULL;
}

static void drop_stream(reply *p)
{
    if (p->stream.read && p->stream_done)
        p->stream_done(p->stream.user);
    p->stream.read = NULL;
    p->response.stream = NULL;
}

void reply_without_body(reply *p)
{
    cinema_http_response *r = &p->response;
    r->head_length = r->body_length;
    r->body_length = 0;
    r->body = NULL;
    drop_stream(p);
}

static bool unreserved(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           (c && strchr("-._~", c));
}

void reply_place(reply *p, const char *name, const char *base, const char *value)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t n = strlen(base);
    if (n + 3 * strlen(value) >= sizeof p->place)
        return;
    memcpy(p->place, base, n);
    for (; *value; value++) {
        if (!unreserved(*value)) {
            p->place[n++] = '%';
            p->place[n++] = digits[(unsigned char)*value >> 4];
            p->place[n++] = digits[*value & 15];
        } else {
            p->place[n++] = *value;
        }
    }
    p->place[n] = '\0';
    reply_header(p, name, p->place);
}

/* ---- problem documents ----------------------------------------------------------------------- */

const char *problem_title(int http)
{
    static const struct title {
        int http;
        const char *title;
    } others[] = {
        { 405, "Method not allowed" }, { 408, "Request took too long" },
        { 414, "Target too long" },    { 415, "Unsupported media type" },
        { 417, "Expectation failed" }, { 426, "Upgrade required" },
        { 431, "Headers too large" },  { 505, "HTTP version not supported" },
    };
    for (int i = 1; i < CINEMA_STATUS_COUNT; i++)
        if (cinema_status_describe(i)->http == http)
            return cinema_status_describe(i)->title;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (others[i].http == http)
            return others[i].title;
    return http < 500 ? "Request refused" : "Server error";
}

static void member(buffer *b, const char *name, const char *value)
{
    buffer_text(b, name);
    json_quoted(b, value, strlen(value));
}

static void write_problem(buffer *b, const reply *p, const refusal *why)
{
    char type[80] = "urn:cinema:problem:";
    text_copy(type + strlen(type), sizeof type - strlen(type), p->code);
    member(b, "{\"type\":", type);
    member(b, ",\"title\":", problem_title(why->http));
    buffer_text(b, ",\"status\":");
    buffer_number(b, why->http);
    member(b, ",\"detail\":", why->detail);
    member(b, ",\"code\":", p->code);
    member(b, ",\"request_id\":", p->request_id);
    if (*p->trace_id)
        member(b, ",\"trace_id\":", p->trace_id);
    if (why->rule) {
        member(b, ",\"errors\":[{\"field\":\"\",\"rule\":", why->rule);
        member(b, ",\"message\":", why->detail);
        buffer_text(b, "}]");
    }
    buffer_byte(b, '}');
}

cinema_status reply_problem(reply *p, const refusal *why)
{
    buffer b = BUFFER(PROBLEM_MAX);
    p->response.status = why->http;
    text_copy(p->code, sizeof p->code, why->code);
    write_problem(&b, p, why);
    if (b.failed) {
        buffer_done(&b);
        return CINEMA_NO_MEMORY;
    }
    reply_body(p, &b, "application/problem+json");
    reply_header(p, "Cache-Control", "no-store");
    return CINEMA_OK;
}

void reply_advice(reply *p, bool token)
{
    int status = p->response.status;
    if (status == 401)
        reply_header(p, "WWW-Authenticate", token ? "Bearer error=\"invalid_token\"" : "Bearer");
    else if (status == 429 || status == 503)
        reply_header(p, "Retry-After", *p->retry ? p->retry : "1");
}

void cinema_http_response_free(cinema_http_response *r)
{
    reply *p = (reply *)(void *)r;
    if (!p)
        return;
    drop_stream(p);
    free(p->body);
    free(p->location);
    free(p->cookie);
    free(p);
}

cinema_status cinema_http_problem(cinema *c, int status, const char *code, const char *detail,
                                  const char *request_id, cinema_http_response **ret,
                                  cinema_error *err)
{
    const refusal why = { status, code, NULL, detail };
    cinema_status s = handle_check(c, err);
    if (s)
        return s;
    reply *p = reply_new(c, request_id, 0);
    if (!p || reply_problem(p, &why)) {
        cinema_http_response_free(p ? &p->response : NULL);
        return fail_memory(err);
    }
    reply_advice(p, false);
    *ret = &p->response;
    return CINEMA_OK;
}
