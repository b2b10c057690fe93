/* seal.h - secrets that are kept: sealed by CINEMA_KEY, XChaCha20-Poly1305.
 * The key is 32 bytes, base64 in the setting; where the database is SQLite and the setting is not
 * given, it is made as the file `key` (0600) in the data folder. A box is version, nonce, text,
 * tag; `purpose` is bound to it, so that a box of one column is worth nothing in another.
 */
#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include "base/arena.h"
#include "base/handle.h"

typedef struct bytes {
    const unsigned char *at;
    size_t length;
} bytes;

/* NO_MEMORY. UNAVAILABLE no_key: CINEMA_KEY is not base64 of 32 bytes, or is needed and not set;
 * data_folder: the file cannot be read or made. */
cinema_status seal_close(cinema *c, const char *purpose, bytes plain, arena *a, bytes *box,
                         cinema_error *err);
/* Also UNAVAILABLE wrong_key: sealed by another CINEMA_KEY, for another purpose, or damaged. */
cinema_status seal_open(cinema *c, const char *purpose, bytes box, arena *a, bytes *plain,
                        cinema_error *err);
/* The key itself, for what has to be the same in all processes: blake2b of it, keyed by purpose. */
cinema_status seal_derive(cinema *c, const char *purpose, unsigned char key[32], cinema_error *err);

#endif
