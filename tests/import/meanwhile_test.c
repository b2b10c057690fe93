/* meanwhile_test.c - imports of what somebody else is just changing. On SQLite they wait for their
 * turn, on PostgreSQL for the rows.
 */
#include "import/import_help.h"

#include "base/handle.h"
#include "port/db/db.h"

#include <unistd.h>

FIXTURE(import_start, import_stop)

static const char film_of_drama[] = "{\"kind\":\"movie\",\"title\":\"Late\","
                                    "\"genres\":[\"Drama\"],\"cast\":[{\"name\":\"Ida\"}]}\n";

static void *import_film(void *unused)
{
    importing m = { .text = film_of_drama };
    cinema_status s = import_run(&m, 0, NULL);
    (void)unused;
    return s || m.counts.created != 1 ? "failed" : NULL;
}

/* The film is imported while a transaction is open that has run this statement; its $1 is an id. */
static void import_beside(const char *text)
{
    pthread_t other;
    db_tx *tx = NULL;
    db_sql sql;
    uuid id;
    void *failed;
    uuid_new(c, &id);
    OK(db_begin(c, &tx, &err));
    db_sql_for_tx(&sql, tx);
    db_add(&sql, (db_text){ "beside", text, text }, strstr(text, "$1") ? "u" : "", &id);
    OK(db_run(tx, &sql, NULL, NULL, &err));
    ck_assert(!pthread_create(&other, NULL, import_film, NULL));
    usleep(300000);
    OK(db_commit(&tx, &err));
    pthread_join(other, &failed);
    ck_assert_ptr_null(failed);
}

static void genre_is(const char *slug)
{
    cinema_movie *m = movie("late");
    ck_assert_uint_eq(m->genres.count, 1);
    ck_assert_str_eq(m->genres.items[0], slug);
    cinema_movie_free(m);
}

TEST(a_genre_that_another_makes_first_is_taken_not_doubled)
{
    import_beside("INSERT INTO genre (id, slug, name, sort_key, revision, created_at, updated_at) "
                  "VALUES ($1, 'drama', 'Drama', 'drama', 1, 1, 1)");
    ck_assert_int_eq(total_of("genre.list"), 1);
    genre_is("drama");
}

TEST(a_film_does_not_keep_the_slug_that_its_genre_has_no_longer)
{
    import_text("{\"kind\":\"genre\",\"name\":\"Drama\"}\n");
    import_beside("UPDATE genre SET slug = 'plays' WHERE slug = 'drama'");
    ck_assert_int_eq(total_of("genre.list"), 1);
    genre_is("plays");
}

TEST(a_film_goes_to_nobody_who_has_another_name_by_then)
{
    import_text("{\"kind\":\"person\",\"name\":\"Ida\"}\n");
    import_beside("UPDATE person SET name = 'Lupino', sort_key = 'lupino' WHERE slug = 'ida'");
    ck_assert_int_eq(total_of("person.list"), 2);
}
