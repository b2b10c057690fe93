/* torture.h - a call is made again and again, and each time another allocation fails in it.
 * Whatever fails, the call says so, nothing is written, nothing is kept in memory, and the same
 * call works the next time. Once with a handle that has made the call before (warm), once with a
 * new one (cold: connections, statements and schema are read in it too); once one allocation fails,
 * once none of the rest succeeds.
 */
#ifndef TORTURE_H
#define TORTURE_H

#include "faults/faults.h"
#include "test.h"

#include <cinema/cinema.h>
#include <string.h>

typedef struct torture_line {
    const char *call; /* an operation, or an exported function */
    const char
        *json; /* of an operation; '#' is a number of its own, '@' the id of what `first` made */
    const char *first, *first_json; /* an operation to run before, unharmed */
    cinema_status (*run)(void);     /* NULL: the operation `call` through cinema_call */
    void (*before)(cinema *other);  /* after `first`, unharmed: may set torture_made */
    bool slow;                      /* hashes passwords: few points do */
    bool spends; /* what it was given is good once, also where it fails after taking it */
} torture_line;

#define TORTURE_ACCOUNT "01890a5d-ac96-774b-bcce-b302099a8057" /* an account that is there */

/* Parts of a line. */
#define OPERATION(name, input) .call = name, .json = input
#define FUNCTION(name, function) .call = name, .run = function
#define FIRST(name, input) .first = name, .first_json = input
#define BEFORE(function) .before = function

enum { TORTURE_MADE = 2000 };

extern cinema *c;
extern cinema_error err;
extern char torture_number[24];         /* '#' */
extern char torture_made[TORTURE_MADE]; /* '@' */
extern bool torture_kept;               /* a run sets it: there is a result although it failed */
extern bool torture_done;               /* and this: it failed, but says that its work is done */

void torture_start(void); /* for FIXTURE */
void torture_stop(void);
void torture_call(const torture_line *l);
/* Shows in script/test what was done. */
void torture_sum(void);

/* For BEFORE: work that was given up, its id in torture_made. */
void torture_dead_letter(cinema *other);

/* Whether memory_accounts_torture.c or memory_auth_torture.c has a line for it. */
bool torture_elsewhere(const char *call);

/* `--deep` of script/test: nearly every point, not a sample. */
bool torture_deep(void);

/* static cinema_status NAME(void): a call whose result is freed by `done`. */
#define CALL(name, type, done, ...)                                                                \
    static cinema_status name(void)                                                                \
    {                                                                                              \
        type *ret = NULL;                                                                          \
        cinema_status s = __VA_ARGS__;                                                             \
        torture_kept = !s != (ret != NULL);                                                        \
        done(ret);                                                                                 \
        return s;                                                                                  \
    }

#endif
