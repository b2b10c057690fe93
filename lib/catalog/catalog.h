/* catalog.h - the catalogue for its own files and for other rooms that write in one transaction.
 * Outside of transactions use the public headers.
 */
#ifndef CATALOG_CATALOG_H
#define CATALOG_CATALOG_H

#include "base/field.h"
#include "port/db/row.h"

#include <cinema/title.h>

enum { SLUG_MAX = 80, CREDITS_SHOWN = 20, EXTERNAL_IDS_MAX = 20 };
#define SLUG_PATTERN "^[a-z0-9-]+$"

extern const field_table cinema__title, cinema__title_summary, cinema__title_query;
extern const field_table cinema__cast, cinema__crew;

/* ---- names: an id, a slug, or source:value ------------------------------------------------------
 */

typedef struct title_name {
    enum { BY_ID, BY_SLUG, BY_OLD_SLUG, BY_EXTERNAL_ID } how;
    uuid id;
    const char *text; /* slug, or value of the external id */
    char source[33];
} title_name;

/* False: nothing can have this name. */
bool title_name_parse(const char *text, title_name *ret);
/* Adds the condition on `t` (title) to a statement. */
void title_name_add(db_sql *sql, const title_name *n);

/* Row number of any title, whatever its kind; NOT_FOUND. Inside a transaction, or outside with tx
 * NULL. */
cinema_status title__find(cinema *c, db_tx *tx, const char *name, bool published_only, arena *a,
                          int64_t *nr, const char **kind, cinema_error *err);
cinema_status title__not_found(const char *kind, cinema_error *err);

/* ---- slugs
 * -------------------------------------------------------------------------------------------- */

/* The slug number `attempt` (from 1) for a text and year (CINEMA_ABSENT: none): the-third-man-1949,
 * the-third-man-1949-2 ...; `fallback` stands in where the text has no letters. Never looks like a
 * uuid. */
cinema_status slug_make(const char *text, int64_t year, const char *fallback, int attempt,
                        char slug[SLUG_MAX + 1]);

/* ---- writing, in the caller's transaction
 * ----------------------------------------------------------------- */

/* A title about to be written: what can be computed without the database. */
typedef struct title_draft {
    cinema_title *m;                   /* id, times, fields; the slug is set by writing */
    char *sort_key;                    /* in the arena */
    char *genres;                      /* slugs with spaces between */
    int64_t nr;                        /* set by title__insert */
    int64_t season_nr, episode_number; /* CINEMA_ABSENT unless an episode */
} title_draft;

/* A new title from a checked input; everything lies in the arena, `m` is a record of it. */
cinema_status title__draft(cinema *c, const char *kind, const cinema_title_input *in, arena *a,
                           title_draft *ret, cinema_error *err);
/* Writes it: row, slug, genres (which must exist: INVALID), external ids (CONFLICT), total. Credits
 * and search entry are the caller's to write. */
cinema_status title__insert(cinema *c, db_tx *tx, title_draft *d, arena *a, cinema_error *err);
/* Keeps genres that a title is to have from getting other slugs; before title__lock, or the two may
 * wait for each other. Those that do not exist are no fault here. */
cinema_status title__lock_genres(db_tx *tx, const cinema_texts *genres, arena *a,
                                 cinema_error *err);
/* Reads a title for changing it (locked where the engine needs it). NOT_FOUND. */
cinema_status title__lock(cinema *c, db_tx *tx, const char *kind, const title_name *name, arena *a,
                          title_draft *ret, cinema_error *err);
/* Writes what `in` changes in a title read by title__lock; `d->m` is as it is then. */
cinema_status title__change(cinema *c, db_tx *tx, title_draft *d, const cinema_title_input *in,
                            arena *a, cinema_error *err);
/* One more revision, because something shown with it changed. */
cinema_status title__touch(cinema *c, db_tx *tx, int64_t nr, cinema_error *err);
/* Adds to the kept totals. */
cinema_status title__total(db_tx *tx, const char *kind, const char *status, int64_t delta,
                           cinema_error *err);

/* ---- for movie.c and series.c: a kind's public functions
 * ------------------------------------------------------- */

cinema_status title__create(cinema *c, const char *kind, const cinema_title_input *input,
                            size_t size, cinema_title **ret, cinema_error *err);
cinema_status title__get(cinema *c, const char *kind, const char *name,
                         const cinema_title_options *options, size_t size, cinema_title **ret,
                         cinema_error *err);
cinema_status title__update(cinema *c, const char *kind, const char *name,
                            const cinema_title_input *input, size_t size, cinema_title **ret,
                            cinema_error *err);
cinema_status title__list(cinema *c, const char *kind, const cinema_title_query *query, size_t size,
                          cinema_title_page **ret, cinema_error *err);
cinema_status title__remove(cinema *c, const char *kind, const char *name,
                            const cinema_title_options *options, size_t size, cinema_error *err);
/* What an ETag says ("7.431"; "" where there is no such title) and how the title is called now, at
 * the cost of one small read. */
typedef struct title_version {
    char tag[64], id[UUID_TEXT], slug[SLUG_MAX + 1];
} title_version;
cinema_status title__version(cinema *c, const char *kind, const char *name, bool published_only,
                             title_version *ret, cinema_error *err);
/* External ids and credits of a record being read. */
cinema_status title__read_external_ids(const db_rows *rows, arena *a, cinema_pairs *ret);
cinema_status title__read_credits(const db_rows *rows, arena *a, cinema_cast_list *cast,
                                  cinema_crew_list *crew);

#endif
