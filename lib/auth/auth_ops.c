/* auth_ops.c - signing in seen from outside.
 */
#include "auth/auth.h"
#include "session/session.h"

extern const field_table cinema__login_input, cinema__login_code_input, cinema__refresh_input,
    cinema__register_input, cinema__registration, cinema__email_input, cinema__token_input,
    cinema__reset_input, cinema__password_input, cinema__email_change_input;

/* What is told of work that was taken on, whether or not there is any. */
typedef struct accepted {
    const char *status;
} accepted;
static const field accepted_fields[] = {
    { OUT(accepted, status, TEXT), .present = true, .help = "accepted, whoever the address is of" },
};
static const field_table accepted_table = ANSWER("accepted", accepted_fields, accepted);

/* The answer is made first: without memory for it nothing is done that it would have told of. */
static cinema_status accept_and(op_call *k, cinema_status (*act)(op_call *k))
{
    arena *a = arena_new(0, 0);
    accepted *r = a ? record_new(a, sizeof *r) : NULL;
    cinema_status s = r ? act(k) : fail_memory(k->err);
    if (s) {
        arena_free(a);
        return s;
    }
    r->status = "accepted";
    return op_give(k, r);
}

static cinema_client client_of(const op_call *k)
{
    return (cinema_client){ k->caller->address, k->caller->user_agent, k->caller->language };
}

static cinema_status login(op_call *k)
{
    cinema_login_input *in = k->input;
    cinema_sign_in *ret = NULL;
    in->client = client_of(k);
    cinema_status s = cinema_auth_login(k->cinema, in, &ret, k->err);
    return s ? s : op_give(k, ret);
}

static cinema_status login_totp(op_call *k)
{
    cinema_login_code_input *in = k->input;
    cinema_sign_in *ret = NULL;
    in->client = client_of(k);
    cinema_status s = cinema_auth_login_totp(k->cinema, in, &ret, k->err);
    return s ? s : op_give(k, ret);
}

static cinema_status login_backup_code(op_call *k)
{
    cinema_login_code_input *in = k->input;
    cinema_sign_in *ret = NULL;
    in->client = client_of(k);
    cinema_status s = cinema_auth_login_backup_code(k->cinema, in, &ret, k->err);
    return s ? s : op_give(k, ret);
}

static cinema_status refresh(op_call *k)
{
    cinema_refresh_input *in = k->input;
    cinema_sign_in *ret = NULL;
    in->client = client_of(k);
    cinema_status s = cinema_auth_refresh(k->cinema, in, &ret, k->err);
    return s ? s : op_give(k, ret);
}

static cinema_status logout(op_call *k)
{
    if (!k->who.session_id)
        return CINEMA_OK; /* a token of another issuer: its session is theirs */
    return session__end_by(k->cinema, k, k->who.account_id, k->who.session_id, k->err);
}

static cinema_status register_(op_call *k)
{
    cinema_register_input *in = k->input;
    cinema_registration *ret = NULL;
    in->client = client_of(k);
    cinema_status s = cinema_auth_register(k->cinema, in, &ret, k->err);
    if (!s && ret->access_token)
        op_status(k, k->op->success_too);
    return s ? s : op_give(k, ret);
}

static cinema_status verify(op_call *k)
{
    cinema_token_input *in = k->input;
    in->client = client_of(k);
    return cinema_auth_verify_email(k->cinema, in, k->err);
}

static cinema_status ask_verification(op_call *k)
{
    cinema_email_input *in = k->input;
    in->client = client_of(k);
    return cinema_auth_resend(k->cinema, in, k->err);
}

static cinema_status resend(op_call *k)
{
    return accept_and(k, ask_verification);
}

static cinema_status ask_reset(op_call *k)
{
    cinema_email_input *in = k->input;
    in->client = client_of(k);
    return cinema_auth_forgot(k->cinema, in, k->err);
}

static cinema_status forgot(op_call *k)
{
    return accept_and(k, ask_reset);
}

static cinema_status reset(op_call *k)
{
    cinema_reset_input *in = k->input;
    in->client = client_of(k);
    return cinema_auth_reset(k->cinema, in, k->err);
}

/* An account without a password has nothing else to prove itself by. */
static cinema_status proven(op_call *k, const char *password)
{
    return password ? CINEMA_OK : session__recent(k, k->err);
}

static cinema_status change_password(op_call *k)
{
    cinema_password_input *in = k->input;
    in->client = client_of(k);
    in->session_id = k->who.session_id;
    cinema_status s = proven(k, in->password);
    return s ? s : cinema_auth_change_password(k->cinema, k->who.account_id, in, k->err);
}

static cinema_status ask_other_email(op_call *k)
{
    cinema_email_change_input *in = k->input;
    in->client = client_of(k);
    cinema_status s = proven(k, in->password);
    return s ? s : cinema_auth_change_email(k->cinema, k->who.account_id, in, k->err);
}

static cinema_status change_email(op_call *k)
{
    return accept_and(k, ask_other_email);
}

/* clang-format off */
const op cinema__auth_ops[] = {
    { .name = "auth.register", .method = "POST", .path = "/v1/auth/register", .success = 202,
      .success_too = 201, .permission = ANYONE, .nature = HASH,
      .input = &cinema__register_input, .output = &cinema__registration, .function = register_,
      .summary = "A new account; 201 with tokens where addresses need not be verified",
      .outcomes = "invalid:email invalid:locale invalid:length invalid:common_password "
                  "conflict:email_taken limited" },
    { .name = "auth.verify_email", .method = "POST", .path = "/v1/auth/email/verify",
      .success = 204, .permission = ANYONE, .nature = WRITE, .input = &cinema__token_input,
      .function = verify, .summary = "Prove an address by the token of a mail",
      .outcomes = "invalid:invalid_token conflict:email_taken not_found" },
    { .name = "auth.resend", .method = "POST", .path = "/v1/auth/email/resend", .success = 202,
      .permission = ANYONE, .nature = WRITE, .input = &cinema__email_input,
      .output = &accepted_table, .function = resend,
      .summary = "The mail that verifies an address, again", .outcomes = "limited" },
    { .name = "auth.login", .method = "POST", .path = "/v1/auth/login", .success = 200,
      .permission = ANYONE, .nature = HASH, .input = &cinema__login_input,
      .output = &cinema__sign_in, .function = login, .summary = "Sign in with a password",
      .outcomes = "not_signed_in:invalid_credentials forbidden:email_unverified "
                  "forbidden:account_disabled forbidden:password_reset_required limited" },
    { .name = "auth.login_totp", .method = "POST", .path = "/v1/auth/login/totp", .success = 200,
      .permission = ANYONE, .nature = WRITE, .input = &cinema__login_code_input,
      .output = &cinema__sign_in, .function = login_totp,
      .summary = "The second step, with a code of the authenticator app",
      .outcomes = "not_signed_in:invalid_code not_signed_in:invalid_token forbidden limited" },
    { .name = "auth.login_backup_code", .method = "POST", .path = "/v1/auth/login/backup-code",
      .success = 200, .permission = ANYONE, .nature = WRITE, .input = &cinema__login_code_input,
      .output = &cinema__sign_in, .function = login_backup_code,
      .summary = "The second step, with a backup code",
      .outcomes = "not_signed_in:invalid_code not_signed_in:invalid_token forbidden limited" },
    { .name = "auth.refresh", .method = "POST", .path = "/v1/auth/refresh", .success = 200,
      .permission = ANYONE, .nature = WRITE, .input = &cinema__refresh_input,
      .output = &cinema__sign_in, .function = refresh, .summary = "New tokens",
      .outcomes = "not_signed_in:invalid_token not_signed_in:refresh_token_reused" },
    { .name = "auth.logout", .method = "POST", .path = "/v1/auth/logout", .success = 204,
      .permission = SIGNED_IN, .nature = WRITE, .function = logout,
      .summary = "End this session" },
    { .name = "auth.forgot_password", .method = "POST", .path = "/v1/auth/password/forgot",
      .success = 202, .permission = ANYONE, .nature = WRITE, .input = &cinema__email_input,
      .output = &accepted_table, .function = forgot, .summary = "A mail to choose a new password with",
      .outcomes = "limited" },
    { .name = "auth.reset_password", .method = "POST", .path = "/v1/auth/password/reset",
      .success = 204, .permission = ANYONE, .nature = HASH, .input = &cinema__reset_input,
      .function = reset, .summary = "A new password by the token of a mail; ends all sessions",
      .outcomes = "invalid:invalid_token not_found" },
    { .name = "me.change_password", .method = "PUT", .path = "/v1/me/password", .success = 204,
      .permission = SIGNED_IN, .nature = HASH, .input = &cinema__password_input,
      .function = change_password, .summary = "Another password; ends the other sessions",
      .outcomes = "forbidden:invalid_credentials forbidden:reauthentication_required "
                  "conflict:password_changed limited not_found" },
    { .name = "me.change_email", .method = "PUT", .path = "/v1/me/email", .success = 202,
      .permission = SIGNED_IN, .nature = HASH, .input = &cinema__email_change_input,
      .output = &accepted_table, .function = change_email, .summary = "Another address, once it has been verified",
      .outcomes = "forbidden:invalid_credentials forbidden:reauthentication_required "
                  "conflict:password_changed limited not_found" },
    { 0 },
};
/* clang-format on */
