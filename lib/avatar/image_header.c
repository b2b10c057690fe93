/* image_header.c - the heads of JPEG (ISO 10918-1), PNG (W3C, with APNG) and WebP (RFC 9649).
 * All reading goes through `take`, which knows where the bytes end.
 */
#include "avatar/image_header.h"

#include <string.h>

/* Bytes not read yet. */
typedef struct view {
    const unsigned char *at;
    size_t left;
} view;

/* The next n bytes; NULL: there are fewer. */
static const unsigned char *take(view *v, size_t n)
{
    const unsigned char *at = v->at;
    if (n > v->left)
        return NULL;
    v->at += n;
    v->left -= n;
    return at;
}

static uint32_t big(const unsigned char *b, size_t n)
{
    uint32_t x = 0;
    for (size_t i = 0; i < n; i++)
        x = x << 8 | b[i];
    return x;
}

static uint32_t little(const unsigned char *b, size_t n)
{
    uint32_t x = 0;
    for (size_t i = n; i-- > 0;)
        x = x << 8 | b[i];
    return x;
}

static image_verdict sized(image_header *h, uint32_t width, uint32_t height)
{
    h->width = width;
    h->height = height;
    return width && height ? IMAGE_GOOD : IMAGE_DAMAGED;
}

/* ---- JPEG ------------------------------------------------------------------------------------ */

enum { SOF0 = 0xC0, SOF2 = 0xC2, SOF15 = 0xCF, DHT = 0xC4, JPG = 0xC8, DAC = 0xCC };
enum { RST0 = 0xD0, EOI = 0xD9, SOS = 0xDA, TEM = 0x01 };

static bool is_frame(unsigned marker)
{
    return marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
}

/* A marker, after any number of fill bytes; 0: there is none. */
static unsigned next_marker(view *v)
{
    const unsigned char *b = take(v, 1);
    if (!b || *b != 0xFF)
        return 0;
    do
        b = take(v, 1);
    while (b && *b == 0xFF);
    return b ? *b : 0;
}

/* Baseline, extended and progressive, 8 bits, grey, colour or CMYK. */
static image_verdict read_frame(unsigned marker, view body, image_header *h)
{
    const unsigned char *b = take(&body, 6);
    if (!b || marker > SOF2 || b[0] != 8)
        return IMAGE_DAMAGED;
    if ((b[5] != 1 && b[5] != 3 && b[5] != 4) || body.left != 3U * b[5])
        return IMAGE_DAMAGED;
    return sized(h, big(b + 3, 2), big(b + 1, 2));
}

/* Markers up to the first scan; exactly one of them is the frame's. */
static image_verdict read_jpeg(view v, image_header *h)
{
    h->width = 0;
    for (unsigned marker; (marker = next_marker(&v));) {
        if (marker == TEM || (marker >= RST0 && marker <= EOI))
            return IMAGE_DAMAGED; /* none of them may stand here */
        const unsigned char *size = take(&v, 2);
        if (!size || big(size, 2) < 2)
            return IMAGE_DAMAGED;
        view body = { v.at, big(size, 2) - 2 };
        if (!take(&v, body.left))
            return IMAGE_DAMAGED;
        if (marker == SOS)
            return h->width && v.left ? IMAGE_GOOD : IMAGE_DAMAGED;
        if (is_frame(marker) && (h->width || read_frame(marker, body, h)))
            return IMAGE_DAMAGED;
    }
    return IMAGE_DAMAGED;
}

/* ---- PNG ------------------------------------------------------------------------------------- */

static const unsigned char png_magic[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n' };

/* A chunk; false: it is not all there. */
static bool next_chunk(view *v, const unsigned char **type, view *body)
{
    const unsigned char *b = take(v, 8);
    if (!b || big(b, 4) > INT32_MAX)
        return false;
    *type = b + 4;
    *body = (view){ v->at, big(b, 4) };
    return take(v, body->left) && take(v, 4);
}

/* Which depths a colour type has, as bits 1, 2, 4, 8, 16. */
static bool good_depth(unsigned colour, unsigned depth)
{
    static const unsigned char depths[7] = {
        1 | 2 | 4 | 8 | 16, 0, 8 | 16, 1 | 2 | 4 | 8, 8 | 16, 0, 8 | 16
    };
    bool one = depth && !(depth & (depth - 1)) && depth <= 16;
    return one && colour < sizeof depths && depths[colour] & depth;
}

static image_verdict read_ihdr(view body, image_header *h)
{
    const unsigned char *b = take(&body, 13);
    if (!b || body.left || !good_depth(b[9], b[8]) || b[10] || b[11] || b[12] > 1)
        return IMAGE_DAMAGED;
    if (big(b, 4) > INT32_MAX || big(b + 4, 4) > INT32_MAX)
        return IMAGE_DAMAGED;
    return sized(h, big(b, 4), big(b + 4, 4));
}

/* Chunks from IHDR up to the first IDAT; acTL, before it, says how many frames there are. */
static image_verdict read_png(view v, image_header *h)
{
    const unsigned char *type;
    view body;
    bool first = true;
    for (; next_chunk(&v, &type, &body); first = false) {
        if (first != !memcmp(type, "IHDR", 4) || (first && read_ihdr(body, h)))
            return IMAGE_DAMAGED;
        if (!memcmp(type, "IDAT", 4))
            return IMAGE_GOOD;
        if (!memcmp(type, "acTL", 4) && (body.left != 8 || !(h->frames = big(body.at, 4))))
            return IMAGE_DAMAGED;
    }
    return IMAGE_DAMAGED;
}

/* ---- WebP ------------------------------------------------------------------------------------ */

enum { ANIMATION = 2 };

static bool next_part(view *v, const unsigned char **type, view *body)
{
    const unsigned char *b = take(v, 8);
    if (!b)
        return false;
    *type = b;
    *body = (view){ v->at, little(b + 4, 4) };
    if (!take(v, body->left))
        return false;
    return !(body->left & 1) || take(v, 1) || !v->left;
}

/* A key frame's head: tag, start code, two sizes of 14 bits with a scale above. */
static image_verdict read_lossy(view body, image_header *h)
{
    const unsigned char *b = take(&body, 10);
    if (!b || b[0] & 1 || memcmp(b + 3, "\x9d\x01\x2a", 3) != 0)
        return IMAGE_DAMAGED;
    return sized(h, little(b + 6, 2) & 0x3FFF, little(b + 8, 2) & 0x3FFF);
}

static image_verdict read_lossless(view body, image_header *h)
{
    const unsigned char *b = take(&body, 5);
    if (!b || b[0] != 0x2F || b[4] >> 5)
        return IMAGE_DAMAGED;
    uint32_t bits = little(b + 1, 4);
    return sized(h, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
}

/* The image itself; it has the size of the canvas unless there are several. */
static image_verdict read_extended(view v, view canvas, image_header *h)
{
    const unsigned char *b = take(&canvas, 10), *type;
    view body;
    if (!b || canvas.left)
        return IMAGE_DAMAGED;
    uint32_t width = little(b + 4, 3) + 1, height = little(b + 7, 3) + 1, moving = 0;
    image_verdict found = IMAGE_DAMAGED;
    while (found && next_part(&v, &type, &body)) {
        moving += !memcmp(type, "ANMF", 4);
        if (!memcmp(type, "VP8 ", 4))
            found = read_lossy(body, h);
        else if (!memcmp(type, "VP8L", 4))
            found = read_lossless(body, h);
    }
    if (b[0] & ANIMATION || moving) {
        h->frames = moving > 2 ? moving : 2; /* a single one is an animation still */
        return sized(h, width, height);
    }
    return !found && h->width == width && h->height == height ? IMAGE_GOOD : IMAGE_DAMAGED;
}

static image_verdict read_webp(view v, image_header *h)
{
    const unsigned char *head = take(&v, 12), *type;
    view body;
    uint32_t size = little(head + 4, 4);
    if (size < 4 || size - 4 > v.left)
        return IMAGE_DAMAGED;
    v.left = size - 4;
    if (!next_part(&v, &type, &body))
        return IMAGE_DAMAGED;
    if (!memcmp(type, "VP8 ", 4))
        return read_lossy(body, h);
    if (!memcmp(type, "VP8L", 4))
        return read_lossless(body, h);
    return !memcmp(type, "VP8X", 4) ? read_extended(v, body, h) : IMAGE_DAMAGED;
}

/* ---------------------------------------------------------------------------------------------- */

image_verdict image_header_read(const void *bytes, size_t length, image_header *ret)
{
    view v = { bytes, length };
    image_header h = { .frames = 1 };
    image_verdict verdict = IMAGE_OTHER;
    if (length >= 3 && !memcmp(bytes, "\xff\xd8\xff", 3)) {
        take(&v, 2);
        h.type = IMAGE_JPEG;
        verdict = read_jpeg(v, &h);
    } else if (length >= 8 && !memcmp(bytes, png_magic, 8)) {
        take(&v, 8);
        h.type = IMAGE_PNG;
        verdict = read_png(v, &h);
    } else if (length >= 12 && !memcmp(bytes, "RIFF", 4) && !memcmp(v.at + 8, "WEBP", 4)) {
        h.type = IMAGE_WEBP;
        verdict = read_webp(v, &h);
    }
    if (verdict == IMAGE_GOOD)
        *ret = h;
    return verdict;
}
