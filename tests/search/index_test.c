/* index_test.c - the index keeps up with the catalogue.
 */
#include "search/search_help.h"

#include <pthread.h>
#include <stdatomic.h>

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

/* --- many at once --- */

enum { THREADS = 16, ROUNDS = 12 };

static void *make_and_remove(void *failed)
{
    cinema_error why;
    for (int i = 0; i < ROUNDS; i++) {
        cinema_movie_input in = { .title = "Fleeting", .overview = "Gone with the group." };
        cinema_movie *m = NULL;
        int bad = cinema_movie_create(c, &in, &m, &why) ||
                  (i % 3 && cinema_movie_remove(c, m->id, NULL, &why));
        cinema_movie_free(m);
        atomic_fetch_add((atomic_int *)failed, bad);
    }
    return NULL;
}

/* Row numbers are given again in the same group: entries must be made and dropped in that order. */
TEST(entries_are_those_of_the_titles_after_many_have_come_and_gone)
{
    pthread_t threads[THREADS];
    atomic_int failed = 0;
    for (int i = 0; i < THREADS; i++)
        ck_assert(!pthread_create(&threads[i], NULL, make_and_remove, &failed));
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(failed, 0);
    cinema_title_page *p = page((cinema_search_query){ .q = "fleeting", .total = true });
    ck_assert_int_eq(p->total, THREADS * ROUNDS / 3);
    cinema_search_page_free(p);
    ck_assert_int_eq(number("SELECT count(*) FROM title_search"), THREADS * ROUNDS / 3);
}
