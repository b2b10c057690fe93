/* exif.c - which way up an image is meant to be: the one thing of its metadata that is used.
 * Reads bytes that anybody may have sent; the answer is 1 to 8 whatever they are.
 */
#include "image.h"

#include <string.h>

enum { APP1 = 0xE1, SOS = 0xDA, TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3 };

typedef struct span {
    const unsigned char *at;
    size_t length;
} span;

static uint32_t number(const unsigned char *b, size_t n, bool big)
{
    uint32_t x = 0;
    for (size_t i = 0; i < n; i++)
        x = x << 8 | b[big ? i : n - 1 - i];
    return x;
}

/* The part of `s` from `at`; empty where it has no n bytes there. */
static span part(span s, size_t at, size_t n)
{
    return at <= s.length && n <= s.length - at ? (span){ s.at + at, n } : (span){ s.at, 0 };
}

/* TIFF: a byte order, 42, where the first directory is; in it entries of 12 bytes. */
static unsigned orientation_in(span tiff)
{
    span head = part(tiff, 0, 8);
    bool big = head.length && head.at[0] == 'M';
    if (!head.length || memcmp(head.at, big ? "MM" : "II", 2) != 0 ||
        number(head.at + 2, 2, big) != 42)
        return 1;
    size_t at = number(head.at + 4, 4, big);
    span count = part(tiff, at, 2);
    for (uint32_t i = 0; count.length && i < number(count.at, 2, big); i++) {
        span e = part(tiff, at + 2 + i * 12UL, 12);
        if (!e.length)
            return 1;
        if (number(e.at, 2, big) != TAG_ORIENTATION || number(e.at + 2, 2, big) != TYPE_SHORT)
            continue;
        uint32_t value = number(e.at + 8, 2, big);
        return value >= 1 && value <= 8 ? value : 1;
    }
    return 1;
}

static span without_name(span s)
{
    bool named = s.length >= 6 && !memcmp(s.at, "Exif\0", 6);
    return named ? part(s, 6, s.length - 6) : s;
}

static span find_in_jpeg(span s)
{
    for (size_t at = 2;;) {
        span head = part(s, at, 4);
        if (!head.length || head.at[0] != 0xFF || head.at[1] == SOS)
            return (span){ 0 };
        if (head.at[1] == 0xFF) { /* a fill byte */
            at++;
            continue;
        }
        size_t length = number(head.at + 2, 2, true);
        span body = part(s, at + 4, length < 2 ? 0 : length - 2);
        if (head.at[1] == APP1 && body.length >= 6 && !memcmp(body.at, "Exif\0", 6))
            return body;
        at += 2 + (length < 2 ? 2 : length);
    }
}

/* Chunks of PNG have their type behind their length and a sum at the end, those of RIFF none of
 * both, but an even length. */
static span find_chunk(span s, size_t at, const char *type, bool png)
{
    for (;;) {
        span head = part(s, at, 8);
        if (!head.length)
            return (span){ 0 };
        size_t length = number(head.at + (png ? 0 : 4), 4, png);
        if (!memcmp(head.at + (png ? 4 : 0), type, 4))
            return part(s, at + 8, length);
        at += 8 + length + (png ? 4 : length & 1);
    }
}

unsigned exif_orientation(const unsigned char *bytes, size_t length)
{
    span s = { bytes, length }, found = { 0 };
    if (length > 12 && bytes[0] == 0xFF)
        found = find_in_jpeg(s);
    else if (length > 12 && bytes[0] == 0x89)
        found = find_chunk(s, 8, "eXIf", true);
    else if (length > 12)
        found = find_chunk(s, 12, "EXIF", false);
    return found.length ? orientation_in(without_name(found)) : 1;
}
