/* jose.c - tokens taken apart; which key may check which.
 */
#include "port/jose/jose.h"

#include "base/base64url.h"
#include "base/module.h"
#include "base/text.h"
#include "port/jose/keys.h"

#include <jansson.h>

/* Keys of the sender's own choice, and demands that would be passed over. */
static const char refused[] = "crit b64 zip enc jwk jku x5c x5u";

static cinema_status bad(cinema_error *err, const char *why)
{
    return fail(err, CINEMA_UNAUTHENTICATED, "invalid_token", NULL, "the token %s", why);
}

/* ---- the driver ------------------------------------------------------------------------------ */

/* In a static build the program names the driver by linking it. */
extern const jose_driver cinema_jose_driver __attribute__((weak));

cinema_status jose_driver_get(const jose_driver **ret, cinema_error *err)
{
    static const char module[] = "cinema-openssl.so";
    static _Atomic(const jose_driver *) known;
    const jose_driver *d = known;
    if (!d)
        d = &cinema_jose_driver;
    if (!d)
        d = module_symbol(module, JOSE_DRIVER_SYMBOL);
    if (!d || d->abi != JOSE_DRIVER_ABI)
        return fail(err, CINEMA_UNSUPPORTED, "no_driver", NULL,
                    "the driver %s is not installed beside this libcinema%s", module,
                    d ? " in the same version" : "");
    known = d;
    *ret = d;
    return CINEMA_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

jose_algorithm jose_algorithm_named(const char *name)
{
    static const char *const names[] = { "RS256", "RS384", "RS512", "PS256", "PS384",
                                         "PS512", "ES256", "ES384", "ES512", "EdDSA",
                                         "HS256", "HS384", "HS512" };
    for (size_t i = 0; name && i < COUNT_OF(names); i++)
        if (!strcmp(name, names[i]))
            return (jose_algorithm)(1u << i);
    return 0;
}

/* Decoded into `a`, NUL behind it. NULL: no base64url, or no memory (told by *s). */
static char *decoded(const char *text, size_t n, arena *a, size_t *length, cinema_status *s)
{
    size_t room = n / 4 * 3 + 3;
    char *to = arena_text(a, room);
    if (!to) {
        *s = CINEMA_NO_MEMORY;
        return NULL;
    }
    if (!base64url_read(text, n, to, room - 1, length))
        return NULL;
    to[*length] = '\0';
    return to;
}

/* A text member copied into `a`; one of another type is a fault. */
static bool text_member(const json_t *header, const char *name, arena *a, const char **ret)
{
    const json_t *v = json_object_get(header, name);
    *ret = NULL;
    if (!v)
        return true;
    if (!json_is_string(v) || json_string_length(v) > JOSE_KEY_ID_MAX)
        return false;
    *ret = arena_copy(a, json_string_value(v), json_string_length(v));
    return *ret;
}

static const char *header_fault(json_t *header, arena *a, jose_token *t)
{
    const char *name;
    json_t *value;
    if (!json_is_object(header))
        return "has a header that is no JSON object";
    json_object_foreach(header, name, value)
    {
        if (text_listed(refused, name))
            return "asks for what is not allowed in its header";
    }
    t->algorithm = jose_algorithm_named(json_string_value(json_object_get(header, "alg")));
    if (!t->algorithm)
        return "is signed by an algorithm that is not taken";
    if (!text_member(header, "kid", a, &t->key_id) || !text_member(header, "typ", a, &t->type))
        return "has a header that is not as it should be";
    return NULL;
}

static cinema_status read_header(const char *text, size_t n, arena *a, jose_token *t,
                                 cinema_error *err)
{
    size_t length;
    cinema_status s = CINEMA_OK;
    if (n > JOSE_HEADER_MAX / 3 * 4)
        return bad(err, "has too large a header");
    char *json = decoded(text, n, a, &length, &s);
    if (!json)
        return s ? fail_memory(err) : bad(err, "is no base64url");
    json_t *header = json_loadb(json, length, JSON_REJECT_DUPLICATES, NULL);
    const char *fault = header_fault(header, a, t);
    json_decref(header);
    return fault ? bad(err, fault) : CINEMA_OK;
}

static cinema_status read_bytes(const char *text, size_t n, arena *a, const char **ret,
                                size_t *length, cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    *ret = decoded(text, n, a, length, &s);
    return *ret ? CINEMA_OK : s ? fail_memory(err) : bad(err, "is no base64url");
}

cinema_status jose_read(const char *text, arena *a, jose_token *ret, cinema_error *err)
{
    jose_token t = { .message = text };
    size_t n = strnlen(text, JOSE_TOKEN_MAX + 1);
    const char *end = text + n, *payload, *signature, *bytes;
    if (n > JOSE_TOKEN_MAX)
        return bad(err, "is too large");
    const char *dot = memchr(text, '.', n);
    payload = dot ? dot + 1 : NULL;
    dot = payload ? memchr(payload, '.', (size_t)(end - payload)) : NULL;
    signature = dot ? dot + 1 : NULL;
    if (!signature || payload == text + 1 || memchr(signature, '.', (size_t)(end - signature)))
        return bad(err, "has not three parts");
    t.message_length = (size_t)(signature - 1 - text);
    cinema_status s = read_header(text, (size_t)(payload - 1 - text), a, &t, err);
    if (s ||
        (s = read_bytes(payload, (size_t)(signature - 1 - payload), a, &t.payload,
                        &t.payload_length, err)) ||
        (s = read_bytes(signature, (size_t)(end - signature), a, &bytes, &t.signature_length, err)))
        return s;
    t.signature = (const unsigned char *)bytes;
    *ret = t;
    return CINEMA_OK;
}

/* ---- checking -------------------------------------------------------------------------------- */

/* A key without a name is for any token, a named one for its own. */
static bool fits(const jose_jwk *k, const jose_token *t)
{
    if (!(k->algorithms & (unsigned)t->algorithm))
        return false;
    return !k->id || !t->key_id || !strcmp(k->id, t->key_id);
}

static size_t count_fitting(const jose_keys *k, const jose_token *t)
{
    size_t n = 0;
    for (size_t i = 0; i < k->count; i++)
        n += fits(&k->items[i], t);
    return n;
}

/* Without a name there must be no choice: guessing through a set would take any of its keys. */
bool jose_keys_know(const jose_keys *k, const jose_token *t)
{
    size_t n = count_fitting(k, t);
    return t->key_id ? n > 0 : n == 1;
}

cinema_status jose_verify(const jose_keys *k, const jose_token *t, unsigned allowed,
                          cinema_error *err)
{
    if (!(allowed & (unsigned)t->algorithm))
        return bad(err, "is signed by an algorithm that is not taken");
    if (!jose_keys_know(k, t))
        return bad(err, "is signed by a key that is not known");
    for (size_t i = 0; i < k->count; i++)
        if (fits(&k->items[i], t) &&
            k->driver->verify(k->items[i].key, t->algorithm, t->message, t->message_length,
                              t->signature, t->signature_length))
            return CINEMA_OK;
    return bad(err, "is not signed by whom it says");
}
