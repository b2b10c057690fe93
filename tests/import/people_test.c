/* people_test.c - people and genres that an import meets.
 */
#include "import/import_help.h"

FIXTURE(import_start, import_stop)

/* --- people --- */

TEST(people_of_one_name_are_one_person)
{
    import_text("{\"kind\":\"movie\",\"title\":\"A\",\"cast\":[{\"name\":\"Pen\xC3\xA9lope "
                "Cruz\"}]}\n"
                "{\"kind\":\"movie\",\"title\":\"B\",\"cast\":[{\"name\":\"PENELOPE CRUZ\"}],"
                "\"crew\":[{\"name\":\"Penelope  Cruz\",\"job\":\"Producer\"}]}\n");
    import_text("{\"kind\":\"movie\",\"title\":\"C\",\"cast\":[{\"name\":\"Penelope Cruz\"}]}\n");
    ck_assert_int_eq(total_of("person.list"), 1);
    cinema_movie *m = movie("c");
    ck_assert_str_eq(m->cast.items[0]->name, "Pen\xC3\xA9lope Cruz");
    ck_assert_str_eq(m->cast.items[0]->slug, "penelope-cruz");
    cinema_movie_free(m);
}

TEST(people_told_apart_by_external_ids_stay_apart)
{
    static const char people[] =
        "{\"kind\":\"person\",\"name\":\"Steve McQueen\",\"born_on\":\"1930-03-24\","
        "\"external_ids\":{\"imdb\":\"nm0000537\"}}\n"
        "{\"kind\":\"person\",\"name\":\"Steve McQueen\",\"born_on\":\"1969-10-09\","
        "\"external_ids\":{\"imdb\":\"nm2588606\"}}\n";
    ck_assert_int_eq(import_text(people).created, 2);
    ck_assert_int_eq(import_text(people).unchanged, 2);
    cinema_person *p = NULL;
    OK(cinema_person_get(c, "imdb:nm2588606", NULL, &p, &err));
    ck_assert_str_eq(p->slug, "steve-mcqueen-2");
    ck_assert_str_eq(p->born_on, "1969-10-09");
    cinema_person_free(p);
}

TEST(a_person_known_from_a_cast_gets_what_a_line_adds)
{
    import_text("{\"kind\":\"movie\",\"title\":\"Ran\",\"cast\":[{\"name\":\"Tatsuya Nakadai\"},"
                "{\"name\":\"Akira Terao\"}],\"crew\":[{\"name\":\"Akira Kurosawa\"}]}\n");
    cinema_import_counts n = import_text(
        "{\"kind\":\"person\",\"name\":\"Akira Kurosawa\",\"born_on\":\"1910-03-23\",\"biography\":"
        "\"A director.\",\"external_ids\":{\"imdb\":\"nm0000041\"}}\n"
        "{\"kind\":\"person\",\"name\":\"Akira Kurosawa\",\"died_on\":\"1998-09-06\"}\n"
        "{\"kind\":\"person\",\"name\":\"Kurosawa Akira\",\"external_ids\":{\"imdb\":"
        "\"nm0000041\"}}\n");
    ck_assert_int_eq(n.updated, 3);
    ck_assert_int_eq(total_of("person.list"), 3);
    cinema_person *p = NULL;
    OK(cinema_person_get(c, "imdb:nm0000041", NULL, &p, &err));
    ck_assert_str_eq(p->name, "Kurosawa Akira");
    ck_assert_str_eq(p->slug, "akira-kurosawa");
    ck_assert_str_eq(p->born_on, "1910-03-23");
    ck_assert_str_eq(p->died_on, "1998-09-06");
    ck_assert_str_eq(p->biography, "A director.");
    cinema_person_free(p);
}

TEST(a_person_with_another_id_of_the_same_source_is_another)
{
    import_text("{\"kind\":\"person\",\"name\":\"A B\",\"external_ids\":{\"imdb\":\"nm1\"}}\n");
    ck_assert_int_eq(
        import_text("{\"kind\":\"person\",\"name\":\"A B\",\"external_ids\":{\"imdb\":\"nm2\"}}\n")
            .created,
        1);
    ck_assert_int_eq(
        import_text("{\"kind\":\"person\",\"name\":\"A B\",\"external_ids\":{\"tmdb\":\"3\"}}\n")
            .updated,
        1);
    import_faulty(
        "{\"kind\":\"person\",\"name\":\"A B\",\"external_ids\":{\"imdb\":\"nm2\",\"tmdb\":"
        "\"3\"}}\n",
        1, "external_ids", "external_id_taken");
}

TEST(a_name_in_a_cast_means_the_person_entered_first)
{
    import_text("{\"kind\":\"person\",\"name\":\"A B\",\"external_ids\":{\"imdb\":\"nm1\"}}\n");
    import_text("{\"kind\":\"person\",\"name\":\"A B\",\"external_ids\":{\"imdb\":\"nm2\"}}\n"
                "{\"kind\":\"movie\",\"title\":\"C\",\"cast\":[{\"name\":\"A B\"}]}\n");
    cinema_movie *m = movie("c");
    ck_assert_str_eq(m->cast.items[0]->slug, "a-b"); /* not a-b-2 of the line before */
    cinema_movie_free(m);
}

/* --- genres --- */

TEST(genres_are_known_by_name_and_made_when_missing)
{
    import_text(
        "{\"kind\":\"genre\",\"name\":\"Science fiction\",\"slug\":\"sci-fi\"}\n"
        "{\"kind\":\"movie\",\"title\":\"A\",\"genres\":[\"SCIENCE-FICTION\",\"New Wave\"]}\n"
        "{\"kind\":\"movie\",\"title\":\"B\",\"genres\":[\"new wave\"]}\n");
    ck_assert_int_eq(total_of("genre.list"), 2);
    cinema_movie *m = movie("a");
    ck_assert_str_eq(m->genres.items[0], "sci-fi");
    ck_assert_str_eq(m->genres.items[1], "new-wave");
    cinema_movie_free(m);
}

TEST(a_genre_line_renames_the_genre_of_its_slug)
{
    import_text("{\"kind\":\"genre\",\"name\":\"Sci-fi\",\"slug\":\"science-fiction\"}\n");
    cinema_import_counts n = import_text(
        "{\"kind\":\"genre\",\"name\":\"Science fiction\",\"slug\":\"science-fiction\"}\n"
        "{\"kind\":\"genre\",\"name\":\"Drama\"}\n{\"kind\":\"genre\",\"name\":\"drama\"}\n");
    ck_assert_int_eq(n.updated, 1);
    ck_assert_int_eq(n.created, 1);
    ck_assert_int_eq(n.unchanged, 1);
    cinema_genre *g = NULL;
    OK(cinema_genre_get(c, "science-fiction", NULL, &g, &err));
    ck_assert_str_eq(g->name, "Science fiction");
    cinema_genre_free(g);
}

TEST(genres_whose_names_are_only_signs_are_told_apart)
{
    import_text("{\"kind\":\"movie\",\"title\":\"A\",\"genres\":[\"???\",\"!!!\",\"???\"]}\n");
    ck_assert_int_eq(total_of("genre.list"), 2);
}
