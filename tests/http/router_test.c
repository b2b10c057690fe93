/* router_test.c - mirrors lib/http/router.c: every operation with a path is found at it, and only
 * there.
 */
#include "test.h"

#include "http/router.h"

static const node *find(const char *target, request_path *p)
{
    static char room[512];
    const char *rest;
    char *to = room;
    ck_assert_ptr_null(target_path(target, &to, p, &rest));
    return router_find(p);
}

/* "/v1/movies/{title_id}" with a value for its parameter. */
static void example(const char *path, char *target)
{
    while (*path) {
        if (*path == '{') {
            path += strcspn(path, "}") + 1;
            memcpy(target, "some-name", 9);
            target += 9;
        } else {
            *target++ = *path++;
        }
    }
    *target = '\0';
}

TEST(every_operation_is_found_at_its_path)
{
    char target[256];
    request_path p;
    for (const op *o = op_next(NULL); o; o = op_next(o)) {
        if (!o->path)
            continue;
        example(o->path, target);
        const node *n = find(target, &p);
        ck_assert_msg(n != NULL, "%s", o->name);
        const route *r = router_method(n, o->method);
        ck_assert_msg(r && r->op == o, "%s %s is not %s", o->method, target, o->name);
        ck_assert_msg(strstr(router_allow(n), o->method) != NULL, "%s", router_allow(n));
        for (size_t i = 0; i < r->param_count; i++) {
            ck_assert_str_eq(p.segments[r->positions[i]], "some-name");
            ck_assert(strstr(o->path, r->params[i]));
        }
    }
}

TEST(an_operation_without_a_path_is_not_there)
{
    for (const op *o = op_next(NULL); o; o = op_next(o))
        for (size_t i = 0; i < router_count() && !o->path; i++)
            ck_assert_ptr_ne(router_route(i)->op, o);
}

TEST(half_a_path_leads_nowhere)
{
    request_path p;
    ck_assert_ptr_null(find("/v1", &p));
    ck_assert_ptr_null(find("/health", &p));
    ck_assert_ptr_null(find("/healthzz", &p));
    ck_assert_ptr_null(find("/healthz/x", &p));
    ck_assert_ptr_null(find("/{title_id}", &p));
    ck_assert_ptr_null(find("/", &p));
}

TEST(head_is_found_where_get_is)
{
    request_path p;
    const node *n = find("/healthz", &p);
    ck_assert_ptr_eq(router_method(n, "HEAD"), router_method(n, "GET"));
    ck_assert_ptr_null(router_method(n, "head"));
    ck_assert_ptr_null(router_method(n, "OPTIONS"));
    ck_assert_str_eq(router_allow(n), "GET, HEAD, OPTIONS");
}

/* The rows of the tables themselves: what everything else is derived from. */
TEST(each_row_says_what_it_has_to)
{
    for (const op *o = op_next(NULL); o; o = op_next(o)) {
        ck_assert_msg(o->function && o->summary && *o->summary && o->permission, "%s", o->name);
        ck_assert_msg(o->method && o->success >= 200 && o->success < 400, "%s", o->name);
        ck_assert_msg(o->success == 204 || o->success == 302 || o->output || o->content_type, "%s",
                      o->name);
        ck_assert_msg(op_named(o->name) == o, "%s is there twice", o->name);
        ck_assert_msg(!o->version || o->flags & ETAG, "%s", o->name);
        ck_assert_msg(o->success != 201 || !o->output || o->location, "%s", o->name);
    }
}
