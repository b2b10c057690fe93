/* me_ops.c - one's own account seen from outside.
 */
#include "session/session.h"
#include "user/user_door.h"

enum { BODY_MAX = 4096 };

/* What one may change of oneself; address and password have operations of their own. */
typedef struct profile {
    const int64_t *revision;
    const char *name, *locale, *clear;
} profile;

static const field profile_fields[] = {
    { IN(profile, revision, NUMBER), .update_only = true, .min = 1, .max = INT64_MAX,
      .help = "to change only this one, as If-Match does" },
    { IN(profile, name, TEXT), .max = 200 },
    { IN(profile, locale, TEXT), .min = 2, .max = 35, .help = "BCP 47, such as de or pt-BR" },
    { IN(profile, clear, CLEAR) },
};
static const field_table profile_table = QUERY("profile", profile_fields, profile);

typedef struct farewell {
    const int64_t *revision;
    const char *password;
} farewell;

static const field farewell_fields[] = {
    { IN(farewell, revision, NUMBER), .min = 1, .max = INT64_MAX,
      .help = "only this revision, as If-Match does" },
    { IN(farewell, password, TEXT), .min = 1, .max = PASSWORD_MAX,
      .help = "unless the last sign-in was within five minutes" },
};
static const field_table farewell_table = QUERY("farewell", farewell_fields, farewell);

static cinema_status get(op_call *k)
{
    cinema_user *u = NULL;
    arena *a = arena_new(0, 0);
    cinema_status s =
        a ? user__read(k->cinema, NULL, k->who.account_nr, a, &u, k->err) : fail_memory(k->err);
    if (s)
        arena_free(a);
    return s ? s : op_give(k, u);
}

static cinema_status update(op_call *k)
{
    const profile *p = k->input;
    cinema_user_input in = {
        .revision = p->revision, .name = p->name, .locale = p->locale, .clear = p->clear
    };
    cinema_user *u = NULL;
    cinema_status s = user_update(k->cinema, k, k->who.account_id, &in, &u, k->err);
    return s ? s : op_give(k, u);
}

static cinema_status check_password(op_call *k, const char *password)
{
    account x;
    cinema_status s = account__by_nr(k->cinema, NULL, k->who.account_nr, k->arena, &x, k->err);
    return s ? s : account__prove(k->cinema, &x, password, k->err);
}

static cinema_status remove_(op_call *k)
{
    const farewell *in = k->input;
    cinema_user *u = NULL;
    cinema_status s = in->password ? check_password(k, in->password) : session__recent(k, k->err);
    if (!s)
        s = user_leave(k->cinema, k, k->who.account_id, in->revision, &u, k->err);
    return s ? s : op_give(k, u);
}

static cinema_status export(op_call *k)
{
    cinema_user_data *d = NULL;
    cinema_status s = cinema_user_export(k->cinema, k->who.account_id, NULL, &d, k->err);
    return s ? s : op_give(k, d);
}

/* clang-format off */
const op cinema__me_ops[] = {
    { .name = "me.get", .method = "GET", .path = "/v1/me", .success = 200,
      .permission = SIGNED_IN, .nature = READ, .output = &cinema__user, .function = get,
      .summary = "Who am I", .outcomes = "not_found", .flags = ETAG },
    { .name = "me.update", .method = "PATCH", .path = "/v1/me", .success = 200,
      .permission = SIGNED_IN, .nature = WRITE, .input = &profile_table, .output = &cinema__user,
      .function = update, .summary = "Change one's own name and language",
      .outcomes = "invalid:locale not_found stale", .flags = ETAG },
    { .name = "me.remove", .method = "DELETE", .path = "/v1/me", .success = 202,
      .permission = SIGNED_IN, .nature = HASH, .input = &farewell_table, .output = &cinema__user,
      .function = remove_, .summary = "Leave: removed in some days, unless one signs in before",
      .outcomes = "forbidden:reauthentication_required forbidden:invalid_credentials not_found "
                  "conflict:last_administrator stale limited",
      .flags = ETAG, .body_max = BODY_MAX },
    { .name = "me.export", .method = "GET", .path = "/v1/me/export", .success = 200,
      .permission = SIGNED_IN, .nature = READ, .output = &cinema__user_data, .function = export,
      .summary = "All that is kept about oneself", .outcomes = "not_found" },
    { 0 },
};
/* clang-format on */
