/* twofactor_ops.c - the second factor seen from outside.
 */
#include "session/session.h"
#include "twofactor/acts.h"

extern const field_table cinema__totp_confirmation, cinema__twofactor_proof;

enum { PROOF_BODY_MAX = 4096 };

static const field totp_fields[] = {
    { OUT(cinema_totp, on, BOOL), .present = true, .help = "codes are asked for at sign-in" },
    { OUT(cinema_totp, confirmed_at, TIME) },
    { OUT(cinema_totp, backup_codes_left, NUMBER), .present = true },
};
static const field_table totp_table = ANSWER("totp", totp_fields, cinema_totp);

static const field setup_fields[] = {
    { OUT(cinema_totp_setup, secret, TEXT), .present = true,
      .help = "for typing it into an app; told this once" },
    { OUT(cinema_totp_setup, otpauth_uri, TEXT), .present = true },
    { OUT(cinema_totp_setup, qr_svg, TEXT), .present = true,
      .help = "otpauth_uri as a QR code, an SVG image" },
};
static const field_table setup_table = ANSWER("totp_setup", setup_fields, cinema_totp_setup);

static const field codes_fields[] = {
    { OUT(cinema_backup_codes, backup_codes, TEXTS), .present = true,
      .help = "ten; each may be used once in place of a code. Told this once" },
};
static const field_table codes_table = ANSWER("backup_codes", codes_fields, cinema_backup_codes);

static cinema_status get(op_call *k)
{
    cinema_totp *t = NULL;
    cinema_status s = totp_get(k, k->who.account_id, &t);
    if (s)
        return s;
    return op_give(k, t);
}

static cinema_status start(op_call *k)
{
    cinema_totp_setup *t = NULL;
    cinema_status s = session__recent(k, k->err);
    if (s || (s = totp_start(k, k->who.account_id, &t)))
        return s;
    return op_give(k, t);
}

static cinema_status confirm(op_call *k)
{
    cinema_backup_codes *codes = NULL;
    cinema_status s = totp_confirm(k, k->who.account_id, k->input, &codes);
    if (s)
        return s;
    return op_give(k, codes);
}

static cinema_status remove_(op_call *k)
{
    return totp_remove(k, k->who.account_id, k->input);
}

static cinema_status renew(op_call *k)
{
    cinema_backup_codes *codes = NULL;
    cinema_status s = backup_code_renew(k, k->who.account_id, k->input, &codes);
    if (s)
        return s;
    return op_give(k, codes);
}

static cinema_status reset(op_call *k)
{
    return totp_reset(k, op_text(k, "user_id"));
}

#define PROVED "forbidden:invalid_credentials forbidden:invalid_code not_found:totp_off limited"

/* clang-format off */
const op cinema__twofactor_ops[] = {
    { .name = "totp.get", .method = "GET", .path = "/v1/me/totp", .success = 200,
      .permission = SIGNED_IN, .nature = READ, .output = &totp_table, .function = get,
      .summary = "Whether you sign in with a second factor" },
    { .name = "totp.start", .method = "POST", .path = "/v1/me/totp", .success = 200,
      .permission = SIGNED_IN, .nature = WRITE, .output = &setup_table, .function = start,
      .summary = "Set up an authenticator app",
      .outcomes = "forbidden:reauthentication_required conflict:totp_on" },
    { .name = "totp.confirm", .method = "POST", .path = "/v1/me/totp/confirm", .success = 200,
      .permission = SIGNED_IN, .nature = WRITE, .input = &cinema__totp_confirmation,
      .output = &codes_table, .function = confirm,
      .summary = "Turn the second factor on with a first code",
      .outcomes = "forbidden:invalid_code not_found:totp_not_started conflict:totp_on limited" },
    { .name = "totp.remove", .method = "DELETE", .path = "/v1/me/totp", .success = 204,
      .permission = SIGNED_IN, .nature = HASH, .input = &cinema__twofactor_proof,
      .body_max = PROOF_BODY_MAX, .function = remove_,
      .summary = "Turn the second factor off",
      .outcomes = PROVED " forbidden:reauthentication_required" },
    { .name = "backup_code.renew", .method = "POST", .path = "/v1/me/backup-codes",
      .success = 200, .permission = SIGNED_IN, .nature = HASH,
      .input = &cinema__twofactor_proof, .output = &codes_table, .function = renew,
      .summary = "New backup codes in place of the old ones",
      .outcomes = PROVED " forbidden:reauthentication_required" },
    { .name = "totp.reset", .method = "DELETE", .path = "/v1/users/{user_id}/totp",
      .success = 204, .permission = "user.write", .nature = WRITE, .function = reset,
      .summary = "Turn the second factor off for somebody who lost it",
      .outcomes = "not_found not_found:totp_off forbidden:own_account forbidden:more_permissions" },
    { 0 },
};
/* clang-format on */
