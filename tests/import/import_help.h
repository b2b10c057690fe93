/* import_help.h - what the import's tests start from: a migrated database, an import of a text, the
 * faults it told.
 */
#ifndef IMPORT_HELP_H
#define IMPORT_HELP_H

#include "test.h"

#include <cinema/cinema.h>

#include <stdio.h>
#include <string.h>

extern cinema *c;
extern cinema_error err;

void import_start(void); /* for FIXTURE */
void import_stop(void);
/* Another database that is as empty; close it. */
cinema *import_another(void);
/* The database's URL, for another handle. */
extern char import_url[512];

/* An import of a text, given in pieces of at most `piece` bytes. */
typedef struct importing {
    const char *text;
    size_t length, at, piece; /* piece 0: as much as there is room for */
    size_t broken_at;         /* from here on it cannot be read; 0: never */
    int stop_after;           /* batches until progress says stop; 0: never */
    int stop_at_fault;        /* faults until it says stop; 0: never */
    bool dry;
    int faults_told, batches;
    struct {
        int64_t line;
        char field[64], rule[32], message[200];
        bool warning;
    } faults[64]; /* the first of them */
    cinema_import_counts counts, last_progress;
} importing;

cinema_status import_run(importing *m, int64_t batch, const char *status);
/* The whole text must be taken without a fault. */
cinema_import_counts import_text(const char *text);
/* One fault, and what it must be. */
void import_faulty(const char *text, int64_t line, const char *field, const char *rule);

/* Prints the first faults. */
void import_show(const importing *m);

/* All of a catalogue as text, or the kinds that are named, with spaces between; free it. */
char *export_text(cinema *from, const char *kinds, int64_t page);
/* What an operation of the system answers must be OK. */
void call(const char *operation, const char *json);

/* A film by slug, or any name; free it. */
cinema_movie *movie(const char *name);
/* How many rows of a list there are: "movie.list", "person.list" ... */
int64_t total_of(const char *operation);
/* The whole of a file; free it. */
char *file_text(const char *path, size_t *length);
/* The sample file of the project. */
const char *sample_path(void);
/* Runs SQL behind the library's back. */
void run_sql(const char *sqlite, const char *postgres);

#endif
