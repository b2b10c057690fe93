/* source.c - splitmix64: small, and the same on every machine.
 */
#include "same/source.h"

enum { STEP_MS = 1000 };
static const int64_t beginning = INT64_C(1767225600000); /* 2026-01-01 */

uint64_t source_next(source *s)
{
    uint64_t z = s->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void source_start(source *s, uint64_t seed, uint64_t step)
{
    s->state = seed * UINT64_C(0xD1342543DE82EF95) + step;
    s->state = source_next(s);
    s->now = beginning + (int64_t)step * STEP_MS + (int64_t)(source_next(s) % STEP_MS);
}

unsigned source_below(source *s, size_t n)
{
    return (unsigned)(source_next(s) % n);
}

bool source_one_in(source *s, unsigned n)
{
    return source_below(s, n) == 0;
}

int64_t source_wall_ms(void *s)
{
    return ((source *)s)->now;
}

void source_random(void *bytes, size_t n, void *s)
{
    unsigned char *to = bytes;
    for (size_t i = 0; i < n; i++)
        to[i] = (unsigned char)(source_next(s) >> 32);
}
