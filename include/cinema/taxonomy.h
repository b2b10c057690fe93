/* taxonomy.h - what titles are sorted under: genres.
 * Every call is safe from any thread. Records and pages are snapshots that the caller owns. On
 * failure `*ret` is untouched and `err`, where given, says why. All may answer UNAVAILABLE,
 * TIMEOUT, NO_MEMORY and MISUSE besides what is listed. A genre is named by its id or its slug.
 */
#ifndef CINEMA_TAXONOMY_H
#define CINEMA_TAXONOMY_H

#include <cinema/base.h>

CINEMA_BEGIN

typedef struct cinema_genre {
    const char *id; /* UUIDv7 as text, never NULL */
    int64_t revision;
    const char *slug, *name;        /* never NULL */
    int64_t created_at, updated_at; /* ms since 1970, UTC */
    int64_t titles; /* in lists with `counts`: how many published titles; else CINEMA_ABSENT */
} cinema_genre;

typedef struct cinema_genre_input {
    const int64_t *revision; /* update: only if it is still at this one, else STALE */
    const char *name;        /* 1 to 200 code points; needed to create */
    const char *slug;        /* [a-z0-9-], at most 80; NULL: made from the name */
    const char *clear;       /* nothing of a genre can be cleared */
} cinema_genre_input;

/* Which genres, by name. */
typedef struct cinema_genre_query {
    const char *after; /* `next` of the page before */
    unsigned limit;    /* 0: 20; at most 100 */
    bool total;
    bool counts; /* fill in `titles` */
} cinema_genre_query;

typedef struct cinema_genre_page {
    const cinema_genre *const *items;
    size_t count;
    const char *next;  /* NULL on the last page */
    int64_t total;     /* CINEMA_ABSENT unless asked for; exact up to 10,000 */
    bool total_capped; /* there are more than 10,000 */
} cinema_genre_page;

typedef struct cinema_genre_options {
    const int64_t *revision; /* remove: only if it is still at this one, else STALE */
} cinema_genre_options;

/* INVALID: err->field is the first at fault. CONFLICT slug_taken: another has that slug. */
CINEMA_SIZED(cinema_genre_create, cinema_genre_input, cinema_genre *)
/* `in` may be NULL. NOT_FOUND. */
CINEMA_SIZED_ON(cinema_genre_get, cinema_genre_options, cinema_genre *)
/* Another slug changes the titles of this genre too. INVALID, CONFLICT, NOT_FOUND, STALE. */
CINEMA_SIZED_ON(cinema_genre_update, cinema_genre_input, cinema_genre *)
/* `in` may be NULL. INVALID: limit or cursor is no good. */
CINEMA_SIZED(cinema_genre_list, cinema_genre_query, cinema_genre_page *)
/* Takes it away from its titles and removes it. `in` may be NULL. NOT_FOUND, STALE. */
CINEMA_API cinema_status cinema_genre_remove_sized(cinema *c, const char *id,
                                                   const cinema_genre_options *in, size_t size,
                                                   cinema_error *err);
static inline cinema_status cinema_genre_remove(cinema *c, const char *id,
                                                const cinema_genre_options *in, cinema_error *err)
{
    return cinema_genre_remove_sized(c, id, in, sizeof *in, err);
}
CINEMA_API void cinema_genre_free(cinema_genre *g); /* both take NULL */
CINEMA_API void cinema_genre_page_free(cinema_genre_page *p);

CINEMA_END
#endif
