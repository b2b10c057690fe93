/* login.c - signing in with a password, refreshing, and who is behind a token.
 */
#include "auth/part.h"

static const field login_fields[] = {
    { IN(cinema_login_input, email, TEXT), .needed = true, .min = 1, .max = 1000 },
    { IN(cinema_login_input, password, TEXT), .needed = true, .min = 1, .max = 1000 },
};
const field_table cinema__login_input = QUERY("login", login_fields, cinema_login_input);

static const field refresh_fields[] = {
    { IN(cinema_refresh_input, refresh_token, TEXT), .needed = true, .min = 1, .max = 200 },
};
const field_table cinema__refresh_input = QUERY("refresh", refresh_fields, cinema_refresh_input);

/* ---- with a password ------------------------------------------------------------------------- */

/* What attempts are counted by: the key of an address, or the text where it is none. */
static cinema_status key_of(act *t, const char *email, const char **ret)
{
    const char *shown;
    cinema_status s = email__normalise(email, t->a, &shown, ret, NULL);
    if (s == CINEMA_INVALID)
        *ret = email;
    return s == CINEMA_INVALID ? CINEMA_OK : s;
}

/* Counted before the hash, so that many at once are no more than one after the other. */
static cinema_status count(act *t, const char *key)
{
    cinema_status s = limit__take(t->c, "CINEMA_LIMIT_SIGN_IN_ADDRESS", t->caller.address, t->err);
    return s ? s : limit__take(t->c, "CINEMA_LIMIT_SIGN_IN_ACCOUNT", key, t->err);
}

static void uncount(act *t, const char *key)
{
    limit__forgive(t->c, "CINEMA_LIMIT_SIGN_IN_ADDRESS", t->caller.address);
    limit__forgive(t->c, "CINEMA_LIMIT_SIGN_IN_ACCOUNT", key);
}

/* Hashed again by today's parameters; what fails here does not keep anybody out. */
static void renew_hash(act *t, const account *who, const char *password)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    char hash[PASSWORD_HASH_MAX];
    if (!password__hash(t->c, password, hash, NULL) && !db_begin(t->c, &tx, NULL) &&
        !account__renew_password(t->c, tx, who->nr, who->password, hash, NULL))
        db_commit(&tx, NULL);
}

static cinema_status refuse(act *t, const account *who)
{
    cinema_status s = act_audit_refusal(t, who->id, "{\"reason\":\"password\"}");
    return s ? s : bad_credentials(t->err);
}

/* Hashing took its time: with a password that was changed meanwhile nobody comes in any more, for
 * the sessions that were to end with it have ended already. */
static cinema_status enter(act *t, const account *was, cinema_sign_in *ret)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    account now;
    cinema_status s;
    if ((s = session__ready(t->c, t->err)) || (s = db_begin(t->c, &tx, t->err)) ||
        (s = act_unchanged(t, tx, was, &now)) || (s = act_sign_in(t, tx, now.nr, "password", ret)))
        return s;
    return db_commit(&tx, t->err);
}

static cinema_status login(act *t, const cinema_login_input *in, cinema_sign_in *ret)
{
    account who = { 0 };
    const char *key;
    bool right, renew;
    cinema_status s;
    if ((s = key_of(t, in->email, &key)) || (s = count(t, key)))
        return s;
    s = account__by_email(t->c, NULL, in->email, t->a, &who, t->err);
    if ((s && s != CINEMA_NOT_FOUND) ||
        (s = password__verify(t->c, in->password, who.password, &right, &renew, t->err))) {
        uncount(t, key); /* nobody has learnt anything */
        return s;
    }
    if (!right)
        return refuse(t, &who);
    uncount(t, key);
    if (renew)
        renew_hash(t, &who, in->password);
    s = enter(t, &who, ret);
    return s == CINEMA_CONFLICT || s == CINEMA_NOT_FOUND ? refuse(t, &who) : s;
}

cinema_status cinema_auth_login_sized(cinema *c, const cinema_login_input *input, size_t size,
                                      cinema_sign_in **ret, cinema_error *err)
{
    CLEANUP(act_end) act t = { 0 };
    cinema_login_input in;
    cinema_status s;
    if ((s = TAKE(in, input, size, err)) ||
        (s = act_begin(&t, c, &in.client, &cinema__login_input, &in, err)))
        return s;
    cinema_sign_in *r = act_record(&t, sizeof *r);
    s = r ? login(&t, &in, r) : fail_memory(err);
    if (!s)
        *ret = act_keep(&t, r);
    return s;
}

/* ---- refreshing ------------------------------------------------------------------------------ */

static cinema_status reused(act *t, db_tx **tx, const session_grant *g)
{
    cinema_status s = act_audit(t, *tx, "session.reuse", g->account_id, NULL);
    if (s || (s = db_commit(tx, t->err)))
        return s;
    session__told(t->c);
    return fail(t->err, CINEMA_UNAUTHENTICATED, "refresh_token_reused", "refresh_token",
                "this refresh token was used before, so the session has been ended: sign in again");
}

static cinema_status refresh(act *t, const char *token, cinema_sign_in *ret)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    session_grant g;
    session_tokens k;
    cinema_status s;
    if ((s = session__ready(t->c, t->err)) || (s = db_begin(t->c, &tx, t->err)) ||
        (s = session__refresh(t->c, tx, token, &t->caller, t->a, &g, t->err)))
        return s;
    if (g.reused)
        return reused(t, &tx, &g);
    if ((s = session__tokens(t->c, &g, t->a, &k, t->err)) || (s = db_commit(&tx, t->err)))
        return s;
    *ret = (cinema_sign_in){ .access_token = k.access_token,
                             .token_type = k.token_type,
                             .expires_in = k.expires_in,
                             .refresh_token = k.refresh_token,
                             .account_id = g.account_id };
    return CINEMA_OK;
}

cinema_status cinema_auth_refresh_sized(cinema *c, const cinema_refresh_input *input, size_t size,
                                        cinema_sign_in **ret, cinema_error *err)
{
    CLEANUP(act_end) act t = { 0 };
    cinema_refresh_input in;
    cinema_status s;
    if ((s = TAKE(in, input, size, err)) ||
        (s = act_begin(&t, c, &in.client, &cinema__refresh_input, &in, err)))
        return s;
    cinema_sign_in *r = act_record(&t, sizeof *r);
    s = r ? refresh(&t, in.refresh_token, r) : fail_memory(err);
    if (!s)
        *ret = act_keep(&t, r);
    return s;
}

/* ---- who ------------------------------------------------------------------------------------- */

cinema_status cinema_auth_check(cinema *c, const char *access_token, cinema_principal **ret,
                                cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    cinema_caller caller = { .token = access_token };
    cinema_principal *p = a ? record_new(a, sizeof *p) : NULL;
    identity who = { 0 };
    cinema_status s = p ? auth__identify(c, &caller, a, &who, err) : fail_memory(err);
    if (s)
        return s;
    if (!who.account_id)
        return fail(err, CINEMA_UNAUTHENTICATED, "invalid_token", NULL,
                    "this is no access token of an account");
    *p = (cinema_principal){ who.account_id, who.session_id, who.permissions, who.auth_at };
    *ret = p;
    MOVE(a);
    return CINEMA_OK;
}

void cinema_principal_free(cinema_principal *p)
{
    record_free(p);
}
