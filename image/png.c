/* png.c - PNG by libpng: every kind becomes r g b a of 8 bits. What is no pixel is passed over.
 */
#include "image.h"

#include <stdlib.h>
#include <string.h>

#include <png.h>

/* A row of libpng's own may take 8 bytes a pixel. */
enum { SIDE_PNG_MAX = 65535 };

typedef struct decoder {
    png_structp png;
    png_infop info;
    const unsigned char *at;
    size_t left;
    unsigned char *pixels; /* a row, or all of them of an interlaced image */
    image_answer answer;
} decoder;

_Noreturn static void leave(png_structp png, png_const_charp why)
{
    (void)why;
    png_longjmp(png, 1);
}

static void warn(png_structp png, png_const_charp why)
{
    (void)png, (void)why;
}

static void read_bytes(png_structp png, png_bytep to, size_t n)
{
    decoder *d = png_get_io_ptr(png);
    if (n > d->left)
        png_error(png, "the end");
    memcpy(to, d->at, n);
    d->at += n;
    d->left -= n;
}

static void ask_for_rgba(const decoder *d)
{
    png_set_expand(d->png);
    png_set_scale_16(d->png);
    png_set_gray_to_rgb(d->png);
    png_set_add_alpha(d->png, 0xFF, PNG_FILLER_AFTER);
}

static void read_rows(decoder *d, square *s, uint32_t width, uint32_t height)
{
    int passes = png_set_interlace_handling(d->png);
    size_t row = (size_t)width * 4;
    png_read_update_info(d->png, d->info);
    d->pixels =
        png_get_rowbytes(d->png, d->info) == row ? malloc(passes > 1 ? row * height : row) : NULL;
    d->answer = d->pixels ? square_start(s, width, height) : ANSWER_COSTLY;
    if (d->answer != ANSWER_DONE)
        return;
    for (int pass = 1; pass < passes; pass++)
        for (uint32_t y = 0; y < height; y++)
            png_read_row(d->png, d->pixels + y * row, NULL);
    for (uint32_t y = 0; y < height; y++) {
        unsigned char *to = d->pixels + (passes > 1 ? y * row : 0);
        png_read_row(d->png, to, NULL);
        square_row(s, to);
    }
    png_read_end(d->png, NULL);
}

/* libpng jumps back here; what it is called with does not change. */
static void decode(decoder *d, square *s)
{
    if (setjmp(png_jmpbuf(d->png))) {
        if (d->answer == ANSWER_DONE)
            d->answer = ANSWER_DAMAGED;
        return;
    }
    png_set_user_limits(d->png, SIDE_PNG_MAX, SIDE_PNG_MAX);
    png_set_keep_unknown_chunks(d->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_read_fn(d->png, d, read_bytes);
    png_read_info(d->png, d->info);
    uint32_t width = png_get_image_width(d->png, d->info);
    uint32_t height = png_get_image_height(d->png, d->info);
    if ((uint64_t)width * height > PIXELS_MAX)
        return;
    ask_for_rgba(d);
    read_rows(d, s, width, height);
}

image_answer png_decode(const unsigned char *bytes, size_t length, square *s)
{
    decoder d = { .at = bytes, .left = length, .answer = ANSWER_DAMAGED };
    d.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, leave, warn);
    d.info = d.png ? png_create_info_struct(d.png) : NULL;
    if (d.info)
        decode(&d, s);
    else
        d.answer = ANSWER_COSTLY;
    png_destroy_read_struct(&d.png, &d.info, NULL);
    free(d.pixels);
    return d.answer;
}
