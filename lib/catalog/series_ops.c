/* series_ops.c - series seen from outside.
 */
#include "catalog/title_ops.h"

const op cinema__series_ops[] = { TITLE_OPS("series", "/v1/series", "a series", "series"), { 0 } };
