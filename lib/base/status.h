/* status.h - saying what went wrong, and the small macros every file uses.
 * Stateless: linked into the library and into each driver module.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <cinema/base.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Runs fn(&variable) when the variable goes out of scope. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))
/* Hands a pointer on and forgets it here, so that its CLEANUP does nothing. */
#define MOVE(p)                                                                                    \
    __extension__({                                                                                \
        __typeof__(p) moved_ = (p);                                                                \
        (p) = NULL;                                                                                \
        moved_;                                                                                    \
    })
#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

/* CLEANUP(freep) char *text = NULL; */
static inline void freep(void *variable)
{
    void *p;
    memcpy(&p, variable, sizeof p);
    free(p);
}

/* Fills `err` (may be NULL) and returns `status`. NULL `reason` takes the outcome's own word, NULL
 * `field` none; the message is cut, at a character, to what fits. */
__attribute__((format(printf, 5, 6))) cinema_status fail(cinema_error *err, cinema_status status,
                                                         const char *reason, const char *field,
                                                         const char *format, ...);
cinema_status fail_memory(cinema_error *err);

/* Copies `s` into a buffer of `size` bytes, cut at a character; false when it had to be cut. What
 * is no UTF-8 and no visible character becomes "?": names of a caller may be quoted as they are. */
bool text_copy(char *to, size_t size, const char *s);

/* Reads a caller's input struct of `size` bytes into `to` of `own` bytes: CINEMA_SIZED's rule. */
cinema_status take_input(void *to, size_t own, const void *from, size_t size, cinema_error *err);
#define TAKE(to, from, size, err) take_input(&(to), sizeof(to), (from), (size), (err))

#endif
