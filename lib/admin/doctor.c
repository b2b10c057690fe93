/* doctor.c - a check-up: settings, data folder, database, schema; what was found and what mends it.
 * Looks only: nothing is made or changed, and no secret is told.
 */
#include "base/address.h"
#include "base/handle.h"
#include "outbox/outbox.h"
#include "port/blob/blob.h"
#include "port/db/db.h"
#include "port/kv/kv.h"
#include "port/mail/mail.h"

#include "health.sql.h"

#include <cinema/admin.h>

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FINDINGS_MAX = 192, TOKEN_MIN = 16, WAITS_LONG_MS = 15 * 60 * 1000 };
static const char OK[] = "ok", WARNING[] = "warning", ERROR[] = "error";

typedef struct report {
    cinema *c;
    arena *arena;
    cinema_findings *list;
    const cinema_finding **items;
    bool failed;
} report;

__attribute__((format(printf, 5, 6))) static void say(report *r, const char *severity,
                                                      const char *subject, const char *mend,
                                                      const char *format, ...)
{
    char line[700];
    va_list args;
    cinema_finding *f = arena_alloc(r->arena, sizeof *f);
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    char *detail = arena_copy(r->arena, line, strlen(line));
    if (!f || !detail || r->list->count == FINDINGS_MAX) {
        r->failed = true;
        return;
    }
    *f = (cinema_finding){ subject, severity, detail, mend };
    r->items[r->list->count++] = f;
    r->list->warnings += severity == WARNING;
    r->list->errors += severity == ERROR;
}

/* A command that mends it, for the shell. */
static const char *command(report *r, const char *what, const char *path)
{
    const char *text = arena_format(r->arena, "run: %s '%s'", what, path);
    r->failed |= !text;
    return text ? text : "";
}

static const char *text_of(const report *r, const char *name)
{
    return config_text(r->c->config, name);
}

/* ---- settings -------------------------------------------------------------------------------- */

/* "postgres://anna:***@host/films": neither password nor parameters, among which passwords can be.
 */
static void mask_url(const char *url, char *to, size_t size)
{
    const char *rest = strstr(url, "://"), *at = strrchr(url, '@');
    if (!strncmp(url, "sqlite:", 7) || !strncmp(url, "file:", 5)) {
        snprintf(to, size, "%s", url);
        return;
    }
    if (!rest) {
        snprintf(to, size, "***");
        return;
    }
    rest += 3;
    int scheme = (int)(rest - url), user = 0;
    if (at && at > rest) {
        user = (int)strcspn(rest, ":@");
        rest = at + 1;
    }
    snprintf(to, size, "%.*s%.*s%s%.*s", scheme, url, user, url + scheme, user ? ":***@" : "",
             (int)strcspn(rest, "?"), rest);
}

static void check_setting(report *r, const setting *s)
{
    char masked[512] = "***";
    const char *value = text_of(r, s->name), *source = config_source(r->c->config, s->name);
    const char *from = !strcmp(source, "option") ? "given by the program" : source;
    if (!value && strchr(s->name, '*'))
        return; /* a family: those of it that are set come below */
    if (!value) {
        say(r, OK, s->name, "", "not set");
        return;
    }
    if (s->secret && strstr(s->name, "_URL"))
        mask_url(value, masked, sizeof masked);
    say(r, OK, s->name, "", "%s (%s)", s->secret ? masked : value, from);
}

static bool loopback(const char *listen)
{
    return !strncmp(listen, "127.", 4) || !strncmp(listen, "[::1]:", 6) ||
           !strncmp(listen, "localhost:", 10);
}

static void check_listen(report *r)
{
    const char *listen = text_of(r, "CINEMA_LISTEN"), *public = text_of(r, "CINEMA_PUBLIC_URL");
    if (loopback(listen) || (public && !strncmp(public, "https://", 8)))
        return;
    say(r, WARNING, "CINEMA_LISTEN",
        "listen on 127.0.0.1 behind a proxy that speaks TLS (Caddy, nginx), or set "
        "CINEMA_PUBLIC_URL "
        "to the https:// address of the one that is there",
        "%s can be reached from other machines, without encryption", listen);
}

/* Guessing and floods are held up by limits alone. */
static void check_limit(report *r, const setting *s)
{
    const char *value = text_of(r, s->name);
    if ((s->kind == SETTING_RATE || s->kind == SETTING_LIMIT) && value && !strcmp(value, "off"))
        say(r, WARNING, s->name, "leave it to its default, or set one that fits",
            "there is no limit: %s", s->help);
}

static bool holds_everybody(const char *networks)
{
    network net;
    for (size_t n; networks && *networks; networks += n + (networks[n] != '\0')) {
        n = strcspn(networks, " ,");
        if (n && network_parse(networks, n, &net) &&
            net.bits <= (address_is_ipv4(&net.address) ? 96 : 0))
            return true;
    }
    return false;
}

static void check_proxies(report *r)
{
    const char *proxies = text_of(r, "CINEMA_TRUSTED_PROXIES");
    const char *public = text_of(r, "CINEMA_PUBLIC_URL");
    if (!proxies && public && !strncmp(public, "https://", 8))
        say(r, WARNING, "CINEMA_TRUSTED_PROXIES",
            "set it to the address of the proxy, such as 127.0.0.1, if it sends X-Forwarded-For",
            "no proxy is trusted: all who come through one count as one address in limits and log");
    if (holds_everybody(proxies))
        say(r, WARNING, "CINEMA_TRUSTED_PROXIES", "name the addresses of your own proxies alone",
            "everybody is trusted: with a header of their own clients get round limits");
}

static void check_settings(report *r)
{
    for (const setting *s = cinema__settings; s->name; s++)
        check_setting(r, s);
    setting named;
    for (size_t i = 0; config_named(r->c->config, i, &named); i++)
        check_setting(r, &named);
    for (const setting *s = cinema__settings; s->name; s++)
        check_limit(r, s);
    check_listen(r);
    check_proxies(r);
    const char *token = text_of(r, "CINEMA_METRICS_TOKEN");
    if (token && strlen(token) < TOKEN_MIN)
        say(r, WARNING, "CINEMA_METRICS_TOKEN", "take at least 16 random characters",
            "is short enough to be guessed");
}

/* ---- folders --------------------------------------------------------------------------------- */

static void check_mode(report *r, const char *subject, const char *folder, const struct stat *st)
{
    if (st->st_mode & 022)
        say(r, ERROR, subject, command(r, "chmod 700", folder),
            "others on this machine can write %s (%04o)", folder, (unsigned)(st->st_mode & 07777));
    else if (st->st_mode & 077)
        say(r, WARNING, subject, command(r, "chmod 700", folder),
            "others on this machine can look into %s (%04o)", folder,
            (unsigned)(st->st_mode & 07777));
    else
        say(r, OK, subject, "", "%s can be written", folder);
}

/* `mends`: when it is not the server's own; when it is no folder. */
static void check_folder(report *r, const char *subject, const char *folder,
                         const char *const mends[2])
{
    struct stat st;
    int fault = stat(folder, &st) ? errno : 0;
    if (fault == ENOENT)
        say(r, OK, subject, "", "%s is not there yet: it is made when it is needed", folder);
    else if (fault)
        say(r, ERROR, subject, mends[0], "%s cannot be looked at: %s", folder, strerror(fault));
    else if (!S_ISDIR(st.st_mode))
        say(r, ERROR, subject, mends[1], "%s is no folder", folder);
    else if (access(folder, W_OK | X_OK))
        say(r, ERROR, subject, mends[0], "%s cannot be written: %s", folder, strerror(errno));
    else
        check_mode(r, subject, folder, &st);
}

static void check_folders(report *r)
{
    static const char *const data[] = {
        "give it to the user that the server runs as, or set CINEMA_DATA_DIR",
        "set CINEMA_DATA_DIR to a folder",
    };
    static const char *const blobs[] = {
        "give it to the user that the server runs as, or set CINEMA_BLOB_URL",
        "set CINEMA_BLOB_URL to a folder, file:/var/lib/films/blobs",
    };
    check_folder(r, "data folder", text_of(r, "CINEMA_DATA_DIR"), data);
    if (blob_folder(r->c))
        check_folder(r, "blobs", blob_folder(r->c), blobs);
}

/* Its bearer may do everything. */
static void check_setup_token(report *r)
{
    char path[4200];
    struct stat st;
    snprintf(path, sizeof path, "%s/setup-token", text_of(r, "CINEMA_DATA_DIR"));
    if (stat(path, &st))
        return;
    if (st.st_mode & 077)
        say(r, ERROR, "setup-token", command(r, "rm", path),
            "others on this machine can read %s (%04o): the next start makes a new one", path,
            (unsigned)(st.st_mode & 07777));
    else
        say(r, OK, "setup-token", "", "only its owner can read %s", path);
}

/* ---- database and schema --------------------------------------------------------------------- */

/* The file of an embedded database that nobody has made yet; asking it would make it. */
static const char *missing_file(const report *r)
{
    const char *url = text_of(r, "CINEMA_DATABASE_URL");
    if (strncmp(url, "sqlite:", 7))
        return NULL;
    const char *file = url + 7 + (strncmp(url + 7, "//", 2) ? 0 : 2);
    return access(file, F_OK) && errno == ENOENT ? file : NULL;
}

static cinema_status probe(report *r, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, r->c);
    db_add(&sql, SQL_health_probe, "");
    return db_read(r->c, &sql, r->arena, &rows, err);
}

static void check_schema(report *r)
{
    cinema_migrations *m = NULL;
    cinema_error err;
    cinema_status s = cinema_schema_status(r->c, &m, &err);
    if (s == CINEMA_UNSUPPORTED)
        say(r, ERROR, "schema", "install a libcinema at least as new", "%s", err.message);
    else if (s == CINEMA_CONFLICT)
        say(r, ERROR, "schema",
            "install the libcinema that made this database, or restore a backup", "%s",
            err.message);
    else if (s)
        say(r, ERROR, "schema", "see what was found of the database", "%s", err.message);
    else if (m->pending)
        say(r, ERROR, "schema", "run: cinema migrate", "%zu of %zu steps are not applied",
            m->pending, m->count);
    else
        say(r, OK, "schema", "", "all %zu steps are applied", m->count);
    cinema_migrations_free(m);
}

static void check_database(report *r)
{
    cinema_error err;
    const char *file = missing_file(r);
    if (file) {
        say(r, WARNING, "database", "run: cinema migrate", "%s is not there yet", file);
        return;
    }
    cinema_status s = probe(r, &err);
    if (s == CINEMA_UNAVAILABLE || s == CINEMA_TIMEOUT)
        say(r, ERROR, "database", "start it, and check CINEMA_DATABASE_URL and who may use it",
            "%s", err.message);
    else if (s)
        say(r, ERROR, "database", "check CINEMA_DATABASE_URL", "%s", err.message);
    else
        say(r, OK, "database", "", "answers");
    if (!s)
        check_schema(r);
}

/* ---- Redis ----------------------------------------------------------------------------------- */

static void check_redis(report *r)
{
    cinema_error err;
    kv_step look = kv_get("doctor", NULL, 0); /* nobody sets it */
    if (!kv_is_shared(r->c))
        return;
    if (kv_run(r->c, KV_SHARED, &look, 1, &err))
        say(r, ERROR, "redis", "start it, and check CINEMA_REDIS_URL and who may use it", "%s",
            err.message);
    else
        say(r, OK, "redis", "", "answers");
}

/* ---- mail ------------------------------------------------------------------------------------ */

/* What is in order while the site is tried out, and not when it is open to others. */
static void check_mail_settings(report *r)
{
    const char *public = text_of(r, "CINEMA_PUBLIC_URL");
    if (mail_to_files(r->c)) {
        if (public && !strncmp(public, "https://", 8))
            say(r, WARNING, "CINEMA_MAIL_URL",
                "set it to smtps://user:password@host, as your mail provider tells",
                "mail is written to files and reaches nobody");
        return;
    }
    if (mail_in_clear(r->c))
        say(r, WARNING, "CINEMA_MAIL_URL", "take out tls=off where the mail server knows STARTTLS",
            "mail and password are sent without encryption");
    if (!text_of(r, "CINEMA_MAIL_FROM"))
        say(r, WARNING, "CINEMA_MAIL_FROM",
            "set it to an address that your mail server may send for (SPF, DKIM)",
            "is not set: mail comes from %s", mail_sender(r->c));
    if (!public)
        say(r, WARNING, "CINEMA_PUBLIC_URL", "set it to the address that people use",
            "is not set: links in mails lead to %s", text_of(r, "CINEMA_LISTEN"));
}

static void check_mail(report *r)
{
    cinema_error err;
    cinema_status s = mail_look(r->c, &err);
    check_mail_settings(r);
    if (s == CINEMA_UNSUPPORTED)
        say(r, ERROR, "mail", "install the driver beside the library", "%s", err.message);
    else if (s)
        say(r, ERROR, "mail", "check CINEMA_MAIL_URL, and whether the mail server is there", "%s",
            err.message);
    else
        say(r, OK, "mail", "", "%s", mail_to_files(r->c) ? "goes to files" : "the server answers");
}

/* Work that waits for long waits for somebody who is not there. */
static void check_outbox(report *r)
{
    outbox_state state;
    cinema_error err;
    if (missing_file(r) || outbox__state(r->c, &state, &err))
        return; /* told of the database */
    if (state.waiting && now_ms(r->c) - state.oldest_at > WAITS_LONG_MS)
        say(r, WARNING, "outbox",
            "start a server or `cinema worker`, and see what was found of mail",
            "%lld jobs wait, the oldest for %lld minutes", (long long)state.waiting,
            (long long)((now_ms(r->c) - state.oldest_at) / 60000));
    if (state.dead)
        say(r, WARNING, "outbox",
            "`cinema worker dead` tells why, `cinema worker retry` tries again",
            "%lld jobs were given up in the last month", (long long)state.dead);
}

/* ---- all ------------------------------------------------------------------------------------- */

cinema_status cinema_doctor(cinema *c, cinema_findings **ret, cinema_error *err)
{
    cinema_status s = handle_check(c, err);
    arena *a = s ? NULL : arena_new(8192, 0);
    report r = { .c = c, .arena = a };
    if (s)
        return s;
    r.list = a ? record_new(a, sizeof *r.list) : NULL;
    r.items = r.list ? arena_alloc(a, FINDINGS_MAX * sizeof *r.items) : NULL;
    if (r.items) {
        r.list->items = r.items;
        check_settings(&r);
        check_folders(&r);
        check_setup_token(&r);
        check_database(&r);
        check_redis(&r);
        check_mail(&r);
        check_outbox(&r);
    }
    if (!r.items || r.failed) {
        arena_free(a);
        return fail_memory(err);
    }
    *ret = r.list;
    return CINEMA_OK;
}

void cinema_findings_free(cinema_findings *f)
{
    record_free(f);
}
