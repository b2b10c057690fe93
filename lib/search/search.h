/* search.h - the search room for other rooms: keeping the index, in the same transaction as what it
 * finds. Everything about how is behind this header and include/cinema/search.h.
 */
#ifndef SEARCH_SEARCH_H
#define SEARCH_SEARCH_H

#include "port/db/db.h"

/* What a title is found by. NULL where there is none; people are names with line breaks between. */
typedef struct search_document {
    const char *title, *original_title, *people, *overview;
} search_document;

/* Puts or replaces one title's entry. */
cinema_status search__put(cinema *c, db_tx *tx, int64_t title_nr, const search_document *d,
                          cinema_error *err);
/* The same, reading what it needs from the tables. */
cinema_status search__refresh(cinema *c, db_tx *tx, int64_t title_nr, cinema_error *err);
cinema_status search__drop(cinema *c, db_tx *tx, int64_t title_nr, cinema_error *err);
/* The entries of all episodes of a series. */
cinema_status search__drop_episodes(cinema *c, db_tx *tx, int64_t series_nr, cinema_error *err);

/* --- many at once: imports --- */

/* The words that a document is found by, in the arena: folded, with single spaces between. Needs no
 * transaction. NO_MEMORY. */
cinema_status search__words(const search_document *d, arena *a, const char **ret);

/* An entry of a title that has none yet. */
typedef struct search_entry {
    int64_t title_nr;
    const char *words; /* of search__words */
} search_entry;
cinema_status search__add(db_tx *tx, const search_entry *items, size_t count, cinema_error *err);

#endif
