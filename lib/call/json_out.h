/* json_out.h - an emitter that writes JSON text.
 */
#ifndef CALL_JSON_OUT_H
#define CALL_JSON_OUT_H

#include "base/buffer.h"

#include <cinema/call.h>

typedef struct json_writer {
    buffer *out;
    bool comma; /* before the next key or item */
    bool lists[64];
    unsigned depth;
} json_writer;
cinema_emitter json_emitter(json_writer *w, buffer *out);
/* One string with quotes. */
void json_quoted(buffer *b, const char *s, size_t n);

#endif
