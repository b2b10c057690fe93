/* qr.c - QR codes: libqrencode makes the modules, here they become an SVG path.
 */
#include "twofactor/qr.h"

#include "base/buffer.h"

#include <errno.h>
#include <qrencode.h>
#include <sodium.h>

enum { QUIET = 4, SVG_MAX = 1 << 20 };

static void free_code(QRcode **q)
{
    if (*q)
        sodium_memzero((*q)->data, (size_t)(*q)->width * (size_t)(*q)->width);
    QRcode_free(*q);
}

static bool dark(const QRcode *q, int x, int y)
{
    return q->data[y * q->width + x] & 1;
}

/* Dark modules that touch are one rectangle. */
static void add_row(buffer *b, const QRcode *q, int y)
{
    for (int x = 0, end; x < q->width; x = end) {
        for (end = x; end < q->width && dark(q, end, y);)
            end++;
        if (end > x)
            buffer_format(b, "M%d %dh%dv1H%dz", x + QUIET, y + QUIET, end - x, x + QUIET);
        else
            end++;
    }
}

cinema_status qr_svg(const char *text, arena *a, const char **svg, cinema_error *err)
{
    CLEANUP(buffer_done) buffer b = BUFFER(SVG_MAX);
    CLEANUP(free_code) QRcode *q = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (!q && errno == ERANGE)
        return fail(err, CINEMA_TOO_LARGE, NULL, NULL, "this is too long for a QR code");
    if (!q)
        return fail_memory(err);
    int side = q->width + 2 * QUIET;
    buffer_format(&b,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                  "shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
                  "<path d=\"",
                  side, side, side, side);
    for (int y = 0; y < q->width; y++)
        add_row(&b, q, y);
    buffer_text(&b, "\"/></svg>");
    if (b.failed || !(*svg = arena_copy(a, b.bytes, b.length)))
        return fail_memory(err);
    sodium_memzero(b.bytes, b.length);
    return CINEMA_OK;
}
