/* image_fuzz.c - the parts of cinema-image with their decoders, without its confinement. What its
 * own limits would end is left out: images of more than a million pixels.
 */
#include "fuzz/fuzz_help.h"

#include "avatar/image_header.h"
#include "image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    image_header h;
    unsigned char *made = NULL;
    size_t length = 0;
    unsigned orientation = exif_orientation(data, size);
    HOLDS(orientation >= 1 && orientation <= 8);
    if (image_header_read(data, size, &h) || (uint64_t)h.width * h.height > 1000000)
        return 0;
    if (image_make(data, size, &made, &length) == ANSWER_DONE) {
        HOLDS(length && !image_header_read(made, length, &h));
        HOLDS(h.width == h.height && h.width <= SIDE_MAX && h.frames == 1);
        free(made);
    }
    return 0;
}
