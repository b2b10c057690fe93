/* bulk.h - many rows with one statement: row by row where a statement is cheap (SQLite), together
 * where each costs a round trip (PostgreSQL).
 */
#ifndef IMPORT_BULK_H
#define IMPORT_BULK_H

#include "base/buffer.h"
#include "port/db/db.h"

/* --- writing --- */

typedef struct bulk {
    db_tx *tx;
    db_text text; /* how rows come to it is said in catalog/bulk.sql */
    const char *letters;
    bool together;
    buffer json;
} bulk;

/* Letters as of db_add: i I t u. */
void bulk_start(bulk *b, db_tx *tx, db_text text, const char *letters);
/* One row: a value for each letter. */
cinema_status bulk_row(bulk *b, cinema_error *err, ...);
/* Writes what is still to be written. */
cinema_status bulk_end(bulk *b, cinema_error *err);
void bulk_done(bulk *b); /* for CLEANUP */

/* Adds a value for each letter to a statement. */
void bulk_values(db_sql *sql, const char *letters, va_list *args);

/* --- finding --- */

/* A JSON list of keys, made piece by piece. */
typedef struct bulk_keys {
    buffer json;
    size_t count;
} bulk_keys;

#define BULK_KEYS ((bulk_keys){ .json = BUFFER(SIZE_MAX / 2) })
void bulk_keys_done(bulk_keys *k); /* for CLEANUP */
void bulk_key(bulk_keys *k, const char *text);
void bulk_number(bulk_keys *k, int64_t n);
/* A list of ids, which SQLite gets as one blob: it cannot make them from text. */
typedef struct bulk_ids {
    bulk_keys texts;
    buffer bytes;
} bulk_ids;

#define BULK_IDS ((bulk_ids){ .texts = BULK_KEYS, .bytes = BUFFER(SIZE_MAX / 2) })
void bulk_ids_done(bulk_ids *k); /* for CLEANUP */
void bulk_id(bulk_ids *k, const uuid *id);
cinema_status bulk_find_ids(bulk_ids *k, db_tx *tx, db_text text, arena *a, db_rows *rows,
                            cinema_error *err);

/* Runs a statement on the list; without a key there are no rows. */
cinema_status bulk_find(bulk_keys *k, db_tx *tx, db_text text, arena *a, db_rows *rows,
                        cinema_error *err);

#endif
