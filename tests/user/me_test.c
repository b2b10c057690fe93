/* me_test.c - mirrors lib/user/me_ops.c, user_leave.c and user_export.c.
 */
#include "base/handle.h"
#include "base/status.h"
#include "user/user.h"
#include "user/user_help.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

FIXTURE(user_start, user_close)

enum { DAY_MS = 24 * 3600 * 1000 };

static int64_t ahead;

static int64_t later(void *user)
{
    (void)user;
    return clock_wall_ms() + ahead;
}

static const char *id, *token;

static void somebody(void)
{
    id = add_user("ada@films.example", "Ada", NULL);
    token = sign_in(id);
}

TEST(one_sees_oneself)
{
    const char *text;
    somebody();
    OK(call(token, "me.get", NULL, &text));
    ck_assert_ptr_nonnull(strstr(text, id));
    ck_assert_ptr_nonnull(strstr(text, "\"email\":\"ada@films.example\""));
    ck_assert_ptr_null(strstr(text, "argon2"));
}

TEST(who_is_nobody_has_no_account)
{
    static const char *const names[] = { "me.get", "me.update", "me.remove", "me.export" };
    cinema_caller nobody = { 0 };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *text = NULL;
        GIVES(CINEMA_FORBIDDEN, call(NULL, names[i], NULL, NULL)); /* the system */
        GIVES(CINEMA_UNAUTHENTICATED, cinema_call(c, &nobody, names[i], NULL, &text, &err));
        cinema_text_free(text);
    }
}

TEST(one_changes_name_and_language_and_nothing_else)
{
    static const char *const others[] = { "{\"roles\":[\"admin\"]}",
                                          "{\"permissions\":[\"*\"]}",
                                          "{\"status\":\"active\"}",
                                          "{\"email\":\"eve@films.example\"}",
                                          "{\"email_verified\":true}",
                                          "{\"password\":\"four films and a Sunday\"}",
                                          "{\"id\":\"x\"}",
                                          "{\"delete_at\":null}" };
    const char *text;
    somebody();
    OK(call(token, "me.update", "{\"name\":\"Ada Byron\",\"locale\":\"de\"}", &text));
    ck_assert_ptr_nonnull(strstr(text, "\"name\":\"Ada Byron\""));
    OK(call(token, "me.update", "{\"name\":null,\"locale\":null}", &text));
    ck_assert_ptr_nonnull(strstr(text, "\"name\":\"\""));
    ck_assert_ptr_nonnull(strstr(text, "\"locale\":null"));
    GIVES(CINEMA_INVALID, call(token, "me.update", "{\"locale\":\"german\"}", NULL));
    GIVES(CINEMA_STALE, call(token, "me.update", "{\"name\":\"Eve\",\"revision\":1}", NULL));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(call(token, "me.update", others[i], NULL) == CINEMA_INVALID, "%s", others[i]);
}

TEST(who_leaves_is_signed_out_and_told_and_may_come_back)
{
    const char *text;
    account x;
    db_tx *tx = NULL;
    somebody();
    OK(call(token, "me.remove", NULL, &text));
    ck_assert_ptr_nonnull(strstr(text, "\"delete_at\":\"20"));
    GIVES(CINEMA_UNAUTHENTICATED, call(token, "me.get", NULL, NULL));
    ck_assert_int_eq(count_of("SELECT count(*) FROM outbox WHERE nr > $1", 0), 1);
    OK(account__by_id(c, NULL, id, a, &x, &err));
    ck_assert_int_le(llabs(x.delete_at - now_ms(c) - 14 * (int64_t)DAY_MS), DAY_MS);
    OK(db_begin(c, &tx, &err));
    OK(account__signed_in(c, tx, x.nr, &err));
    OK(db_commit(&tx, &err));
    OK(account__by_id(c, NULL, id, a, &x, &err));
    ck_assert_int_eq(x.delete_at, CINEMA_ABSENT);
}

TEST(who_does_not_come_back_is_removed)
{
    bool more = true;
    account x;
    somebody();
    const char *eve = add_user("eve@films.example", "Eve", NULL);
    OK(call(token, "me.remove", NULL, NULL));
    OK(account__sweep(c, &more, &err));
    ck_assert(!more);
    OK(account__by_id(c, NULL, id, a, &x, &err)); /* there is time still */
    ahead = 13 * (int64_t)DAY_MS;
    c->wall_ms = later;
    OK(account__sweep(c, &more, &err));
    OK(account__by_id(c, NULL, id, a, &x, &err));
    ahead = 15 * (int64_t)DAY_MS;
    OK(account__sweep(c, &more, &err));
    GIVES(CINEMA_NOT_FOUND, account__by_id(c, NULL, id, a, &x, &err));
    OK(account__by_id(c, NULL, eve, a, &x, &err));
    add_user("ada@films.example", "Another", NULL);
}

static void *sweep(void *arg)
{
    bool more = true;
    (void)arg;
    OK(account__sweep(c, &more, NULL));
    return NULL;
}

/* With SQLite nothing else is written meanwhile. */
TEST(who_comes_back_while_others_are_removed_stays)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    pthread_t other;
    account x;
    if (!test_on_postgres())
        return;
    somebody();
    OK(call(token, "me.remove", NULL, NULL));
    const char *eve = add_user("eve@films.example", "Eve", NULL);
    OK(call(sign_in(eve), "me.remove", NULL, NULL));
    ahead = 15 * (int64_t)DAY_MS;
    c->wall_ms = later;
    OK(account__by_id(c, NULL, id, a, &x, &err));
    OK(db_begin(c, &tx, &err));
    OK(account__signed_in(c, tx, x.nr, &err));
    pthread_create(&other, NULL, sweep, NULL);
    pthread_join(other, NULL);
    OK(db_commit(&tx, &err));
    sweep(NULL);
    OK(account__by_id(c, NULL, id, a, &x, &err));
    ck_assert_int_eq(x.delete_at, CINEMA_ABSENT);
    GIVES(CINEMA_NOT_FOUND, account__by_id(c, NULL, eve, a, &x, &err));
}

TEST(leaving_takes_a_sign_in_of_the_last_minutes_or_the_password)
{
    somebody();
    ahead = 6 * 60 * 1000;
    c->wall_ms = later;
    GIVES(CINEMA_FORBIDDEN, call(token, "me.remove", NULL, NULL));
    ck_assert_str_eq(err.reason, "reauthentication_required");
    GIVES(CINEMA_FORBIDDEN, call(token, "me.remove", "{\"password\":\"not hers at all\"}", NULL));
    ck_assert_str_eq(err.reason, "invalid_credentials");
    OK(call(token, "me.remove", "{\"password\":\"" PASSWORD "\"}", NULL));
}

TEST(passwords_cannot_be_guessed_by_leaving)
{
    cinema_status s = CINEMA_OK;
    int tries = 0;
    somebody();
    for (; tries < 30 && s != CINEMA_LIMITED; tries++)
        s = call(token, "me.remove", "{\"password\":\"not hers at all\"}", NULL);
    ck_assert_int_eq(s, CINEMA_LIMITED);
    ck_assert_int_le(tries, 21);
}

TEST(the_last_administrator_cannot_leave)
{
    token = sign_in(add_user("ada@films.example", "Ada", "admin"));
    GIVES(CINEMA_CONFLICT, call(token, "me.remove", NULL, NULL));
    ck_assert_str_eq(err.reason, "last_administrator");
}

TEST(what_is_kept_about_one_is_handed_out)
{
    const char *text;
    cinema_user_data *d = NULL;
    somebody();
    OK(call(token, "me.update", "{\"name\":\"Ada Byron\"}", NULL));
    OK(call(token, "me.export", NULL, &text));
    ck_assert_ptr_nonnull(strstr(text, "\"name\":\"Ada Byron\""));
    ck_assert_ptr_nonnull(strstr(text, "192.0.2.1"));
    ck_assert_ptr_null(strstr(text, "argon2"));
    OK(cinema_user_export(c, id, NULL, &d, &err));
    ck_assert_uint_eq(d->sessions.count, 1);
    ck_assert_str_eq(d->sessions.items[0]->method, "password");
    ck_assert_uint_eq(d->identities.count, 0);
    ck_assert_uint_eq(d->acts.count, 2); /* made by the system, changed by herself */
    ck_assert_str_eq(d->acts.items[0]->action, "user.update");
    ck_assert(d->acts.items[0]->own);
    ck_assert(!d->acts.items[1]->own);
    cinema_user_data_free(d);
    cinema_user_data_free(NULL);
    GIVES(CINEMA_NOT_FOUND, cinema_user_export(c, "eve@films.example", NULL, &d, &err));
}

TEST(where_there_are_no_days_to_come_back_one_is_gone_at_once)
{
    const char *settings[] = { "CINEMA_DELETION_DAYS=0", NULL };
    char url[700];
    cinema *other = NULL;
    cinema_user *u = NULL;
    cinema_options options = { settings, 2 };
    somebody();
    snprintf(url, sizeof url, "CINEMA_DATABASE_URL=%s", cinema_setting(c, "CINEMA_DATABASE_URL"));
    settings[1] = url;
    OK(cinema_open_with(&options, &other, &err));
    OK(cinema_user_leave(other, id, NULL, &u, &err));
    cinema_user_free(u);
    GIVES(CINEMA_NOT_FOUND, cinema_user_leave(other, id, NULL, &u, &err));
    cinema_close(other);
}
