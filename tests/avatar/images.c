/* images.c - images to give: good ones of every kind, and ways to spoil them.
 */
#include "avatar/images.h"

#include <stdio.h>

#include <jpeglib.h>
#include <png.h>
#include <webp/decode.h>
#include <webp/encode.h>
#include <zlib.h>

void file_done(file *f)
{
    free(f->bytes);
}

void file_add(file *f, const void *bytes, size_t length)
{
    file_insert(f, f->length, bytes, length);
}

void file_insert(file *f, size_t at, const void *bytes, size_t length)
{
    f->bytes = realloc(f->bytes, f->length + length + 1);
    ck_assert_ptr_nonnull(f->bytes);
    memmove(f->bytes + at + length, f->bytes + at, f->length - at);
    memcpy(f->bytes + at, bytes, length);
    f->length += length;
}

file file_copy(const file *f, size_t length)
{
    file copy = { 0 };
    file_add(&copy, f->bytes, length);
    return copy;
}

file shared_image(const char *name)
{
    file f = { 0 };
    char piece[4096], path[600];
    const char *folder = getenv("CINEMA_TEST_MEDIA");
    size_t n, root = strlen(__FILE__) - strlen("tests/avatar/images.c");
    if (folder)
        snprintf(path, sizeof path, "%s/%s", folder, name);
    else
        snprintf(path, sizeof path, "%.*s../shared/vectors/media/%s", (int)root, __FILE__, name);
    FILE *in = fopen(path, "rb");
    while (in && (n = fread(piece, 1, sizeof piece, in)))
        file_add(&f, piece, n);
    if (in)
        fclose(in);
    return f;
}

/* ---- pixels ---------------------------------------------------------------------------------- */

static const unsigned char quarters[4][4] = {
    { 255, 0, 0, 255 }, { 0, 255, 0, 255 }, { 0, 0, 255, 255 }, { 255, 255, 255, 255 }
};

static const unsigned char *pixel(unsigned x, unsigned y, unsigned width, unsigned height)
{
    return quarters[(x >= width / 2) + 2 * (y >= height / 2)];
}

char colour_at(const unsigned char *rgba, unsigned side, bool right, bool low)
{
    unsigned x = right ? side * 9 / 10 : side / 10, y = low ? side * 9 / 10 : side / 10;
    const unsigned char *p = rgba + ((size_t)y * side + x) * 4;
    bool r = p[0] > 200, g = p[1] > 200, b = p[2] > 200, R = p[0] < 60, G = p[1] < 60,
         B = p[2] < 60;
    if (p[3] < 20)
        return ' ';
    if (p[3] < 235)
        return '?';
    return r && G && B ? 'r' : R && g && B ? 'g' : R && G && b ? 'b' : r && g && b ? 'w' : '?';
}

const char *colours_of(const void *webp, size_t length, unsigned *side)
{
    static char colours[5];
    int width, height;
    unsigned char *rgba = WebPDecodeRGBA(webp, length, &width, &height);
    ck_assert_msg(rgba != NULL, "no WebP");
    ck_assert_int_eq(width, height);
    for (unsigned i = 0; i < 4; i++)
        colours[i] = colour_at(rgba, (unsigned)width, i & 1, i & 2);
    WebPFree(rgba);
    *side = (unsigned)width;
    return colours;
}

/* ---- JPEG ------------------------------------------------------------------------------------ */

/* Inks as Adobe's programs write them: 255 is none. */
static void put_pixel(unsigned char *to, int components, const unsigned char *rgb)
{
    if (components == 1)
        to[0] = rgb[0];
    else
        memcpy(to, rgb, 3);
    if (components == 4)
        to[3] = 255;
}

file make_jpeg(unsigned width, unsigned height, int components, bool progressive)
{
    struct jpeg_compress_struct j;
    struct jpeg_error_mgr errors;
    unsigned char *row = malloc((size_t)width * 4), *bytes = NULL;
    unsigned long length = 0;
    j.err = jpeg_std_error(&errors);
    jpeg_create_compress(&j);
    jpeg_mem_dest(&j, &bytes, &length);
    j.image_width = width;
    j.image_height = height;
    j.input_components = components;
    j.in_color_space = components == 1 ? JCS_GRAYSCALE : components == 3 ? JCS_RGB : JCS_CMYK;
    jpeg_set_defaults(&j);
    jpeg_set_quality(&j, 95, TRUE);
    if (progressive)
        jpeg_simple_progression(&j);
    jpeg_start_compress(&j, TRUE);
    for (unsigned y = 0; y < height; y++) {
        for (unsigned x = 0; x < width; x++)
            put_pixel(row + (size_t)x * (size_t)components, components, pixel(x, y, width, height));
        jpeg_write_scanlines(&j, &row, 1);
    }
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    free(row);
    return (file){ bytes, length };
}

void add_exif(file *jpeg, unsigned orientation)
{
    unsigned char segment[] = "\xff\xe1\0\x3c"
                              "Exif\0\0"
                              "MM\0\x2a\0\0\0\x08"
                              "\0\x02"
                              "\x01\x12\0\x03\0\0\0\x01\0\0\0\0"
                              "\x88\x25\0\x04\0\0\0\x01\0\0\0\x26"
                              "\0\0\0\0"
                              "GPS 48.2082 N 16";
    segment[4 + 6 + 8 + 2 + 9] = (unsigned char)orientation;
    segment[3] = sizeof segment - 1 - 2;
    file_insert(jpeg, 2, segment, sizeof segment - 1);
}

/* ---- PNG ------------------------------------------------------------------------------------- */

static void png_write(png_structp png, png_bytep bytes, size_t n)
{
    file_add(png_get_io_ptr(png), bytes, n);
}

static void png_done(png_structp png)
{
    (void)png;
}

/* A row as the standard has it; palette entries are the quarters. */
static void png_row(unsigned char *row, unsigned y, unsigned width, unsigned height, int colour,
                    int depth)
{
    memset(row, 0, (size_t)width * 8 + 8);
    for (unsigned x = 0; x < width; x++) {
        unsigned quarter = (x >= width / 2) + 2 * (y >= height / 2);
        const unsigned char *p = quarters[quarter];
        unsigned clear = (colour & 4) && quarter == 3;
        if (depth < 8) {
            unsigned top = (1U << depth) - 1, value = colour == 3 ? quarter & top : p[0] ? top : 0;
            unsigned bit = x * (unsigned)depth;
            row[bit / 8] |= (unsigned char)(value << (8 - (unsigned)depth - bit % 8));
            continue;
        }
        unsigned char samples[4] = { p[0], p[1], p[2], clear ? 0 : 255 };
        unsigned n = colour == 3 ? 1 : (colour & 2 ? 3U : 1U) + (colour & 4 ? 1U : 0U);
        if (colour == 3)
            samples[0] = (unsigned char)quarter;
        else if (n == 2)
            samples[1] = samples[3];
        for (unsigned i = 0; i < n; i++)
            for (unsigned half = 0; half < (unsigned)depth / 8; half++)
                row[(x * n + i) * ((unsigned)depth / 8) + half] = samples[i];
    }
}

file make_png(unsigned width, unsigned height, int colour, int depth, bool interlaced)
{
    file f = { 0 };
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_color palette[4];
    unsigned char *row = malloc((size_t)width * 8 + 8);
    for (size_t i = 0; i < 4; i++)
        palette[i] = (png_color){ quarters[i][0], quarters[i][1], quarters[i][2] };
    png_set_write_fn(png, &f, png_write, png_done);
    png_set_IHDR(png, info, width, height, depth, colour,
                 interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (colour == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, palette, depth == 1 ? 2 : 4);
    png_write_info(png, info);
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++)
        for (unsigned y = 0; y < height; y++) {
            png_row(row, y, width, height, colour, depth);
            png_write_row(png, row);
        }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    free(row);
    return f;
}

static void big(unsigned char *to, uint32_t n)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(n >> 8 * (3 - i));
}

void png_chunk(file *f, const char type[4], const void *bytes, size_t length)
{
    unsigned char number[4];
    size_t at = f->length + 4;
    big(number, (uint32_t)length);
    file_add(f, number, 4);
    file_add(f, type, 4);
    file_add(f, bytes, length);
    big(number, (uint32_t)crc32(0, f->bytes + at, (unsigned)(f->length - at)));
    file_add(f, number, 4);
}

void png_begin(file *f, uint32_t width, uint32_t height)
{
    unsigned char ihdr[13] = { [8] = 8, [9] = PNG_COLOR_TYPE_RGB };
    big(ihdr, width);
    big(ihdr + 4, height);
    file_add(f, "\x89PNG\r\n\x1a\n", 8);
    png_chunk(f, "IHDR", ihdr, sizeof ihdr);
}

void png_zeros(file *f, size_t count)
{
    static const unsigned char zeros[65536];
    unsigned char out[65536];
    z_stream z = { 0 };
    deflateInit(&z, 9);
    int code = Z_OK;
    while (code != Z_STREAM_END) {
        if (!z.avail_in && count) {
            z.next_in = (unsigned char *)(uintptr_t)zeros;
            z.avail_in = count < sizeof zeros ? (unsigned)count : sizeof zeros;
            count -= z.avail_in;
        }
        z.next_out = out;
        z.avail_out = sizeof out;
        code = deflate(&z, count || z.avail_in ? Z_NO_FLUSH : Z_FINISH);
        file_add(f, out, sizeof out - z.avail_out);
    }
    deflateEnd(&z);
}

/* ---- WebP ------------------------------------------------------------------------------------ */

file make_webp(unsigned width, unsigned height, bool lossless, bool alpha)
{
    file f = { 0 };
    unsigned char *rgba = malloc((size_t)width * height * 4), *bytes = NULL;
    for (unsigned y = 0; y < height; y++)
        for (unsigned x = 0; x < width; x++) {
            unsigned char *p = rgba + ((size_t)y * width + x) * 4;
            memcpy(p, pixel(x, y, width, height), 4);
            p[3] = alpha && x >= width / 2 && y >= height / 2 ? 0 : 255;
        }
    int w = (int)width, h = (int)height;
    size_t n = lossless ? WebPEncodeLosslessRGBA(rgba, w, h, w * 4, &bytes)
                        : WebPEncodeRGBA(rgba, w, h, w * 4, 90, &bytes);
    file_add(&f, bytes, n);
    WebPFree(bytes);
    free(rgba);
    return f;
}
