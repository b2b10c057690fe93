/* names.h - what keys stand for.
 */
#ifndef IMPORT_NAMES_H
#define IMPORT_NAMES_H

#include "base/status.h"

typedef struct names names;

/* NULL: no memory. */
names *names_new(void);
void names_free(names *n); /* takes NULL */
void names_freep(names **n);
void names_clear(names *n);
size_t names_count(const names *n);

/* The number that a key stands for; 0: not known. */
int64_t names_get(const names *n, const char *key);
/* Puts or replaces; the key is copied. NO_MEMORY. */
cinema_status names_put(names *n, const char *key, int64_t number);

#endif
