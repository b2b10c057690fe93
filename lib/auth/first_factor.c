/* first_factor.c - what follows when somebody has proven who they are: checks of the account, then
 * tokens, or the question for a second factor and what follows that.
 */
#include "auth/part.h"
#include "twofactor/twofactor.h"

static const char *const methods[] = { "totp", "backup_code" };

static const field fields[] = {
    { OUT(cinema_sign_in, access_token, TEXT), .optional = true,
      .help = "a JWT, for Authorization: Bearer" },
    { OUT(cinema_sign_in, token_type, TEXT), .optional = true, .help = "Bearer" },
    { OUT(cinema_sign_in, expires_in, NUMBER), .optional = true,
      .help = "seconds that the access token lives" },
    { OUT(cinema_sign_in, refresh_token, TEXT), .optional = true, .help = "good for one refresh" },
    { OUT(cinema_sign_in, mfa_required, BOOL), .present = true, .help = "a code is asked for" },
    { OUT(cinema_sign_in, mfa_token, TEXT), .optional = true, .help = "goes with the code" },
    { OUT(cinema_sign_in, methods, TEXTS), .help = "ways to prove the second factor" },
    { OUT(cinema_sign_in, user, RECORD), .of = &cinema__user, .optional = true,
      .help = "who has signed in; not of a refresh" },
};
const field_table cinema__sign_in = ANSWER("sign-in", fields, cinema_sign_in);

void cinema_sign_in_free(cinema_sign_in *s)
{
    record_free(s);
}

/* ---- may they -------------------------------------------------------------------------------- */

static cinema_status refuse(cinema_error *err, const char *reason, const char *message)
{
    return fail(err, CINEMA_FORBIDDEN, reason, NULL, "%s", message);
}

static cinema_status standing(cinema *c, const account *who, const char *method, cinema_error *err)
{
    bool required = !strcmp(config_text(c->config, "CINEMA_EMAIL_VERIFICATION"), "required");
    if (strcmp(who->status, "active") != 0)
        return refuse(err, "account_disabled", "this account has been disabled");
    if (required && who->email_verified_at == CINEMA_ABSENT)
        return refuse(err, "email_unverified",
                      "verify the e-mail address first: the link is in the mail");
    if (who->password_reset_needed && !strncmp(method, "password", 8))
        return refuse(err, "password_reset_required",
                      "choose a new password first: ask for the mail to reset it");
    return CINEMA_OK;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static cinema_status give_tokens(cinema *c, db_tx *tx, const session_grant *g, arena *a,
                                 cinema_sign_in *ret, cinema_error *err)
{
    session_tokens t;
    cinema_user *user;
    cinema_status s = session__tokens(c, g, a, &t, err);
    if (s || (s = user__read(c, tx, g->account_nr, a, &user, err)))
        return s;
    *ret = (cinema_sign_in){ .access_token = t.access_token,
                             .token_type = t.token_type,
                             .expires_in = t.expires_in,
                             .refresh_token = t.refresh_token,
                             .account_id = g->account_id,
                             .user = user };
    return CINEMA_OK;
}

static cinema_status start(cinema *c, db_tx *tx, const cinema_caller *caller, const account *who,
                           const char *method, arena *a, session_grant *g, cinema_error *err)
{
    cinema_status s;
    bool told;
    act t = { .c = c, .caller = *caller, .a = a, .err = err };
    if ((s = account__signed_in(c, tx, who->nr, err)) ||
        (s = session__start(c, tx, who->nr, who->id, method, caller, a, g, err)))
        return s;
    if (who->delete_at != CINEMA_ABSENT &&
        (s = act_mail(&t, tx, "account_restored", who, (cinema_pair){ 0 }, (cinema_pair){ 0 })))
        return s;
    if ((s = act_tell_new_sign_in(&t, tx, who, &told)))
        return s;
    return act_audit(&t, tx, "session.start", who->id,
                     arena_format(a, "{\"method\":\"%s\"%s}", method, told ? TOLD : ""));
}

static cinema_status ask_code(cinema *c, db_tx *tx, const account *who, const char *method,
                              arena *a, cinema_sign_in *ret, cinema_error *err)
{
    onetime_new n = { .purpose = FOR_SECOND_FACTOR,
                      .account_nr = who->nr,
                      .data = method,
                      .ttl_ms = SECOND_FACTOR_MS };
    char *token = arena_text(a, ONETIME_TEXT);
    if (!token)
        return fail_memory(err);
    *ret = (cinema_sign_in){ .expires_in = CINEMA_ABSENT,
                             .mfa_required = true,
                             .mfa_token = token,
                             .methods = { methods, COUNT_OF(methods) },
                             .account_id = who->id };
    return onetime__issue(c, tx, &n, a, token, err);
}

cinema_status act_sign_in(act *t, db_tx *tx, int64_t account_nr, const char *method,
                          cinema_sign_in *ret)
{
    account who;
    session_grant g;
    bool second;
    cinema_status s;
    if ((s = account__by_nr(t->c, tx, account_nr, t->a, &who, t->err)) ||
        (s = standing(t->c, &who, method, t->err)) ||
        (s = twofactor__is_on(t->c, tx, account_nr, t->a, &second, t->err)))
        return s;
    if (second)
        return ask_code(t->c, tx, &who, method, t->a, ret, t->err);
    s = start(t->c, tx, &t->caller, &who, method, t->a, &g, t->err);
    return s ? s : give_tokens(t->c, tx, &g, t->a, ret, t->err);
}

cinema_status auth__first_factor(cinema *c, const cinema_caller *caller, int64_t account_nr,
                                 const char *method, arena *a, cinema_sign_in *ret,
                                 cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    act t = { .c = c, .caller = *caller, .a = a, .err = err };
    cinema_status s;
    if ((s = session__ready(c, err)) || (s = db_begin(c, &tx, err)) ||
        (s = act_sign_in(&t, tx, account_nr, method, ret)))
        return s;
    return db_commit(&tx, err);
}

/* ---- the second factor ----------------------------------------------------------------------- */

typedef cinema_status (*code_fn)(cinema *c, db_tx *tx, int64_t account_nr, const char *code,
                                 arena *a, bool *right, cinema_error *err);

/* A way to prove it. */
typedef struct way {
    const char *word;
    code_fn take;
    const char *mail; /* that tells the account of it; NULL: none */
} way;

static const field code_fields[] = {
    { IN(cinema_login_code_input, mfa_token, TEXT), .needed = true, .min = 1, .max = 200 },
    { IN(cinema_login_code_input, code, TEXT), .needed = true, .min = 1, .max = 64 },
};
const field_table cinema__login_code_input =
    QUERY("second factor", code_fields, cinema_login_code_input);

static cinema_status bad_code(act *t, const account *who)
{
    cinema_status s = act_audit_refusal(t, who->id, "{\"reason\":\"code\"}");
    return s ? s
             : fail(t->err, CINEMA_UNAUTHENTICATED, "invalid_code", "code",
                    "code: is not right, or was used already");
}

static cinema_status bad_token(cinema_status s, cinema_error *err)
{
    if (s != CINEMA_INVALID)
        return s;
    return fail(err, CINEMA_UNAUTHENTICATED, "invalid_token", "mfa_token",
                "mfa_token: is not good any more: sign in again");
}

/* Counts the try, and lasts whatever comes of it. */
static cinema_status try_token(act *t, const char *token, onetime *ret)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    cinema_status s = db_begin(t->c, &tx, t->err);
    if (s)
        return s;
    s = onetime__try(t->c, tx, FOR_SECOND_FACTOR, token, SECOND_FACTOR_TRIES, t->a, ret, t->err);
    return s ? bad_token(s, t->err) : db_commit(&tx, t->err);
}

static cinema_status tell(act *t, db_tx *tx, const account *who, const way *w)
{
    return w->mail ? act_mail(t, tx, w->mail, who, (cinema_pair){ 0 }, (cinema_pair){ 0 })
                   : CINEMA_OK;
}

static cinema_status second_factor(act *t, const cinema_login_code_input *in, const way *w,
                                   cinema_sign_in *ret)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    onetime first;
    account who;
    session_grant g;
    bool right;
    cinema_status s;
    if ((s = session__ready(t->c, t->err)) || (s = try_token(t, in->mfa_token, &first)) ||
        (s = account__by_nr(t->c, NULL, first.account_nr, t->a, &who, t->err)) ||
        (s = limit__take(t->c, "CINEMA_LIMIT_SECOND_FACTOR", who.id, t->err)) ||
        (s = db_begin(t->c, &tx, t->err)) ||
        (s = account__by_nr(t->c, tx, first.account_nr, t->a, &who, t->err)) ||
        (s = standing(t->c, &who, first.data, t->err)) ||
        (s = w->take(t->c, tx, who.nr, in->code, t->a, &right, t->err)))
        return s;
    if (!right) {
        db_rollback(&tx);
        return bad_code(t, &who);
    }
    const char *method = arena_format(t->a, "%s %s", first.data, w->word);
    if (!method)
        return fail_memory(t->err);
    if ((s = onetime__take(t->c, tx, FOR_SECOND_FACTOR, in->mfa_token, t->a, &first, t->err)))
        return bad_token(s, t->err);
    if ((s = start(t->c, tx, &t->caller, &who, method, t->a, &g, t->err)) ||
        (s = tell(t, tx, &who, w)) || (s = give_tokens(t->c, tx, &g, t->a, ret, t->err)) ||
        (s = db_commit(&tx, t->err)))
        return s;
    limit__forgive(t->c, "CINEMA_LIMIT_SECOND_FACTOR", who.id);
    return CINEMA_OK;
}

static cinema_status with_code(cinema *c, const cinema_login_code_input *input, size_t size,
                               const way *w, cinema_sign_in **ret, cinema_error *err)
{
    CLEANUP(act_end) act t = { 0 };
    cinema_login_code_input in;
    cinema_status s;
    if ((s = TAKE(in, input, size, err)) ||
        (s = act_begin(&t, c, &in.client, &cinema__login_code_input, &in, err)))
        return s;
    cinema_sign_in *r = act_record(&t, sizeof *r);
    s = r ? second_factor(&t, &in, w, r) : fail_memory(err);
    if (!s)
        *ret = act_keep(&t, r);
    return s;
}

cinema_status cinema_auth_login_totp_sized(cinema *c, const cinema_login_code_input *in,
                                           size_t size, cinema_sign_in **ret, cinema_error *err)
{
    static const way app = { "totp", twofactor__take_totp, NULL };
    return with_code(c, in, size, &app, ret, err);
}

cinema_status cinema_auth_login_backup_code_sized(cinema *c, const cinema_login_code_input *in,
                                                  size_t size, cinema_sign_in **ret,
                                                  cinema_error *err)
{
    static const way paper = { "backup_code", twofactor__take_backup_code, "backup_code_used" };
    return with_code(c, in, size, &paper, ret, err);
}
