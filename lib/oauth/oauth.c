/* oauth.c - there and back: where a browser is sent, what becomes of it when it comes back.
 */
#include "oauth/journey.h"

#include "base/base64url.h"
#include "port/web/web.h"

#include <jansson.h>
#include <sodium.h>

enum { URL_MAX = 8192, CODE_MAX = 4096 };

void cinema_oauth_step_free(cinema_oauth_step *s)
{
    record_free(s);
}

void cinema_identity_link_step_free(cinema_identity_link_step *s)
{
    record_free(s);
}

/* ---- where to return ------------------------------------------------------------------------- */

static cinema_status bad_return(act *t)
{
    return fail(t->err, CINEMA_INVALID, "return_to", "return_to",
                "return_to: must be an address at an origin of CINEMA_OAUTH_RETURN_ORIGINS");
}

/* By origin, compared as a whole, and without a fragment: what we add must be seen by that page. */
static cinema_status check_return(act *t, const char **return_to)
{
    char origin[WEB_ORIGIN_MAX], own[WEB_ORIGIN_MAX];
    const char *listed = config_text(t->c->config, "CINEMA_OAUTH_RETURN_ORIGINS");
    if (!*return_to)
        *return_to = arena_format(t->a, "%s/", config_public_url(t->c->config));
    if (!*return_to)
        return fail_memory(t->err);
    if (strlen(*return_to) > RETURN_TO_MAX || strchr(*return_to, '#') ||
        web_origin(*return_to, origin, NULL))
        return bad_return(t);
    if (listed)
        return web_origin_listed(listed, origin) ? CINEMA_OK : bad_return(t);
    return web_origin(config_public_url(t->c->config), own, NULL) || strcmp(own, origin) != 0
               ? bad_return(t)
               : CINEMA_OK;
}

/* ---- start ----------------------------------------------------------------------------------- */

static void challenge_of(const char *verifier, char text[SECRET_TEXT])
{
    unsigned char sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(sum, (const unsigned char *)verifier, strlen(verifier));
    base64url_write(sum, sizeof sum, text);
}

static cinema_status authorize_url(act *t, const provider *p, const journey *j, const char **ret)
{
    CLEANUP(buffer_done) buffer b = BUFFER(URL_MAX);
    char challenge[SECRET_TEXT];
    bool known = p->github || !strcmp(p->name, "google");
    const char *scope = p->github   ? "read:user user:email"
                        : p->issuer ? "openid email profile"
                                    : "email profile";
    challenge_of(j->verifier, challenge);
    buffer_text(&b, p->authorize);
    url_add(&b, strchr(p->authorize, '?') ? '&' : '?', "response_type", "code");
    url_add(&b, '&', "client_id", p->client_id);
    url_add(&b, '&', "redirect_uri", redirect_uri(t, p->name));
    url_add(&b, '&', "scope", scope);
    url_add(&b, '&', "state", j->state);
    url_add(&b, '&', "nonce", p->issuer ? j->nonce : NULL);
    url_add(&b, '&', "code_challenge", challenge);
    url_add(&b, '&', "code_challenge_method", "S256");
    /* Whose sign-in is linked is to be seen by who links it. */
    url_add(&b, '&', "prompt", j->account_nr && known ? "select_account" : NULL);
    *ret = b.failed ? NULL : arena_copy(t->a, b.bytes, b.length);
    return *ret ? CINEMA_OK : fail_memory(t->err);
}

/* What is used up with the ticket goes on as a permit in the browser's cookie: as all of an
 * account's tokens it is void when the password changes or an administrator ends all. */
static cinema_status change_ticket(act *t, const char *ticket, onetime *one, char *permit)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    onetime_new n = { FOR_ARRIVING, 0, NULL, JOURNEY_MS, false };
    account who;
    cinema_status s;
    if ((s = db_begin(t->c, &tx, t->err)) ||
        (s = onetime__look(t->c, tx, FOR_LINKING, ticket, t->a, one, t->err)) ||
        (s = account__by_nr(t->c, tx, one->account_nr, t->a, &who, t->err)) ||
        (s = onetime__take(t->c, tx, FOR_LINKING, ticket, t->a, one, t->err)))
        return s;
    n.account_nr = who.nr;
    s = onetime__issue(t->c, tx, &n, t->a, permit, t->err);
    return s ? s : db_commit(&tx, t->err);
}

/* What cinema_identity_link has issued: who links, where to return, from which address. */
static cinema_status take_ticket(act *t, const char *ticket, const char *name, journey *j)
{
    onetime one;
    char *permit = arena_text(t->a, ONETIME_TEXT);
    cinema_status s = permit ? change_ticket(t, ticket, &one, permit) : fail_memory(t->err);
    if (s)
        return s;
    json_t *o = json_loads(one.data, 0, NULL);
    const char *to = json_string_value(json_object_get(o, "return_to"));
    const char *from = json_string_value(json_object_get(o, "address"));
    const char *of = json_string_value(json_object_get(o, "provider"));
    const char *by = json_string_value(json_object_get(o, "session"));
    bool ok = to && of && !strcmp(of, name);
    j->account_nr = one.account_nr;
    j->permit = permit;
    j->session_id = by ? arena_copy(t->a, by, strlen(by)) : NULL;
    j->confirm = !from || !t->caller.address || strcmp(from, t->caller.address) != 0;
    j->return_to = ok ? arena_copy(t->a, to, strlen(to)) : NULL;
    bool whole = j->return_to && (!by || j->session_id);
    json_decref(o);
    if (!ok)
        return fail(t->err, CINEMA_INVALID, "invalid_token", "ticket", "ticket: is for another");
    return whole ? CINEMA_OK : fail_memory(t->err);
}

static cinema_status start(act *t, const char *name, const cinema_oauth_start_input *in,
                           cinema_oauth_step *ret)
{
    provider p;
    journey j = { .provider = name, .return_to = in->return_to };
    cinema_status s = provider_find(t, name, &p);
    if (s || (s = provider_ready(t, &p)))
        return s;
    s = in->ticket ? take_ticket(t, in->ticket, name, &j) : check_return(t, &j.return_to);
    if (s || (s = journey_new(t, &j)) || (s = authorize_url(t, &p, &j, &ret->location)))
        return s;
    return journey_cookie(t, &j, &ret->cookie);
}

cinema_status cinema_oauth_start_sized(cinema *c, const char *name,
                                       const cinema_oauth_start_input *input, size_t size,
                                       cinema_oauth_step **ret, cinema_error *err)
{
    CLEANUP(act_end) act t = { 0 };
    cinema_oauth_start_input in;
    cinema_status s;
    if ((s = TAKE(in, input, size, err)) || (s = act_begin(&t, c, &in.client, NULL, &in, err)))
        return s;
    cinema_oauth_step *step = act_record(&t, sizeof *step);
    s = step ? start(&t, name, &in, step) : fail_memory(err);
    if (!s)
        *ret = act_keep(&t, step);
    return s;
}

/* ---- callback -------------------------------------------------------------------------------- */

static cinema_status go_back(act *t, const journey *j, const cinema_pair *values, size_t count,
                             cinema_oauth_step *ret)
{
    CLEANUP(buffer_done) buffer b = BUFFER(URL_MAX);
    buffer_text(&b, j->return_to);
    for (size_t i = 0; i < count; i++)
        url_add(&b, i || strchr(j->return_to, '?') ? '&' : '?', values[i].name, values[i].value);
    ret->location = b.failed ? NULL : arena_copy(t->a, b.bytes, b.length);
    ret->cookie = journey_no_cookie(t);
    return ret->location && ret->cookie ? CINEMA_OK : fail_memory(t->err);
}

/* Refusals that the page is told, which knows how to say them; all else is this request's own. */
static cinema_status tell_page(act *t, const journey *j, cinema_status s, const cinema_error *why,
                               cinema_oauth_step *ret)
{
    if (s == CINEMA_NO_MEMORY || s == CINEMA_INTERNAL || s == CINEMA_MISUSE) {
        if (t->err)
            *t->err = *why;
        return s;
    }
    const cinema_pair values[] = { { "error", why->reason },
                                   { "error_description", why->message } };
    return go_back(t, j, values, 2, ret);
}

/* Each state is good for one return, on whichever process. */
static cinema_status claim(act *t, const journey *j)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    bool first;
    cinema_status s;
    if ((s = db_begin(t->c, &tx, t->err)) ||
        (s = onetime__claim(t->c, tx, FOR_STATE, j->state, JOURNEY_MS, t->a, &first, t->err)))
        return s;
    if (!first)
        return fail(t->err, CINEMA_INVALID, "invalid_state", "state",
                    "state: this sign-in has ended already");
    return db_commit(&tx, t->err);
}

/* For `m`, where there is one, which is used up. */
static cinema_status issue(act *t, const char *purpose, int64_t account_nr, const link_permit *m,
                           const char *data, const char **code)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    onetime_new n = { purpose, account_nr, data, CODE_MS, false };
    account who;
    char *text = arena_text(t->a, ONETIME_TEXT);
    cinema_status s = text ? db_begin(t->c, &tx, t->err) : fail_memory(t->err);
    if (s || (m && (s = identity_use_permit(t, tx, m, &who))) ||
        (s = onetime__issue(t->c, tx, &n, t->a, text, t->err)))
        return s;
    *code = text;
    return db_commit(&tx, t->err);
}

/* The provider's own word for it, if it is one of RFC 6749's. */
static cinema_status provider_said(act *t, const char *error)
{
    if (!strcmp(error, "access_denied"))
        return fail(t->err, CINEMA_FORBIDDEN, "access_denied", NULL,
                    "the sign-in was cancelled at the provider");
    if (!strcmp(error, "temporarily_unavailable") || !strcmp(error, "server_error"))
        return fail(t->err, CINEMA_UNAVAILABLE, "provider_unavailable", NULL,
                    "the provider cannot do it now: try again later");
    return fail(t->err, CINEMA_FORBIDDEN, "provider_error", NULL,
                "the provider has refused the sign-in");
}

static cinema_status ask_person(act *t, const provider *p, const journey *j,
                                const cinema_oauth_callback_input *in, person *who)
{
    proof f = { in->code, j->verifier, j->nonce, redirect_uri(t, p->name) };
    if (in->error)
        return provider_said(t, in->error);
    /* RFC 9207: an answer of another provider than the one that was asked. */
    if (p->issuer && (in->iss ? strcmp(in->iss, p->issuer) != 0 : p->says_who))
        return fail(t->err, CINEMA_FORBIDDEN, "provider_error", NULL,
                    "the answer is not of this provider");
    if (!in->code || strlen(in->code) > CODE_MAX || !f.redirect_uri)
        return provider_said(t, "invalid_request");
    return person_ask(t, p, &f, who);
}

static cinema_status link_later(act *t, const journey *j, const link_permit *m, const person *who,
                                cinema_oauth_step *ret)
{
    const char *code = NULL;
    json_t *o = json_pack("{s:s, s:s, s:s, s:s?, s:s?}", "provider", j->provider, "key", who->key,
                          "subject", who->subject, "email", who->email, "name", who->name);
    CLEANUP(freep) char *json = o ? json_dumps(o, JSON_COMPACT) : NULL;
    json_decref(o);
    cinema_status s =
        json ? issue(t, FOR_CONFIRMING, j->account_nr, m, json, &code) : fail_memory(t->err);
    const cinema_pair values[] = { { "link", j->provider }, { "code", code } };
    return s ? s : go_back(t, j, values, 2, ret);
}

static cinema_status arrive(act *t, const journey *j, const person *who, cinema_oauth_step *ret)
{
    const link_permit permit = { j->account_nr, FOR_ARRIVING, j->permit, j->session_id };
    int64_t account_nr;
    const char *code;
    cinema_status s;
    if (j->account_nr && j->confirm)
        return link_later(t, j, &permit, who, ret);
    if (j->account_nr) {
        const cinema_pair linked = { "linked", j->provider };
        s = identity_add(t, &permit, who, j->provider);
        return s ? s : go_back(t, j, &linked, 1, ret);
    }
    if ((s = identity_account(t, who, j->provider, &account_nr)) ||
        (s = issue(t, FOR_SIGN_IN, account_nr, NULL, j->provider, &code)))
        return s;
    const cinema_pair value = { "code", code };
    return go_back(t, j, &value, 1, ret);
}

static cinema_status callback(act *t, const char *name, const cinema_oauth_callback_input *in,
                              cinema_oauth_step *ret)
{
    provider p;
    journey j;
    person who;
    cinema_error why = { 0 };
    act inner = *t;
    cinema_status s;
    if ((s = provider_find(t, name, &p)) ||
        (s = journey_read(t, in->cookies, name, in->state, &j)) || (s = claim(t, &j)))
        return s;
    inner.err = &why;
    s = in->error ? CINEMA_OK : provider_ready(&inner, &p);
    if (s || (s = ask_person(&inner, &p, &j, in, &who)) || (s = arrive(&inner, &j, &who, ret)))
        return tell_page(t, &j, s, &why, ret);
    return CINEMA_OK;
}

cinema_status cinema_oauth_callback_sized(cinema *c, const char *name,
                                          const cinema_oauth_callback_input *input, size_t size,
                                          cinema_oauth_step **ret, cinema_error *err)
{
    CLEANUP(act_end) act t = { 0 };
    cinema_oauth_callback_input in;
    cinema_status s;
    if ((s = TAKE(in, input, size, err)) || (s = act_begin(&t, c, &in.client, NULL, &in, err)))
        return s;
    cinema_oauth_step *step = act_record(&t, sizeof *step);
    s = step ? callback(&t, name, &in, step) : fail_memory(err);
    if (!s)
        *ret = act_keep(&t, step);
    return s;
}

/* ---- exchange -------------------------------------------------------------------------------- */

static cinema_status bad_code(act *t)
{
    return fail(t->err, CINEMA_INVALID, "invalid_token", "code",
                "code: is not known, was used already or is too old");
}

static cinema_status take_code(act *t, const char *code, onetime *ret)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    cinema_status s;
    if (!code)
        return fail(t->err, CINEMA_INVALID, "required", "code", "code: is required");
    if ((s = db_begin(t->c, &tx, t->err)))
        return s;
    s = onetime__take(t->c, tx, FOR_SIGN_IN, code, t->a, ret, t->err);
    if (s == CINEMA_INVALID)
        return bad_code(t);
    return s ? s : db_commit(&tx, t->err);
}

cinema_status cinema_oauth_exchange_sized(cinema *c, const cinema_oauth_exchange_input *input,
                                          size_t size, cinema_sign_in **ret, cinema_error *err)
{
    CLEANUP(act_end) act t = { 0 };
    cinema_oauth_exchange_input in;
    onetime one;
    cinema_status s;
    if ((s = TAKE(in, input, size, err)) || (s = act_begin(&t, c, &in.client, NULL, &in, err)))
        return s;
    cinema_sign_in *r = act_record(&t, sizeof *r);
    s = r ? take_code(&t, in.code, &one) : fail_memory(err);
    if (!s)
        s = auth__first_factor(c, &t.caller, one.account_nr, one.data, t.a, r, err);
    if (!s)
        *ret = act_keep(&t, r);
    return s;
}

/* ---- linking --------------------------------------------------------------------------------- */

static cinema_status issue_ticket(act *t, const char *id, const char *session_id, const char *json,
                                  char ticket[ONETIME_TEXT])
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    account who;
    cinema_status s;
    if ((s = db_begin(t->c, &tx, t->err)) ||
        (s = account__by_id(t->c, tx, id, t->a, &who, t->err)) ||
        (s = identity_check_session(t, tx, &who, session_id)))
        return s;
    onetime_new n = { FOR_LINKING, who.nr, json, TICKET_MS, true };
    s = onetime__issue(t->c, tx, &n, t->a, ticket, t->err);
    return s ? s : db_commit(&tx, t->err);
}

static cinema_status ticket_location(act *t, const char *id, const cinema_identity_link_input *in,
                                     const char **ret)
{
    char ticket[ONETIME_TEXT];
    const char *return_to = in->return_to;
    cinema_status s = check_return(t, &return_to);
    if (s)
        return s;
    json_t *o = json_pack("{s:s, s:s, s:s?, s:s?}", "provider", in->provider, "return_to",
                          return_to, "address", t->caller.address, "session", in->session_id);
    CLEANUP(freep) char *json = o ? json_dumps(o, JSON_COMPACT) : NULL;
    json_decref(o);
    s = json ? issue_ticket(t, id, in->session_id, json, ticket) : fail_memory(t->err);
    if (s)
        return s;
    *ret = arena_format(t->a, "%s/v1/auth/oauth/%s/start?ticket=%s",
                        config_public_url(t->c->config), in->provider, ticket);
    return *ret ? CINEMA_OK : fail_memory(t->err);
}

static cinema_status look_at_code(act *t, const char *code, onetime *ret)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    cinema_status s = db_begin(t->c, &tx, t->err);
    if (s)
        return s;
    s = onetime__look(t->c, tx, FOR_CONFIRMING, code, t->a, ret, t->err);
    return s == CINEMA_INVALID ? bad_code(t) : s;
}

static cinema_status confirm(act *t, int64_t account_nr, const cinema_identity_link_input *in)
{
    const link_permit permit = { account_nr, FOR_CONFIRMING, in->code, in->session_id };
    onetime one;
    cinema_status s = look_at_code(t, in->code, &one);
    if (s)
        return s;
    json_t *o = json_loads(one.data, 0, NULL);
    person who = { .key = json_string_value(json_object_get(o, "key")),
                   .subject = json_string_value(json_object_get(o, "subject")),
                   .email = json_string_value(json_object_get(o, "email")),
                   .name = json_string_value(json_object_get(o, "name")) };
    const char *of = json_string_value(json_object_get(o, "provider"));
    if (!of || strcmp(of, in->provider) || !who.key || !who.subject)
        s = fail(t->err, CINEMA_INVALID, "invalid_token", "code",
                 "code: was made for another provider");
    else
        s = identity_add(t, &permit, &who, in->provider);
    json_decref(o);
    return s;
}

static cinema_status link_step(act *t, const char *id, const cinema_identity_link_input *in,
                               cinema_identity_link_step *ret)
{
    provider p;
    account who;
    cinema_status s;
    if (!in->provider)
        return fail(t->err, CINEMA_INVALID, "required", "provider", "provider: is required");
    if ((s = provider_find(t, in->provider, &p)) ||
        (s = account__by_id(t->c, NULL, id, t->a, &who, t->err)))
        return s;
    return in->code ? confirm(t, who.nr, in) : ticket_location(t, id, in, &ret->location);
}

cinema_status cinema_identity_link_sized(cinema *c, const char *id,
                                         const cinema_identity_link_input *input, size_t size,
                                         cinema_identity_link_step **ret, cinema_error *err)
{
    CLEANUP(act_end) act t = { 0 };
    cinema_identity_link_input in;
    cinema_status s;
    if ((s = TAKE(in, input, size, err)) || (s = act_begin(&t, c, &in.client, NULL, &in, err)))
        return s;
    cinema_identity_link_step *step = act_record(&t, sizeof *step);
    s = step ? link_step(&t, id, &in, step) : fail_memory(err);
    if (!s)
        *ret = act_keep(&t, step);
    return s;
}
