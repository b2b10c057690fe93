/* jpeg.c - JPEG by libjpeg: grey, colour, CMYK; large ones are decoded at a part of their size.
 */
#include "image.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

/* A progressive file may have any number of scans, each as costly as the image. */
enum { SCANS_MAX = 64 };

typedef struct decoder {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr error;
    struct jpeg_progress_mgr progress;
    jmp_buf out;
    image_answer answer;
    unsigned char *row, *rgba;
} decoder;

_Noreturn static void leave(j_common_ptr jpeg)
{
    decoder *d = jpeg->client_data;
    d->answer = jpeg->err->msg_code == JERR_OUT_OF_MEMORY ? ANSWER_COSTLY : ANSWER_DAMAGED;
    longjmp(d->out, 1);
}

/* What libjpeg would fill up with grey is no image. */
static void warn(j_common_ptr jpeg, int level)
{
    int code = jpeg->err->msg_code;
    if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM)
        leave(jpeg);
}

static void say_nothing(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void count_scans(j_common_ptr jpeg)
{
    if (((j_decompress_ptr)(void *)jpeg)->input_scan_number > SCANS_MAX)
        leave(jpeg);
}

/* Halves as long as the result is no larger. */
static unsigned denominator(const struct jpeg_decompress_struct *jpeg)
{
    unsigned least =
        jpeg->image_width < jpeg->image_height ? jpeg->image_width : jpeg->image_height;
    unsigned d = 8;
    while (d > 1 && least / d < SIDE_MAX)
        d /= 2;
    return d;
}

/* Adobe's files, nearly all there are, have their inks the other way round. */
static void from_cmyk(const decoder *d)
{
    bool inverted = d->jpeg.saw_Adobe_marker;
    for (size_t x = 0; x < d->jpeg.output_width; x++) {
        const unsigned char *in = d->row + x * 4;
        unsigned black = inverted ? in[3] : 255U - in[3];
        for (size_t i = 0; i < 3; i++)
            d->rgba[x * 4 + i] = (unsigned char)((inverted ? in[i] : 255U - in[i]) * black / 255);
        d->rgba[x * 4 + 3] = 255;
    }
}

static void read_rows(decoder *d, square *s)
{
    struct jpeg_decompress_struct *jpeg = &d->jpeg;
    bool cmyk = jpeg->out_color_space == JCS_CMYK;
    d->rgba = malloc((size_t)jpeg->output_width * 4);
    d->row = cmyk ? malloc((size_t)jpeg->output_width * 4) : NULL;
    d->answer = d->rgba && (d->row || !cmyk)
                    ? square_start(s, jpeg->output_width, jpeg->output_height)
                    : ANSWER_COSTLY;
    while (d->answer == ANSWER_DONE && jpeg->output_scanline < jpeg->output_height) {
        jpeg_read_scanlines(jpeg, cmyk ? &d->row : &d->rgba, 1);
        if (cmyk)
            from_cmyk(d);
        square_row(s, d->rgba);
    }
    if (d->answer == ANSWER_DONE)
        jpeg_finish_decompress(jpeg);
}

static void decode(decoder *d, const unsigned char *bytes, size_t length, square *s)
{
    struct jpeg_decompress_struct *jpeg = &d->jpeg;
    jpeg_create_decompress(jpeg);
    jpeg->progress = &d->progress;
    jpeg_mem_src(jpeg, bytes, (unsigned long)length);
    jpeg_read_header(jpeg, TRUE);
    if ((uint64_t)jpeg->image_width * jpeg->image_height > PIXELS_MAX)
        leave((j_common_ptr)jpeg);
    jpeg->out_color_space = jpeg->num_components == 4 ? JCS_CMYK : JCS_EXT_RGBA;
    jpeg->scale_num = 1;
    jpeg->scale_denom = denominator(jpeg);
    jpeg_start_decompress(jpeg);
    read_rows(d, s);
}

image_answer jpeg_decode(const unsigned char *bytes, size_t length, square *s)
{
    decoder d = { .answer = ANSWER_DAMAGED };
    d.jpeg.err = jpeg_std_error(&d.error);
    d.jpeg.client_data = &d;
    d.error.error_exit = leave;
    d.error.emit_message = warn;
    d.error.output_message = say_nothing;
    d.progress.progress_monitor = count_scans;
    if (!setjmp(d.out))
        decode(&d, bytes, length, s);
    jpeg_destroy_decompress(&d.jpeg);
    free(d.row);
    free(d.rgba);
    return d.answer;
}
