/* door_ops.c - what the HTTP door says about itself: its counters, its document, its page.
 * They live here, not in a room, because rooms may not look into the door.
 */
#include "http/docs.h"
#include "http/gzip.h"
#include "http/metrics.h"
#include "http/openapi.h"

#include <sodium.h>

enum { METRICS_MAX = 8 << 20, GZIP_BEST = 9 };

static cinema_status show_metrics(op_call *k)
{
    buffer b = BUFFER(METRICS_MAX);
    metrics_write(k->cinema->http, &b);
    if (!b.failed)
        return op_give_raw(k, b.bytes, b.length);
    buffer_done(&b);
    return fail_memory(k->err);
}

/* ---- documents that are the same until the program is another -------------------------------- */

static document *keep(const buffer *b)
{
    unsigned char sum[12];
    document *made = malloc(sizeof *made + b->length + 1);
    if (!made)
        return NULL;
    made->length = b->length;
    made->gzip = gzip_pack(b->bytes, b->length, GZIP_BEST, &made->gzip_length);
    memcpy(made->text, b->bytes, b->length + 1);
    crypto_generichash(sum, sizeof sum, (const unsigned char *)b->bytes, b->length, NULL, 0);
    sodium_bin2hex(made->tag, sizeof made->tag, sum, sizeof sum);
    return made;
}

/* Of two threads that come first, one keeps its copy. */
static const document *made_once(_Atomic(document *) *at, cinema_status (*write)(buffer *b))
{
    document *d = atomic_load(at), *other = NULL;
    CLEANUP(buffer_done) buffer b = { 0 };
    if (d)
        return d;
    if (write(&b) || !(d = keep(&b)))
        return NULL;
    if (atomic_compare_exchange_strong(at, &other, d))
        return d;
    document_free(d);
    return other;
}

static const document *openapi_of(op_call *k)
{
    return made_once(&k->cinema->http->openapi, openapi_write);
}

static const document *docs_of(op_call *k)
{
    return made_once(&k->cinema->http->docs, docs_write);
}

static cinema_status tag_of(op_call *k, const document *d, char tag[64])
{
    if (!d)
        return fail_memory(k->err);
    text_copy(tag, 64, d->tag);
    return CINEMA_OK;
}

static cinema_status give(op_call *k, const document *d)
{
    char *copy = d ? malloc(d->length + 1) : NULL;
    if (!copy)
        return fail_memory(k->err);
    memcpy(copy, d->text, d->length + 1);
    text_copy(k->result->tag, sizeof k->result->tag, d->tag);
    k->result->gzip = d->gzip;
    k->result->gzip_length = d->gzip_length;
    return op_give_raw(k, copy, d->length);
}

static cinema_status openapi_version(op_call *k, char tag[64])
{
    return tag_of(k, openapi_of(k), tag);
}

static cinema_status docs_version(op_call *k, char tag[64])
{
    return tag_of(k, docs_of(k), tag);
}

static cinema_status show_openapi(op_call *k)
{
    return give(k, openapi_of(k));
}

static cinema_status show_docs(op_call *k)
{
    return give(k, docs_of(k));
}

/* clang-format off */
const op cinema__door_ops[] = {
    { .name = "metrics.show", .method = "GET", .path = "/metrics", .success = 200,
      .permission = ANYONE, .nature = INSTANT, .function = show_metrics,
      .summary = "Counters, for Prometheus", .flags = LOOPBACK | UNLIMITED,
      .content_type = "text/plain; version=0.0.4; charset=utf-8" },
    { .name = "openapi.show", .method = "GET", .path = "/openapi.json", .success = 200,
      .permission = ANYONE, .nature = INSTANT, .function = show_openapi,
      .version = openapi_version, .summary = "This description of all operations",
      .flags = ETAG, .content_type = "application/json" },
    { .name = "docs.show", .method = "GET", .path = "/docs", .success = 200, .permission = ANYONE,
      .nature = INSTANT, .function = show_docs, .version = docs_version,
      .summary = "The same as a page", .flags = ETAG,
      .content_type = "text/html; charset=utf-8" },
    { 0 },
};
/* clang-format on */
