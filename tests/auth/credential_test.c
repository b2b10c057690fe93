/* credential_test.c - another password, another address. Mirrors lib/auth/credential.c.
 */
#include "auth/auth_help.h"

#include "onetime/onetime.h"
#include "session/session.h"
#include "user/user.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

FIXTURE(auth_start, auth_stop)

/* ---- forgotten and changed passwords --------------------------------------------------------- */

TEST(a_forgotten_password_is_set_anew_and_every_session_ends)
{
    const char *token = signed_in_ann();
    OK(call(NULL, "auth.forgot_password", "{\"email\":\"" ANN "\"}"));
    const char *first = mailed_token();
    ck_assert_ptr_nonnull(strstr(newest_mail(), "https://films.example/reset-password"));
    OK(call(NULL, "auth.forgot_password", "{\"email\":\"" ANN "\"}"));
    const char *second = mailed_token();
    refused(call(NULL, "auth.reset_password", "{\"token\":\"%s\",\"new_password\":\"" OTHER "\"}",
                 first),
            CINEMA_INVALID, "invalid_token");
    GIVES(CINEMA_INVALID, call(NULL, "auth.reset_password",
                               "{\"token\":\"%s\",\"new_password\":\"short\"}", second));
    ck_assert_str_eq(err.field, "new_password"); /* and the token is not used up */
    OK(call(NULL, "auth.reset_password", "{\"token\":\"%s\",\"new_password\":\"" OTHER "\"}",
            second));
    refused(call(NULL, "auth.reset_password",
                 "{\"token\":\"%s\",\"new_password\":\"" PASSWORD "\"}", second),
            CINEMA_INVALID, "invalid_token");
    GIVES(CINEMA_UNAUTHENTICATED, call(token, "me.get", "{}"));
    refused(login(ANN, PASSWORD), CINEMA_UNAUTHENTICATED, "invalid_credentials");
    OK(login(ANN, OTHER));
}

TEST(asking_for_a_reset_tells_nothing_and_mails_are_limited)
{
    verified_ann();
    int before = mail_count();
    OK(call(NULL, "auth.forgot_password", "{\"email\":\"nobody@films.example\"}"));
    ck_assert_str_eq(member("status"), "accepted");
    ck_assert_int_eq(mail_count(), before);
    for (int i = 0; i < 9; i++)
        OK(call(NULL, "auth.forgot_password", "{\"email\":\"" ANN "\"}"));
    ck_assert_int_eq(mail_count(), before + 5);
}

TEST(another_password_takes_the_one_so_far_and_ends_other_sessions)
{
    const char *token = signed_in_ann();
    OK(login(ANN, PASSWORD));
    const char *here = member("access_token");
    refused(call(here, "me.change_password",
                 "{\"password\":\"not the password\",\"new_password\":\"" OTHER "\"}"),
            CINEMA_FORBIDDEN, "invalid_credentials");
    refused(call(here, "me.change_password", "{\"new_password\":\"" OTHER "\"}"), CINEMA_FORBIDDEN,
            "invalid_credentials");
    OK(call(here, "me.change_password",
            "{\"password\":\"" PASSWORD "\",\"new_password\":\"" OTHER "\"}"));
    GIVES(CINEMA_UNAUTHENTICATED, call(token, "me.get", "{}"));
    OK(call(here, "me.get", "{}"));
    ck_assert_ptr_nonnull(strstr(newest_mail(), "password"));
    OK(login(ANN, OTHER));
}

/* Asks for another address, as somebody does who has the password; the link that was mailed there.
 */
static const char *asked_to_move(const char *token, const char *password)
{
    OK(call(token, "me.change_email", "{\"email\":\"eve@films.example\",\"password\":\"%s\"}",
            password));
    return mailed_token_to("eve@films.example");
}

static void is_void(const char *operation, const char *link)
{
    refused(call(NULL, operation, "{\"token\":\"%s\"%s}", link,
                 strstr(operation, "reset") ? ",\"new_password\":\"" OTHER "\"" : ""),
            CINEMA_INVALID, "invalid_token");
}

TEST(a_new_password_ends_what_was_asked_for_by_the_old_one)
{
    const char *token = signed_in_ann(), *link = asked_to_move(token, PASSWORD);
    OK(call(NULL, "auth.forgot_password", "{\"email\":\"" ANN "\"}"));
    OK(call(NULL, "auth.reset_password", "{\"token\":\"%s\",\"new_password\":\"" OTHER "\"}",
            mailed_token()));
    is_void("auth.verify_email", link);
    OK(login(ANN, OTHER));
    token = member("access_token");
    link = asked_to_move(token, OTHER);
    OK(call(token, "me.change_password",
            "{\"password\":\"" OTHER "\",\"new_password\":\"" PASSWORD "\"}"));
    is_void("auth.verify_email", link);
    OK(login(ANN, PASSWORD));
}

TEST(links_to_an_address_end_when_the_account_leaves_it)
{
    const char *token = signed_in_ann();
    OK(call(NULL, "auth.forgot_password", "{\"email\":\"" ANN "\"}"));
    const char *old = mailed_token();
    OK(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}", asked_to_move(token, PASSWORD)));
    is_void("auth.reset_password", old);
    OK(login("eve@films.example", PASSWORD));
}

/* Somebody who came from a provider, so many ms ago. */
static const char *came_from_elsewhere(int64_t ago)
{
    db_tx *tx = NULL;
    account x = { .email = "elsewhere@films.example", .email_verified_at = CINEMA_ABSENT };
    session_grant g;
    session_tokens t;
    wall = clock_wall_ms() - ago;
    OK(session__ready(c, &err));
    OK(db_begin(c, &tx, &err));
    OK(account__insert(c, tx, &x, a, &x, &err));
    OK(session__start(c, tx, x.nr, x.id, "google", &(cinema_caller){ 0 }, a, &g, &err));
    OK(db_commit(&tx, &err));
    OK(session__tokens(c, &g, a, &t, &err));
    wall += ago;
    return t.access_token;
}

TEST(who_has_no_password_changes_what_signs_them_in_by_a_sign_in_a_moment_ago)
{
    static const char change[] = "{\"new_password\":\"" OTHER "\"}";
    static const char move[] = "{\"email\":\"mine@films.example\"}";
    const char *token = came_from_elsewhere(6 * 60000);
    refused(call(token, "me.change_password", change), CINEMA_FORBIDDEN,
            "reauthentication_required");
    refused(call(token, "me.change_email", move), CINEMA_FORBIDDEN, "reauthentication_required");
    refused(call(token, "me.change_password", "{\"password\":\"\",\"new_password\":\"" OTHER "\"}"),
            CINEMA_INVALID, "invalid");
    refused(call(token, "me.change_password",
                 "{\"password\":\"whatever\",\"new_password\":\"" OTHER "\"}"),
            CINEMA_FORBIDDEN, "invalid_credentials");
    wall -= 2 * 60000;
    OK(call(token, "me.change_email", move));
    OK(call(token, "me.change_password", change));
}

TEST(another_address_is_verified_and_the_old_one_told)
{
    const char *token = signed_in_ann();
    int before = mail_count();
    refused(call(token, "me.change_email",
                 "{\"email\":\"new@films.example\","
                 "\"password\":\"wrong, of course\"}"),
            CINEMA_FORBIDDEN, "invalid_credentials");
    OK(call(token, "me.change_email",
            "{\"email\":\"new@films.example\",\"password\":\"" PASSWORD "\"}"));
    ck_assert_int_eq(mail_count(), before + 2);
    const char *link = mailed_token_to("new@films.example");
    /* in time: a new password stops it still */
    ck_assert_ptr_nonnull(strstr(newest_mail_to(ANN), "Your e-mail address is being changed"));
    OK(login(ANN, PASSWORD)); /* nothing has changed so far */
    OK(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}", link));
    refused(login(ANN, PASSWORD), CINEMA_UNAUTHENTICATED, "invalid_credentials");
    OK(login("new@films.example", PASSWORD));
}

TEST(that_an_address_has_an_account_is_told_to_its_owner_alone)
{
    const char *token = signed_in_ann();
    OK(call(NULL, "auth.register",
            "{\"email\":\"bob@films.example\",\"password\":\"" PASSWORD "\",\"name\":\"Bob\"}"));
    OK(call(token, "me.change_email",
            "{\"email\":\"bob@films.example\",\"password\":\"" PASSWORD "\"}"));
    ck_assert_str_eq(member("status"), "accepted");
    ck_assert_ptr_nonnull(strstr(newest_mail_to(ANN), "Your e-mail address is being changed"));
    ck_assert_ptr_nonnull(strstr(newest_mail_to("bob@films.example"), "You already have an"));
}

TEST(an_address_gets_its_share_of_mails_whoever_asks_for_them)
{
    const char *token = signed_in_ann();
    int before = mail_count();
    for (int i = 0; i < 5; i++)
        OK(call(NULL, "auth.forgot_password", "{\"email\":\"eve@films.example\"}"));
    OK(call(token, "me.change_email",
            "{\"email\":\"eve@films.example\",\"password\":\"" PASSWORD "\"}"));
    ck_assert_str_eq(member("status"), "accepted"); /* who else asked is not told */
    ck_assert_int_eq(mail_count(), before + 1);     /* to Ann herself */
    OK(call(token, "me.change_email",
            "{\"email\":\"new@films.example\",\"password\":\"" PASSWORD "\"}"));
    ck_assert_int_eq(mail_count(), before + 3);
}

/* ---- what happens at once -------------------------------------------------------------------- */

static void *verify_link(void *token)
{
    static cinema_error why;
    cinema_token_input in = { .token = token };
    return cinema_auth_verify_email(c, &in, &why) == CINEMA_INVALID ? why.reason : NULL;
}

/* Whoever takes a link waits for the account before the link: none of the two is ended by the
 * database because each has what the other wants. SQLite has one writer, so that only PostgreSQL
 * can fail this. */
TEST(a_link_that_is_taken_while_all_links_are_voided_is_void)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    pthread_t thread;
    account who;
    void *reason = NULL;
    register_ann();
    char *token = strdup(mailed_token());
    OK(account__by_email(c, NULL, ANN, a, &who, &err));
    OK(db_begin(c, &tx, &err));
    OK(account__by_nr(c, tx, who.nr, a, &who, &err));
    ck_assert(!pthread_create(&thread, NULL, verify_link, token));
    nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL); /* it waits by now */
    OK(onetime__void(c, tx, NULL, who.nr, a, &err));
    OK(db_commit(&tx, &err));
    pthread_join(thread, &reason);
    ck_assert_ptr_nonnull(reason);
    ck_assert_str_eq(reason, "invalid_token");
    free(token);
}

static int turns;

static void set_password(const char *password)
{
    cinema_user *u = NULL;
    cinema_user_input in = { .password = password };
    OK(cinema_user_update(c, ANN, &in, &u, &err));
    cinema_user_free(u);
}

/* An administrator, in the middle of something. */
static void change_in_turn(void)
{
    if (--turns > 0)
        return;
    when_asked = NULL;
    set_password(OTHER);
}

/* The change comes a little later with each turn. */
static void begin_turn(int turn)
{
    set_password(PASSWORD);
    turns = turn;
}

/* It has not come: there is no later moment. */
static bool was_last_turn(void)
{
    bool late = when_asked != NULL;
    when_asked = NULL;
    return late;
}

TEST(who_signs_in_while_the_password_is_changed_is_not_left_inside)
{
    verified_ann();
    for (int turn = 1;; turn++) {
        begin_turn(turn);
        when_asked = change_in_turn;
        cinema_status s = login(ANN, PASSWORD);
        if (was_last_turn())
            break;
        if (s)
            refused(s, CINEMA_UNAUTHENTICATED, "invalid_credentials");
        else
            GIVES(CINEMA_UNAUTHENTICATED, call(member("access_token"), "me.get", "{}"));
    }
}

TEST(an_address_that_is_asked_for_while_the_password_is_changed_gets_no_good_link)
{
    const cinema_email_change_input in = { .email = "eve@films.example", .password = PASSWORD };
    setenv("CINEMA_LIMIT_MAIL_ACCOUNT", "off", 1);
    reopen();
    OK(call(signed_in_ann(), "me.get", "{}"));
    const char *id = member("id");
    for (int turn = 1;; turn++) {
        begin_turn(turn);
        when_asked = change_in_turn;
        cinema_status s = cinema_auth_change_email(c, id, &in, &err);
        if (was_last_turn())
            break;
        if (!s)
            is_void("auth.verify_email", mailed_token_to(in.email));
    }
}
