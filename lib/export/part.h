/* part.h - the parts of an export: what lines there are, and where they come from.
 */
#ifndef EXPORT_PART_H
#define EXPORT_PART_H

#include "port/db/row.h"

enum { PART_WITH_MAX = 3 };

/* Things of one table, read by id; each becomes a line. */
typedef struct part {
    const char *kinds; /* of its lines, with a space between */
    const field_table *table;
    size_t size; /* of its records, whose first member is the kind */
    bool titles; /* kinds share the table, and are chosen by a condition */
    /* Cells: the id, then the columns of `table`. */
    const db_text *select;
    /* What belongs to the things of a page; cells: the id of the thing, then what `add` takes. */
    struct {
        const db_text *open, *end;
    } with[PART_WITH_MAX];
    /* Takes the rows that belong to a record, which are the next of each; false: no memory. */
    bool (*add)(void *record, const db_value *id, const db_row **with, arena *a);
    const db_text *count;
} part;

/* In the order in which they are written; ends without kinds. */
extern const part cinema__export_parts[];

#endif
