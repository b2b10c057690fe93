/* named.h - small records that have a name and a slug: genres and people (categories and tags
 * will). One set of rules; a kind says which statements and which fields of its own it has.
 */
#ifndef CATALOG_NAMED_H
#define CATALOG_NAMED_H

#include "call/op.h"
#include "catalog/catalog.h"

/* What every such record and input begins with. */
typedef struct named {
    const char *id;
    int64_t revision;
    const char *slug, *name;
    int64_t created_at, updated_at;
} named;
typedef struct named_input {
    const int64_t *revision;
    const char *name, *slug, *clear;
} named_input;

/* What every query begins with, as the field tables read it. */
typedef struct named_query {
    const char *after;
    unsigned limit;
    bool total;
} named_query;

typedef struct named_kind {
    const char *word; /* "genre" */
    const field_table *table, *query;
    size_t record_size, input_size, query_size;
    /* Statements. insert: u id, t slug, t name, t sort key, i now; then `more` and its end. update:
     * t slug, t name, t sort key, i now; then `more` and its end: i nr. */
    const db_text *get, *by_id, *by_slug, *by_external_id, *lock;
    const db_text *insert, *insert_end, *update, *update_end, *remove, *slug_taken;
    const db_text *list, *after, *order, *count;
    const db_text *external_ids, *external_id_add, *external_id_clear; /* NULL: has none */
    size_t external_ids_at;                                            /* offset in the record */
    /* Adds what the kind has beyond a name: ", born_on = $1" or ", $1". May be NULL. */
    void (*more)(db_sql *sql, const void *record, bool update);
    /* Brings others up to date after name or slug changed, or before it goes (new_slug NULL). */
    cinema_status (*changed)(cinema *c, db_tx *tx, int64_t nr, const char *old_slug,
                             const char *new_slug, arena *a, cinema_error *err);
} named_kind;

cinema_status named_create(cinema *c, const named_kind *kind, const void *input, size_t size,
                           void *ret, cinema_error *err);
cinema_status named_get(cinema *c, const named_kind *kind, const char *name, void *ret,
                        cinema_error *err);
cinema_status named_update(cinema *c, const named_kind *kind, const char *name, const void *input,
                           size_t size, void *ret, cinema_error *err);
cinema_status named_remove(cinema *c, const named_kind *kind, const char *name,
                           const int64_t *revision, cinema_error *err);
/* `select` in place of kind->list where the columns differ. Pages are op_page. */
cinema_status named_list(cinema *c, const named_kind *kind, const db_text *select, void *query,
                         void *ret, cinema_error *err);
/* Row number by id, slug or external id, inside a transaction or outside (tx NULL). NOT_FOUND. */
cinema_status named_find(cinema *c, db_tx *tx, const named_kind *kind, const char *name, arena *a,
                         int64_t *nr, cinema_error *err);

extern const named_kind cinema__person_kind, cinema__genre_kind;

#endif
