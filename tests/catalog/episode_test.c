/* episode_test.c - episodes beside their series: who sees them.
 */
#include "catalog/catalog_help.h"

static int64_t read_lines(void *bytes, size_t room, void *user)
{
    const char **text = user;
    size_t n = strlen(*text) < room ? strlen(*text) : room;
    memcpy(bytes, *text, n);
    *text += n;
    return (int64_t)n;
}

static void start(void)
{
    const char *lines =
        "{\"kind\":\"series\",\"title\":\"Dark\",\"year\":2017,\"status\":\"draft\"}\n"
        "{\"kind\":\"season\",\"series\":\"dark-2017\",\"season_number\":1}\n"
        "{\"kind\":\"episode\",\"series\":\"dark-2017\",\"season_number\":1,\"episode_number\":1,"
        "\"title\":\"Secrets\",\"genres\":[\"Mystery\"],\"cast\":[{\"name\":\"Ida\"}]}\n"
        "{\"kind\":\"episode\",\"series\":\"dark-2017\",\"season_number\":1,\"episode_number\":2,"
        "\"title\":\"Lies\",\"status\":\"archived\"}\n";
    cinema_import_counts n;
    cinema_import_input in = { .read = read_lines, .user = &lines };
    catalog_start();
    OK(cinema_import(c, &in, &n, &err));
    ck_assert_int_eq(n.created, 4);
}

FIXTURE(start, catalog_stop)

/* --- who sees them --- */

static size_t found(bool published_only)
{
    cinema_search_query q = { .q = "secrets", .published_only = published_only };
    cinema_title_page *p = NULL;
    OK(cinema_search(c, &q, &p, &err));
    size_t n = p->count;
    cinema_search_page_free(p);
    return n;
}

static size_t credits_of_ida(bool published_only)
{
    cinema_person_credits_query q = { .published_only = published_only };
    cinema_person_credits *p = NULL;
    OK(cinema_person_credits_list(c, "ida", &q, &p, &err));
    size_t n = p->count;
    cinema_person_credits_free(p);
    return n;
}

static bool cast_is_shown(bool published_only)
{
    cinema_title_options in = { .published_only = published_only };
    cinema_credits *k = NULL;
    cinema_status s = cinema_credits_get(c, "secrets", &in, &k, &err);
    cinema_credits_free(k);
    ck_assert(!s || s == CINEMA_NOT_FOUND);
    return !s;
}

static int64_t mysteries(void)
{
    cinema_genre_query q = { .counts = true };
    cinema_genre_page *p = NULL;
    OK(cinema_genre_list(c, &q, &p, &err));
    int64_t n = p->items[0]->titles;
    cinema_genre_page_free(p);
    return n;
}

static void series_is(const char *status)
{
    cinema_series_input in = { .status = status };
    cinema_series *s = NULL;
    OK(cinema_series_update(c, "dark-2017", &in, &s, &err));
    cinema_series_free(s);
}

static void shown_to_visitors(bool shown)
{
    ck_assert_int_eq(found(true), shown);
    ck_assert_int_eq(credits_of_ida(true), shown);
    ck_assert_int_eq(cast_is_shown(true), shown);
    ck_assert_int_eq(mysteries(), shown);
    ck_assert(found(false) && credits_of_ida(false) && cast_is_shown(false));
}

TEST(a_published_episode_is_hidden_while_its_series_is)
{
    shown_to_visitors(false);
    series_is("published");
    shown_to_visitors(true);
    series_is("archived");
    shown_to_visitors(false);
}
