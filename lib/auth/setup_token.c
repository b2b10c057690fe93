/* setup_token.c - the token of an installation that has no administrator yet.
 * It lies in the data folder (0600), is made when a server starts, and lets its bearer do all until
 * there is an account that may: making that one is what it is for.
 */
#include "auth/setup_token.h"

#include "setup_token.sql.h"

#include <cinema/admin.h>

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TOKEN_BYTES = 32,
    TOKEN_TEXT = 64,
    TOKEN_LEAST = 32
}; /* base64url of 32 bytes is 43 characters */

static cinema_status path_of(const cinema *c, char *path, size_t size, cinema_error *err)
{
    int n = snprintf(path, size, "%s/setup-token", config_text(c->config, "CINEMA_DATA_DIR"));
    if (n > 0 && (size_t)n < size)
        return CINEMA_OK;
    return fail(err, CINEMA_INVALID, "bad_setting", "CINEMA_DATA_DIR", "the path is too long");
}

static cinema_status folder_fault(cinema_error *err, const char *what)
{
    return fail(err, CINEMA_UNAVAILABLE, "data_folder", "CINEMA_DATA_DIR",
                "cannot %s in the data folder: %s", what, strerror(errno));
}

/* Written under another name and linked, so that of two servers one makes it and both agree. */
static cinema_status make(cinema *c, const char *path, cinema_error *err)
{
    unsigned char bytes[TOKEN_BYTES], mark[8];
    char text[TOKEN_TEXT], draft[4200], name[2 * sizeof mark + 1];
    random_bytes(c, bytes, sizeof bytes);
    random_bytes(c, mark, sizeof mark);
    sodium_bin2base64(text, sizeof text, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_bin2hex(name, sizeof name, mark, sizeof mark);
    snprintf(draft, sizeof draft, "%s.%s", path, name);
    int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return folder_fault(err, "make the file setup-token");
    bool ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text) && !fsync(fd);
    close(fd);
    ok = ok && (!link(draft, path) || errno == EEXIST);
    unlink(draft);
    sodium_memzero(text, sizeof text);
    sodium_memzero(bytes, sizeof bytes);
    return ok ? CINEMA_OK : folder_fault(err, "write the file setup-token");
}

cinema_status cinema_setup_token_path(cinema *c, char *path, size_t size, cinema_error *err)
{
    cinema_status s = handle_check(c, err);
    const char *folder = config_text(c->config, "CINEMA_DATA_DIR");
    if (s || (s = path_of(c, path, size, err)))
        return s;
    if (!access(path, F_OK))
        return CINEMA_OK;
    if (mkdir(folder, 0700) && errno != EEXIST)
        return folder_fault(err, "be at home");
    return make(c, path, err);
}

/* Read each time one is presented: that is when somebody writes, and the file may be replaced.
 * Where there is none, `text` is too short to be a token; where it cannot be read, nobody knows. */
static cinema_status read_token(const cinema *c, char text[TOKEN_TEXT], cinema_error *err)
{
    char path[4096];
    cinema_status s = path_of(c, path, sizeof path, err);
    *text = '\0';
    if (s)
        return s;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return CINEMA_OK;
    ssize_t n = fd < 0 ? -1 : read(fd, text, TOKEN_TEXT - 1);
    if (n < 0)
        s = folder_fault(err, "read the file setup-token");
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    return s;
}

/* Both sides are hashed first, so that neither length nor content shows in the time it takes. */
static bool same(const char *a, const char *b)
{
    unsigned char x[32], y[32];
    crypto_generichash(x, sizeof x, (const unsigned char *)a, strlen(a), NULL, 0);
    crypto_generichash(y, sizeof y, (const unsigned char *)b, strlen(b), NULL, 0);
    return !sodium_memcmp(x, y, sizeof x);
}

static cinema_status has_administrator(cinema *c, arena *a, bool *ret, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, c);
    db_add(&sql, SQL_setup_administrator, "");
    cinema_status s = db_read(c, &sql, a, &rows, err);
    *ret = !s && rows.count;
    return s;
}

cinema_status setup_identify(cinema *c, const char *token, arena *a, identity *ret,
                             cinema_error *err)
{
    char text[TOKEN_TEXT];
    bool over = false;
    cinema_status s = read_token(c, text, err);
    bool ok = strlen(text) >= TOKEN_LEAST && same(text, token);
    sodium_memzero(text, sizeof text);
    if (s || (ok && (s = has_administrator(c, a, &over, err))))
        return s;
    if (over)
        return fail(err, CINEMA_UNAUTHENTICATED, "setup_is_over", NULL,
                    "the set-up token is no good any more: there is an administrator");
    if (!ok)
        return fail(err, CINEMA_UNAUTHENTICATED, "invalid_token", NULL, "the token is no good");
    *ret = (identity){ .known = true, .name = "set-up token", .permissions = "*" };
    return CINEMA_OK;
}
