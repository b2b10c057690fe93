/* row.h - a database row read into a record by its field table.
 * Columns come in the order of the table's fields; fields without one (pairs, records, no_column)
 * are passed over.
 */
#ifndef PORT_DB_ROW_H
#define PORT_DB_ROW_H

#include "base/field.h"
#include "port/db/db.h"

/* Fills a record from the cells of a row, beginning with cell `first`; text is borrowed from the
 * row's arena. NO_MEMORY. */
cinema_status fields_read_row(const field_table *t, const db_row *row, size_t first, arena *a,
                              void *record);
/* The number of columns that it reads. */
size_t fields_columns(const field_table *t);

#endif
