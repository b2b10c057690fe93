/* doc.c - writing a JSON document top-down.
 */
#include "http/doc.h"

#include <stdio.h>

void doc_begin(doc *d, size_t max)
{
    d->out = BUFFER(max);
    d->emitter = json_emitter(&d->writer, &d->out);
}

static void *at(doc *d, const char *key)
{
    if (key)
        d->emitter.key(key, strlen(key), d->emitter.user);
    return d->emitter.user;
}

void doc_object(doc *d, const char *key)
{
    d->emitter.object(at(d, key));
}

void doc_list(doc *d, const char *key)
{
    d->emitter.list(at(d, key));
}

void doc_end(doc *d)
{
    d->emitter.end(d->emitter.user);
}

void doc_text(doc *d, const char *key, const char *value)
{
    doc_text_n(d, key, value, strlen(value));
}

void doc_text_n(doc *d, const char *key, const char *value, size_t n)
{
    d->emitter.text(value, n, at(d, key));
}

void doc_number(doc *d, const char *key, int64_t n)
{
    d->emitter.number(n, at(d, key));
}

void doc_bool(doc *d, const char *key, bool b)
{
    d->emitter.boolean(b, at(d, key));
}

void doc_null(doc *d, const char *key)
{
    d->emitter.null(at(d, key));
}

void doc_ref(doc *d, const char *key, const char *kind, const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "#/components/%s/%s", kind, name);
    doc_object(d, key);
    doc_text(d, "$ref", path);
    doc_end(d);
}
