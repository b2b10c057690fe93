/* arena.h - memory that is freed all at once.
 * A record, its strings and the rows it was read from live in one arena; the record is freed by its
 * arena. Chunks double, and an arena has a hard maximum. Not for sharing between threads.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/status.h"

typedef struct arena arena;

/* `first` bytes at once, `max` bytes in all; 0: 2 KiB and 64 MiB. NULL: no memory. */
arena *arena_new(size_t first, size_t max);
void arena_free(arena *a); /* takes NULL */
void arena_freep(arena **a);

/* Zeroed and aligned for anything; NULL: no memory, or the maximum is reached. */
void *arena_alloc(arena *a, size_t size);
/* Not zeroed, unaligned: for text. */
char *arena_text(arena *a, size_t size);
/* A NUL-terminated copy of n bytes. */
char *arena_copy(arena *a, const char *s, size_t n);
__attribute__((format(printf, 2, 3))) char *arena_format(arena *a, const char *format, ...);

/* A record remembers its arena in the word before it, so that a pointer is all one needs to free
 * both. `record_free` takes NULL. */
void *record_new(arena *a, size_t size);
void record_free(const void *record);
void record_freep(void *variable);

#endif
