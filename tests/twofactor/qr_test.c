/* qr_test.c - mirrors lib/twofactor/qr.c: the image is drawn, and read by a reader of others (zbar,
 * which is not linked: it has no part in the product).
 */
#include "twofactor/qr.h"

#include "test.h"

#include <dlfcn.h>
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

/* ---- read by others -------------------------------------------------------------------------- */

enum { ZOOM = 4, QR_CODE = 64, Y800 = 0x30303859, CFG_ENABLE = 0 };

/* What zbar.h has of it. */
typedef struct zbar {
    void *(*scanner)(void), *(*image)(void);
    int (*configure)(void *scanner, int symbology, int config, int value);
    void (*format)(void *image, unsigned long fourcc);
    void (*size)(void *image, unsigned width, unsigned height);
    void (*data)(void *image, const void *bytes, unsigned long n, void (*done)(void *image));
    int (*scan)(void *scanner, void *image);
    const void *(*symbol)(const void *image);
    const char *(*text)(const void *symbol);
    void (*image_free)(void *image), (*scanner_free)(void *scanner);
} zbar;

static void *of_library; /* dlsym of what must be there */

static void *named(const char *name)
{
    void *p = dlsym(of_library, name);
    ck_assert_msg(p != NULL, "%s", name);
    return p;
}

#define NAMED(member, name) *(void **)(void *)&z->member = named(name)

static bool open_zbar(zbar *z)
{
    if (!(of_library = dlopen("libzbar.so.0", RTLD_NOW | RTLD_LOCAL)))
        return false;
    NAMED(scanner, "zbar_image_scanner_create");
    NAMED(image, "zbar_image_create");
    NAMED(configure, "zbar_image_scanner_set_config");
    NAMED(format, "zbar_image_set_format");
    NAMED(size, "zbar_image_set_size");
    NAMED(data, "zbar_image_set_data");
    NAMED(scan, "zbar_scan_image");
    NAMED(symbol, "zbar_image_first_symbol");
    NAMED(text, "zbar_symbol_get_data");
    NAMED(image_free, "zbar_image_destroy");
    NAMED(scanner_free, "zbar_image_scanner_destroy");
    return true;
}

/* As a camera sees it: grey, larger than life. */
static unsigned char *photograph(const char *svg, unsigned *side)
{
    static char pixels[SIDE_MAX][SIDE_MAX];
    static unsigned char photo[SIDE_MAX * ZOOM * SIDE_MAX * ZOOM];
    *side = (unsigned)draw(svg, pixels) * ZOOM;
    for (unsigned y = 0; y < *side; y++)
        for (unsigned x = 0; x < *side; x++)
            photo[y * *side + x] = pixels[y / ZOOM][x / ZOOM] ? 20 : 240;
    return photo;
}

TEST_EACH(a_reader_of_others_reads_the_same_text, COUNT_OF(texts))
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    cinema_error err;
    const char *svg = NULL;
    unsigned side;
    zbar z;
    if (!open_zbar(&z))
        SKIP("no libzbar.so.0 (apt-get install libzbar0)");
    OK(qr_svg(texts[_i], a, &svg, &err));
    unsigned char *photo = photograph(svg, &side);
    void *scanner = z.scanner(), *image = z.image();
    z.configure(scanner, QR_CODE, CFG_ENABLE, 1);
    z.format(image, Y800);
    z.size(image, side, side);
    z.data(image, photo, (unsigned long)side * side, NULL);
    ck_assert_int_eq(z.scan(scanner, image), 1);
    ck_assert_str_eq(z.text(z.symbol(image)), texts[_i]);
    z.image_free(image);
    z.scanner_free(scanner);
    dlclose(of_library);
}
