/* line_fields.c - the members of each kind of line, with their limits.
 */
#include "import/line.h"

#include "catalog/catalog.h"

#define OF(member, kind) IN(line_input, member, kind)
#define OF_TITLE(member, kind)                                                                     \
    .name = #member, .type = FIELD_##kind, .out = FIELD_NONE,                                      \
    .in = offsetof(line_input, title.member)

#define KINDS "genre person movie series season episode"

static const field any_fields[] = {
    { OF(kind, TEXT), .needed = true, .one_of = KINDS },
};
const field_table cinema__line_any = QUERY("line", any_fields, line_input);

#define ID                                                                                         \
    {                                                                                              \
        OF(id, UUID)                                                                               \
    }
#define SLUG                                                                                       \
    {                                                                                              \
        OF(slug, TEXT), .min = 1, .max = SLUG_MAX                                                  \
    }

static const field genre_fields[] = {
    { OF(kind, TEXT), .needed = true, .one_of = "genre" },
    ID,
    { OF(name, TEXT), .needed = true, .min = 1, .max = 200 },
    SLUG,
};
const field_table cinema__line_genre = QUERY("genre", genre_fields, line_input);

#define EXTERNAL_IDS                                                                               \
    {                                                                                              \
        OF_TITLE(external_ids, PAIRS), .max = EXTERNAL_IDS_MAX, .item_max = 200                    \
    }

static const field person_fields[] = {
    { OF(kind, TEXT), .needed = true, .one_of = "person" },
    ID,
    SLUG,
    { OF(name, TEXT), .needed = true, .min = 1, .max = 200 },
    { OF(born_on, DATE) },
    { OF(died_on, DATE) },
    { OF(biography, TEXT), .max = 10000, .lines = true },
    EXTERNAL_IDS,
};
const field_table cinema__line_person = QUERY("person", person_fields, line_input);

static const field cast_fields[] = {
    { IN(line_cast, name, TEXT), .needed = true, .min = 1, .max = 200 },
    { IN(line_cast, person, TEXT), .min = 1, .max = SLUG_MAX },
    { IN(line_cast, character, TEXT), .min = 1, .max = 200 },
};
static const field_table cast_table = QUERY("cast", cast_fields, line_cast);

static const field crew_fields[] = {
    { IN(line_crew, name, TEXT), .needed = true, .min = 1, .max = 200 },
    { IN(line_crew, person, TEXT), .min = 1, .max = SLUG_MAX },
    { IN(line_crew, department, TEXT), .min = 1, .max = 100 },
    { IN(line_crew, job, TEXT), .min = 1, .max = 100 },
};
static const field_table crew_table = QUERY("crew", crew_fields, line_crew);

/* clang-format off */
#define TITLE_FIELDS                                                                               \
    ID, SLUG, { OF(old_slugs, TEXTS), .max = 1000, .item_max = SLUG_MAX },                         \
    { OF_TITLE(title, TEXT), .needed = true, .min = 1, .max = 500 },                               \
    { OF_TITLE(original_title, TEXT), .min = 1, .max = 500 },                                      \
    { OF_TITLE(year, NUMBER), .min = 1888, .max = 9999 },                                          \
    { OF_TITLE(released_on, DATE) },                                                               \
    { OF_TITLE(runtime_minutes, NUMBER), .min = 1, .max = 5000 },                                  \
    { OF_TITLE(overview, TEXT), .max = 10000, .lines = true },                                     \
    { OF_TITLE(language, TEXT), .min = 2, .max = 35 },                                             \
    { OF_TITLE(status, TEXT), .one_of = "draft published archived" },                              \
    { OF_TITLE(genres, TEXTS), .max = 20, .item_max = 200 },                                       \
    EXTERNAL_IDS,                                                                                  \
    { OF_TITLE(popularity, NUMBER), .min = 0, .max = 9007199254740991 },                           \
    { OF_TITLE(poster_url, TEXT), .web = true, .min = 1, .max = 2000 },                            \
    { OF(cast, RECORDS), .of = &cast_table, .max = 500 },                                          \
    { OF(crew, RECORDS), .of = &crew_table, .max = 500 }
/* clang-format on */

static const field movie_fields[] = {
    { OF(kind, TEXT), .needed = true, .one_of = "movie" },
    TITLE_FIELDS,
};
const field_table cinema__line_movie = QUERY("movie", movie_fields, line_input);

static const field series_fields[] = {
    { OF(kind, TEXT), .needed = true, .one_of = "series" },
    TITLE_FIELDS,
};
const field_table cinema__line_series = QUERY("series", series_fields, line_input);

#define SERIES                                                                                     \
    {                                                                                              \
        OF(series, TEXT), .needed = true, .min = 1, .max = 300                                     \
    }
#define SEASON_NUMBER                                                                              \
    {                                                                                              \
        OF(season_number, NUMBER), .needed = true, .min = 0, .max = 9999                           \
    }

static const field season_fields[] = {
    { OF(kind, TEXT), .needed = true, .one_of = "season" },
    ID,
    SERIES,
    SEASON_NUMBER,
    { OF_TITLE(title, TEXT), .min = 1, .max = 500 },
    { OF_TITLE(overview, TEXT), .max = 10000, .lines = true },
};
const field_table cinema__line_season = QUERY("season", season_fields, line_input);

static const field episode_fields[] = {
    { OF(kind, TEXT), .needed = true, .one_of = "episode" },
    SERIES,
    SEASON_NUMBER,
    { OF(episode_number, NUMBER), .needed = true, .min = 0, .max = 99999 },
    TITLE_FIELDS,
};
const field_table cinema__line_episode = QUERY("episode", episode_fields, line_input);

#define OF_CATALOGUE(member, kind) IN(catalogue_line, member, kind)

static const field catalogue_fields[] = {
    { OF_CATALOGUE(id, NUMBER), .needed = true, .min = 0, .max = 9007199254740991 },
    { OF_CATALOGUE(type, TEXT), .needed = true, .one_of = "movie series" },
    { OF_CATALOGUE(title, TEXT), .needed = true, .min = 1, .max = 500 },
    { OF_CATALOGUE(year, NUMBER), .min = 0, .max = 9999 },
    { OF_CATALOGUE(cast, TEXTS), .max = 500, .item_max = 200 },
    { OF_CATALOGUE(genres, TEXTS), .max = 20, .item_max = 200 },
    { OF_CATALOGUE(plot, TEXT), .max = 10000, .lines = true },
    { OF_CATALOGUE(original_title, TEXT), .max = 500 },
    { OF_CATALOGUE(votes, NUMBER), .min = 0, .max = 9007199254740991 },
    { OF_CATALOGUE(lang, TEXT), .max = 35 },
    { OF_CATALOGUE(href, TEXT), .max = 2000 },
};
const field_table cinema__line_catalogue =
    QUERY("catalogue line", catalogue_fields, catalogue_line);
