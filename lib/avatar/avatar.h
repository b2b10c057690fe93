/* avatar.h - avatars for other rooms.
 * account.avatar is the name of one, 32 hex digits; its bytes are the blob avatars/<2>/<name>.
 */
#ifndef AVATAR_AVATAR_H
#define AVATAR_AVATAR_H

#include "base/arena.h"
#include "port/blob/blob.h"

/* What clients are told: below CINEMA_PUBLIC_URL, else the address that is listened on. NULL stays
 * NULL, and is no memory too. */
const char *avatar__url(cinema *c, const char *name, arena *a);
/* Opens one for reading. NOT_FOUND: there is none, or `name` could not be one. */
cinema_status avatar__get(cinema *c, const char *name, blob_reader **ret, cinema_error *err);
/* Removes avatars that no account has, if they are an hour old: of accounts that are gone, and of
 * uploads that were cut off. Each call looks at one of the 256 folders there are, the next one;
 * `more` is a word for the worker not to look at all of them at once. */
cinema_status avatar__sweep(cinema *c, bool *more, cinema_error *err);

#endif
