/* meanwhile_test.c - changes of what somebody else is just changing. On SQLite they wait for their
 * turn, on PostgreSQL for the rows.
 */
#include "catalog/catalog_help.h"

#include "base/handle.h"
#include "port/db/db.h"

#include <stdio.h>
#include <unistd.h>

FIXTURE(catalog_start, catalog_stop)

/* --- another transaction, as the database sees it --- */

static void run(db_tx *tx, const char *text)
{
    db_sql sql;
    uuid id;
    uuid_new(c, &id);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, (db_text){ "beside", text, text }, strstr(text, "$1") ? "u" : "", &id);
    OK(db_run(tx, &sql, NULL, NULL, &err));
}

/* `act` begins after the first statement and may end after the last; $1 is an id. */
static void beside(void *(*act)(void *), const char *first, const char *last)
{
    pthread_t other;
    db_tx *tx = NULL;
    void *failed;
    OK(db_begin(c, &tx, &err));
    run(tx, first);
    ck_assert(!pthread_create(&other, NULL, act, NULL));
    usleep(300000);
    if (last)
        run(tx, last);
    OK(db_commit(&tx, &err));
    pthread_join(other, &failed);
    ck_assert_msg(!failed, "%s", (char *)failed);
}

/* What a thread gives back: NULL, or why it failed. */
static void *outcome(cinema_status s, const cinema_error *e)
{
    static char text[400];
    snprintf(text, sizeof text, "%s %s: %s", cinema_status_describe(s)->name, e->reason,
             e->message);
    return s ? text : NULL;
}

static size_t found(const char *words)
{
    cinema_search_query q = { .q = words };
    cinema_title_page *p = NULL;
    OK(cinema_search(c, &q, &p, &err));
    size_t n = p->count;
    cinema_search_page_free(p);
    return n;
}

/* --- people --- */

static void *give_ran_to_ida(void *unused)
{
    const cinema_cast_input ida = { .person_id = "ida" };
    const cinema_cast_input *const cast[] = { &ida };
    cinema_credits_input in = { .cast = { cast, 1 } };
    cinema_credits *k = NULL;
    cinema_error e = { 0 };
    (void)unused;
    cinema_status s = cinema_credits_set(c, "ran", &in, &k, &e);
    cinema_credits_free(k);
    return outcome(s, &e);
}

TEST(a_title_is_found_by_the_name_that_its_people_get_meanwhile)
{
    cinema_person_free(add_person("Ida"));
    cinema_movie_free(add_movie("Ran", 0));
    beside(give_ran_to_ida, "UPDATE person SET name = 'Lupino', sort_key = 'lupino'", NULL);
    ck_assert_uint_eq(found("lupino"), 1);
    ck_assert_uint_eq(found("ida"), 0);
}

static void *fail_to_give_ran_to_ida(void *unused)
{
    const char *text = give_ran_to_ida(unused);
    return text && strstr(text, "unknown_person") ? NULL : "not refused as of nobody";
}

TEST(who_is_removed_meanwhile_is_nobody)
{
    cinema_person_free(add_person("Ida"));
    cinema_movie_free(add_movie("Ran", 0));
    beside(fail_to_give_ran_to_ida, "DELETE FROM person", NULL);
}

/* --- genres --- */

static void *make_ran_a_drama(void *unused)
{
    const char *const drama[] = { "drama" };
    cinema_movie_input in = { .genres = { drama, 1 } };
    cinema_movie *m = NULL;
    cinema_error e = { 0 };
    cinema_status s = cinema_movie_update(c, "ran", &in, &m, &e);
    cinema_movie_free(m);
    return s == CINEMA_INVALID && !strcmp(e.reason, "unknown_genre") ? unused : outcome(s, &e);
}

/* As a renaming goes: the genre, then its titles. */
TEST(a_title_gets_a_genre_while_it_is_renamed_and_nobody_waits_in_a_circle)
{
    cinema_genre_free(add_genre("Drama"));
    cinema_movie_free(add_movie("Ran", 0));
    beside(make_ran_a_drama, "UPDATE genre SET slug = 'plays'",
           "UPDATE title SET revision = revision + 1");
}

/* --- slugs --- */

static void *call_ran_ikiru(void *unused)
{
    cinema_movie_input in = { .title = "Ikiru" };
    cinema_movie *m = NULL;
    cinema_error e = { 0 };
    (void)unused;
    cinema_status s = cinema_movie_update(c, "ran", &in, &m, &e);
    if (!s && strcmp(m->slug, "ikiru-2") != 0)
        return "not the slug that was free";
    cinema_movie_free(m);
    return outcome(s, &e);
}

TEST(a_title_renamed_to_a_slug_that_another_just_takes_gets_the_next)
{
    cinema_movie_free(add_movie("Ran", 0));
    cinema_movie_free(add_movie("Kagemusha", 0));
    beside(call_ran_ikiru, "UPDATE title SET slug = 'ikiru' WHERE slug = 'kagemusha'", NULL);
}

TEST(a_title_renamed_to_a_slug_that_a_new_one_just_takes_gets_the_next)
{
    cinema_movie_free(add_movie("Ran", 0));
    beside(
        call_ran_ikiru,
        "INSERT INTO title (id, kind, status, slug, revision, title, sort_key, year, popularity, "
        "rating, votes, genres, created_at, updated_at) "
        "VALUES ($1, 'movie', 'published', 'ikiru', 1, 'A', 'a', 0, 0, 0, 0, '', 1, 1)",
        NULL);
}

static void *give_ida_the_slug_of_orson(void *unused)
{
    cinema_person_input in = { .slug = "orson" };
    cinema_person *p = NULL;
    cinema_error e = { 0 };
    cinema_status s = cinema_person_update(c, "ida", &in, &p, &e);
    cinema_person_free(p);
    return s == CINEMA_CONFLICT && !strcmp(e.reason, "slug_taken") ? unused : outcome(s, &e);
}

TEST(a_slug_that_another_person_just_takes_is_refused_as_taken)
{
    cinema_person_free(add_person("Ida"));
    cinema_person_free(add_person("Joseph"));
    beside(give_ida_the_slug_of_orson, "UPDATE person SET slug = 'orson' WHERE slug = 'joseph'",
           NULL);
}
