/* clock.h - two clocks: wall time for what is stored, monotonic time for deadlines.
 * Wall time can be replaced by a test (handle.h); monotonic time cannot. Stateless.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define DEADLINE_NONE INT64_MAX

int64_t clock_wall_ms(void);      /* since 1970, UTC */
int64_t clock_monotonic_ms(void); /* only differences mean anything */

/* A deadline is a moment of the monotonic clock. Milliseconds left, never below 0. */
int64_t deadline_left_ms(int64_t deadline);

#endif
