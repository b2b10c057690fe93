/* words_test.c - which words find a title.
 */
#include "search/search_help.h"

FIXTURE(search_start, search_stop)

/* --- words --- */

TEST(title_original_title_people_and_overview_are_searched)
{
    add(films);
    FINDS("The Third Man", .q = "third");
    FINDS("Am\xC3\xA9lie", .q = "fabuleux");
    FINDS("The Third Man", .q = "welles");
    FINDS("The Third Man", .q = "carol reed");
    FINDS("The Third Man", .q = "vienna");
    FINDS("Am\xC3\xA9lie", .q = "tautou montmartre");
    FINDS("", .q = "lime"); /* of a role: not a person */
}

TEST(case_and_accents_do_not_matter)
{
    static const char *const ways[] = { "amelie",         "AM\xC3\x89LIE", "Am\xC3\xA9lie",
                                        "ame\xCC\x81lie", "d'amelie",      "  amelie  ",
                                        "amelie!" };
    add(films);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        FINDS("Am\xC3\xA9lie", .q = ways[i]);
}

TEST(every_word_has_to_occur)
{
    add(films);
    FINDS("The Third Man", .q = "man third the");
    FINDS("The Third Man", .q = "orson vienna third");
    FINDS("", .q = "third woman");
}

TEST(a_hyphen_separates_words)
{
    add(films);
    FINDS("Spider-Man", .q = "spider man");
    FINDS("Spider-Man", .q = "spider-man");
    FINDS("Spider-Man", .q = "man spider");
    FINDS("", .q = "spiderman");
}

TEST(the_last_word_may_be_a_beginning)
{
    add(films);
    FINDS("The Third Man", .q = "orson wel");
    FINDS("", .q = "wel orson");
    FINDS("The Third Man", .q = "wri");
    FINDS("", .q = "wr"); /* of two letters only titles are the beginning */
    FINDS("Smoke Gets in Your Eyes", .q = "sm");
}

TEST(other_scripts_are_found_by_their_beginnings)
{
    add(films);
    FINDS("In the Mood for Love", .q = "\xE8\x8A\xB1\xE6\xA8\xA3\xE5\xB9\xB4\xE8\x8F\xAF");
    FINDS("In the Mood for Love", .q = "\xE8\x8A\xB1\xE6\xA8\xA3");
    FINDS("In the Mood for Love", .q = "\xE8\x8A\xB1");
}

TEST(what_a_store_would_take_for_its_own_language_is_words)
{
    static const char *const odd[] = { "third AND man",   "third OR nothing", "\"third man\"",
                                       "'third' & 'man'", "third:*",          "third*",
                                       "NEAR(third man)", "(third",           "-third",
                                       "words:third",     "third\\",          "th''ird" };
    add(films);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        cinema_search_query q = { .q = odd[i] };
        cinema_title_page *p = page(q);
        ck_assert_uint_le(p->count, 1);
        cinema_search_page_free(p);
    }
    FINDS("The Third Man", .q = "\"third man\"");
    FINDS("", .q = "third AND man"); /* "and" is a word like any other */
}

TEST(long_words_and_many_words_are_cut)
{
    char line[3000], word[700], q[201];
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    snprintf(line, sizeof line,
             "{\"kind\":\"movie\",\"title\":\"Long\",\"overview\":\"%s end a b c d "
             "e f g h i j k l m n o p q\"}\n",
             word);
    add(line);
    memcpy(q, word, 200);
    q[200] = '\0';
    FINDS("Long", .q = q);
    FINDS("Long", .q = "a b c d e f g h i j k l m n o p nowhere");
    FINDS("", .q = "a b c d e f g h i j k l m n o nowhere");
}

TEST(a_query_without_words_finds_nothing)
{
    add(films);
    FINDS("", .q = "!!!");
    FINDS("", .q = "\xE2\x80\xA6 ?");
    cinema_title_page *p = page((cinema_search_query){ .q = "...", .total = true });
    ck_assert_int_eq(p->total, 0);
    ck_assert_ptr_null(p->next);
    cinema_search_page_free(p);
}

TEST(an_empty_query_is_refused)
{
    static const char *const none[] = { "", "   ", NULL };
    for (size_t i = 0; i < 3; i++) {
        cinema_title_page *p = NULL;
        cinema_search_query q = { .q = none[i] };
        GIVES(CINEMA_INVALID, cinema_search(c, &q, &p, &err));
        ck_assert_str_eq(err.field, "q");
        ck_assert_ptr_null(p);
    }
}

TEST(a_query_of_more_than_200_characters_is_refused)
{
    char text[202];
    cinema_title_page *p = NULL;
    memset(text, 'a', 201);
    text[201] = '\0';
    cinema_search_query q = { .q = text };
    GIVES(CINEMA_INVALID, cinema_search(c, &q, &p, &err));
    ck_assert_str_eq(err.field, "q");
}
