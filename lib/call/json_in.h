/* json_in.h - reading JSON that comes from outside: bodies, files. jansson reads it, within limits
 * of ours; no member may stand twice.
 */
#ifndef CALL_JSON_IN_H
#define CALL_JSON_IN_H

#include "base/field.h"

#include <jansson.h>

/* One object, for json_decref. NULL with a fault in the list, or without one: out of memory. */
json_t *json_read_object(const char *json, size_t length, faults *list);

#endif
