/* login_test.c - mirrors lib/auth/login.c: a sign-in that cannot be judged. The rest is in
 * auth_test.c.
 */
#include "test.h"

#include <cinema/cinema.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define ANN "ann@films.example"
#define PASSWORD "zither under Vienna"
#define OTHER "cuckoo clock, Geneva"

static cinema *c;
static cinema_error err;
static char id[40];

static void migrate(const char *database)
{
    cinema *m = NULL;
    cinema_migrations *done = NULL;
    OK(cinema_open(database, &m, &err));
    OK(cinema_migrate(m, &done, &err));
    cinema_migrations_free(done);
    cinema_close(m);
}

static void start(void)
{
    char url[600];
    cinema_user *u = NULL;
    const cinema_user_input ann = { .email = ANN, .name = "Ann", .password = PASSWORD };
    test_database_from(migrate, url, sizeof url);
    setenv("CINEMA_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 1);
    setenv("CINEMA_LIMIT_SIGN_IN_ACCOUNT", "3/15m", 1);
    OK(cinema_open(url, &c, &err));
    OK(cinema_user_create(c, &ann, &u, &err));
    ck_assert(snprintf(id, sizeof id, "%s", u->id) < (int)sizeof id);
    cinema_user_free(u);
}

static void stop(void)
{
    cinema_close(c);
}

FIXTURE(start, stop)

static cinema_status login(const char *password)
{
    cinema_sign_in *in = NULL;
    const cinema_login_input ann = { .email = ANN, .password = password };
    cinema_status s = cinema_auth_login(c, &ann, &in, &err);
    cinema_sign_in_free(in);
    return s;
}

static cinema_status change(const char *password)
{
    const cinema_password_input in = { .password = password, .new_password = OTHER };
    return cinema_auth_change_password(c, id, &in, &err);
}

enum { LESS_THAN_A_HASH = 16 << 20 };

TEST(who_cannot_be_told_for_want_of_memory_is_not_counted_as_guessing)
{
    OK(login(PASSWORD)); /* what is read once was read */
    if (!test_room(LESS_THAN_A_HASH))
        SKIP("the address space cannot be limited here");
    for (int i = 0; i < 5; i++) {
        GIVES(CINEMA_NO_MEMORY, login(PASSWORD));
        GIVES(CINEMA_NO_MEMORY, login("wrong"));
        GIVES(CINEMA_NO_MEMORY, change(PASSWORD));
    }
    ck_assert(test_room(SIZE_MAX));
    for (int i = 0; i < 2; i++)
        GIVES(CINEMA_UNAUTHENTICATED, login("wrong"));
    OK(login(PASSWORD));
    OK(change(PASSWORD));
    GIVES(CINEMA_UNAUTHENTICATED, login("wrong"));
    GIVES(CINEMA_LIMITED, login(OTHER)); /* the third has been counted */
}
