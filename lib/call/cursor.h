/* cursor.h - where a page ended: sort key and row number, tied to the list and signed.
 */
#ifndef CALL_CURSOR_H
#define CALL_CURSOR_H

#include "base/handle.h"
#include "port/db/db.h"

/* `filters` stands for everything that decides what the list holds (db_hash): a cursor works with
 * its own list only. The key may be INT, REAL or TEXT. */
cinema_status cursor_write(cinema *c, uint64_t filters, const db_value *key, int64_t nr, arena *a,
                           const char **ret, cinema_error *err);
/* INVALID, field `after`: not a cursor of this list. Text of the key lies in the arena. */
cinema_status cursor_read(cinema *c, uint64_t filters, const char *text, arena *a, db_value *key,
                          int64_t *nr, cinema_error *err);
void cursor_key_free(struct cursor_key *k); /* takes NULL */

#endif
