/* session_ops.c - sessions and keys seen from outside.
 */
#include "call/json_out.h"
#include "session/session.h"

#include <cinema/auth.h>

extern const field_table cinema__owned_session;

static cinema_status list(op_call *k)
{
    cinema_session_query *in = k->input;
    cinema_session_page *p = NULL;
    in->current = k->who.session_id;
    cinema_status s = cinema_session_list(k->cinema, k->who.account_id, in, &p, k->err);
    return s ? s : op_give(k, p);
}

static cinema_status list_all(op_call *k)
{
    cinema_session_query *in = k->input;
    cinema_session_page *p = NULL;
    in->current = k->who.session_id;
    cinema_status s = cinema_session_list_all(k->cinema, in, &p, k->err);
    return s ? s : op_give(k, p);
}

static cinema_status end(op_call *k)
{
    return session__end_by(k->cinema, k, k->who.account_id, op_text(k, "session_id"), k->err);
}

static cinema_status end_all(op_call *k)
{
    return session__end_by(k->cinema, k, k->who.account_id, NULL, k->err);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static const field key_fields[] = {
    { OUT(cinema_key, id, TEXT), .present = true },
    { OUT(cinema_key, algorithm, TEXT), .present = true },
    { OUT(cinema_key, public_key, TEXT), .present = true, .help = "base64url" },
    { OUT(cinema_key, created_at, TIME), .present = true },
    { OUT(cinema_key, retired_at, TIME), .help = "since when it signs no more" },
    { OUT(cinema_key, expires_at, TIME), .help = "until when what it signed is good" },
};
static const field_table key_table = ANSWER("key", key_fields, cinema_key);
static const field keys_fields[] = {
    { .name = "items", .type = FIELD_RECORDS, .out = 0, .in = FIELD_NONE, .of = &key_table },
};
static const field_table keys_table = ANSWER("keys", keys_fields, cinema_keys);

static cinema_status key_list(op_call *k)
{
    cinema_keys *keys = NULL;
    cinema_status s = cinema_key_list(k->cinema, &keys, k->err);
    return s ? s : op_give(k, keys);
}

static cinema_status key_rotate_(op_call *k)
{
    cinema_keys *keys = NULL;
    cinema_status s = cinema_key_rotate(k->cinema, &keys, k->err);
    return s ? s : op_give(k, keys);
}

/* RFC 7517, RFC 8037. */
static cinema_status jwks(op_call *k)
{
    CLEANUP(buffer_done) buffer b = BUFFER(16 * 1024);
    cinema_keys *keys = NULL;
    cinema_status s = cinema_key_list(k->cinema, &keys, k->err);
    if (s)
        return s;
    buffer_text(&b, "{\"keys\":[");
    for (size_t i = 0; i < keys->count; i++)
        buffer_format(&b,
                      "%s{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":\"sig\",\"alg\":\"EdDSA\","
                      "\"kid\":\"%s\",\"x\":\"%s\"}",
                      i ? "," : "", keys->items[i]->id, keys->items[i]->public_key);
    buffer_text(&b, "]}");
    cinema_keys_free(keys);
    if (b.failed)
        return fail_memory(k->err);
    size_t length = b.length;
    return op_give_raw(k, MOVE(b.bytes), length);
}

/* clang-format off */
const op cinema__session_ops[] = {
    { .name = "me.list_sessions", .method = "GET", .path = "/v1/me/sessions", .success = 200,
      .permission = SIGNED_IN, .nature = READ, .input = &cinema__session_query,
      .output = &cinema__session, .function = list, .summary = "One's own sessions, newest first",
      .outcomes = "invalid:cursor not_found", .flags = PAGE },
    { .name = "me.end_session", .method = "DELETE", .path = "/v1/me/sessions/{session_id}",
      .success = 204, .permission = SIGNED_IN, .nature = WRITE, .function = end,
      .summary = "End one of one's own sessions", .outcomes = "not_found" },
    { .name = "me.end_sessions", .method = "DELETE", .path = "/v1/me/sessions", .success = 204,
      .permission = SIGNED_IN, .nature = WRITE, .function = end_all,
      .summary = "End all of one's own sessions, this one too", .outcomes = "not_found" },
    { .name = "session.list", .method = "GET", .path = "/v1/sessions", .success = 200,
      .permission = "user.read", .nature = READ, .input = &cinema__session_query,
      .output = &cinema__owned_session, .function = list_all,
      .summary = "Sessions of all users, newest first", .outcomes = "invalid:cursor",
      .flags = PAGE },
    { .name = "jwks", .method = "GET", .path = "/.well-known/jwks.json", .success = 200,
      .permission = ANYONE, .nature = READ, .function = jwks,
      .summary = "Public keys that verify access tokens (RFC 7517)",
      .content_type = "application/json" },
    { .name = "key.list", .method = "GET", .success = 200, .permission = SYSTEM, .nature = READ,
      .output = &keys_table, .function = key_list, .summary = "Keys that sign access tokens" },
    { .name = "key.rotate", .method = "POST", .success = 200, .permission = SYSTEM,
      .nature = WRITE, .output = &keys_table, .function = key_rotate_,
      .summary = "Sign with a new key from now on" },
    { 0 },
};
/* clang-format on */
