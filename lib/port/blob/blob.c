/* blob.c - the blob port's front: names checked, the driver chosen, rooms served.
 */
#include "port/blob/blob.h"

#include "base/handle.h"

#include <assert.h>
#include <stdio.h>

/* ---- names ----------------------------------------------------------------------------------- */

static cinema_status bad_name(cinema_error *err)
{
    return fail(err, CINEMA_INVALID, "blob_name", NULL,
                "blob port: a name is 1 to %d of a-z 0-9 - in parts with / between", BLOB_NAME_MAX);
}

static bool good_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '/';
}

/* No name begins with / or has an empty part, which a folder could not hold. */
static bool good_beginning(const char *s, size_t *length)
{
    size_t n = 0;
    for (; n <= BLOB_NAME_MAX && s[n]; n++)
        if (!good_letter(s[n]) || (s[n] == '/' && (!n || s[n - 1] == '/')))
            return false;
    *length = n;
    return n <= BLOB_NAME_MAX;
}

cinema_status blob_name_check(const char *name, cinema_error *err)
{
    size_t n;
    bool good = name && good_beginning(name, &n) && n && name[n - 1] != '/';
    return good ? CINEMA_OK : bad_name(err);
}

cinema_status blob_prefix_check(const char *prefix, cinema_error *err)
{
    size_t n;
    return prefix && good_beginning(prefix, &n) ? CINEMA_OK : bad_name(err);
}

/* ---- the driver ------------------------------------------------------------------------------ */

static void log_from_driver(void *user, cinema_log_level level, const char *line)
{
    log_line(user, level, "%s", line);
}

cinema_status blob_open(cinema *c, cinema_error *err)
{
    char own[BLOB_FOLDER_MAX];
    const char *url = config_text(c->config, "CINEMA_BLOB_URL");
    const blob_options options = { .url = url ? url : own, .log = log_from_driver, .user = c };
    if (!url)
        snprintf(own, sizeof own, "file:%s/blobs", config_text(c->config, "CINEMA_DATA_DIR"));
    if (strncmp(options.url, "file:", 5) != 0)
        return fail(err, CINEMA_UNSUPPORTED, "no_driver", "CINEMA_BLOB_URL",
                    "CINEMA_BLOB_URL must begin with file:");
    return cinema__blob_dir.open(&options, &c->blob, err);
}

void blob_shut(cinema *c)
{
    if (c->blob)
        c->blob->driver->close(c->blob);
}

/* ---- what rooms call --------------------------------------------------------------------------
 */

static cinema_status ready(const cinema *c, const char *name, cinema_error *err)
{
    cinema_status s = handle_check(c, err);
    assert(!cinema__transactions_open && "no files inside a transaction");
    return s ? s : blob_name_check(name, err);
}

cinema_status blob_put(cinema *c, const char *name, const cinema_stream *from, cinema_error *err)
{
    cinema_status s = ready(c, name, err);
    return s ? s : c->blob->driver->put(c->blob, name, from, err);
}

typedef struct memory {
    const char *at;
    size_t left;
} memory;

static int64_t read_memory(void *bytes, size_t room, void *user)
{
    memory *m = user;
    size_t n = room < m->left ? room : m->left;
    if (n)
        memcpy(bytes, m->at, n);
    m->at += n;
    m->left -= n;
    return (int64_t)n;
}

cinema_status blob_put_bytes(cinema *c, const char *name, const void *bytes, size_t length,
                             cinema_error *err)
{
    memory m = { bytes, length };
    return blob_put(c, name, &(cinema_stream){ .read = read_memory, .user = &m }, err);
}

cinema_status blob_get(cinema *c, const char *name, uint64_t from, uint64_t count,
                       blob_reader **ret, cinema_error *err)
{
    cinema_status s = ready(c, name, err);
    return s ? s : c->blob->driver->get(c->blob, name, from, count, ret, err);
}

void blob_close(blob_reader *r)
{
    if (r)
        r->close(r);
}

cinema_status blob_stat(cinema *c, const char *name, blob_info *ret, cinema_error *err)
{
    cinema_status s = ready(c, name, err);
    return s ? s : c->blob->driver->stat(c->blob, name, ret, err);
}

cinema_status blob_remove(cinema *c, const char *name, cinema_error *err)
{
    cinema_status s = ready(c, name, err);
    return s ? s : c->blob->driver->remove(c->blob, name, err);
}

cinema_status blob_list(cinema *c, const char *prefix, const char *after, blob_each each,
                        void *user, cinema_error *err)
{
    cinema_status s = handle_check(c, err);
    assert(!cinema__transactions_open && "no files inside a transaction");
    if (s || (s = blob_prefix_check(prefix, err)) || (after && (s = blob_name_check(after, err))))
        return s;
    return c->blob->driver->list(c->blob, prefix, after, each, user, err);
}
