/* mail_url.c - CINEMA_MAIL_URL taken apart.
 */
#include "base/url.h"
#include "port/mail/mail.h"

#include <stdio.h>
#include <strings.h>
#include <unistd.h>

static const char WHAT[] = "the mail URL";

void mail_url_done(mail_url *u)
{
    if (u->password)
        explicit_bzero(u->password, strlen(u->password));
    free(u->folder);
    free(u->host);
    free(u->port);
    free(u->user);
    free(u->password);
    free(u->ca);
    *u = (mail_url){ 0 };
}

static cinema_status copy(const char *text, char **ret, cinema_error *err)
{
    *ret = strdup(text);
    return *ret ? CINEMA_OK : fail_memory(err);
}

/* file:PATH and file:///PATH. */
static cinema_status read_file(const char *path, mail_url *u, cinema_error *err)
{
    path += strncmp(path, "//", 2) ? 0 : 2;
    if (!*path)
        return url_invalid(WHAT, "names no folder: file:PATH", err);
    return copy(path, &u->folder, err);
}

static cinema_status default_folder(const char *data_dir, mail_url *u, cinema_error *err)
{
    if (asprintf(&u->folder, "%s/mail", data_dir) >= 0)
        return CINEMA_OK;
    u->folder = NULL;
    return fail_memory(err);
}

static bool value_is(const url_parameter *p, const char *word)
{
    return p->value && p->value_length == strlen(word) && !memcmp(p->value, word, p->value_length);
}

/* A parameter that nobody knows may be one that somebody relies on. */
static cinema_status read_parameter(const url_parameter *p, mail_url *u, cinema_error *err)
{
    if (url_is(p, "sslrootcert") && p->value)
        return url_decode(WHAT, p->value, p->value_length, &u->ca, err);
    if (!url_is(p, "tls") || !value_is(p, "off"))
        return url_invalid(WHAT, "takes the parameters sslrootcert=FILE and tls=off, no others",
                           err);
    if (u->tls == MAIL_TLS)
        return url_invalid(WHAT, "says smtps:// and tls=off", err);
    u->tls = MAIL_CLEAR;
    return CINEMA_OK;
}

static bool port_fits(const char *port)
{
    char *end;
    long n = strtol(port, &end, 10);
    return *port >= '0' && *port <= '9' && !*end && n >= 1 && n <= 65535;
}

static cinema_status check(mail_url *u, cinema_error *err)
{
    if (!u->host || *u->host == '/' || *u->host == '@') /* a socket is none */
        return url_invalid(WHAT, "names no host", err);
    if (!u->user != !u->password)
        return url_invalid(WHAT, "has a user without a password, or the other way round", err);
    if (u->port && !port_fits(u->port))
        return url_invalid(WHAT, "has a port that is no number from 1 to 65535", err);
    if (u->ca && access(u->ca, R_OK))
        return url_invalid(WHAT, "has an sslrootcert that names no file that can be read", err);
    if (u->tls == MAIL_CLEAR && !url_host_local(u->host) && !url_host_private(u->host))
        return url_invalid(WHAT, "says tls=off for a host that strangers can be on the way to",
                           err);
    return u->port ? CINEMA_OK : copy(u->tls == MAIL_TLS ? "465" : "587", &u->port, err);
}

static cinema_status read_smtp(const char *rest, mail_url *u, cinema_error *err)
{
    CLEANUP(url_done) url_parts parts = { .what = WHAT };
    url_parameter p;
    cinema_status s = url_split(rest, &parts, err);
    if (s)
        return s;
    u->user = MOVE(parts.user);
    u->password = MOVE(parts.password);
    u->host = MOVE(parts.host);
    u->port = MOVE(parts.port);
    if (parts.path)
        return url_invalid(WHAT, "has something behind its port", err);
    for (const char *query = parts.query; !s && url_next(&query, &p);)
        s = read_parameter(&p, u, err);
    return s ? s : check(u, err);
}

cinema_status mail_url_read(const char *url, const char *data_dir, mail_url *ret, cinema_error *err)
{
    mail_url u = { 0 };
    cinema_error why;
    cinema_status s;
    if (!url)
        s = default_folder(data_dir, &u, &why);
    else if (!strncasecmp(url, "file:", 5))
        s = read_file(url + 5, &u, &why);
    else if (!strncasecmp(url, "smtp://", 7))
        s = read_smtp(url + 7, &u, &why);
    else if (!strncasecmp(url, "smtps://", 8)) {
        u.tls = MAIL_TLS;
        s = read_smtp(url + 8, &u, &why);
    } else
        s = url_invalid(WHAT, "does not begin with smtps://, smtp:// or file:", &why);
    if (s) {
        mail_url_done(&u);
        return s == CINEMA_INVALID
                   ? fail(err, s, "bad_setting", "CINEMA_MAIL_URL", "%s", why.message)
                   : fail_memory(err);
    }
    *ret = u;
    return CINEMA_OK;
}
