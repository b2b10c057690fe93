/* engines_test.c - random operations on all engines at once: each has to give the same answer, byte
 * by byte. SAME_SEED and SAME_STEPS choose them, so that a failure can be had again; without them
 * there are SAME_SECONDS of always the same seed. script/test starts the services (`script/test
 * same`).
 */
#include "same/walk.h"

#include "base/clock.h"

#include <stdio.h>

enum { SOON = 250, LATER = 2500, SECONDS = 15, STEPS_MAX = 1 << 30 };

TEST(all_engines_give_the_same_answers)
{
    static walk w;
    uint64_t steps = walk_number("SAME_STEPS", STEPS_MAX);
    uint64_t seconds = steps < STEPS_MAX ? 86400 : walk_number("SAME_SECONDS", SECONDS);
    walk_open(&w);
    if (w.count < 2)
        SKIP("no PostgreSQL to compare with: SAME_POSTGRES is not set");
    int64_t end = clock_monotonic_ms() + (int64_t)seconds * 1000;
    while (w.step < steps && clock_monotonic_ms() < end) {
        walk_step(&w);
        if (w.step % (w.step < LATER ? SOON : LATER) == 0)
            walk_compare_states(&w);
    }
    walk_compare_states(&w);
    printf("NOTE seed %llu: %llu steps, %llu of them OK, on %zu engines\n",
           (unsigned long long)w.seed, (unsigned long long)w.step, (unsigned long long)w.good,
           w.count);
    walk_close(&w);
}
