/* query_test.c - order, filters and pages of what is found; the JSON door.
 */
#include "search/search_help.h"

FIXTURE(search_start, search_stop)

/* --- order --- */

TEST(the_title_itself_comes_first_then_beginnings_then_the_popular)
{
    add(films);
    FINDS("Man, Man of Steel, Spider-Man, The Third Man", .q = "man");
    FINDS("The Third Man", .q = "the third");
}

TEST(of_equal_titles_the_first_entered_comes_first)
{
    add("{\"kind\":\"movie\",\"title\":\"Twin\",\"year\":2001}\n"
        "{\"kind\":\"movie\",\"title\":\"Twin\",\"year\":1990}\n"
        "{\"kind\":\"movie\",\"title\":\"Twin\",\"year\":1995,\"popularity\":3}\n");
    cinema_title_page *p = page((cinema_search_query){ .q = "twin" });
    ck_assert_uint_eq(p->count, 3);
    ck_assert_int_eq(p->items[0]->year, 1995);
    ck_assert_int_eq(p->items[1]->year, 2001);
    ck_assert_int_eq(p->items[2]->year, 1990);
    cinema_search_page_free(p);
}

/* --- filters --- */

TEST(drafts_are_found_only_by_those_who_may_see_them)
{
    add(films);
    FINDS("", .q = "nobody");
    ck_assert_str_eq(found((cinema_search_query){ .q = "nobody" }), "A Man Nobody Knows");
}

TEST(filters_narrow_what_is_found)
{
    int64_t y2001 = 2001, y2002 = 2002, y1950 = 1950;
    add(films);
    FINDS("Mad Men", .q = "men", .type = "series");
    FINDS("", .q = "men", .type = "movie");
    FINDS("Smoke Gets in Your Eyes", .q = "smoke", .type = "episode");
    FINDS("The Third Man", .q = "man", .genre = "film-noir");
    FINDS("", .q = "man", .genre = "no-such-genre");
    FINDS("The Third Man", .q = "man", .language = "en");
    FINDS("Man of Steel, Spider-Man", .q = "man", .year_from = &y2001);
    FINDS("Spider-Man", .q = "man", .year_from = &y2001, .year_to = &y2002);
    FINDS("The Third Man", .q = "man", .year_to = &y1950); /* not the one without a year */
}

TEST(a_filter_that_is_no_good_is_refused)
{
    int64_t early = 1700;
    cinema_title_page *p = NULL;
    cinema_search_query bad[] = { { .q = "a", .type = "person" },
                                  { .q = "a", .limit = 101 },
                                  { .q = "a", .year_from = &early },
                                  { .q = "a", .after = "x" } };
    static const char *const fields[] = { "type", "limit", "year_from", "after" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        GIVES(CINEMA_INVALID, cinema_search(c, &bad[i], &p, &err));
        ck_assert_str_eq(err.field, fields[i]);
    }
    ck_assert_ptr_null(p);
}

/* --- pages --- */

TEST(pages_follow_each_other_without_gap_or_double)
{
    char after[512] = "", whole[4000], parts[4000] = "";
    size_t seen = 0;
    add_common(90);
    snprintf(whole, sizeof whole, "%s",
             found((cinema_search_query){ .q = "common", .limit = 100 }));
    for (int i = 0; i < 20; i++) {
        cinema_search_query q = { .q = "common", .limit = 7, .after = *after ? after : NULL };
        cinema_title_page *p = page(q);
        seen += p->count;
        for (size_t k = 0; k < p->count; k++)
            snprintf(parts + strlen(parts), sizeof parts - strlen(parts), "%s%s",
                     *parts ? ", " : "", p->items[k]->title);
        snprintf(after, sizeof after, "%s", p->next ? p->next : "");
        cinema_search_page_free(p);
        if (!*after)
            break;
    }
    ck_assert_uint_eq(seen, 90);
    ck_assert_str_eq(parts, whole);
    ck_assert(!strncmp(whole, "Common Film 0020, Common Film 0060", 20)); /* most popular first */
}

TEST(a_cursor_works_with_its_own_query_only)
{
    add_common(30);
    cinema_title_page *p = page((cinema_search_query){ .q = "common", .limit = 5 }), *other = NULL;
    cinema_search_query same = { .q = "common", .limit = 9, .after = p->next };
    OK(cinema_search(c, &same, &other, &err));
    ck_assert_uint_eq(other->count, 9);
    cinema_search_page_free(other);
    cinema_search_query wrong[] = { { .q = "film", .after = p->next },
                                    { .q = "common", .type = "movie", .after = p->next },
                                    { .q = "common", .published_only = true, .after = p->next } };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        GIVES(CINEMA_INVALID, cinema_search(c, &wrong[i], &other, &err));
        ck_assert_str_eq(err.field, "after");
    }
    cinema_search_page_free(p);
}

TEST(of_a_frequent_word_the_latest_entries_are_looked_at)
{
    add("{\"kind\":\"movie\",\"title\":\"Common\",\"year\":1950}\n"
        "{\"kind\":\"movie\",\"title\":\"Old\",\"overview\":\"common\",\"popularity\":1000000}\n");
    add_common(450);
    cinema_title_page *p =
        page((cinema_search_query){ .q = "common", .total = true, .limit = 100 });
    ck_assert_int_eq(p->total, 400);
    ck_assert(p->total_capped);
    ck_assert_str_eq(p->items[0]->title, "Common"); /* the title itself however old it is */
    for (size_t i = 0; i < p->count; i++)
        ck_assert_str_ne(p->items[i]->title, "Old");
    cinema_search_page_free(p);
    FINDS("Old", .q = "common old");
}

TEST(the_total_is_exact_where_few_are_found)
{
    add_common(50);
    cinema_title_page *p = page((cinema_search_query){ .q = "common", .total = true, .limit = 3 });
    ck_assert_int_eq(p->total, 50);
    ck_assert(!p->total_capped);
    cinema_search_page_free(p);
    p = page((cinema_search_query){ .q = "common" });
    ck_assert(p->total == CINEMA_ABSENT);
    ck_assert_uint_eq(p->count, 20);
    cinema_search_page_free(p);
}

/* --- the JSON door --- */

static char *call(const cinema_caller *who, const char *json, cinema_status want)
{
    char *text = NULL;
    GIVES(want, cinema_call(c, who, "search.query", json, &text, &err));
    ck_assert_ptr_nonnull(text);
    return text;
}

TEST(anyone_may_search_and_sees_what_is_published)
{
    cinema_caller us = { .system = true };
    cinema_caller nobody = { 0 };
    add(films);
    char *text = call(&nobody, "{\"q\":\"nobody\"}", CINEMA_OK);
    ck_assert_str_eq(text, "{\"items\":[],\"next\":null}");
    cinema_text_free(text);
    text = call(&us, "{\"q\":\"nobody\",\"total\":true}", CINEMA_OK);
    ck_assert_ptr_nonnull(strstr(text, "\"title\":\"A Man Nobody Knows\""));
    ck_assert_ptr_nonnull(strstr(text, "\"total\":1"));
    cinema_text_free(text);
}

TEST(the_json_door_refuses_what_it_does_not_know)
{
    static const char *const bad[][2] = { { "{}", "\"field\":\"q\"" },
                                          { "{\"q\":\"\"}", "\"field\":\"q\"" },
                                          { "{\"q\":\"a\",\"sort\":\"year\"}", "unknown_field" },
                                          { "{\"q\":1}", "\"rule\":\"type\"" },
                                          { "{\"q\":\"a\",\"limit\":0}", "\"rule\":\"range\"" } };
    cinema_caller nobody = { 0 };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *text = call(&nobody, bad[i][0], CINEMA_INVALID);
        ck_assert_msg(strstr(text, bad[i][1]) != NULL, "%s: %s", bad[i][0], text);
        cinema_text_free(text);
    }
}
