/* images.h - images to give: good ones of every kind, made when they are needed, and ways to spoil
 * them.
 */
#ifndef TEST_AVATAR_IMAGES_H
#define TEST_AVATAR_IMAGES_H

#include "image.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

typedef struct file {
    unsigned char *bytes;
    size_t length;
} file;

/* CLEANUP(file_done) file f = jpeg_rgb(...); */
void file_done(file *f);
#define FILE_HERE __attribute__((cleanup(file_done))) file

/* Four quarters: red, green, blue, white, from the top left in reading order. */
file make_jpeg(unsigned width, unsigned height, int components, bool progressive);
/* Colour type and depth of the PNG standard; with alpha the white quarter is clear. */
file make_png(unsigned width, unsigned height, int colour, int depth, bool interlaced);
file make_webp(unsigned width, unsigned height, bool lossless, bool alpha);

/* A PNG of chunks: magic and IHDR at first, then what is added. */
void png_begin(file *f, uint32_t width, uint32_t height);
void png_chunk(file *f, const char type[4], const void *bytes, size_t length);
/* `count` zero bytes, packed. */
void png_zeros(file *f, size_t count);

void file_add(file *f, const void *bytes, size_t length);
void file_insert(file *f, size_t at, const void *bytes, size_t length);
file file_copy(const file *f, size_t length);
/* A file of ../shared/vectors/media (or CINEMA_TEST_MEDIA); NULL bytes: there is none. */
file shared_image(const char *name);

/* EXIF with an orientation and a place on earth, as a JPEG segment goes behind the first two bytes.
 */
void add_exif(file *jpeg, unsigned orientation);

/* The colour of the result at a tenth or nine tenths: 'r' 'g' 'b' 'w', ' ' clear, '?' another. */
char colour_at(const unsigned char *rgba, unsigned side, bool right, bool low);
/* The four of a WebP, in reading order, and its side. */
const char *colours_of(const void *webp, size_t length, unsigned *side);

#endif
