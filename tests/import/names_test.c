/* names_test.c - lines that say id or slug, as exports do: what they mean in a catalogue that has
 * things of its own.
 */
#include "import/import_help.h"

#include <stdlib.h>

FIXTURE(import_start, import_stop)

#define ID(n) "01890000-0000-7000-8000-00000000000" #n

static void is_title(const char *name, const char *title)
{
    cinema_movie *m = movie(name);
    ck_assert_str_eq(m->title, title);
    cinema_movie_free(m);
}

/* One warning, and what it must be. */
static void warned(const char *text, const char *field, const char *rule)
{
    importing m = { .text = text };
    OK(import_run(&m, 0, NULL));
    import_show(&m);
    ck_assert_int_eq(m.faults_told, 1);
    ck_assert(m.faults[0].warning);
    ck_assert_str_eq(m.faults[0].field, field);
    ck_assert_str_eq(m.faults[0].rule, rule);
}

/* --- titles --- */

TEST(a_new_title_gets_the_id_and_slug_of_its_line)
{
    import_text(
        "{\"kind\":\"movie\",\"id\":\"" ID(1) "\",\"slug\":\"chaos\",\"old_slugs\":"
                                              "[\"uproar\"],\"title\":\"Ran\",\"year\":1985}\n");
    is_title("chaos", "Ran");
    is_title("uproar", "Ran");
    is_title(ID(1), "Ran");
}

TEST(an_id_says_which_title_it_is_whatever_it_is_called)
{
    import_text("{\"kind\":\"movie\",\"id\":\"" ID(1) "\",\"title\":\"Ran\",\"year\":1985}\n");
    cinema_import_counts n = import_text(
        "{\"kind\":\"movie\",\"id\":\"" ID(1) "\",\"slug\":"
                                              "\"other\",\"title\":\"Chaos\",\"year\":1986}\n");
    ck_assert_int_eq(n.updated, 1);
    is_title(ID(1), "Chaos");
    is_title("chaos-1986", "Chaos");
}

TEST(a_slug_says_which_title_it_is_where_the_id_is_new)
{
    import_text("{\"kind\":\"movie\",\"title\":\"Ran\",\"year\":1985}\n");
    cinema_import_counts n = import_text(
        "{\"kind\":\"movie\",\"id\":\"" ID(1) "\",\"slug\":\"ran-1985\",\"title\":"
                                              "\"Ran\",\"year\":1985,\"runtime_minutes\":162}\n");
    ck_assert_int_eq(n.updated, 1);
    ck_assert_int_eq(total_of("movie.list"), 1);
}

TEST_EACH(the_name_says_nothing_where_there_is_an_id, 2)
{
    importing m = { .text = "{\"kind\":\"movie\",\"id\":\"" ID(
                        1) "\",\"title\":\"Ran\"}\n"
                           "{\"kind\":\"movie\",\"id\":\"" ID(2) "\",\"title\":\"Ran\"}\n" };
    OK(import_run(&m, _i ? 1 : 500, NULL));
    ck_assert_int_eq(m.faults_told, 0);
    ck_assert_int_eq(total_of("movie.list"), 2);
}

TEST_EACH(a_line_that_names_an_earlier_one_by_slug_waits_for_it, 2)
{
    importing m = { .text =
                        "{\"kind\":\"movie\",\"title\":\"Ran\",\"year\":1985}\n"
                        "{\"kind\":\"movie\",\"slug\":\"ran-1985\",\"title\":\"Ran!\"}\n"
                        "{\"kind\":\"movie\",\"id\":\"" ID(1) "\",\"title\":\"Dreams\"}\n"
                                                              "{\"kind\":\"movie\",\"id\":\"" ID(
                                                                  1) "\",\"title\":\"Yume\"}\n" };
    OK(import_run(&m, _i ? 1 : 500, NULL));
    ck_assert_int_eq(m.faults_told, 0);
    ck_assert_int_eq(m.counts.created, 2);
    ck_assert_int_eq(m.counts.updated, 2);
    is_title(ID(1), "Yume");
}

TEST(a_slug_that_another_title_has_is_made_anew_and_told)
{
    import_text("{\"kind\":\"movie\",\"title\":\"Ran\",\"year\":1985,\"external_ids\":{\"imdb\":"
                "\"tt1\"}}\n");
    warned("{\"kind\":\"movie\",\"slug\":\"ran-1985\",\"title\":\"Ran\",\"year\":1985,"
           "\"external_ids\":{\"imdb\":\"tt2\"}}\n",
           "slug", "slug_taken");
    cinema_movie *m = movie("imdb:tt2");
    ck_assert_str_eq(m->slug, "ran-1985-2");
    cinema_movie_free(m);
}

TEST(an_id_of_something_else_refuses_the_line)
{
    import_text("{\"kind\":\"series\",\"id\":\"" ID(
        1) "\",\"slug\":\"dark\",\"title\":\"Dark\"}\n"
           "{\"kind\":\"season\",\"series\":\"dark\",\"season_number\":1}\n"
           "{\"kind\":\"episode\",\"id\":\"" ID(2) "\",\"series\":\"dark\",\"season_number\":1,"
                                                   "\"episode_number\":1,\"title\":\"Secrets\"}\n");
    import_faulty("{\"kind\":\"movie\",\"id\":\"" ID(1) "\",\"title\":\"Dark\"}\n", 1, "id",
                  "kind");
    import_faulty(
        "{\"kind\":\"episode\",\"id\":\"" ID(2) "\",\"series\":\"dark\",\"season_number\":"
                                                "1,\"episode_number\":2,\"title\":\"Secrets\"}\n",
        1, "id", "place");
    import_text("{\"kind\":\"season\",\"id\":\"" ID(3) "\",\"series\":\"dark\","
                                                       "\"season_number\":2}\n");
    import_faulty("{\"kind\":\"season\",\"id\":\"" ID(3) "\",\"series\":\"dark\","
                                                         "\"season_number\":3}\n",
                  1, "id", "place");
}

/* --- people --- */

TEST(a_credit_may_say_whose_slug_it_means)
{
    static const char lines[] =
        "{\"kind\":\"person\",\"name\":\"Steve McQueen\"}\n"
        "{\"kind\":\"person\",\"name\":\"Steve McQueen\",\"slug\":\"mcqueen-director\"}\n"
        "{\"kind\":\"movie\",\"title\":\"Shame\",\"crew\":[{\"name\":\"Steve McQueen\",\"person\":"
        "\"mcqueen-director\"}]}\n"
        "{\"kind\":\"movie\",\"title\":\"Bullitt\",\"cast\":[{\"name\":\"Steve McQueen\"}]}\n";
    import_text(lines);
    cinema_movie *m = movie("shame");
    ck_assert_str_eq(m->crew.items[0]->slug, "mcqueen-director");
    cinema_movie_free(m);
    m = movie("bullitt");
    ck_assert_str_eq(m->cast.items[0]->slug, "steve-mcqueen");
    cinema_movie_free(m);
    ck_assert_int_eq(import_text(lines).unchanged, 4);
}

TEST(whoever_is_not_there_is_made_with_the_slug)
{
    static const char line[] =
        "{\"kind\":\"movie\",\"title\":\"Shame\",\"crew\":[{\"name\":\"Steve "
        "McQueen\",\"person\":\"mcqueen\"}]}\n";
    import_text(line);
    cinema_movie *m = movie("shame");
    ck_assert_str_eq(m->crew.items[0]->slug, "mcqueen");
    cinema_movie_free(m);
    ck_assert_int_eq(import_text(line).unchanged, 1);
}

TEST(a_slug_that_somebody_else_has_means_the_name)
{
    static const char line[] =
        "{\"kind\":\"movie\",\"title\":\"Shame\",\"crew\":[{\"name\":\"Steve "
        "McQueen\",\"person\":\"mcqueen\"}]}\n";
    import_text("{\"kind\":\"person\",\"name\":\"Paul McQueen\",\"slug\":\"mcqueen\"}\n");
    import_text(line);
    import_text(line);
    ck_assert_int_eq(total_of("person.list"), 2);
    cinema_movie *m = movie("shame");
    ck_assert_str_eq(m->crew.items[0]->name, "Steve McQueen");
    cinema_movie_free(m);
}

TEST(a_person_is_known_by_id_or_slug)
{
    import_text("{\"kind\":\"person\",\"id\":\"" ID(1) "\",\"slug\":\"ak\",\"name\":\"Akira "
                                                       "Kurosawa\"}\n");
    cinema_import_counts n = import_text("{\"kind\":\"person\",\"id\":\"" ID(
        1) "\",\"name\":\"Kurosawa\"}\n"
           "{\"kind\":\"person\",\"id\":\"" ID(
               2) "\",\"slug\":\"ak\",\"name\":\"A. Kurosawa\"}\n"
                  "{\"kind\":\"person\",\"id\":\"" ID(
                      3) "\",\"slug\":\"ak2\",\"name\":\"A. Kurosawa\"}\n");
    ck_assert_int_eq(n.updated, 2);
    ck_assert_int_eq(n.created, 1);
}

/* --- genres --- */

TEST(a_genre_is_known_by_id_or_slug_and_titles_may_say_its_slug)
{
    import_text("{\"kind\":\"genre\",\"id\":\"" ID(
        1) "\",\"slug\":\"sf\",\"name\":\"Sci-fi\"}\n"
           "{\"kind\":\"movie\",\"title\":\"A\",\"genres\":[\"sf\"]}\n");
    cinema_import_counts n = import_text("{\"kind\":\"genre\",\"id\":\"" ID(
        1) "\",\"name\":\"Science fiction\"}\n"
           "{\"kind\":\"genre\",\"id\":\"" ID(2) "\",\"name\":\"Science fiction\"}\n");
    ck_assert_int_eq(n.updated, 1);
    ck_assert_int_eq(n.created, 1);
    ck_assert_int_eq(total_of("genre.list"), 2);
}

/* --- what is no good --- */

static const struct {
    const char *text, *field, *rule;
} faulty[] = {
    { "{\"kind\":\"movie\",\"title\":\"A\",\"id\":\"7\"}\n", "id", "uuid" },
    { "{\"kind\":\"movie\",\"title\":\"A\",\"slug\":\"A b\"}\n", "slug", "slug" },
    { "{\"kind\":\"movie\",\"title\":\"A\",\"slug\":\"" ID(1) "\"}\n", "slug", "slug" },
    { "{\"kind\":\"movie\",\"title\":\"A\",\"old_slugs\":[\"a\",\"B\"]}\n", "old_slugs[1]",
      "slug" },
    { "{\"kind\":\"movie\",\"title\":\"A\",\"cast\":[{\"name\":\"B\",\"person\":\"B\"}]}\n",
      "cast[0].person", "slug" },
};

TEST_EACH(an_id_or_slug_that_is_none_refuses_the_line, 5)
{
    import_faulty(faulty[_i].text, 1, faulty[_i].field, faulty[_i].rule);
}
