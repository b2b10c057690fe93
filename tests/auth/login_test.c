/* login_test.c - mirrors lib/auth/login.c: a sign-in that cannot be judged, hashes that are out of
 * date, who is behind a token. The rest is in auth_test.c.
 */
#include "test.h"

#include "user/user.h"

#include <cinema/cinema.h>

#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- hashes ---------------------------------------------------------------------------------- */

static void hash_of(const char *email, char ret[PASSWORD_HASH_MAX])
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    account who;
    OK(account__by_email(c, NULL, email, a, &who, &err));
    ck_assert(snprintf(ret, PASSWORD_HASH_MAX, "%s", who.password) < PASSWORD_HASH_MAX);
}

TEST(a_hash_of_less_work_than_today_s_is_renewed_by_a_sign_in)
{
    char cheap[crypto_pwhash_STRBYTES], now[PASSWORD_HASH_MAX];
    cinema_sign_in *in = NULL;
    cinema_user *u = NULL;
    ck_assert(!crypto_pwhash_str(cheap, PASSWORD, strlen(PASSWORD), crypto_pwhash_OPSLIMIT_MIN,
                                 crypto_pwhash_MEMLIMIT_MIN));
    const cinema_user_input bob = { .email = "bob@films.example",
                                    .name = "Bob",
                                    .password_hash = cheap };
    OK(cinema_user_create(c, &bob, &u, &err));
    cinema_user_free(u);
    cinema_login_input try = { .email = bob.email, .password = OTHER };
    GIVES(CINEMA_UNAUTHENTICATED, cinema_auth_login(c, &try, &in, &err));
    hash_of(bob.email, now);
    ck_assert_str_eq(now, cheap); /* who does not know the password changes nothing */
    for (int i = 0; i < 2; i++) {
        try.password = PASSWORD;
        OK(cinema_auth_login(c, &try, &in, &err));
        cinema_sign_in_free(in);
        hash_of(bob.email, now);
        ck_assert_str_ne(now, cheap);
    }
}

TEST(what_is_no_address_has_no_account)
{
    const cinema_login_input in = { .email = "not an address", .password = PASSWORD };
    cinema_sign_in *ret = NULL;
    GIVES(CINEMA_UNAUTHENTICATED, cinema_auth_login(c, &in, &ret, &err));
    ck_assert_str_eq(err.reason, "invalid_credentials");
    ck_assert_ptr_null(ret);
}

/* ---- who ------------------------------------------------------------------------------------- */

TEST(an_access_token_says_who_and_by_which_session)
{
    cinema_sign_in *in = NULL;
    cinema_principal *who = NULL;
    const cinema_login_input ann = { .email = ANN, .password = PASSWORD };
    const cinema_refresh_input again = { .refresh_token = NULL };
    OK(cinema_auth_login(c, &ann, &in, &err));
    OK(cinema_auth_check(c, in->access_token, &who, &err));
    ck_assert_str_eq(who->account_id, id);
    ck_assert_ptr_nonnull(who->session_id);
    cinema_principal_free(who);
    GIVES(CINEMA_UNAUTHENTICATED, cinema_auth_check(c, in->refresh_token, &who, &err));
    GIVES(CINEMA_UNAUTHENTICATED, cinema_auth_check(c, "", &who, &err));
    GIVES(CINEMA_UNAUTHENTICATED, cinema_auth_check(c, NULL, &who, &err));
    cinema_sign_in_free(in);
    GIVES(CINEMA_INVALID, cinema_auth_refresh(c, &again, &in, &err));
    ck_assert_str_eq(err.field, "refresh_token");
}
