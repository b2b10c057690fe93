/* genre_test.c - genres, and what becomes of their titles. Mirrors lib/catalog/genre.c and the
 * rules of records with a name in named.c.
 */
#include "catalog/catalog_help.h"

#include "port/db/db.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

FIXTURE(catalog_start, catalog_stop)

#define NUMBER(n) (&(int64_t){ n })

static cinema_genre *make(cinema_genre_input in)
{
    cinema_genre *g = NULL;
    OK(cinema_genre_create(c, &in, &g, &err));
    return g;
}

static cinema_genre *change(const char *id, cinema_genre_input in)
{
    cinema_genre *g = NULL;
    OK(cinema_genre_update(c, id, &in, &g, &err));
    return g;
}

/* A film of up to three genres. */
static void film(const char *title, const char *status, const char *one, const char *two,
                 const char *three)
{
    const char *genres[] = { one, two, three };
    cinema_movie_input in = { .title = title,
                              .status = status,
                              .genres = { genres, !!one + !!two + (size_t) !!three } };
    cinema_movie *m = NULL;
    OK(cinema_movie_create(c, &in, &m, &err));
    cinema_movie_free(m);
}

static void film_is(const char *name, int64_t revision, const char *genres)
{
    char text[300] = "";
    cinema_movie *m = NULL;
    OK(cinema_movie_get(c, name, NULL, &m, &err));
    for (size_t i = 0, n = 0; i < m->genres.count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? " " : "", m->genres.items[i]);
    ck_assert_str_eq(text, genres);
    ck_assert_int_eq(m->revision, revision);
    cinema_movie_free(m);
}

/* ---- one ------------------------------------------------------------------------------------- */

TEST(a_genre_gets_an_id_a_slug_and_revision_one)
{
    cinema_genre *g = add_genre("Film Noir"), *read = NULL;
    ck_assert_str_eq(g->slug, "film-noir");
    ck_assert_int_eq(g->revision, 1);
    ck_assert_int_eq(g->titles, CINEMA_ABSENT);
    ck_assert_int_eq(g->id[14], '7');
    OK(cinema_genre_get(c, g->id, NULL, &read, &err));
    ck_assert_str_eq(read->name, "Film Noir");
    ck_assert_int_eq(read->created_at, g->created_at);
    ck_assert_int_eq(read->titles, CINEMA_ABSENT);
    cinema_genre_free(read);
    OK(cinema_genre_get(c, "film-noir", NULL, &read, &err));
    ck_assert_str_eq(read->id, g->id);
    cinema_genre_free(read);
    cinema_genre_free(g);
}

static const struct {
    const char *name, *slug;
} slugs[] = {
    { "Drama", "drama" },
    { "Science-Fiction & Fantasy", "science-fiction-fantasy" },
    { "Krimi ä ö ü", "krimi-a-o-u" },
    { "!!!", "genre" }, /* no letter in it */
    { "0190a0e0-1234-7abc-8def-0123456789ab", "0190a0e0-1234-7abc-8def-0123456789ab-genre" },
};

TEST_EACH(a_slug_is_made_from_the_name, sizeof slugs / sizeof *slugs)
{
    cinema_genre *g = add_genre(slugs[_i].name);
    ck_assert_str_eq(g->slug, slugs[_i].slug);
    cinema_genre_free(g);
}

TEST(a_slug_may_be_given)
{
    cinema_genre *g = make((cinema_genre_input){ .name = "Film Noir", .slug = "noir" });
    ck_assert_str_eq(g->slug, "noir");
    cinema_genre_free(g);
}

TEST(a_slug_that_is_made_steps_aside_and_a_given_one_does_not)
{
    cinema_genre_input in = { .name = "Drama", .slug = "drama" };
    cinema_genre *one = add_genre("Drama"), *two = add_genre("Drama!"), *none = NULL;
    ck_assert_str_eq(one->slug, "drama");
    ck_assert_str_eq(two->slug, "drama-2");
    GIVES(CINEMA_CONFLICT, cinema_genre_create(c, &in, &none, &err));
    ck_assert_str_eq(err.reason, "slug_taken");
    ck_assert_str_eq(err.field, "slug");
    GIVES(CINEMA_CONFLICT, cinema_genre_update(c, "drama-2", &in, &none, &err));
    ck_assert_str_eq(err.reason, "slug_taken");
    ck_assert_ptr_null(none);
    cinema_genre_free(change("drama", in)); /* its own is free */
    cinema_genre_free(one);
    cinema_genre_free(two);
}

static const struct {
    const char *field;
    cinema_genre_input in;
} bad[] = {
    { "name", { .slug = "x" } },
    { "name", { .name = "" } },
    { "name", { .name = "a\nb" } },
    { "slug", { .name = "x", .slug = "" } },
    { "slug", { .name = "x", .slug = "Drama" } },
    { "slug", { .name = "x", .slug = "a b" } },
    { "slug", { .name = "x", .slug = "a_b" } },
    { "slug", { .name = "x", .slug = "dr\xc3\xa4ma" } },
    { "slug", { .name = "x", .slug = "0190a0e0-1234-7abc-8def-0123456789ab" } },
    { "slug",
      { .name = "x",
        .slug = "12345678901234567890123456789012345678901234567890"
                "1234567890123456789012345678901" } },
    { "revision", { .name = "x", .revision = NUMBER(1) } },
    { "titles", { .name = "x", .clear = "titles" } },
};

TEST_EACH(what_is_wrong_is_said, sizeof bad / sizeof *bad)
{
    cinema_genre *g = NULL;
    GIVES(CINEMA_INVALID, cinema_genre_create(c, &bad[_i].in, &g, &err));
    ck_assert_str_eq(err.field, bad[_i].field);
    ck_assert_ptr_null(g);
}

TEST(nothing_of_a_genre_can_be_cleared)
{
    static const char *const names[] = { "slug", "name", "revision", "id", "clear" };
    cinema_genre_free(add_genre("Drama"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cinema_genre_input in = { .clear = names[i] };
        cinema_genre *g = NULL;
        GIVES(CINEMA_INVALID, cinema_genre_update(c, "drama", &in, &g, &err));
        ck_assert_str_eq(err.field, names[i]);
    }
}

TEST(what_nothing_is_called_is_not_found)
{
    static const char *const names[] = { "",  "none",   "imdb:tt1",
                                         ":", "drama ", "0190a0e0-1234-7abc-8def-0123456789ab" };
    cinema_genre_input in = { .name = "x" };
    cinema_genre *g = NULL;
    cinema_genre_free(add_genre("Drama"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        GIVES(CINEMA_NOT_FOUND, cinema_genre_get(c, names[i], NULL, &g, &err));
        GIVES(CINEMA_NOT_FOUND, cinema_genre_update(c, names[i], &in, &g, &err));
        GIVES(CINEMA_NOT_FOUND, cinema_genre_remove(c, names[i], NULL, &err));
    }
    ck_assert_str_eq(err.message, "there is no such genre");
}

TEST(a_stale_revision_is_refused)
{
    cinema_genre_input in = { .name = "Dramas", .revision = NUMBER(1) };
    cinema_genre_options gone = { .revision = NUMBER(1) };
    cinema_genre *g = NULL;
    cinema_genre_free(add_genre("Drama"));
    cinema_genre_free(change("drama", in));
    GIVES(CINEMA_STALE, cinema_genre_update(c, "drama", &in, &g, &err));
    GIVES(CINEMA_STALE, cinema_genre_remove(c, "drama", &gone, &err));
    ck_assert_ptr_null(g);
    OK(cinema_genre_get(c, "drama", NULL, &g, &err));
    ck_assert_int_eq(g->revision, 2);
    cinema_genre_free(g);
}

/* ---- and its titles -------------------------------------------------------------------------- */

static void fill(void)
{
    cinema_genre_free(add_genre("Drama"));
    cinema_genre_free(add_genre("Drama two"));
    cinema_genre_free(add_genre("Noir"));
    film("First", "published", "drama", "drama-two", "noir");
    film("Last", "draft", "noir", "drama-two", "drama");
    film("Only", "published", "drama", NULL, NULL);
    film("Other", "published", "drama-two", NULL, NULL);
}

TEST(another_slug_reaches_the_titles_of_the_genre_and_no_others)
{
    cinema_movie_page *p = NULL;
    fill();
    cinema_genre *g = change("drama", (cinema_genre_input){ .slug = "plays" });
    ck_assert_str_eq(g->slug, "plays");
    ck_assert_str_eq(g->name, "Drama");
    cinema_genre_free(g);
    film_is("first", 2, "plays drama-two noir");
    film_is("last", 2, "noir drama-two plays");
    film_is("only", 2, "plays");
    film_is("other", 1, "drama-two");
    cinema_movie_query q = { .genre = "plays", .published_only = true };
    OK(cinema_movie_list(c, &q, &p, &err));
    ck_assert_uint_eq(p->count, 2);
    ck_assert_str_eq(p->items[0]->genres.items[0], "plays");
    cinema_movie_page_free(p);
    GIVES(CINEMA_NOT_FOUND, cinema_genre_get(c, "drama", NULL, &g, &err));
}

TEST(another_name_alone_leaves_slug_and_titles_as_they_are)
{
    fill();
    cinema_genre *g = change("drama", (cinema_genre_input){ .name = "Plays" });
    ck_assert_str_eq(g->slug, "drama");
    ck_assert_str_eq(g->name, "Plays");
    ck_assert_int_eq(g->revision, 2);
    cinema_genre_free(g);
    film_is("first", 1, "drama drama-two noir");
}

TEST(a_removed_genre_is_taken_away_from_its_titles)
{
    cinema_genre *g = NULL;
    fill();
    OK(cinema_genre_remove(c, "drama", NULL, &err));
    film_is("first", 2, "drama-two noir");
    film_is("last", 2, "noir drama-two");
    film_is("only", 2, "");
    film_is("other", 1, "drama-two");
    GIVES(CINEMA_NOT_FOUND, cinema_genre_get(c, "drama", NULL, &g, &err));
    cinema_genre_free(add_genre("Drama")); /* the slug is free again, and means another one */
    cinema_movie_query q = { .genre = "drama" };
    cinema_movie_page *p = NULL;
    OK(cinema_movie_list(c, &q, &p, &err));
    ck_assert_uint_eq(p->count, 0);
    cinema_movie_page_free(p);
}

static void *film_of_drama(void *ret)
{
    const char *genres[] = { "drama" };
    cinema_movie_input in = { .title = "Late", .genres = { genres, 1 } };
    cinema_movie *m = NULL;
    cinema_error e;
    *(cinema_status *)ret = cinema_movie_create(c, &in, &m, &e);
    cinema_movie_free(m);
    return NULL;
}

TEST(a_film_written_meanwhile_does_not_keep_a_slug_that_is_gone)
{
    static const char change_slug[] = "UPDATE genre SET slug = 'plays'";
    cinema_status s = CINEMA_OK;
    db_tx *tx = NULL;
    db_sql sql;
    pthread_t other;
    cinema_genre_free(add_genre("Drama"));
    OK(db_begin(c, &tx, &err));
    db_sql_for_tx(&sql, tx);
    db_add(&sql, (db_text){ "change", change_slug, change_slug }, "");
    OK(db_run(tx, &sql, NULL, NULL, &err));
    ck_assert(!pthread_create(&other, NULL, film_of_drama, &s));
    usleep(200000);
    OK(db_commit(&tx, &err));
    pthread_join(other, NULL);
    GIVES(CINEMA_INVALID, s);
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* Slugs of all pages of `limit`; the number of pages comes back. */
static int walk(unsigned limit, bool counts, char *text, size_t size)
{
    char after[2100] = "";
    int pages = 0;
    size_t n = 0;
    do {
        cinema_genre_page *p = NULL;
        cinema_genre_query q = { .limit = limit, .counts = counts, .after = *after ? after : NULL };
        OK(cinema_genre_list(c, &q, &p, &err));
        for (size_t i = 0; i < p->count; i++)
            n += (size_t)snprintf(text + n, size - n, "%s%s", n ? " " : "", p->items[i]->slug);
        snprintf(after, sizeof after, "%s", p->next ? p->next : "");
        cinema_genre_page_free(p);
        pages++;
    } while (*after);
    return pages;
}

TEST(genres_come_by_name_in_pages)
{
    static const char *const names[] = { "\xc3\x89tude", "etude", "Action", "western", "Drama" };
    char text[500];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cinema_genre_free(add_genre(names[i]));
    for (unsigned limit = 1; limit < 7; limit++) {
        ck_assert_int_eq(walk(limit, limit % 2, text, sizeof text), (int)((5 + limit - 1) / limit));
        ck_assert_str_eq(text, "action drama etude etude-2 western");
    }
}

TEST(counts_are_of_published_titles)
{
    cinema_genre_page *p = NULL;
    cinema_genre_query q = { .counts = true, .total = true };
    fill();
    OK(cinema_genre_list(c, &q, &p, &err));
    ck_assert_uint_eq(p->count, 3);
    ck_assert_int_eq(p->items[0]->titles, 2); /* drama */
    ck_assert_int_eq(p->items[1]->titles, 2);
    ck_assert_int_eq(p->items[2]->titles, 1); /* noir: the other is a draft */
    ck_assert_int_eq(p->total, 3);
    ck_assert(!p->total_capped);
    cinema_genre_page_free(p);
    OK(cinema_genre_list(c, NULL, &p, &err));
    ck_assert_int_eq(p->items[0]->titles, CINEMA_ABSENT);
    ck_assert_int_eq(p->total, CINEMA_ABSENT);
    cinema_genre_page_free(p);
}

TEST(a_cursor_or_limit_that_is_no_good_is_refused)
{
    cinema_genre_page *p = NULL;
    char after[2100];
    fill();
    cinema_genre_query q = { .limit = 1 };
    OK(cinema_genre_list(c, &q, &p, &err));
    snprintf(after, sizeof after, "%s", p->next);
    cinema_genre_page_free(p);
    q = (cinema_genre_query){ .after = after, .counts = true }; /* of another list */
    GIVES(CINEMA_INVALID, cinema_genre_list(c, &q, &p, &err));
    ck_assert_str_eq(err.field, "after");
    q = (cinema_genre_query){ .limit = 101 };
    GIVES(CINEMA_INVALID, cinema_genre_list(c, &q, &p, &err));
    ck_assert_str_eq(err.field, "limit");
}

TEST(freeing_nothing_is_fine)
{
    cinema_genre_free(NULL);
    cinema_genre_page_free(NULL);
}
