/* walk.h - random operations on several engines side by side, compared as they go.
 */
#ifndef TEST_SAME_WALK_H
#define TEST_SAME_WALK_H

#include "same/answer.h"

typedef struct walk {
    engine engines[ENGINES_MAX];
    size_t count;
    uint64_t seed, step;
    uint64_t good; /* how many had nothing wrong with them */
    source chance;
    known known;
    int64_t newest; /* state_newest, when it was last looked at */
} walk;

/* Opens the engines there are; the seed is SAME_SEED, or always the same one. */
void walk_open(walk *w);
void walk_close(walk *w);
/* The next operation. Tells what to run again and fails the test where answers differ. */
void walk_step(walk *w);
/* The same of all that the databases hold. */
void walk_compare_states(walk *w);

/* A number of the environment. */
uint64_t walk_number(const char *name, uint64_t otherwise);

#endif
