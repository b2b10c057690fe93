/* setting.c - CINEMA_TRUSTED_ISSUERS, and what a handle keeps of issuers.
 */
#include "issuer/source.h"
#include "port/web/web.h"

static cinema_status bad(cinema_error *err, const char *rule)
{
    return fail(err, CINEMA_INVALID, "bad_setting", "CINEMA_TRUSTED_ISSUERS",
                "CINEMA_TRUSTED_ISSUERS %s", rule);
}

bool issuer__safe_url(cinema *c, const char *url)
{
    char origin[WEB_ORIGIN_MAX];
    if (web_origin(url, origin, NULL))
        return false;
    return !strncmp(origin, "https:", 6) ||
           web_origin_listed(config_text(c->config, "CINEMA_OUTGOING_ALLOW"), origin);
}

/* One member of an entry, `name=value`. */
typedef struct member {
    const char *name, *value;
    size_t name_length, length;
} member;

static bool is(const member *m, const char *name)
{
    return strlen(name) == m->name_length && !memcmp(m->name, name, m->name_length);
}

static cinema_status copy(const member *m, char **to, cinema_error *err)
{
    if (*to)
        return bad(err, "says the same twice in an entry");
    *to = strndup(m->value, m->length);
    return *to ? CINEMA_OK : fail_memory(err);
}

static cinema_status take_secret(source *s, const member *m, cinema_error *err)
{
    cinema_error why;
    if (s->secret)
        return bad(err, "says the same twice in an entry");
    cinema_status st = jose_keys_secret(m->value, m->length, JOSE_HS256, &s->secret, &why);
    if (st == CINEMA_INVALID)
        return bad(err, "has a secret that is shorter than 32 characters");
    return st ? fail(err, st, NULL, NULL, "%s", why.message) : CINEMA_OK;
}

static cinema_status take(source *s, const member *m, cinema_error *err)
{
    if (is(m, "audience"))
        return copy(m, &s->audience, err);
    if (is(m, "jwks"))
        return copy(m, &s->jwks_given, err);
    if (is(m, "secret"))
        return take_secret(s, m, err);
    return bad(err, "is entries such as issuer=https://auth.example;audience=films, with "
                    "spaces between");
}

/* The next member of an entry that ends at `end`; false: there is none. */
static bool next(const char **at, const char *end, member *m)
{
    if (*at >= end)
        return false;
    const char *stop = memchr(*at, ';', (size_t)(end - *at));
    stop = stop ? stop : end;
    const char *equals = memchr(*at, '=', (size_t)(stop - *at));
    *m = (member){ .name = *at, .name_length = (size_t)((equals ? equals : stop) - *at) };
    m->value = equals ? equals + 1 : stop;
    m->length = (size_t)(stop - m->value);
    *at = stop < end ? stop + 1 : end;
    return true;
}

static cinema_status check(cinema *c, const source *s, cinema_error *err)
{
    if (!issuer__safe_url(c, s->issuer) || (s->jwks_given && !issuer__safe_url(c, s->jwks_given)))
        return bad(err, "has an address that is not https, nor in CINEMA_OUTGOING_ALLOW");
    return s->audience && *s->audience ? CINEMA_OK : bad(err, "needs an audience in each entry");
}

static cinema_status read_entry(cinema *c, const char *at, const char *end, cinema_error *err)
{
    source *s = NULL;
    member m;
    if (!next(&at, end, &m) || !is(&m, "issuer") || !m.length)
        return bad(err, "begins each entry with issuer=https://…");
    CLEANUP(freep) char *issuer = strndup(m.value, m.length);
    cinema_status st = issuer ? source_of(c, issuer, &s, err) : fail_memory(err);
    if (st)
        return st;
    if (s->trusted)
        return bad(err, "names an issuer twice");
    s->trusted = true;
    while (!st && next(&at, end, &m))
        st = take(s, &m, err);
    return st ? st : check(c, s, err);
}

static cinema_status read_setting(cinema *c, const char *text, cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    while (!s && text && *(text += strspn(text, " "))) {
        size_t n = strcspn(text, " ");
        s = read_entry(c, text, text + n, err);
        text += n;
    }
    return s;
}

cinema_status issuer__open(cinema *c, cinema_error *err)
{
    pthread_condattr_t how;
    struct issuer_state *st = calloc(1, sizeof *st);
    if (!st)
        return fail_memory(err);
    pthread_mutex_init(&st->lock, NULL);
    pthread_condattr_init(&how);
    pthread_condattr_setclock(&how, CLOCK_MONOTONIC);
    pthread_cond_init(&st->fetched, &how);
    pthread_condattr_destroy(&how);
    c->issuers = st;
    return read_setting(c, config_text(c->config, "CINEMA_TRUSTED_ISSUERS"), err);
}

void issuer__close(cinema *c)
{
    struct issuer_state *st = c->issuers;
    if (!st)
        return;
    for (size_t i = 0; i < st->count; i++)
        source_free(st->sources[i]);
    pthread_cond_destroy(&st->fetched);
    pthread_mutex_destroy(&st->lock);
    free(st);
}
