/* auth_test.c - signing up, signing in, sessions. Mirrors lib/auth/.
 */
#include "auth/auth_help.h"

#include "base/base64url.h"
#include "onetime/onetime.h"
#include "session/session.h"
#include "user/user.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

FIXTURE(auth_start, auth_stop)

/* ---- registering ----------------------------------------------------------------------------- */

TEST(an_account_is_registered_verified_and_signs_in)
{
    register_ann();
    ck_assert_int_eq(mail_count(), 1);
    const char *token = mailed_token();
    refused(login(ANN, PASSWORD), CINEMA_FORBIDDEN, "email_unverified");
    refused(login(ANN, "not the password"), CINEMA_UNAUTHENTICATED, "invalid_credentials");
    OK(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}", token));
    refused(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}", token), CINEMA_INVALID,
            "invalid_token");
    OK(login("Ann@Films.EXAMPLE", PASSWORD)); /* another spelling of the same address */
    ck_assert_str_eq(member("token_type"), "Bearer");
    ck_assert_str_eq(member("email"), ANN);
    OK(call(member("access_token"), "me.list_sessions", "{}"));
    ck_assert_str_eq(member("method"), "password");
}

TEST(registering_tells_nothing_of_who_has_an_account)
{
    verified_ann();
    int before = mail_count();
    register_ann(); /* the same answer; she is told, and her password stays */
    ck_assert_int_eq(mail_count(), before + 1);
    ck_assert_ptr_nonnull(strstr(newest_mail(), "You already have an account"));
    OK(call(NULL, "auth.register",
            "{\"email\":\"" ANN "\",\"password\":\"" OTHER "\",\"name\":\"Eve\"}"));
    refused(login(ANN, OTHER), CINEMA_UNAUTHENTICATED, "invalid_credentials");
    OK(login(ANN, PASSWORD));
}

/* Eve was first with Ann's address. Whose it is shows the letter box alone, so no password that
 * came without it may wake up by Ann's click. */
TEST(whoever_registers_another_s_address_first_gets_nothing_by_it)
{
    OK(call(NULL, "auth.register",
            "{\"email\":\"" ANN "\",\"password\":\"" OTHER "\",\"name\":\"Eve\"}"));
    const char *eves = mailed_token();
    register_ann();
    ck_assert_ptr_nonnull(strstr(newest_mail(), "Choose a password"));
    const char *anns = mailed_token();
    refused(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}", eves), CINEMA_INVALID,
            "invalid_token");
    OK(call(NULL, "auth.resend", "{\"email\":\"" ANN "\"}"));
    OK(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}", mailed_token()));
    refused(login(ANN, OTHER), CINEMA_UNAUTHENTICATED, "invalid_credentials");
    OK(call(NULL, "auth.reset_password", "{\"token\":\"%s\",\"new_password\":\"" PASSWORD "\"}",
            anns));
    OK(login(ANN, PASSWORD));
    refused(login(ANN, OTHER), CINEMA_UNAUTHENTICATED, "invalid_credentials");
}

TEST(choosing_the_password_anew_also_verifies_the_address)
{
    register_ann();
    register_ann(); /* the first mail was lost */
    OK(call(NULL, "auth.reset_password", "{\"token\":\"%s\",\"new_password\":\"" OTHER "\"}",
            mailed_token()));
    OK(login(ANN, OTHER));
}

TEST(where_verification_is_optional_registering_signs_in)
{
    setenv("CINEMA_EMAIL_VERIFICATION", "optional", 1);
    reopen();
    OK(call(NULL, "auth.register",
            "{\"email\":\"" ANN "\",\"password\":\"" PASSWORD "\","
            "\"name\":\"Ann\"}"));
    OK(call(member("access_token"), "me.list_sessions", "{}"));
    refused(call(NULL, "auth.register",
                 "{\"email\":\"" ANN "\",\"password\":\"" PASSWORD "\","
                 "\"name\":\"Ann\"}"),
            CINEMA_CONFLICT, "email_taken");
}

TEST(registering_with_what_is_no_good_names_the_field)
{
    static const struct {
        const char *json, *field;
    } cases[] = {
        { "{\"email\":\"ann\",\"password\":\"" PASSWORD "\",\"name\":\"Ann\"}", "email" },
        { "{\"email\":\"" ANN "\",\"password\":\"short\",\"name\":\"Ann\"}", "password" },
        { "{\"email\":\"" ANN "\",\"password\":\"passwordpassword\",\"name\":\"A\"}", "password" },
        { "{\"email\":\"" ANN "\",\"password\":\"" PASSWORD "\",\"name\":\"\"}", "name" },
        { "{\"email\":\"" ANN "\",\"password\":\"" PASSWORD "\"}", "name" },
        { "{\"email\":\"" ANN "\",\"password\":\"" PASSWORD "\",\"name\":\"A\",\"roles\":"
          "[\"admin\"]}",
          "roles" },
        { "{\"email\":\"" ANN "\",\"password\":\"" PASSWORD "\",\"name\":\"A\",\"locale\":"
          "\"german!\"}",
          "locale" },
        { "{\"email\":\"" ANN "\\r\\nBcc: x@y.example\",\"password\":\"" PASSWORD
          "\",\"name\":\"A\"}",
          "email" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        GIVES(CINEMA_INVALID, call(NULL, "auth.register", "%s", cases[i].json));
        ck_assert_str_eq(err.field, cases[i].field);
    }
    ck_assert_int_eq(mail_count(), 0);
}

TEST(the_link_comes_again_but_only_the_newest_is_good)
{
    register_ann();
    const char *first = mailed_token();
    OK(call(NULL, "auth.resend", "{\"email\":\"" ANN "\"}"));
    ck_assert_int_eq(mail_count(), 2);
    const char *second = mailed_token();
    refused(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}", first), CINEMA_INVALID,
            "invalid_token");
    OK(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}", second));
    OK(call(NULL, "auth.resend", "{\"email\":\"" ANN "\"}")); /* it is verified: no mail */
    OK(call(NULL, "auth.resend", "{\"email\":\"nobody@films.example\"}"));
    ck_assert_int_eq(mail_count(), 2);
}

TEST(a_link_is_good_for_a_day)
{
    register_ann();
    const char *token = mailed_token();
    wall = clock_wall_ms() + 24 * 3600000 + 1000;
    refused(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}", token), CINEMA_INVALID,
            "invalid_token");
}

/* ---- guessing -------------------------------------------------------------------------------- */

TEST(guessing_ends_and_another_account_is_unhurt)
{
    setenv("CINEMA_LIMIT_SIGN_IN_ACCOUNT", "3/15m", 1);
    reopen();
    verified_ann();
    OK(call(NULL, "auth.register",
            "{\"email\":\"bob@films.example\",\"password\":\"" PASSWORD "\",\"name\":\"Bob\"}"));
    OK(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}", mailed_token()));
    for (int i = 0; i < 3; i++)
        refused(login(i % 2 ? ANN : "ANN@films.example", "wrong password no. 1"),
                CINEMA_UNAUTHENTICATED, "invalid_credentials");
    GIVES(CINEMA_LIMITED, login(ANN, "wrong password no. 1"));
    ck_assert_int_gt(err.retry_after_s, 0);
    GIVES(CINEMA_LIMITED, login(ANN, PASSWORD));
    OK(login("bob@films.example", PASSWORD));
    for (int i = 0; i < 3; i++)
        refused(login("nobody@films.example", PASSWORD), CINEMA_UNAUTHENTICATED,
                "invalid_credentials");
    GIVES(CINEMA_LIMITED, login("nobody@films.example", PASSWORD)); /* nor does this tell */
}

TEST(right_passwords_are_not_counted)
{
    setenv("CINEMA_LIMIT_SIGN_IN_ACCOUNT", "2/15m", 1);
    reopen();
    verified_ann();
    for (int i = 0; i < 5; i++)
        OK(login(ANN, PASSWORD));
}

static atomic_int wrong_answers;
static void *guess(void *arg)
{
    cinema_login_input in = { .email = ANN, .password = "not the password" };
    cinema_sign_in *ret = NULL;
    cinema_error e;
    (void)arg;
    if (cinema_auth_login(c, &in, &ret, &e) == CINEMA_UNAUTHENTICATED)
        wrong_answers++;
    cinema_sign_in_free(ret);
    return NULL;
}

TEST(many_guesses_at_once_are_no_more_than_one_after_the_other)
{
    enum { N = 16 };
    pthread_t threads[N];
    setenv("CINEMA_LIMIT_SIGN_IN_ACCOUNT", "5/15m", 1);
    reopen();
    verified_ann();
    for (int i = 0; i < N; i++)
        pthread_create(&threads[i], NULL, guess, NULL);
    for (int i = 0; i < N; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(wrong_answers, 5);
}

/* ---- sessions -------------------------------------------------------------------------------- */

TEST(sessions_are_listed_and_ended_one_by_one_or_all)
{
    const char *first = signed_in_ann();
    OK(login(ANN, PASSWORD));
    const char *second = member("access_token"), *refresh = member("refresh_token");
    OK(call(second, "me.list_sessions", "{\"limit\":1}"));
    const char *id = member("id"), *next = member("next");
    ck_assert_ptr_nonnull(strstr(answer, "\"current\":true"));
    OK(call(second, "me.list_sessions", "{\"limit\":1,\"after\":\"%s\"}", next));
    ck_assert_ptr_nonnull(strstr(answer, "\"current\":false"));
    ck_assert_str_ne(member("id"), id);
    OK(call(first, "me.end_session", "{\"session_id\":\"%s\"}", id));
    GIVES(CINEMA_UNAUTHENTICATED, call(second, "me.get", "{}"));
    GIVES(CINEMA_UNAUTHENTICATED,
          call(NULL, "auth.refresh", "{\"refresh_token\":\"%s\"}", refresh));
    GIVES(CINEMA_NOT_FOUND, call(first, "me.end_session", "{\"session_id\":\"%s\"}", id));
    OK(call(first, "me.end_sessions", "{}"));
    GIVES(CINEMA_UNAUTHENTICATED, call(first, "me.get", "{}"));
}

TEST(nobody_ends_the_session_of_another)
{
    const char *ann = signed_in_ann();
    OK(call(ann, "me.list_sessions", "{}"));
    const char *id = member("id");
    OK(call(NULL, "auth.register",
            "{\"email\":\"eve@films.example\",\"password\":\"" PASSWORD "\",\"name\":\"Eve\"}"));
    OK(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}", mailed_token()));
    OK(login("eve@films.example", PASSWORD));
    GIVES(CINEMA_NOT_FOUND,
          call(member("access_token"), "me.end_session", "{\"session_id\":\"%s\"}", id));
    OK(call(ann, "me.get", "{}"));
}

TEST(logging_out_ends_the_session_at_once)
{
    const char *token = signed_in_ann();
    OK(call(token, "auth.logout", "{}"));
    GIVES(CINEMA_UNAUTHENTICATED, call(token, "me.get", "{}"));
}

TEST(a_copy_of_a_refresh_token_ends_the_session_for_both)
{
    setenv("CINEMA_REFRESH_GRACE_S", "0", 1);
    reopen();
    verified_ann();
    OK(login(ANN, PASSWORD));
    const char *first = member("refresh_token");
    OK(call(NULL, "auth.refresh", "{\"refresh_token\":\"%s\"}", first));
    const char *second = member("refresh_token"), *access = member("access_token");
    OK(call(access, "me.get", "{}"));
    wall = clock_wall_ms() + 1000;
    refused(call(NULL, "auth.refresh", "{\"refresh_token\":\"%s\"}", first), CINEMA_UNAUTHENTICATED,
            "refresh_token_reused");
    GIVES(CINEMA_UNAUTHENTICATED, call(NULL, "auth.refresh", "{\"refresh_token\":\"%s\"}", second));
    GIVES(CINEMA_UNAUTHENTICATED, call(access, "me.get", "{}"));
}

TEST(a_session_that_is_not_refreshed_for_its_days_ends)
{
    verified_ann();
    OK(login(ANN, PASSWORD));
    const char *left = member("refresh_token");
    OK(login(ANN, PASSWORD));
    const char *kept = member("refresh_token");
    wall = clock_wall_ms() + INT64_C(20) * 24 * 3600000;
    OK(call(NULL, "auth.refresh", "{\"refresh_token\":\"%s\"}", kept));
    kept = member("refresh_token");
    wall += INT64_C(11) * 24 * 3600000;
    refused(call(NULL, "auth.refresh", "{\"refresh_token\":\"%s\"}", left), CINEMA_UNAUTHENTICATED,
            "invalid_token");
    OK(call(NULL, "auth.refresh", "{\"refresh_token\":\"%s\"}", kept));
}

static void logged(const char *action, size_t times)
{
    cinema_audit_query q = { .action = action };
    cinema_audit_page *p = NULL;
    OK(cinema_audit_list(c, &q, &p, &err));
    ck_assert_msg(p->count == times, "%s: %zu", action, p->count);
    ck_assert_str_eq(p->items[0]->address, "192.0.2.1");
    cinema_audit_page_free(p);
}

TEST(sign_ins_that_went_well_and_that_did_not_are_in_the_audit_log)
{
    verified_ann();
    OK(login(ANN, PASSWORD));
    GIVES(CINEMA_UNAUTHENTICATED, login(ANN, OTHER));
    GIVES(CINEMA_UNAUTHENTICATED, login("nobody@films.example", OTHER));
    logged("user.register", 1);
    logged("email.verify", 1);
    logged("session.start", 1);
    logged("session.refuse", 2);
}

/* The newest entry of an action: who did it, and whether it is about anybody. */
static void logged_of(const char *action, const char *actor, bool about)
{
    cinema_audit_query q = { .action = action };
    cinema_audit_page *p = NULL;
    OK(cinema_audit_list(c, &q, &p, &err));
    ck_assert_uint_ge(p->count, 1);
    ck_assert_str_eq(p->items[0]->actor, actor);
    ck_assert_msg(!p->items[0]->actor_id == !!strcmp(actor, "user"), "%s", action);
    ck_assert_msg(!p->items[0]->account_id == !about, "%s", action);
    cinema_audit_page_free(p);
}

TEST(what_a_stranger_asks_for_is_not_written_down_as_the_owners_doing)
{
    verified_ann();
    GIVES(CINEMA_UNAUTHENTICATED, login("nobody@films.example", OTHER));
    logged_of("session.refuse", "nobody", false);
    GIVES(CINEMA_UNAUTHENTICATED, login(ANN, OTHER));
    logged_of("session.refuse", "nobody", true);
    OK(call(NULL, "auth.forgot_password", "{\"email\":\"" ANN "\"}"));
    logged_of("password.forgot", "nobody", true);
    OK(call(NULL, "auth.resend", "{\"email\":\"" ANN "\"}"));
    logged_of("email.resend", "nobody", true);
    OK(login(ANN, PASSWORD));
    logged_of("session.start", "user", true);
}

TEST(sessions_that_their_owner_ends_are_in_the_audit_log)
{
    const char *one = signed_in_ann();
    OK(call(one, "auth.logout", "{}"));
    logged("session.end", 1);
    logged_of("session.end", "user", true);
    OK(login(ANN, PASSWORD));
    const char *two = member("access_token");
    GIVES(CINEMA_NOT_FOUND,
          call(two, "me.end_session", "{\"session_id\":\"0199c0c8-0000-7000-8000-000000000000\"}"));
    logged("session.end", 1);
    OK(call(two, "me.list_sessions", "{}"));
    OK(call(two, "me.end_session", "{\"session_id\":\"%s\"}", member("id")));
    logged("session.end", 2);
    OK(login(ANN, PASSWORD));
    OK(call(member("access_token"), "me.end_sessions", "{}"));
    logged_of("session.end_all", "user", true);
}

/* ---- the set-up token ------------------------------------------------------------------------ */

TEST(the_set_up_token_is_the_way_to_the_first_administrator_and_no_further)
{
    char path[700], token[100] = "";
    OK(cinema_setup_token_path(c, path, sizeof path, &err));
    FILE *f = fopen(path, "re");
    ck_assert_ptr_nonnull(fgets(token, sizeof token, f));
    fclose(f);
    token[strcspn(token, "\n")] = '\0';
    refused(call("x0123456789012345678901234567890123456789", "user.list", "{}"),
            CINEMA_UNAUTHENTICATED, "invalid_token");
    OK(call(token, "user.create",
            "{\"email\":\"" ANN "\",\"name\":\"Ann\",\"password\":\"" PASSWORD
            "\",\"roles\":[\"admin\"]}"));
    refused(call(token, "user.list", "{}"), CINEMA_UNAUTHENTICATED, "setup_is_over");
    OK(login(ANN, PASSWORD));
    OK(call(member("access_token"), "user.list", "{}"));
}
