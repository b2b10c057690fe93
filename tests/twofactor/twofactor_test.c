/* twofactor_test.c - mirrors lib/twofactor/twofactor.c, acts.c and prove.c: turning it on and off,
 * by which proof, who is told, and where guessing ends. Both doors.
 */
#include "twofactor/twofactor.h"

#include "call/op.h"
#include "role/role.h"
#include "session/session.h"
#include "twofactor/twofactor_help.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>

static const char password[] = "a long enough password";
static account anna;
static cinema_totp_setup *setup;
static cinema_backup_codes *codes;

static void start(void)
{
    twofactor_start();
    anna = add_account("anna@example.org", password);
}

static void stop(void)
{
    cinema_totp_setup_free(setup);
    cinema_backup_codes_free(codes);
    twofactor_stop();
}
FIXTURE(start, stop)

/* What an app makes of what it was told. */
static const char *app(int64_t at_ms)
{
    static char code[TOTP_CODE_TEXT];
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    unsigned char secret[TOTP_SECRET] = { 0 };
    for (size_t i = 0; i < 160; i++) {
        size_t five = (size_t)(strchr(letters, setup->secret[i / 5]) - letters);
        if (five >> (4 - i % 5) & 1)
            secret[i / 8] |= (unsigned char)(0x80 >> i % 8);
    }
    code_at(secret, at_ms, code);
    return code;
}

static cinema_status confirm(const char *code)
{
    cinema_backup_codes_free(codes);
    codes = NULL;
    return cinema_totp_confirm(c, anna.id, &(cinema_totp_confirmation){ code }, &codes, &err);
}

static void turn_on_here(void)
{
    OK(cinema_totp_start(c, anna.id, &setup, &err));
    OK(confirm(app(clock_ms)));
    clock_ms += 2 * TOTP_STEP_MS;
}

static cinema_status turn_off(const char *pw, const char *code)
{
    return cinema_totp_remove(c, anna.id, &(cinema_twofactor_proof){ pw, code }, &err);
}

static cinema_status renew(const char *pw, const char *code, cinema_backup_codes **ret)
{
    return cinema_backup_code_renew(c, anna.id, &(cinema_twofactor_proof){ pw, code }, ret, &err);
}

static const char *reason(cinema_status want, cinema_status got)
{
    GIVES(want, got);
    return err.reason;
}

static cinema_totp how(void)
{
    cinema_totp *t = NULL;
    OK(cinema_totp_get(c, anna.id, &t, &err));
    cinema_totp ret = *t;
    cinema_totp_free(t);
    return ret;
}

/* How often an act was logged of anna, and who did it last. */
static size_t logged(const char *action, const char *actor)
{
    cinema_audit_page *p = NULL;
    OK(cinema_audit_list(
        c, &(cinema_audit_query){ .account_id = anna.id, .action = action, .limit = 100 }, &p,
        &err));
    size_t n = p->count;
    if (n && actor)
        ck_assert_str_eq(p->items[0]->actor, actor);
    cinema_audit_page_free(p);
    return n;
}

/* What lies in CINEMA_DATA_DIR/mail, by the subjects; all that waits is sent before. */
static bool was_told(const char *subject)
{
    cinema_worker_counts sent;
    char path[512], text[16384];
    bool found = false;
    OK(cinema_worker_run(c, NULL, &sent, &err));
    ck_assert_int_eq(sent.failed + sent.dead, 0);
    snprintf(path, sizeof path, "%s/mail", getenv("CINEMA_DATA_DIR"));
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));) {
        snprintf(path, sizeof path, "%s/mail/%s", getenv("CINEMA_DATA_DIR"), e->d_name);
        FILE *f = e->d_type == DT_REG ? fopen(path, "re") : NULL;
        size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
        text[n] = '\0';
        if (f)
            fclose(f);
        found |= strstr(text, subject) && strstr(text, "anna@example.org");
    }
    if (d)
        closedir(d);
    return found;
}

/* ---- turning it on --------------------------------------------------------------------------- */

TEST(it_is_on_when_a_first_code_was_right)
{
    cinema_totp t = how();
    ck_assert(!t.on && t.confirmed_at == CINEMA_ABSENT && t.backup_codes_left == 0);
    OK(cinema_totp_start(c, anna.id, &setup, &err));
    ck_assert(!how().on);
    ck_assert_str_eq(reason(CINEMA_FORBIDDEN, confirm("000000")), "invalid_code");
    ck_assert_str_eq(err.field, "code");
    ck_assert(!how().on && !codes);
    OK(confirm(app(clock_ms)));
    t = how();
    ck_assert(t.on && t.confirmed_at == clock_ms && t.backup_codes_left == 10);
    ck_assert_uint_eq(codes->backup_codes.count, 10);
    ck_assert_uint_eq(logged("totp.confirm", "system"), 1);
    ck_assert(was_told("Two-factor sign-in is on"));
}

TEST(the_app_is_told_the_same_in_three_forms)
{
    char uri[512];
    OK(cinema_totp_start(c, anna.id, &setup, &err));
    snprintf(uri, sizeof uri,
             "otpauth://totp/libcinema:anna%%40example.org?secret=%s&issuer=libcinema"
             "&algorithm=SHA1&digits=6&period=30",
             setup->secret);
    ck_assert_str_eq(setup->otpauth_uri, uri);
    ck_assert_uint_eq(strlen(setup->secret), 32);
    ck_assert_int_eq(strncmp(setup->qr_svg, "<svg ", 5), 0);
}

TEST(the_code_that_confirmed_it_signs_nobody_in)
{
    OK(cinema_totp_start(c, anna.id, &setup, &err));
    const char *code = app(clock_ms);
    OK(confirm(code));
    ck_assert(!take_totp(anna.nr, code));
    ck_assert(take_totp(anna.nr, app(clock_ms + TOTP_STEP_MS)));
}

TEST(beginning_anew_voids_the_secret_before)
{
    cinema_totp_setup *first = NULL, *second = NULL;
    OK(cinema_totp_start(c, anna.id, &first, &err));
    OK(cinema_totp_start(c, anna.id, &second, &err));
    setup = first;
    GIVES(CINEMA_FORBIDDEN, confirm(app(clock_ms)));
    cinema_totp_setup_free(first);
    setup = second;
    OK(confirm(app(clock_ms)));
}

TEST(what_is_on_is_not_begun_or_confirmed_again)
{
    cinema_totp_setup *none = NULL;
    turn_on_here();
    ck_assert_str_eq(reason(CINEMA_CONFLICT, cinema_totp_start(c, anna.id, &none, &err)),
                     "totp_on");
    ck_assert_ptr_null(none);
    ck_assert_str_eq(reason(CINEMA_CONFLICT, confirm(app(clock_ms))), "totp_on");
}

TEST(a_confirmation_is_for_what_was_begun_within_an_hour)
{
    ck_assert_str_eq(reason(CINEMA_NOT_FOUND, confirm("123456")), "totp_not_started");
    OK(cinema_totp_start(c, anna.id, &setup, &err));
    clock_ms += 60 * 60 * 1000 + 1;
    ck_assert_str_eq(reason(CINEMA_NOT_FOUND, confirm(app(clock_ms))), "totp_not_started");
    clock_ms -= 1;
    OK(confirm(app(clock_ms)));
}

static const char *const nobody[] = { "", "anna", "0198f3f0-0000-7000-8000-000000000000" };

TEST_EACH(nobody_has_no_second_factor, COUNT_OF(nobody))
{
    cinema_totp *t = NULL;
    const cinema_twofactor_proof proof = { password, "123456" };
    const cinema_totp_confirmation first = { "123456" };
    GIVES(CINEMA_NOT_FOUND, cinema_totp_get(c, nobody[_i], &t, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_totp_start(c, nobody[_i], &setup, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_totp_confirm(c, nobody[_i], &first, &codes, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_totp_remove(c, nobody[_i], &proof, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_backup_code_renew(c, nobody[_i], &proof, &codes, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_totp_reset(c, nobody[_i], &err));
    ck_assert(!t && !setup && !codes);
}

TEST(inputs_are_checked_field_by_field)
{
    char long_code[80];
    memset(long_code, '1', sizeof long_code);
    long_code[sizeof long_code - 1] = '\0';
    GIVES(CINEMA_INVALID, confirm(NULL));
    ck_assert_str_eq(err.field, "code");
    GIVES(CINEMA_INVALID, confirm(long_code));
    ck_assert_str_eq(err.field, "code");
    GIVES(CINEMA_INVALID, turn_off(password, NULL));
    ck_assert_str_eq(err.field, "code");
    GIVES(CINEMA_INVALID, renew(password, NULL, &codes));
    ck_assert_str_eq(err.field, "code");
    GIVES(CINEMA_INVALID, turn_off("", "123456"));
    ck_assert_str_eq(err.field, "password");
}

/* ---- proof ----------------------------------------------------------------------------------- */

TEST(turning_it_off_takes_password_and_code)
{
    turn_on_here();
    ck_assert_str_eq(reason(CINEMA_FORBIDDEN, turn_off("wrong", app(clock_ms))),
                     "invalid_credentials");
    ck_assert_str_eq(err.field, "password");
    ck_assert_str_eq(reason(CINEMA_FORBIDDEN, turn_off(NULL, app(clock_ms))),
                     "invalid_credentials");
    ck_assert_str_eq(reason(CINEMA_FORBIDDEN, turn_off(password, "000000")), "invalid_code");
    ck_assert_str_eq(err.field, "code");
    ck_assert(how().on);
    OK(turn_off(password, app(clock_ms)));
    ck_assert(!how().on && how().backup_codes_left == 0);
    ck_assert_str_eq(reason(CINEMA_NOT_FOUND, turn_off(password, "000000")), "totp_off");
    ck_assert_uint_eq(logged("totp.remove", "system"), 1);
    ck_assert_uint_eq(logged("second_factor.fail", "system"), 3);
    ck_assert(was_told("Two-factor sign-in is off"));
}

TEST(who_lost_the_app_turns_it_off_with_a_backup_code)
{
    turn_on_here();
    OK(turn_off(password, codes->backup_codes.items[3]));
    ck_assert(!how().on);
}

TEST(new_backup_codes_void_the_old_ones)
{
    cinema_backup_codes *fresh = NULL;
    turn_on_here();
    OK(renew(password, app(clock_ms), &fresh));
    ck_assert_int_eq(how().backup_codes_left, 10);
    ck_assert(!take_backup_code(anna.nr, codes->backup_codes.items[0]));
    ck_assert(take_backup_code(anna.nr, fresh->backup_codes.items[0]));
    ck_assert_int_eq(how().backup_codes_left, 9);
    ck_assert_uint_eq(logged("backup_code.renew", "system"), 1);
    ck_assert(was_told("You have new backup codes"));
    cinema_backup_codes_free(fresh);
}

TEST(there_are_no_backup_codes_without_a_factor)
{
    ck_assert_str_eq(reason(CINEMA_NOT_FOUND, renew(password, "000000", &codes)), "totp_off");
}

TEST(a_code_that_proved_something_is_used_up)
{
    cinema_backup_codes *fresh = NULL;
    turn_on_here();
    OK(renew(password, app(clock_ms), &fresh));
    cinema_backup_codes_free(fresh);
    ck_assert(!take_totp(anna.nr, app(clock_ms)));
    ck_assert_str_eq(reason(CINEMA_FORBIDDEN, turn_off(password, app(clock_ms))), "invalid_code");
}

/* ---- guessing -------------------------------------------------------------------------------- */

TEST(guessing_codes_ends_and_the_right_one_comes_too_late)
{
    int refused = 0;
    turn_on_here();
    for (int i = 0; i < 10; i++)
        refused += turn_off(password, "000000") == CINEMA_FORBIDDEN;
    ck_assert_int_eq(refused, 10);
    ck_assert_str_eq(reason(CINEMA_LIMITED, turn_off(password, "000000")), "limited");
    GIVES(CINEMA_LIMITED, turn_off(password, app(clock_ms)));
    GIVES(CINEMA_LIMITED, renew(password, app(clock_ms), &codes));
    ck_assert(how().on);
}

TEST(guessing_passwords_with_a_code_ends_as_well)
{
    cinema_status last = CINEMA_OK;
    turn_on_here();
    for (int i = 0; i < 11; i++)
        last = turn_off("wrong", "000000");
    GIVES(CINEMA_LIMITED, last);
}

TEST(a_first_code_is_not_guessed_without_end)
{
    cinema_status last = CINEMA_OK;
    OK(cinema_totp_start(c, anna.id, &setup, &err));
    for (int i = 0; i < 11; i++)
        last = confirm("000000");
    GIVES(CINEMA_LIMITED, last);
}

TEST(right_codes_are_not_counted_and_others_are_not_stopped)
{
    cinema_backup_codes *fresh = NULL;
    turn_on_here();
    for (int i = 0; i < 12; i++) {
        clock_ms += TOTP_STEP_MS;
        OK(renew(password, app(clock_ms), &fresh));
        cinema_backup_codes_free(fresh);
    }
    for (int i = 0; i < 11; i++)
        turn_off(password, "000000");
    anna = add_account("bert@example.org", password);
    cinema_totp_setup_free(setup);
    turn_on_here();
    OK(turn_off(password, app(clock_ms)));
}

/* ---- the JSON door --------------------------------------------------------------------------- */

/* Who is behind a caller is the auth room's; here it is who we say. */
static identity who;

static cinema_status identify(cinema *h, const cinema_caller *caller, arena *a, identity *ret,
                              cinema_error *e)
{
    (void)h;
    (void)a;
    (void)e;
    *ret = caller->system ? (identity){ .known = true, .system = true, .permissions = "*" } : who;
    return CINEMA_OK;
}

static void sign_in(const account *acc, const char *permissions)
{
    who = (identity){ .known = true,
                      .name = acc->id,
                      .permissions = permissions,
                      .account_nr = acc->nr,
                      .account_id = acc->id,
                      .auth_at = clock_ms };
    c->identify = identify;
}

/* The code of the answer, or "" where it was done. */
static const char *ask(const char *name, const char *json, json_t **ret)
{
    static char word[64];
    char *text = NULL;
    const cinema_caller caller = { .address = "192.0.2.7" };
    cinema_status s = cinema_call(c, &caller, name, json, &text, &err);
    json_t *v = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    const char *code = s ? json_string_value(json_object_get(v, "code")) : "";
    snprintf(word, sizeof word, "%s", code ? code : "?");
    cinema_text_free(text);
    if (ret)
        *ret = v;
    else
        json_decref(v);
    return word;
}

static const char *with_code(const char *name, const char *pw, const char *code)
{
    char json[256];
    if (pw)
        snprintf(json, sizeof json, "{\"password\": \"%s\", \"code\": \"%s\"}", pw, code);
    else
        snprintf(json, sizeof json, "{\"code\": \"%s\"}", code);
    return ask(name, json, NULL);
}

/* The set-up as JSON has it. */
static void start_by_call(void)
{
    json_t *v;
    ck_assert_str_eq(ask("totp.start", NULL, &v), "");
    setup = calloc(1, sizeof *setup);
    setup->secret = strdup(json_string_value(json_object_get(v, "secret")));
    ck_assert_ptr_nonnull(
        strstr(json_string_value(json_object_get(v, "otpauth_uri")), setup->secret));
    json_decref(v);
}

static void forget_setup(void)
{
    free((void *)(uintptr_t)setup->secret);
    free(setup);
    setup = NULL;
}

TEST(the_whole_story_by_the_json_door)
{
    json_t *v;
    sign_in(&anna, "");
    ck_assert_str_eq(ask("totp.get", NULL, &v), "");
    ck_assert(json_is_false(json_object_get(v, "on")));
    json_decref(v);
    start_by_call();
    ck_assert_str_eq(with_code("totp.confirm", NULL, "000000"), "invalid_code");
    ck_assert_str_eq(with_code("totp.confirm", NULL, app(clock_ms)), "");
    ck_assert_str_eq(ask("totp.start", NULL, NULL), "totp_on");
    ck_assert_str_eq(ask("totp.get", NULL, &v), "");
    ck_assert(json_is_true(json_object_get(v, "on")));
    ck_assert_int_eq(json_integer_value(json_object_get(v, "backup_codes_left")), 10);
    json_decref(v);
    ck_assert_str_eq(with_code("backup_code.renew", password, app(clock_ms + TOTP_STEP_MS)), "");
    clock_ms += 2 * TOTP_STEP_MS;
    ck_assert_str_eq(with_code("totp.remove", password, app(clock_ms)), "");
    ck_assert_uint_eq(logged("totp.confirm", "user"), 1);
    ck_assert_uint_eq(logged("backup_code.renew", "user"), 1);
    ck_assert_uint_eq(logged("totp.remove", "user"), 1);
    forget_setup();
}

TEST(setting_up_takes_a_sign_in_of_the_last_five_minutes)
{
    sign_in(&anna, "");
    clock_ms += 5 * 60 * 1000 + 1;
    ck_assert_str_eq(ask("totp.start", NULL, NULL), "reauthentication_required");
    clock_ms -= 1;
    start_by_call();
    forget_setup();
}

TEST(an_account_without_a_password_proves_itself_by_a_sign_in_a_moment_ago)
{
    anna = add_account("carl@example.org", NULL);
    turn_on_here();
    sign_in(&anna, "");
    clock_ms += 6 * 60 * 1000;
    ck_assert_str_eq(with_code("totp.remove", NULL, app(clock_ms)), "reauthentication_required");
    sign_in(&anna, "");
    ck_assert_str_eq(with_code("totp.remove", NULL, "000000"), "invalid_code");
    ck_assert_str_eq(with_code("totp.remove", NULL, app(clock_ms)), "");
}

static const char *const own[] = { "totp.get", "totp.start", "totp.confirm", "totp.remove",
                                   "backup_code.renew" };

TEST_EACH(strangers_and_tokens_without_an_account_are_turned_away, COUNT_OF(own))
{
    who = (identity){ 0 };
    c->identify = identify;
    ck_assert_str_eq(ask(own[_i], NULL, NULL), "not_signed_in");
    who = (identity){ .known = true, .name = "set-up token", .permissions = "*" };
    ck_assert_str_eq(ask(own[_i], NULL, NULL), "forbidden");
}

TEST_EACH(a_trusted_process_has_no_second_factor_of_its_own, COUNT_OF(own))
{
    char *text = NULL;
    const cinema_caller system = { .system = true };
    const char *json = _i < 2 ? NULL : "{\"code\": \"123456\"}";
    GIVES(CINEMA_FORBIDDEN, cinema_call(c, &system, own[_i], json, &text, &err));
    ck_assert_str_eq(err.reason, "forbidden");
    cinema_text_free(text);
}

TEST(users_are_named_by_address_too)
{
    cinema_totp *t = NULL;
    turn_on_here();
    OK(cinema_totp_get(c, "ANNA@example.org", &t, &err));
    ck_assert(t->on);
    cinema_totp_free(t);
    OK(cinema_totp_reset(c, "anna@example.org", &err));
    GIVES(CINEMA_NOT_FOUND, cinema_totp_reset(c, "nobody@example.org", &err));
    GIVES(CINEMA_NOT_FOUND, cinema_totp_reset(c, "@", &err));
}

TEST(an_administrator_turns_it_off_for_who_lost_it)
{
    char json[128];
    account boss = add_account("boss@example.org", NULL);
    snprintf(json, sizeof json, "{\"user_id\": \"%s\"}", anna.id);
    turn_on_here();
    sign_in(&boss, "user.read");
    ck_assert_str_eq(ask("totp.reset", json, NULL), "forbidden");
    sign_in(&boss, "user.write");
    ck_assert_str_eq(ask("totp.reset", json, NULL), "");
    ck_assert(!how().on);
    ck_assert_str_eq(ask("totp.reset", json, NULL), "totp_off");
    ck_assert_uint_eq(logged("totp.reset", "user"), 1);
    ck_assert(was_told("Two-factor sign-in is off"));
}

TEST(administrators_too_turn_off_their_own_with_password_and_code)
{
    char json[128];
    turn_on_here();
    sign_in(&anna, "*");
    snprintf(json, sizeof json, "{\"user_id\": \"%s\"}", anna.id);
    ck_assert_str_eq(ask("totp.reset", json, NULL), "own_account");
    for (char *p = json + 12; *p; p++) /* an id is the same in either case */
        if (*p >= 'a' && *p <= 'f')
            *p = (char)(*p - 'a' + 'A');
    ck_assert_str_eq(ask("totp.reset", json, NULL), "own_account");
    ck_assert(how().on);
}

TEST(who_may_do_more_is_not_reset_by_who_may_do_less)
{
    static const char *const names[] = { "admin", "viewer" };
    char json[128];
    db_tx *tx = NULL;
    account boss = add_account("boss@example.org", NULL);
    OK(db_begin(c, &tx, &err));
    OK(role__set(c, tx, boss.nr, (cinema_texts){ names, 2 }, mem, &err));
    OK(db_commit(&tx, &err));
    snprintf(json, sizeof json, "{\"user_id\": \"%s\"}", boss.id);
    sign_in(&anna, "user.write");
    ck_assert_str_eq(ask("totp.reset", json, NULL), "more_permissions");
    sign_in(&anna, "*");
    ck_assert_str_eq(ask("totp.reset", json, NULL), "totp_off");
}

TEST(a_reset_ends_all_sessions)
{
    session_grant grant;
    db_tx *tx = NULL;
    db_sql sql;
    db_rows rows;
    static const db_text count = { "test_count", " SELECT count(*) FROM session",
                                   " SELECT count(*) FROM session" };
    turn_on_here();
    OK(session__ready(c, &err));
    OK(db_begin(c, &tx, &err));
    OK(session__start(c, tx, anna.nr, anna.id, "password totp", &(cinema_caller){ 0 }, mem, &grant,
                      &err));
    OK(db_commit(&tx, &err));
    OK(cinema_totp_reset(c, anna.id, &err));
    db_sql_for(&sql, c);
    db_add(&sql, count, "");
    OK(db_read(c, &sql, mem, &rows, &err));
    ck_assert_int_eq(rows.first->cells[0].number, 0);
}
