/* backup_code.h - codes to keep on paper for the day the app is lost: 60 bits each, used once,
 * kept as hashes.
 */
#ifndef TWOFACTOR_BACKUP_CODE_H
#define TWOFACTOR_BACKUP_CODE_H

#include "base/handle.h"

enum { BACKUP_CODES = 10, BACKUP_CODE_TEXT = 15, BACKUP_CODE_HASH = 32 };

typedef struct backup_codes {
    char text[BACKUP_CODES][BACKUP_CODE_TEXT]; /* "7K3M-Q9TX-2WZA" */
    unsigned char hash[BACKUP_CODES][BACKUP_CODE_HASH];
} backup_codes;

/* Ten new ones. The hash is keyed by CINEMA_KEY, so that a copy of the database alone is nothing to
 * try codes on; outcomes as base/seal.h. */
cinema_status backup_codes_make(cinema *c, backup_codes *ret, cinema_error *err);
void backup_codes_wipe(backup_codes *k); /* for CLEANUP */
/* The hash of a code as a person types it: letter case, blanks and dashes do not count, O is read
 * as 0, I and L as 1. *ret false: it cannot be one. */
cinema_status backup_code_hash(cinema *c, const char *given, bool *ret,
                               unsigned char hash[BACKUP_CODE_HASH], cinema_error *err);

#endif
