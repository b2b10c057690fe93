/* credit.h - who did what: credits between titles and people.
 */
#ifndef CATALOG_CREDIT_H
#define CATALOG_CREDIT_H

#include "catalog/catalog.h"

#include <cinema/person.h>

extern const field_table cinema__credits, cinema__credits_input;
extern const field_table cinema__person_credit, cinema__person_credits_query;

#endif
