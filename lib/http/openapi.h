/* openapi.h - the OpenAPI 3.1 document, derived from the operation and field tables.
 */
#ifndef HTTP_OPENAPI_H
#define HTTP_OPENAPI_H

#include "http/doc.h"
#include "http/head.h"
#include "http/router.h"

/* The whole document. NO_MEMORY. */
cinema_status openapi_write(buffer *b);

/* ---- its parts ------------------------------------------------------------------------------- */

/* What a field table describes: an answer, or what is sent to make, change or find it. */
typedef enum schema_kind {
    SCHEMA_ANSWER,
    SCHEMA_CREATE,
    SCHEMA_UPDATE,
    SCHEMA_QUERY,
    SCHEMA_PAGE
} schema_kind;

enum { SCHEMA_NAME = 96 };
/* The name of a component: "TitleSummary", "TitleCreate". */
void schema_name(const field_table *t, schema_kind kind, char name[SCHEMA_NAME]);
/* The schema of one field, as the value of `key`. */
void schema_field(doc *d, const char *key, const field *f, schema_kind kind, bool clearable);
/* components/schemas: all that the operations speak of. */
void schema_components(doc *d);

/* The responses of one operation, and components/responses. */
void responses_write(doc *d, const route *r);
void responses_components(doc *d);

#endif
