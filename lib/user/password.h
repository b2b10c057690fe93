/* password.h - what the files about passwords share.
 */
#ifndef USER_PASSWORD_H
#define USER_PASSWORD_H

#include "base/handle.h"
#include "user/user.h"

enum { PASSWORD_MEMORY = 19 * 1024 * 1024, PASSWORD_PASSES = 2 };

/* What a hash says of itself. */
typedef enum verdict { WRONG, RIGHT, UNKNOWN_KIND, NO_ROOM } verdict;

/* Hashes of other systems (password_foreign.c); `password` is not normalised here. */
verdict password_compare(const char *password, const char *hash);

/* Whether many have had a password; `text` in folded case, n bytes of it. */
bool password_common(const char *text, size_t n);

#endif
