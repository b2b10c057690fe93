/* index_test.c - the index keeps up with the catalogue.
 */
#include "search/search_help.h"

FIXTURE(search_start, search_stop)

/* --- keeping up --- */

TEST(a_changed_title_is_found_by_its_new_words_only)
{
    cinema_movie *m = NULL;
    add(films);
    cinema_movie_input in = { .title = "Odd Man Out", .overview = "Belfast." };
    OK(cinema_movie_update(c, "the-third-man-1949", &in, &m, &err));
    cinema_movie_free(m);
    FINDS("", .q = "third");
    FINDS("", .q = "vienna");
    FINDS("Odd Man Out", .q = "belfast");
    FINDS("Odd Man Out", .q = "cotten"); /* its people are still its */
}

TEST(a_removed_title_is_not_found)
{
    add(films);
    OK(cinema_movie_remove(c, "the-third-man-1949", NULL, &err));
    FINDS("", .q = "third");
    add("{\"kind\":\"movie\",\"title\":\"Another\"}\n"); /* may get its row number */
    FINDS("", .q = "third");
    FINDS("Another", .q = "another");
}

TEST(episodes_go_with_their_series)
{
    add(films);
    FINDS("Smoke Gets in Your Eyes", .q = "smoke");
    OK(cinema_series_remove(c, "mad-men-2007", NULL, &err));
    FINDS("", .q = "smoke");
    FINDS("", .q = "mad men");
}

TEST(titles_are_found_by_new_credits_and_new_names)
{
    cinema_person *p = NULL;
    cinema_credits *k = NULL;
    add(films);
    cinema_person_input who = { .name = "Trevor Howard" };
    OK(cinema_person_create(c, &who, &p, &err));
    cinema_cast_input line = { .person_id = p->id };
    const cinema_cast_input *const lines[] = { &line };
    cinema_credits_input in = { .cast = { lines, 1 } };
    OK(cinema_credits_set(c, "the-third-man-1949", &in, &k, &err));
    cinema_credits_free(k);
    FINDS("The Third Man", .q = "trevor");
    FINDS("", .q = "orson");
    cinema_person_input renamed = { .name = "T. W. Howard-Smith" };
    cinema_person *now = NULL;
    OK(cinema_person_update(c, p->id, &renamed, &now, &err));
    FINDS("", .q = "trevor");
    FINDS("The Third Man", .q = "howard smith");
    cinema_person_free(p);
    cinema_person_free(now);
}
