/* query.h - what the query's two doors share.
 */
#ifndef SEARCH_QUERY_H
#define SEARCH_QUERY_H

#include "base/field.h"

#include <cinema/search.h>

extern const field_table cinema__search_query;
/* The catalogue's. It uses this room to keep the index, so no header of its may come in here. */
extern const field_table cinema__title_summary;

#endif
