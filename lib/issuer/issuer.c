/* issuer.c - what a token of another issuer has to say, and what is taken from it.
 */
#include "issuer/source.h"

#include <jansson.h>
#include <strings.h>

enum {
    SKEW_MS = 60 * 1000, /* that clocks may differ by */
    SUBJECT_MAX = 255,
    ISSUER_MAX = 1000,
    NAME_MAX_BYTES = 1000,
};
static const unsigned ASYMMETRIC = JOSE_RS256 | JOSE_PS256 | JOSE_ES256 | JOSE_EDDSA;

static cinema_status bad(cinema_error *err, const char *why)
{
    return fail(err, CINEMA_UNAUTHENTICATED, "invalid_token", NULL, "the token %s", why);
}

/* ---- claims ---------------------------------------------------------------------------------- */

/* Seconds since 1970, whole or not; false: not there, or no time that could be. */
static bool time_claim(const json_t *claims, const char *name, int64_t *ms)
{
    const json_t *v = json_object_get(claims, name);
    double seconds = json_number_value(v);
    if (!json_is_number(v) || !(seconds > 0 && seconds < 1e11))
        return false;
    *ms = (int64_t)(seconds * 1000);
    return true;
}

/* NULL: not there, no text, or too long. */
static const char *text_claim(const json_t *claims, const char *name, size_t max)
{
    const json_t *v = json_object_get(claims, name);
    return json_string_length(v) && json_string_length(v) <= max ? json_string_value(v) : NULL;
}

static bool is_for(const json_t *claims, const char *audience)
{
    const json_t *v = json_object_get(claims, "aud");
    if (json_is_string(v))
        return !strcmp(json_string_value(v), audience);
    for (size_t i = 0; i < json_array_size(v); i++) {
        const char *one = json_string_value(json_array_get(v, i));
        if (one && !strcmp(one, audience))
            return true;
    }
    return false;
}

static cinema_status check_times(const json_t *claims, int64_t now, issuer_claims *k,
                                 cinema_error *err)
{
    int64_t from;
    if (!time_claim(claims, "exp", &k->expires_at) || !time_claim(claims, "iat", &k->issued_at))
        return bad(err, "does not say from when until when it is good");
    if (now >= k->expires_at + SKEW_MS)
        return fail(err, CINEMA_UNAUTHENTICATED, "token_expired", NULL, "the token has expired");
    if (k->issued_at > now + SKEW_MS)
        return bad(err, "is of the future");
    if (json_object_get(claims, "nbf") &&
        (!time_claim(claims, "nbf", &from) || from > now + SKEW_MS))
        return bad(err, "is not good yet");
    return CINEMA_OK;
}

/* Other kinds of token have other words there. */
static bool good_type(const char *type, bool sign_in)
{
    if (!type || !strcasecmp(type, "JWT"))
        return true;
    return !sign_in && (!strcasecmp(type, "at+jwt") || !strcasecmp(type, "application/at+jwt"));
}

static bool copy_text(arena *a, const char *s, const char **to)
{
    *to = s ? arena_copy(a, s, strlen(s)) : NULL;
    return !s || *to;
}

/* What a person is called is taken as it comes; the rooms that keep it judge it. */
static cinema_status keep(const json_t *claims, const char *issuer, arena *a, issuer_claims *k,
                          cinema_error *err)
{
    const char *subject = text_claim(claims, "sub", SUBJECT_MAX);
    if (!subject)
        return bad(err, "does not say whose it is");
    k->email_verified = json_is_true(json_object_get(claims, "email_verified"));
    if (!copy_text(a, issuer, &k->issuer) || !copy_text(a, subject, &k->subject) ||
        !copy_text(a, text_claim(claims, "email", NAME_MAX_BYTES), &k->email) ||
        !copy_text(a, text_claim(claims, "name", NAME_MAX_BYTES), &k->name))
        return fail_memory(err);
    k->email_verified = k->email_verified && k->email;
    return CINEMA_OK;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

/* A token under judgement. */
typedef struct judged {
    cinema *c;
    const char *text, *audience, *nonce; /* nonce NULL: it is a bearer token */
    jose_token token;
    json_t *claims; /* not to be believed before its signature is checked */
} judged;

static void judged_done(judged *j)
{
    json_decref(j->claims);
}

static cinema_status read_token(judged *j, arena *a, cinema_error *err)
{
    cinema_status s = jose_read(j->text, a, &j->token, err);
    if (s)
        return s;
    j->claims = json_loadb(j->token.payload, j->token.payload_length, JSON_REJECT_DUPLICATES, NULL);
    return json_is_object(j->claims) ? CINEMA_OK : bad(err, "has no JSON object in it");
}

/* A shared secret and public keys are two ways to trust, and the algorithm says which is meant. */
static cinema_status check_signature(judged *j, source *s, cinema_error *err)
{
    CLEANUP(keys_donep) shared_keys *keys = NULL;
    if (j->token.algorithm == JOSE_HS256)
        return s->secret ? jose_verify(s->secret, &j->token, JOSE_HS256, err)
                         : bad(err, "is signed by an algorithm that is not taken");
    if (!(ASYMMETRIC & (unsigned)j->token.algorithm))
        return bad(err, "is signed by an algorithm that is not taken");
    cinema_status st = source_keys(j->c, s, &j->token, &keys, err);
    return st ? st : jose_verify(keys->keys, &j->token, ASYMMETRIC, err);
}

static cinema_status check_sign_in(const judged *j, cinema_error *err)
{
    const char *nonce = text_claim(j->claims, "nonce", 200);
    const char *party = text_claim(j->claims, "azp", SUBJECT_MAX);
    if (!j->nonce)
        return CINEMA_OK;
    if (!nonce || strcmp(nonce, j->nonce) != 0)
        return bad(err, "is not of this sign-in");
    if (party ? strcmp(party, j->audience) != 0
              : json_array_size(json_object_get(j->claims, "aud")) > 1)
        return bad(err, "was made for another client");
    return CINEMA_OK;
}

static cinema_status judge(judged *j, source *s, arena *a, issuer_claims *ret, cinema_error *err)
{
    issuer_claims k = { 0 };
    const char *issuer = text_claim(j->claims, "iss", ISSUER_MAX);
    cinema_status st;
    if (!issuer || strcmp(issuer, s->issuer) != 0)
        return bad(err, "is of another issuer");
    if (!good_type(j->token.type, j->nonce != NULL))
        return bad(err, "is of another kind");
    if ((st = check_signature(j, s, err)))
        return st;
    if (!is_for(j->claims, j->audience))
        return bad(err, "is not for us");
    if ((st = check_times(j->claims, now_ms(j->c), &k, err)) || (st = check_sign_in(j, err)) ||
        (st = keep(j->claims, s->issuer, a, &k, err)))
        return st;
    *ret = k;
    return CINEMA_OK;
}

bool issuer__trusted(cinema *c, const char *issuer)
{
    const source *s = source_find(c, issuer);
    return s && s->trusted;
}

cinema_status issuer__verify(cinema *c, const char *token, arena *a, issuer_claims *ret,
                             cinema_error *err)
{
    CLEANUP(judged_done) judged j = { .c = c, .text = token };
    cinema_status st = read_token(&j, a, err);
    if (st)
        return st;
    const char *issuer = text_claim(j.claims, "iss", ISSUER_MAX);
    source *s = issuer ? source_find(c, issuer) : NULL;
    if (!s || !s->trusted)
        return bad(err, "is of an issuer that is not trusted");
    j.audience = s->audience;
    return judge(&j, s, a, ret, err);
}

cinema_status issuer__verify_sign_in(cinema *c, const issuer_sign_in *expected, const char *token,
                                     arena *a, issuer_claims *ret, cinema_error *err)
{
    CLEANUP(judged_done)
    judged j = { .c = c, .text = token, .audience = expected->client_id, .nonce = expected->nonce };
    source *s = NULL;
    cinema_status st = source_of(c, expected->issuer, &s, err);
    if (st || (st = read_token(&j, a, err)))
        return st;
    return judge(&j, s, a, ret, err);
}

cinema_status issuer__endpoints(cinema *c, const char *issuer, arena *a, issuer_endpoints *ret,
                                cinema_error *err)
{
    source *s = NULL;
    cinema_status st = source_of(c, issuer, &s, err);
    return st ? st : source_endpoints(c, s, a, ret, err);
}
