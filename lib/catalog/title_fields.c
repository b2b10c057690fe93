/* title_fields.c - the fields of a title, each said once.
 */
#include "catalog/catalog.h"

#define STATUSES "draft published archived"

static const field cast_fields[] = {
    { OUT(cinema_cast, person_id, UUID), .present = true },
    { OUT(cinema_cast, slug, TEXT) },
    { OUT(cinema_cast, name, TEXT), .present = true },
    { OUT(cinema_cast, character, TEXT) },
};
const field_table cinema__cast = ANSWER("cast", cast_fields, cinema_cast);

static const field crew_fields[] = {
    { OUT(cinema_crew, person_id, UUID), .present = true },
    { OUT(cinema_crew, slug, TEXT) },
    { OUT(cinema_crew, name, TEXT), .present = true },
    { OUT(cinema_crew, department, TEXT) },
    { OUT(cinema_crew, job, TEXT) },
};
const field_table cinema__crew = ANSWER("crew", crew_fields, cinema_crew);

static const field fields[] = {
    { OUT(cinema_title, id, UUID) },
    { BOTH(cinema_title, revision, NUMBER), .update_only = true, .min = 1, .max = INT64_MAX,
      .help = "one more with every change; to change only this one, as If-Match does" },
    { OUT(cinema_title, kind, TEXT), .one_of = "movie series episode", .present = true },
    { OUT(cinema_title, slug, TEXT) },
    { BOTH(cinema_title, title, TEXT), .needed = true, .min = 1, .max = 500 },
    { BOTH(cinema_title, original_title, TEXT), .min = 1, .max = 500,
      .help = "in its own language and script" },
    { BOTH(cinema_title, year, NUMBER), .min = 1888, .max = 9999, .zero_absent = true },
    { BOTH(cinema_title, released_on, DATE), .help = "YYYY, YYYY-MM or YYYY-MM-DD" },
    { BOTH(cinema_title, runtime_minutes, NUMBER), .min = 1, .max = 5000 },
    { BOTH(cinema_title, overview, TEXT), .max = 10000, .lines = true },
    { BOTH(cinema_title, language, TEXT), .min = 2, .max = 35,
      .help = "original language, a BCP 47 tag" },
    { BOTH(cinema_title, status, TEXT), .one_of = STATUSES, .initial = "draft" },
    { BOTH(cinema_title, genres, WORDS), .max = 20, .item_max = SLUG_MAX, .help = "slugs" },
    { BOTH(cinema_title, external_ids, PAIRS), .max = EXTERNAL_IDS_MAX, .item_max = 200,
      .help = "by source: {\"imdb\": \"tt0041959\"}" },
    { BOTH(cinema_title, popularity, NUMBER), .min = 0, .max = 9007199254740991, .present = true },
    { OUT(cinema_title, rating, REAL), .zero_absent = true, .min = 1, .max = 10 },
    { OUT(cinema_title, votes, NUMBER), .present = true },
    { BOTH(cinema_title, poster_url, TEXT), .web = true, .min = 1, .max = 2000 },
    { OUT(cinema_title, cast, RECORDS), .of = &cinema__cast, .help = "the first 20" },
    { OUT(cinema_title, crew, RECORDS), .of = &cinema__crew, .help = "the first 20" },
    { OUT(cinema_title, created_at, TIME) },
    { OUT(cinema_title, updated_at, TIME) },
    { IN(cinema_title_input, clear, CLEAR) },
};
const field_table cinema__title = RECORD("title", fields, cinema_title);

static const field summary_fields[] = {
    { OUT(cinema_title_summary, id, UUID) },
    { OUT(cinema_title_summary, slug, TEXT) },
    { OUT(cinema_title_summary, kind, TEXT), .one_of = "movie series episode", .present = true },
    { OUT(cinema_title_summary, title, TEXT), .present = true },
    { OUT(cinema_title_summary, year, NUMBER), .zero_absent = true },
    { OUT(cinema_title_summary, genres, WORDS) },
    { OUT(cinema_title_summary, rating, REAL), .zero_absent = true },
    { OUT(cinema_title_summary, poster_url, TEXT) },
};
const field_table cinema__title_summary =
    ANSWER("title_summary", summary_fields, cinema_title_summary);

static const field query_fields[] = {
    { IN(cinema_title_query, genre, TEXT), .min = 1, .max = SLUG_MAX, .help = "slug of a genre" },
    { IN(cinema_title_query, year_from, NUMBER), .min = 1888, .max = 9999 },
    { IN(cinema_title_query, year_to, NUMBER), .min = 1888, .max = 9999 },
    { IN(cinema_title_query, updated_since, TIME) },
    { IN(cinema_title_query, status, TEXT), .one_of = STATUSES,
      .help = "others than published need the permission content.write" },
    { IN(cinema_title_query, sort, TEXT),
      .one_of = "title -title year -year popularity -popularity newest -newest rating -rating",
      .help = "title A to Z, year oldest first, popularity and rating highest first, newest entry "
              "first; - turns it round" },
    { IN(cinema_title_query, after, TEXT), .min = 1, .max = 2000,
      .help = "next of the page before" },
    { IN(cinema_title_query, limit, LIMIT), .min = 1, .max = 100, .help = "20 unless given" },
    { IN(cinema_title_query, total, FLAG), .help = "count all, exactly up to 10,000" },
};
const field_table cinema__title_query = QUERY("title list", query_fields, cinema_title_query);
