/* doc.h - writing a JSON document top-down. Failures stick in the buffer: one look at the end is
 * enough. `key` is NULL inside a list and at the top.
 */
#ifndef HTTP_DOC_H
#define HTTP_DOC_H

#include "call/result.h"

typedef struct doc {
    buffer out;
    json_writer writer;
    cinema_emitter emitter;
} doc;

void doc_begin(doc *d, size_t max);
void doc_object(doc *d, const char *key);
void doc_list(doc *d, const char *key);
void doc_end(doc *d);
void doc_text(doc *d, const char *key, const char *value);
void doc_text_n(doc *d, const char *key, const char *value, size_t n);
void doc_number(doc *d, const char *key, int64_t n);
void doc_bool(doc *d, const char *key, bool b);
void doc_null(doc *d, const char *key);
/* "key": { "$ref": "#/components/<kind>/<name>" } */
void doc_ref(doc *d, const char *key, const char *kind, const char *name);

#endif
