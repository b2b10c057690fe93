/* import.h - bringing in many titles at once.
 * Reads JSON Lines (UTF-8, one object a line), in libcinema's own form (`"kind"` in each line:
 * docs/guide/import.md) or in that of the film catalogue (`"type"`, `"cast"` as names). A line that
 * is no good is told and left out; the others go on. What is there already, known by its external
 * ids or else by kind, title and year, is updated instead of doubled, so that an import may be
 * repeated, and resumed after an interruption.
 */
#ifndef CINEMA_IMPORT_H
#define CINEMA_IMPORT_H

#include <cinema/base.h>

CINEMA_BEGIN

typedef struct cinema_import_counts {
    int64_t lines; /* read so far, empty ones too */
    int64_t bytes; /* of input read so far */
    int64_t created, updated, unchanged;
    int64_t refused; /* lines with at least one fault */
    int64_t warnings;
    int64_t reserved[8]; /* 0; for counts to come */
} cinema_import_counts;

/* Something wrong with a line; borrowed for the call. */
typedef struct cinema_import_fault {
    int64_t line; /* from 1 */
    const char *field, *rule, *message;
    bool warning; /* the line was taken all the same */
} cinema_import_fault;

typedef struct cinema_import_input {
    /* Gives the next bytes, decompressed: their count, 0 at the end, negative when it cannot (the
     * import then ends with UNAVAILABLE read_failed). Needed. */
    int64_t (*read)(void *bytes, size_t room, void *user);
    /* Called for each fault and after each batch that is durable; both may be NULL. OK goes on, any
     * other status stops the import with it, keeping the batches that were acknowledged. */
    cinema_status (*fault)(const cinema_import_fault *fault, void *user);
    cinema_status (*progress)(const cinema_import_counts *counts, void *user);
    void *user;
    const char
        *status;   /* of titles whose line says none: "draft", "published" (NULL), "archived" */
    int64_t batch; /* lines a transaction; 0: 500; at most 5,000 */
    /* Everything but keeping it: all is checked and counted as if it were written, in one
     * transaction that is undone at the end. SQLite lets nobody else write meanwhile. */
    bool dry_run;
} cinema_import_input;

/* Runs the import on the calling thread; it has no deadline. `*ret` is set in every case and counts
 * what is durable, or, of a dry run, what would be. INVALID: an option is no good, told before
 * anything is read (faults in lines are not a failure). */
CINEMA_SIZED(cinema_import, cinema_import_input, cinema_import_counts)

CINEMA_END
#endif
