/* role_ops.c - roles and permissions seen from outside.
 */
#include "role/act.h"

static const field removal_fields[] = {
    { IN(cinema_role_options, revision, NUMBER), .min = 1, .max = INT64_MAX,
      .help = "remove only this revision, as If-Match does" },
};
static const field_table removal = QUERY("removal", removal_fields, cinema_role_options);

static cinema_status list(op_call *k)
{
    cinema_role_page *p = NULL;
    cinema_status s = cinema_role_list(k->cinema, k->input, &p, k->err);
    return s ? s : op_give(k, p);
}

static cinema_status get(op_call *k)
{
    cinema_role *r = NULL;
    cinema_status s = cinema_role_get(k->cinema, op_text(k, "role"), NULL, &r, k->err);
    return s ? s : op_give(k, r);
}

static cinema_status set(op_call *k)
{
    cinema_role *r = NULL;
    arena *a = arena_new(0, 0);
    cinema_status s = a ? role__put(k->cinema, k, op_text(k, "role"), k->input, a, &r, k->err)
                        : fail_memory(k->err);
    if (!s)
        return op_give(k, r);
    arena_free(a);
    return s;
}

static cinema_status remove_(op_call *k)
{
    const cinema_role_options *in = k->input;
    return role__remove(k->cinema, k, op_text(k, "role"), in->revision, k->err);
}

static cinema_status list_permissions(op_call *k)
{
    cinema_permission_page *p = NULL;
    cinema_status s = cinema_permission_list(k->cinema, k->input, &p, k->err);
    return s ? s : op_give(k, p);
}

static cinema_status give(op_call *k)
{
    cinema_user_roles *r = NULL;
    arena *a = arena_new(0, 0);
    cinema_status s = a ? role__give(k->cinema, k, op_text(k, "user_id"), k->input, a, &r, k->err)
                        : fail_memory(k->err);
    if (!s)
        return op_give(k, r);
    arena_free(a);
    return s;
}

/* clang-format off */
const op cinema__role_ops[] = {
    { .name = "role.list", .method = "GET", .path = "/v1/roles", .success = 200,
      .permission = "role.read", .nature = READ, .input = &cinema__role_query,
      .output = &cinema__role, .function = list, .summary = "List roles by name",
      .outcomes = "invalid:cursor", .flags = PAGE },
    { .name = "role.get", .method = "GET", .path = "/v1/roles/{role}", .success = 200,
      .permission = "role.read", .nature = READ, .output = &cinema__role, .function = get,
      .summary = "Fetch a role", .outcomes = "not_found", .flags = ETAG },
    { .name = "role.set", .method = "PUT", .path = "/v1/roles/{role}", .success = 200,
      .permission = "role.write", .nature = WRITE, .input = &cinema__role_input,
      .output = &cinema__role, .function = set, .summary = "Make a role, or change what it may do",
      .outcomes = "invalid:unknown_permission invalid:pattern forbidden:more_permissions "
                  "not_found stale conflict:built_in conflict:last_administrator",
      .flags = ETAG },
    { .name = "role.remove", .method = "DELETE", .path = "/v1/roles/{role}", .success = 204,
      .permission = "role.write", .nature = WRITE, .input = &removal, .function = remove_,
      .summary = "Take a role away from all users and remove it",
      .outcomes = "forbidden:more_permissions not_found stale conflict:built_in "
                  "conflict:last_administrator" },
    { .name = "permission.list", .method = "GET", .path = "/v1/permissions", .success = 200,
      .permission = "role.read", .nature = READ, .input = &cinema__role_query,
      .output = &cinema__permission, .function = list_permissions,
      .summary = "List permissions, each with the operations that ask for it",
      .outcomes = "invalid:cursor", .flags = PAGE },
    { .name = "user_roles.set", .method = "PUT", .path = "/v1/users/{user_id}/roles",
      .success = 200, .permission = "role.write", .nature = WRITE,
      .input = &cinema__user_roles_input, .output = &cinema__user_roles, .function = give,
      .summary = "Give a user exactly these roles",
      .outcomes = "invalid:unknown_role forbidden:more_permissions not_found "
                  "conflict:last_administrator" },
    { 0 },
};
/* clang-format on */
