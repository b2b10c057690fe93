/* keys.c - JSON Web Keys: which of a set are of use, and for what.
 */
#include "port/jose/keys.h"

#include "base/base64url.h"

#include <jansson.h>

enum { NUMBER_MAX = 1040, SECRET_MAX = 512, RSA_LEAST = 256, SET_MAX = 256 * 1024 };

enum {
    RS = JOSE_RS256 | JOSE_RS384 | JOSE_RS512,
    PS = JOSE_PS256 | JOSE_PS384 | JOSE_PS512,
    HS = JOSE_HS256 | JOSE_HS384 | JOSE_HS512,
};

static cinema_status bad(cinema_error *err, const char *why)
{
    return fail(err, CINEMA_INVALID, "bad_keys", NULL, "the key set %s", why);
}

/* What a key is made of, decoded. */
typedef struct room {
    unsigned char n[NUMBER_MAX], e[NUMBER_MAX], x[NUMBER_MAX], y[NUMBER_MAX];
} room;

static const char *text_of(const json_t *jwk, const char *name)
{
    const char *s = json_string_value(json_object_get(jwk, name));
    return s ? s : "";
}

static bool number_of(const json_t *jwk, const char *name, unsigned char to[NUMBER_MAX],
                      jose_number *ret)
{
    const char *s = json_string_value(json_object_get(jwk, name));
    ret->at = to;
    return s && base64url_read(s, strlen(s), to, NUMBER_MAX, &ret->length) && ret->length;
}

/* ---- what a key is good for ------------------------------------------------------------------ */

/* The key's own word, where it has one: that algorithm or, in its family, one with a longer hash.
 * ES521 is how some write ES512. */
static unsigned by_word(const char *word, unsigned could)
{
    unsigned named = (unsigned)jose_algorithm_named(strcmp(word, "ES521") ? word : "ES512");
    if (!named)
        return 0;
    unsigned family = named & RS ? RS : named & PS ? PS : named & HS ? HS : named;
    return could & family & ~(named - 1);
}

static bool may_verify(const json_t *jwk)
{
    const json_t *use = json_object_get(jwk, "use"), *ops = json_object_get(jwk, "key_ops");
    if (use && strcmp(text_of(jwk, "use"), "sig") != 0)
        return false;
    if (!ops)
        return true;
    for (size_t i = 0; i < json_array_size(ops); i++) {
        const char *op = json_string_value(json_array_get(ops, i));
        if (op && !strcmp(op, "verify"))
            return true;
    }
    return false;
}

/* A secret is no shorter than the hash it goes into. */
static unsigned hs_of(size_t length)
{
    return length >= 64 ? HS : length >= 48 ? HS & ~JOSE_HS512 : length >= 32 ? JOSE_HS256 : 0;
}

static unsigned read_ec(const json_t *jwk, room *r, jose_material *m)
{
    static const struct {
        const char *name;
        unsigned bits, algorithm;
        size_t length;
    } curves[] = { { "P-256", 256, JOSE_ES256, 32 },
                   { "P-384", 384, JOSE_ES384, 48 },
                   { "P-521", 521, JOSE_ES512, 66 } };
    m->kind = JOSE_EC;
    for (size_t i = 0; i < COUNT_OF(curves); i++) {
        if (strcmp(text_of(jwk, "crv"), curves[i].name) != 0)
            continue;
        m->bits = curves[i].bits;
        return number_of(jwk, "x", r->x, &m->x) && number_of(jwk, "y", r->y, &m->y) &&
                       m->x.length == curves[i].length && m->y.length == curves[i].length
                   ? curves[i].algorithm
                   : 0;
    }
    return 0;
}

/* For which algorithms the key could be used by what it is made of; 0: it is of no use. */
static unsigned read_material(const json_t *jwk, room *r, jose_material *m)
{
    const char *type = text_of(jwk, "kty");
    if (!strcmp(type, "RSA")) {
        m->kind = JOSE_RSA;
        return number_of(jwk, "n", r->n, &m->n) && number_of(jwk, "e", r->e, &m->e) &&
                       m->n.length >= RSA_LEAST
                   ? RS | PS
                   : 0;
    }
    if (!strcmp(type, "EC"))
        return read_ec(jwk, r, m);
    if (!strcmp(type, "OKP")) {
        m->kind = JOSE_OKP;
        return !strcmp(text_of(jwk, "crv"), "Ed25519") && number_of(jwk, "x", r->x, &m->x) &&
                       m->x.length == 32
                   ? JOSE_EDDSA
                   : 0;
    }
    if (strcmp(type, "oct") != 0)
        return 0;
    m->kind = JOSE_SECRET;
    return number_of(jwk, "k", r->x, &m->x) && m->x.length <= SECRET_MAX ? hs_of(m->x.length) : 0;
}

/* ---- sets ------------------------------------------------------------------------------------ */

static cinema_status add(jose_keys *k, const jose_material *m, const char *id, unsigned algorithms,
                         cinema_error *err)
{
    cinema_error why;
    jose_jwk *to = &k->items[k->count];
    cinema_status s = k->driver->key_new(m, &to->key, &why);
    if (s == CINEMA_INVALID) /* weak: as good as not there */
        return CINEMA_OK;
    if (!s && id && !(to->id = strdup(id))) {
        k->driver->key_free(to->key);
        s = CINEMA_NO_MEMORY;
    }
    if (s)
        return s == CINEMA_NO_MEMORY ? fail_memory(err)
                                     : fail(err, s, NULL, NULL, "%s", why.message);
    to->algorithms = algorithms;
    k->count++;
    return CINEMA_OK;
}

/* A private key that is shown to the world is nobody's any more. */
static cinema_status add_jwk(jose_keys *k, const json_t *jwk, cinema_error *err)
{
    room r;
    jose_material m = { 0 };
    const json_t *id = json_object_get(jwk, "kid");
    bool secret = !strcmp(text_of(jwk, "kty"), "oct");
    unsigned algorithms = json_is_object(jwk) && may_verify(jwk) ? read_material(jwk, &r, &m) : 0;
    if (json_object_get(jwk, "alg"))
        algorithms = by_word(text_of(jwk, "alg"), algorithms);
    if (!algorithms || (!secret && json_object_get(jwk, "d")) ||
        (id && (!json_is_string(id) || json_string_length(id) > JOSE_KEY_ID_MAX)))
        return CINEMA_OK;
    return add(k, &m, json_string_value(id), algorithms, err);
}

/* Whoever has public keys beside a shared secret mixes two ways to trust. */
static bool mixed(const json_t *keys)
{
    size_t secrets = 0, n = json_array_size(keys);
    for (size_t i = 0; i < n; i++)
        secrets += !strcmp(text_of(json_array_get(keys, i), "kty"), "oct");
    return secrets && secrets != n;
}

static cinema_status keys_new(size_t count, jose_keys **ret, cinema_error *err)
{
    const jose_driver *d = NULL;
    cinema_status s = jose_driver_get(&d, err);
    if (s)
        return s;
    jose_keys *k = calloc(1, sizeof *k + count * sizeof k->items[0]);
    if (!k)
        return fail_memory(err);
    k->driver = d;
    *ret = k;
    return CINEMA_OK;
}

static cinema_status read_set(const json_t *set, jose_keys **ret, cinema_error *err)
{
    const json_t *list = json_object_get(set, "keys");
    size_t n = list ? json_array_size(list) : 1;
    if (!json_is_object(set) || (list && !json_is_array(list)))
        return bad(err, "is no JSON object of keys");
    if (n > JOSE_KEYS_MAX)
        return bad(err, "has too many keys");
    if (mixed(list))
        return bad(err, "has secrets beside public keys");
    jose_keys *k = NULL;
    cinema_status s = keys_new(n, &k, err);
    for (size_t i = 0; !s && i < n; i++)
        s = add_jwk(k, list ? json_array_get(list, i) : set, err);
    if (s)
        jose_keys_free(k);
    else
        *ret = k;
    return s;
}

cinema_status jose_keys_read(const char *json, size_t length, jose_keys **ret, cinema_error *err)
{
    json_t *set = length <= SET_MAX ? json_loadb(json, length, JSON_REJECT_DUPLICATES, NULL) : NULL;
    cinema_status s = set ? read_set(set, ret, err) : bad(err, "is no JSON, or too large");
    json_decref(set);
    return s;
}

cinema_status jose_keys_secret(const void *secret, size_t length, unsigned algorithms,
                               jose_keys **ret, cinema_error *err)
{
    jose_keys *k = NULL;
    jose_material m = { .kind = JOSE_SECRET, .x = { secret, length } };
    if (length > SECRET_MAX || (algorithms & hs_of(length)) != algorithms)
        return bad(err, "has a secret that is too short, or too long");
    cinema_status s = keys_new(1, &k, err);
    if (s || (s = add(k, &m, NULL, algorithms, err))) {
        jose_keys_free(k);
        return s;
    }
    *ret = k;
    return CINEMA_OK;
}

void jose_keys_free(jose_keys *k)
{
    for (size_t i = 0; k && i < k->count; i++) {
        k->driver->key_free(k->items[i].key);
        free(k->items[i].id);
    }
    free(k);
}

size_t jose_keys_count(const jose_keys *k)
{
    return k->count;
}
