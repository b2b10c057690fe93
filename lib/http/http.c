/* http.c - the HTTP door: one function from request to response.
 * It knows operations and their rows, and nothing of what they are about. The order is that of RFC
 * 9110: target, method, who asks, body, then preconditions, which the operation judges itself.
 */
#include "call/result.h"
#include "call/tag.h"
#include "http/conditional.h"
#include "http/cors.h"
#include "http/counters.h"
#include "http/gzip.h"

#include <sodium.h>
#include <strings.h>

enum { BODY_MAX_BARE = 1024, ANSWER_MAX = 256 << 20, ANSWER_FIRST = 1500 };

/* One request under way. */
typedef struct exchange {
    cinema *c;
    const cinema_http_request *request;
    reply *reply;
    head head;
    const node *node;
    const route *route;       /* NULL until one is found */
    const char *address;      /* the client's */
    const char *token, *rest; /* rest: the target behind its path */
    char *room;
    request_path path;
    op_input in;
    char revision[REVISION_TEXT];
    size_t body_at; /* of a STREAM body that is in memory: where reading stands */
    cinema_stream memory;
} exchange;

/* ---- what may not pass ----------------------------------------------------------------------- */

#define REFUSAL(name, http, code, rule, detail)                                                    \
    static const refusal name = { http, code, rule, detail }

REFUSAL(too_long, 414, "target_too_long", NULL, "the request target is too long");
REFUSAL(nothing_here, 404, "not_found", NULL, "there is nothing at this path");
REFUSAL(other_method, 405, "method_not_allowed", NULL, "this path has other methods: see Allow");
REFUSAL(twice, 400, "invalid", "repeated_header", "a header that may stand once stands twice");
REFUSAL(bad_bearer, 401, "not_signed_in", NULL, "Authorization must be: Bearer <token>");
REFUSAL(here_only, 403, "forbidden", NULL, "this is for the machine itself, or for a token");
REFUSAL(no_token, 401, "not_signed_in", NULL, "this needs its own token");
REFUSAL(bad_key, 400, "invalid", "idempotency_key",
        "Idempotency-Key must be 1 to 255 visible characters");
REFUSAL(no_body, 400, "invalid", "no_body", "this takes no body");
REFUSAL(coded, 415, "unsupported_media_type", NULL, "send the body without Content-Encoding");
REFUSAL(not_json, 415, "unsupported_media_type", NULL, "send the body as application/json");
REFUSAL(other_type, 415, "unsupported_media_type", NULL, "this takes no body of that Content-Type");
REFUSAL(body_too_large, 413, "too_large", NULL, "the body is larger than this takes");
REFUSAL(stale, 412, "stale", NULL, "this has no version that If-Match could name");
REFUSAL(limited, 429, "limited", NULL, "too many requests: Retry-After says when to come again");
REFUSAL(no_create_only, 501, "unsupported", NULL, "If-None-Match is for GET and HEAD");
REFUSAL(broken, 500, "internal", NULL, "the answer could not be written");

static bool is_read(const exchange *x)
{
    return !strcmp(x->route->op->method, "GET");
}

static const refusal *judge_target(exchange *x)
{
    const refusal *r;
    if (strlen(x->request->target) > TARGET_MAX)
        return &too_long;
    if ((r = target_path(x->request->target, &x->room, &x->path, &x->rest)))
        return r;
    x->node = router_find(&x->path);
    if (!x->node)
        return &nothing_here;
    if (!strcmp(x->request->method, "OPTIONS"))
        return NULL;
    x->route = router_method(x->node, x->request->method);
    return x->route ? NULL : &other_method;
}

static bool same(const char *a, const char *b)
{
    unsigned char x[32], y[32];
    crypto_generichash(x, sizeof x, (const unsigned char *)a, strlen(a), NULL, 0);
    crypto_generichash(y, sizeof y, (const unsigned char *)b, strlen(b), NULL, 0);
    return !sodium_memcmp(x, y, sizeof x);
}

/* The token of such an operation is its own, and no sign-in. */
static const refusal *judge_loopback(exchange *x)
{
    const char *own = config_text(x->c->config, "CINEMA_METRICS_TOKEN");
    const char *token = x->token;
    x->token = NULL;
    if (head_loopback(x->request->address) && !x->head.forwarded)
        return NULL;
    if (!own)
        return &here_only;
    return token && same(token, own) ? NULL : &no_token;
}

static const refusal *judge_caller(exchange *x)
{
    if (x->head.repeated)
        return &twice;
    if (x->head.authorization && !head_bearer(x->head.authorization, &x->token))
        return &bad_bearer;
    if (x->head.idempotency_key && x->route->op->flags & IDEMPOTENT &&
        !head_is_key(x->head.idempotency_key))
        return &bad_key;
    return x->route->op->flags & LOOPBACK ? judge_loopback(x) : NULL;
}

static size_t body_max(cinema *c, const route *r)
{
    size_t max = atomic_load_explicit(&c->http->body_max, memory_order_relaxed);
    if (!r->takes_body || r->op->body_max)
        return r->op->body_max;
    if (!r->op->input)
        return BODY_MAX_BARE;
    if (!max) {
        max = (size_t)config_number(c->config, "CINEMA_BODY_MAX");
        atomic_store_explicit(&c->http->body_max, max, memory_order_relaxed);
    }
    return max;
}

static bool is_identity(const char *coding)
{
    return !coding || !*coding || !strcasecmp(coding, "identity");
}

static int64_t read_memory(void *bytes, size_t room, void *user)
{
    exchange *x = user;
    size_t left = x->request->body_length - x->body_at;
    size_t n = room < left ? room : left;
    if (n)
        memcpy(bytes, (const char *)x->request->body + x->body_at, n);
    x->body_at += n;
    return (int64_t)n;
}

/* Bytes of a STREAM operation come from the transport as they arrive, or are all here. */
static const refusal *judge_stream(exchange *x)
{
    const op *o = x->route->op;
    if (!x->route->takes_body)
        return x->request->body_length ? &no_body : NULL;
    if (!is_identity(x->head.content_encoding))
        return &coded;
    if (o->accepts && !(x->head.content_type && head_is_type(x->head.content_type, o->accepts)))
        return &other_type;
    if (x->request->body_length > o->body_max)
        return &body_too_large;
    x->memory = (cinema_stream){ .read = read_memory, .user = x };
    x->in.stream = x->request->stream ? x->request->stream : &x->memory;
    return NULL;
}

static const refusal *judge_body(exchange *x)
{
    bool merge = !strcmp(x->route->op->method, "PATCH");
    if (x->route->op->nature == STREAM)
        return judge_stream(x);
    if (!x->request->body_length)
        return NULL;
    if (!x->route->takes_body)
        return &no_body;
    if (!is_identity(x->head.content_encoding))
        return &coded;
    if (!x->head.content_type || !head_is_json(x->head.content_type, merge))
        return &not_json;
    if (x->request->body_length > body_max(x->c, x->route))
        return &body_too_large;
    x->in.json = x->request->body;
    x->in.json_length = x->request->body_length;
    return NULL;
}

static const refusal *judge_query(exchange *x)
{
    const route *r = x->route;
    for (size_t i = 0; i < r->param_count; i++)
        x->in.params[i] = (op_param){ r->params[i], x->path.segments[r->positions[i]] };
    x->in.cookies = r->op->flags & REDIRECT ? x->head.cookie : NULL;
    x->in.path_params = x->in.count = r->param_count;
    return *x->rest ? target_query(x->rest, x->room, &x->in) : NULL;
}

/* Preconditions that an operation cannot judge are not passed over in silence. */
static const refusal *judge_conditions(exchange *x)
{
    if (is_read(x)) {
        x->in.if_none = x->head.if_none_match;
        return NULL;
    }
    if (x->head.if_none_match)
        return &no_create_only;
    if (!x->head.if_match)
        return NULL;
    if_match_revision(x->head.if_match, x->revision);
    if (!*x->revision)
        return NULL;
    x->in.revision = x->revision;
    return x->route->takes_revision ? NULL : &stale;
}

/* ---- answers --------------------------------------------------------------------------------- */

static const char *text_at(const cinema_result *r, uint16_t offset)
{
    const char *text;
    if (!r->record || r->status || offset == FIELD_NONE)
        return NULL;
    memcpy(&text, (const char *)r->record + offset, sizeof text);
    return text;
}

/* Location of what was made; Content-Location of what was asked for by another name. */
static void say_where(exchange *x, const cinema_result *r)
{
    const route *o = x->route;
    const char *base = o->op->location;
    const char *id = *r->id ? r->id : text_at(r, o->id);
    const char *slug = *r->slug ? r->slug : text_at(r, o->slug);
    if (!base)
        return;
    if (r->http == 201 && id)
        reply_place(x->reply, "Location", base, id);
    if (!slug || !id || !is_read(x) || !o->named_last)
        return;
    const char *asked = x->in.params[o->param_count - 1].value;
    if (strcmp(asked, slug) && strcmp(asked, id))
        reply_place(x->reply, "Content-Location", base, slug);
}

/* What has a tag is worth keeping, if only to ask again: after a sign-in by that client alone. An
 * operation may know better; all else is not kept. */
static const char *kept(const exchange *x, const cinema_result *r)
{
    if (!r->status && r->op->cache)
        return r->op->cache;
    if (r->status || !*r->tag || !is_read(x))
        return "no-store";
    return x->head.authorization ? "private, no-cache" : "no-cache";
}

static void say_how_long(exchange *x, const cinema_result *r, bool gzip)
{
    reply_header(x->reply, "Cache-Control", kept(x, r));
    if (*r->tag && !r->status) {
        etag_text(r->tag, gzip, x->reply->tag);
        reply_header(x->reply, "ETag", x->reply->tag);
    }
}

enum { GZIP_QUICK = 4 };

/* Packs the body for a client that wants it so; whether it did. */
static bool pack(exchange *x, const cinema_result *r)
{
    const cinema_http_response *p = &x->reply->response;
    const char *type = r->op->content_type && !r->status ? r->op->content_type : "application/json";
    size_t length = r->gzip_length;
    if (p->body_length < GZIP_MIN || !gzip_pays(type) || !gzip_wanted(x->head.accept_encoding))
        return false;
    char *packed = r->gzip ? malloc(length) : NULL;
    if (packed)
        memcpy(packed, r->gzip, length);
    else
        packed = gzip_pack(p->body, p->body_length, GZIP_QUICK, &length);
    if (packed)
        reply_gzip(x->reply, packed, length);
    return packed;
}

/* A 304 has the tag of the form that the client has. */
static bool has_packed(const exchange *x, const cinema_result *r)
{
    return x->in.if_none && tag_listed_coded(x->in.if_none, r->tag) &&
           gzip_wanted(x->head.accept_encoding);
}

static bool unchanged(const exchange *x, const cinema_result *r)
{
    if (r->not_modified)
        return true;
    return x->in.if_none && is_read(x) && r->http == 200 && !r->status && *r->tag &&
           tag_listed(x->in.if_none, r->tag);
}

static void take_raw(cinema_result *r, buffer *b)
{
    *b = (buffer){ r->raw, r->raw_length, r->raw_length, ANSWER_MAX, CINEMA_OK };
    r->raw = NULL;
}

static cinema_status write_body(exchange *x, cinema_result *r)
{
    const char *type = r->op->content_type;
    buffer b = BUFFER(ANSWER_MAX);
    cinema_status s = CINEMA_OK;
    if (r->stream.read) {
        reply_stream(x->reply, r, type ? type : "application/octet-stream");
        return CINEMA_OK;
    }
    if (r->raw && !r->status) {
        take_raw(r, &b);
    } else if (r->status || r->record) {
        type = r->status ? "application/problem+json" : NULL;
        buffer_reserve(&b, ANSWER_FIRST);
        s = result_json(r, &b);
    } else {
        return CINEMA_OK; /* nothing to say: 204 */
    }
    if (s == CINEMA_OK)
        reply_body(x->reply, &b, type ? type : "application/json");
    buffer_done(&b);
    return s;
}

static cinema_status answer(exchange *x, cinema_result *r)
{
    cinema_status s = CINEMA_OK;
    bool same_as_before = unchanged(x, r);
    x->reply->response.status = same_as_before ? 304 : r->http;
    text_copy(r->trace_id, sizeof r->trace_id, x->reply->trace_id);
    if (!same_as_before && (s = write_body(x, r)) && s != CINEMA_NO_MEMORY)
        return reply_problem(x->reply, &broken);
    text_copy(x->reply->code, sizeof x->reply->code, r->code);
    say_how_long(x, r, same_as_before ? has_packed(x, r) : pack(x, r));
    reply_redirect(x->reply, r);
    if (r->retry_after)
        reply_retry_after(x->reply, r->retry_after);
    say_where(x, r);
    if (r->replayed && !r->status)
        reply_header(x->reply, "Idempotent-Replayed", "true");
    reply_advice(x->reply, x->token);
    return s;
}

static cinema_caller caller_of(const exchange *x)
{
    const cinema_http_request *q = x->request;
    return (cinema_caller){ .token = x->token,
                            .address = x->address,
                            .user_agent = x->head.user_agent,
                            .language = x->head.accept_language,
                            .deadline_ms = q->deadline_ms,
                            .request_id = x->reply->request_id,
                            .idempotency_key = x->head.idempotency_key };
}

/* What the limiter says, if there is one; what it cannot say is no reason to refuse. */
static const refusal *judge_limit(exchange *x)
{
    limit_verdict v = { 0 };
    const cinema_caller caller = caller_of(x);
    cinema_error why;
    if (!x->c->limit || x->c->limit(x->c, x->route->op, &caller, &v, &why) || !v.policy)
        return NULL;
    reply_limit(x->reply, &v);
    if (!v.refused)
        return NULL;
    reply_retry_after(x->reply, v.reset_s);
    return &limited;
}

static cinema_status run(exchange *x)
{
    cinema_result *r = NULL;
    const cinema_caller caller = caller_of(x);
    op_run(x->c, &caller, x->route->op, &x->in, &r, NULL);
    if (!r)
        return CINEMA_NO_MEMORY;
    cinema_status s = answer(x, r);
    cinema_result_free(r);
    return s;
}

static cinema_status refuse(exchange *x, const refusal *why)
{
    cinema_status s = reply_problem(x->reply, why);
    if (why == &other_method)
        reply_header(x->reply, "Allow", router_allow(x->node));
    if (why == &bad_bearer)
        reply_header(x->reply, "WWW-Authenticate", "Bearer error=\"invalid_request\"");
    else
        reply_advice(x->reply, why == &no_token && x->head.authorization);
    return s;
}

static cinema_status options(exchange *x)
{
    x->reply->response.status = 204;
    reply_header(x->reply, "Allow", router_allow(x->node));
    reply_header(x->reply, "Cache-Control", "no-store");
    return CINEMA_OK;
}

static cinema_status process(exchange *x)
{
    head_read(x->request, &x->head);
    reply_trace(x->reply, x->c, x->head.traceparent);
    const refusal *why = judge_target(x);
    if (!why && !x->route)
        return options(x);
    if (why)
        return refuse(x, why);
    x->reply->response.operation = x->route->op->name;
    if ((why = judge_caller(x)) || (why = judge_limit(x)) || (why = judge_body(x)) ||
        (why = judge_query(x)) || (why = judge_conditions(x)))
        return refuse(x, why);
    return run(x);
}

/* ---- the door -------------------------------------------------------------------------------- */

cinema_status cinema_http_sized(cinema *c, const cinema_http_request *request, size_t size,
                                cinema_http_response **ret, cinema_error *err)
{
    cinema_http_request q;
    int64_t start = counters_now();
    cinema_status s = TAKE(q, request, size, err);
    if (s || (s = handle_check(c, err)))
        return s;
    exchange x = { .c = c, .request = &q };
    size_t room = strnlen(q.target, TARGET_MAX) + 1;
    if (!(x.reply = reply_new(c, q.request_id, room)))
        return fail_memory(err);
    x.room = x.reply->room;
    x.address = proxies_client(c->http->proxies, &q, x.reply->address);
    if (x.address && x.address != x.reply->address)
        text_copy(x.reply->address, sizeof x.reply->address, x.address);
    if (x.address)
        x.reply->response.address = x.reply->address;
    if ((s = process(&x))) {
        cinema_http_response_free(&x.reply->response);
        return fail(err, s, NULL, NULL, "the request could not be answered");
    }
    cors_say(x.reply, &x.head, config_text(c->config, "CINEMA_CORS_ORIGINS"),
             x.node && !x.route ? router_allow(x.node) : NULL);
    if (!strcmp(q.method, "HEAD"))
        reply_without_body(x.reply);
    counters_add(c->http, counters_row(c->http, x.route, q.method), x.reply->response.status,
                 counters_now() - start);
    *ret = &x.reply->response;
    return CINEMA_OK;
}

bool cinema_http_is_proxy(cinema *c, const char *address_)
{
    address a;
    return address_ && address_parse(address_, strlen(address_), &a) &&
           proxies_hold(c->http->proxies, &a);
}

/* Whether another machine is asked: by the limiter, or for the keys of a token's issuer. */
static bool asks(const cinema *c, const op *o)
{
    bool foreign = o->nature == READ && config_text(c->config, "CINEMA_TRUSTED_ISSUERS");
    return foreign || (c->limit && c->kv_shared && !(o->flags & UNLIMITED));
}

void cinema_http_route(cinema *c, const char *method, const char *target,
                       cinema_http_route_info *ret)
{
    char room[TARGET_MAX + 1];
    request_path p;
    const char *rest;
    char *to = room;
    *ret = (cinema_http_route_info){ .nature = INSTANT, .local = true };
    if (strlen(target) > TARGET_MAX || target_path(target, &to, &p, &rest))
        return;
    const node *n = router_find(&p);
    const route *r = n ? router_method(n, method) : NULL;
    ret->found = r || (n && !strcmp(method, "OPTIONS"));
    if (!r)
        return;
    ret->nature = r->op->nature;
    ret->body_max = body_max(c, r);
    ret->local =
        (ret->nature == INSTANT || (ret->nature == READ && db_local(c))) && !asks(c, r->op);
}
