/* value.h - random members of an input, as its field table describes them.
 */
#ifndef TEST_SAME_VALUE_H
#define TEST_SAME_VALUE_H

#include "base/buffer.h"
#include "base/field.h"
#include "same/known.h"

/* What members are made from. */
typedef struct making {
    buffer *out;
    source *chance;
    const known *known;
    const char *op; /* "movie.update" */
} making;

/* All members of an object, with commas between and before them if `more`. `cursor`: the table's
 * `after` is left to the caller. Gives whether anything was written. */
bool value_members(const making *m, const field_table *t, field_mode mode, bool more, bool cursor);
/* What a field or path parameter of this name may stand for: something that is known, mostly. */
void value_name(const making *m, const char *name);

#endif
