/* square.c - the middle of an image, made smaller while its rows come in.
 * Each pixel of the result is the mean of what it covers, with whole numbers throughout: a pixel of
 * the image is `side` units long and one of the result `crop`, so that both begin and end on a
 * unit. No sum passes 64 bits: 50 million pixels of 255 * 255.
 */
#include "image.h"

#include <stdlib.h>
#include <string.h>

image_answer square_start(square *s, uint32_t width, uint32_t height)
{
    memset(s, 0, sizeof *s);
    if (!width || !height || (uint64_t)width * height > PIXELS_MAX)
        return ANSWER_DAMAGED;
    s->width = width;
    s->height = height;
    s->crop = width < height ? width : height;
    s->side = s->crop < SIDE_MAX ? s->crop : SIDE_MAX;
    s->left = (width - s->crop) / 2;
    s->top = (height - s->crop) / 2;
    s->columns = calloc((size_t)s->side * 4, sizeof *s->columns);
    s->next = calloc((size_t)s->side * 4, sizeof *s->next);
    s->line = calloc((size_t)s->side * 4, sizeof *s->line);
    s->pixels = calloc(s->side, (size_t)s->side * 4);
    return s->columns && s->next && s->line && s->pixels ? ANSWER_DONE : ANSWER_COSTLY;
}

void square_done(square *s)
{
    free(s->columns);
    free(s->next);
    free(s->line);
    free(s->pixels);
    memset(s, 0, sizeof *s);
}

bool square_complete(const square *s)
{
    return s->row == s->height;
}

static void add_pixel(uint64_t *to, const unsigned char *rgba, uint64_t weight)
{
    uint64_t alpha = rgba[3] * weight;
    for (size_t i = 0; i < 3; i++)
        to[i] += rgba[i] * alpha;
    to[3] += alpha;
}

/* One row of the image, `side` pixels wide. */
static void squeeze_row(square *s, const unsigned char *rgba)
{
    const unsigned char *in = rgba + (size_t)s->left * 4;
    memset(s->line, 0, (size_t)s->side * 4 * sizeof *s->line);
    for (uint32_t x = 0; x < s->crop; x++, in += 4) {
        uint64_t from = (uint64_t)x * s->side, to = from + s->side;
        uint64_t at = from / s->crop, edge = (at + 1) * s->crop;
        uint64_t here = to <= edge ? s->side : edge - from;
        add_pixel(s->line + at * 4, in, here);
        if (here < s->side)
            add_pixel(s->line + (at + 1) * 4, in, s->side - here);
    }
}

static void add_row(const square *s, uint64_t *to, uint64_t weight)
{
    for (size_t i = 0; i < (size_t)s->side * 4; i++)
        to[i] += s->line[i] * weight;
}

/* The sums of a row of the result have all they get. */
static void write_row(square *s, uint64_t y)
{
    const uint64_t area = (uint64_t)s->crop * s->crop;
    unsigned char *out = s->pixels + y * s->side * 4;
    uint64_t *spent = s->columns;
    for (size_t x = 0; x < s->side; x++, out += 4) {
        const uint64_t *sum = s->columns + x * 4;
        for (size_t i = 0; i < 3; i++)
            out[i] = sum[3] ? (unsigned char)((sum[i] + sum[3] / 2) / sum[3]) : 0;
        out[3] = (unsigned char)((sum[3] + area / 2) / area);
    }
    s->columns = s->next;
    s->next = spent;
    memset(spent, 0, (size_t)s->side * 4 * sizeof *spent);
}

void square_row(square *s, const unsigned char *rgba)
{
    uint32_t row = s->row++;
    if (row < s->top || row >= s->top + s->crop)
        return;
    uint64_t from = (uint64_t)(row - s->top) * s->side, to = from + s->side;
    uint64_t at = from / s->crop, edge = (at + 1) * s->crop;
    uint64_t here = to <= edge ? s->side : edge - from;
    squeeze_row(s, rgba);
    add_row(s, s->columns, here);
    if (here < s->side)
        add_row(s, s->next, s->side - here);
    if (to >= edge)
        write_row(s, at);
}

/* Where the pixel at x, y comes from. Orientation 1: as it is; 2: mirrored; 3: upside down ... */
static size_t source_of(unsigned orientation, size_t last, size_t x, size_t y)
{
    size_t fx = orientation >= 5 ? y : x, fy = orientation >= 5 ? x : y;
    bool mirror_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool mirror_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    fx = mirror_x ? last - fx : fx;
    fy = mirror_y ? last - fy : fy;
    return fy * (last + 1) + fx;
}

image_answer square_turn(square *s, unsigned orientation)
{
    if (orientation < 2 || orientation > 8)
        return ANSWER_DONE;
    unsigned char *turned = malloc((size_t)s->side * s->side * 4);
    if (!turned)
        return ANSWER_COSTLY;
    for (size_t y = 0; y < s->side; y++)
        for (size_t x = 0; x < s->side; x++)
            memcpy(turned + (y * s->side + x) * 4,
                   s->pixels + source_of(orientation, s->side - 1, x, y) * 4, 4);
    free(s->pixels);
    s->pixels = turned;
    return ANSWER_DONE;
}
