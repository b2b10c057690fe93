/* page.h - rows become a page of records, with the cursor that goes on behind it.
 */
#ifndef CALL_PAGE_H
#define CALL_PAGE_H

#include "call/op.h"

/* Rows were read with a limit of one more than `limit`; their cells are the sort key, the row
 * number and then the columns of `t`. Sets items, count and next; totals are the caller's. */
cinema_status page_fill(cinema *c, const field_table *t, uint64_t filters, const db_rows *rows,
                        size_t limit, arena *a, op_page *p, cinema_error *err);

/* The page as the answer it is: the memory is from now on freed with it. */
void *page_keep(arena **a, op_page *p);

#endif
