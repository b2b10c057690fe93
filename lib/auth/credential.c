/* credential.c - another password, another address: by a link of a mail, or by who has signed in.
 */
#include "auth/part.h"
#include "twofactor/twofactor.h"

static const field reset_fields[] = {
    { IN(cinema_reset_input, token, TEXT), .needed = true, .min = 1, .max = 200 },
    { IN(cinema_reset_input, new_password, TEXT), .needed = true, .min = 1, .max = PASSWORD_MAX },
};
const field_table cinema__reset_input = QUERY("reset", reset_fields, cinema_reset_input);

static const field password_fields[] = {
    { IN(cinema_password_input, password, TEXT), .min = 1, .max = 1000,
      .help = "the one so far; an account without one leaves it out" },
    { IN(cinema_password_input, new_password, TEXT), .needed = true, .min = 1,
      .max = PASSWORD_MAX },
};
const field_table cinema__password_input =
    QUERY("password", password_fields, cinema_password_input);

static const field email_fields[] = {
    { IN(cinema_email_change_input, email, TEXT), .needed = true, .min = 3, .max = 320 },
    { IN(cinema_email_change_input, password, TEXT), .min = 1, .max = 1000,
      .help = "of the account; one without a password leaves it out" },
};
const field_table cinema__email_change_input =
    QUERY("address change", email_fields, cinema_email_change_input);

/* ---- passwords ------------------------------------------------------------------------------- */

static cinema_status hash_new(act *t, const account *who, const char *password,
                              char hash[PASSWORD_HASH_MAX])
{
    bool second;
    cinema_status s;
    if ((s = twofactor__is_on(t->c, NULL, who->nr, t->a, &second, t->err)) ||
        (s = password__check(t->c, password, "new_password", second, who->email, who->name,
                             t->err)))
        return s;
    return password__hash(t->c, password, hash, t->err);
}

/* Sessions but one end with the old password, and so does all that was begun by it: links to
 * another address or password, second steps, sign-ins elsewhere that were to be linked. */
static cinema_status set_password(act *t, db_tx *tx, const account *who, const char *hash,
                                  const char *but_session, const char *action)
{
    cinema_status s;
    if ((s = account__set_password(t->c, tx, who->nr, hash, t->err)) ||
        (s = session__end_all(t->c, tx, who->nr, but_session, t->a, t->err)) ||
        (s = onetime__void(t->c, tx, NULL, who->nr, t->a, t->err)) ||
        (s = act_mail(t, tx, "password_changed", who, (cinema_pair){ 0 }, (cinema_pair){ 0 })))
        return s;
    return act_audit(t, tx, action, who->id, NULL);
}

/* Looked at before the hash, which is slow, and taken after it. */
static cinema_status look(act *t, const char *token, onetime *ret, account *who)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    cinema_status s;
    if ((s = db_begin(t->c, &tx, t->err)) ||
        (s = onetime__look(t->c, tx, FOR_RESET, token, t->a, ret, t->err)))
        return s;
    return act_owner(t, tx, ret, who);
}

static cinema_status reset(act *t, const cinema_reset_input *in)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    char hash[PASSWORD_HASH_MAX];
    onetime first = { 0 };
    account who;
    cinema_status s;
    if ((s = look(t, in->token, &first, &who)) || (s = hash_new(t, &who, in->new_password, hash)) ||
        (s = db_begin(t->c, &tx, t->err)) || (s = act_owner(t, tx, &first, &who)) ||
        (s = onetime__take(t->c, tx, FOR_RESET, in->token, t->a, &first, t->err)) ||
        (s = set_password(t, tx, &who, hash, NULL, "password.reset")))
        return s;
    /* Who reads the mail of the address has it, if it is the account's still. */
    s = account__verify_email(t->c, tx, who.nr, first.data, t->err);
    if ((s && s != CINEMA_NOT_FOUND) || (s = db_commit(&tx, t->err)))
        return s;
    session__told(t->c);
    return CINEMA_OK;
}

cinema_status cinema_auth_reset_sized(cinema *c, const cinema_reset_input *input, size_t size,
                                      cinema_error *err)
{
    CLEANUP(act_end) act t = { 0 };
    cinema_reset_input in;
    cinema_status s;
    if ((s = TAKE(in, input, size, err)) ||
        (s = act_begin(&t, c, &in.client, &cinema__reset_input, &in, err)))
        return s;
    return reset(&t, &in);
}

static cinema_status change_password(act *t, const char *id, const cinema_password_input *in)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    char hash[PASSWORD_HASH_MAX];
    account who, now;
    cinema_status s;
    if ((s = account__by_id(t->c, NULL, id, t->a, &who, t->err)) ||
        (s = act_password(t, &who, in->password)) ||
        (s = hash_new(t, &who, in->new_password, hash)) || (s = db_begin(t->c, &tx, t->err)) ||
        (s = act_unchanged(t, tx, &who, &now)) ||
        (s = set_password(t, tx, &now, hash, in->session_id, "password.change")) ||
        (s = db_commit(&tx, t->err)))
        return s;
    session__told(t->c);
    return CINEMA_OK;
}

cinema_status cinema_auth_change_password_sized(cinema *c, const char *id,
                                                const cinema_password_input *input, size_t size,
                                                cinema_error *err)
{
    CLEANUP(act_end) act t = { 0 };
    cinema_password_input in;
    cinema_status s;
    if ((s = TAKE(in, input, size, err)) ||
        (s = act_begin(&t, c, &in.client, &cinema__password_input, &in, err)))
        return s;
    return change_password(&t, id, &in);
}

/* ---- addresses ------------------------------------------------------------------------------- */

/* The mail to the new address has the link. */
static cinema_status mail_link(act *t, db_tx *tx, const account *who, const char *email)
{
    char token[ONETIME_TEXT];
    account new = *who;
    onetime_new n = { .purpose = FOR_EMAIL_CHANGE,
                      .account_nr = who->nr,
                      .data = email,
                      .ttl_ms = VERIFICATION_MS,
                      .newest_only = true };
    cinema_status s = onetime__issue(t->c, tx, &n, t->a, token, t->err);
    new.email = email;
    return s ? s
             : act_mail(t, tx, "email_change", &new, (cinema_pair){ "token", token },
                        (cinema_pair){ 0 });
}

/* To the new address: a link, or to its account that somebody wants it. */
static cinema_status mail_new(act *t, db_tx *tx, const account *who, const account *other,
                              const char *email)
{
    if (other->nr && other->nr != who->nr)
        return act_mail(t, tx, "address_known", other, (cinema_pair){ 0 }, (cinema_pair){ 0 });
    return mail_link(t, tx, who, email);
}

/* The old address hears of it at once: while there is time to stop it. Counted by who asks and, as
 * all mails are, by who gets it; the latter is not told, as it would tell who else asked. */
static cinema_status change_email(act *t, const char *id, const cinema_email_change_input *in)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    const char *email, *key;
    account who, now, other = { 0 };
    bool mail;
    cinema_status s;
    if ((s = email__normalise(in->email, t->a, &email, &key, t->err)) ||
        (s = account__by_id(t->c, NULL, id, t->a, &who, t->err)) ||
        (s = act_password(t, &who, in->password)) ||
        (s = limit__take(t->c, "CINEMA_LIMIT_MAIL_ACCOUNT", who.id, t->err)) ||
        (s = act_may_mail(t, key, &mail)))
        return s;
    s = account__by_email(t->c, NULL, email, t->a, &other, t->err);
    if ((s && s != CINEMA_NOT_FOUND) || (s = db_begin(t->c, &tx, t->err)) ||
        (s = act_unchanged(t, tx, &who, &now)) ||
        (mail && (s = mail_new(t, tx, &now, &other, email))) ||
        (s = act_mail(t, tx, "email_changed", &now, (cinema_pair){ 0 }, (cinema_pair){ 0 })) ||
        (s = act_audit(t, tx, "email.ask", now.id, NULL)))
        return s;
    return db_commit(&tx, t->err);
}

cinema_status cinema_auth_change_email_sized(cinema *c, const char *id,
                                             const cinema_email_change_input *input, size_t size,
                                             cinema_error *err)
{
    CLEANUP(act_end) act t = { 0 };
    cinema_email_change_input in;
    cinema_status s;
    if ((s = TAKE(in, input, size, err)) ||
        (s = act_begin(&t, c, &in.client, &cinema__email_change_input, &in, err)))
        return s;
    return change_email(&t, id, &in);
}
