/* config.c - settings: which there are, and where their values come from.
 * The table says all there is to say about a setting; everything else here walks it.
 */
#include "base/config.h"

#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

enum { VALUE_MAX = 8192, COUNT = 56, NAMED_MAX = 64, NAME_MAX_BYTES = 20 };
#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

/* clang-format off */
const setting cinema__settings[] = {
    { "CINEMA_DATA_DIR", SETTING_TEXT, "./cinema-data", .help = "folder of database, blobs, key" },
    { "CINEMA_DATABASE_URL", SETTING_TEXT, NULL, .secret = true,
      .help = "sqlite:PATH, or postgresql://… ; else DATABASE_URL, else cinema.db in the data folder" },
    { "CINEMA_DATABASE_DIRECT_URL", SETTING_TEXT, NULL, .secret = true,
      .help = "the same database without a pooler between, for migrations" },
    { "CINEMA_REDIS_URL", SETTING_TEXT, NULL, .secret = true,
      .help = "rediss://… or redis://…, shared by all processes; else REDIS_URL, else each has its own memory" },
    { "CINEMA_CONFIG", SETTING_TEXT, NULL, .help = "file with NAME=value lines" },
    { "CINEMA_LISTEN", SETTING_LISTEN, "127.0.0.1:8080", .help = "address:port of the server" },
    { "CINEMA_PUBLIC_URL", SETTING_URL, NULL, .max = 1000, /* each access token has it twice */
      .help = "how clients reach the server" },
    { "CINEMA_PID_FILE", SETTING_TEXT, NULL, .help = "file for the server's process id" },
    { "CINEMA_ACCESS_LOG", SETTING_TEXT, NULL,
      .help = "file for a line about each request; none: stderr" },
    { "CINEMA_LOG", SETTING_CHOICE, "info", .choices = "error warning info debug", .reloads = true,
      .help = "least severe line that is logged" },
    { "CINEMA_DEADLINE_MS", SETTING_COUNT, "5000", 1, 600000, 
      .help = "for each operation; of typed calls, for each statement or transaction" },
    { "CINEMA_HEADER_TIMEOUT_S", SETTING_COUNT, "10", 1, 3600, .help = "to receive a request's head" },
    { "CINEMA_BODY_TIMEOUT_S", SETTING_COUNT, "30", 1, 3600, .help = "to receive a request's body" },
    { "CINEMA_BODY_MAX", SETTING_COUNT, "1048576", 1024, 1073741824, .help = "bytes of a JSON body" },
    { "CINEMA_BODY_RATE_MIN", SETTING_LIMIT, "512", 1, 1073741824,
      .help = "bytes a second that an upload has to bring; off: no limit" },
    { "CINEMA_LIMIT_CONNECTIONS_ADDRESS", SETTING_LIMIT, "256", 1, 1000000,
      .help = "connections from one address; off: no limit" },
    { "CINEMA_CORS_ORIGINS", SETTING_ORIGINS, NULL, .reloads = true,
      .help = "origins whose pages may read answers, https://a.example https://b.example; *: all" },
    { "CINEMA_METRICS_TOKEN", SETTING_TEXT, NULL, .secret = true, .reloads = true,
      .help = "bearer token for /metrics; without one only loopback may read it" },
    { "CINEMA_TRUSTED_PROXIES", SETTING_NETWORKS, NULL,
      .help = "addresses or networks (10.0.0.0/8 ::1) whose X-Forwarded-For is believed" },
    { "CINEMA_KEY", SETTING_TEXT, NULL, .secret = true,
      .help = "base64 of 32 bytes that seal secrets; with SQLite a file `key` in the data folder" },
    { "CINEMA_BLOB_URL", SETTING_TEXT, NULL, .secret = true,
      .help = "file:PATH for uploaded files; else the folder blobs in the data folder" },
    { "CINEMA_MAIL_URL", SETTING_TEXT, NULL, .secret = true,
      .help = "smtp://, smtps:// with user and password, or file:PATH; else mail in the data folder" },
    { "CINEMA_MAIL_FROM", SETTING_TEXT, NULL, .help = "sender, \"Films <films@site.example>\"" },
    { "CINEMA_OUTBOX", SETTING_CHOICE, "worker", .choices = "worker inline off",
      .help = "who sends mail and the like: threads of the server, the request itself, nobody here" },
    { "CINEMA_EMAIL_VERIFICATION", SETTING_CHOICE, "required", .choices = "required optional",
      .help = "whether an address has to be verified before the first sign-in" },
    { "CINEMA_SIGN_IN_MAIL", SETTING_CHOICE, "new", .choices = "new off",
      .help = "a mail about a sign-in from a device or network that is new to the account" },
    { "CINEMA_PASSWORD_MIN", SETTING_COUNT, "15", 8, 64,
      .help = "characters; 8 do where a second factor is on" },
    { "CINEMA_ACCESS_TTL_S", SETTING_COUNT, "600", 10, 86400, .help = "life of access tokens" },
    { "CINEMA_REFRESH_GRACE_S", SETTING_COUNT, "10", 0, 300,
      .help = "how long the refresh token before the current one still gives the current one" },
    { "CINEMA_SESSION_DAYS", SETTING_COUNT, "30", 1, 3650, .help = "life of a sign-in that is not used" },
    { "CINEMA_SESSION_MAX_DAYS", SETTING_LIMIT, "365", 1, 36500,
      .help = "life of a sign-in that is used, or off" },
    { "CINEMA_DELETION_DAYS", SETTING_COUNT, "14", 0, 365,
      .help = "how long a deleted account can be had back by signing in" },
    { "CINEMA_LIMIT_SIGN_IN_ACCOUNT", SETTING_RATE, "20/15m", .help = "wrong sign-ins of an account" },
    { "CINEMA_LIMIT_SIGN_IN_ADDRESS", SETTING_RATE, "100/15m",
      .help = "wrong sign-ins from an address" },
    { "CINEMA_LIMIT_SECOND_FACTOR", SETTING_RATE, "10/15m", .help = "wrong codes of an account" },
    { "CINEMA_LIMIT_REGISTER_ADDRESS", SETTING_RATE, "20/1h", .help = "registrations from an address" },
    { "CINEMA_LIMIT_MAIL_ACCOUNT", SETTING_RATE, "5/1h", .help = "mails that a request causes" },
    { "CINEMA_LIMIT_REQUESTS_ADDRESS", SETTING_RATE, "1200/1m", .help = "requests from an address" },
    { "CINEMA_OUTGOING_ALLOW", SETTING_ORIGINS, NULL,
      .help = "origins that may be called though their address is private" },
    { "CINEMA_TRUSTED_ISSUERS", SETTING_TEXT, NULL, .secret = true,
      .help = "issuers whose tokens are taken: issuer=…;audience=… with spaces between" },
    { "CINEMA_OAUTH_RETURN_ORIGINS", SETTING_ORIGINS, NULL,
      .help = "origins to which a sign-in elsewhere may return; else that of CINEMA_PUBLIC_URL" },
    { "CINEMA_OAUTH_*_CLIENT_ID", SETTING_TEXT, NULL,
      .help = "sign-in by GOOGLE, GITHUB or another provider: what it calls us" },
    { "CINEMA_OAUTH_*_CLIENT_SECRET", SETTING_TEXT, NULL, .secret = true,
      .help = "the secret that goes with it" },
    { "CINEMA_OAUTH_*_ISSUER", SETTING_TEXT, NULL,
      .help = "an OpenID provider; all else is in its description" },
    { "CINEMA_OAUTH_*_AUTHORIZE_URL", SETTING_TEXT, NULL,
      .help = "of a provider that is none: where people are sent" },
    { "CINEMA_OAUTH_*_TOKEN_URL", SETTING_TEXT, NULL, .help = "where codes are exchanged" },
    { "CINEMA_OAUTH_*_USER_URL", SETTING_TEXT, NULL, .help = "who somebody is" },
    { .name = NULL },
};
/* clang-format on */
_Static_assert(COUNT_OF(cinema__settings) <= COUNT, "room in struct config");

/* Settings with a * in their name are families: one is here once it has been given. */
typedef struct named {
    char *name;
    int family;
} named;

struct config {
    _Atomic(char *) values[COUNT + NAMED_MAX]; /* those of the table, then the named ones */
    _Atomic(const char *) sources[COUNT + NAMED_MAX];
    named named[NAMED_MAX];
    int named_count;
    char **replaced; /* values that somebody may still be reading */
    size_t replaced_count;
    char *public_url;
};

/* Every name begins with CINEMA_, so what follows tells most of them apart. */
static bool same(const char *name, const char *s, size_t n)
{
    enum { APART = sizeof "CINEMA_" - 1 };
    return (n <= APART || s[APART] == name[APART]) && !strncmp(name, s, n) && !name[n];
}

/* Of the table or of those that have been given; -1: none such. */
static int setting_index(const config *k, const char *name, size_t length)
{
    for (int i = 0; cinema__settings[i].name; i++)
        if (same(cinema__settings[i].name, name, length))
            return i;
    for (int i = 0; i < k->named_count; i++)
        if (same(k->named[i].name, name, length))
            return COUNT + i;
    return -1;
}

/* A row of its own also for one of a family. */
static setting row_of(const config *k, int i)
{
    if (i < COUNT)
        return cinema__settings[i];
    setting s = cinema__settings[k->named[i - COUNT].family];
    s.name = k->named[i - COUNT].name;
    return s;
}

/* CINEMA_OAUTH_GITHUB_CLIENT_ID is of CINEMA_OAUTH_*_CLIENT_ID. */
static bool is_of(const char *family, const char *name, size_t n)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const char *star = strchr(family, '*');
    size_t before = star ? (size_t)(star - family) : 0, after = star ? strlen(star + 1) : 0;
    if (!star || n <= before + after || n - before - after > NAME_MAX_BYTES)
        return false;
    return !memcmp(name, family, before) && !memcmp(name + n - after, star + 1, after) &&
           strspn(name + before, letters) == n - before - after;
}

/* Likewise, making room for one of a family. */
static cinema_status setting_to_set(config *k, const char *name, size_t n, int *ret,
                                    cinema_error *err)
{
    *ret = setting_index(k, name, n);
    for (int f = 0; *ret < 0 && cinema__settings[f].name; f++) {
        if (!is_of(cinema__settings[f].name, name, n))
            continue;
        if (k->named_count == NAMED_MAX)
            return fail(err, CINEMA_INVALID, "bad_setting", NULL, "there are too many settings");
        k->named[k->named_count] = (named){ strndup(name, n), f };
        if (!k->named[k->named_count].name)
            return fail_memory(err);
        *ret = COUNT + k->named_count++;
    }
    return CINEMA_OK;
}

/* The first source to set a value wins. */
static cinema_status put(config *k, int i, const char *value, const char *source, cinema_error *err)
{
    const setting row = row_of(k, i);
    cinema_status s;
    if (k->values[i] || !*value)
        return CINEMA_OK;
    if (strlen(value) >= VALUE_MAX)
        return setting_bad(&row, "is too long", err);
    if ((s = setting_check(&row, value, err)))
        return s;
    k->values[i] = strdup(value);
    k->sources[i] = source;
    return k->values[i] ? CINEMA_OK : fail_memory(err);
}

/* One line without its end; false: there is none. A longer one is cut: `*whole` tells. */
static bool read_line(FILE *f, char line[VALUE_MAX], bool *whole)
{
    if (!fgets(line, VALUE_MAX, f))
        return false;
    size_t n = strcspn(line, "\r\n");
    *whole = line[n] || n < VALUE_MAX - 1 || getc(f) == EOF;
    line[n] = '\0';
    return true;
}

static cinema_status put_from_file(config *k, int i, const char *path, const char *source,
                                   cinema_error *err)
{
    const setting row = row_of(k, i);
    char line[VALUE_MAX];
    bool whole;
    if (k->values[i])
        return CINEMA_OK;
    FILE *f = fopen(path, "re");
    bool got = f && read_line(f, line, &whole), failed = !f || ferror(f);
    int why = errno;
    if (f)
        fclose(f);
    if (failed)
        return fail(err, CINEMA_INVALID, "bad_setting", row.name,
                    "%s_FILE names a file that cannot be read: %s", row.name, strerror(why));
    if (got && !whole)
        return setting_bad(&row, "is too long", err);
    return got ? put(k, i, line, source, err) : CINEMA_OK;
}

/* NAME=value, or NAME_FILE=path. */
static cinema_status put_pair(config *k, const char *pair, const char *source, cinema_error *err)
{
    const char *equals = strchr(pair, '=');
    size_t n = equals ? (size_t)(equals - pair) : strlen(pair);
    bool file = equals && n > 5 && !memcmp(equals - 5, "_FILE", 5);
    int i = -1;
    cinema_status s = equals ? setting_to_set(k, pair, n, &i, err) : CINEMA_OK;
    if (!s && i >= 0)
        return put(k, i, equals + 1, source, err);
    if (!s && file)
        s = setting_to_set(k, pair, n - 5, &i, err);
    if (s || i >= 0)
        return s ? s : put_from_file(k, i, equals + 1, source, err);
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(n < 60 ? n : 60), pair);
    if (name[strspn(name, NAME_CHARACTERS)]) /* a URL, say, with a password in it */
        return fail(err, CINEMA_INVALID, "unknown_setting", NULL,
                    "a setting is given as NAME=value, but one of them has no such name");
    return fail(err, CINEMA_INVALID, "unknown_setting", name,
                "%s is not a setting of libcinema (see cinema doctor)", name);
}

/* Also taken from the environment without CINEMA_ before them, as hosting consoles name them. */
static const char *const fallbacks[] = { "CINEMA_DATABASE_URL", "CINEMA_REDIS_URL" };

/* The families: of their names only the environment itself knows. */
static cinema_status named_from_environment(config *k, cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    for (char **pair = environ; !s && *pair; pair++) {
        size_t n = strcspn(*pair, "=");
        bool file = n > 5 && !memcmp(*pair + n - 5, "_FILE", 5);
        bool ours = false;
        for (int f = 0; cinema__settings[f].name; f++)
            ours |= is_of(cinema__settings[f].name, *pair, file ? n - 5 : n);
        if (ours && (*pair)[n] && (*pair)[n + 1])
            s = put_pair(k, *pair, "environment", err);
    }
    return s;
}

static cinema_status from_environment(config *k, cinema_error *err)
{
    cinema_status s = named_from_environment(k, err);
    for (int i = 0; !s && cinema__settings[i].name; i++) {
        char name[80];
        const char *value = getenv(cinema__settings[i].name);
        if (value && (s = put(k, i, value, "environment", err)))
            break;
        snprintf(name, sizeof name, "%s_FILE", cinema__settings[i].name);
        if ((value = getenv(name)) && *value)
            s = put_from_file(k, i, value, "environment", err);
    }
    for (size_t i = 0; !s && i < COUNT_OF(fallbacks); i++) {
        const char *value = getenv(fallbacks[i] + strlen("CINEMA_"));
        if (value)
            s = put(k, setting_index(k, fallbacks[i], strlen(fallbacks[i])), value, "environment",
                    err);
    }
    return s;
}

static cinema_status no_config_file(cinema_error *err)
{
    return fail(err, CINEMA_INVALID, "bad_setting", "CINEMA_CONFIG",
                "the file CINEMA_CONFIG names cannot be read: %s", strerror(errno));
}

static cinema_status from_file(config *k, cinema_error *err)
{
    char line[VALUE_MAX];
    bool whole;
    const char *path = config_text(k, "CINEMA_CONFIG");
    cinema_status s = CINEMA_OK;
    if (!path)
        return CINEMA_OK;
    FILE *f = fopen(path, "re");
    if (!f)
        return no_config_file(err);
    while (!s && read_line(f, line, &whole)) {
        if (!whole)
            s = fail(err, CINEMA_INVALID, "bad_setting", "CINEMA_CONFIG",
                     "the file CINEMA_CONFIG names has a line that is too long");
        else if (*line && *line != '#')
            s = put_pair(k, line, "file", err);
    }
    if (!s && ferror(f))
        s = no_config_file(err);
    fclose(f);
    return s;
}

static cinema_status defaults(config *k, cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    for (int i = 0; !s && cinema__settings[i].name; i++)
        if (cinema__settings[i].initial)
            s = put(k, i, cinema__settings[i].initial, "default", err);
    int url = setting_index(k, "CINEMA_DATABASE_URL", 19);
    if (s || k->values[url])
        return s;
    char text[VALUE_MAX];
    int n = snprintf(text, sizeof text, "sqlite:%s/cinema.db", config_text(k, "CINEMA_DATA_DIR"));
    if (n < 0 || (size_t)n >= sizeof text)
        return fail(err, CINEMA_INVALID, "bad_setting", "CINEMA_DATA_DIR", "the path is too long");
    return put(k, url, text, "default", err);
}

static cinema_status make_public_url(config *k, cinema_error *err)
{
    const char *set = config_text(k, "CINEMA_PUBLIC_URL");
    const char *text = set ? set : config_text(k, "CINEMA_LISTEN");
    size_t room = strlen("http://") + strlen(text) + 1;
    if (!(k->public_url = malloc(room)))
        return fail_memory(err);
    snprintf(k->public_url, room, "%s%s", set ? "" : "http://", text);
    for (size_t n = strlen(k->public_url); n && k->public_url[n - 1] == '/';)
        k->public_url[--n] = '\0';
    return CINEMA_OK;
}

cinema_status config_read(const cinema_options *options, config **ret, cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    config *k = calloc(1, sizeof *k);
    if (!k)
        return fail_memory(err);
    for (size_t i = 0; !s && i < options->setting_count; i++)
        s = put_pair(k, options->settings[i], "option", err);
    if (s || (s = from_environment(k, err)) || (s = from_file(k, err)) || (s = defaults(k, err)) ||
        (s = make_public_url(k, err))) {
        config_free(k);
        return s;
    }
    *ret = k;
    return CINEMA_OK;
}

/* ---- once more ------------------------------------------------------------------------------- */

static bool differs(const config *a, const config *b, int i)
{
    const char *x = a->values[i], *y = b->values[i];
    return x && y ? strcmp(x, y) != 0 : x != y;
}

static cinema_status read_again(const config *before, config *k, cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    for (int i = 0; !s && cinema__settings[i].name; i++)
        if (before->sources[i] && !strcmp(before->sources[i], "option"))
            s = put(k, i, before->values[i], "option", err);
    if (s || (s = from_environment(k, err)) || (s = from_file(k, err)))
        return s;
    return defaults(k, err);
}

/* Each setting changes in one step; the old text stays where it is. */
static cinema_status take_over(config *k, config *fresh, cinema_error *err)
{
    char **room = realloc(k->replaced, (k->replaced_count + COUNT) * sizeof *room);
    if (!room)
        return fail_memory(err);
    k->replaced = room;
    for (int i = 0; cinema__settings[i].name; i++) {
        if (!cinema__settings[i].reloads)
            continue;
        k->sources[i] = atomic_load(&fresh->sources[i]);
        if (!differs(k, fresh, i))
            continue;
        k->replaced[k->replaced_count++] = atomic_exchange(&k->values[i], fresh->values[i]);
        fresh->values[i] = NULL;
    }
    return CINEMA_OK;
}

cinema_status config_reload(config *k, cinema_error *err)
{
    config *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return fail_memory(err);
    cinema_status s = read_again(k, fresh, err);
    if (!s)
        s = take_over(k, fresh, err);
    config_free(fresh);
    return s;
}

void config_free(config *k)
{
    if (!k)
        return;
    for (int i = 0; i < COUNT + NAMED_MAX; i++)
        free(k->values[i]);
    for (int i = 0; i < k->named_count; i++)
        free(k->named[i].name);
    for (size_t i = 0; i < k->replaced_count; i++)
        free(k->replaced[i]);
    free(k->replaced);
    free(k->public_url);
    free(k);
}

const char *config_text(const config *k, const char *name)
{
    int i = setting_index(k, name, strlen(name));
    return i < 0 ? NULL : k->values[i];
}

int64_t config_number(const config *k, const char *name)
{
    int64_t n = -1;
    const char *value = config_text(k, name);
    assert(value);
    return text_number(value, &n) ? n : -1;
}

bool config_rate(const config *k, const char *name, int64_t *count, int64_t *window_ms)
{
    const char *value = config_text(k, name);
    assert(value);
    return setting_rate(value, count, window_ms);
}

const char *config_source(const config *k, const char *name)
{
    int i = setting_index(k, name, strlen(name));
    return i < 0 || !k->sources[i] ? "" : k->sources[i];
}

bool config_named(const config *k, size_t i, setting *ret)
{
    if (i >= (size_t)k->named_count)
        return false;
    *ret = row_of(k, COUNT + (int)i);
    return true;
}

const char *config_public_url(const config *k)
{
    return k->public_url;
}
