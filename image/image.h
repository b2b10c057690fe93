/* image.h - the parts of cinema-image, the program that makes avatars of images from anybody.
 *
 * It is run for one image, in a process that can do nothing but compute: confine.c. The image comes
 * on its standard input, to the end; the answer goes to its standard output: a word of one letter,
 * the length (4 bytes, low byte first), then so many bytes of WebP. What it links, libpng, libjpeg
 * and libwebp, is linked by nothing else of ours.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum image_answer {
    ANSWER_DONE = 'd',
    ANSWER_DAMAGED = 'b', /* no image that can be decoded to its end */
    ANSWER_COSTLY = 'c',  /* more memory than there is */
} image_answer;

enum { SIDE_MAX = 512, QUALITY = 85 };
/* Counted again here, whoever may have started this. */
#define PIXELS_MAX UINT64_C(50000000)

/* ---- square.c: the middle of an image, made smaller while its rows come in ---------------------
 */

typedef struct square {
    uint32_t side;          /* of the result */
    uint32_t width, height; /* of the image */
    uint32_t crop;          /* side of what is taken of it */
    uint32_t left, top;     /* where that begins */
    uint32_t row;           /* of the image that comes next */
    uint64_t *columns;      /* sums of the row of the result under way: r g b a, premultiplied */
    uint64_t *next;         /* of the row after it */
    uint64_t *line;         /* of one row of the image */
    unsigned char *pixels;  /* the result: side * side, r g b a */
} square;

/* ANSWER_DONE, or why not. Frees with square_done, also after a failure. */
image_answer square_start(square *s, uint32_t width, uint32_t height);
/* Rows in their order, r g b a each. */
void square_row(square *s, const unsigned char *rgba);
bool square_complete(const square *s);
void square_done(square *s);
/* Turns and mirrors the result as EXIF orientation 1 to 8 asks. */
image_answer square_turn(square *s, unsigned orientation);

/* ---- what an image is made of ------------------------------------------------------------------
 */

/* EXIF orientation of a whole file, 1 where it says nothing good. */
unsigned exif_orientation(const unsigned char *bytes, size_t length);

/* Decode a whole file into a square. */
image_answer jpeg_decode(const unsigned char *bytes, size_t length, square *s);
image_answer png_decode(const unsigned char *bytes, size_t length, square *s);
image_answer webp_decode(const unsigned char *bytes, size_t length, square *s);

/* The whole way: a new WebP without any metadata, malloc'ed. */
image_answer image_make(const unsigned char *bytes, size_t length, unsigned char **ret,
                        size_t *ret_length);

/* ---- confine.c ---------------------------------------------------------------------------------
 */

/* From here on: no files, no sockets, no processes, 5 s of CPU, 512 MiB. False: limits could not be
 * set. Where the system has no filter for system calls, the limits alone hold. */
bool confine(void);

#endif
