/* image_header.h - what an image says of itself, before any decoder sees it: type, size, frames.
 * Reads bytes that anybody may have sent. That it is content says nothing of the pixels.
 */
#ifndef AVATAR_IMAGE_HEADER_H
#define AVATAR_IMAGE_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum image_type { IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP } image_type;

typedef struct image_header {
    image_type type;
    uint32_t width, height; /* at least 1 */
    uint32_t frames;        /* 1: not animated */
} image_header;

typedef enum image_verdict {
    IMAGE_GOOD,
    IMAGE_OTHER,   /* none of the three types */
    IMAGE_DAMAGED, /* one of them, but not as its format has it, or a form that nobody uses */
} image_verdict;

/* Of a whole file. */
image_verdict image_header_read(const void *bytes, size_t length, image_header *ret);

#endif
