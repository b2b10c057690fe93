/* movie_test.c - films: making, finding, changing, removing. Mirrors lib/catalog/title*.c.
 */
#include "catalog/catalog_help.h"

FIXTURE(catalog_start, catalog_stop)

#define YEAR(n) (&(int64_t){ n })

static cinema_movie *get(const char *name)
{
    cinema_movie *m = NULL;
    OK(cinema_movie_get(c, name, NULL, &m, &err));
    return m;
}

static void is_named(const char *name, const char *id)
{
    cinema_movie *m = get(name);
    ck_assert_str_eq(m->id, id);
    cinema_movie_free(m);
}

TEST(a_new_film_has_an_id_a_slug_and_revision_one)
{
    cinema_movie *m = add_movie("The Third Man", 1949);
    ck_assert_uint_eq(strlen(m->id), 36);
    ck_assert_int_eq(m->id[14], '7'); /* UUIDv7 */
    ck_assert_str_eq(m->slug, "the-third-man-1949");
    ck_assert_str_eq(m->kind, "movie");
    ck_assert_int_eq(m->revision, 1);
    ck_assert_int_eq(m->year, 1949);
    ck_assert_int_eq(m->runtime_minutes, CINEMA_ABSENT);
    ck_assert_ptr_null(m->overview);
    ck_assert(m->created_at > 1700000000000);
    cinema_movie_free(m);
}

TEST(what_was_written_is_read_back)
{
    const char *genres[] = { "drama", "film-noir" };
    cinema_pair ids[] = { { "tmdb", "1092" }, { "imdb", "tt0041959" } };
    cinema_movie_input in = {
        .title = "The Third Man",
        .original_title = "The Third Man",
        .year = YEAR(1949),
        .released_on = "1949-09-01",
        .runtime_minutes = YEAR(104),
        .overview = "Vienna after the war.\nA friend has died.",
        .language = "en",
        .genres = { genres, 2 },
        .external_ids = { ids, 2 },
        .popularity = YEAR(7),
        .poster_url = "https://example.org/p.jpg",
    };
    cinema_movie *made = NULL;
    cinema_genre_free(add_genre("Drama"));
    cinema_genre_free(add_genre("Film noir"));
    OK(cinema_movie_create(c, &in, &made, &err));
    cinema_movie *m = get(made->id);
    ck_assert_str_eq(m->released_on, "1949-09-01");
    ck_assert_int_eq(m->runtime_minutes, 104);
    ck_assert_str_eq(m->overview, in.overview);
    ck_assert_str_eq(m->language, "en");
    ck_assert_str_eq(m->status, "draft"); /* unless said otherwise */
    ck_assert_uint_eq(m->genres.count, 2);
    ck_assert_str_eq(m->genres.items[1], "film-noir");
    ck_assert_uint_eq(m->external_ids.count, 2);
    ck_assert_str_eq(m->external_ids.items[0].name, "imdb"); /* sorted by source */
    ck_assert_int_eq(m->popularity, 7);
    ck_assert_str_eq(m->poster_url, in.poster_url);
    ck_assert_int_eq(m->created_at, made->created_at);
    cinema_movie_free(m);
    cinema_movie_free(made);
}

TEST(a_film_is_found_by_id_slug_and_external_id)
{
    cinema_pair ids[] = { { "imdb", "tt0089881" } };
    cinema_movie_input in = { .title = "乱", .year = YEAR(1985), .external_ids = { ids, 1 } };
    cinema_movie *m = NULL;
    OK(cinema_movie_create(c, &in, &m, &err));
    is_named(m->id, m->id);
    is_named(m->slug, m->id);
    is_named("imdb:tt0089881", m->id);
    cinema_movie_free(m);
}

static const char *const nothing[] = {
    "",
    "no-such-film",
    "imdb:tt1",
    ":",
    "a:",
    ":b",
    "0190a0e0-0000-7000-8000-000000000000",
    "x'; DROP TABLE title; --",
    "a-name-far-too-long-to-be-a-slug-because-slugs-have-at-most-eighty"
    "-characters-in-them",
};

TEST_EACH(a_name_that_nothing_has_is_not_found, (int)(sizeof nothing / sizeof *nothing))
{
    cinema_movie *m = NULL;
    GIVES(CINEMA_NOT_FOUND, cinema_movie_get(c, nothing[_i], NULL, &m, &err));
    ck_assert_ptr_null(m);
    ck_assert_str_eq(err.reason, "not_found");
}

TEST(a_series_is_no_film)
{
    cinema_series_input in = { .title = "Dark", .year = YEAR(2017) };
    cinema_series *s = NULL;
    cinema_movie *m = NULL;
    OK(cinema_series_create(c, &in, &s, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_movie_get(c, s->slug, NULL, &m, &err));
    cinema_series_free(s);
}

TEST(equal_names_get_numbered_slugs)
{
    cinema_movie *one = add_movie("Dracula", 1931), *two = add_movie("Dracula", 1931);
    cinema_movie *three = add_movie("Drácula!", 1931);
    ck_assert_str_eq(one->slug, "dracula-1931");
    ck_assert_str_eq(two->slug, "dracula-1931-2");
    ck_assert_str_eq(three->slug, "dracula-1931-3");
    cinema_movie_free(one);
    cinema_movie_free(two);
    cinema_movie_free(three);
}

TEST(a_title_without_letters_still_gets_a_slug)
{
    cinema_movie *a = add_movie("…", 1999), *b = add_movie("♥", 0);
    ck_assert_str_eq(a->slug, "title-1999");
    ck_assert_str_eq(b->slug, "title");
    cinema_movie_free(a);
    cinema_movie_free(b);
}

TEST(a_slug_never_looks_like_a_uuid)
{
    cinema_movie *m = add_movie("0190a0e0 0000 7000 8000 000000000000", 0);
    ck_assert_uint_ne(strlen(m->slug), 36);
    is_named(m->slug, m->id);
    cinema_movie_free(m);
}

TEST(another_title_makes_another_slug_and_the_old_one_still_names_it)
{
    cinema_movie *m = add_movie("Ran", 1985), *now = NULL;
    cinema_movie_input in = { .title = "Chaos" };
    OK(cinema_movie_update(c, "ran-1985", &in, &now, &err));
    ck_assert_str_eq(now->slug, "chaos-1985");
    is_named("ran-1985", m->id);
    cinema_movie *again = add_movie("Ran", 1985); /* who has it now, wins */
    ck_assert_str_eq(again->slug, "ran-1985");
    is_named("ran-1985", again->id);
    cinema_movie_free(m);
    cinema_movie_free(now);
    cinema_movie_free(again);
}

TEST(a_change_leaves_alone_what_it_does_not_name)
{
    cinema_movie *m = add_movie("Ran", 1985), *now = NULL;
    cinema_movie_input in = { .overview = "An old lord divides his realm." };
    OK(cinema_movie_update(c, m->id, &in, &now, &err));
    ck_assert_str_eq(now->title, "Ran");
    ck_assert_int_eq(now->year, 1985);
    ck_assert_int_eq(now->revision, 2);
    cinema_movie_free(now);
    now = get(m->id);
    ck_assert_str_eq(now->overview, in.overview);
    ck_assert_str_eq(now->slug, "ran-1985");
    cinema_movie_free(now);
    cinema_movie_free(m);
}

TEST(update_clears_what_it_is_told_to)
{
    cinema_movie *m = add_movie("Ran", 1985), *now = NULL;
    cinema_movie_input in = { .clear = "year,overview" };
    OK(cinema_movie_update(c, m->id, &in, &now, &err));
    ck_assert_int_eq(now->year, CINEMA_ABSENT);
    ck_assert_str_eq(now->slug, "ran");
    cinema_movie_free(now);
    cinema_movie_free(m);
}

TEST(update_refuses_a_revision_of_yesterday)
{
    cinema_movie *m = add_movie("Ran", 1985), *now = NULL, *none = NULL;
    cinema_movie_input in = { .revision = &m->revision, .clear = "year" };
    OK(cinema_movie_update(c, m->slug, &in, &now, &err));
    GIVES(CINEMA_STALE, cinema_movie_update(c, m->id, &in, &none, &err));
    ck_assert_ptr_null(none);
    cinema_movie_free(now);
    cinema_movie_free(m);
}

TEST(an_external_id_belongs_to_one_film)
{
    cinema_pair ids[] = { { "imdb", "tt1" } };
    cinema_movie_input in = { .title = "One", .external_ids = { ids, 1 } };
    cinema_movie *one = NULL, *two = NULL;
    OK(cinema_movie_create(c, &in, &one, &err));
    GIVES(CINEMA_CONFLICT, cinema_movie_create(c, &in, &two, &err));
    ck_assert_str_eq(err.reason, "external_id_taken");
    ck_assert_str_eq(err.field, "external_ids.imdb");
    cinema_movie_input none = { .external_ids = { ids, 0 } }; /* empties the list */
    OK(cinema_movie_update(c, one->id, &none, &two, &err));
    ck_assert_uint_eq(two->external_ids.count, 0);
    cinema_movie_free(two);
    OK(cinema_movie_create(c, &in, &two, &err));
    cinema_movie_free(two);
    cinema_movie_free(one);
}

TEST(an_unknown_genre_is_refused_by_its_place_and_nothing_is_written)
{
    const char *genres[] = { "drama", "dramma" };
    cinema_movie_input in = { .title = "One", .genres = { genres, 2 } };
    cinema_movie *m = NULL;
    cinema_genre_free(add_genre("Drama"));
    GIVES(CINEMA_INVALID, cinema_movie_create(c, &in, &m, &err));
    ck_assert_str_eq(err.reason, "unknown_genre");
    ck_assert_str_eq(err.field, "genres[1]");
    GIVES(CINEMA_NOT_FOUND, cinema_movie_get(c, "one", NULL, &m, &err));
}

TEST(a_genre_named_twice_counts_once)
{
    const char *genres[] = { "drama", "drama" };
    cinema_movie_input in = { .title = "One", .genres = { genres, 2 } };
    cinema_movie *m = NULL;
    cinema_genre_free(add_genre("Drama"));
    OK(cinema_movie_create(c, &in, &m, &err));
    ck_assert_uint_eq(m->genres.count, 1);
    cinema_movie_free(m);
}

TEST(a_removed_film_is_gone_with_all_its_names)
{
    cinema_movie *m = add_movie("Ran", 1985), *now = NULL;
    cinema_movie_options stale = { .revision = YEAR(7) };
    GIVES(CINEMA_STALE, cinema_movie_remove(c, m->id, &stale, &err));
    OK(cinema_movie_remove(c, m->id, NULL, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_movie_get(c, "ran-1985", NULL, &now, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_movie_remove(c, m->id, NULL, &err));
    cinema_movie_free(m);
}

TEST(published_only_hides_drafts_and_archived_ones)
{
    cinema_movie_options shown = { .published_only = true };
    cinema_movie *m = add_movie("Ran", 1985), *now = NULL;
    OK(cinema_movie_get(c, m->id, &shown, &now, &err));
    cinema_movie_free(now);
    cinema_movie_input in = { .status = "archived" };
    OK(cinema_movie_update(c, m->id, &in, &now, &err));
    cinema_movie_free(now);
    GIVES(CINEMA_NOT_FOUND, cinema_movie_get(c, m->id, &shown, &now, &err));
    cinema_movie_free(m);
}

/* ---- bad input: which field, which rule
 * ---------------------------------------------------------------- */

static char long_text[10100];

static const struct {
    const char *field;
    cinema_movie_input in;
} bad[] = {
    { "title", { .year = YEAR(1999) } },
    { "title", { .title = "" } },
    { "title", { .title = "  \t" } },
    { "title", { .title = "\xff" } },
    { "title", { .title = "a\x01z" } },
    { "title", { .title = "line\nbreak" } },
    { "title", { .title = long_text } },
    { "year", { .title = "x", .year = YEAR(1887) } },
    { "year", { .title = "x", .year = YEAR(10000) } },
    { "year", { .title = "x", .year = YEAR(INT64_MIN) } },
    { "released_on", { .title = "x", .released_on = "1999-02-29" } },
    { "released_on", { .title = "x", .released_on = "yesterday" } },
    { "runtime_minutes", { .title = "x", .runtime_minutes = YEAR(0) } },
    { "overview", { .title = "x", .overview = long_text } },
    { "language", { .title = "x", .language = "e" } },
    { "status", { .title = "x", .status = "hidden" } },
    { "popularity", { .title = "x", .popularity = YEAR(-1) } },
    { "revision", { .title = "x", .revision = YEAR(1) } },
    { "colour", { .title = "x", .clear = "colour" } },
    { "title", { .title = "x", .clear = "title" } },
    { "genres[0]", { .title = "x", .genres = { (const char *[]){ "" }, 1 } } },
    { "external_ids.IMDb",
      { .title = "x", .external_ids = { (cinema_pair[]){ { "IMDb", "1" } }, 1 } } },
    { "external_ids.imdb",
      { .title = "x", .external_ids = { (cinema_pair[]){ { "imdb", "" } }, 1 } } },
};

TEST_EACH(what_is_wrong_with_a_field_is_said, (int)(sizeof bad / sizeof *bad))
{
    cinema_movie *m = NULL;
    memset(long_text, 'x', sizeof long_text - 1);
    GIVES(CINEMA_INVALID, cinema_movie_create(c, &bad[_i].in, &m, &err));
    ck_assert_str_eq(err.field, bad[_i].field);
    ck_assert_ptr_null(m);
}

TEST(text_is_kept_in_nfc)
{
    cinema_movie *m = add_movie("Ame\xcc\x81lie", 2001); /* e, combining acute */
    ck_assert_str_eq(m->title, "Am\xc3\xa9lie");
    ck_assert_str_eq(m->slug, "amelie-2001");
    cinema_movie_free(m);
}

TEST(five_hundred_characters_are_counted_as_characters)
{
    char title[1501] = "";
    for (int i = 0; i < 500; i++)
        memcpy(title + 3 * i, "\xe4\xb9\xb1", 4); /* 3 bytes each */
    cinema_movie *m = add_movie(title, 1985);
    ck_assert_str_eq(m->title, title);
    cinema_movie_free(m);
}

/* ---- older and newer callers
 * --------------------------------------------------------------------------------- */

TEST(a_caller_with_a_shorter_input_is_read_as_if_filled_up)
{
    cinema_movie_input in = { .title = "Ran", .clear = (const char *)8 }; /* beyond what it has */
    cinema_movie *m = NULL;
    OK(cinema_movie_create_sized(c, &in, offsetof(cinema_movie_input, clear), &m, &err));
    cinema_movie_free(m);
}

TEST(a_caller_that_sets_what_we_do_not_know_is_refused)
{
    struct {
        cinema_movie_input in;
        const char *later;
    } in = { { .title = "Ran" }, NULL };
    cinema_movie *m = NULL;
    OK(cinema_movie_create_sized(c, &in.in, sizeof in, &m, &err));
    cinema_movie_free(m);
    m = NULL;
    in.later = "set";
    GIVES(CINEMA_INVALID, cinema_movie_create_sized(c, &in.in, sizeof in, &m, &err));
    ck_assert_str_eq(err.reason, "newer_than_library");
}
