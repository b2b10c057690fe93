/* list_test.c - pages of titles: order, filters, cursors, totals. Mirrors lib/catalog/title_list.c.
 */
#include "catalog/catalog_help.h"

#include <stdio.h>

FIXTURE(catalog_start, catalog_stop)

#define NUMBER(n) (&(int64_t){ n })

/* Walks all pages and writes the slugs down, with spaces between. */
static size_t walk(cinema_movie_query q, char *text, size_t size)
{
    char after[2100] = "";
    size_t pages = 0, n = 0;
    *text = '\0';
    do {
        cinema_movie_page *p = NULL;
        q.after = *after ? after : NULL;
        OK(cinema_movie_list(c, &q, &p, &err));
        for (size_t i = 0; i < p->count; i++)
            n += (size_t)snprintf(text + n, size - n, "%s%s", n ? " " : "", p->items[i]->slug);
        snprintf(after, sizeof after, "%s", p->next ? p->next : "");
        cinema_movie_page_free(p);
        pages++;
    } while (*after);
    return pages;
}

static void lists(cinema_movie_query q, const char *slugs)
{
    char text[4000];
    walk(q, text, sizeof text);
    ck_assert_str_eq(text, slugs);
    q.limit = 1; /* the same in the smallest pages */
    walk(q, text, sizeof text);
    ck_assert_str_eq(text, slugs);
}

static void add(const char *title, int64_t year, int64_t popularity, const char *status)
{
    cinema_movie *m = NULL;
    cinema_movie_input in = {
        .title = title, .year = year ? &year : NULL, .popularity = &popularity, .status = status
    };
    OK(cinema_movie_create(c, &in, &m, &err));
    cinema_movie_free(m);
}

static void fill(void)
{
    add("Élan", 1960, 5, "published");
    add("elan vital", 1961, 5, "published");
    add("Zorro", 1940, 9, "published");
    add("ABBA", 0, 0, "published");
    add("Draft", 1950, 7, "draft");
    add("Old", 1930, 1, "archived");
}

TEST(films_come_by_title_whatever_their_accents_and_case)
{
    fill();
    lists((cinema_movie_query){ .published_only = true },
          "abba elan-1960 elan-vital-1961 zorro-1940");
    lists((cinema_movie_query){ .published_only = true, .sort = "-title" },
          "zorro-1940 elan-vital-1961 elan-1960 abba");
}

TEST(every_sort_turns_round)
{
    fill();
    lists((cinema_movie_query){ .published_only = true, .sort = "year" },
          "abba zorro-1940 elan-1960 elan-vital-1961");
    lists((cinema_movie_query){ .published_only = true, .sort = "-year" },
          "elan-vital-1961 elan-1960 zorro-1940 abba");
    lists((cinema_movie_query){ .published_only = true, .sort = "popularity" },
          "zorro-1940 elan-vital-1961 elan-1960 abba");
    lists((cinema_movie_query){ .published_only = true, .sort = "-popularity" },
          "abba elan-1960 elan-vital-1961 zorro-1940");
    lists((cinema_movie_query){ .published_only = true, .sort = "newest" },
          "abba zorro-1940 elan-vital-1961 elan-1960");
    lists((cinema_movie_query){ .published_only = true, .sort = "-newest" },
          "elan-1960 elan-vital-1961 zorro-1940 abba");
    lists((cinema_movie_query){ .published_only = true, .sort = "rating" },
          "abba zorro-1940 elan-vital-1961 elan-1960");
}

TEST(the_trusted_see_every_status_in_one_order)
{
    fill();
    lists((cinema_movie_query){ .sort = "year" },
          "abba old-1930 zorro-1940 draft-1950 elan-1960 elan-vital-1961");
    lists((cinema_movie_query){ .sort = "-year" },
          "elan-vital-1961 elan-1960 draft-1950 zorro-1940 old-1930 abba");
    lists((cinema_movie_query){ .status = "draft" }, "draft-1950");
    lists((cinema_movie_query){ .status = "archived" }, "old-1930");
}

TEST(filters_hold_together)
{
    const char *genres[] = { "drama" };
    cinema_movie *m = NULL;
    cinema_movie_input in = {
        .title = "Noir", .year = NUMBER(1949), .status = "published", .genres = { genres, 1 }
    };
    fill();
    cinema_genre_free(add_genre("Drama"));
    OK(cinema_movie_create(c, &in, &m, &err));
    lists((cinema_movie_query){ .genre = "drama" }, "noir-1949");
    lists((cinema_movie_query){ .genre = "drama", .year_from = NUMBER(1950) }, "");
    lists((cinema_movie_query){ .genre = "unknown" }, "");
    lists((cinema_movie_query){ .year_from = NUMBER(1940), .year_to = NUMBER(1950) },
          "draft-1950 noir-1949 zorro-1940");
    lists((cinema_movie_query){ .year_to = NUMBER(1935) }, "old-1930"); /* no year is no match */
    lists((cinema_movie_query){ .updated_since = NUMBER(m->updated_at + 100000) }, "");
    cinema_movie_free(m);
}

/* 1,100 films, one in 50 without genre and year; when the last was entered. */
static int64_t fill_many(void)
{
    char title[32];
    const char *genres[] = { "drama" };
    int64_t year = 2001, last = 0;
    cinema_genre_free(add_genre("Drama"));
    for (int i = 0; i < 1100; i++) {
        cinema_movie *m = NULL;
        cinema_movie_input in = { .title = title, .status = "published" };
        snprintf(title, sizeof title, "Film %04d", i);
        if (i % 50) {
            in.genres = (cinema_texts){ genres, 1 };
            in.year = &year;
        }
        OK(cinema_movie_create(c, &in, &m, &err));
        last = m->updated_at;
        cinema_movie_free(m);
    }
    return last;
}

TEST(years_of_many_titles_are_read_another_way_with_the_same_answer)
{
    char text[64000];
    int64_t last = fill_many();
    add("Film 0500", 1999, 0, "published");
    cinema_movie_query q = { .year_from = NUMBER(2001), .limit = 100, .published_only = true };
    ck_assert_uint_eq(walk(q, text, sizeof text), 11);
    ck_assert_ptr_null(strstr(text, "film-0050"));
    ck_assert_ptr_nonnull(strstr(text, "film-1099"));
    q.sort = "-newest";
    ck_assert_uint_eq(walk(q, text, sizeof text), 11);
    q.updated_since = &last;
    walk(q, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "film-1099-2001"));
    lists((cinema_movie_query){ .year_to = NUMBER(2000) }, "film-0500-1999");
}

TEST(a_genre_of_many_titles_is_read_another_way_with_the_same_answer)
{
    char text[64000];
    fill_many();
    cinema_movie_query q = { .genre = "drama", .limit = 100, .published_only = true };
    ck_assert_uint_eq(walk(q, text, sizeof text), 11);
    ck_assert_ptr_null(strstr(text, "film-0050"));
    ck_assert_ptr_nonnull(strstr(text, "film-1099"));
}

static int64_t total(cinema_movie_query q)
{
    cinema_movie_page *p = NULL;
    q.total = true;
    q.limit = 1;
    OK(cinema_movie_list(c, &q, &p, &err));
    int64_t n = p->total;
    ck_assert(!p->total_capped);
    cinema_movie_page_free(p);
    return n;
}

TEST(totals_follow_every_change)
{
    cinema_movie *m = NULL;
    cinema_movie_input in = { .status = "published" };
    fill();
    ck_assert_int_eq(total((cinema_movie_query){ .published_only = true }), 4);
    ck_assert_int_eq(total((cinema_movie_query){ 0 }), 6);
    OK(cinema_movie_update(c, "draft-1950", &in, &m, &err));
    ck_assert_int_eq(total((cinema_movie_query){ .published_only = true }), 5);
    ck_assert_int_eq(total((cinema_movie_query){ .status = "draft" }), 0);
    OK(cinema_movie_remove(c, m->id, NULL, &err));
    ck_assert_int_eq(total((cinema_movie_query){ .published_only = true }), 4);
    ck_assert_int_eq(total((cinema_movie_query){ .year_from = NUMBER(1950) }), 2);
    cinema_movie_free(m);
}

TEST(a_page_without_total_says_so)
{
    cinema_movie_page *p = NULL;
    OK(cinema_movie_list(c, NULL, &p, &err));
    ck_assert_int_eq(p->total, CINEMA_ABSENT);
    ck_assert_uint_eq(p->count, 0);
    ck_assert_ptr_null(p->next);
    cinema_movie_page_free(p);
}

/* ---- cursors
 * ----------------------------------------------------------------------------------------------------
 */

static void first_cursor(char after[2100])
{
    cinema_movie_page *p = NULL;
    cinema_movie_query q = { .limit = 1, .published_only = true };
    OK(cinema_movie_list(c, &q, &p, &err));
    snprintf(after, 2100, "%s", p->next);
    cinema_movie_page_free(p);
}

static void refuses(cinema_movie_query q)
{
    cinema_movie_page *p = NULL;
    GIVES(CINEMA_INVALID, cinema_movie_list(c, &q, &p, &err));
    ck_assert_str_eq(err.field, "after");
    ck_assert_ptr_null(p);
}

TEST(a_cursor_goes_with_its_list_only)
{
    char after[2100];
    fill();
    first_cursor(after);
    refuses((cinema_movie_query){ .after = after });
    refuses((cinema_movie_query){ .after = after, .published_only = true, .sort = "year" });
    refuses((cinema_movie_query){ .after = after, .published_only = true, .sort = "-title" });
    refuses((cinema_movie_query){ .after = after, .published_only = true, .genre = "drama" });
    refuses(
        (cinema_movie_query){ .after = after, .published_only = true, .year_from = NUMBER(1900) });
}

TEST(a_cursor_that_was_tampered_with_is_refused)
{
    char after[2100];
    fill();
    first_cursor(after);
    for (size_t i = 0; after[i]; i += 7) {
        char was = after[i];
        after[i] = was == 'A' ? 'B' : 'A';
        refuses((cinema_movie_query){ .after = after, .published_only = true });
        after[i] = was;
    }
    refuses((cinema_movie_query){ .after = "", .published_only = true });
    refuses((cinema_movie_query){ .after = "?", .published_only = true });
}

TEST(a_film_added_meanwhile_does_not_disturb_the_pages)
{
    char after[2100];
    cinema_movie_page *p = NULL;
    fill();
    first_cursor(after);
    add("AAA", 0, 0, "published"); /* before the cursor */
    cinema_movie_query q = { .after = after, .limit = 1, .published_only = true };
    OK(cinema_movie_list(c, &q, &p, &err));
    ck_assert_str_eq(p->items[0]->slug, "elan-1960");
    cinema_movie_page_free(p);
}

TEST(limits_have_limits)
{
    cinema_movie_page *p = NULL;
    cinema_movie_query q = { .limit = 101 };
    GIVES(CINEMA_INVALID, cinema_movie_list(c, &q, &p, &err));
    ck_assert_str_eq(err.field, "limit");
    q = (cinema_movie_query){ .sort = "height" };
    GIVES(CINEMA_INVALID, cinema_movie_list(c, &q, &p, &err));
    ck_assert_str_eq(err.field, "sort");
}
