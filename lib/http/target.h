/* target.h - the request target: path and query, judged in raw form and decoded once.
 */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include "call/op.h"

enum { SEGMENTS_MAX = 12, TARGET_MAX = 8192 };

/* Why a request is refused before any operation sees it. */
typedef struct refusal {
    int http;
    const char *code, *rule, *detail; /* rule: of the one entry of `errors`; NULL none */
} refusal;

/* A decoded path. Segments end in NUL; one that is deeper than SEGMENTS_MAX or ends in a slash
 * keeps `nowhere`: it is well formed, but nothing can be there. */
typedef struct request_path {
    const char *segments[SEGMENTS_MAX];
    size_t count;
    bool nowhere;
} request_path;

/* Reads the path of `target` into `room`, which has strlen(target) + 1 bytes. On success *rest is
 * what is left of the target ("?a=b" or "") and *room what is left of the room. */
const refusal *target_path(const char *target, char **room, request_path *ret, const char **rest);

/* Adds the parameters of "?a=b&c" to `in`; their text goes into `room`. */
const refusal *target_query(const char *rest, char *room, op_input *in);

#endif
