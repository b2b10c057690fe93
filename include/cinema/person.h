/* person.h - people, and the credits that join them to titles.
 * Every call is safe from any thread. Records and pages are snapshots that the caller owns. On
 * failure `*ret` is untouched and `err`, where given, says why. All may answer UNAVAILABLE,
 * TIMEOUT, NO_MEMORY and MISUSE besides what is listed. A person is named by id, slug or an
 * external id written source:value, such as `imdb:nm0000122`.
 */
#ifndef CINEMA_PERSON_H
#define CINEMA_PERSON_H

#include <cinema/title.h>

CINEMA_BEGIN

typedef struct cinema_person {
    const char *id; /* UUIDv7 as text, never NULL */
    int64_t revision;
    const char *slug, *name;        /* never NULL */
    int64_t created_at, updated_at; /* ms since 1970, UTC */
    const char *born_on, *died_on;  /* YYYY, YYYY-MM or YYYY-MM-DD; NULL: not known */
    const char *biography;
    cinema_pairs external_ids;
} cinema_person;

typedef struct cinema_person_input {
    const int64_t *revision; /* update: only if it is still at this one, else STALE */
    const char *name;        /* 1 to 200 code points; needed to create */
    const char *slug;        /* [a-z0-9-], at most 80; NULL: made from the name */
    const char *clear;       /* names of fields to empty, with commas between */
    const char *born_on, *died_on;
    const char *biography;     /* at most 10,000 code points */
    cinema_pairs external_ids; /* at most 20; each belongs to one person only */
} cinema_person_input;

/* Which people, by name. */
typedef struct cinema_person_query {
    const char *after; /* `next` of the page before */
    unsigned limit;    /* 0: 20; at most 100 */
    bool total;
} cinema_person_query;

/* People as lists show them. */
typedef struct cinema_person_page {
    const cinema_person *const *items; /* without external ids */
    size_t count;
    const char *next;  /* NULL on the last page */
    int64_t total;     /* CINEMA_ABSENT unless asked for; exact up to 10,000 */
    bool total_capped; /* there are more than 10,000 */
} cinema_person_page;

typedef struct cinema_person_options {
    const int64_t *revision; /* remove: only if it is still at this one, else STALE */
} cinema_person_options;

/* INVALID: err->field is the first at fault. CONFLICT slug_taken, external_id_taken. */
CINEMA_SIZED(cinema_person_create, cinema_person_input, cinema_person *)
/* `in` may be NULL. NOT_FOUND. */
CINEMA_SIZED_ON(cinema_person_get, cinema_person_options, cinema_person *)
/* INVALID, CONFLICT, NOT_FOUND, STALE. */
CINEMA_SIZED_ON(cinema_person_update, cinema_person_input, cinema_person *)
/* `in` may be NULL. INVALID: limit or cursor is no good. */
CINEMA_SIZED(cinema_person_list, cinema_person_query, cinema_person_page *)
/* `in` may be NULL. NOT_FOUND, STALE. CONFLICT in_use: there are credits of this person. */
CINEMA_API cinema_status cinema_person_remove_sized(cinema *c, const char *id,
                                                    const cinema_person_options *in, size_t size,
                                                    cinema_error *err);
static inline cinema_status cinema_person_remove(cinema *c, const char *id,
                                                 const cinema_person_options *in, cinema_error *err)
{
    return cinema_person_remove_sized(c, id, in, sizeof *in, err);
}
CINEMA_API void cinema_person_free(cinema_person *p); /* both take NULL */
CINEMA_API void cinema_person_page_free(cinema_person_page *p);

/* ---- credits of a title
 * ------------------------------------------------------------------------------ */

typedef struct cinema_credits {
    cinema_cast_list cast;
    cinema_crew_list crew;
    int64_t revision; /* of the title: every change of its credits counts there */
} cinema_credits;

typedef struct cinema_cast_input {
    const char *person_id;   /* needed */
    const char *character;   /* 1 to 200 code points */
    const void *reserved[4]; /* NULL: items of a list have no size, so this is the room to grow */
} cinema_cast_input;
typedef struct cinema_crew_input {
    const char *person_id;        /* needed */
    const char *department, *job; /* 1 to 100 code points */
    const void *reserved[4];      /* NULL */
} cinema_crew_input;
/* The whole cast and crew, at most 500 lines each; order counts. NULL items: leave alone. */
typedef struct cinema_credits_input {
    const int64_t *revision; /* only if the title is still at this one, else STALE */
    struct {
        const cinema_cast_input *const *items;
        size_t count;
    } cast;
    struct {
        const cinema_crew_input *const *items;
        size_t count;
    } crew;
} cinema_credits_input;

/* Of a film, series or episode, by its id, slug or external id. `in` may be NULL. NOT_FOUND. */
CINEMA_SIZED_ON(cinema_credits_get, cinema_title_options, cinema_credits *)
/* Replaces them and counts the title's revision on. INVALID: a person does not exist, or a field is
 * no good. NOT_FOUND, STALE. */
CINEMA_SIZED_ON(cinema_credits_set, cinema_credits_input, cinema_credits *)
CINEMA_API void cinema_credits_free(cinema_credits *k); /* takes NULL */

/* ---- credits of a person
 * ----------------------------------------------------------------------------- */

/* One title that a person worked on. */
typedef struct cinema_person_credit {
    const char *title_id, *slug, *kind, *title; /* never NULL */
    int64_t year;
    const char *character;        /* of a role */
    const char *department, *job; /* of other work */
} cinema_person_credit;

typedef struct cinema_person_credits {
    const cinema_person_credit *const *items; /* newest first */
    size_t count;
    const char *next;  /* NULL on the last page */
    int64_t total;     /* CINEMA_ABSENT */
    bool total_capped; /* false */
} cinema_person_credits;

/* Where to go on in a person's credits. */
typedef struct cinema_person_credits_query {
    const char *after; /* `next` of the page before */
    unsigned limit;    /* 0: 20; at most 100 */
    bool published_only;
} cinema_person_credits_query;

/* `in` may be NULL. NOT_FOUND; INVALID: limit or cursor is no good. */
CINEMA_SIZED_ON(cinema_person_credits_list, cinema_person_credits_query, cinema_person_credits *)
CINEMA_API void cinema_person_credits_free(cinema_person_credits *k); /* takes NULL */

CINEMA_END
#endif
