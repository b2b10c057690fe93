/* part.c - the lines of an export: their members, in the order in which they stand, and how rows
 * become them. The members are those of import/line_fields.c.
 */
#include "export/part.h"

#include "export.sql.h"

/* --- rows that belong to a thing --- */

/* How many of the next rows are of this thing. */
static size_t count_of(const db_row *row, const db_value *id)
{
    size_t n = 0;
    for (; row && !memcmp(row->cells[0].blob, id->blob, sizeof(uuid)); row = row->next)
        n++;
    return n;
}

static const char *text_of(const db_value *cell)
{
    return cell->type == DB_TEXT ? cell->text : NULL;
}

static bool take_texts(const db_value *id, const db_row **at, arena *a, cinema_texts *ret)
{
    size_t n = count_of(*at, id);
    const char **items = n ? arena_alloc(a, n * sizeof *items) : NULL;
    if (n && !items)
        return false;
    for (size_t i = 0; i < n; i++, *at = (*at)->next)
        items[i] = (*at)->cells[1].text;
    *ret = (cinema_texts){ items, n };
    return true;
}

static bool take_pairs(const db_value *id, const db_row **at, arena *a, cinema_pairs *ret)
{
    size_t n = count_of(*at, id);
    cinema_pair *items = n ? arena_alloc(a, n * sizeof *items) : NULL;
    if (n && !items)
        return false;
    for (size_t i = 0; i < n; i++, *at = (*at)->next)
        items[i] = (cinema_pair){ (*at)->cells[1].text, (*at)->cells[2].text };
    *ret = (cinema_pairs){ items, n };
    return true;
}

/* --- genres, people, seasons --- */

typedef struct genre_line {
    const char *kind, *id, *slug, *name;
} genre_line;

static const field genre_fields[] = {
    { OUT(genre_line, kind, TEXT), .no_column = true },
    { OUT(genre_line, id, UUID) },
    { OUT(genre_line, slug, TEXT) },
    { OUT(genre_line, name, TEXT) },
};
static const field_table genre_table = ANSWER("genre", genre_fields, genre_line);

typedef struct person_line {
    const char *kind, *id, *slug, *name, *born_on, *died_on, *biography;
    cinema_pairs external_ids;
} person_line;

static const field person_fields[] = {
    { OUT(person_line, kind, TEXT), .no_column = true },
    { OUT(person_line, id, UUID) },
    { OUT(person_line, slug, TEXT) },
    { OUT(person_line, name, TEXT) },
    { OUT(person_line, born_on, DATE), .optional = true },
    { OUT(person_line, died_on, DATE), .optional = true },
    { OUT(person_line, biography, TEXT), .optional = true },
    { OUT(person_line, external_ids, PAIRS), .optional = true },
};
static const field_table person_table = ANSWER("person", person_fields, person_line);

static bool add_to_person(void *record, const db_value *id, const db_row **with, arena *a)
{
    person_line *p = record;
    return take_pairs(id, &with[0], a, &p->external_ids);
}

typedef struct season_line {
    const char *kind, *id, *series;
    int64_t season_number;
    const char *title, *overview;
} season_line;

static const field season_fields[] = {
    { OUT(season_line, kind, TEXT), .no_column = true },
    { OUT(season_line, id, UUID) },
    { OUT(season_line, series, TEXT) },
    { OUT(season_line, season_number, NUMBER) },
    { OUT(season_line, title, TEXT), .optional = true },
    { OUT(season_line, overview, TEXT), .optional = true },
};
static const field_table season_table = ANSWER("season", season_fields, season_line);

/* --- films, series, episodes --- */

typedef struct credit_line {
    const char *name, *person, *character, *department, *job;
} credit_line;

static const field credit_fields[] = {
    { OUT(credit_line, name, TEXT) },
    { OUT(credit_line, person, TEXT) },
    { OUT(credit_line, character, TEXT), .optional = true },
    { OUT(credit_line, department, TEXT), .optional = true },
    { OUT(credit_line, job, TEXT), .optional = true },
};
static const field_table credit_table = ANSWER("credit", credit_fields, credit_line);

typedef struct credit_list {
    const credit_line *const *items;
    size_t count;
} credit_list;

typedef struct title_line {
    const char *kind, *id, *slug;
    cinema_texts old_slugs;
    const char *series;
    int64_t season_number, episode_number;
    const char *title, *original_title;
    int64_t year;
    const char *released_on;
    int64_t runtime_minutes;
    const char *overview, *language, *status;
    cinema_texts genres;
    cinema_pairs external_ids;
    int64_t popularity;
    const char *poster_url;
    credit_list cast, crew;
} title_line;

static const field title_fields[] = {
    { OUT(title_line, kind, TEXT) },
    { OUT(title_line, id, UUID) },
    { OUT(title_line, slug, TEXT) },
    { OUT(title_line, old_slugs, TEXTS), .optional = true, .no_column = true },
    { OUT(title_line, series, TEXT), .optional = true },
    { OUT(title_line, season_number, NUMBER), .optional = true },
    { OUT(title_line, episode_number, NUMBER), .optional = true },
    { OUT(title_line, title, TEXT) },
    { OUT(title_line, original_title, TEXT), .optional = true },
    { OUT(title_line, year, NUMBER), .optional = true, .zero_absent = true },
    { OUT(title_line, released_on, DATE), .optional = true },
    { OUT(title_line, runtime_minutes, NUMBER), .optional = true },
    { OUT(title_line, overview, TEXT), .optional = true },
    { OUT(title_line, language, TEXT), .optional = true },
    { OUT(title_line, status, TEXT) },
    { OUT(title_line, genres, WORDS), .optional = true },
    { OUT(title_line, external_ids, PAIRS), .optional = true },
    { OUT(title_line, popularity, NUMBER), .optional = true, .zero_absent = true },
    { OUT(title_line, poster_url, TEXT), .optional = true },
    { OUT(title_line, cast, RECORDS), .optional = true, .of = &credit_table },
    { OUT(title_line, crew, RECORDS), .optional = true, .of = &credit_table },
};
static const field_table title_table = ANSWER("title", title_fields, title_line);

/* Cells behind the id: part, role, department, the person's slug and name. */
static bool take_credits(const db_value *id, bool crew, const db_row **at, arena *a,
                         credit_list *ret)
{
    size_t room = count_of(*at, id), n = 0;
    credit_line *items = room ? arena_alloc(a, room * sizeof *items) : NULL;
    const credit_line **list = room ? arena_alloc(a, room * sizeof *list) : NULL;
    if (room && (!items || !list))
        return false;
    for (; n < room && (bool)(*at)->cells[1].number == crew; n++, *at = (*at)->next) {
        const db_value *v = (*at)->cells;
        const char *role = text_of(&v[2]);
        items[n] = (credit_line){ .name = v[5].text,
                                  .person = v[4].text,
                                  .character = crew ? NULL : role,
                                  .department = text_of(&v[3]),
                                  .job = crew ? role : NULL };
        list[n] = &items[n];
    }
    *ret = (credit_list){ n ? list : NULL, n };
    return true;
}

static bool add_to_title(void *record, const db_value *id, const db_row **with, arena *a)
{
    title_line *t = record;
    return take_texts(id, &with[0], a, &t->old_slugs) &&
           take_pairs(id, &with[1], a, &t->external_ids) &&
           take_credits(id, false, &with[2], a, &t->cast) &&
           take_credits(id, true, &with[2], a, &t->crew);
}

/* --- all --- */

#define WITH_TITLES                                                                                \
    .table = &title_table, .size = sizeof(title_line), .titles = true,                             \
    .select = &SQL_export_titles,                                                                  \
    .with = { { &SQL_export_title_slugs, &SQL_export_title_slugs_end },                            \
              { &SQL_export_title_ids, &SQL_export_title_ids_end },                                \
              { &SQL_export_credits, &SQL_export_credits_end } },                                  \
    .add = add_to_title, .count = &SQL_export_count_titles

const part cinema__export_parts[] = {
    { .kinds = "genre",
      .table = &genre_table,
      .size = sizeof(genre_line),
      .select = &SQL_export_genres,
      .count = &SQL_export_count_genres },
    { .kinds = "person",
      .table = &person_table,
      .size = sizeof(person_line),
      .select = &SQL_export_people,
      .with = { { &SQL_export_person_ids, &SQL_export_person_ids_end } },
      .add = add_to_person,
      .count = &SQL_export_count_people },
    { .kinds = "movie series", WITH_TITLES },
    { .kinds = "season",
      .table = &season_table,
      .size = sizeof(season_line),
      .select = &SQL_export_seasons,
      .count = &SQL_export_count_seasons },
    { .kinds = "episode", WITH_TITLES },
    { 0 },
};

_Static_assert(!offsetof(genre_line, kind) && !offsetof(person_line, kind) &&
                   !offsetof(season_line, kind) && !offsetof(title_line, kind),
               "the first member is the kind");
