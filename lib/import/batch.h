/* batch.h - lines on their way into the database: what the files of this room share while they
 * write.
 */
#ifndef IMPORT_BATCH_H
#define IMPORT_BATCH_H

#include "base/handle.h"
#include "catalog/catalog.h"
#include "import/bulk.h"
#include "import/line.h"
#include "import/names.h"
#include "import/report.h"

/* What one batch learned for the next. People and seasons may be out of date: then a statement
 * fails, and they are forgotten. */
typedef struct memory {
    names *people;  /* key: sort key of the name */
    names *seasons; /* "<series>/<number>" */
    names *series;  /* as lines name them; only what is durable */
} memory;

cinema_status memory_new(memory *m, cinema_error *err);
void memory_done(memory *m); /* for CLEANUP */

typedef struct genre_entry {
    int64_t nr;
    const char *slug, *name;
    uuid id;
} genre_entry;

/* All genres, read when first needed. */
typedef struct genre_list {
    bool read;
    genre_entry *items;
    size_t count, room;
    names *by_key, *by_slug, *by_id; /* place in items, from 1 */
} genre_list;

enum { TOTALS = 9 }; /* three kinds with three statuses */

/* The transaction of a dry run, in which each batch is a savepoint. */
typedef struct dry_run {
    db_tx *tx;
    bool lost; /* a statement has failed: nothing can be done in it any more */
} dry_run;

/* One attempt to write lines, in one transaction. */
typedef struct batch {
    cinema *c;
    dry_run *dry; /* NULL: what is written is to stay */
    db_tx *tx;
    arena *arena;       /* of this attempt */
    const char *status; /* of titles whose line says none */
    memory *memory;
    names *series; /* of this attempt */
    report *report;
    genre_list genres;
    cinema_import_counts counts;
    int64_t totals[TOTALS];
    cinema_error *err;
} batch;

/* Writes lines, each as far as it is good; `counts` grows by what is durable then. Not OK: the
 * import cannot go on. */
cinema_status batch_write(cinema *c, dry_run *dry, line *lines, size_t count, const char *status,
                          memory *m, report *r, cinema_import_counts *counts, cinema_error *err);

/* --- between its files --- */

/* Leaves a line out, for a reason that people are told. */
__attribute__((format(printf, 5, 6))) void batch_refuse(batch *b, line *l, const char *where,
                                                        const char *rule, const char *format, ...);
/* The same, because it would have more external ids than a title or person may. */
void batch_refuse_ids(batch *b, line *l);
/* Runs a statement; `rows` in the arena of the attempt, or NULL. Letters: i I t u. */
cinema_status batch_run(batch *b, db_text text, db_rows *rows, const char *letters, ...);
cinema_status batch_find(batch *b, bulk_keys *k, db_text text, db_rows *rows);
/* Row numbers for new rows. */
cinema_status batch_numbers(batch *b, db_text text, size_t count, int64_t *ret);

/* A new row that needs a slug of its own. */
typedef struct slug_want {
    const char *text, *fallback;
    int64_t year;
    char slug[SLUG_MAX + 1]; /* the first to try, or ""; at the end "": none was free */
    int attempt;
    bool settled;
} slug_want;
/* Gives each a slug that no row has and no other of them; `taken` finds those that are there. */
cinema_status batch_slugs(batch *b, slug_want *items, size_t count, db_text taken);

cinema_status genre_line_write(batch *b, line *l);
cinema_status person_line_write(batch *b, line *l);
cinema_status season_line_write(batch *b, line *l);
/* The season that an episode is in. */
cinema_status episode_place(batch *b, line *l);
/* Films, series and episodes. */
cinema_status titles_write(batch *b, line **list, size_t count);

void genres_done(genre_list *g);
/* Fills in the line's genres; false: some are not there yet. */
cinema_status genres_look_up(batch *b, line *l, bool *known);
/* The same, making those that are not there. */
cinema_status genres_make(batch *b, line *l);
/* Sees to it that all people in the lists to be written are known, making those who are not. */
cinema_status people_make(batch *b, line **list, size_t count);
cinema_status credits_write(batch *b, line **list, size_t count);

/* titles_find.c: which titles are there already, and what is in them. */
typedef struct title_there {
    int64_t nr;
    const db_row *content, *ids, *credits; /* cells as in bulk.sql; the first of each */
} title_there;
enum { /* cells of content */
       THERE_NR,
       THERE_ID,
       THERE_TITLE,
       THERE_ORIGINAL_TITLE,
       THERE_YEAR,
       THERE_RELEASED_ON,
       THERE_RUNTIME,
       THERE_OVERVIEW,
       THERE_LANGUAGE,
       THERE_STATUS,
       THERE_GENRES,
       THERE_POPULARITY,
       THERE_POSTER_URL
};
typedef struct id_asked {
    line *l;
    size_t place; /* which of the line's external ids it is */
} id_asked;
typedef struct titles_there {
    title_there *items; /* by nr */
    size_t count;
    db_rows by_id; /* what was found by external ids; cells as in bulk.sql */
    id_asked *asked;
} titles_there;
cinema_status titles_find(batch *b, line **list, size_t count, titles_there *ret);
/* What is to be done about external ids that other titles have. */
void titles_settle_ids(batch *b, const titles_there *t, bool alone);
const title_there *titles_there_get(const titles_there *t, int64_t nr);
/* Whether an external id of the line says that it is another title. */
bool title_contradicts(const line *l, const title_there *t);
/* titles_compare.c: what in a title that is there differs from its line. */
cinema_status title_compare(batch *b, line *l, const title_there *t);

#endif
