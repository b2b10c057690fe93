/* register.c - new accounts, and proving that an address is one's own.
 * Where verification is required nothing tells whether an address has an account: the same answer,
 * after the same work; only who reads its mail learns it.
 */
#include "auth/part.h"

static const field fields[] = {
    { IN(cinema_register_input, email, TEXT), .needed = true, .min = 3, .max = 320 },
    { IN(cinema_register_input, password, TEXT), .needed = true, .min = 1, .max = PASSWORD_MAX },
    { IN(cinema_register_input, name, TEXT), .needed = true, .min = 1, .max = 200 },
    { IN(cinema_register_input, locale, TEXT), .min = 2, .max = 35,
      .help = "language of mails, such as de" },
};
const field_table cinema__register_input = QUERY("registration", fields, cinema_register_input);

static const field answer_fields[] = {
    { OUT(cinema_registration, status, TEXT), .present = true },
    { OUT(cinema_registration, access_token, TEXT), .optional = true },
    { OUT(cinema_registration, token_type, TEXT), .optional = true },
    { OUT(cinema_registration, expires_in, NUMBER), .optional = true },
    { OUT(cinema_registration, refresh_token, TEXT), .optional = true },
    { OUT(cinema_registration, user, RECORD), .of = &cinema__user, .optional = true },
};
const field_table cinema__registration = ANSWER("registration", answer_fields, cinema_registration);

static const field email_fields[] = {
    { IN(cinema_email_input, email, TEXT), .needed = true, .min = 3, .max = 320 },
};
const field_table cinema__email_input = QUERY("address", email_fields, cinema_email_input);

static const field token_fields[] = {
    { IN(cinema_token_input, token, TEXT), .needed = true, .min = 1, .max = 200 },
};
const field_table cinema__token_input = QUERY("token", token_fields, cinema_token_input);

void cinema_registration_free(cinema_registration *r)
{
    record_free(r);
}

/* ---- registering ----------------------------------------------------------------------------- */

static cinema_status mail_link(act *t, db_tx *tx, const account *who)
{
    char token[ONETIME_TEXT];
    onetime_new n = { .purpose = FOR_VERIFICATION,
                      .account_nr = who->nr,
                      .data = who->email,
                      .ttl_ms = VERIFICATION_MS,
                      .newest_only = true };
    cinema_status s = onetime__issue(t->c, tx, &n, t->a, token, t->err);
    return s ? s
             : act_mail(t, tx, "verify_email", who, (cinema_pair){ "token", token },
                        (cinema_pair){ 0 });
}

static cinema_status mail_reset(act *t, db_tx *tx, const account *who, const char *template)
{
    char token[ONETIME_TEXT];
    onetime_new n = { .purpose = FOR_RESET,
                      .account_nr = who->nr,
                      .data = who->email,
                      .ttl_ms = RESET_MS,
                      .newest_only = true };
    cinema_status s = onetime__issue(t->c, tx, &n, t->a, token, t->err);
    return s ? s
             : act_mail(t, tx, template, who, (cinema_pair){ "token", token }, (cinema_pair){ 0 });
}

/* Nobody has shown yet whose the address is, and two have wanted it: neither password may come to
 * life by a link that the other's letter box gets. Who reads the mail chooses one. */
static cinema_status start_anew(act *t, db_tx *tx, const account *who)
{
    cinema_status s;
    if ((s = account__set_password(t->c, tx, who->nr, NULL, t->err)) ||
        (s = onetime__void(t->c, tx, NULL, who->nr, t->a, t->err)) ||
        (s = mail_reset(t, tx, who, "register_again")))
        return s;
    return act_audit_stranger(t, tx, "user.register_again", who->id);
}

static cinema_status mail_owner(act *t, db_tx *tx, int64_t account_nr)
{
    account who;
    cinema_status s = account__by_nr(t->c, tx, account_nr, t->a, &who, t->err);
    if (s)
        return s == CINEMA_NOT_FOUND ? CINEMA_OK : s;
    if (who.email_verified_at != CINEMA_ABSENT)
        return act_mail(t, tx, "address_known", &who, (cinema_pair){ 0 }, (cinema_pair){ 0 });
    return who.signed_in_at == CINEMA_ABSENT ? start_anew(t, tx, &who) : mail_link(t, tx, &who);
}

/* Somebody wanted an account for an address that has one. Its owner is told, but not endlessly. */
static cinema_status tell_owner(act *t, const char *email)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    account who;
    bool mail;
    cinema_status s;
    if ((s = account__by_email(t->c, NULL, email, t->a, &who, t->err)))
        return s == CINEMA_NOT_FOUND ? CINEMA_OK : s;
    if ((s = act_may_mail(t, who.email_key, &mail)) || !mail)
        return s;
    if ((s = db_begin(t->c, &tx, t->err)) || (s = mail_owner(t, tx, who.nr)))
        return s;
    return db_commit(&tx, t->err);
}

static void tell(const cinema_sign_in *k, cinema_registration *r)
{
    r->access_token = k->access_token;
    r->token_type = k->token_type;
    r->expires_in = k->expires_in;
    r->refresh_token = k->refresh_token;
    r->user = k->user;
}

/* `sign_in`: there are tokens at once. */
static cinema_status add(act *t, const cinema_register_input *in, const char *hash, bool sign_in,
                         cinema_registration *r)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    account who, new = { .email = in->email,
                         .name = in->name,
                         .locale = in->locale,
                         .password = hash,
                         .email_verified_at = CINEMA_ABSENT };
    cinema_sign_in k = { 0 };
    cinema_status s;
    if ((sign_in && (s = session__ready(t->c, t->err))) || (s = db_begin(t->c, &tx, t->err)) ||
        (s = account__insert(t->c, tx, &new, t->a, &who, t->err)) || (s = mail_link(t, tx, &who)) ||
        (s = act_audit(t, tx, "user.register", who.id, NULL)) ||
        (sign_in && (s = act_sign_in(t, tx, who.nr, "password", &k))) ||
        (s = db_commit(&tx, t->err)))
        return s;
    if (sign_in)
        tell(&k, r);
    return CINEMA_OK;
}

static cinema_status make(act *t, const cinema_register_input *in, cinema_registration *r)
{
    bool required = !strcmp(config_text(t->c->config, "CINEMA_EMAIL_VERIFICATION"), "required");
    char hash[PASSWORD_HASH_MAX];
    const char *email, *key;
    cinema_status s;
    if ((s = account__check_locale(in->locale, t->err)) ||
        (s = email__normalise(in->email, t->a, &email, &key, t->err)) ||
        (s = password__check(t->c, in->password, "password", false, in->email, in->name, t->err)) ||
        (s = limit__take(t->c, "CINEMA_LIMIT_REGISTER_ADDRESS", t->caller.address, t->err)) ||
        (s = password__hash(t->c, in->password, hash, t->err)))
        return s;
    *r = (cinema_registration){ .status = required ? "verification_sent" : "registered",
                                .expires_in = CINEMA_ABSENT };
    s = add(t, in, hash, !required, r);
    return s == CINEMA_CONFLICT && required ? tell_owner(t, in->email) : s;
}

cinema_status cinema_auth_register_sized(cinema *c, const cinema_register_input *input, size_t size,
                                         cinema_registration **ret, cinema_error *err)
{
    CLEANUP(act_end) act t = { 0 };
    cinema_register_input in;
    cinema_status s;
    if ((s = TAKE(in, input, size, err)) ||
        (s = act_begin(&t, c, &in.client, &cinema__register_input, &in, err)))
        return s;
    cinema_registration *r = act_record(&t, sizeof *r);
    s = r ? make(&t, &in, r) : fail_memory(err);
    if (!s)
        *ret = act_keep(&t, r);
    return s;
}

/* ---- verifying ------------------------------------------------------------------------------- */

/* To another address. Links that went to the one before are nobody's any more. */
static cinema_status move(act *t, db_tx *tx, const account *who, const char *email)
{
    cinema_status s = account__set_email(t->c, tx, who->nr, email, t->a, t->err);
    return s ? s : onetime__void(t->c, tx, NULL, who->nr, t->a, t->err);
}

/* The link may be that of a new account, or of another address for an old one. */
static cinema_status verify(act *t, const char *token)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    onetime first;
    account who;
    cinema_status s;
    if ((s = db_begin(t->c, &tx, t->err)))
        return s;
    s = onetime__look(t->c, tx, FOR_VERIFICATION, token, t->a, &first, t->err);
    bool change = s == CINEMA_INVALID;
    const char *purpose = change ? FOR_EMAIL_CHANGE : FOR_VERIFICATION;
    if (change)
        s = onetime__look(t->c, tx, purpose, token, t->a, &first, t->err);
    if (s || (s = act_owner(t, tx, &first, &who)) ||
        (s = onetime__take(t->c, tx, purpose, token, t->a, &first, t->err)))
        return s;
    s = change ? move(t, tx, &who, first.data)
               : account__verify_email(t->c, tx, who.nr, first.data, t->err);
    if (s || (s = act_audit(t, tx, change ? "email.change" : "email.verify", who.id, NULL)))
        return s;
    return db_commit(&tx, t->err);
}

cinema_status cinema_auth_verify_email_sized(cinema *c, const cinema_token_input *input,
                                             size_t size, cinema_error *err)
{
    CLEANUP(act_end) act t = { 0 };
    cinema_token_input in;
    cinema_status s;
    if ((s = TAKE(in, input, size, err)) ||
        (s = act_begin(&t, c, &in.client, &cinema__token_input, &in, err)))
        return s;
    return verify(&t, in.token);
}

/* ---- mails asked for by an address ----------------------------------------------------------- */

/* The account as it is by now, locked: an address that it has left meanwhile gets no link. */
static cinema_status mail_asked(act *t, db_tx *tx, int64_t account_nr, const char *key, bool reset)
{
    account who;
    cinema_status s = account__by_nr(t->c, tx, account_nr, t->a, &who, t->err);
    if (s)
        return s == CINEMA_NOT_FOUND ? CINEMA_OK : s;
    if (strcmp(who.email_key, key) != 0 || strcmp(who.status, "active") != 0 ||
        (!reset && who.email_verified_at != CINEMA_ABSENT))
        return CINEMA_OK;
    return reset ? mail_reset(t, tx, &who, "reset_password") : mail_link(t, tx, &who);
}

/* Whoever has the address: one look, one limit, one write. */
static cinema_status ask(act *t, const char *email, bool reset)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    const char *shown, *key;
    account who = { 0 };
    bool mail;
    cinema_status s;
    if ((s = email__normalise(email, t->a, &shown, &key, t->err)) ||
        (s = limit__take(t->c, "CINEMA_LIMIT_REGISTER_ADDRESS", t->caller.address, t->err)))
        return s;
    s = account__by_email(t->c, NULL, email, t->a, &who, t->err);
    if (s && s != CINEMA_NOT_FOUND)
        return s;
    if ((s = act_may_mail(t, key, &mail)) || (s = db_begin(t->c, &tx, t->err)) ||
        (s = act_audit_stranger(t, tx, reset ? "password.forgot" : "email.resend", who.id)) ||
        (mail && who.nr && (s = mail_asked(t, tx, who.nr, key, reset))))
        return s;
    return db_commit(&tx, t->err);
}

static cinema_status asked(cinema *c, const cinema_email_input *input, size_t size, bool reset,
                           cinema_error *err)
{
    CLEANUP(act_end) act t = { 0 };
    cinema_email_input in;
    cinema_status s;
    if ((s = TAKE(in, input, size, err)) ||
        (s = act_begin(&t, c, &in.client, &cinema__email_input, &in, err)))
        return s;
    return ask(&t, in.email, reset);
}

cinema_status cinema_auth_resend_sized(cinema *c, const cinema_email_input *in, size_t size,
                                       cinema_error *err)
{
    return asked(c, in, size, false, err);
}

cinema_status cinema_auth_forgot_sized(cinema *c, const cinema_email_input *in, size_t size,
                                       cinema_error *err)
{
    return asked(c, in, size, true, err);
}
