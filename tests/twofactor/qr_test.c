/* qr_test.c - mirrors lib/twofactor/qr.c. That a reader of others reads the same text out of it is
 * tested in tests/http/twofactor_test.py.
 */
#include "twofactor/qr.h"

#include "test.h"

#include <qrencode.h>
#include <stdio.h>

enum { SIDE_MAX = 200 };

/* The image drawn: 1 is dark. */
static int draw(const char *svg, char pixels[SIDE_MAX][SIDE_MAX])
{
    int side = 0, other = 0, x, y, run, back, used;
    ck_assert_int_eq(sscanf(strstr(svg, "viewBox=\"0 0 "), "viewBox=\"0 0 %d %d\"", &side, &other),
                     2);
    ck_assert(side == other && side <= SIDE_MAX);
    memset(pixels, 0, SIDE_MAX * SIDE_MAX);
    const char *path = strstr(svg, "<path d=\"") + strlen("<path d=\"");
    for (; *path == 'M'; path += used) {
        used = 0;
        ck_assert_int_eq(sscanf(path, "M%d %dh%dv1H%dz%n", &x, &y, &run, &back, &used), 4);
        ck_assert(used && back == x && run > 0 && x + run <= side && y < side);
        memset(&pixels[y][x], 1, (size_t)run);
    }
    ck_assert_str_eq(path, "\"/></svg>");
    return side;
}

static const char *const texts[] = {
    "A",
    "otpauth://totp/films.example:anna%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    "&issuer=films.example&algorithm=SHA1&digits=6&period=30",
};

TEST_EACH(the_image_has_the_modules_of_the_code_and_a_quiet_zone_around, COUNT_OF(texts))
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    static char pixels[SIDE_MAX][SIDE_MAX];
    cinema_error err;
    const char *svg = NULL;
    OK(qr_svg(texts[_i], a, &svg, &err));
    QRcode *q = QRcode_encodeString8bit(texts[_i], 0, QR_ECLEVEL_M);
    int side = draw(svg, pixels);
    ck_assert_int_eq(side, q->width + 8);
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            bool inside = x >= 4 && y >= 4 && x < side - 4 && y < side - 4;
            int want = inside && q->data[(y - 4) * q->width + x - 4] & 1;
            ck_assert_int_eq(pixels[y][x], want);
        }
    QRcode_free(q);
}

TEST(nothing_in_it_needs_escaping_in_json_but_quotes)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    cinema_error err;
    const char *svg = NULL;
    OK(qr_svg(texts[1], a, &svg, &err));
    ck_assert_ptr_null(strpbrk(svg, "\n\t\\&"));
    ck_assert_int_eq(strncmp(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 40), 0);
    ck_assert_ptr_null(strstr(svg, "GEZD")); /* the secret is in the picture only */
}

TEST(what_is_too_long_for_a_code_is_refused)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    static char text[3001];
    cinema_error err;
    const char *svg = NULL;
    memset(text, 'a', sizeof text - 1);
    GIVES(CINEMA_TOO_LARGE, qr_svg(text, a, &svg, &err));
    ck_assert_ptr_null(svg);
}
