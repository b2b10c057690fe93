/* oauth_help.c - providers and a browser of the test's own.
 */
#include "oauth/oauth_help.h"

#include "base/base64url.h"
#include "base/buffer.h"
#include "support/support.h"
#include "user/user.h"

#include <cinema/admin.h>

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>

cinema *c;
cinema_error err;
canary *bird;
struct mood mood;
static token_key key;

/* What the browser of this test was last sent with: one journey at a time. */
static char challenge[100], nonce[100];

/* ---- providers ------------------------------------------------------------------------------- */

/* PKCE as providers check it (RFC 7636, 4.6). */
static bool proven(const char *request)
{
    unsigned char sum[32];
    char text[64], verifier[100] = "";
    const char *at = strstr(request, "code_verifier=");
    if (at)
        snprintf(verifier, sizeof verifier, "%.*s", (int)strcspn(at + 14, "&"), at + 14);
    crypto_hash_sha256(sum, (unsigned char *)verifier, strlen(verifier));
    base64url_write(sum, sizeof sum, text);
    return !strcmp(text, challenge) && strstr(request, "grant_type=authorization_code") &&
           strstr(request, "redirect_uri=https%3A%2F%2Ffilms.example%2Fv1%2Fauth%2Foauth%2F");
}

static void give_token(int fd, const char *request)
{
    char payload[900], token[2000], body[3000];
    bool code = strstr(request, "code=good") != NULL;
    if (!code || !proven(request)) {
        canary_say(fd, "200 OK", "", "{\"error\":\"bad_verification_code\"}");
        return;
    }
    test__print(payload, sizeof payload,
                "{\"iss\":\"%s\",\"sub\":\"%d\",\"aud\":\"films\",\"exp\":%lld,\"iat\":%lld,"
                "\"nonce\":\"%s\",\"email\":%s%s%s,\"email_verified\":%s}",
                canary_origin(bird), mood.id, (long long)(now_ms(c) / 1000 + 60),
                (long long)(now_ms(c) / 1000), mood.nonce ? mood.nonce : nonce,
                mood.email ? "\"" : "", mood.email ? mood.email : "null", mood.email ? "\"" : "",
                mood.unverified ? "false" : "true");
    token_eddsa(&key, "{\"alg\":\"EdDSA\",\"kid\":\"one\"}", payload, token, sizeof token);
    test__print(body, sizeof body, "{\"access_token\":\"opaque\",\"id_token\":\"%s\"}", token);
    canary_say(fd, "200 OK", "", body);
}

static void give_user(int fd)
{
    char body[500];
    test__print(body, sizeof body,
                "{\"id\":%d,\"login\":\"octo\",\"name\":\"%s\",\"email\":\"shown@%s\"}", mood.id,
                mood.name ? mood.name : "Octo\\nCat", "evil.example");
    canary_say(fd, "200 OK", "", body);
}

static void give_emails(int fd)
{
    char body[500];
    test__print(body, sizeof body,
                "[{\"email\":\"old@octo.test\",\"primary\":false,\"verified\":true},"
                "{\"email\":\"%s\",\"primary\":true,\"verified\":%s}]",
                mood.email, mood.unverified ? "false" : "true");
    canary_say(fd, "200 OK", "", mood.email ? body : "[]");
}

static void describe(int fd)
{
    char text[1000];
    const char *o = canary_origin(bird);
    test__print(text, sizeof text,
                "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\",\"authorization_endpoint\":\"%s/"
                "authorize\",\"token_endpoint\":\"%s/token\"}",
                o, o, o, o);
    canary_say(fd, "200 OK", "", text);
}

static void answer(int fd, const char *request, void *user)
{
    char text[400];
    (void)user;
    token_jwk(&key, "one", text, sizeof text);
    if (mood.hangs)
        canary_hang(fd);
    else if (mood.broken)
        canary_say(fd, "500 Oops", "", "");
    else if (canary_asked(request, "POST /token"))
        give_token(fd, request);
    else if (canary_asked(request, "GET /user"))
        give_user(fd);
    else if (canary_asked(request, "GET /user/emails"))
        give_emails(fd);
    else if (canary_asked(request, "GET /keys"))
        canary_say(fd, "200 OK", "", text);
    else
        describe(fd);
}

/* ---- the handle ------------------------------------------------------------------------------ */

static void migrate(const char *url)
{
    cinema *fresh = NULL;
    cinema_migrations *steps = NULL;
    OK(cinema_open(url, &fresh, &err));
    OK(cinema_migrate(fresh, &steps, &err));
    cinema_migrations_free(steps);
    cinema_close(fresh);
}

static void set(const char *name, const char *path)
{
    char url[200];
    test__print(url, sizeof url, "%s%s", canary_origin(bird), path);
    setenv(name, url, 1);
}

void oauth_start(void)
{
    char url[512];
    mood = (struct mood){ .id = 7, .email = "ann@films.test" };
    bird = canary_new(answer, NULL);
    token_key_new(&key, 1);
    setenv("CINEMA_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", 1);
    test_database_from(migrate, url, sizeof url);
    setenv("CINEMA_PUBLIC_URL", "https://films.example/", 1);
    setenv("CINEMA_OAUTH_RETURN_ORIGINS", "https://films.example https://app.example", 1);
    setenv("CINEMA_OAUTH_GITHUB_CLIENT_ID", "films", 1);
    setenv("CINEMA_OAUTH_GITHUB_CLIENT_SECRET", "hush", 1);
    setenv("CINEMA_OAUTH_GOOGLE_CLIENT_ID", "films", 1);
    setenv("CINEMA_OAUTH_GOOGLE_CLIENT_SECRET", "hush", 1);
    set("CINEMA_OUTGOING_ALLOW", "");
    set("CINEMA_OAUTH_GITHUB_AUTHORIZE_URL", "/authorize");
    set("CINEMA_OAUTH_GITHUB_TOKEN_URL", "/token");
    set("CINEMA_OAUTH_GITHUB_USER_URL", "/user");
    set("CINEMA_OAUTH_GOOGLE_ISSUER", "");
    OK(cinema_open(url, &c, &err));
}

void oauth_stop(void)
{
    cinema_close(c);
    canary_free(bird);
}

/* ---- the HTTP door --------------------------------------------------------------------------- */

static void take_header(reply *r, const cinema_http_header *h)
{
    if (!strcmp(h->name, "Location"))
        test__print(r->location, sizeof r->location, "%s", h->value);
    if (!strcmp(h->name, "Set-Cookie"))
        test__print(r->cookie, sizeof r->cookie, "%s", h->value);
}

const reply *ask_from(const char *address, const char *method, const char *target,
                      const char *cookie, const char *token, const char *json)
{
    static reply replies[4];
    static unsigned turn;
    reply *r = &replies[turn++ % 4];
    char bearer[4000] = "Bearer ";
    cinema_http_header headers[3];
    size_t n = 0;
    cinema_http_response *p = NULL;
    *r = (reply){ 0 };
    if (cookie)
        headers[n++] = (cinema_http_header){ "Cookie", cookie };
    if (token) {
        test__print(bearer + 7, sizeof bearer - 7, "%s", token);
        headers[n++] = (cinema_http_header){ "Authorization", bearer };
    }
    if (json)
        headers[n++] = (cinema_http_header){ "Content-Type", "application/json" };
    cinema_http_request q = { .method = method,
                              .target = target,
                              .headers = headers,
                              .header_count = n,
                              .body = json,
                              .body_length = json ? strlen(json) : 0,
                              .address = address };
    OK(cinema_http(c, &q, &p, &err));
    r->status = p->status;
    for (size_t i = 0; i < p->header_count; i++)
        take_header(r, &p->headers[i]);
    test__print(r->body, sizeof r->body, "%.*s", (int)p->body_length,
                p->body ? (const char *)p->body : "");
    cinema_http_response_free(p);
    return r;
}

const reply *ask(const char *method, const char *target, const char *cookie, const char *token,
                 const char *json)
{
    return ask_from("192.0.2.7", method, target, cookie, token, json);
}

const char *value_of(const char *url, const char *name)
{
    static char room[8][2048];
    static unsigned turn;
    char *to = room[turn++ % 8], *at = to;
    const char *s = strchr(url, '?');
    size_t n = strlen(name);
    *to = '\0';
    for (; s && *s; s = strchr(s + 1, '&')) {
        if (strncmp(s + 1, name, n) != 0 || s[1 + n] != '=')
            continue;
        for (s += n + 2; *s && *s != '&'; s++) {
            unsigned byte = (unsigned char)*s;
            if (*s == '%' && sscanf(s + 1, "%2x", &byte) == 1)
                s += 2;
            *at++ = (char)byte;
        }
        *at = '\0';
        break;
    }
    return to;
}

const char *member_of(const char *json, const char *name)
{
    static char room[8][4096];
    static unsigned turn;
    char *to = room[turn++ % 8];
    json_t *o = json_loads(json, 0, NULL);
    const char *s = json_string_value(json_object_get(o, name));
    test__print(to, sizeof room[0], "%s", s ? s : "");
    json_decref(o);
    return to;
}

/* ---- the browser ----------------------------------------------------------------------------- */

static void set_out(browser *b, const reply *r)
{
    ck_assert_msg(r->status == 302, "%d %s", r->status, r->body);
    test__print(b->location, sizeof b->location, "%s", r->location);
    test__print(b->state, sizeof b->state, "%s", value_of(r->location, "state"));
    test__print(b->cookie, sizeof b->cookie, "%.*s", (int)strcspn(r->cookie, ";"), r->cookie);
    test__print(challenge, sizeof challenge, "%s", value_of(r->location, "code_challenge"));
    test__print(nonce, sizeof nonce, "%s", value_of(r->location, "nonce"));
}

void leave(browser *b, const char *provider, const char *query)
{
    char target[2000];
    test__print(target, sizeof target, "/v1/auth/oauth/%s/start%s", provider, query);
    set_out(b, ask("GET", target, NULL, NULL, NULL));
}

void visit(browser *b, const char *location)
{
    static const char ours[] = "https://films.example";
    ck_assert(!strncmp(location, ours, sizeof ours - 1));
    set_out(b, ask("GET", location + sizeof ours - 1, NULL, NULL, NULL));
}

const reply *come_back(const browser *b, const char *provider, const char *query)
{
    char target[2000];
    test__print(target, sizeof target, "/v1/auth/oauth/%s/callback?state=%s%s", provider, b->state,
                query);
    return ask("GET", target, b->cookie, NULL, NULL);
}

const char *sign_in(const char *provider)
{
    static char token[4096];
    char json[200];
    browser b;
    leave(&b, provider, "");
    const reply *r = come_back(&b, provider, "&code=good");
    ck_assert_msg(*value_of(r->location, "code"), "%s %s", r->location, r->body);
    test__print(json, sizeof json, "{\"code\":\"%s\"}", value_of(r->location, "code"));
    r = ask("POST", "/v1/auth/oauth/exchange", NULL, NULL, json);
    ck_assert_msg(r->status == 200, "%s", r->body);
    test__print(token, sizeof token, "%s", member_of(r->body, "access_token"));
    return token;
}

/* ---- the database ---------------------------------------------------------------------------- */

int64_t count_of(const char *text)
{
    arena *a = arena_new(0, 0);
    db_text fragment = { "count_of", text, text };
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, c);
    db_add(&sql, fragment, "");
    OK(db_read(c, &sql, a, &rows, &err));
    int64_t n = rows.first->cells[0].number;
    arena_free(a);
    return n;
}

int64_t add_account(const char *email, bool verified, bool password)
{
    arena *a = arena_new(0, 0);
    db_tx *tx = NULL;
    account ret, in = { .email = email,
                        .email_verified_at = verified ? now_ms(c) : CINEMA_ABSENT,
                        .password_changed_at = CINEMA_ABSENT,
                        .password = password ? "$argon2id$of-nobody" : NULL };
    OK(db_begin(c, &tx, &err));
    OK(account__insert(c, tx, &in, a, &ret, &err));
    OK(db_commit(&tx, &err));
    arena_free(a);
    return ret.nr;
}
