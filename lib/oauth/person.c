/* person.c - who somebody is: the provider's code exchanged, its answer judged.
 */
#include "base/base64url.h"
#include "oauth/part.h"
#include "port/web/web.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>

enum { SUBJECT_MAX = 255, TEXT_MAX = 1000, TOKEN_MAX = 16384, ANSWER_MAX = 128 * 1024 };

static cinema_status refused(act *t, const char *why)
{
    return fail(t->err, CINEMA_UNAUTHENTICATED, "provider_error", NULL, "the provider %s", why);
}

static const char *copy(act *t, const char *s)
{
    return s ? arena_copy(t->a, s, strlen(s)) : NULL;
}

static const char *text_of(const json_t *o, const char *name, size_t max)
{
    const json_t *v = json_object_get(o, name);
    return json_string_length(v) && json_string_length(v) <= max ? json_string_value(v) : NULL;
}

/* ---- the code -------------------------------------------------------------------------------- */

/* RFC 6749, 2.3.1: both are encoded before they are put together. */
static const char *basic(act *t, const provider *p)
{
    CLEANUP(buffer_done) buffer b = BUFFER(4096);
    url_add(&b, 0, "", p->client_id);
    buffer_byte(&b, ':');
    url_add(&b, 0, "", p->client_secret);
    size_t room = sodium_base64_ENCODED_LEN(b.length, sodium_base64_VARIANT_ORIGINAL);
    char *text = b.failed ? NULL : arena_text(t->a, 6 + room);
    if (!text)
        return NULL;
    memcpy(text, "Basic ", 6);
    sodium_bin2base64(text + 6, room, (unsigned char *)b.bytes, b.length,
                      sodium_base64_VARIANT_ORIGINAL);
    return text;
}

static cinema_status ask(act *t, const web_request *q, json_t **ret)
{
    web_answer answer;
    cinema_error why;
    cinema_status s = web_fetch(t->c, q, t->a, &answer, &why);
    if (s == CINEMA_NO_MEMORY)
        return fail_memory(t->err);
    if (s || answer.status >= 500) {
        log_line(t->c, CINEMA_LOG_WARNING, "oauth: %s", s ? why.message : "status of 5xx");
        return fail(t->err, CINEMA_UNAVAILABLE, "provider_unavailable", NULL,
                    "the provider cannot be reached");
    }
    *ret = json_loadb(answer.body, answer.length, JSON_REJECT_DUPLICATES, NULL);
    if (*ret && answer.status == 200)
        return CINEMA_OK;
    const char *error = text_of(*ret, "error", 60);
    log_line(t->c, CINEMA_LOG_WARNING, "oauth: the provider answered %d %s", answer.status,
             error ? error : "");
    json_decref(*ret);
    *ret = NULL;
    return refused(t, "did not take it");
}

/* What was given for the code; GitHub tells errors with status 200. */
static cinema_status exchange(act *t, const provider *p, const proof *f, json_t **ret)
{
    CLEANUP(buffer_done) buffer form = BUFFER(16384);
    cinema_pair headers[3] = { { "Content-Type", "application/x-www-form-urlencoded" },
                               { "Accept", "application/json" },
                               { "Authorization", p->in_body ? NULL : basic(t, p) } };
    url_add(&form, 0, "grant_type", "authorization_code");
    url_add(&form, '&', "code", f->code);
    url_add(&form, '&', "redirect_uri", f->redirect_uri);
    url_add(&form, '&', "code_verifier", f->verifier);
    url_add(&form, '&', "client_id", p->client_id);
    url_add(&form, '&', "client_secret", p->in_body ? p->client_secret : NULL);
    if (form.failed || (!p->in_body && !headers[2].value))
        return fail_memory(t->err);
    web_request q = { .url = p->token,
                      .headers = headers,
                      .header_count = p->in_body ? 2 : 3,
                      .body = form.bytes,
                      .body_length = form.length,
                      .max = ANSWER_MAX };
    cinema_status s = ask(t, &q, ret);
    sodium_memzero(form.bytes, form.length);
    if (s || !json_object_get(*ret, "error"))
        return s;
    json_decref(*ret);
    *ret = NULL;
    return refused(t, "did not take the code");
}

/* Something of the person's, by the access token. */
static cinema_status look(act *t, const char *url, const char *access, json_t **ret)
{
    cinema_pair headers[] = { { "Accept", "application/json" },
                              { "Authorization", arena_format(t->a, "Bearer %s", access) } };
    web_request q = { .url = url, .headers = headers, .header_count = 2, .max = ANSWER_MAX };
    return headers[1].value ? ask(t, &q, ret) : fail_memory(t->err);
}

/* ---- OpenID providers ------------------------------------------------------------------------ */

/* Some tell the address only when they are asked for it. What they say has to be of the same one.
 */
static cinema_status ask_more(act *t, const provider *p, const char *access, person *ret)
{
    json_t *more = NULL;
    if (ret->email || !p->userinfo || !access)
        return CINEMA_OK;
    cinema_status s = look(t, p->userinfo, access, &more);
    const char *subject = s ? NULL : text_of(more, "sub", SUBJECT_MAX);
    if (!s && (!subject || strcmp(subject, ret->subject) != 0))
        s = refused(t, "spoke of another person");
    if (!s) {
        ret->email = copy(t, text_of(more, "email", TEXT_MAX));
        ret->name = ret->name ? ret->name : copy(t, text_of(more, "name", TEXT_MAX));
        ret->verified = ret->email && json_is_true(json_object_get(more, "email_verified"));
    }
    json_decref(more);
    return s;
}

static cinema_status ask_openid(act *t, const provider *p, const proof *f, const json_t *given,
                                person *ret)
{
    issuer_claims k;
    issuer_sign_in expected = { p->issuer, p->client_id, f->nonce };
    const char *token = text_of(given, "id_token", TOKEN_MAX);
    cinema_error why;
    if (!token)
        return refused(t, "gave no id_token");
    cinema_status s = issuer__verify_sign_in(t->c, &expected, token, t->a, &k, &why);
    if (s == CINEMA_UNAUTHENTICATED) {
        log_line(t->c, CINEMA_LOG_WARNING, "oauth: id_token of %s: %s", p->name, why.message);
        return refused(t, "gave an id_token that is no good");
    }
    if (s)
        return s == CINEMA_NO_MEMORY ? fail_memory(t->err)
                                     : fail(t->err, CINEMA_UNAVAILABLE, "provider_unavailable",
                                            NULL, "the provider's keys cannot be had");
    *ret = (person){ p->key, k.subject, k.email, k.name, k.email_verified };
    return ask_more(t, p, text_of(given, "access_token", TOKEN_MAX), ret);
}

/* ---- others ---------------------------------------------------------------------------------- */

/* The one that is both primary and verified; NULL: there is none. */
static const char *primary_of(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        if (json_is_true(json_object_get(one, "primary")) &&
            json_is_true(json_object_get(one, "verified")))
            return text_of(one, "email", TEXT_MAX);
    }
    return NULL;
}

/* What GitHub shows as `email` is what somebody chose to show: it is not asked. */
static cinema_status ask_addresses(act *t, const provider *p, const char *access, person *ret)
{
    json_t *list = NULL;
    const char *url = arena_format(t->a, "%s/emails", p->user);
    cinema_status s = url ? look(t, url, access, &list) : fail_memory(t->err);
    if (s == CINEMA_UNAUTHENTICATED) /* not allowed to: as if there were none */
        s = CINEMA_OK;
    ret->email = s ? NULL : copy(t, primary_of(list));
    ret->verified = ret->email;
    json_decref(list);
    return s;
}

/* A number or a text, under the name that OAuth servers use for it. */
static const char *subject_of(act *t, const json_t *user)
{
    const json_t *id = json_object_get(user, "id");
    if (json_is_integer(id))
        return arena_format(t->a, "%lld", (long long)json_integer_value(id));
    const char *text = text_of(user, "sub", SUBJECT_MAX);
    return copy(t, text ? text : text_of(user, "id", SUBJECT_MAX));
}

static cinema_status ask_user(act *t, const provider *p, const json_t *given, person *ret)
{
    json_t *user = NULL;
    const char *access = text_of(given, "access_token", TOKEN_MAX);
    cinema_status s = access ? look(t, p->user, access, &user) : refused(t, "gave no access_token");
    if (s)
        return s;
    const char *name = text_of(user, "name", TEXT_MAX), *login = text_of(user, "login", TEXT_MAX);
    *ret = (person){ .key = p->key,
                     .subject = subject_of(t, user),
                     .name = copy(t, name ? name : login) };
    ret->email = p->github ? NULL : copy(t, text_of(user, "email", TEXT_MAX));
    ret->verified = ret->email && json_is_true(json_object_get(user, "email_verified"));
    json_decref(user);
    if (!ret->subject)
        return refused(t, "did not say who it is");
    return p->github ? ask_addresses(t, p, access, ret) : CINEMA_OK;
}

cinema_status person_ask(act *t, const provider *p, const proof *f, person *ret)
{
    json_t *given = NULL;
    cinema_status s = exchange(t, p, f, &given);
    if (!s)
        s = p->issuer ? ask_openid(t, p, f, given, ret) : ask_user(t, p, given, ret);
    json_decref(given);
    return s;
}
