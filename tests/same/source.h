/* source.h - the one place that chance comes from: a seed decides everything that follows.
 */
#ifndef TEST_SAME_SOURCE_H
#define TEST_SAME_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Random numbers, and what time it is. */
typedef struct source {
    uint64_t state;
    int64_t now; /* ms since 1970 */
} source;

/* Begins anew for one step of one seed: what happened before has no part in it. */
void source_start(source *s, uint64_t seed, uint64_t step);
uint64_t source_next(source *s);
unsigned source_below(source *s, size_t n); /* 0 to n - 1 */
bool source_one_in(source *s, unsigned n);

/* For the handle: its clock and its random bytes (base/handle.h). */
int64_t source_wall_ms(void *s);
void source_random(void *bytes, size_t n, void *s);

#endif
