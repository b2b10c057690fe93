/* line_test.c - what is taken of a line and what is refused: by line, field and rule. */
#include "import/import_help.h"

#include <stdlib.h>

FIXTURE(import_start, import_stop)

/* --- one fault --- */

static const struct {
    const char *line, *field, *rule;
} bad[] = {
    /* not JSON, or not as much of it */
    { "{\"kind\":\"movie\",\"title\":\"x\"", "", "json" },
    { "nonsense", "", "json" },
    { "[]", "", "json" },
    { "\"kind\"", "", "json" },
    { "{\"kind\":\"movie\",\"title\":\"x\"} {}", "", "json" },
    { "{\"kind\":\"movie\",\"title\":\"a\\u0000b\"}", "", "control_character" },
    { "{\"kind\":\"movie\",\"title\":\"\\ud800\"}", "", "json" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"cast\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}", "",
      "json_limits" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"title\":\"y\"}", "title", "duplicate_field" },
    { "{\"kind\":\"movie\",\"title\":\"\xFF\"}", "", "utf8" },
    { "{\"kind\":\"movie\",\"title\":\"\xC0\xAF\"}", "", "utf8" },
    { "{\"kind\":\"movie\",\"title\":\"\xED\xA0\x80\"}", "", "utf8" },
    /* not known what it is */
    { "{}", "kind", "required" },
    { "{\"title\":\"x\"}", "kind", "required" },
    { "{\"kind\":\"film\",\"title\":\"x\"}", "kind", "one_of" },
    { "{\"kind\":null}", "kind", "required" },
    { "{\"kind\":7}", "kind", "type" },
    { "{\"movie\":{\"kind\":\"movie\"}}", "kind", "required" },
    /* films and series */
    { "{\"kind\":\"movie\"}", "title", "required" },
    { "{\"kind\":\"movie\",\"title\":\"\"}", "title", "length" },
    { "{\"kind\":\"movie\",\"title\":\"   \"}", "title", "blank" },
    { "{\"kind\":\"movie\",\"title\":\"a\\nb\"}", "title", "control_character" },
    { "{\"kind\":\"movie\",\"title\":7}", "title", "type" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"titel\":\"y\"}", "titel", "unknown_field" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"year\":1700}", "year", "range" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"year\":\"1999\"}", "year", "type" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"year\":1999.5}", "year", "type" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"year\":99999999999999999999}", "", "json" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"released_on\":\"2001-02-30\"}", "released_on",
      "date" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"runtime_minutes\":0}", "runtime_minutes", "range" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"status\":\"secret\"}", "status", "one_of" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"language\":\"e\"}", "language", "length" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"popularity\":-1}", "popularity", "range" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"poster_url\":\"/p.jpg\"}", "poster_url", "url" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"genres\":\"Drama\"}", "genres", "type" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"genres\":[7]}", "genres[0]", "type" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"genres\":[\"a\",\"\"]}", "genres[1]", "length" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"external_ids\":[]}", "external_ids", "type" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"external_ids\":{\"imdb\":7}}", "external_ids.imdb",
      "type" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"external_ids\":{\"IMDb\":\"tt1\"}}",
      "external_ids.IMDb", "name" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"cast\":[\"A\"]}", "cast[0]", "type" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"cast\":[{\"character\":\"B\"}]}", "cast[0].name",
      "required" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"cast\":[{\"name\":\"A\",\"role\":\"B\"}]}",
      "cast[0].role", "unknown_field" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"cast\":[{\"name\":\"A\"},{\"name\":\"\\u200b\"}]}",
      "cast[1].name", "blank" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"cast\":[{\"name\":\"A\"},{\"name\":\"A\"},"
      "{\"name\":\"\\u200b\"}]}",
      "cast[2].name", "blank" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"crew\":[{\"name\":\"A\",\"job\":\"\"}]}",
      "crew[0].job", "length" },
    { "{\"kind\":\"series\",\"title\":\"x\",\"season_number\":1}", "season_number",
      "unknown_field" },
    { "{\"kind\":\"movie\",\"title\":\"x\",\"type\":\"movie\"}", "type", "unknown_field" },
    /* the others */
    { "{\"kind\":\"genre\"}", "name", "required" },
    { "{\"kind\":\"genre\",\"name\":\"Drama\",\"slug\":\"Dra ma\"}", "slug", "slug" },
    { "{\"kind\":\"genre\",\"name\":\"Drama\",\"slug\":\"01890a5d-ac96-774b-bcce-b302099a8057\"}",
      "slug", "slug" }, /* it would never be found by it */
    { "{\"kind\":\"genre\",\"name\":\"Drama\",\"title\":\"x\"}", "title", "unknown_field" },
    { "{\"kind\":\"person\"}", "name", "required" },
    { "{\"kind\":\"person\",\"name\":\"A\",\"born_on\":\"soon\"}", "born_on", "date" },
    { "{\"kind\":\"season\",\"series\":\"none-2000\",\"season_number\":1}", "series", "not_found" },
    { "{\"kind\":\"season\",\"season_number\":1}", "series", "required" },
    { "{\"kind\":\"season\",\"series\":\"x\"}", "season_number", "required" },
    { "{\"kind\":\"season\",\"series\":\"x\",\"season_number\":-1}", "season_number", "range" },
    { "{\"kind\":\"episode\",\"series\":\"x\",\"season_number\":1,\"title\":\"y\"}",
      "episode_number", "required" },
    { "{\"kind\":\"episode\",\"series\":\"none-2000\",\"season_number\":1,\"episode_number\":1,"
      "\"title\":\"y\"}",
      "series", "not_found" },
    /* the catalogue's form */
    { "{\"type\":\"movie\",\"title\":\"x\"}", "id", "required" },
    { "{\"id\":1,\"type\":\"film\",\"title\":\"x\"}", "type", "one_of" },
    { "{\"id\":1,\"type\":\"movie\"}", "title", "required" },
    { "{\"id\":\"1\",\"type\":\"movie\",\"title\":\"x\"}", "id", "type" },
    { "{\"id\":1,\"type\":\"movie\",\"title\":\"x\",\"year\":1700}", "year", "range" },
    { "{\"id\":1,\"type\":\"movie\",\"title\":\"x\",\"lang\":\"e\"}", "lang", "length" },
    { "{\"id\":1,\"type\":\"movie\",\"title\":\"x\",\"cast\":[{\"name\":\"A\"}]}", "cast[0]",
      "type" },
    { "{\"id\":1,\"type\":\"movie\",\"title\":\"x\",\"stars\":[]}", "stars", "unknown_field" },
    { "{\"id\":1,\"type\":\"movie\",\"title\":\"x\",\"votes\":-5}", "votes", "range" },
};

TEST_EACH(a_bad_line_is_refused_and_the_others_taken, sizeof bad / sizeof *bad)
{
    char text[2000];
    snprintf(text, sizeof text,
             "{\"kind\":\"movie\",\"title\":\"Before\"}\n\n%s\n"
             "{\"kind\":\"movie\",\"title\":\"After\"}\n",
             bad[_i].line);
    import_faulty(text, 3, bad[_i].field, bad[_i].rule);
    ck_assert_int_eq(total_of("movie.list"), 2);
}

TEST(all_faults_of_a_line_are_told_in_the_order_of_the_lines)
{
    importing m = { .text = "{\"kind\":\"movie\",\"title\":\"\",\"yaer\":1999,\"year\":1}\n"
                            "{\"kind\":\"movie\",\"title\":\"good\"}\n"
                            "{\"kind\":\"season\",\"series\":\"none\",\"season_number\":1}\n"
                            "{\"kind\":\"movie\",\"title\":7,\"status\":\"x\"}\n" };
    OK(import_run(&m, 0, NULL));
    ck_assert_int_eq(m.faults_told, 6);
    ck_assert_int_eq(m.counts.refused, 3);
    ck_assert_int_eq(m.counts.created, 1);
    static const int64_t lines[] = { 1, 1, 1, 3, 4, 4 };
    static const char *const fields[] = { "title", "year", "yaer", "series", "title", "status" };
    for (int i = 0; i < 6; i++) {
        ck_assert_int_eq(m.faults[i].line, lines[i]);
        ck_assert_str_eq(m.faults[i].field, fields[i]);
    }
    ck_assert_ptr_nonnull(strstr(m.faults[2].message, "did you mean year?"));
}

/* --- lines --- */

static const char three[] = "{\"kind\":\"movie\",\"title\":\"One\",\"year\":2001}\n"
                            "{\"kind\":\"movie\",\"title\":\"Two\",\"year\":2002}\n"
                            "{\"kind\":\"movie\",\"title\":\"Three\",\"year\":2003}";

TEST(a_mark_at_the_start_carriage_returns_and_blank_lines_are_tolerated)
{
    cinema_import_counts n =
        import_text("\xEF\xBB\xBF{\"kind\":\"movie\",\"title\":\"One\"}\r\n"
                    "\r\n   \t\n\n{\"kind\" : \"movie\", \"title\" : \"Two\"}\r\n");
    ck_assert_int_eq(n.created, 2);
    ck_assert_int_eq(n.lines, 5);
}

TEST(a_mark_elsewhere_is_refused)
{
    import_faulty("{\"kind\":\"movie\",\"title\":\"One\"}\n\xEF\xBB\xBF{\"kind\":\"movie\","
                  "\"title\":\"Two\"}\n",
                  2, "", "json");
}

TEST(the_last_line_needs_no_end)
{
    ck_assert_int_eq(import_text(three).created, 3);
}

TEST_EACH(pieces_of_any_size_are_put_together, 40)
{
    importing m = { .text = three, .piece = (size_t)_i + 1 };
    OK(import_run(&m, 0, NULL));
    ck_assert_int_eq(m.counts.created, 3);
    ck_assert_int_eq(m.counts.bytes, (int64_t)strlen(three));
}

TEST(an_empty_source_is_no_failure)
{
    static const char *const empty[] = { "", "\n", "\n\n\n", "\xEF\xBB\xBF" };
    for (size_t i = 0; i < 4; i++) {
        importing m = { .text = empty[i] };
        OK(import_run(&m, 0, NULL));
        ck_assert_int_eq(m.counts.created + m.counts.refused, 0);
        ck_assert_int_eq(m.counts.bytes, (int64_t)strlen(empty[i]));
    }
}

/* A line of n bytes between two good ones. */
static char *with_long_line(size_t n, size_t *length)
{
    static const char first[] = "{\"kind\":\"movie\",\"title\":\"One\"}\n";
    static const char head[] = "{\"kind\":\"movie\",\"title\":\"Two\",\"overview\":\"";
    static const char last[] = "\"}\n{\"kind\":\"movie\",\"title\":\"Three\"}\n";
    char *text = malloc(n + 1000);
    ck_assert_ptr_nonnull(text);
    memcpy(text, first, sizeof first - 1);
    size_t at = sizeof first - 1;
    memcpy(text + at, head, sizeof head - 1);
    memset(text + at + sizeof head - 1, 'x', n);
    memcpy(text + at + n - 2, last, sizeof last);
    *length = at + n - 2 + sizeof last - 1;
    return text;
}

TEST(a_line_of_more_than_a_mebibyte_is_passed_over)
{
    static const size_t sizes[] = { (1 << 20) + 1, 3 << 20 };
    for (size_t i = 0; i < 2; i++) {
        importing m = { .piece = 50000 };
        char *text = with_long_line(sizes[i], &m.length);
        m.text = text;
        OK(import_run(&m, 0, NULL));
        ck_assert_int_eq(m.faults_told, 1);
        ck_assert_int_eq(m.faults[0].line, 2);
        ck_assert_str_eq(m.faults[0].rule, "line_length");
        ck_assert_int_eq(m.counts.lines, 3);
        ck_assert_int_eq(m.counts.bytes, (int64_t)m.length);
        free(text);
    }
    ck_assert_int_eq(total_of("movie.list"), 2);
}

TEST(a_line_of_a_mebibyte_is_read)
{
    importing m = { 0 };
    char *text = with_long_line(1 << 20, &m.length);
    m.text = text;
    OK(import_run(&m, 0, NULL));
    ck_assert_int_eq(m.faults_told, 1);
    ck_assert_str_eq(m.faults[0].field, "overview");
    ck_assert_str_eq(m.faults[0].rule, "length");
    free(text);
}

TEST(a_nul_in_the_source_is_refused)
{
    static const char text[] = "{\"kind\":\"movie\",\"title\":\"a\0b\"}\n"
                               "{\"kind\":\"movie\",\"title\":\"x\"}\0\n";
    importing m = { .text = text, .length = sizeof text - 1 };
    OK(import_run(&m, 0, NULL));
    ck_assert_int_eq(m.counts.refused, 2);
    ck_assert_str_eq(m.faults[0].rule, "json");
}

/* --- the catalogue's form --- */

static const char catalogue[] =
    "{\"id\": 7, \"type\": \"movie\", \"title\": \"Metropolis\", \"year\": 1927, \"cast\": "
    "[\"Brigitte "
    "Helm\", \"Gustav Fr\xC3\xB6hlich\", \"Brigitte Helm\"], \"genres\": [\"Science Fiction\", "
    "\"Drama\"], \"plot\": \"A city.\", \"original_title\": \"\", \"votes\": 1500, \"lang\": "
    "\"de\", "
    "\"href\": \"Metropolis_(1927_film)\"}\n"
    "{\"id\": 8, \"type\": \"movie\", \"title\": \"Unknown\", \"year\": 0, \"cast\": [], "
    "\"genres\": "
    "[], \"plot\": \"\", \"original_title\": \"\", \"votes\": 0, \"lang\": \"\", \"href\": \"\"}\n"
    "{\"id\": 9, \"type\": \"series\", \"title\": \"Dark\", \"year\": 2017, \"cast\": [], "
    "\"genres\": "
    "[\"Drama\"], \"plot\": \"Four families.\", \"original_title\": \"\", \"votes\": 3, \"lang\": "
    "\"de\", \"href\": \"\"}\n";

TEST(a_line_of_the_catalogue_becomes_a_title)
{
    ck_assert_int_eq(import_text(catalogue).created, 3);
    cinema_movie *m = movie("catalogue:7");
    ck_assert_str_eq(m->slug, "metropolis-1927");
    ck_assert_str_eq(m->status, "published");
    ck_assert_str_eq(m->overview, "A city.");
    ck_assert_str_eq(m->language, "de");
    ck_assert_ptr_null(m->original_title);
    ck_assert_int_eq(m->popularity, 1500);
    ck_assert_uint_eq(m->genres.count, 2);
    ck_assert_str_eq(m->genres.items[0], "science-fiction");
    ck_assert_uint_eq(m->cast.count, 2); /* one of them stood twice */
    ck_assert_str_eq(m->cast.items[0]->name, "Brigitte Helm");
    ck_assert_ptr_null(m->cast.items[0]->character);
    ck_assert_str_eq(m->cast.items[1]->name, "Gustav Fr\xC3\xB6hlich");
    ck_assert_uint_eq(m->external_ids.count, 2);
    cinema_movie_free(m);
    m = movie("wikipedia:Metropolis_(1927_film)");
    cinema_movie_free(m);
}

TEST(empty_text_and_zero_mean_not_known)
{
    import_text(catalogue);
    cinema_movie *m = movie("catalogue:8");
    ck_assert_str_eq(m->slug, "unknown");
    ck_assert(m->year == CINEMA_ABSENT);
    ck_assert_ptr_null(m->overview);
    ck_assert_ptr_null(m->language);
    ck_assert_uint_eq(m->genres.count, 0);
    ck_assert_int_eq(m->popularity, 0);
    ck_assert_uint_eq(m->external_ids.count, 1);
    cinema_movie_free(m);
}

TEST(a_series_of_the_catalogue_is_a_series)
{
    cinema_series *s = NULL;
    import_text(catalogue);
    OK(cinema_series_get(c, "catalogue:9", NULL, &s, &err));
    ck_assert_str_eq(s->kind, "series");
    ck_assert_uint_eq(s->cast.count, 0);
    cinema_series_free(s);
}

TEST(an_article_that_several_name_belongs_to_the_first)
{
    static const char rows[] = "{\"id\":1,\"type\":\"movie\",\"title\":\"A\",\"href\":\"Same\"}\n"
                               "{\"id\":2,\"type\":\"movie\",\"title\":\"B\",\"href\":\"Same\"}\n"
                               "{\"id\":3,\"type\":\"movie\",\"title\":\"A\",\"href\":\"Same\"}\n";
    for (int64_t batch = 1; batch <= 4; batch++) { /* the first makes them, the others repeat it */
        importing m = { .text = rows };
        OK(import_run(&m, batch, NULL));
        ck_assert_int_eq(m.counts.created, batch == 1 ? 3 : 0);
        ck_assert_int_eq(m.counts.unchanged, batch == 1 ? 0 : 3);
        ck_assert_int_eq(m.counts.warnings, 2);
        ck_assert_int_eq(m.faults_told, 2);
        ck_assert(m.faults[0].warning && m.faults[1].warning);
        ck_assert_int_eq(m.faults[0].line, 2);
        ck_assert_str_eq(m.faults[0].field, "href");
        ck_assert_str_eq(m.faults[0].rule, "external_id_taken");
    }
    cinema_movie *first = movie("wikipedia:Same");
    ck_assert_str_eq(first->title, "A");
    ck_assert_str_eq(first->external_ids.items[0].value, "1");
    cinema_movie_free(first);
    ck_assert_int_eq(total_of("movie.list"), 3);
}

TEST(a_number_of_the_catalogue_keeps_its_kind)
{
    import_text(catalogue);
    import_faulty("{\"id\":7,\"type\":\"series\",\"title\":\"Metropolis\"}\n", 1, "id", "kind");
}

TEST(an_article_name_that_is_too_long_is_left_out)
{
    char text[600], name[301];
    memset(name, 'n', 300);
    name[300] = '\0';
    snprintf(text, sizeof text, "{\"id\":1,\"type\":\"movie\",\"title\":\"A\",\"href\":\"%s\"}\n",
             name);
    importing m = { .text = text };
    OK(import_run(&m, 0, NULL));
    ck_assert_int_eq(m.counts.created, 1);
    ck_assert_int_eq(m.counts.warnings, 1);
    ck_assert_str_eq(m.faults[0].field, "href");
}

TEST(both_forms_may_stand_in_one_file)
{
    char text[4000];
    snprintf(text, sizeof text, "%s%s", catalogue, three);
    ck_assert_int_eq(import_text(text).created, 6);
}
