/* docs.h - the operations as a page for people.
 */
#ifndef HTTP_DOCS_H
#define HTTP_DOCS_H

#include "base/buffer.h"

/* One HTML page without scripts or anything to fetch. NO_MEMORY. */
cinema_status docs_write(buffer *b);

#endif
