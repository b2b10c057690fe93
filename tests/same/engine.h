/* engine.h - one handle of those that are compared: its clock and randomness come from a seed, and
 * its driver stands behind one of ours that fails when it is told to and notes what is run.
 */
#ifndef TEST_SAME_ENGINE_H
#define TEST_SAME_ENGINE_H

#include "port/db/db.h"
#include "same/source.h"
#include "test.h"

/* What the port can be told to do. */
typedef enum fault_kind {
    FAULT_NONE,
    FAULT_CALL,   /* the at-th call of any kind fails */
    FAULT_COMMIT, /* the at-th commit undoes instead */
    FAULT_LOST    /* the at-th commit is done, but nobody hears of it */
} fault_kind;

typedef struct port_fault {
    fault_kind kind;
    int at; /* from 1 */
    cinema_status status;
    const char *reason;
} port_fault;

/* Called for each statement that is run. */
typedef void (*statement_fn)(const db_statement *s, bool read, void *user);

typedef struct engine {
    const char *name; /* "pooled" */
    cinema *c;
    source source;
    port_fault fault;
    int calls, commits; /* since the fault was set */
    bool fired;
    bool misused; /* something but rollback after a failure */
    statement_fn seen;
    void *user;
} engine;

/* Accounts that are there from the beginning; their ids. */
#define ENGINE_ACCOUNT "01890a5d-ac96-774b-bcce-b302099a80%02x"
enum { ENGINE_ACCOUNTS = 64 };

enum { ENGINES_MAX = 4 };

/* Opens what there is: SQLite, and by SAME_POSTGRES and SAME_POOLED (URLs) PostgreSQL, one of its
 * databases with an ICU collation, and one behind a pooler. All are migrated. Gives their count. */
size_t engines_open(engine *list, uint64_t seed);
void engines_close(engine *list, size_t count);

/* The next step: time and chance are those of its number, and the port fails as told. */
void engine_start(engine *e, uint64_t seed, uint64_t step, const port_fault *f);

#endif
