/* first_factor_test.c - from who somebody is to tokens: who may, and by which second factor.
 * Mirrors lib/auth/first_factor.c.
 */
#include "auth/auth_help.h"

#include "twofactor/factor.h"
#include "user/user.h"

#include <stdlib.h>
#include <string.h>

FIXTURE(auth_start, auth_stop)

static unsigned char secret[TOTP_SECRET];
static backup_codes codes;

static void update_ann(const cinema_user_input *in)
{
    cinema_user *u = NULL;
    OK(cinema_user_update(c, ANN, in, &u, &err));
    cinema_user_free(u);
}

/* Ann has set up an app and has codes on paper. */
static void ann_with_an_app(void)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    account who;
    factor f;
    bool done;
    verified_ann();
    OK(account__by_email(c, NULL, ANN, a, &who, &err));
    OK(factor_begin(c, who.nr, secret, a, &done, &err));
    OK(backup_codes_make(c, &codes, &err));
    OK(db_begin(c, &tx, &err));
    OK(factor_get(c, tx, who.nr, a, &f, &err));
    OK(factor_confirm(c, tx, &f, now_ms(c) / TOTP_STEP_MS - 2, a, &done, &err));
    OK(backup_codes_keep(tx, who.nr, &codes, a, &err));
    OK(db_commit(&tx, &err));
    wall = now_ms(c) + 1; /* after all mails so far */
}

/* As the app shows it `later` steps from now. */
static const char *app_code(int later)
{
    static char code[TOTP_CODE_TEXT];
    OK(totp_code(secret, wall / TOTP_STEP_MS + later, code, &err));
    return code;
}

static const char *ask_for_code(void)
{
    OK(login(ANN, PASSWORD));
    ck_assert_ptr_nonnull(strstr(answer, "\"mfa_required\":true"));
    ck_assert_ptr_null(strstr(answer, "access_token"));
    return member("mfa_token");
}

static cinema_status give_code(const char *how, const char *token, const char *code)
{
    return call(NULL, how, "{\"mfa_token\":\"%s\",\"code\":\"%s\"}", token, code);
}

#define APP "auth.login_totp"
#define PAPER "auth.login_backup_code"

TEST(with_an_app_the_password_alone_is_not_enough)
{
    ann_with_an_app();
    const char *token = ask_for_code();
    refused(give_code(APP, token, "000000"), CINEMA_UNAUTHENTICATED, "invalid_code");
    ck_assert_str_eq(err.field, "code");
    OK(give_code(APP, token, app_code(0)));
    OK(call(member("access_token"), "me.get", "{}"));
    ck_assert_str_eq(member("email"), ANN);
    refused(give_code(APP, token, app_code(1)), CINEMA_UNAUTHENTICATED, "invalid_token");
    refused(give_code(APP, ask_for_code(), app_code(0)), CINEMA_UNAUTHENTICATED, "invalid_code");
}

TEST(a_code_on_paper_signs_in_once_and_its_owner_is_told)
{
    ann_with_an_app();
    int mails = mail_count();
    OK(give_code(PAPER, ask_for_code(), codes.text[3]));
    OK(call(member("access_token"), "me.get", "{}"));
    ck_assert_int_eq(mail_count(), mails + 1);
    ck_assert_ptr_nonnull(strstr(newest_mail_to(ANN), "A backup code was used"));
    wall += 1000;
    refused(give_code(PAPER, ask_for_code(), codes.text[3]), CINEMA_UNAUTHENTICATED,
            "invalid_code");
    refused(give_code(APP, ask_for_code(), codes.text[4]), CINEMA_UNAUTHENTICATED, "invalid_code");
}

TEST(five_wrong_codes_end_the_sign_in)
{
    ann_with_an_app();
    const char *token = ask_for_code();
    for (int i = 0; i < 5; i++)
        refused(give_code(APP, token, "000000"), CINEMA_UNAUTHENTICATED, "invalid_code");
    refused(give_code(APP, token, app_code(0)), CINEMA_UNAUTHENTICATED, "invalid_token");
    ck_assert_str_eq(err.field, "mfa_token");
}

TEST(guessing_codes_ends_with_ten_in_a_while)
{
    ann_with_an_app();
    for (int i = 0; i < 2; i++) {
        const char *token = ask_for_code();
        for (int k = 0; k < 5; k++)
            refused(give_code(APP, token, "000000"), CINEMA_UNAUTHENTICATED, "invalid_code");
    }
    GIVES(CINEMA_LIMITED, give_code(APP, ask_for_code(), app_code(0)));
    ck_assert_int_gt(err.retry_after_s, 0);
}

TEST(the_second_step_has_five_minutes)
{
    ann_with_an_app();
    const char *in_time = ask_for_code(), *late = ask_for_code();
    wall += 5 * 60000 - 1;
    OK(give_code(APP, in_time, app_code(0)));
    wall += 1;
    refused(give_code(APP, late, app_code(1)), CINEMA_UNAUTHENTICATED, "invalid_token");
}

TEST(a_new_password_ends_a_second_step_under_way)
{
    ann_with_an_app();
    const char *token = ask_for_code();
    update_ann(&(cinema_user_input){ .password = OTHER });
    refused(give_code(APP, token, app_code(0)), CINEMA_UNAUTHENTICATED, "invalid_token");
}

TEST(who_was_disabled_between_the_steps_stays_outside)
{
    ann_with_an_app();
    const char *token = ask_for_code();
    update_ann(&(cinema_user_input){ .status = "disabled" });
    refused(give_code(APP, token, app_code(0)), CINEMA_UNAUTHENTICATED, "invalid_token");
}

TEST(what_is_left_out_of_the_second_step_is_named)
{
    GIVES(CINEMA_INVALID, call(NULL, APP, "{\"code\":\"123456\"}"));
    ck_assert_str_eq(err.field, "mfa_token");
    GIVES(CINEMA_INVALID, call(NULL, PAPER, "{\"mfa_token\":\"x\"}"));
    ck_assert_str_eq(err.field, "code");
}

/* ---- who may --------------------------------------------------------------------------------- */

TEST(an_address_is_verified_before_the_first_sign_in)
{
    register_ann();
    refused(login(ANN, PASSWORD), CINEMA_FORBIDDEN, "email_unverified");
    OK(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}", mailed_token()));
    OK(login(ANN, PASSWORD));
}

TEST(a_disabled_account_is_told_so_by_its_right_password_only)
{
    verified_ann();
    update_ann(&(cinema_user_input){ .status = "disabled" });
    refused(login(ANN, PASSWORD), CINEMA_FORBIDDEN, "account_disabled");
    refused(login(ANN, OTHER), CINEMA_UNAUTHENTICATED, "invalid_credentials");
}

TEST(a_password_that_has_to_be_chosen_anew_signs_nobody_in)
{
    verified_ann();
    update_ann(&(cinema_user_input){ .password_reset_needed = &(bool){ true } });
    refused(login(ANN, PASSWORD), CINEMA_FORBIDDEN, "password_reset_required");
    OK(call(NULL, "auth.forgot_password", "{\"email\":\"" ANN "\"}"));
    OK(call(NULL, "auth.reset_password", "{\"token\":\"%s\",\"new_password\":\"" OTHER "\"}",
            mailed_token()));
    OK(login(ANN, OTHER));
}
