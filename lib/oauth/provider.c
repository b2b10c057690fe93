/* provider.c - who is set as a provider, and where it is found.
 */
#include "oauth/part.h"

#include <stdio.h>

enum { NAME_MAX_BYTES = 20 };

/* Known by name; settings may say otherwise. */
static const struct known {
    const char *name, *issuer, *authorize, *token, *user;
} known[] = {
    { "google", "https://accounts.google.com", NULL, NULL, NULL },
    { "github", NULL, "https://github.com/login/oauth/authorize",
      "https://github.com/login/oauth/access_token", "https://api.github.com/user" },
};

static bool is_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789");
    return n && !name[n] && n <= NAME_MAX_BYTES;
}

/* CINEMA_OAUTH_GITHUB_CLIENT_ID of "github" and "CLIENT_ID". */
static const char *setting_of(cinema *c, const char *name, const char *what)
{
    char text[80];
    int n = snprintf(text, sizeof text, "CINEMA_OAUTH_%s_%s", name, what);
    for (char *s = text; n > 0 && *s; s++)
        if (*s >= 'a' && *s <= 'z')
            *s = (char)(*s - 'a' + 'A');
    return config_text(c->config, text);
}

static const struct known *known_as(const char *name)
{
    static const struct known other;
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (!strcmp(known[i].name, name))
            return &known[i];
    return &other;
}

static const char *or_known(const char *set, const char *otherwise)
{
    return set ? set : otherwise;
}

static cinema_status bad_setting(act *t, const char *name)
{
    return fail(t->err, CINEMA_UNAVAILABLE, "bad_setting", NULL,
                "the provider %s is not set up: it needs a secret and https addresses", name);
}

static bool complete(act *t, const provider *p)
{
    if (!p->client_secret)
        return false;
    if (p->issuer)
        return issuer__safe_url(t->c, p->issuer);
    return p->authorize && p->token && p->user && issuer__safe_url(t->c, p->authorize) &&
           issuer__safe_url(t->c, p->token) && issuer__safe_url(t->c, p->user);
}

/* The two that are known keep their name, so that a moved test server is still the same provider.
 */
static const char *key_of(const provider *p, const struct known *k)
{
    return k->name || !p->issuer ? p->name : p->issuer;
}

cinema_status provider_find(act *t, const char *name, provider *ret)
{
    cinema *c = t->c;
    const char *id = is_name(name) ? setting_of(c, name, "CLIENT_ID") : NULL;
    if (!id)
        return fail(t->err, CINEMA_NOT_FOUND, NULL, NULL, "there is no such provider here");
    const struct known *k = known_as(name);
    const char *authorize = setting_of(c, name, "AUTHORIZE_URL");
    provider p = { .name = name,
                   .client_id = id,
                   .client_secret = setting_of(c, name, "CLIENT_SECRET"),
                   .issuer = setting_of(c, name, "ISSUER"),
                   .authorize = or_known(authorize, k->authorize),
                   .token = or_known(setting_of(c, name, "TOKEN_URL"), k->token),
                   .user = or_known(setting_of(c, name, "USER_URL"), k->user),
                   .github = !strcmp(name, "github"),
                   .in_body = true };
    if (!p.issuer && !authorize)
        p.issuer = k->issuer;
    p.key = key_of(&p, k);
    if (!complete(t, &p))
        return bad_setting(t, name);
    *ret = p;
    return CINEMA_OK;
}

cinema_status provider_ready(act *t, provider *p)
{
    issuer_endpoints e;
    if (!p->issuer)
        return CINEMA_OK;
    cinema_status s = issuer__endpoints(t->c, p->issuer, t->a, &e, t->err);
    if (s)
        return s;
    p->authorize = e.authorize;
    p->token = e.token;
    p->userinfo = e.userinfo;
    p->says_who = e.says_who;
    p->in_body = e.secret_in_body;
    return CINEMA_OK;
}

const char *provider_name(cinema *c, const char *key, arena *a)
{
    static const char before[] = "CINEMA_OAUTH_", after[] = "_ISSUER";
    setting s;
    for (size_t i = 0; strstr(key, "://") && config_named(c->config, i, &s); i++) {
        const char *end = strstr(s.name, after), *value = config_text(c->config, s.name);
        if (!end || !value || strcmp(value, key) != 0)
            continue;
        const char *start = s.name + sizeof before - 1;
        char *name = arena_copy(a, start, (size_t)(end - start));
        for (char *at = name; at && *at; at++)
            *at = (char)(*at >= 'A' && *at <= 'Z' ? *at | 0x20 : *at);
        return name;
    }
    return key;
}

/* ---- pieces of URLs -------------------------------------------------------------------------- */

void url_add(buffer *b, char separator, const char *name, const char *value)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    if (!value)
        return;
    if (separator)
        buffer_byte(b, separator);
    buffer_text(b, name);
    if (*name)
        buffer_byte(b, '=');
    for (; *value; value++) {
        if (strchr(plain, *value))
            buffer_byte(b, *value);
        else
            buffer_format(b, "%%%02X", (unsigned char)*value);
    }
}

const char *redirect_uri(act *t, const char *name)
{
    return arena_format(t->a, "%s/v1/auth/oauth/%s/callback", config_public_url(t->c->config),
                        name);
}
