/* shrink.h - the program cinema-image, run for one image.
 */
#ifndef AVATAR_SHRINK_H
#define AVATAR_SHRINK_H

#include "base/status.h"

/* Makes an avatar of an image: malloc'ed WebP, square, at most 512 pixels wide, without metadata.
 * The image is decoded in a process of its own that can do nothing else and is killed at the call's
 * deadline; at most two are at work at once. INVALID, field image, reason `image`: it cannot be
 * decoded to its end; `costly`: it takes more memory or time than it may. UNSUPPORTED: the program
 * is not installed. UNAVAILABLE, reason busy: too many others wait; or no process can be started.
 * TIMEOUT. Never inside a transaction. Safe from any thread. */
cinema_status shrink_image(cinema *c, const void *bytes, size_t length, char **ret,
                           size_t *ret_length, cinema_error *err);

#endif
