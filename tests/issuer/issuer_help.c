/* issuer_help.c - an issuer of the test's own.
 */
#include "issuer/issuer_help.h"

#include "support/support.h"

#include <jansson.h>
#include <stdio.h>

cinema *c;
cinema_error err;
arena *a;
canary *bird;
token_key key;
int64_t now;
char token[32768];
issuer_claims claims;
struct mood mood;

static atomic_int asked;

static void describe(int fd)
{
    char text[1000];
    const char *o = canary_origin(bird);
    test__print(text, sizeof text,
                "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\",\"authorization_endpoint\":\"%s/"
                "authorize\",\"token_endpoint\":\"%s/token\"}",
                o, o, o, o);
    canary_say(fd, mood.status ? mood.status : "200 OK", "",
               mood.description ? mood.description : text);
}

static void show_keys(int fd)
{
    char text[400];
    atomic_fetch_add(&asked, 1);
    token_jwk(&key, "one", text, sizeof text);
    canary_say(fd, mood.status ? mood.status : "200 OK", "", mood.keys ? mood.keys : text);
}

static void answer(int fd, const char *request, void *user)
{
    (void)user;
    if (mood.hangs)
        canary_hang(fd);
    else if (canary_asked(request, "GET /.well-known/openid-configuration"))
        describe(fd);
    else if (canary_asked(request, "GET /keys"))
        show_keys(fd);
    else
        canary_say(fd, "404 Not Found", "", "");
}

static int64_t tell_time(void *user)
{
    (void)user;
    return now;
}

cinema_status issuer_open(const char *text)
{
    char trusted[2000] = "CINEMA_TRUSTED_ISSUERS=", allowed[200];
    const char *settings[] = { "CINEMA_DATABASE_URL=sqlite:/nonexistent/films.db", trusted,
                               allowed };
    cinema_options options = { settings, 3 };
    size_t n = strlen(trusted);
    for (; *text; text++) {
        bool at = *text == '@';
        test__print(trusted + n, sizeof trusted - n, "%.*s", at ? 100 : 1,
                    at ? canary_origin(bird) : text);
        n += strlen(trusted + n);
    }
    test__print(allowed, sizeof allowed, "CINEMA_OUTGOING_ALLOW=%s", canary_origin(bird));
    cinema_close(c);
    c = NULL;
    cinema_status s = cinema_open_with(&options, &c, &err);
    if (!s)
        c->wall_ms = tell_time;
    return s;
}

void issuer_start(void)
{
    now = INT64_C(1800000000000);
    a = arena_new(0, 0);
    bird = canary_new(answer, NULL);
    token_key_new(&key, 1);
    OK(issuer_open("issuer=@;audience=films"));
}

void issuer_stop(void)
{
    cinema_close(c);
    canary_free(bird);
    arena_free(a);
}

void issuer_token(const char *more)
{
    char text[4096];
    test__print(text, sizeof text, "{%s}", more);
    json_t *claimed = json_loads(text, 0, NULL);
    json_t *all =
        json_pack("{s:s, s:s, s:s, s:I, s:I}", "iss", canary_origin(bird), "sub", "film-fan", "aud",
                  "films", "exp", (json_int_t)(now / 1000 + 600), "iat", (json_int_t)(now / 1000));
    const char *name;
    json_t *value;
    ck_assert(claimed && all);
    json_object_foreach(claimed, name, value)
    {
        if (*name == '-')
            json_object_del(all, name + 1);
        else
            json_object_set(all, name, value);
    }
    char *payload = json_dumps(all, JSON_COMPACT);
    token_eddsa(&key, "{\"alg\":\"EdDSA\",\"kid\":\"one\"}", payload, token, sizeof token);
    free(payload);
    json_decref(claimed);
    json_decref(all);
}

cinema_status issuer_check(void)
{
    return issuer__verify(c, token, a, &claims, &err);
}

cinema_status issuer_check_with(const char *more)
{
    issuer_token(more);
    return issuer_check();
}

int issuer_asked(void)
{
    return atomic_load(&asked);
}
