/* oauth_ops.c - signing in by another provider, seen from outside.
 */
#include "auth/auth.h"
#include "session/session.h"

#include <cinema/oauth.h>

#include "oauth/journey.h"

extern const field_table cinema__identity, cinema__identity_query;

static cinema_client client_of(const op_call *k)
{
    return (cinema_client){ k->caller->address, k->caller->user_agent, k->caller->language };
}

/* ---- there and back -------------------------------------------------------------------------- */

static const field start_fields[] = {
    { IN(cinema_oauth_start_input, return_to, TEXT), .min = 1, .max = RETURN_TO_MAX,
      .help = "where to end, with a code; CINEMA_PUBLIC_URL unless given" },
    { IN(cinema_oauth_start_input, ticket, TEXT), .min = 1, .max = 200,
      .help = "of a location to link a sign-in" },
};
static const field_table start_input = QUERY("sign-in", start_fields, cinema_oauth_start_input);

static const field callback_fields[] = {
    { IN(cinema_oauth_callback_input, state, TEXT), .max = 200 },
    { IN(cinema_oauth_callback_input, code, TEXT), .max = 4096 },
    { IN(cinema_oauth_callback_input, error, TEXT), .max = 200 },
    { IN(cinema_oauth_callback_input, iss, TEXT), .max = 1000 },
};
static const field_table callback_input =
    QUERY("return from a provider", callback_fields, cinema_oauth_callback_input);

static cinema_status go(op_call *k, cinema_status s, cinema_oauth_step *step)
{
    if (!s && !(s = op_redirect(k, step->location)))
        s = op_set_cookie(k, step->cookie);
    cinema_oauth_step_free(step);
    return s;
}

static cinema_status start(op_call *k)
{
    cinema_oauth_start_input *in = k->input;
    cinema_oauth_step *step = NULL;
    in->client = client_of(k);
    cinema_status s = cinema_oauth_start(k->cinema, op_text(k, "provider"), in, &step, k->err);
    return go(k, s, step);
}

/* However it ends, the cookie has served. */
static cinema_status callback(op_call *k)
{
    cinema_oauth_callback_input *in = k->input;
    cinema_oauth_step *step = NULL;
    act t = { .c = k->cinema, .a = k->arena, .err = k->err };
    const char *none = journey_no_cookie(&t);
    if (!none || op_set_cookie(k, none))
        return fail_memory(k->err);
    in->client = client_of(k);
    in->cookies = k->cookies;
    cinema_status s = cinema_oauth_callback(k->cinema, op_text(k, "provider"), in, &step, k->err);
    return go(k, s, step);
}

/* ---- exchange -------------------------------------------------------------------------------- */

static const field exchange_fields[] = {
    { IN(cinema_oauth_exchange_input, code, TEXT), .needed = true, .min = 1, .max = 200 },
};
static const field_table exchange_input =
    QUERY("code", exchange_fields, cinema_oauth_exchange_input);

static cinema_status exchange(op_call *k)
{
    cinema_oauth_exchange_input *in = k->input;
    cinema_sign_in *ret = NULL;
    in->client = client_of(k);
    cinema_status s = cinema_oauth_exchange(k->cinema, in, &ret, k->err);
    return s ? s : op_give(k, ret);
}

/* ---- linked sign-ins ------------------------------------------------------------------------- */

static const field link_fields[] = {
    { IN(cinema_identity_link_input, return_to, TEXT), .min = 1, .max = RETURN_TO_MAX,
      .help = "where to end" },
    { IN(cinema_identity_link_input, code, TEXT), .min = 1, .max = 200,
      .help = "to confirm, where the browser came back with one" },
};
static const field_table link_input = QUERY("link", link_fields, cinema_identity_link_input);

static const field step_fields[] = {
    { OUT(cinema_identity_link_step, location, TEXT),
      .help = "for the browser to visit; null: it is linked" },
};
static const field_table link_output = ANSWER("link step", step_fields, cinema_identity_link_step);

static cinema_status list(op_call *k)
{
    cinema_identity_page *p = NULL;
    cinema_status s = cinema_identity_list(k->cinema, k->who.account_id, k->input, &p, k->err);
    return s ? s : op_give(k, p);
}

static cinema_status link_(op_call *k)
{
    cinema_identity_link_input *in = k->input;
    cinema_identity_link_step *step = NULL;
    in->client = client_of(k);
    in->provider = op_text(k, "provider");
    in->session_id = k->who.session_id;
    cinema_status s = session__recent(k, k->err);
    if (s || (s = cinema_identity_link(k->cinema, k->who.account_id, in, &step, k->err)))
        return s;
    return op_give(k, step);
}

static cinema_status remove_(op_call *k)
{
    cinema_identity_remove_input in = { client_of(k), op_text(k, "provider") };
    cinema_status s = session__recent(k, k->err);
    return s ? s : cinema_identity_remove(k->cinema, k->who.account_id, &in, k->err);
}

/* clang-format off */
const op cinema__oauth_ops[] = {
    { .name = "oauth.start", .method = "GET", .path = "/v1/auth/oauth/{provider}/start",
      .success = 302, .permission = ANYONE, .nature = OUTGOING, .input = &start_input,
      .function = start, .summary = "Sends a browser to a provider to sign in",
      .outcomes = "not_found invalid:return_to invalid:invalid_token unavailable",
      .flags = REDIRECT },
    { .name = "oauth.callback", .method = "GET", .path = "/v1/auth/oauth/{provider}/callback",
      .success = 302, .permission = ANYONE, .nature = OUTGOING, .input = &callback_input,
      .function = callback, .summary = "Where a provider sends the browser back to",
      .outcomes = "not_found invalid:invalid_state", .flags = REDIRECT | OTHERS_QUERY },
    { .name = "oauth.exchange", .method = "POST", .path = "/v1/auth/oauth/exchange",
      .success = 200, .permission = ANYONE, .nature = WRITE, .input = &exchange_input,
      .output = &cinema__sign_in, .function = exchange,
      .summary = "Tokens for the code that the browser came back with",
      .outcomes = "invalid:invalid_token forbidden:account_disabled forbidden:email_unverified" },
    { .name = "me.list_identities", .method = "GET", .path = "/v1/me/identities", .success = 200,
      .permission = SIGNED_IN, .nature = READ, .input = &cinema__identity_query,
      .output = &cinema__identity, .function = list, .summary = "One's linked sign-ins",
      .outcomes = "invalid:cursor not_found", .flags = PAGE },
    { .name = "me.link_identity", .method = "POST", .path = "/v1/me/identities/{provider}",
      .success = 200, .permission = SIGNED_IN, .nature = WRITE, .input = &link_input,
      .output = &link_output, .function = link_,
      .summary = "Link a sign-in elsewhere to one's account",
      .outcomes = "not_found invalid:return_to invalid:invalid_token conflict:identity_taken "
                  "conflict:already_linked forbidden:reauthentication_required" },
    { .name = "me.unlink_identity", .method = "DELETE", .path = "/v1/me/identities/{provider}",
      .success = 204, .permission = SIGNED_IN, .nature = WRITE, .function = remove_,
      .summary = "Unlink a sign-in elsewhere, unless it is the last way in",
      .outcomes = "not_found conflict:last_way_in forbidden:reauthentication_required" },
    { 0 },
};
/* clang-format on */
