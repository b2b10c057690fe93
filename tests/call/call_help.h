/* call_help.h - a migrated database, and the JSON door asked in one line.
 */
#ifndef CALL_HELP_H
#define CALL_HELP_H

#include "test.h"

#include <cinema/cinema.h>
#include <jansson.h>
#include <string.h>

extern cinema *c;
extern cinema_error err;

void call_start(void); /* for FIXTURE */
void call_stop(void);

#define NOBODY NULL
#define TRUSTED (&(cinema_caller){ .system = true })
#define BEARER(t) (&(cinema_caller){ .token = (t) })

/* The answer, or the problem document that goes with the outcome `want`. Freed by call_stop. */
json_t *call(const cinema_caller *who, const char *op, const char *json, cinema_status want);

/* What lies at a path such as "errors.0.field": a string as it is, anything else as JSON, "" where
 * there is nothing. Good until the next call. */
const char *at(const json_t *v, const char *path);
#define IS(v, path, text) ck_assert_str_eq(at((v), (path)), (text))

#endif
