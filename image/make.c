/* make.c - the whole way: whatever it is, decoded, made a square, turned, written anew.
 */
#include "image.h"

#include <stdlib.h>
#include <string.h>

#include <webp/encode.h>

static image_answer decode(const unsigned char *bytes, size_t length, square *s)
{
    if (length < 12)
        return ANSWER_DAMAGED;
    if (!memcmp(bytes, "\xff\xd8", 2))
        return jpeg_decode(bytes, length, s);
    if (!memcmp(bytes, "\x89PNG", 4))
        return png_decode(bytes, length, s);
    return memcmp(bytes, "RIFF", 4) ? ANSWER_DAMAGED : webp_decode(bytes, length, s);
}

static image_answer encode(const square *s, unsigned char **ret, size_t *ret_length)
{
    uint8_t *bytes = NULL;
    int side = (int)s->side;
    size_t n = WebPEncodeRGBA(s->pixels, side, side, side * 4, QUALITY, &bytes);
    if (!n)
        return ANSWER_COSTLY;
    *ret = bytes;
    *ret_length = n;
    return ANSWER_DONE;
}

image_answer image_make(const unsigned char *bytes, size_t length, unsigned char **ret,
                        size_t *ret_length)
{
    square s = { 0 };
    image_answer answer = decode(bytes, length, &s);
    if (answer == ANSWER_DONE && !square_complete(&s))
        answer = ANSWER_DAMAGED;
    if (answer == ANSWER_DONE)
        answer = square_turn(&s, exif_orientation(bytes, length));
    if (answer == ANSWER_DONE)
        answer = encode(&s, ret, ret_length);
    square_done(&s);
    return answer;
}
