/* secret_file.h - a small secret in the data folder: made once, by whichever process comes first,
 * and readable for its owner alone (0600).
 */
#ifndef BASE_SECRET_FILE_H
#define BASE_SECRET_FILE_H

#include "base/handle.h"

enum { SECRET_FILE_TEXT = 64 }; /* base64 of 32 bytes is 44 characters */

/* Where it is. INVALID bad_setting: CINEMA_DATA_DIR is too long for `size`. */
cinema_status secret_file_path(const cinema *c, const char *name, char *path, size_t size,
                               cinema_error *err);

/* Makes it, and the folder, unless it is there: 32 random bytes as base64 of libsodium's `variant`.
 * UNAVAILABLE data_folder. */
cinema_status secret_file_make(cinema *c, const char *name, int variant, cinema_error *err);

/* Its first line; "" where there is no such file. Wipe it. UNAVAILABLE data_folder. */
cinema_status secret_file_read(const cinema *c, const char *name, char text[SECRET_FILE_TEXT],
                               cinema_error *err);

#endif
