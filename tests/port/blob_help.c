/* blob_help.c - what the tests of the blob port share.
 */
#include "port/blob_help.h"

#include <stdio.h>
#include <string.h>

blob *b;
cinema_error blob_err;
char blob_home[256];

void blob_start(void)
{
    char url[300];
    test_folder(blob_home, sizeof blob_home);
    snprintf(url, sizeof url, "file:%s/blobs", blob_home);
    OK(cinema__blob_dir.open(&(blob_options){ .url = url }, &b, &err));
}

void blob_stop(void)
{
    b->driver->close(b);
}

unsigned char blob_byte(unsigned seed, uint64_t at)
{
    return (unsigned char)((at * 31 + at / 251 * 7 + at / 65536) * (2 * seed + 1) + seed);
}

int64_t blob_pour(void *bytes, size_t room, void *source)
{
    blob_source *s = source;
    size_t n = 1 + s->reads++ * 7919 % 40000;
    n = n < room ? n : room;
    n = n < s->left ? n : (size_t)s->left;
    if (!n && s->before_end)
        s->before_end();
    if (!n)
        return s->broken ? -1 : 0;
    for (size_t i = 0; i < n; i++)
        ((unsigned char *)bytes)[i] = blob_byte(s->seed, s->at++);
    s->left -= n;
    return (int64_t)n;
}

cinema_status blob_try_put(const char *name, uint64_t length, unsigned seed)
{
    blob_source from = { .left = length, .seed = seed };
    return b->driver->put(b, name, &(cinema_stream){ .read = blob_pour, .user = &from }, &err);
}

void blob_must_put(const char *name, uint64_t length, unsigned seed)
{
    OK(blob_try_put(name, length, seed));
}

static bool as_put(const unsigned char *bytes, int64_t n, unsigned seed, uint64_t at)
{
    for (int64_t i = 0; i < n; i++)
        if (bytes[i] != blob_byte(seed, at + (uint64_t)i))
            return false;
    return true;
}

int64_t blob_read(const char *name, uint64_t from, uint64_t count, unsigned seed)
{
    blob_reader *r = NULL;
    unsigned char piece[3001];
    uint64_t at = from;
    int64_t n;
    bool right = true;
    if (b->driver->get(b, name, from, count, &r, &err))
        return -3;
    while ((n = r->stream.read(piece, 1 + at % sizeof piece, r->stream.user)) > 0) {
        right &= as_put(piece, n, seed, at);
        at += (uint64_t)n;
    }
    right &= n < 0 || at - from == r->length;
    blob_close(r);
    return !right ? -2 : n < 0 ? -1 : (int64_t)(at - from);
}

static cinema_status note(const char *name, const blob_info *info, void *user)
{
    char *text = user;
    size_t n = strlen(text);
    (void)info;
    ck_assert_uint_lt(n + strlen(name) + 2, 4096);
    snprintf(text + n, 4096 - n, "%s%s", n ? " " : "", name);
    return CINEMA_OK;
}

const char *blob_names(const char *prefix, const char *after)
{
    static char text[4096];
    *text = '\0';
    OK(b->driver->list(b, prefix, after, note, text, &err));
    return text;
}
