/* router.h - from path and method to an operation; built once from the operation tables.
 */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "http/target.h"

/* An operation that has a path, with what is needed of it at each request. */
typedef struct route {
    const op *op;
    unsigned row; /* its place among the routes, for counters */
    unsigned param_count;
    const char *params[OP_PARAMS_MAX]; /* names */
    uint8_t positions[OP_PARAMS_MAX];  /* their segments */
    bool named_last;                   /* the path ends in a parameter */
    bool takes_body;
    bool takes_json; /* its body is the input; a STREAM operation's is bytes, its input the query */
    bool takes_revision; /* the input has `revision`: If-Match can be honoured */
    uint16_t id, slug;   /* offsets in the answer; FIELD_NONE */
} route;

typedef struct node node;

/* NULL: there is nothing at this path. */
const node *router_find(const request_path *p);
/* NULL: not this method. HEAD finds the route of GET. */
const route *router_method(const node *n, const char *method);
/* "GET, HEAD, OPTIONS" */
const char *router_allow(const node *n);

size_t router_count(void);
const route *router_route(size_t row);

#endif
