/* webp.c - WebP by libwebp, in and out. One image: animations are no avatars.
 */
#include "image.h"

#include <stdlib.h>

#include <webp/decode.h>

/* libwebp makes it smaller while it decodes; what is left is twice the result's size at least. */
enum { SMALL_SIDE = 2 * SIDE_MAX };

static void ask_for_less(WebPDecoderConfig *config)
{
    unsigned width = (unsigned)config->input.width, height = (unsigned)config->input.height;
    unsigned least = width < height ? width : height;
    if (least <= SMALL_SIDE)
        return;
    config->options.use_scaling = 1;
    config->options.scaled_width = (int)((uint64_t)width * SMALL_SIDE / least);
    config->options.scaled_height = (int)((uint64_t)height * SMALL_SIDE / least);
}

static image_answer take_pixels(const WebPDecBuffer *from, square *s)
{
    const WebPRGBABuffer *rgba = &from->u.RGBA;
    image_answer answer = square_start(s, (uint32_t)from->width, (uint32_t)from->height);
    for (int y = 0; answer == ANSWER_DONE && y < from->height; y++)
        square_row(s, rgba->rgba + (size_t)y * (size_t)rgba->stride);
    return answer;
}

image_answer webp_decode(const unsigned char *bytes, size_t length, square *s)
{
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config) ||
        WebPGetFeatures(bytes, length, &config.input) != VP8_STATUS_OK ||
        config.input.has_animation || config.input.width < 1 || config.input.height < 1 ||
        (uint64_t)config.input.width * (uint64_t)config.input.height > PIXELS_MAX)
        return ANSWER_DAMAGED;
    ask_for_less(&config);
    config.output.colorspace = MODE_RGBA;
    VP8StatusCode code = WebPDecode(bytes, length, &config);
    image_answer answer = code == VP8_STATUS_OK              ? take_pixels(&config.output, s)
                          : code == VP8_STATUS_OUT_OF_MEMORY ? ANSWER_COSTLY
                                                             : ANSWER_DAMAGED;
    WebPFreeDecBuffer(&config.output);
    return answer;
}
