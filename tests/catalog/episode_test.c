/* episode_test.c - episodes beside their series: who sees them, how many there are.
 */
#include "catalog/catalog_help.h"

#include "base/handle.h"
#include "port/db/db.h"

#include <unistd.h>

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

/* --- how many there are --- */

static int64_t number(const char *text)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, c);
    db_add(&sql, (db_text){ text, text, text }, "");
    OK(db_read(c, &sql, a, &rows, &err));
    return rows.first ? rows.first->cells[0].number : -1;
}

static void totals_are_right(void)
{
    ck_assert_int_eq(
        number("SELECT count(*) FROM title_total x WHERE x.total <> (SELECT count(*) FROM title t "
               "WHERE t.kind = x.kind AND t.status = x.status)"),
        0);
}

TEST(a_removed_series_takes_its_episodes_out_of_the_totals)
{
    totals_are_right();
    OK(cinema_series_remove(c, "dark-2017", NULL, &err));
    ck_assert_int_eq(number("SELECT count(*) FROM title"), 0);
    totals_are_right();
}

static void run(db_tx *tx, const char *text, const uuid *id)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, (db_text){ "test", text, text }, id ? "u" : "", id);
    OK(db_run(tx, &sql, NULL, NULL, &err));
}

static void *remove_series(void *ret)
{
    cinema_error e;
    *(cinema_status *)ret = cinema_series_remove(c, "dark-2017", NULL, &e);
    return NULL;
}

TEST(an_episode_written_while_a_series_goes_stays_in_the_totals)
{
    cinema_status s = CINEMA_INTERNAL;
    db_tx *tx = NULL;
    pthread_t other;
    uuid id;
    uuid_new(c, &id);
    OK(db_begin(c, &tx, &err));
    run(tx,
        "INSERT INTO title (id, kind, status, slug, revision, title, sort_key, year, popularity, "
        "rating, votes, genres, created_at, updated_at) "
        "VALUES ($1, 'episode', 'published', 'of-another', 1, 'A', 'a', 0, 0, 0, 0, '', 1, 1)",
        &id);
    run(tx,
        "UPDATE title_total SET total = total + 1 WHERE kind = 'episode' AND status = 'published'",
        NULL);
    ck_assert(!pthread_create(&other, NULL, remove_series, &s));
    usleep(300000);
    OK(db_commit(&tx, &err));
    pthread_join(other, NULL);
    ck_assert_int_eq(s, CINEMA_OK);
    totals_are_right();
}

static void *import_episode(void *ret)
{
    const char *lines =
        "{\"kind\":\"episode\",\"series\":\"dark-2017\",\"season_number\":1,\"episode_number\":3,"
        "\"title\":\"Past and Present\"}\n";
    cinema_error e = { 0 };
    cinema_import_counts n;
    cinema_import_input in = { .read = read_lines, .user = &lines };
    cinema_status s = cinema_import(c, &in, &n, &e);
    *(int64_t *)ret = s ? -1 : n.created * 10 + n.refused;
    return NULL;
}

static void nothing_is_left(void)
{
    ck_assert_int_eq(number("SELECT count(*) FROM title"), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM season"), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM title_search"), 0);
    totals_are_right();
}

/* As removing the series does it, stopped before the end. */
TEST(an_episode_imported_while_its_series_goes_is_refused)
{
    int64_t told = 0;
    db_tx *tx = NULL;
    pthread_t other;
    OK(db_begin(c, &tx, &err));
    run(tx, "UPDATE title_total SET total = 0 WHERE kind IN ('series', 'episode')", NULL);
    run(tx, "DELETE FROM title_search", NULL);
    run(tx, "DELETE FROM title WHERE kind = 'episode'", NULL);
    run(tx, "DELETE FROM title WHERE kind = 'series'", NULL);
    ck_assert(!pthread_create(&other, NULL, import_episode, &told));
    usleep(300000);
    OK(db_commit(&tx, &err));
    pthread_join(other, NULL);
    ck_assert_int_eq(told, 1);
    nothing_is_left();
}

/* As an import does it. */
TEST(a_series_removed_while_an_episode_comes_takes_it_along)
{
    cinema_status s = CINEMA_INTERNAL;
    db_tx *tx = NULL;
    pthread_t other;
    uuid id;
    uuid_new(c, &id);
    OK(db_begin(c, &tx, &err));
    run(tx,
        "INSERT INTO title (id, kind, status, slug, revision, title, sort_key, year, popularity, "
        "rating, votes, genres, created_at, updated_at, season_nr, episode_number) "
        "SELECT $1, 'episode', 'published', 'late', 1, 'A', 'a', 0, 0, 0, 0, '', 1, 1, nr, 3 "
        "FROM season",
        &id);
    run(tx,
        "UPDATE title_total SET total = total + 1 WHERE kind = 'episode' AND status = 'published'",
        NULL);
    ck_assert(!pthread_create(&other, NULL, remove_series, &s));
    usleep(300000);
    OK(db_commit(&tx, &err));
    pthread_join(other, NULL);
    ck_assert_int_eq(s, CINEMA_OK);
    nothing_is_left();
}
