/* series.h - series in the catalogue.
 * Every call is safe from any thread. Records and pages are snapshots that the caller owns; they
 * outlive the handle. On failure `*ret` is untouched and `err`, where given, says why. All of them
 * may answer UNAVAILABLE and TIMEOUT (the database), NO_MEMORY and MISUSE besides what is listed.
 */
#ifndef CINEMA_SERIES_H
#define CINEMA_SERIES_H

#include <cinema/title.h>

CINEMA_BEGIN

typedef cinema_title cinema_series;
typedef cinema_title_page cinema_series_page;
typedef cinema_title_input cinema_series_input;
typedef cinema_title_query cinema_series_query;
typedef cinema_title_options cinema_series_options;

/* (c, in, ret, err): adds one and makes its slug. INVALID: err->field is the first at fault, such
 * as a genre that does not exist. CONFLICT external_id_taken: another title has that external id.
 */
CINEMA_SIZED(cinema_series_create, cinema_series_input, cinema_series *)
/* (c, id, in, ret, err): fetches one; `in` may be NULL. NOT_FOUND: none, or none to be shown. */
CINEMA_SIZED_ON(cinema_series_get, cinema_series_options, cinema_series *)
/* (c, id, in, ret, err): changes what `in` sets or clears and returns it as it is then; another
 * title or year makes another slug, the old one keeps naming it. INVALID, CONFLICT, NOT_FOUND as
 * above. STALE: it is no longer at in->revision. */
CINEMA_SIZED_ON(cinema_series_update, cinema_series_input, cinema_series *)
/* (c, in, ret, err): one page; `in` may be NULL. INVALID: filter, limit or cursor is no good. */
CINEMA_SIZED(cinema_series_list, cinema_series_query, cinema_series_page *)
/* Removes one for good, with its seasons and episodes. NOT_FOUND, STALE as above; `in` may be NULL.
 */
CINEMA_API cinema_status cinema_series_remove_sized(cinema *c, const char *id,
                                                    const cinema_series_options *in, size_t size,
                                                    cinema_error *err);
static inline cinema_status cinema_series_remove(cinema *c, const char *id,
                                                 const cinema_series_options *in, cinema_error *err)
{
    return cinema_series_remove_sized(c, id, in, sizeof *in, err);
}
CINEMA_API void cinema_series_free(cinema_series *m); /* both take NULL */
CINEMA_API void cinema_series_page_free(cinema_series_page *p);

CINEMA_END
#endif
