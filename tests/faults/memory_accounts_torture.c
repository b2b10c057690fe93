/* memory_accounts_torture.c - the exported functions that are about accounts, while memory runs
 * out: users, the second factor, avatars.
 */
#include "faults/torture.h"

#include "base/status.h"

#include <oath.h>
#include <stdio.h>
#include <time.h>

FIXTURE(torture_start, torture_stop)

/* ---- users: no password, for hashing one takes longer than all the rest ---------------------- */

#define USER "{\"email\": \"ann#\\u0040films.example\"}" /* @ stands for what was made */

static const cinema_user_input *user_new(void)
{
    static char email[64];
    static const char *const roles[] = { "editor" };
    static cinema_user_input in;
    snprintf(email, sizeof email, "ann%s@films.example", torture_number);
    in = (cinema_user_input){ .email = email, .name = "Ann Who", .roles = { roles, 1 } };
    return &in;
}

CALL(user_create, cinema_user, cinema_user_free, cinema_user_create(c, user_new(), &ret, &err))
CALL(user_get, cinema_user, cinema_user_free, cinema_user_get(c, torture_made, NULL, &ret, &err))
CALL(user_update, cinema_user, cinema_user_free,
     cinema_user_update(c, torture_made,
                        &(cinema_user_input){ .name = "Ann", .locale = "de", .status = "disabled" },
                        &ret, &err))
CALL(user_list, cinema_user_page, cinema_user_page_free,
     cinema_user_list(c, &(cinema_user_query){ .q = "ann", .total = true, .limit = 1 }, &ret, &err))

CALL(user_export, cinema_user_data, cinema_user_data_free,
     cinema_user_export(c, torture_made, NULL, &ret, &err))
CALL(user_leave, cinema_user, cinema_user_free,
     cinema_user_leave(c, torture_made, NULL, &ret, &err))

static cinema_status user_remove(void)
{
    return cinema_user_remove(c, torture_made, NULL, &err);
}

static cinema_status user_end_sessions(void)
{
    return cinema_user_end_sessions(c, torture_made, &err);
}

/* ---- the second factor ------------------------------------------------------------------------
 */

CALL(totp_get, cinema_totp, cinema_totp_free, cinema_totp_get(c, TORTURE_ACCOUNT, &ret, &err))

/* What was turned on by a call before is turned off. */
static cinema_status totp_begin(cinema_totp_setup **ret)
{
    cinema_status s = cinema_totp_reset(c, TORTURE_ACCOUNT, &err);
    torture_done = !s; /* steps before the one that fails stay written, here and below */
    return s && s != CINEMA_NOT_FOUND ? s : cinema_totp_start(c, TORTURE_ACCOUNT, ret, &err);
}

static cinema_status app(const char *secret, char code[8])
{
    CLEANUP(freep) char *bytes = NULL;
    size_t n = 0;
    int s = oath_base32_decode(secret, strlen(secret), &bytes, &n);
    if (s == OATH_OK)
        s = oath_totp_generate(bytes, n, time(NULL), 30, 0, 6, code);
    return s == OATH_OK ? CINEMA_OK : CINEMA_NO_MEMORY;
}

static cinema_status totp_turn_on(cinema_backup_codes **ret)
{
    char code[8];
    cinema_totp_setup *setup = NULL;
    cinema_status s = totp_begin(&setup);
    if (!s && !(s = app(setup->secret, code)))
        s = cinema_totp_confirm(c, TORTURE_ACCOUNT, &(cinema_totp_confirmation){ code }, ret, &err);
    torture_done |= !s;
    cinema_totp_setup_free(setup);
    return s;
}

CALL(totp_start, cinema_totp_setup, cinema_totp_setup_free, totp_begin(&ret))
CALL(totp_confirm, cinema_backup_codes, cinema_backup_codes_free, totp_turn_on(&ret))

static cinema_status totp_remove(void)
{
    cinema_backup_codes *codes = NULL;
    cinema_twofactor_proof proof = { 0 };
    cinema_status s = totp_turn_on(&codes);
    if (!s) {
        proof.code = codes->backup_codes.items[0];
        s = cinema_totp_remove(c, TORTURE_ACCOUNT, &proof, &err);
    }
    cinema_backup_codes_free(codes);
    return s;
}

static cinema_status backup_code_renew(void)
{
    cinema_backup_codes *codes = NULL, *fresh = NULL;
    cinema_twofactor_proof proof = { 0 };
    cinema_status s = totp_turn_on(&codes);
    if (!s) {
        proof.code = codes->backup_codes.items[9];
        s = cinema_backup_code_renew(c, TORTURE_ACCOUNT, &proof, &fresh, &err);
    }
    torture_kept = !s != (fresh != NULL);
    cinema_backup_codes_free(codes);
    cinema_backup_codes_free(fresh);
    return s;
}

static cinema_status totp_reset(void)
{
    cinema_totp_setup *setup = NULL;
    cinema_status s = totp_begin(&setup);
    cinema_totp_setup_free(setup);
    return s ? s : cinema_totp_reset(c, TORTURE_ACCOUNT, &err);
}

/* ---- avatars --------------------------------------------------------------------------------- */

/* One pixel. */
static const unsigned char png[] =
    "\211\120\116\107\015\012\032\012\000\000\000\015\111\110\104\122\000\000\000\001\000\000"
    "\000\001\010\002\000\000\000\220\167\123\336\000\000\000\014\111\104\101\124\170\234\143"
    "\370\317\300\000\000\003\001\001\000\311\376\222\357\000\000\000\000\111\105\116\104\256"
    "\102\140\202";

static cinema_status avatar_set(void)
{
    const cinema_avatar_input in = { png, sizeof png - 1 };
    cinema_avatar *ret = NULL;
    cinema_status s = cinema_avatar_set(c, TORTURE_ACCOUNT, &in, &ret, &err);
    torture_kept = !s != (ret != NULL);
    cinema_avatar_free(ret);
    return s == CINEMA_UNSUPPORTED ? CINEMA_OK : s; /* built without images */
}

static cinema_status avatar_remove(void)
{
    return cinema_avatar_remove(c, TORTURE_ACCOUNT, &err);
}

static cinema_status reload(void)
{
    return cinema_reload(c, &err);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const torture_line lines[] = {
    { FUNCTION("cinema_reload", reload) },
    { FUNCTION("cinema_avatar_set_sized", avatar_set) },
    { FUNCTION("cinema_avatar_remove", avatar_remove) },
    { FUNCTION("cinema_user_create_sized", user_create) },
    { FUNCTION("cinema_user_get_sized", user_get), FIRST("user.create", USER) },
    { FUNCTION("cinema_user_update_sized", user_update), FIRST("user.create", USER) },
    { FUNCTION("cinema_user_list_sized", user_list), FIRST("user.create", USER) },
    { FUNCTION("cinema_user_remove_sized", user_remove), FIRST("user.create", USER) },
    { FUNCTION("cinema_user_end_sessions", user_end_sessions), FIRST("user.create", USER) },
    { FUNCTION("cinema_totp_get", totp_get) },
    { FUNCTION("cinema_totp_start", totp_start) },
    { FUNCTION("cinema_totp_confirm_sized", totp_confirm) },
    { FUNCTION("cinema_totp_remove_sized", totp_remove) },
    { FUNCTION("cinema_totp_reset", totp_reset) },
    { FUNCTION("cinema_backup_code_renew_sized", backup_code_renew) },
    { FUNCTION("cinema_user_export_sized", user_export), FIRST("user.create", USER) },
    { FUNCTION("cinema_user_leave_sized", user_leave), FIRST("user.create", USER) },
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
