/* toy.c - the tables of toy.h.
 */
#include "support/toy.h"

static const field part_fields[] = {
    { OUT(toy_part, name, TEXT) },
    { OUT(toy_part, size, NUMBER), .optional = true },
};
static const field_table part = ANSWER("part", part_fields, toy_part);

static const field part_input_fields[] = {
    { IN(toy_part_input, name, TEXT), .needed = true, .min = 1, .max = 5 },
    { IN(toy_part_input, size, NUMBER), .min = 1, .max = 9 },
};
static const field_table part_input = QUERY("part", part_input_fields, toy_part_input);

static const field fields[] = {
    { OUT(toy, id, UUID) },
    { BOTH(toy, revision, NUMBER), .update_only = true, .min = 1, .max = INT64_MAX },
    { BOTH(toy, name, TEXT), .needed = true, .min = 1, .max = 10 },
    { BOTH(toy, note, TEXT), .max = 20, .lines = true },
    { BOTH(toy, state, TEXT), .one_of = "new old", .initial = "new" },
    { BOTH(toy, born_on, DATE) },
    { BOTH(toy, count, NUMBER), .min = 0, .max = 10 },
    { BOTH(toy, seen_at, TIME) },
    { BOTH(toy, year, NUMBER), .min = 1888, .max = 9999, .zero_absent = true },
    { BOTH(toy, score, REAL), .min = 1, .max = 10, .zero_absent = true },
    { BOTH(toy, broken, BOOL) },
    { BOTH(toy, tags, TEXTS), .max = 3, .item_max = 5, .no_column = true },
    { BOTH(toy, words, WORDS), .min = 1, .max = 3, .item_max = 5 },
    { BOTH(toy, ids, PAIRS), .max = 2, .item_max = 5, .optional = true },
    { OUT(toy, best, RECORD), .of = &part },
    { OUT(toy, made, RECORDS), .of = &part },
    { IN(toy_input, parts, RECORDS), .of = &part_input, .max = 2 },
    { BOTH(toy, maker, TEXT), .create_only = true, .max = 5 },
    { IN(toy_input, clear, CLEAR) },
};
const field_table toy_table = RECORD("toy", fields, toy);

static const field query_fields[] = {
    { IN(toy_query, state, TEXT), .one_of = "new old" },
    { IN(toy_query, count, NUMBER), .min = -5, .max = 5 },
    { IN(toy_query, limit, LIMIT), .min = 1, .max = 100 },
    { IN(toy_query, all, FLAG) },
};
const field_table toy_query_table = QUERY("toy list", query_fields, toy_query);
