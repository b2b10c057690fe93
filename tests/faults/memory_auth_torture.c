/* memory_auth_torture.c - signing in while memory runs out: passwords, sessions, keys, other
 * providers; by their functions, and by the operations that anyone may call.
 */
#include "faults/torture.h"

#include "auth/auth.h"
#include "onetime/onetime.h"
#include "user/user.h"

#include <oath.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ADDRESS "a@example.org" /* of the account */
#define PASSWORD "zither under Vienna"
#define OTHER_PASSWORD "cuckoo clock, Geneva"

static void start(void)
{
    setenv("CINEMA_PUBLIC_URL", "https://films.example", 1);
    torture_start();
}

FIXTURE(start, torture_stop)

/* ---- before a call --------------------------------------------------------------------------- */

static void set_made(const char *text)
{
    ck_assert(snprintf(torture_made, sizeof torture_made, "%s", text) < TORTURE_MADE);
}

static int64_t account_nr(cinema *other, arena *a)
{
    account who;
    OK(account__by_id(other, NULL, TORTURE_ACCOUNT, a, &who, &err));
    return who.nr;
}

static void set_password(cinema *other, const char *hash)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    int64_t nr = account_nr(other, a);
    db_tx *tx = NULL;
    OK(db_begin(other, &tx, &err));
    OK(account__set_password(other, tx, nr, hash, &err));
    cinema_status s = account__verify_email(other, tx, nr, ADDRESS, &err);
    ck_assert(!s || s == CINEMA_NOT_FOUND);
    OK(db_commit(&tx, &err));
}

/* The account has the password, which is hashed once a process. */
static void with_password(cinema *other)
{
    static char hash[PASSWORD_HASH_MAX];
    if (!*hash)
        OK(password__hash(other, PASSWORD, hash, &err));
    set_password(other, hash);
}

static void without_password(cinema *other)
{
    set_password(other, NULL);
}

static void issue(cinema *other, const char *purpose, const char *data)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    onetime_new n = { purpose, account_nr(other, a), data, 3600 * 1000, true };
    char token[ONETIME_TEXT];
    db_tx *tx = NULL;
    OK(db_begin(other, &tx, &err));
    OK(onetime__issue(other, tx, &n, a, token, &err));
    OK(db_commit(&tx, &err));
    set_made(token);
}

/* Whose address the link of a mail verifies. */
static void mailed_link(cinema *other)
{
    issue(other, "verify e-mail", ADDRESS);
}

static void mailed_change(cinema *other)
{
    issue(other, "change e-mail", ADDRESS);
}

static void mailed_reset(cinema *other)
{
    issue(other, "reset password", ADDRESS);
}

typedef enum made { ACCESS_TOKEN, REFRESH_TOKEN, MFA_TOKEN } made;

static void sign_in(cinema *other, made what)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    cinema_caller nobody = { 0 };
    cinema_sign_in k;
    without_password(other);
    int64_t nr = account_nr(other, a);
    OK(auth__first_factor(other, &nobody, nr, "github", a, &k, &err));
    const char *token = what == ACCESS_TOKEN    ? k.access_token
                        : what == REFRESH_TOKEN ? k.refresh_token
                                                : k.mfa_token;
    ck_assert_ptr_nonnull(token);
    set_made(token);
}

static void with_access_token(cinema *other)
{
    sign_in(other, ACCESS_TOKEN);
}

static void with_refresh_token(cinema *other)
{
    sign_in(other, REFRESH_TOKEN);
}

/* A code is good once, so a later one than that which turned it on. */
static char code[8], backup_code[64];

static void codes_of(const char *secret, char now[8])
{
    char *bytes = NULL;
    size_t n = 0;
    ck_assert_int_eq(oath_base32_decode(secret, strlen(secret), &bytes, &n), OATH_OK);
    time_t at = time(NULL);
    ck_assert_int_eq(oath_totp_generate(bytes, n, at, 30, 0, 6, now), OATH_OK);
    ck_assert_int_eq(oath_totp_generate(bytes, n, at + 30, 30, 0, 6, code), OATH_OK);
    free(bytes);
}

static void with_second_factor(cinema *other)
{
    cinema_totp_setup *setup = NULL;
    cinema_backup_codes *codes = NULL;
    char now[8];
    cinema_status s = cinema_totp_reset(other, TORTURE_ACCOUNT, &err);
    ck_assert(!s || s == CINEMA_NOT_FOUND);
    OK(cinema_totp_start(other, TORTURE_ACCOUNT, &setup, &err));
    codes_of(setup->secret, now);
    OK(cinema_totp_confirm(other, TORTURE_ACCOUNT, &(cinema_totp_confirmation){ now }, &codes,
                           &err));
    snprintf(backup_code, sizeof backup_code, "%s", codes->backup_codes.items[0]);
    cinema_totp_setup_free(setup);
    cinema_backup_codes_free(codes);
    sign_in(other, MFA_TOKEN);
}

/* ---- with a password ------------------------------------------------------------------------- */

static const char *own_address(void)
{
    static char text[64];
    snprintf(text, sizeof text, "own%s@films.example", torture_number);
    return text;
}

/* New to the account, which is told of it. */
static const char *own_device(void)
{
    static char text[64];
    for (size_t i = 0; i < sizeof text - 1 && torture_number[i]; i++)
        text[i] = (char)(torture_number[i] + 'a' - '0'); /* digits are versions */
    return text;
}

CALL(login, cinema_sign_in, cinema_sign_in_free,
     cinema_auth_login(c,
                       &(cinema_login_input){
                           .email = ADDRESS,
                           .password = PASSWORD,
                           .client = { .address = "192.0.2.9", .user_agent = own_device() } },
                       &ret, &err))
CALL(register_, cinema_registration, cinema_registration_free,
     cinema_auth_register(
         c, &(cinema_register_input){ .email = own_address(), .password = PASSWORD, .name = "Ann" },
         &ret, &err))
CALL(login_totp, cinema_sign_in, cinema_sign_in_free,
     cinema_auth_login_totp(c,
                            &(cinema_login_code_input){ .mfa_token = torture_made, .code = code },
                            &ret, &err))
CALL(login_backup_code, cinema_sign_in, cinema_sign_in_free,
     cinema_auth_login_backup_code(c,
                                   &(cinema_login_code_input){ .mfa_token = torture_made,
                                                               .code = backup_code },
                                   &ret, &err))
CALL(refresh, cinema_sign_in, cinema_sign_in_free,
     cinema_auth_refresh(c, &(cinema_refresh_input){ .refresh_token = torture_made }, &ret, &err))
CALL(check, cinema_principal, cinema_principal_free, cinema_auth_check(c, torture_made, &ret, &err))

static cinema_status verify_email(void)
{
    return cinema_auth_verify_email(c, &(cinema_token_input){ .token = torture_made }, &err);
}

static cinema_status resend(void)
{
    return cinema_auth_resend(c, &(cinema_email_input){ .email = ADDRESS }, &err);
}

static cinema_status forgot(void)
{
    return cinema_auth_forgot(c, &(cinema_email_input){ .email = ADDRESS }, &err);
}

static cinema_status reset(void)
{
    cinema_reset_input in = { .token = torture_made, .new_password = OTHER_PASSWORD };
    return cinema_auth_reset(c, &in, &err);
}

static cinema_status change_password(void)
{
    cinema_password_input in = { .password = PASSWORD, .new_password = OTHER_PASSWORD };
    return cinema_auth_change_password(c, TORTURE_ACCOUNT, &in, &err);
}

static cinema_status change_email(void)
{
    cinema_email_change_input in = { .email = own_address() };
    return cinema_auth_change_email(c, TORTURE_ACCOUNT, &in, &err);
}

/* ---- sessions, keys -------------------------------------------------------------------------- */

CALL(session_list, cinema_session_page, cinema_session_page_free,
     cinema_session_list(c, TORTURE_ACCOUNT, &(cinema_session_query){ .limit = 2 }, &ret, &err))
CALL(session_list_all, cinema_session_page, cinema_session_page_free,
     cinema_session_list_all(c, &(cinema_session_query){ .limit = 2 }, &ret, &err))
CALL(key_list, cinema_keys, cinema_keys_free, cinema_key_list(c, &ret, &err))
CALL(key_rotate, cinema_keys, cinema_keys_free, cinema_key_rotate(c, &ret, &err))
CALL(key_sign, cinema_signed_token, cinema_signed_token_free,
     cinema_key_sign(c, "{\"sub\": \"" TORTURE_ACCOUNT "\", \"exp\": 1, \"aud\": [\"a\"]}", &ret,
                     &err))

static void with_session(cinema *other)
{
    cinema_principal *who = NULL;
    sign_in(other, ACCESS_TOKEN);
    OK(cinema_auth_check(other, torture_made, &who, &err));
    set_made(who->session_id);
    cinema_principal_free(who);
}

static cinema_status session_end(void)
{
    return cinema_session_end(c, TORTURE_ACCOUNT, torture_made, &err);
}

static cinema_status user_end_session(void)
{
    return cinema_user_end_session(c, torture_made, &err);
}

static cinema_status session_end_all(void)
{
    return cinema_session_end(c, TORTURE_ACCOUNT, NULL, &err);
}

/* ---- other providers ------------------------------------------------------------------------- */

static char state[100], cookie[4000];

static void copy_of(const char *text, const char *mark, const char *end, char *to, size_t size)
{
    const char *at = strstr(text, mark);
    ck_assert_msg(at != NULL, "no %s in %s", mark, text);
    at += strlen(mark);
    size_t n = strcspn(at, end);
    ck_assert_uint_lt(n, size);
    memcpy(to, at, n);
    to[n] = '\0';
}

/* A browser is on its way. */
static void gone(cinema *other)
{
    cinema_oauth_step *step = NULL;
    OK(cinema_oauth_start(other, "github", &(cinema_oauth_start_input){ 0 }, &step, &err));
    copy_of(step->location, "state=", "&", state, sizeof state);
    copy_of(step->cookie, "", ";", cookie, sizeof cookie);
    cinema_oauth_step_free(step);
}

static void unlinked(cinema *other)
{
    cinema_identity_remove_input in = { .provider = "github" };
    with_password(other);
    cinema_status s = cinema_identity_remove(other, TORTURE_ACCOUNT, &in, &err);
    ck_assert(!s || s == CINEMA_NOT_FOUND);
}

static void with_ticket(cinema *other)
{
    cinema_identity_link_step *step = NULL;
    cinema_identity_link_input in = { .provider = "github" };
    OK(cinema_identity_link(other, TORTURE_ACCOUNT, &in, &step, &err));
    copy_of(step->location, "ticket=", "&", torture_made, sizeof torture_made);
    cinema_identity_link_step_free(step);
}

static void with_code_to_confirm(cinema *other)
{
    unlinked(other);
    issue(other, "oauth link",
          "{\"provider\":\"github\",\"key\":\"github\",\"subject\":\"7\",\"email\":\"" ADDRESS
          "\",\"name\":\"Ann\"}");
}

static void linked(cinema *other)
{
    cinema_identity_link_step *step = NULL;
    with_code_to_confirm(other);
    cinema_identity_link_input in = { .provider = "github", .code = torture_made };
    OK(cinema_identity_link(other, TORTURE_ACCOUNT, &in, &step, &err));
    cinema_identity_link_step_free(step);
}

static void with_code(cinema *other)
{
    without_password(other);
    issue(other, "oauth code", "github");
}

CALL(oauth_start, cinema_oauth_step, cinema_oauth_step_free,
     cinema_oauth_start(c, "github",
                        &(cinema_oauth_start_input){ .return_to = "https://films.example/there" },
                        &ret, &err))
CALL(oauth_start_link, cinema_oauth_step, cinema_oauth_step_free,
     cinema_oauth_start(c, "github", &(cinema_oauth_start_input){ .ticket = torture_made }, &ret,
                        &err))
CALL(oauth_callback, cinema_oauth_step, cinema_oauth_step_free,
     cinema_oauth_callback(c, "github",
                           &(cinema_oauth_callback_input){
                               .cookies = cookie, .state = state, .error = "access_denied" },
                           &ret, &err))
CALL(oauth_exchange, cinema_sign_in, cinema_sign_in_free,
     cinema_oauth_exchange(c, &(cinema_oauth_exchange_input){ .code = torture_made }, &ret, &err))
CALL(identity_list, cinema_identity_page, cinema_identity_page_free,
     cinema_identity_list(c, TORTURE_ACCOUNT, NULL, &ret, &err))
CALL(identity_link, cinema_identity_link_step, cinema_identity_link_step_free,
     cinema_identity_link(c, TORTURE_ACCOUNT, &(cinema_identity_link_input){ .provider = "github" },
                          &ret, &err))
CALL(identity_confirm, cinema_identity_link_step, cinema_identity_link_step_free,
     cinema_identity_link(c, TORTURE_ACCOUNT,
                          &(cinema_identity_link_input){ .provider = "github",
                                                         .code = torture_made },
                          &ret, &err))

static cinema_status identity_remove(void)
{
    cinema_identity_remove_input in = { .provider = "github" };
    return cinema_identity_remove(c, TORTURE_ACCOUNT, &in, &err);
}

/* A browser's request: redirects, and what an account does with its own affairs. */
static cinema_status ask(const char *target, const char *name, const char *value, int want)
{
    const cinema_http_header headers[] = { { name, value } };
    cinema_http_request request = {
        .method = "GET", .target = target, .headers = headers, .header_count = 1
    };
    cinema_http_response *r = NULL;
    cinema_status s = cinema_http(c, &request, &r, &err);
    int status = r ? r->status : 0;
    bool no_memory = r && status == 503 && !strcmp(r->code, "no_memory");
    torture_kept = !s != (r != NULL) || (r && status != want && !no_memory);
    if (torture_kept)
        snprintf(err.message, sizeof err.message, "%d %s", status, r ? r->code : "");
    cinema_http_response_free(r);
    return s ? s : no_memory ? CINEMA_NO_MEMORY : CINEMA_OK;
}

static cinema_status ask_start(void)
{
    return ask("/v1/auth/oauth/github/start", "Accept", "*/*", 302);
}

static cinema_status ask_callback(void)
{
    char target[300];
    snprintf(target, sizeof target, "/v1/auth/oauth/github/callback?error=access_denied&state=%s",
             state);
    return ask(target, "Cookie", cookie, 302);
}

static cinema_status ask_as_account(const char *target)
{
    static char bearer[TORTURE_MADE + 8];
    snprintf(bearer, sizeof bearer, "Bearer %s", torture_made);
    return ask(target, "Authorization", bearer, 200);
}

static cinema_status ask_me(void)
{
    return ask_as_account("/v1/me");
}

static cinema_status ask_sessions(void)
{
    return ask_as_account("/v1/me/sessions");
}

/* Codes that `before` has left are not in the table. */
static cinema_status ask_code(const char *operation, const char *with)
{
    static const cinema_caller trusted = { .system = true };
    char json[TORTURE_MADE + 200], *answer = NULL;
    snprintf(json, sizeof json, "{\"mfa_token\": \"%s\", \"code\": \"%s\"}", torture_made, with);
    cinema_status s = cinema_call(c, &trusted, operation, json, &answer, &err);
    torture_kept = !s && !answer;
    torture_done = s && !strcmp(err.reason, "answer_lost");
    cinema_text_free(answer);
    return s;
}

static cinema_status ask_login(void)
{
    static const cinema_caller trusted = { .system = true };
    static const char json[] = "{\"email\": \"" ADDRESS "\", \"password\": \"" PASSWORD "\"}";
    char *answer = NULL;
    cinema_status s = cinema_call(c, &trusted, "auth.login", json, &answer, &err);
    torture_kept = !s && !answer;
    torture_done = s && !strcmp(err.reason, "answer_lost");
    cinema_text_free(answer);
    return s;
}

static cinema_status ask_totp(void)
{
    return ask_code("auth.login_totp", code);
}

static cinema_status ask_backup_code(void)
{
    return ask_code("auth.login_backup_code", backup_code);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const torture_line lines[] = {
    { FUNCTION("cinema_auth_login_sized", login), BEFORE(with_password), .slow = true },
    { FUNCTION("cinema_auth_register_sized", register_), .slow = true },
    { FUNCTION("cinema_auth_reset_sized", reset), BEFORE(mailed_reset), .slow = true },
    { FUNCTION("cinema_auth_change_password_sized", change_password), BEFORE(with_password),
      .slow = true },
    { FUNCTION("cinema_auth_change_email_sized", change_email), BEFORE(without_password) },
    { FUNCTION("cinema_auth_login_totp_sized", login_totp), BEFORE(with_second_factor) },
    { FUNCTION("cinema_auth_login_backup_code_sized", login_backup_code),
      BEFORE(with_second_factor) },
    { FUNCTION("cinema_auth_refresh_sized", refresh), BEFORE(with_refresh_token) },
    { FUNCTION("cinema_auth_check", check), BEFORE(with_access_token) },
    { FUNCTION("cinema_auth_verify_email_sized", verify_email), BEFORE(mailed_link) },
    { FUNCTION("cinema_auth_verify_email_sized", verify_email), BEFORE(mailed_change) },
    { FUNCTION("cinema_auth_resend_sized", resend) },
    { FUNCTION("cinema_auth_forgot_sized", forgot) },
    { FUNCTION("cinema_session_list_sized", session_list), BEFORE(with_session) },
    { FUNCTION("cinema_session_list_all_sized", session_list_all), BEFORE(with_session) },
    { FUNCTION("cinema_session_end", session_end), BEFORE(with_session) },
    { FUNCTION("cinema_user_end_session", user_end_session), BEFORE(with_session) },
    { FUNCTION("cinema_session_end", session_end_all), BEFORE(with_session) },
    { FUNCTION("cinema_key_list", key_list) },
    { FUNCTION("cinema_key_rotate", key_rotate) },
    { FUNCTION("cinema_key_sign", key_sign) },
    { FUNCTION("cinema_oauth_start_sized", oauth_start) },
    { FUNCTION("cinema_oauth_start_sized", oauth_start_link), BEFORE(with_ticket), .spends = true },
    { FUNCTION("cinema_oauth_callback_sized", oauth_callback), BEFORE(gone), .spends = true },
    { FUNCTION("cinema_oauth_exchange_sized", oauth_exchange), BEFORE(with_code), .spends = true },
    { FUNCTION("cinema_identity_list_sized", identity_list), BEFORE(linked) },
    { FUNCTION("cinema_identity_link_sized", identity_link), BEFORE(unlinked) },
    { FUNCTION("cinema_identity_link_sized", identity_confirm), BEFORE(with_code_to_confirm),
      .spends = true },
    { FUNCTION("cinema_identity_remove_sized", identity_remove), BEFORE(linked) },
    { FUNCTION("auth.login", ask_login), BEFORE(with_password), .slow = true },
    { OPERATION("auth.register", "{\"email\": \"op#\\u0040films.example\", \"name\": \"Ann\","
                                 " \"password\": \"" PASSWORD "\"}"),
      .slow = true },
    { OPERATION("auth.reset_password",
                "{\"token\": \"@\", \"new_password\": \"" OTHER_PASSWORD "\"}"),
      BEFORE(mailed_reset), .slow = true },
    { OPERATION("auth.refresh", "{\"refresh_token\": \"@\"}"), BEFORE(with_refresh_token) },
    { OPERATION("auth.verify_email", "{\"token\": \"@\"}"), BEFORE(mailed_link) },
    { OPERATION("auth.resend", "{\"email\": \"a\\u0040example.org\"}") },
    { OPERATION("auth.forgot_password", "{\"email\": \"a\\u0040example.org\"}") },
    { FUNCTION("auth.login_totp", ask_totp), BEFORE(with_second_factor) },
    { FUNCTION("auth.login_backup_code", ask_backup_code), BEFORE(with_second_factor) },
    { FUNCTION("oauth.start", ask_start) },
    { FUNCTION("oauth.callback", ask_callback), BEFORE(gone), .spends = true },
    { OPERATION("oauth.exchange", "{\"code\": \"@\"}"), BEFORE(with_code), .spends = true },
    { OPERATION("jwks", NULL) },
    { OPERATION("key.list", NULL) },
    { OPERATION("key.rotate", NULL) },
    { OPERATION("session.list", "{\"limit\": 2}"), BEFORE(with_session) },
    { OPERATION("user.list_sessions", "{\"user_id\": \"" TORTURE_ACCOUNT "\"}"),
      BEFORE(with_session) },
    { OPERATION("session.end", "{\"session_id\": \"@\"}"), BEFORE(with_session) },
    { FUNCTION("me.get", ask_me), BEFORE(with_access_token) },
    { FUNCTION("me.list_sessions", ask_sessions), BEFORE(with_access_token) },
};

enum { LINES = sizeof lines / sizeof *lines };

TEST_EACH(a_call_without_memory_fails_whole_and_works_again, LINES)
{
    torture_call(&lines[_i]);
}

TEST(this_was_done)
{
    torture_sum();
}
