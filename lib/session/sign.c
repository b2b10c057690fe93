/* sign.c - claims of somebody's own, signed as ours are: for tests and drills.
 * What they say is theirs to choose, also a wrong issuer or a time that is over; they only have to
 * be claims. No operation leads here, so that nothing that comes through a door can ask for it.
 */
#include "audit/audit.h"
#include "call/json_in.h"
#include "session/key.h"
#include "session/session.h"

#include <cinema/auth.h>

#include <sodium.h>

enum { CLAIMS_MAX = 65536 };

typedef enum kind { STRING, STRINGS, SECONDS } kind;

/* Claims that have a type (RFC 7519, RFC 9068). */
static const struct claim {
    const char *name;
    kind kind;
} registered[] = {
    { "iss", STRING },  { "sub", STRING },  { "aud", STRINGS },       { "exp", SECONDS },
    { "nbf", SECONDS }, { "iat", SECONDS }, { "jti", STRING },        { "client_id", STRING },
    { "sid", STRING },  { "acr", STRING },  { "auth_time", SECONDS },
};

static const char *const must_be[] = {
    [STRING] = "must be a string",
    [STRINGS] = "must be a string or a list of strings",
    [SECONDS] = "must be a number: seconds since 1970",
};

static bool all_strings(const json_t *list)
{
    size_t i;
    const json_t *v;
    json_array_foreach(list, i, v) if (!json_is_string(v)) return false;
    return json_is_array(list);
}

static bool is_a(kind k, const json_t *v)
{
    return k == SECONDS ? json_is_number(v) : json_is_string(v) || (k == STRINGS && all_strings(v));
}

static cinema_status check_types(const json_t *claims, cinema_error *err)
{
    for (size_t i = 0; i < COUNT_OF(registered); i++) {
        const struct claim *r = &registered[i];
        const json_t *v = json_object_get(claims, r->name);
        if (v && !is_a(r->kind, v))
            return fail(err, CINEMA_INVALID, "type", r->name, "%s: %s", r->name, must_be[r->kind]);
    }
    return CINEMA_OK;
}

static cinema_status not_claims(const faults *list, cinema_error *err)
{
    const fault *x = &list->items[0];
    const char *where = *x->field ? x->field : "claims";
    if (!list->count)
        return fail_memory(err);
    return fail(err, CINEMA_INVALID, x->rule, where, "%s: %s", where, x->message);
}

/* What is signed is the text as it stands; it is read to judge it. */
static cinema_status check(const char *text, size_t n, arena *a, cinema_signed_token *ret,
                           cinema_error *err)
{
    faults list = { 0 };
    if (n > CLAIMS_MAX)
        return fail(err, CINEMA_INVALID, "length", "claims", "claims: must have %d bytes at most",
                    CLAIMS_MAX);
    json_t *claims = json_read_object(text, n, &list);
    cinema_status s = claims ? check_types(claims, err) : not_claims(&list, err);
    const char *subject = json_string_value(json_object_get(claims, "sub"));
    ret->subject = subject ? arena_copy(a, subject, strlen(subject)) : NULL;
    ret->expires = json_object_get(claims, "exp") != NULL;
    json_decref(claims);
    return s || ret->subject || !subject ? s : fail_memory(err);
}

static cinema_status write_log(cinema *c, const cinema_signed_token *t, arena *a, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    const audit_entry e = {
        .action = "key.sign", .actor = "system", .account_id = t->subject, .target = t->key_id
    };
    cinema_status s = db_begin(c, &tx, err);
    if (s || (s = audit__add(c, tx, NULL, &e, a, err)))
        return s;
    return db_commit(&tx, err);
}

static cinema_status sign(cinema *c, const char *text, arena *a, cinema_signed_token *ret,
                          cinema_error *err)
{
    static const char space[] = " \t\r\n";
    session_key key;
    text += strspn(text, space);
    size_t n = strnlen(text, CLAIMS_MAX + 1);
    while (n && strchr(space, text[n - 1]))
        n--;
    cinema_status s = check(text, n, a, ret, err);
    if (s || (s = key_latest(c, err)) || (s = key_current(c, &key, err)))
        return s;
    s = jwt_sign(&key.key, text, n, a, &ret->token, err);
    ret->key_id = arena_copy(a, key.key.id, strlen(key.key.id));
    sodium_memzero(&key, sizeof key);
    if (s || !ret->key_id)
        return s ? s : fail_memory(err);
    return write_log(c, ret, a, err);
}

cinema_status cinema_key_sign(cinema *c, const char *claims, cinema_signed_token **ret,
                              cinema_error *err)
{
    arena *a = arena_new(0, 0);
    cinema_signed_token *t = a ? record_new(a, sizeof *t) : NULL;
    cinema_status s = handle_check(c, err);
    if (!s)
        s = t ? sign(c, claims, a, t, err) : fail_memory(err);
    if (s)
        arena_free(a);
    else
        *ret = t;
    return s;
}

void cinema_signed_token_free(cinema_signed_token *t)
{
    record_free(t);
}
