/* import_test.c - what an import makes of good lines: new titles, changed ones, the same again.
 */
#include "import/import_help.h"

#include <stdlib.h>

FIXTURE(import_start, import_stop)

/* --- the sample --- */

TEST(the_sample_goes_in_whole_and_repeats_without_doubles)
{
    size_t n;
    char *text = file_text(sample_path(), &n);
    cinema_import_counts first = import_text(text);
    ck_assert_int_eq(first.created, 70);
    ck_assert_int_eq(first.lines, 70);
    ck_assert_int_eq(first.updated + first.unchanged + first.warnings, 0);
    int64_t movies = total_of("movie.list"), people = total_of("person.list");
    cinema_import_counts again = import_text(text);
    ck_assert_int_eq(again.unchanged, 70);
    ck_assert_int_eq(again.created + again.updated, 0);
    ck_assert_int_eq(total_of("movie.list"), movies);
    ck_assert_int_eq(total_of("person.list"), people);
    ck_assert_int_eq(total_of("genre.list"), 19);
    ck_assert_int_eq(total_of("series.list"), 2);
    cinema_movie *m = movie("imdb:tt0041959");
    ck_assert_str_eq(m->slug, "the-third-man-1949");
    ck_assert_int_eq(m->revision, 1); /* the same is no change */
    cinema_movie_free(m);
    free(text);
}

TEST_EACH(batches_of_any_size_come_to_the_same, 4)
{
    static const int64_t sizes[] = { 1, 2, 7, 5000 };
    importing m = { 0 };
    char *text = file_text(sample_path(), &m.length);
    m.text = text;
    OK(import_run(&m, sizes[_i], NULL));
    ck_assert_int_eq(m.counts.created, 70);
    ck_assert_int_eq(m.faults_told, 0);
    ck_assert_int_eq(m.batches, (int)((70 + sizes[_i] - 1) / sizes[_i]));
    ck_assert_int_eq(m.last_progress.created, 70);
    ck_assert_int_eq(m.last_progress.bytes, (int64_t)m.length);
    free(text);
}

/* --- a whole film --- */

static const char ran[] =
    "{\"kind\":\"movie\",\"title\":\"Ran\",\"original_title\":\"\xE4\xB9\xB1\",\"year\":1985,"
    "\"released_on\":\"1985-05-31\",\"runtime_minutes\":162,\"overview\":\"A lord\\ndivides his "
    "land."
    "\",\"language\":\"ja\",\"status\":\"draft\",\"genres\":[\"Drama\",\"War\",\"drama\"],"
    "\"external_ids\":{\"imdb\":\"tt0089881\",\"tmdb\":\"11645\"},\"popularity\":77,\"poster_url\":"
    "\"https://example.org/ran.jpg\",\"cast\":[{\"name\":\"Tatsuya Nakadai\",\"character\":"
    "\"Hidetora\"},{\"name\":\"Akira Terao\"}],\"crew\":[{\"name\":\"Akira "
    "Kurosawa\",\"department\":"
    "\"Directing\",\"job\":\"Director\"},{\"name\":\"Akira Kurosawa\",\"department\":\"Writing\","
    "\"job\":\"Screenplay\"}]}\n";

TEST(every_member_of_a_line_arrives)
{
    import_text(ran);
    cinema_movie *m = movie("ran-1985");
    ck_assert_str_eq(m->title, "Ran");
    ck_assert_str_eq(m->original_title, "\xE4\xB9\xB1");
    ck_assert_int_eq(m->year, 1985);
    ck_assert_str_eq(m->released_on, "1985-05-31");
    ck_assert_int_eq(m->runtime_minutes, 162);
    ck_assert_str_eq(m->overview, "A lord\ndivides his land.");
    ck_assert_str_eq(m->language, "ja");
    ck_assert_str_eq(m->status, "draft");
    ck_assert_int_eq(m->popularity, 77);
    ck_assert_str_eq(m->poster_url, "https://example.org/ran.jpg");
    ck_assert_uint_eq(m->genres.count, 2);
    ck_assert_str_eq(m->genres.items[0], "drama");
    ck_assert_str_eq(m->genres.items[1], "war");
    ck_assert_uint_eq(m->external_ids.count, 2);
    ck_assert_uint_eq(m->cast.count, 2);
    ck_assert_str_eq(m->cast.items[0]->name, "Tatsuya Nakadai");
    ck_assert_str_eq(m->cast.items[0]->character, "Hidetora");
    ck_assert_uint_eq(m->crew.count, 2);
    ck_assert_str_eq(m->crew.items[1]->department, "Writing");
    ck_assert_str_eq(m->crew.items[1]->job, "Screenplay");
    ck_assert_str_eq(m->crew.items[0]->person_id, m->crew.items[1]->person_id);
    ck_assert_int_eq(m->revision, 1);
    ck_assert_int_gt(m->created_at, 1600000000000);
    cinema_movie_free(m);
}

TEST(text_is_stored_in_normal_form)
{
    import_text("{\"kind\":\"movie\",\"title\":\"Ame\xCC\x81lie\",\"year\":2001}\n");
    ck_assert_int_eq(
        import_text("{\"kind\":\"movie\",\"title\":\"Am\xC3\xA9lie\",\"year\":2001}\n").unchanged,
        1);
    cinema_movie *m = movie("amelie-2001");
    ck_assert_str_eq(m->title, "Am\xC3\xA9lie");
    cinema_movie_free(m);
}

TEST_EACH(the_status_of_a_line_comes_before_that_of_the_import, 3)
{
    static const char *const given[] = { NULL, "draft", "archived" };
    static const char *const got[] = { "published", "draft", "archived" };
    importing m = { .text = "{\"kind\":\"movie\",\"title\":\"A\"}\n"
                            "{\"kind\":\"movie\",\"title\":\"B\",\"status\":\"draft\"}\n" };
    OK(import_run(&m, 0, given[_i]));
    cinema_movie *a = movie("a"), *b = movie("b");
    ck_assert_str_eq(a->status, got[_i]);
    ck_assert_str_eq(b->status, "draft");
    cinema_movie_free(a);
    cinema_movie_free(b);
}

TEST(null_members_are_as_good_as_absent)
{
    import_text(
        "{\"kind\":\"movie\",\"title\":\"A\",\"year\":null,\"genres\":null,\"cast\":null}\n");
    cinema_movie *m = movie("a");
    ck_assert(m->year == CINEMA_ABSENT);
    cinema_movie_free(m);
}

/* --- what is there already --- */

TEST(a_difference_is_an_update_and_one_revision)
{
    static const char *const changes[] = {
        "\"title\":\"Ran!\"",
        "\"original_title\":\"Chaos\"",
        "\"year\":1986",
        "\"released_on\":\"1985\"",
        "\"runtime_minutes\":160",
        "\"overview\":\"Another.\"",
        "\"language\":\"en\"",
        "\"status\":\"published\"",
        "\"genres\":[\"War\",\"Drama\"]",
        "\"genres\":[]",
        "\"external_ids\":{\"imdb\":\"tt0089881\",\"wikidata\":\"Q1\"}",
        "\"popularity\":78",
        "\"poster_url\":\"https://example.org/2.jpg\"",
        "\"cast\":[{\"name\":\"Akira Terao\"}]",
        "\"cast\":[]",
        "\"crew\":[]",
        "\"cast\":[{\"name\":\"T. Nakadai\",\"character\":\"Hidetora\"},{\"name\":\"New\"}]",
    };
    int64_t revision = 1;
    import_text(ran);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++, revision++) {
        char text[1000];
        bool ids = strstr(changes[i], "external_ids"),
             titled = strstr(changes[i], "title\":\"Ran!");
        snprintf(text, sizeof text, "{\"kind\":\"movie\"%s%s,%s}\n",
                 titled ? "" : ",\"title\":\"Ran!\"",
                 ids ? "" : ",\"external_ids\":{\"imdb\":\"tt0089881\"}", changes[i]);
        cinema_import_counts n = import_text(text);
        ck_assert_msg(n.updated == 1 && !n.created, "%s", changes[i]);
        n = import_text(text);
        ck_assert_msg(n.unchanged == 1 && !n.updated, "%s again", changes[i]);
    }
    cinema_movie *m = movie("imdb:tt0089881");
    ck_assert_int_eq(m->revision, revision);
    ck_assert_str_eq(m->slug, "ran-1986");
    ck_assert_uint_eq(m->external_ids.count, 3); /* those that the line does not name stay */
    ck_assert_uint_eq(m->cast.count, 2);
    ck_assert_uint_eq(m->crew.count, 0);
    cinema_movie_free(m);
    m = movie("ran-1985"); /* its old name still leads to it */
    cinema_movie_free(m);
}

TEST(what_a_line_does_not_say_is_left_alone)
{
    import_text(ran);
    cinema_import_counts n = import_text("{\"kind\":\"movie\",\"title\":\"Ran\",\"year\":1985}\n");
    ck_assert_int_eq(n.unchanged, 1);
    cinema_movie *m = movie("ran-1985");
    ck_assert_str_eq(m->status, "draft");
    ck_assert_int_eq(m->runtime_minutes, 162);
    ck_assert_uint_eq(m->cast.count, 2);
    ck_assert_int_eq(m->revision, 1);
    cinema_movie_free(m);
}

TEST(a_film_without_external_ids_is_known_by_title_and_year)
{
    import_text("{\"kind\":\"movie\",\"title\":\"Ran\",\"year\":1985}\n");
    cinema_import_counts n = import_text(ran); /* brings ids */
    ck_assert_int_eq(n.updated, 1);
    ck_assert_int_eq(n.created, 0);
    n = import_text("{\"kind\":\"movie\",\"title\":\"Ran\",\"year\":1984}\n"
                    "{\"kind\":\"movie\",\"title\":\"Ran\"}\n"
                    "{\"kind\":\"series\",\"title\":\"Ran\",\"year\":1985}\n"
                    "{\"kind\":\"movie\",\"title\":\"ran\",\"year\":1985}\n");
    ck_assert_int_eq(n.created, 4); /* others */
}

static const char twins[] =
    "{\"kind\":\"movie\",\"title\":\"Twin\",\"year\":2000,\"external_ids\":{\"imdb\":\"tt1\"}}\n"
    "{\"kind\":\"movie\",\"title\":\"Twin\",\"year\":2000,\"external_ids\":{\"imdb\":\"tt2\"}}\n"
    "{\"kind\":\"movie\",\"title\":\"Twin\",\"year\":2000,\"external_ids\":{\"imdb\":\"tt3\"}}\n";

TEST(titles_told_apart_by_external_ids_stay_apart)
{
    ck_assert_int_eq(import_text(twins).created, 3);
    ck_assert_int_eq(import_text(twins).unchanged, 3);
    cinema_movie *m = movie("twin-2000-3");
    ck_assert_str_eq(m->external_ids.items[0].value, "tt3");
    cinema_movie_free(m);
}

TEST(which_of_several_is_meant_must_be_said)
{
    import_text(twins);
    import_faulty("{\"kind\":\"movie\",\"title\":\"Twin\",\"year\":2000}\n", 1, "title",
                  "ambiguous");
}

TEST_EACH(lines_that_mean_one_title_come_to_one, 3)
{
    static const int64_t sizes[] = { 500, 1, 2 };
    importing m = {
        .text = "{\"kind\":\"movie\",\"title\":\"One\",\"year\":2000}\n"
                "{\"kind\":\"movie\",\"title\":\"One\",\"year\":2000,\"overview\":\"Second.\"}\n"
                "{\"kind\":\"movie\",\"title\":\"Two\",\"external_ids\":{\"imdb\":\"tt9\"}}\n"
                "{\"kind\":\"movie\",\"title\":\"Too\",\"external_ids\":{\"imdb\":\"tt9\"}}\n"
                "{\"kind\":\"movie\",\"title\":\"One\",\"year\":2000,\"external_ids\":{\"imdb\":"
                "\"tt8\"}}\n"
                "{\"kind\":\"movie\",\"title\":\"One\",\"year\":2000,\"external_ids\":{\"imdb\":"
                "\"tt8\"}}\n"
    };
    OK(import_run(&m, sizes[_i], NULL));
    ck_assert_int_eq(m.faults_told, 0);
    ck_assert_int_eq(m.counts.created, 2);
    ck_assert_int_eq(m.counts.updated, 3);
    ck_assert_int_eq(m.counts.unchanged, 1);
    cinema_movie *one = movie("imdb:tt8"), *two = movie("imdb:tt9");
    ck_assert_str_eq(one->overview, "Second.");
    ck_assert_str_eq(one->slug, "one-2000");
    ck_assert_str_eq(two->title, "Too");
    cinema_movie_free(one);
    cinema_movie_free(two);
    ck_assert_int_eq(total_of("movie.list"), 2);
}

TEST_EACH(a_line_meets_what_one_before_it_has_renamed, 2)
{
    importing m = { .text = "{\"kind\":\"movie\",\"title\":\"New\",\"external_ids\":{\"imdb\":"
                            "\"tt1\"}}\n"
                            "{\"kind\":\"movie\",\"title\":\"New\",\"overview\":\"x\"}\n" };
    import_text("{\"kind\":\"movie\",\"title\":\"Old\",\"external_ids\":{\"imdb\":\"tt1\"}}\n");
    OK(import_run(&m, _i + 1, NULL));
    ck_assert_int_eq(m.counts.updated, 2);
    ck_assert_int_eq(total_of("movie.list"), 1);
}

TEST(external_ids_of_two_titles_do_not_go_together)
{
    import_text("{\"kind\":\"movie\",\"title\":\"A\",\"external_ids\":{\"imdb\":\"tt1\"}}\n"
                "{\"kind\":\"movie\",\"title\":\"B\",\"external_ids\":{\"tmdb\":\"2\"}}\n");
    import_faulty("{\"kind\":\"movie\",\"title\":\"A\",\"external_ids\":{\"imdb\":\"tt1\",\"tmdb\":"
                  "\"2\"}}\n",
                  1, "external_ids.tmdb", "external_id_taken");
}

TEST(an_external_id_of_another_kind_is_refused)
{
    import_text("{\"kind\":\"movie\",\"title\":\"A\",\"external_ids\":{\"imdb\":\"tt1\"}}\n");
    import_faulty("{\"kind\":\"series\",\"title\":\"A\",\"external_ids\":{\"imdb\":\"tt1\"}}\n", 1,
                  "external_ids.imdb", "kind");
}

/* --- options --- */

TEST(options_that_are_no_good_are_refused_and_counts_are_set)
{
    cinema_import_counts n = { .lines = 7 };
    cinema_import_input in = { .status = "draft" };
    GIVES(CINEMA_INVALID, cinema_import(c, &in, &n, &err));
    ck_assert_str_eq(err.field, "read");
    ck_assert_int_eq(n.lines, 0);
    importing m = { .text = ran };
    GIVES(CINEMA_INVALID, import_run(&m, 0, "secret"));
    ck_assert_str_eq(err.field, "status");
    GIVES(CINEMA_INVALID, import_run(&m, 5001, NULL));
    ck_assert_str_eq(err.field, "batch");
    GIVES(CINEMA_INVALID, import_run(&m, -1, NULL));
    ck_assert_int_eq(m.counts.lines, 0);
    ck_assert_uint_eq(m.at, 0);
}

/* A line with `count` external ids, the first of them s`from`. */
static const char *with_ids(const char *start, int from, int count)
{
    static char text[2000];
    int n = snprintf(text, sizeof text, "%s,\"external_ids\":{", start);
    for (int i = from; i < from + count; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%s\"s%d\":\"%d\"", i > from ? "," : "", i,
                      i);
    snprintf(text + n, sizeof text - (size_t)n, "}}\n");
    return text;
}

static const char *const with_many_ids[] = { "{\"kind\":\"movie\",\"title\":\"Ran\"",
                                             "{\"kind\":\"person\",\"name\":\"Ida\"" };

TEST_EACH(nobody_gets_more_external_ids_by_and_by_than_at_once, 2)
{
    const char *start = with_many_ids[_i];
    ck_assert_int_eq(import_text(with_ids(start, 1, 15)).created, 1);
    import_faulty(with_ids(start, 10, 12), 1, "external_ids", "items");
    ck_assert_int_eq(import_text(with_ids(start, 10, 11)).updated, 1);
}
