/* movie.h - feature films in the catalogue.
 * Every call is safe from any thread. Records and pages are snapshots that the caller owns; they
 * outlive the handle. On failure `*ret` is untouched and `err`, where given, says why. All of them
 * may answer UNAVAILABLE and TIMEOUT (the database), NO_MEMORY and MISUSE besides what is listed.
 */
#ifndef CINEMA_MOVIE_H
#define CINEMA_MOVIE_H

#include <cinema/title.h>

CINEMA_BEGIN

typedef cinema_title cinema_movie;
typedef cinema_title_page cinema_movie_page;
typedef cinema_title_input cinema_movie_input;
typedef cinema_title_query cinema_movie_query;
typedef cinema_title_options cinema_movie_options;

/* (c, in, ret, err): adds one and makes its slug. INVALID: err->field is the first at fault, such
 * as a genre that does not exist. CONFLICT external_id_taken: another title has that external id.
 */
CINEMA_SIZED(cinema_movie_create, cinema_movie_input, cinema_movie *)
/* (c, id, in, ret, err): fetches one; `in` may be NULL. NOT_FOUND: none, or none to be shown. */
CINEMA_SIZED_ON(cinema_movie_get, cinema_movie_options, cinema_movie *)
/* (c, id, in, ret, err): changes what `in` sets or clears and returns it as it is then; another
 * title or year makes another slug, the old one keeps naming it. INVALID, CONFLICT, NOT_FOUND as
 * above. STALE: it is no longer at in->revision. */
CINEMA_SIZED_ON(cinema_movie_update, cinema_movie_input, cinema_movie *)
/* (c, in, ret, err): one page; `in` may be NULL. INVALID: filter, limit or cursor is no good. */
CINEMA_SIZED(cinema_movie_list, cinema_movie_query, cinema_movie_page *)
/* Removes one for good. NOT_FOUND, STALE as above; `in` may be NULL. */
CINEMA_API cinema_status cinema_movie_remove_sized(cinema *c, const char *id,
                                                   const cinema_movie_options *in, size_t size,
                                                   cinema_error *err);
static inline cinema_status cinema_movie_remove(cinema *c, const char *id,
                                                const cinema_movie_options *in, cinema_error *err)
{
    return cinema_movie_remove_sized(c, id, in, sizeof *in, err);
}
CINEMA_API void cinema_movie_free(cinema_movie *m); /* both take NULL */
CINEMA_API void cinema_movie_page_free(cinema_movie_page *p);

CINEMA_END
#endif
