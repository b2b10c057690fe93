/* user_help.c - what the tests of accounts start from.
 */
#include "user/user_help.h"

cinema *c;
cinema_error err;
arena *a;

static void migrate(const char *url)
{
    cinema *fresh = NULL;
    cinema_migrations *steps = NULL;
    OK(cinema_open(url, &fresh, &err));
    OK(cinema_migrate(fresh, &steps, &err));
    cinema_migrations_free(steps);
    cinema_close(fresh);
}

void user_open(void)
{
    OK(cinema_open("sqlite:unused.db", &c, &err));
    a = arena_new(0, 0);
}

void user_start(void)
{
    char url[512];
    test_database_from(migrate, url, sizeof url);
    OK(cinema_open(url, &c, &err));
    a = arena_new(0, 0);
}

void user_close(void)
{
    arena_freep(&a);
    cinema_close(c);
    c = NULL;
}
