/* jwt.c - writing and reading access tokens.
 * Reading is strict: three parts, base64url that has one form, JSON without doubled members, a head
 * with alg, typ and kid and nothing else. What a head could name (jku, jwk, x5u) is never followed.
 */
#include "session/jwt.h"

#include "base/base64url.h"
#include "base/buffer.h"
#include "call/json_out.h"

#include <jansson.h>
#include <sodium.h>

/* With a head and a signature of ours no more than JWT_MAX, so that what is written can be read. */
enum { HEAD_MAX = 256, PAYLOAD_MAX = 2700 };
static const char ALGORITHM[] = "EdDSA", TYPE[] = "at+jwt";

/* ---- writing --------------------------------------------------------------------------------- */

static void member(buffer *b, const char *name, const char *value)
{
    buffer_format(b, "%s\"%s\":", b->length ? "," : "{", name);
    json_quoted(b, value, strlen(value));
}

static void number(buffer *b, const char *name, int64_t n)
{
    buffer_format(b, ",\"%s\":%lld", name, (long long)n);
}

/* Appends a part of the token. */
static void part(buffer *token, const char *json, size_t length)
{
    size_t room = BASE64URL_ROOM(length);
    if (buffer_reserve(token, room))
        token->length += (size_t)(base64url_write(json, length, token->bytes + token->length) -
                                  (token->bytes + token->length));
}

static void write_head(const jwt_key *key, buffer *token)
{
    CLEANUP(buffer_done) buffer b = BUFFER(HEAD_MAX);
    member(&b, "alg", ALGORITHM);
    member(&b, "typ", TYPE);
    member(&b, "kid", key->id);
    buffer_byte(&b, '}');
    if (b.failed)
        token->failed = b.failed;
    else
        part(token, b.bytes, b.length);
}

cinema_status jwt_sign(const jwt_key *key, const char *payload, size_t length, arena *a,
                       const char **ret, cinema_error *err)
{
    CLEANUP(buffer_done) buffer b = BUFFER(BASE64URL_ROOM(length) + JWT_MAX);
    unsigned char signature[crypto_sign_BYTES];
    char text[BASE64URL_ROOM(sizeof signature)];
    write_head(key, &b);
    buffer_byte(&b, '.');
    part(&b, payload, length);
    if (!b.failed)
        crypto_sign_detached(signature, NULL, (unsigned char *)b.bytes, b.length, key->secret);
    base64url_write(signature, sizeof signature, text);
    buffer_byte(&b, '.');
    buffer_text(&b, text);
    if (b.failed || !(*ret = arena_copy(a, b.bytes, b.length)))
        return fail_memory(err);
    return CINEMA_OK;
}

cinema_status jwt_write(const jwt_key *key, const jwt_claims *k, arena *a, const char **ret,
                        cinema_error *err)
{
    CLEANUP(buffer_done) buffer b = BUFFER(PAYLOAD_MAX);
    member(&b, "iss", k->issuer);
    member(&b, "aud", k->issuer);
    member(&b, "client_id", "cinema");
    member(&b, "sub", k->subject);
    member(&b, "sid", k->session);
    member(&b, "jti", k->id);
    number(&b, "iat", k->issued_at);
    number(&b, "exp", k->expires_at);
    number(&b, "auth_time", k->auth_at);
    buffer_byte(&b, '}');
    return b.failed ? fail_memory(err) : jwt_sign(key, b.bytes, b.length, a, ret, err);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* One part as JSON; NULL: it is no object. */
static json_t *read_part(const char *text, size_t n, arena *a)
{
    size_t length;
    char *json = arena_text(a, n + 1);
    if (!json || !base64url_read(text, n, json, n, &length))
        return NULL;
    json_t *j = json_loadb(json, length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(j))
        return j;
    json_decref(j);
    return NULL;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void read_head(const json_t *head, jwt *t)
{
    const char *alg = text_of(head, "alg"), *typ = text_of(head, "typ"),
               *kid = text_of(head, "kid");
    t->typed = json_object_size(head) == 3 && alg && typ && kid && !strcmp(alg, ALGORITHM) &&
               !strcmp(typ, TYPE) && strlen(kid) < sizeof t->key_id;
    if (t->typed)
        memcpy(t->key_id, kid, strlen(kid) + 1);
}

bool jwt_read(const char *token, arena *a, jwt *ret)
{
    size_t n = strnlen(token, JWT_MAX + 1), length = 0;
    const char *dot = strchr(token, '.'), *second = dot ? strchr(dot + 1, '.') : NULL;
    *ret = (jwt){ 0 };
    if (n > JWT_MAX || !second || dot - token > HEAD_MAX * 4)
        return false;
    json_t *head = read_part(token, (size_t)(dot - token), a);
    if (!head)
        return false;
    read_head(head, ret);
    json_decref(head);
    /* Another issuer's signature may have another length: it is theirs to check. */
    if (!base64url_read(second + 1, strlen(second + 1), ret->signature, sizeof ret->signature,
                        &length) ||
        length != sizeof ret->signature)
        ret->typed = false;
    ret->signed_text = token;
    ret->signed_length = (size_t)(second - token);
    ret->payload = read_part(dot + 1, (size_t)(second - dot - 1), a);
    ret->issuer = text_of(ret->payload, "iss");
    return ret->payload;
}

void jwt_done(jwt *t)
{
    json_decref(t->payload);
    t->payload = NULL;
}

static bool number_of(const json_t *object, const char *name, int64_t *ret)
{
    const json_t *j = json_object_get(object, name);
    *ret = json_integer_value(j);
    return json_is_integer(j);
}

bool jwt_check(const jwt *t, const jwt_key *key, jwt_claims *ret)
{
    const json_t *p = t->payload;
    if (!t->typed || strcmp(t->key_id, key->id) ||
        crypto_sign_verify_detached(t->signature, (const unsigned char *)t->signed_text,
                                    t->signed_length, key->public))
        return false;
    *ret = (jwt_claims){ .issuer = t->issuer,
                         .subject = text_of(p, "sub"),
                         .session = text_of(p, "sid"),
                         .id = text_of(p, "jti") };
    const char *audience = text_of(p, "aud");
    return ret->issuer && audience && !strcmp(audience, ret->issuer) && ret->subject &&
           ret->session && ret->id && number_of(p, "iat", &ret->issued_at) &&
           number_of(p, "exp", &ret->expires_at) && number_of(p, "auth_time", &ret->auth_at) &&
           !json_object_get(p, "nbf");
}
