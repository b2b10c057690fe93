/* seen.h - the statements that a walk has run, each text once.
 */
#ifndef TEST_SAME_SEEN_H
#define TEST_SAME_SEEN_H

#include "port/db/db.h"

typedef struct seen {
    struct seen *next;
    char *text;
    bool read;
    size_t count; /* of parameters, with their types */
    uint8_t types[DB_VALUES_MAX];
} seen;

typedef struct seen_list {
    seen *first;
    size_t count;
} seen_list;

/* A statement_fn (engine.h) whose user is a seen_list. */
void seen_add(const db_statement *s, bool read, void *list);
void seen_done(seen_list *l);

/* Whether one of the texts holds this fragment, whatever its parameters are numbered. */
bool seen_holds(const seen_list *l, const char *fragment);

#endif
