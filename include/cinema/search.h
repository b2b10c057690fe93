/* search.h - finding titles by their words: title, original title, names of people, overview.
 * A title is found when every word of the query stands in it, in any of these, whatever the case
 * and the accents; the last word may also be the beginning of a longer one, from three letters on.
 * First come titles that are the query, then those that begin with it, then the others; of each the
 * most popular first.
 * So that a word that is in every title costs little: of more than 400 titles that are found, the
 * 400 entered last are looked at (those with exactly these words before those with longer ones),
 * and up to 100 more whose title begins with the query. Where filters leave out most of what is
 * found, the 10,000 entered last of that are looked at.
 */
#ifndef CINEMA_SEARCH_H
#define CINEMA_SEARCH_H

#include <cinema/title.h>

CINEMA_BEGIN

/* What to find. */
typedef struct cinema_search_query {
    const char *q;        /* 1 to 200 characters; needed. Words after the 16th do not count */
    const char *type;     /* "movie", "series" or "episode"; NULL: all */
    const char *genre;    /* slug; an unknown one matches nothing */
    const char *language; /* original language, as the title has it: "en" */
    const int64_t *year_from, *year_to;
    const char *after; /* `next` of the page before, with the same query */
    unsigned limit;    /* 0: 20; at most 100 */
    bool total;        /* count them too: exact below 400 */
    bool published_only;
} cinema_search_query;

/* One page; free it with cinema_search_page_free. A query without a letter or digit finds nothing.
 * INVALID: no or an empty query, or a filter, limit or cursor that is no good. UNAVAILABLE,
 * TIMEOUT: the database; NO_MEMORY, MISUSE. On failure `*ret` is untouched. Safe from any thread.
 */
CINEMA_SIZED(cinema_search, cinema_search_query, cinema_title_page *)
CINEMA_API void cinema_search_page_free(cinema_title_page *p); /* takes NULL */

CINEMA_END
#endif
