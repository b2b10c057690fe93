/* oidc_test.c - tokens of a real issuer: npm oidc-provider (tests/rig/oidc.sh).
 */
#include "issuer/issuer.h"
#include "port/web/web.h"
#include "support/rig.h"
#include "support/support.h"
#include "test.h"

#include <jansson.h>

static cinema *c;
static cinema_error err;
static arena *a;
static rig r;

static void start(void)
{
    a = arena_new(0, 0);
}

static void stop(void)
{
    cinema_close(c);
    arena_free(a);
    if (r.script)
        rig_end(&r);
}
FIXTURE(start, stop)

static void open_for(const char *audience)
{
    char trusted[700], allowed[600];
    const char *settings[] = { "CINEMA_DATABASE_URL=sqlite:/nonexistent/films.db", trusted,
                               allowed };
    cinema_options options = { settings, 3 };
    test__print(trusted, sizeof trusted, "CINEMA_TRUSTED_ISSUERS=issuer=%s;audience=%s", r.url,
                audience);
    test__print(allowed, sizeof allowed, "CINEMA_OUTGOING_ALLOW=%s", r.url);
    cinema_close(c);
    OK(cinema_open_with(&options, &c, &err));
}

static const char *token_by(const char *algorithm)
{
    char url[600], form[200];
    cinema_pair headers[] = {
        { "Content-Type", "application/x-www-form-urlencoded" },
        { "Authorization", "Basic Y2luZW1hOmNpbmVtYS1jbGllbnQtc2VjcmV0" },
    };
    web_answer answer;
    test__print(url, sizeof url, "%s/token", r.url);
    test__print(form, sizeof form,
                "grant_type=client_credentials&scope=films&resource=urn:films:%s", algorithm);
    web_request q = {
        .url = url, .headers = headers, .header_count = 2, .body = form, .body_length = strlen(form)
    };
    OK(web_fetch(c, &q, a, &answer, &err));
    json_t *j = json_loads(answer.body, 0, NULL);
    const char *token = json_string_value(json_object_get(j, "access_token"));
    ck_assert_msg(token, "%s", answer.body);
    token = arena_copy(a, token, strlen(token));
    json_decref(j);
    return token;
}

TEST(each_algorithm_of_a_real_issuer_is_understood)
{
    static const char *const algorithms[] = { "RS256", "PS256", "ES256", "EdDSA" };
    issuer_claims k;
    if (!rig_begin(&r, "oidc.sh", "")) {
        r.script = 0;
        SKIP(r.why);
    }
    open_for("films");
    for (size_t i = 0; i < COUNT_OF(algorithms); i++) {
        OK(issuer__verify(c, token_by(algorithms[i]), a, &k, &err));
        ck_assert_str_eq(k.issuer, r.url);
        ck_assert_str_eq(k.subject, "cinema");
    }
    open_for("others");
    GIVES(CINEMA_UNAUTHENTICATED, issuer__verify(c, token_by("RS256"), a, &k, &err));
}
