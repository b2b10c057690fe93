/* user_ops.c - users seen from outside, by those who look after them.
 */
#include "session/session.h"
#include "user/user_door.h"

#include <cinema/auth.h>

static cinema_status create(op_call *k)
{
    cinema_user *u = NULL;
    cinema_status s = user_create(k->cinema, k, k->input, &u, k->err);
    return s ? s : op_give(k, u);
}

static cinema_status get(op_call *k)
{
    cinema_user *u = NULL;
    cinema_status s = cinema_user_get(k->cinema, op_text(k, "user_id"), NULL, &u, k->err);
    return s ? s : op_give(k, u);
}

static cinema_status update(op_call *k)
{
    cinema_user *u = NULL;
    cinema_status s = user_update(k->cinema, k, op_text(k, "user_id"), k->input, &u, k->err);
    return s ? s : op_give(k, u);
}

static cinema_status remove_(op_call *k)
{
    const cinema_user_options *in = k->input;
    return user_remove(k->cinema, k, op_text(k, "user_id"), in->revision, k->err);
}

static cinema_status list(op_call *k)
{
    cinema_user_page *p = NULL;
    cinema_status s = cinema_user_list(k->cinema, k->input, &p, k->err);
    return s ? s : op_give(k, p);
}

static cinema_status end_sessions(op_call *k)
{
    return user_end_sessions(k->cinema, k, op_text(k, "user_id"), k->err);
}

static cinema_status list_sessions(op_call *k)
{
    cinema_session_query *in = k->input;
    cinema_session_page *p = NULL;
    account x;
    cinema_status s = user_find(k->cinema, NULL, op_text(k, "user_id"), k->arena, &x, k->err);
    in->current = k->who.session_id;
    if (s || (s = cinema_session_list(k->cinema, x.id, in, &p, k->err)))
        return s;
    return op_give(k, p);
}

static cinema_status end_session(op_call *k)
{
    return user_end_session(k->cinema, k, op_text(k, "session_id"), k->err);
}

/* clang-format off */
const op cinema__user_ops[] = {
    { .name = "user.create", .method = "POST", .path = "/v1/users", .success = 201,
      .permission = "user.write", .nature = HASH, .input = &cinema__user, .output = &cinema__user,
      .function = create, .summary = "Add a user",
      .outcomes = "invalid:email invalid:locale invalid:length invalid:common_password invalid:password_hash "
                  "invalid:unknown_role forbidden:more_permissions conflict:email_taken",
      .location = "/v1/users/", .flags = ETAG },
    { .name = "user.get", .method = "GET", .path = "/v1/users/{user_id}", .success = 200,
      .permission = "user.read", .nature = READ, .output = &cinema__user, .function = get,
      .summary = "Fetch a user", .outcomes = "not_found", .flags = ETAG },
    { .name = "user.update", .method = "PATCH", .path = "/v1/users/{user_id}", .success = 200,
      .permission = "user.write", .nature = HASH, .input = &cinema__user, .output = &cinema__user,
      .function = update, .summary = "Change, disable or enable a user, or ask for a reset",
      .outcomes = "invalid:email invalid:locale invalid:length invalid:common_password invalid:unknown_role "
                  "forbidden:more_permissions not_found conflict:email_taken "
                  "conflict:last_administrator stale",
      .flags = ETAG },
    { .name = "user.remove", .method = "DELETE", .path = "/v1/users/{user_id}", .success = 204,
      .permission = "user.write", .nature = WRITE, .input = &cinema__user_removal,
      .function = remove_, .summary = "Remove a user and all that is theirs, for good",
      .outcomes = "forbidden:more_permissions not_found conflict:last_administrator stale" },
    { .name = "user.list", .method = "GET", .path = "/v1/users", .success = 200,
      .permission = "user.read", .nature = READ, .input = &cinema__user_query,
      .output = &cinema__user, .function = list, .summary = "List users, the newest first",
      .outcomes = "invalid:cursor", .flags = PAGE },
    { .name = "user.list_sessions", .method = "GET", .path = "/v1/users/{user_id}/sessions",
      .success = 200, .permission = "user.read", .nature = READ, .input = &cinema__session_query,
      .output = &cinema__session, .function = list_sessions,
      .summary = "Sessions of a user, newest first", .outcomes = "invalid:cursor not_found",
      .flags = PAGE },
    { .name = "session.end", .method = "DELETE", .path = "/v1/sessions/{session_id}",
      .success = 204, .permission = "user.write", .nature = WRITE, .function = end_session,
      .summary = "End a session, whoever's it is",
      .outcomes = "forbidden:more_permissions not_found" },
    { .name = "user.end_sessions", .method = "DELETE", .path = "/v1/users/{user_id}/sessions",
      .success = 204, .permission = "user.write", .nature = WRITE, .function = end_sessions,
      .summary = "Sign a user out everywhere", .outcomes = "forbidden:more_permissions not_found" },
    { 0 },
};
/* clang-format on */
