/* title.h - what films and series have in common: their records, inputs and queries.
 * The functions are in movie.h and series.h. A title is named by its id, its slug (an older one
 * too) or an external id written source:value, such as `imdb:tt0041959`.
 */
#ifndef CINEMA_TITLE_H
#define CINEMA_TITLE_H

#include <cinema/base.h>

CINEMA_BEGIN

/* One line of the cast. */
typedef struct cinema_cast {
    const char *person_id, *slug, *name; /* never NULL */
    const char *character;               /* NULL: not known */
} cinema_cast;
typedef struct cinema_cast_list {
    const cinema_cast *const *items; /* in billing order */
    size_t count;
} cinema_cast_list;

/* One line of the crew. */
typedef struct cinema_crew {
    const char *person_id, *slug, *name; /* never NULL */
    const char *department, *job;        /* "Directing", "Director"; NULL: not known */
} cinema_crew;
typedef struct cinema_crew_list {
    const cinema_crew *const *items;
    size_t count;
} cinema_crew_list;

/* A title as stored. Only the library makes one, so it may grow at its end. NULL and CINEMA_ABSENT
 * stand for "not known". */
typedef struct cinema_title {
    const char *id;             /* UUIDv7 as text, never NULL */
    int64_t revision;           /* 1 at first, one more with every change */
    const char *kind;           /* "movie", "series" or "episode" */
    const char *slug, *title;   /* never NULL */
    const char *original_title; /* in its own script */
    int64_t year;
    const char *released_on; /* YYYY, YYYY-MM or YYYY-MM-DD */
    int64_t runtime_minutes;
    const char *overview;
    const char *language;      /* original language, BCP 47: "en" */
    const char *status;        /* "draft", "published" or "archived" */
    cinema_texts genres;       /* slugs */
    cinema_pairs external_ids; /* by source */
    int64_t popularity;        /* 0 where nothing is known */
    double rating;             /* mean score, 1 to 10; 0: nobody has voted */
    int64_t votes;
    const char *poster_url;
    cinema_cast_list cast;          /* the first 20 */
    cinema_crew_list crew;          /* the first 20 */
    int64_t created_at, updated_at; /* ms since 1970, UTC */
} cinema_title;

/* A title as lists show it. */
typedef struct cinema_title_summary {
    const char *id, *slug, *kind, *title;
    int64_t year;
    cinema_texts genres;
    double rating;
    const char *poster_url;
} cinema_title_summary;

/* What a caller sets. NULL leaves a field alone; a list with NULL items too. */
typedef struct cinema_title_input {
    const int64_t *revision;        /* update: only if the title is still at this one, else STALE */
    const char *title;              /* 1 to 500 code points; needed to create */
    const char *original_title;     /* 1 to 500 */
    const int64_t *year;            /* 1888 to 9999 */
    const char *released_on;        /* YYYY, YYYY-MM or YYYY-MM-DD */
    const int64_t *runtime_minutes; /* 1 to 5,000 */
    const char *overview;           /* at most 10,000; line breaks allowed */
    const char *language;           /* 2 to 35 characters */
    const char *status;             /* a title is created as a draft unless this says otherwise */
    cinema_texts genres;            /* slugs of genres that exist, at most 20 */
    cinema_pairs external_ids;      /* at most 20; each belongs to one title only */
    const int64_t *popularity;      /* 0 to 2^53 */
    const char *poster_url;         /* https://… or http://…, at most 2,000 */
    const char *clear; /* names of fields to empty, with commas between: "year,overview" */
} cinema_title_input;

/* How to look at one title, or which revision to remove. All zero: whatever its status, for this
 * door is trusted. */
typedef struct cinema_title_options {
    bool published_only;
    const int64_t *revision; /* remove: only if it is still at this one, else STALE */
} cinema_title_options;

/* Which titles. All zero: the first twenty by title, whatever their status. */
typedef struct cinema_title_query {
    const char *genre; /* slug; an unknown one matches nothing */
    const int64_t *year_from, *year_to;
    const int64_t *updated_since; /* ms since 1970, UTC */
    const char *status;           /* "draft", "published" or "archived"; NULL: all */
    const char *sort;             /* "title" (A to Z, the default), "year" (oldest first),
                                     "popularity" and "rating" (highest first), "newest" (latest
                                     entry first); a leading "-" turns each round */
    const char *after;            /* `next` of the page before, with the same filters */
    unsigned limit;               /* 0: 20; at most 100 */
    bool total;                   /* count them too */
    bool published_only;
} cinema_title_query;

typedef struct cinema_title_page {
    const cinema_title_summary *const *items;
    size_t count;
    const char *next;  /* NULL on the last page */
    int64_t total;     /* CINEMA_ABSENT unless asked for; exact up to 10,000 */
    bool total_capped; /* there are more than 10,000 */
} cinema_title_page;

CINEMA_END
#endif
