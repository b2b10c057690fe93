/* router.c - from path and method to an operation; built once from the operation tables.
 * A tree by segments in static tables: literals first, then the parameter, so that
 * /v1/people/search would win over /v1/people/{person_id}.
 */
#include "http/router.h"

#include <assert.h>
#include <stdio.h>

enum { ROUTES_MAX = 512, NODES_MAX = 2048, NAMES_MAX = 16384, METHODS = 5 };

static const char *const methods[METHODS] = { "GET", "POST", "PUT", "PATCH", "DELETE" };

/* Nodes are named by number; 0 is the root, and "none" where it cannot be meant. */
struct node {
    const char *text; /* of a literal; NULL: the root or a parameter */
    size_t length;
    uint16_t literal, parameter; /* first child of each kind */
    uint16_t next;               /* literal beside this one */
    const route *routes[METHODS];
    char allow[56];
};

static node nodes[NODES_MAX];
static size_t node_count = 1;
static route routes[ROUTES_MAX];
static size_t route_count;
static char names[NAMES_MAX];
static size_t names_used;

static int method_index(const char *method)
{
    for (int i = 0; i < METHODS; i++)
        if (!strcmp(method, methods[i]))
            return i;
    return strcmp(method, "HEAD") ? -1 : 0;
}

/* ---- building -------------------------------------------------------------------------------- */

static uint16_t add_node(const char *text, size_t length)
{
    assert(node_count < NODES_MAX);
    nodes[node_count] = (node){ .text = text, .length = length };
    return (uint16_t)node_count++;
}

static node *child(node *n, const char *text, size_t length)
{
    uint16_t *at = &n->literal;
    if (*text == '{') {
        if (!n->parameter)
            n->parameter = add_node(NULL, 0);
        return &nodes[n->parameter];
    }
    while (*at && (nodes[*at].length != length || memcmp(nodes[*at].text, text, length)))
        at = &nodes[*at].next;
    if (!*at)
        *at = add_node(text, length);
    return &nodes[*at];
}

static const char *keep_name(const char *s, size_t n)
{
    assert(names_used + n < NAMES_MAX);
    char *to = names + names_used;
    memcpy(to, s, n);
    names_used += n + 1; /* the room is zeroed */
    return to;
}

static uint16_t offset_of(const op *o, const char *name)
{
    const field *f = o->output && !(o->flags & PAGE) ? field_find(o->output, name) : NULL;
    return f && (f->type == FIELD_TEXT || f->type == FIELD_UUID) ? f->out : (uint16_t)FIELD_NONE;
}

/* What is new has no revision yet: there If-Match can name nothing. */
static bool has_revision(const op *o)
{
    const field *f = o->input ? field_find(o->input, "revision") : NULL;
    return f && f->in != FIELD_NONE && !(f->update_only && op_mode(o) == MODE_CREATE);
}

static void add_route(const op *o)
{
    route *r = &routes[route_count];
    node *n = nodes;
    int method = method_index(o->method);
    assert(route_count < ROUTES_MAX && method >= 0);
    *r = (route){ .op = o, .row = (unsigned)route_count++ };
    r->takes_body = (method > 0 && method < 4) || o->body_max;
    r->takes_json = r->takes_body && o->nature != STREAM;
    r->takes_revision = has_revision(o);
    r->id = offset_of(o, "id");
    r->slug = offset_of(o, "slug");
    uint8_t position = 0;
    for (const char *s = o->path; *s == '/'; position++) {
        size_t length = strcspn(++s, "/");
        n = child(n, s, length);
        r->named_last = *s == '{';
        if (r->named_last) {
            assert(r->param_count < OP_PARAMS_MAX);
            r->positions[r->param_count] = position;
            r->params[r->param_count++] = keep_name(s + 1, length - 2);
        }
        s += length;
    }
    assert(!n->routes[method]); /* two operations of one method and path */
    n->routes[method] = r;
}

static void write_allow(node *n)
{
    size_t used = 0;
    for (int i = 0; i < METHODS; i++)
        if (n->routes[i])
            used += (size_t)snprintf(n->allow + used, sizeof n->allow - used, "%s%s, ", methods[i],
                                     i ? "" : ", HEAD");
    if (used)
        snprintf(n->allow + used, sizeof n->allow - used, "OPTIONS");
}

static void build(void)
{
    for (const op *o = op_next(NULL); o; o = op_next(o))
        if (o->path && strcmp(o->permission, SYSTEM))
            add_route(o);
    for (size_t i = 0; i < node_count; i++)
        write_allow(&nodes[i]);
}

static void built(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, build);
}

/* ---- finding --------------------------------------------------------------------------------- */

static const node *walk(const node *n, const request_path *p, size_t i)
{
    const node *found;
    if (i == p->count)
        return *n->allow ? n : NULL;
    size_t length = strlen(p->segments[i]);
    for (uint16_t k = n->literal; k; k = nodes[k].next)
        if (nodes[k].length == length && !memcmp(nodes[k].text, p->segments[i], length) &&
            (found = walk(&nodes[k], p, i + 1)))
            return found;
    return n->parameter ? walk(&nodes[n->parameter], p, i + 1) : NULL;
}

const node *router_find(const request_path *p)
{
    built();
    return p->nowhere ? NULL : walk(nodes, p, 0);
}

const route *router_method(const node *n, const char *method)
{
    int i = method_index(method);
    return i < 0 ? NULL : n->routes[i];
}

const char *router_allow(const node *n)
{
    return n->allow;
}

size_t router_count(void)
{
    built();
    return route_count;
}

const route *router_route(size_t row)
{
    return &routes[row];
}
