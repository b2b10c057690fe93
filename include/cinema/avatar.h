/* avatar.h - pictures of accounts.
 * Whatever is given, JPEG, PNG or WebP, is decoded in a process that can do nothing else and
 * written anew: the middle square, at most 512 x 512 pixels, WebP, the right way up, with nothing
 * of its metadata. An avatar has a name of its own that tells nothing of the account, and what a
 * name stands for never changes. Calls are safe from any thread.
 */
#ifndef CINEMA_AVATAR_H
#define CINEMA_AVATAR_H

#include <cinema/base.h>

CINEMA_BEGIN

/* An account's avatar as it is now. */
typedef struct cinema_avatar {
    const char *name;       /* 32 hex digits, never NULL */
    const char *avatar_url; /* where it is served: below CINEMA_PUBLIC_URL, else a path */
    int64_t length;         /* bytes */
} cinema_avatar;

typedef struct cinema_avatar_input {
    const void *bytes; /* of an image file: at most 5 MiB, 50 million pixels, not animated */
    size_t length;
} cinema_avatar_input;

/* (c, user_id, in, ret, err): takes an image as the account's avatar in place of the one before,
 * which is gone then. INVALID, field image, reason: type (neither JPEG nor PNG nor WebP), image
 * (damaged), pixels, frames, costly (more memory or CPU than it may have). TOO_LARGE: over 5 MiB.
 * NOT_FOUND: no such account. UNSUPPORTED: built without images. UNAVAILABLE, TIMEOUT: too many at
 * once, too slow, the blobs' folder is full or cannot be written. Takes some tens of milliseconds.
 */
CINEMA_SIZED_ON(cinema_avatar_set, cinema_avatar_input, cinema_avatar *)
/* Takes it away; OK also where there is none. NOT_FOUND: no such account. */
CINEMA_API cinema_status cinema_avatar_remove(cinema *c, const char *user_id, cinema_error *err);
CINEMA_API void cinema_avatar_free(cinema_avatar *a); /* takes NULL */

CINEMA_END
#endif
