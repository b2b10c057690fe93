/* toy.h - a record with a field of every type, for the tests of field tables.
 */
#ifndef TESTS_SUPPORT_TOY_H
#define TESTS_SUPPORT_TOY_H

#include "base/field.h"

typedef struct toy_part {
    const char *name;
    int64_t size;
} toy_part;

typedef struct toy_part_input {
    const char *name;
    const int64_t *size;
} toy_part_input;

typedef struct toy_parts {
    const toy_part_input *const *items;
    size_t count;
} toy_parts;

typedef struct toy {
    const char *id;
    int64_t revision;
    const char *name, *note, *state, *born_on;
    int64_t count, seen_at, year;
    double score;
    bool broken;
    cinema_texts tags, words;
    cinema_pairs ids;
    const toy_part *best;
    struct {
        const toy_part *const *items;
        size_t count;
    } made;
    const char *maker;
} toy;

typedef struct toy_input {
    const int64_t *revision;
    const char *name, *note, *state, *born_on;
    const int64_t *count, *seen_at, *year;
    const double *score;
    const bool *broken;
    cinema_texts tags, words;
    cinema_pairs ids;
    toy_parts parts;
    const char *maker;
    const char *clear;
} toy_input;

typedef struct toy_query {
    const char *state;
    const int64_t *count;
    unsigned limit;
    bool all;
} toy_query;

extern const field_table toy_table, toy_query_table;

#define N(n) (&(int64_t){ n })

#endif
