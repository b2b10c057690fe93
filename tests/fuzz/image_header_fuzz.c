/* image_header_fuzz.c - what an image says of itself: never a byte read that is not there, and a
 * good head has a size and frames. A head that is good stays so when more comes behind it, except
 * that RIFF has a length.
 */
#include "fuzz/fuzz_help.h"

#include "avatar/image_header.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    image_header h = { 0 }, again = { 0 };
    image_verdict v = image_header_read(data, size, &h);
    if (v != IMAGE_GOOD) {
        HOLDS(!h.width && !h.height && !h.frames);
        return 0;
    }
    HOLDS(h.width && h.height && h.frames && h.type <= IMAGE_WEBP);
    char *more = malloc(size + 16);
    memcpy(more, data, size);
    memset(more + size, 0x55, 16);
    HOLDS(image_header_read(more, size + 16, &again) == IMAGE_GOOD);
    HOLDS(again.width == h.width && again.height == h.height && again.frames == h.frames);
    free(more);
    return 0;
}
