/* movie_ops.c - films seen from outside.
 */
#include "catalog/title_ops.h"

const op cinema__movie_ops[] = { TITLE_OPS("movie", "/v1/movies", "a film", "films"), { 0 } };
