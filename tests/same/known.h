/* known.h - what the answers so far have told: names to ask for, revisions, cursors to follow.
 */
#ifndef TEST_SAME_KNOWN_H
#define TEST_SAME_KNOWN_H

#include "same/engine.h"

typedef enum known_kind {
    KNOWN_MOVIE,
    KNOWN_SERIES,
    KNOWN_EPISODE,
    KNOWN_PERSON,
    KNOWN_GENRE,
    KNOWN_COUNT
} known_kind;

enum { NAMES_MAX = 128, NAME_SIZE = 300, CURSORS_MAX = 24 };

typedef struct known_name {
    char text[NAME_SIZE]; /* id, slug or external id */
    int64_t revision;     /* that it had when it was last seen */
} known_name;

/* A page that goes on. Cursors hold row numbers, which are an engine's own. */
typedef struct known_cursor {
    char op[40];
    char *input; /* JSON without its closing brace and without `after` */
    char *after[ENGINES_MAX];
} known_cursor;

typedef struct known {
    known_name names[KNOWN_COUNT][NAMES_MAX];
    size_t counts[KNOWN_COUNT];
    known_cursor cursors[CURSORS_MAX];
    size_t cursor_count;
    bool pages_only; /* to ask for, and nothing that changes anything */
    int fresh;       /* the cursor that came last; -1: it is no news any more */
} known;

void known_done(known *k);
/* Takes what an answer of this operation tells. */
void known_learn(known *k, const char *op, const char *answer, source *chance);
/* Keeps a cursor for each engine, in the order of the engines. */
void known_keep_cursor(known *k, const char *op, const char *input, char *const *after,
                       size_t count, source *chance);
void known_forget_cursors(known *k);

/* NULL: none of the kind is known yet. */
const known_name *known_any(const known *k, known_kind kind, source *chance);
/* What the path parameter or field of this name stands for in this operation. */
known_kind known_kind_of(const char *op, const char *field, source *chance);

#endif
