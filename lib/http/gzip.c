/* gzip.c - answers made smaller for those who ask.
 */
#include "http/gzip.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

/* A quality in thousandths: 1 unless the parameters say otherwise. */
static int quality(const char *s, const char *end)
{
    static const int places[] = { 1000, 100, 10, 1 };
    int q = 0;
    while (s < end && *s != '=')
        s++;
    if (s++ >= end)
        return 1000;
    for (size_t i = 0; i < 4 && s < end && *s >= '0' && *s <= '9'; i++, s++) {
        q += (*s - '0') * places[i];
        s += !i && s + 1 < end && s[1] == '.';
    }
    return q > 1000 ? 1000 : q;
}

static bool is(const char *word, size_t n, const char *name)
{
    return strlen(name) == n && !strncasecmp(word, name, n);
}

bool gzip_wanted(const char *accept_encoding)
{
    int gzip = -1, any = -1, plain = -1;
    const char *s = accept_encoding ? accept_encoding : "";
    for (; *s; s += *s == ',') {
        s += strspn(s, " \t");
        size_t all = strcspn(s, ","), n = strcspn(s, ",; \t");
        int q = quality(s + n, s + all);
        if (is(s, n, "gzip") || is(s, n, "x-gzip"))
            gzip = q;
        else if (is(s, n, "*"))
            any = q;
        else if (is(s, n, "identity"))
            plain = q;
        s += all;
    }
    if (gzip < 0)
        gzip = any;
    return gzip > 0 && gzip >= plain;
}

bool gzip_pays(const char *content_type)
{
    size_t n = strcspn(content_type, "; ");
    return !strncmp(content_type, "text/", 5) || is(content_type, n, "application/json") ||
           is(content_type, n, "application/problem+json");
}

/* The window no larger than the bytes: zlib clears all of it first. */
static int window_bits(size_t length)
{
    int bits = 10;
    while (bits < 15 && (size_t)1 << bits < length)
        bits++;
    return bits;
}

char *gzip_pack(const void *bytes, size_t length, int level, size_t *ret_length)
{
    enum { GZIP_FORMAT = 16 };
    z_stream z = { 0 };
    int bits = window_bits(length);
    if (length > UINT_MAX || deflateInit2(&z, level, Z_DEFLATED, bits + GZIP_FORMAT, bits - 7,
                                          Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    char *out = malloc(length);
    memcpy(&z.next_in, &bytes, sizeof bytes); /* zlib only reads it */
    z.avail_in = (uInt)length;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)length;
    bool packed = out && deflate(&z, Z_FINISH) == Z_STREAM_END;
    *ret_length = (size_t)z.total_out;
    deflateEnd(&z);
    if (packed)
        return out;
    free(out);
    return NULL;
}
