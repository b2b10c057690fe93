/* credit_test.c - who did what: credits of titles and of people. Mirrors lib/catalog/credit.c.
 */
#include "catalog/catalog_help.h"

#include <pthread.h>
#include <stdio.h>

static void start(void)
{
    catalog_start();
    cinema_person_free(add_person("Ida"));
    cinema_person_free(add_person("Orson"));
    cinema_person_free(add_person("Joseph"));
    cinema_movie_free(add_movie("Ran", 0));
}

FIXTURE(start, catalog_stop)

#define NUMBER(n) (&(int64_t){ n })
#define CAST(person, as) (&(const cinema_cast_input){ .person_id = (person), .character = (as) })
#define CREW(person, in, as)                                                                       \
    (&(const cinema_crew_input){ .person_id = (person), .department = (in), .job = (as) })

typedef const cinema_cast_input *const cast_lines[];
typedef const cinema_crew_input *const crew_lines[];

/* Sets them and gives them back in a line: "ida as A, orson as B; joseph in C as D". */
static const char *text_of(const cinema_credits *k)
{
    static char text[4000];
    size_t n = 0;
    *text = '\0';
    for (size_t i = 0; i < k->cast.count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s as %s", i ? ", " : "",
                              k->cast.items[i]->slug,
                              k->cast.items[i]->character ? k->cast.items[i]->character : "?");
    n += (size_t)snprintf(text + n, sizeof text - n, ";");
    for (size_t i = 0; i < k->crew.count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s %s in %s as %s", i ? "," : "",
                              k->crew.items[i]->slug,
                              k->crew.items[i]->department ? k->crew.items[i]->department : "?",
                              k->crew.items[i]->job ? k->crew.items[i]->job : "?");
    return text;
}

static void set(const char *title, cinema_credits_input in, const char *want)
{
    cinema_credits *k = NULL;
    OK(cinema_credits_set(c, title, &in, &k, &err));
    ck_assert_str_eq(text_of(k), want);
    cinema_credits_free(k);
    OK(cinema_credits_get(c, title, NULL, &k, &err));
    ck_assert_str_eq(text_of(k), want);
    cinema_credits_free(k);
}

static int64_t revision(const char *title)
{
    cinema_movie *m = NULL;
    OK(cinema_movie_get(c, title, NULL, &m, &err));
    int64_t n = m->revision;
    cinema_movie_free(m);
    return n;
}

TEST(credits_keep_their_order_and_are_replaced_as_a_whole)
{
    set("ran",
        (cinema_credits_input){
            .cast = { (cast_lines){ CAST("orson", "Lime"), CAST("ida", NULL) }, 2 },
            .crew = { (crew_lines){ CREW("joseph", "Writing", NULL), CREW("ida", NULL, "Director"),
                                    CREW("joseph", NULL, NULL) },
                      3 } },
        "orson as Lime, ida as ?; joseph in Writing as ?, ida in ? as Director, joseph in ? as ?");
    ck_assert_int_eq(revision("ran"), 2);
    set("ran", (cinema_credits_input){ .cast = { (cast_lines){ CAST("ida", "A") }, 1 } },
        "ida as A; joseph in Writing as ?, ida in ? as Director, joseph in ? as ?");
    set("ran", (cinema_credits_input){ .crew = { (crew_lines){ CREW("ida", "B", "C") }, 1 } },
        "ida as A; ida in B as C");
    set("ran", (cinema_credits_input){ .cast = { (cast_lines){ NULL }, 0 } }, "; ida in B as C");
    ck_assert_int_eq(revision("ran"), 5);
}

TEST(people_are_named_by_id_slug_or_external_id)
{
    cinema_pair ids[] = { { "imdb", "nm1" } };
    cinema_person_input in = { .external_ids = { ids, 1 } };
    cinema_person *p = NULL;
    OK(cinema_person_update(c, "ida", &in, &p, &err));
    set("ran",
        (cinema_credits_input){
            .cast = { (cast_lines){ CAST(p->id, "1"), CAST("ida", "2"), CAST("imdb:nm1", "3") },
                      3 } },
        "ida as 1, ida as 2, ida as 3;");
    cinema_person_free(p);
}

TEST(a_film_shows_its_first_twenty_of_each)
{
    const cinema_cast_input *lines[50], *ida = CAST("ida", "x"), *orson = CAST("orson", "last");
    cinema_credits *k = NULL;
    cinema_movie *m = NULL;
    for (int i = 0; i < 50; i++)
        lines[i] = i == 19 ? orson : ida;
    cinema_credits_input in = { .cast = { lines, 50 },
                                .crew = { (crew_lines){ CREW("joseph", "A", "B") }, 1 } };
    OK(cinema_credits_set(c, "ran", &in, &k, &err));
    ck_assert_uint_eq(k->cast.count, 50);
    cinema_credits_free(k);
    OK(cinema_movie_get(c, "ran", NULL, &m, &err));
    ck_assert_uint_eq(m->cast.count, 20);
    ck_assert_str_eq(m->cast.items[19]->character, "last");
    ck_assert_uint_eq(m->crew.count, 1);
    ck_assert_str_eq(m->crew.items[0]->name, "Joseph");
    cinema_movie_free(m);
}

TEST(an_unknown_person_is_told_by_place_and_nothing_is_written)
{
    cinema_credits *k = NULL;
    set("ran", (cinema_credits_input){ .cast = { (cast_lines){ CAST("ida", "A") }, 1 } },
        "ida as A;");
    cinema_credits_input in = {
        .cast = { (cast_lines){ CAST("orson", "B") }, 1 },
        .crew = { (crew_lines){ CREW("ida", "A", "B"), CREW("nobody", "A", "B") }, 2 }
    };
    GIVES(CINEMA_INVALID, cinema_credits_set(c, "ran", &in, &k, &err));
    ck_assert_str_eq(err.reason, "unknown_person");
    ck_assert_str_eq(err.field, "crew[1].person_id");
    ck_assert_ptr_null(k);
    OK(cinema_credits_get(c, "ran", NULL, &k, &err));
    ck_assert_str_eq(text_of(k), "ida as A;");
    cinema_credits_free(k);
    ck_assert_int_eq(revision("ran"), 2);
}

static const struct {
    const char *field;
    cinema_credits_input in;
} bad[] = {
    { "cast[0].person_id", { .cast = { (cast_lines){ CAST(NULL, "x") }, 1 } } },
    { "cast[0].person_id", { .cast = { (cast_lines){ CAST("", "x") }, 1 } } },
    { "cast[1].character", { .cast = { (cast_lines){ CAST("ida", NULL), CAST("ida", "") }, 2 } } },
    { "crew[0].department", { .crew = { (crew_lines){ CREW("ida", "a\nb", NULL) }, 1 } } },
    { "crew[0].job", { .crew = { (crew_lines){ CREW("ida", NULL, "\xff") }, 1 } } },
    { "revision", { .revision = NUMBER(0) } },
    { "crew", { .crew = { (crew_lines){ NULL }, 501 } } },
};

TEST_EACH(what_is_wrong_is_said, sizeof bad / sizeof *bad)
{
    cinema_credits *k = NULL;
    GIVES(CINEMA_INVALID, cinema_credits_set(c, "ran", &bad[_i].in, &k, &err));
    ck_assert_str_eq(err.field, bad[_i].field);
    ck_assert_int_eq(revision("ran"), 1);
}

TEST(a_stale_revision_is_refused)
{
    cinema_credits_input in = { .revision = NUMBER(2) };
    cinema_credits *k = NULL;
    GIVES(CINEMA_STALE, cinema_credits_set(c, "ran", &in, &k, &err));
    in.revision = NUMBER(1);
    OK(cinema_credits_set(c, "ran", &in, &k, &err));
    cinema_credits_free(k);
    k = NULL;
    GIVES(CINEMA_STALE, cinema_credits_set(c, "ran", &in, &k, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_credits_set(c, "none", &in, &k, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_credits_get(c, "none", NULL, &k, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_credits_get(c, "", NULL, &k, &err));
    ck_assert_ptr_null(k);
}

TEST(credits_of_a_draft_are_hidden_where_only_published_ones_are_shown)
{
    cinema_movie_input draft = { .status = "draft" };
    cinema_title_options shown = { .published_only = true };
    cinema_movie *m = NULL;
    cinema_credits *k = NULL;
    OK(cinema_credits_get(c, "ran", &shown, &k, &err));
    cinema_credits_free(k);
    OK(cinema_movie_update(c, "ran", &draft, &m, &err));
    cinema_movie_free(m);
    k = NULL;
    GIVES(CINEMA_NOT_FOUND, cinema_credits_get(c, "ran", &shown, &k, &err));
    OK(cinema_credits_get(c, "ran", NULL, &k, &err));
    cinema_credits_free(k);
}

TEST(credits_tell_the_revision_of_their_title)
{
    cinema_credits *k = NULL;
    cinema_credits_input in = { .cast = { (cast_lines){ CAST("ida", "A") }, 1 } };
    OK(cinema_credits_get(c, "ran", NULL, &k, &err));
    ck_assert_int_eq(k->revision, revision("ran"));
    cinema_credits_free(k);
    OK(cinema_credits_set(c, "ran", &in, &k, &err));
    ck_assert_int_eq(k->revision, 2);
    ck_assert_int_eq(k->revision, revision("ran"));
    cinema_credits_free(k);
}

/* ---- of a person ----------------------------------------------------------------------------- */

static void film(const char *title, int64_t year, const char *status)
{
    cinema_movie_input in = { .title = title, .year = year ? &year : NULL, .status = status };
    cinema_movie *m = NULL;
    cinema_credits *k = NULL;
    cinema_credits_input both = {
        .cast = { (cast_lines){ CAST("orson", "x"), CAST("ida", "A") }, 2 },
        .crew = { (crew_lines){ CREW("ida", "Directing", "Director") }, 1 }
    };
    OK(cinema_movie_create(c, &in, &m, &err));
    OK(cinema_credits_set(c, m->slug, &both, &k, &err));
    cinema_movie_free(m);
    cinema_credits_free(k);
}

/* What all pages of `limit` show: "old-1940 A, old-1940 Director". */
static void lists(bool published_only, unsigned limit, const char *want)
{
    char after[2100] = "", text[2000] = "";
    size_t n = 0;
    do {
        cinema_person_credits *p = NULL;
        cinema_person_credits_query q = { .limit = limit,
                                          .published_only = published_only,
                                          .after = *after ? after : NULL };
        OK(cinema_person_credits_list(c, "ida", &q, &p, &err));
        for (size_t i = 0; i < p->count; i++) {
            const cinema_person_credit *x = p->items[i];
            ck_assert(!x->character != !x->job);
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %s", n ? ", " : "", x->slug,
                                  x->character ? x->character : x->job);
        }
        ck_assert_int_eq(p->total, CINEMA_ABSENT);
        snprintf(after, sizeof after, "%s", p->next ? p->next : "");
        cinema_person_credits_free(p);
    } while (*after);
    ck_assert_str_eq(text, want);
}

TEST(a_person_s_credits_come_newest_first_in_pages)
{
    film("Old", 1940, "published");
    film("Undated", 0, "published");
    film("New", 1980, "draft");
    film("Mid", 1960, "published");
    for (unsigned limit = 0; limit < 9; limit++) {
        lists(false, limit,
              "new-1980 A, new-1980 Director, mid-1960 A, mid-1960 Director, "
              "old-1940 A, old-1940 Director, undated A, undated Director");
        lists(true, limit,
              "mid-1960 A, mid-1960 Director, old-1940 A, old-1940 Director, "
              "undated A, undated Director");
    }
}

TEST(in_a_title_a_person_s_roles_come_before_other_work_in_their_order)
{
    set("ran",
        (cinema_credits_input){
            .cast = { (cast_lines){ CAST("ida", "A"), CAST("orson", "x"), CAST("ida", "B") }, 3 },
            .crew = { (crew_lines){ CREW("ida", "x", "C"), CREW("ida", "x", "D") }, 2 } },
        "ida as A, orson as x, ida as B; ida in x as C, ida in x as D");
    for (unsigned limit = 0; limit < 5; limit++)
        lists(false, limit, "ran A, ran B, ran C, ran D");
}

TEST(a_cursor_is_one_person_s_and_for_one_view)
{
    char after[2100];
    cinema_person_credits *p = NULL;
    cinema_person_credits_query q = { .limit = 1 };
    film("Old", 1940, "published");
    OK(cinema_person_credits_list(c, "ida", &q, &p, &err));
    snprintf(after, sizeof after, "%s", p->next);
    cinema_person_credits_free(p);
    p = NULL;
    q.after = after;
    GIVES(CINEMA_INVALID, cinema_person_credits_list(c, "orson", &q, &p, &err));
    q.published_only = true;
    GIVES(CINEMA_INVALID, cinema_person_credits_list(c, "ida", &q, &p, &err));
    ck_assert_str_eq(err.field, "after");
    GIVES(CINEMA_NOT_FOUND, cinema_person_credits_list(c, "none", NULL, &p, &err));
    q = (cinema_person_credits_query){ .limit = 101 };
    GIVES(CINEMA_INVALID, cinema_person_credits_list(c, "ida", &q, &p, &err));
    ck_assert_ptr_null(p);
    OK(cinema_person_credits_list(c, "joseph", NULL, &p, &err));
    ck_assert_uint_eq(p->count, 0);
    cinema_person_credits_free(p);
}

/* ---- at once --------------------------------------------------------------------------------- */

/* Two films, the same people in opposite order. */
static void *set_often(void *title)
{
    bool forth = !strcmp(title, "ran");
    cinema_credits_input in = {
        .cast = { forth ? (cast_lines){ CAST("ida", "x"), CAST("orson", "x"), CAST("joseph", "x") }
                        : (cast_lines){ CAST("joseph", "x"), CAST("orson", "x"), CAST("ida", "x") },
                  3 }
    };
    for (int i = 0; i < 30; i++) {
        cinema_credits *k = NULL;
        cinema_error e = { 0 };
        cinema_status s = cinema_credits_set(c, title, &in, &k, &e);
        ck_assert_msg(!s, "%s: %s", (char *)title, e.message);
        cinema_credits_free(k);
    }
    return NULL;
}

static void *rename_often(void *unused)
{
    for (int i = 0; i < 30; i++) {
        cinema_person_input in = { .name = i % 2 ? "Ida" : "Ida Lupino" };
        cinema_person *p = NULL;
        cinema_error e = { 0 };
        cinema_status s = cinema_person_update(c, "ida", &in, &p, &e);
        ck_assert_msg(!s, "%s", e.message);
        cinema_person_free(p);
    }
    return unused;
}

TEST(who_is_renamed_may_get_credits_meanwhile)
{
    pthread_t other;
    set_often((char[]){ "ran" });
    ck_assert(!pthread_create(&other, NULL, rename_often, NULL));
    set_often((char[]){ "ran" });
    pthread_join(other, NULL);
}

TEST(two_who_name_the_same_people_do_not_wait_for_each_other_for_ever)
{
    pthread_t other;
    char name[] = "ikiru";
    cinema_movie_free(add_movie("Ikiru", 0));
    ck_assert(!pthread_create(&other, NULL, set_often, name));
    set_often((char[]){ "ran" });
    pthread_join(other, NULL);
    ck_assert_int_eq(revision("ran"), 31);
    ck_assert_int_eq(revision("ikiru"), 31);
}
