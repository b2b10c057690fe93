/* seasons_test.c - series with their seasons and episodes.
 */
#include "import/import_help.h"

FIXTURE(import_start, import_stop)

/* --- series --- */

static const char series[] =
    "{\"kind\":\"series\",\"title\":\"Dark\",\"year\":2017,\"external_ids\":{\"imdb\":"
    "\"tt5753856\"}}\n"
    "{\"kind\":\"season\",\"series\":\"dark-2017\",\"season_number\":1,\"title\":\"Season 1\"}\n"
    "{\"kind\":\"episode\",\"series\":\"dark-2017\",\"season_number\":1,\"episode_number\":1,"
    "\"title\":\"Secrets\",\"released_on\":\"2017-12-01\",\"cast\":[{\"name\":\"Louis "
    "Hofmann\"}]}\n"
    "{\"kind\":\"episode\",\"series\":\"dark-2017\",\"season_number\":1,\"episode_number\":2,"
    "\"title\":\"Lies\",\"released_on\":\"2017-12-01\"}\n";

TEST_EACH(seasons_and_episodes_follow_their_series, 3)
{
    static const int64_t sizes[] = { 500, 1, 3 };
    importing m = { .text = series }, again = { .text = series };
    OK(import_run(&m, sizes[_i], NULL));
    ck_assert_int_eq(m.counts.created, 4);
    ck_assert_int_eq(m.faults_told, 0);
    OK(import_run(&again, sizes[_i], NULL));
    ck_assert_int_eq(again.counts.unchanged, 4);
    cinema_search_query q = { .q = "secrets", .type = "episode" };
    cinema_title_page *p = NULL;
    OK(cinema_search(c, &q, &p, &err));
    ck_assert_uint_eq(p->count, 1);
    ck_assert_str_eq(p->items[0]->slug, "secrets-2017");
    ck_assert_int_eq(p->items[0]->year, 2017);
    cinema_search_page_free(p);
}

TEST(a_series_may_be_named_by_any_of_its_names)
{
    import_text(series);
    cinema_import_counts n =
        import_text("{\"kind\":\"season\",\"series\":\"imdb:tt5753856\",\"season_number\":2}\n"
                    "{\"kind\":\"episode\",\"series\":\"imdb:tt5753856\",\"season_number\":2,"
                    "\"episode_number\":1,\"title\":\"Beginnings and Endings\"}\n");
    ck_assert_int_eq(n.created, 2);
    import_text("{\"kind\":\"movie\",\"title\":\"Film\"}\n");
    import_faulty("{\"kind\":\"season\",\"series\":\"film\",\"season_number\":1}\n", 1, "series",
                  "not_found");
}

TEST(a_series_is_named_by_its_own_slug_also_where_another_has_that)
{
    import_text("{\"kind\":\"movie\",\"title\":\"Dark\",\"year\":2017}\n");
    importing m = { .text = series };
    OK(import_run(&m, 1, NULL));
    ck_assert_int_eq(m.faults_told, 0);
    ck_assert_int_eq(m.counts.created, 4);
    importing again = { .text = series };
    OK(import_run(&again, 0, NULL));
    ck_assert_int_eq(again.counts.unchanged, 4);
}

TEST(an_episode_needs_its_season)
{
    import_text(series);
    import_faulty("{\"kind\":\"episode\",\"series\":\"dark-2017\",\"season_number\":9,"
                  "\"episode_number\":1,\"title\":\"x\"}\n",
                  1, "season_number", "not_found");
}

TEST(an_episode_is_known_by_its_place)
{
    import_text(series);
    cinema_import_counts n = import_text(
        "{\"kind\":\"episode\",\"series\":\"dark-2017\",\"season_number\":1,\"episode_number\":2,"
        "\"title\":\"L\xC3\xBCgen\",\"external_ids\":{\"imdb\":\"tt6305578\"}}\n");
    ck_assert_int_eq(n.updated, 1);
    import_faulty(
        "{\"kind\":\"episode\",\"series\":\"dark-2017\",\"season_number\":1,"
        "\"episode_number\":3,\"title\":\"x\",\"external_ids\":{\"imdb\":\"tt6305578\"}}\n",
        1, "external_ids.imdb", "external_id_taken");
}

TEST(a_season_is_changed_by_its_line)
{
    import_text(series);
    cinema_import_counts n = import_text(
        "{\"kind\":\"season\",\"series\":\"dark-2017\",\"season_number\":1,\"overview\":"
        "\"It begins.\"}\n"
        "{\"kind\":\"season\",\"series\":\"dark-2017\",\"season_number\":1}\n");
    ck_assert_int_eq(n.updated, 1);
    ck_assert_int_eq(n.unchanged, 1);
}
