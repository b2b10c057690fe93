/* line.h - what one line says, checked; in either form the same afterwards.
 */
#ifndef IMPORT_LINE_H
#define IMPORT_LINE_H

#include "base/field.h"
#include "base/uuid.h"

#include <cinema/title.h>

/* The order in which the lines of a batch are written: each needs those before it only. */
typedef enum line_stage {
    STAGE_GENRE,
    STAGE_PERSON,
    STAGE_TITLE,
    STAGE_SEASON,
    STAGE_EPISODE,
    STAGE_COUNT
} line_stage;

/* `person` is a slug. */
typedef struct line_cast {
    const char *name, *person, *character;
} line_cast;
typedef struct line_crew {
    const char *name, *person, *department, *job;
} line_crew;

/* The members of all kinds of lines; each kind has some of them. `title.genres` are names. */
typedef struct line_input {
    cinema_title_input title;
    const char *kind, *id, *name, *slug;
    cinema_texts old_slugs;
    struct {
        const line_cast *const *items;
        size_t count;
    } cast;
    struct {
        const line_crew *const *items;
        size_t count;
    } crew;
    const char *series;
    const int64_t *season_number, *episode_number;
    const char *born_on, *died_on, *biography;
} line_input;

typedef struct line_credit {
    const char *name, *key; /* key: what people of this name have in common */
    const char *person;     /* slug; NULL: whoever has this name */
    const char *who;        /* the key in the memory: of the slug, else that of the name */
    const char *role, *department;
} line_credit;

/* Cast or crew; NULL items: the line does not say. */
typedef struct line_part {
    line_credit *items;
    size_t count;
} line_part;

enum { CAST, CREW, PARTS };

/* What becomes of a title's line in a transaction; forgotten when that is rolled back. */
typedef struct line_state {
    int64_t nr; /* of the title */
    bool there; /* it was there before */
    bool refused;
    bool later;   /* it meets another line of the batch, which has to be written first */
    bool changed; /* what is there differs */
    bool genres_differ, part_differs[PARTS];
    cinema_title_input *change;  /* what is to be set */
    uint64_t own, left_out;      /* external ids, by place, that it has, that belong to others */
    const struct line *has_soft; /* an earlier line that has the soft external id, too */
    int64_t season_nr;
    const struct line *same_name; /* an earlier title of this name and year */
    const char *slug;             /* of a new title */
    const char **genre_slugs;
    int64_t *genre_nrs;
    size_t genre_count;
} line_state;

typedef struct line {
    int64_t number; /* in the file, from 1 */
    line_stage stage;
    line_input in;
    void *body;     /* the json_t that texts of `in` belong to */
    uint64_t soft;  /* external ids, by place, that the title does without where they are taken */
    uint64_t keys;  /* those that say which title it is */
    bool catalogue; /* the line is in the film catalogue's form */
    bool named;     /* it says id or slug, so the name does not tell which one it is */
    uuid id;        /* where it says one */
    /* Of titles and episodes. */
    const char *sort_key, *words;
    char slug[81]; /* the first to try */
    int64_t year;  /* CINEMA_ABSENT: not known */
    line_part parts[PARTS];
    line_state state;
} line;

/* Reads one line of JSON. Faults are gathered in `list`; without one `*ret` is good. `warnings`
 * gets what is wrong with a line that is taken all the same. NO_MEMORY. */
cinema_status line_read(const char *text, size_t length, arena *a, line *ret, faults *list,
                        faults *warnings, cinema_error *err);
void line_done(line *l);
/* What stands in the memory for the person of a slug: no name has such a key. NULL: no memory. */
const char *person_key(const char *slug, arena *a);

/* --- between its files --- */

extern const field_table cinema__line_any, cinema__line_genre, cinema__line_person;
extern const field_table cinema__line_movie, cinema__line_series, cinema__line_season;
extern const field_table cinema__line_episode, cinema__line_catalogue;

/* A line of the film catalogue. */
typedef struct catalogue_line {
    const int64_t *id, *year, *votes;
    const char *type, *title, *plot, *original_title, *lang, *href;
    cinema_texts cast, genres;
} catalogue_line;
/* Makes our own form of it. */
cinema_status catalogue_line_read(const catalogue_line *from, arena *a, line *ret, faults *list,
                                  faults *warnings, cinema_error *err);

#endif
