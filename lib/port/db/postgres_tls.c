/* postgres_tls.c - how a server has to prove who it is; part of reading a URL.
 * `require`, which consoles print, encrypts but believes anybody: so it is raised to verify-full.
 */
#include "port/db/postgres_tls.h"

#include "base/url.h"

#include <stdio.h>
#include <unistd.h>

static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine */
    "/etc/pki/tls/certs/ca-bundle.crt",   /* Red Hat, Amazon */
    "/etc/ssl/cert.pem",                  /* BSD, macOS */
};

/* By strength; those before verify-ca prove nothing. */
enum { NONE, DISABLE, WEAK, NO_VERIFY, VERIFY_CA, VERIFY_FULL, UNKNOWN };

static int mode_of(const char *word)
{
    static const struct {
        const char *word;
        int mode;
    } modes[] = {
        { "disable", DISABLE },
        { "allow", WEAK },
        { "prefer", WEAK },
        { "require", WEAK },
        { "no-verify", NO_VERIFY },
        { "verify-ca", VERIFY_CA },
        { "verify-full", VERIFY_FULL },
    };
    for (size_t i = 0; word && i < COUNT_OF(modes); i++)
        if (!strcmp(word, modes[i].word))
            return modes[i].mode;
    return word ? UNKNOWN : NONE;
}

static cinema_status put(char **value, const char *text, cinema_error *err)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        return fail_memory(err);
    free(*value);
    *value = copy;
    return CINEMA_OK;
}

static cinema_status choose_ca(char **root, cinema_error *err)
{
    if (*root && strcmp(*root, "system") != 0)
        return access(*root, R_OK) ? fail(err, CINEMA_INVALID, "tls", NULL,
                                          "sslrootcert of the database URL names a file that "
                                          "cannot be read")
                                   : CINEMA_OK;
    for (size_t i = 0; i < COUNT_OF(bundles); i++)
        if (!access(bundles[i], R_OK))
            return put(root, bundles[i], err);
    return fail(err, CINEMA_INVALID, "tls", NULL,
                "no CA certificates found to check the database by: install ca-certificates or "
                "add sslrootcert=FILE to its URL");
}

static cinema_status choose_local(char **set, int mode, pg_url *u, cinema_error *err)
{
    if (mode == NONE)
        return put(&set[PG_SET_SSLMODE], "disable", err); /* `allow` and `prefer` try twice */
    if (mode >= VERIFY_CA)
        return choose_ca(&set[PG_SET_SSLROOTCERT], err);
    if (mode != NO_VERIFY)
        return CINEMA_OK;
    u->unverified = true;
    return put(&set[PG_SET_SSLMODE], "require", err);
}

cinema_status pg_tls_choose(char **set, pg_url *u, cinema_error *err)
{
    const char *host = set[PG_SET_HOSTADDR] ? set[PG_SET_HOSTADDR] : set[PG_SET_HOST];
    const char *given = set[PG_SET_SSLROOTCERT];
    int mode = mode_of(set[PG_SET_SSLMODE]);
    cinema_status s;

    if (mode == UNKNOWN)
        return fail(err, CINEMA_INVALID, "tls", NULL,
                    "sslmode of the database URL is none of disable, require, verify-full, "
                    "verify-ca, no-verify");
    if (url_host_local(host))
        return choose_local(set, mode, u, err);
    if (mode == DISABLE)
        return url_host_private(host)
                   ? CINEMA_OK
                   : fail(err, CINEMA_INVALID, "tls", NULL,
                          "sslmode=disable is for local and private networks: take it "
                          "out of the database URL");
    if (mode == NO_VERIFY) {
        u->unverified = true;
        s = put(&set[PG_SET_SSLROOTCERT], NULL, err);
        return s ? s : put(&set[PG_SET_SSLMODE], "require", err);
    }
    if (mode != VERIFY_CA || !given || !strcmp(given, "system"))
        if ((s = put(&set[PG_SET_SSLMODE], "verify-full", err)))
            return s;
    return choose_ca(&set[PG_SET_SSLROOTCERT], err);
}
