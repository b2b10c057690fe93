/* web_tls_test.c - outgoing HTTP over TLS: whose certificates are believed. Mirrors
 * lib/port/web/curl.c.
 */
#include "base/handle.h"
#include "port/web/web.h"
#include "support/rig.h"
#include "test.h"

#include <stdio.h>

static cinema *c;
static cinema_error err;
static rig r;

static void stop(void)
{
    cinema_close(c);
    if (r.script)
        rig_end(&r);
}
FIXTURE(NULL, stop)

/* The rig has run off where it could not begin. */
#define NEED_HTTPS(settings)                                                                       \
    if (!rig_begin(&r, "https.sh", (settings))) {                                                  \
        r.script = 0;                                                                              \
        SKIP(r.why);                                                                               \
    }

static cinema_status fetch(void)
{
    char allowed[600];
    const char *settings[2] = { "CINEMA_DATABASE_URL=sqlite:/nonexistent/films.db", allowed };
    cinema_options options = { settings, 2 };
    arena *a = arena_new(0, 0);
    web_request q = { .url = r.url };
    web_answer answer;
    snprintf(allowed, sizeof allowed, "CINEMA_OUTGOING_ALLOW=%s", r.url);
    OK(cinema_open_with(&options, &c, &err));
    cinema_status s = web_fetch(c, &q, a, &answer, &err);
    if (!s)
        ck_assert_str_eq(answer.body, "here");
    arena_free(a);
    return s;
}

TEST(a_certificate_of_nobody_we_know_is_refused)
{
    NEED_HTTPS("");
    GIVES(CINEMA_UNAVAILABLE, fetch());
}

TEST(an_authority_of_ones_own_is_named_as_openssl_has_it)
{
    NEED_HTTPS("");
    setenv("SSL_CERT_FILE", r.file, 1);
    OK(fetch());
}

TEST(a_certificate_for_another_name_is_refused)
{
    NEED_HTTPS("NAMES=DNS:films.example");
    setenv("SSL_CERT_FILE", r.file, 1);
    GIVES(CINEMA_UNAVAILABLE, fetch());
}
