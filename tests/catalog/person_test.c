/* person_test.c - people: names, external ids, pages. Mirrors lib/catalog/person.c; what all
 * records with a name have in common: genre_test.c.
 */
#include "catalog/catalog_help.h"

#include <stdio.h>

FIXTURE(catalog_start, catalog_stop)

#define NUMBER(n) (&(int64_t){ n })

static cinema_person *get(const char *name)
{
    cinema_person *p = NULL;
    OK(cinema_person_get(c, name, NULL, &p, &err));
    return p;
}

static cinema_person *change(const char *name, cinema_person_input in)
{
    cinema_person *p = NULL;
    OK(cinema_person_update(c, name, &in, &p, &err));
    return p;
}

static void credit(const char *title, const char *person)
{
    const cinema_cast_input line = { .person_id = person }, *const lines[] = { &line };
    cinema_credits_input in = { .cast = { lines, 1 } };
    cinema_credits *k = NULL;
    OK(cinema_credits_set(c, title, &in, &k, &err));
    cinema_credits_free(k);
}

TEST(what_was_written_is_read_back)
{
    cinema_pair ids[] = { { "tmdb", "40" }, { "imdb", "nm0000080" } };
    cinema_person_input in = { .name = "Orson Welles",
                               .born_on = "1915-05-06",
                               .died_on = "1985-10",
                               .biography = "Kenosha,\nWisconsin.",
                               .external_ids = { ids, 2 } };
    cinema_person *p = NULL;
    OK(cinema_person_create(c, &in, &p, &err));
    ck_assert_str_eq(p->slug, "orson-welles");
    const char *const names[] = { p->id, "orson-welles", "imdb:nm0000080", "tmdb:40" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cinema_person *read = get(names[i]);
        ck_assert_str_eq(read->id, p->id);
        ck_assert_str_eq(read->born_on, "1915-05-06");
        ck_assert_str_eq(read->died_on, "1985-10");
        ck_assert_str_eq(read->biography, in.biography);
        ck_assert_uint_eq(read->external_ids.count, 2);
        ck_assert_str_eq(read->external_ids.items[0].name, "imdb");
        ck_assert_int_eq(read->created_at, p->created_at);
        cinema_person_free(read);
    }
    cinema_person_free(p);
}

static const struct {
    const char *field;
    cinema_person_input in;
} bad[] = {
    { "name", { .biography = "x" } },
    { "born_on", { .name = "x", .born_on = "1915-02-30" } },
    { "died_on", { .name = "x", .died_on = "soon" } },
    { "slug", { .name = "x", .slug = "X" } },
    { "external_ids.imdb",
      { .name = "x", .external_ids = { (cinema_pair[]){ { "imdb", "" } }, 1 } } },
    { "name", { .name = "x", .clear = "name" } },
};

TEST_EACH(what_is_wrong_is_said, sizeof bad / sizeof *bad)
{
    cinema_person *p = NULL;
    GIVES(CINEMA_INVALID, cinema_person_create(c, &bad[_i].in, &p, &err));
    ck_assert_str_eq(err.field, bad[_i].field);
    ck_assert_ptr_null(p);
}

/* ---- changing -------------------------------------------------------------------------------- */

TEST(a_change_leaves_alone_what_it_does_not_name_and_clears_what_it_is_told_to)
{
    cinema_pair ids[] = { { "imdb", "nm1" } };
    cinema_person_input in = {
        .name = "Ida", .born_on = "1918", .biography = "b", .external_ids = { ids, 1 }
    };
    cinema_person *p = NULL;
    OK(cinema_person_create(c, &in, &p, &err));
    cinema_person_free(p);
    p = change("ida", (cinema_person_input){ .died_on = "1995", .clear = "biography" });
    cinema_person_free(p);
    p = get("ida");
    ck_assert_str_eq(p->born_on, "1918");
    ck_assert_str_eq(p->died_on, "1995");
    ck_assert_ptr_null(p->biography);
    ck_assert_uint_eq(p->external_ids.count, 1);
    ck_assert_int_eq(p->revision, 2);
    cinema_person_free(p);
}

TEST(an_external_id_belongs_to_one_person)
{
    cinema_pair ids[] = { { "imdb", "nm1" } };
    cinema_person_input in = { .name = "Ida", .external_ids = { ids, 1 } };
    cinema_person *p = NULL;
    OK(cinema_person_create(c, &in, &p, &err));
    cinema_person_free(p);
    p = NULL;
    in.name = "Other";
    GIVES(CINEMA_CONFLICT, cinema_person_create(c, &in, &p, &err));
    ck_assert_str_eq(err.reason, "external_id_taken");
    ck_assert_str_eq(err.field, "external_ids.imdb");
    GIVES(CINEMA_NOT_FOUND,
          cinema_person_get(c, "other", NULL, &p, &err)); /* nothing was written */
    cinema_person_free(add_person("Other"));
    in = (cinema_person_input){ .external_ids = { ids, 1 } };
    GIVES(CINEMA_CONFLICT, cinema_person_update(c, "other", &in, &p, &err));
    cinema_person_free(change("ida", in)); /* her own */
    cinema_person_free(change("ida", (cinema_person_input){ .clear = "external_ids" }));
    cinema_person_free(change("other", in));
    p = get("imdb:nm1");
    ck_assert_str_eq(p->slug, "other");
    cinema_person_free(p);
}

static bool shows_external_ids(const char *op, const char *json)
{
    static const cinema_caller us = { .system = true };
    char *text = NULL;
    OK(cinema_call(c, &us, op, json, &text, &err));
    bool shown = strstr(text, "\"external_ids\":{");
    cinema_text_free(text);
    return shown;
}

TEST(every_answer_of_one_person_shows_external_ids_and_no_list_does)
{
    ck_assert(shows_external_ids("person.create", "{\"name\":\"Ida\"}"));
    ck_assert(shows_external_ids("person.get", "{\"person_id\":\"ida\"}"));
    ck_assert(shows_external_ids("person.update", "{\"person_id\":\"ida\",\"external_ids\":null}"));
    ck_assert(shows_external_ids("person.update", "{\"person_id\":\"ida\",\"born_on\":\"1918\"}"));
    ck_assert(!shows_external_ids("person.list", "{}"));
}

TEST(external_ids_are_replaced_as_a_whole)
{
    cinema_pair two[] = { { "imdb", "nm1" }, { "tmdb", "1" } }, one[] = { { "tmdb", "2" } };
    cinema_person *p = NULL;
    cinema_person_free(add_person("Ida"));
    cinema_person_free(change("ida", (cinema_person_input){ .external_ids = { two, 2 } }));
    cinema_person_free(change("ida", (cinema_person_input){ .external_ids = { one, 1 } }));
    p = get("tmdb:2");
    ck_assert_uint_eq(p->external_ids.count, 1);
    cinema_person_free(p);
    GIVES(CINEMA_NOT_FOUND, cinema_person_get(c, "imdb:nm1", NULL, &p, &err));
}

TEST(another_name_or_slug_changes_the_titles_that_show_it)
{
    cinema_movie_free(add_movie("Ran", 0));
    cinema_movie_free(add_movie("Ikiru", 0));
    cinema_person_free(add_person("Ida"));
    credit("ran", "ida");
    cinema_person_free(change("ida", (cinema_person_input){ .name = "Ida Lupino" }));
    cinema_movie *m = NULL;
    OK(cinema_movie_get(c, "ran", NULL, &m, &err));
    ck_assert_int_eq(m->revision, 3);
    ck_assert_str_eq(m->cast.items[0]->name, "Ida Lupino");
    ck_assert_str_eq(m->cast.items[0]->slug, "ida");
    cinema_movie_free(m);
    cinema_person_free(change("ida", (cinema_person_input){ .slug = "lupino" }));
    cinema_person_free(change("lupino", (cinema_person_input){ .born_on = "1918" }));
    OK(cinema_movie_get(c, "ran", NULL, &m, &err));
    ck_assert_int_eq(m->revision, 4); /* a birthday is not shown there */
    ck_assert_str_eq(m->cast.items[0]->slug, "lupino");
    cinema_movie_free(m);
    OK(cinema_movie_get(c, "ikiru", NULL, &m, &err));
    ck_assert_int_eq(m->revision, 1);
    cinema_movie_free(m);
}

/* ---- removing -------------------------------------------------------------------------------- */

TEST(who_has_credits_cannot_go)
{
    cinema_pair ids[] = { { "imdb", "nm1" } };
    cinema_person_input in = { .name = "Ida", .external_ids = { ids, 1 } };
    cinema_person *p = NULL;
    cinema_person_options stale = { .revision = NUMBER(7) };
    OK(cinema_person_create(c, &in, &p, &err));
    cinema_person_free(p);
    cinema_movie_free(add_movie("Ran", 0));
    credit("ran", "ida");
    GIVES(CINEMA_CONFLICT, cinema_person_remove(c, "ida", NULL, &err));
    ck_assert_str_eq(err.reason, "in_use");
    OK(cinema_movie_remove(c, "ran", NULL, &err));
    GIVES(CINEMA_STALE, cinema_person_remove(c, "ida", &stale, &err));
    OK(cinema_person_remove(c, "imdb:nm1", NULL, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_person_get(c, "ida", NULL, &p, &err));
    OK(cinema_person_create(c, &in, &p, &err)); /* slug and external id are free again */
    cinema_person_free(p);
}

/* ---- pages ----------------------------------------------------------------------------------- */

TEST(people_of_one_name_are_told_apart_and_paged_through)
{
    char after[2100] = "", slugs[300] = "";
    size_t n = 0;
    for (int i = 0; i < 7; i++)
        cinema_person_free(add_person(i == 3 ? "Anna" : "Zo\xc3\xab"));
    do {
        cinema_person_page *p = NULL;
        cinema_person_query q = { .limit = 2, .total = true, .after = *after ? after : NULL };
        OK(cinema_person_list(c, &q, &p, &err));
        ck_assert_int_eq(p->total, 7);
        for (size_t i = 0; i < p->count; i++)
            n += (size_t)snprintf(slugs + n, sizeof slugs - n, " %s", p->items[i]->slug);
        snprintf(after, sizeof after, "%s", p->next ? p->next : "");
        cinema_person_page_free(p);
    } while (*after);
    ck_assert_str_eq(slugs, " anna zoe zoe-2 zoe-3 zoe-4 zoe-5 zoe-6");
}

TEST(somebody_added_meanwhile_does_not_disturb_the_pages)
{
    cinema_person_page *p = NULL;
    char after[2100];
    cinema_person_free(add_person("Berta"));
    cinema_person_free(add_person("Clara"));
    cinema_person_query q = { .limit = 1 };
    OK(cinema_person_list(c, &q, &p, &err));
    snprintf(after, sizeof after, "%s", p->next);
    cinema_person_page_free(p);
    cinema_person_free(add_person("Anna"));
    q.after = after;
    OK(cinema_person_list(c, &q, &p, &err));
    ck_assert_str_eq(p->items[0]->name, "Clara");
    ck_assert_ptr_null(p->next);
    cinema_person_page_free(p);
}

TEST(the_longest_names_are_sorted_and_paged_too)
{
    char name[601] = "";
    cinema_person_page *p = NULL;
    cinema_person_query q = { .limit = 1 };
    for (int i = 0; i < 200; i++)
        memcpy(name + 3 * i, "\xef\xb7\xba", 4); /* U+FDFA: eighteen letters when folded */
    for (int i = 0; i < 3; i++)
        cinema_person_free(add_person(name));
    OK(cinema_person_list(c, &q, &p, &err));
    ck_assert_ptr_nonnull(p->next);
    cinema_person_page_free(p);
}

TEST(freeing_nothing_is_fine)
{
    cinema_person_free(NULL);
    cinema_person_page_free(NULL);
}
