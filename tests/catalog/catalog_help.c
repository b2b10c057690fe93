/* catalog_help.c - what the catalogue's tests start from.
 */
#include "catalog/catalog_help.h"

cinema *c;
cinema_error err;

static void migrate(const char *url)
{
    cinema *fresh = NULL;
    cinema_migrations *steps = NULL;
    OK(cinema_open(url, &fresh, &err));
    OK(cinema_migrate(fresh, &steps, &err));
    ck_assert_uint_eq(steps->pending, 0);
    cinema_migrations_free(steps);
    cinema_close(fresh);
}

void catalog_start(void)
{
    char url[512];
    test_database_from(migrate, url, sizeof url);
    OK(cinema_open(url, &c, &err));
}

void catalog_stop(void)
{
    cinema_close(c);
    c = NULL;
}

cinema_movie *add_movie(const char *title, int64_t year)
{
    cinema_movie *m = NULL;
    cinema_movie_input in = { .title = title, .year = year ? &year : NULL, .status = "published" };
    OK(cinema_movie_create(c, &in, &m, &err));
    return m;
}

cinema_genre *add_genre(const char *name)
{
    cinema_genre *g = NULL;
    cinema_genre_input in = { .name = name };
    OK(cinema_genre_create(c, &in, &g, &err));
    return g;
}

cinema_person *add_person(const char *name)
{
    cinema_person *p = NULL;
    cinema_person_input in = { .name = name };
    OK(cinema_person_create(c, &in, &p, &err));
    return p;
}
