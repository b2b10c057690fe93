/* source.c - an issuer's description and keys: fetched by one thread, kept for all.
 */
#include "issuer/source.h"

#include "port/web/web.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>

/* Whoever needs the news waits longer for it than who could do without. */
enum { NEEDED_MS = 4000, FRESHER_MS = 1000, DOCUMENT_MAX = 128 * 1024 };

/* ---- the list -------------------------------------------------------------------------------- */

/* Under the lock. */
static source *find(const struct issuer_state *st, const char *issuer)
{
    for (size_t i = 0; i < st->count; i++)
        if (!strcmp(st->sources[i]->issuer, issuer))
            return st->sources[i];
    return NULL;
}

source *source_find(cinema *c, const char *issuer)
{
    pthread_mutex_lock(&c->issuers->lock);
    source *found = find(c->issuers, issuer);
    pthread_mutex_unlock(&c->issuers->lock);
    return found;
}

/* Under the lock. */
static cinema_status add(struct issuer_state *st, const char *issuer, source **ret,
                         cinema_error *err)
{
    if (st->count == SOURCES_MAX)
        return fail(err, CINEMA_INVALID, "bad_setting", NULL, "there are more than %d issuers",
                    SOURCES_MAX);
    source *s = calloc(1, sizeof *s);
    if (!s || !(s->issuer = strdup(issuer))) {
        free(s);
        return fail_memory(err);
    }
    st->sources[st->count++] = s;
    *ret = s;
    return CINEMA_OK;
}

cinema_status source_of(cinema *c, const char *issuer, source **ret, cinema_error *err)
{
    pthread_mutex_lock(&c->issuers->lock);
    source *found = find(c->issuers, issuer);
    cinema_status s = found ? CINEMA_OK : add(c->issuers, issuer, &found, err);
    pthread_mutex_unlock(&c->issuers->lock);
    if (!s)
        *ret = found;
    return s;
}

void keys_done(shared_keys *k)
{
    if (!k || atomic_fetch_sub(&k->users, 1) > 1)
        return;
    jose_keys_free(k->keys);
    free(k);
}

void keys_donep(shared_keys **k)
{
    keys_done(*k);
}

static void description_done(description *d)
{
    free(d->jwks);
    free(d->authorize);
    free(d->token);
    free(d->userinfo);
}

void source_free(source *s)
{
    if (!s)
        return;
    keys_done(s->keys);
    jose_keys_free(s->secret);
    free(s->issuer);
    free(s->audience);
    free(s->jwks_given);
    description_done(&s->described);
    free(s);
}

/* ---- fetching -------------------------------------------------------------------------------- */

/* What one fetch brought; put into the source under the lock. */
typedef struct news {
    int64_t patience_ms; /* for each request */
    bool is_described;
    description described;
    shared_keys *keys;
} news;

static void news_done(news *n)
{
    description_done(&n->described);
    keys_done(n->keys);
}

static cinema_status bad(cinema_error *err, const char *why)
{
    return fail(err, CINEMA_UNAVAILABLE, "issuer_unavailable", NULL, "%s", why);
}

static cinema_status fetch(cinema *c, const char *url, const news *n, arena *a, web_answer *ret,
                           cinema_error *err)
{
    static const cinema_pair accept = { "Accept", "application/json" };
    web_request q = { .url = url,
                      .headers = &accept,
                      .header_count = 1,
                      .max = DOCUMENT_MAX,
                      .timeout_ms = n->patience_ms };
    cinema_error why;
    if (!issuer__safe_url(c, url))
        return bad(err, "an address of the issuer is not https");
    cinema_status s = web_fetch(c, &q, a, ret, &why);
    if (s == CINEMA_NO_MEMORY)
        return fail_memory(err);
    if (s)
        return bad(err, why.message);
    return ret->status == 200 ? CINEMA_OK
                              : fail(err, CINEMA_UNAVAILABLE, "issuer_unavailable", NULL,
                                     "it answered %d", ret->status);
}

/* An address of the description; one that is there has to be safe. */
static bool address(cinema *c, const json_t *d, const char *name, char **ret)
{
    const char *url = json_string_value(json_object_get(d, name));
    if (!url)
        return true;
    return issuer__safe_url(c, url) && (*ret = strdup(url));
}

/* Without a list it is what all take (OpenID Connect Discovery, 3). */
static bool takes_basic(const json_t *methods)
{
    for (size_t i = 0; i < json_array_size(methods); i++) {
        const char *one = json_string_value(json_array_get(methods, i));
        if (one && !strcmp(one, "client_secret_basic"))
            return true;
    }
    return !methods;
}

static cinema_status read_description(cinema *c, const source *s, const json_t *d, news *n,
                                      cinema_error *err)
{
    const char *issuer = json_string_value(json_object_get(d, "issuer"));
    if (!issuer || strcmp(issuer, s->issuer) != 0)
        return bad(err, "its description is of another issuer, or is none");
    description *to = &n->described;
    if (!address(c, d, "jwks_uri", &to->jwks) ||
        !address(c, d, "authorization_endpoint", &to->authorize) ||
        !address(c, d, "token_endpoint", &to->token) ||
        !address(c, d, "userinfo_endpoint", &to->userinfo) || !to->jwks)
        return bad(err, "its description has an address that is no good");
    to->secret_in_body = !takes_basic(json_object_get(d, "token_endpoint_auth_methods_supported"));
    to->says_who =
        json_is_true(json_object_get(d, "authorization_response_iss_parameter_supported"));
    n->is_described = true;
    return CINEMA_OK;
}

static cinema_status fetch_description(cinema *c, const source *s, arena *a, news *n,
                                       cinema_error *err)
{
    web_answer answer;
    size_t end = strlen(s->issuer);
    bool slash = end && s->issuer[end - 1] == '/';
    const char *url =
        arena_format(a, "%s%s.well-known/openid-configuration", s->issuer, slash ? "" : "/");
    if (!url)
        return fail_memory(err);
    cinema_status st = fetch(c, url, n, a, &answer, err);
    if (st)
        return st;
    json_t *d = json_loadb(answer.body, answer.length, JSON_REJECT_DUPLICATES, NULL);
    st = read_description(c, s, d, n, err);
    json_decref(d);
    return st;
}

static cinema_status fetch_keys(cinema *c, const char *url, arena *a, news *n, cinema_error *err)
{
    web_answer answer;
    cinema_error why;
    cinema_status s = fetch(c, url, n, a, &answer, err);
    if (s)
        return s;
    shared_keys *k = calloc(1, sizeof *k);
    if (!k)
        return fail_memory(err);
    k->users = 1;
    s = jose_keys_read(answer.body, answer.length, &k->keys, &why);
    if (!s) {
        n->keys = k;
        return CINEMA_OK;
    }
    free(k);
    return s == CINEMA_NO_MEMORY ? fail_memory(err) : bad(err, why.message);
}

/* Without a lock; `jwks` is what is known of the description, NULL: it is to be fetched. */
static cinema_status fetch_all(cinema *c, const source *s, const char *jwks, news *n,
                               cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    cinema_status st = a ? CINEMA_OK : fail_memory(err);
    if (!st && !jwks && !(st = fetch_description(c, s, a, n, err)))
        jwks = n->described.jwks;
    return st ? st : fetch_keys(c, jwks, a, n, err);
}

/* What was there goes out with the news. */
static void take_news(source *s, news *n, int64_t now)
{
    if (n->is_described) {
        description was = s->described;
        s->described = n->described;
        n->described = was;
        s->described_at = now;
    }
    if (n->keys) {
        shared_keys *was = s->keys;
        s->keys = n->keys;
        n->keys = was;
        s->fetched_at = now;
    }
}

static bool past(int64_t then, int64_t now, int64_t ms)
{
    return !then || now - then >= ms || now < then; /* a clock may be set back */
}

static bool has_keys(const source *s, int64_t now)
{
    return s->keys && !past(s->fetched_at, now, KEPT_MS);
}

/* Under the lock, which is let go meanwhile. */
static void refresh(cinema *c, source *s)
{
    struct issuer_state *st = c->issuers;
    news n = { 0 };
    cinema_error err = { 0 };
    int64_t now = now_ms(c);
    n.patience_ms = has_keys(s, now) ? FRESHER_MS : NEEDED_MS;
    bool described = s->described.jwks && !past(s->described_at, now, DESCRIBED_MS);
    const char *known = s->jwks_given ? s->jwks_given : described ? s->described.jwks : NULL;
    char *jwks = known ? strdup(known) : NULL;
    s->fetching = true;
    s->tried_at = now;
    pthread_mutex_unlock(&st->lock);
    cinema_status status = known && !jwks ? fail_memory(&err) : fetch_all(c, s, jwks, &n, &err);
    free(jwks);
    if (status)
        log_line(c, CINEMA_LOG_WARNING, "issuer %.200s: %s", s->issuer, err.message);
    pthread_mutex_lock(&st->lock);
    take_news(s, &n, now);
    text_copy(s->trouble, sizeof s->trouble, status ? err.message : "");
    s->fetching = false;
    pthread_cond_broadcast(&st->fetched);
    news_done(&n);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* Under the lock. False: the time is up. */
static bool wait_for_fetch(cinema *c)
{
    struct timespec until;
    int64_t deadline = call_deadline(c);
    until.tv_sec = (time_t)(deadline / 1000);
    until.tv_nsec = (long)(deadline % 1000) * 1000000;
    return pthread_cond_timedwait(&c->issuers->fetched, &c->issuers->lock, &until) != ETIMEDOUT;
}

/* Whether it is time to ask the issuer, for this token. */
static bool due(const source *s, const jose_token *t, int64_t now)
{
    if (!has_keys(s, now))
        return past(s->tried_at, now, RETRY_MS);
    return past(s->tried_at, now, SEEK_MS) &&
           (past(s->fetched_at, now, FRESH_MS) || !jose_keys_know(s->keys->keys, t));
}

/* What is known will do while another thread asks for news. */
static bool worth_waiting(const source *s, const jose_token *t, int64_t now)
{
    return s->fetching && !(has_keys(s, now) && jose_keys_know(s->keys->keys, t));
}

cinema_status source_keys(cinema *c, source *s, const jose_token *t, shared_keys **ret,
                          cinema_error *err)
{
    struct issuer_state *st = c->issuers;
    cinema_status status = CINEMA_OK;
    pthread_mutex_lock(&st->lock);
    while (worth_waiting(s, t, now_ms(c)) && wait_for_fetch(c))
        ;
    if (!s->fetching && due(s, t, now_ms(c)))
        refresh(c, s);
    if (has_keys(s, now_ms(c))) {
        *ret = s->keys;
        atomic_fetch_add(&s->keys->users, 1);
    } else {
        status = fail(err, CINEMA_UNAVAILABLE, "issuer_unavailable", NULL,
                      "the issuer's keys cannot be had: %.90s", s->trouble);
    }
    pthread_mutex_unlock(&st->lock);
    return status;
}

static cinema_status copy_endpoints(const description *d, arena *a, issuer_endpoints *ret,
                                    cinema_error *err)
{
    *ret = (issuer_endpoints){ .authorize = arena_copy(a, d->authorize, strlen(d->authorize)),
                               .token = arena_copy(a, d->token, strlen(d->token)),
                               .secret_in_body = d->secret_in_body,
                               .says_who = d->says_who };
    if (d->userinfo)
        ret->userinfo = arena_copy(a, d->userinfo, strlen(d->userinfo));
    return ret->authorize && ret->token && !ret->userinfo == !d->userinfo ? CINEMA_OK
                                                                          : fail_memory(err);
}

cinema_status source_endpoints(cinema *c, source *s, arena *a, issuer_endpoints *ret,
                               cinema_error *err)
{
    struct issuer_state *st = c->issuers;
    const description *d = &s->described;
    pthread_mutex_lock(&st->lock);
    while (s->fetching && !d->authorize && wait_for_fetch(c))
        ;
    bool old = past(s->described_at, now_ms(c), DESCRIBED_MS);
    if (!s->fetching && old && past(s->tried_at, now_ms(c), d->authorize ? SEEK_MS : RETRY_MS))
        refresh(c, s);
    cinema_status status = d->authorize && d->token
                               ? copy_endpoints(d, a, ret, err)
                               : fail(err, CINEMA_UNAVAILABLE, "issuer_unavailable", NULL,
                                      "the provider cannot be asked: %.90s", s->trouble);
    pthread_mutex_unlock(&st->lock);
    return status;
}
