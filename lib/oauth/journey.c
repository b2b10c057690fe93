/* journey.c - a sign-in elsewhere, sealed into the browser's cookie.
 */
#include "oauth/journey.h"

#include "base/base64url.h"
#include "base/seal.h"

#include <jansson.h>
#include <sodium.h>

enum { COOKIE_MAX = 4000, BOX_MAX = 3000 };
static const char PURPOSE[] = "oauth journey";

static const char *secret_text(act *t)
{
    unsigned char random[SECRET_BYTES];
    char *text = arena_text(t->a, SECRET_TEXT);
    random_bytes(t->c, random, sizeof random);
    if (text)
        base64url_write(random, sizeof random, text);
    sodium_memzero(random, sizeof random);
    return text;
}

cinema_status journey_new(act *t, journey *j)
{
    j->state = secret_text(t);
    j->nonce = secret_text(t);
    j->verifier = secret_text(t);
    j->expires_at = now_ms(t->c) + JOURNEY_MS;
    return j->state && j->nonce && j->verifier ? CINEMA_OK : fail_memory(t->err);
}

/* ---- the cookie ------------------------------------------------------------------------------ */

static bool https(act *t)
{
    return !strncmp(config_public_url(t->c->config), "https://", 8);
}

/* Browsers take a name with this prefix from https alone. */
static const char *cookie_name(act *t)
{
    return https(t) ? "__Secure-cinema_oauth" : "cinema_oauth";
}

/* Where the public address has a path of its own, the browser sees ours behind it. */
static const char *cookie(act *t, const char *value, int age_s)
{
    const char *url = config_public_url(t->c->config), *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;
    return arena_format(t->a, "%s=%s; Path=%s/v1/auth/oauth; Max-Age=%d; HttpOnly; SameSite=Lax%s",
                        cookie_name(t), value, path ? path : "", age_s, https(t) ? "; Secure" : "");
}

const char *journey_no_cookie(act *t)
{
    return cookie(t, "", 0);
}

static cinema_status seal(act *t, const char *json, const char **ret)
{
    bytes box, plain = { (const unsigned char *)json, strlen(json) };
    cinema_status s = seal_close(t->c, PURPOSE, plain, t->a, &box, t->err);
    char *text = s ? NULL : arena_text(t->a, BASE64URL_ROOM(box.length));
    if (s || !text)
        return s ? s : fail_memory(t->err);
    base64url_write(box.at, box.length, text);
    *ret = text;
    return CINEMA_OK;
}

cinema_status journey_cookie(act *t, const journey *j, const char **ret)
{
    const char *value = NULL;
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s?, s:s?, s:b, s:I}", "provider",
                          j->provider, "state", j->state, "nonce", j->nonce, "verifier",
                          j->verifier, "return_to", j->return_to, "account",
                          (json_int_t)j->account_nr, "permit", j->permit, "session", j->session_id,
                          "confirm", (int)j->confirm, "expires_at", (json_int_t)j->expires_at);
    CLEANUP(freep) char *json = o ? json_dumps(o, JSON_COMPACT) : NULL;
    json_decref(o);
    cinema_status s = json ? seal(t, json, &value) : fail_memory(t->err);
    if (s)
        return s;
    *ret = cookie(t, value, JOURNEY_MS / 1000);
    return *ret ? CINEMA_OK : fail_memory(t->err);
}

/* ---- read again ------------------------------------------------------------------------------ */

static cinema_status invalid(act *t)
{
    return fail(t->err, CINEMA_INVALID, "invalid_state", "state",
                "state: this browser has not begun this sign-in, or it took too long: try again");
}

/* The value of ours among the cookies; NULL: it is not there, or twice. */
static const char *value_of(act *t, const char *cookies)
{
    const char *name = cookie_name(t), *found = NULL;
    size_t n = strlen(name), length = 0;
    while (cookies && *(cookies += strspn(cookies, " \t"))) {
        size_t end = strcspn(cookies, ";");
        if (end > n && !memcmp(cookies, name, n) && cookies[n] == '=') {
            if (found)
                return NULL;
            found = cookies + n + 1;
            length = end - n - 1;
        }
        cookies += end + (cookies[end] == ';');
    }
    return found && length <= COOKIE_MAX ? arena_copy(t->a, found, length) : NULL;
}

static cinema_status open_box(act *t, const char *text, const char **json)
{
    unsigned char raw[BOX_MAX];
    cinema_error why;
    bytes box = { .at = raw }, plain;
    if (!base64url_read(text, strlen(text), raw, sizeof raw, &box.length))
        return invalid(t);
    cinema_status s = seal_open(t->c, PURPOSE, box, t->a, &plain, &why);
    if (s == CINEMA_NO_MEMORY)
        return fail_memory(t->err);
    if (s)
        return invalid(t);
    *json = arena_copy(t->a, (const char *)plain.at, plain.length);
    return *json ? CINEMA_OK : fail_memory(t->err);
}

static const char *text_of(act *t, const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    return s ? arena_copy(t->a, s, strlen(s)) : NULL;
}

static bool unpack(act *t, const char *json, journey *j)
{
    json_t *o = json_loads(json, 0, NULL);
    *j = (journey){ .provider = text_of(t, o, "provider"),
                    .state = text_of(t, o, "state"),
                    .nonce = text_of(t, o, "nonce"),
                    .verifier = text_of(t, o, "verifier"),
                    .return_to = text_of(t, o, "return_to"),
                    .account_nr = json_integer_value(json_object_get(o, "account")),
                    .permit = text_of(t, o, "permit"),
                    .session_id = text_of(t, o, "session"),
                    .confirm = json_is_true(json_object_get(o, "confirm")),
                    .expires_at = json_integer_value(json_object_get(o, "expires_at")) };
    json_decref(o);
    return j->provider && j->state && j->nonce && j->verifier && j->return_to &&
           (j->permit || !j->account_nr);
}

static bool same(const char *a, const char *b)
{
    return strlen(a) == strlen(b) && !sodium_memcmp(a, b, strlen(a));
}

cinema_status journey_read(act *t, const char *cookies, const char *name, const char *state,
                           journey *ret)
{
    const char *json = NULL, *value = value_of(t, cookies);
    journey j;
    cinema_status s = value && state ? open_box(t, value, &json) : invalid(t);
    if (s)
        return s;
    if (!unpack(t, json, &j) || !same(j.state, state) || strcmp(j.provider, name) != 0 ||
        now_ms(t->c) >= j.expires_at)
        return invalid(t);
    *ret = j;
    return CINEMA_OK;
}
