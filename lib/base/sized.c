/* sized.c - input structs of callers that were compiled with another version (CINEMA_SIZED).
 */
#include "base/status.h"

cinema_status take_input(void *to, size_t own, const void *from, size_t size, cinema_error *err)
{
    memset(to, 0, own);
    if (!from)
        return CINEMA_OK;
    const unsigned char *bytes = from;
    for (size_t i = own; i < size; i++)
        if (bytes[i])
            return fail(err, CINEMA_INVALID, "newer_than_library", NULL,
                        "the program was built for a newer libcinema and sets a field that %s "
                        "does not know",
                        cinema_version());
    memcpy(to, from, size < own ? size : own);
    return CINEMA_OK;
}
