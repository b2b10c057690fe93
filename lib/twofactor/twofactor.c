/* twofactor.c - the typed door: checks what it is given, and acts as a trusted process.
 */
#include "base/handle.h"
#include "twofactor/acts.h"

static const field confirmation_fields[] = {
    { IN(cinema_totp_confirmation, code, TEXT), .needed = true, .min = 1, .max = 64,
      .help = "that the app shows now" },
};
const field_table cinema__totp_confirmation =
    QUERY("confirmation", confirmation_fields, cinema_totp_confirmation);

static const field proof_fields[] = {
    { IN(cinema_twofactor_proof, password, TEXT), .min = 1, .max = 256,
      .help = "needed where the account has one" },
    { IN(cinema_twofactor_proof, code, TEXT), .needed = true, .min = 1, .max = 64,
      .help = "of the app, or a backup code" },
};
const field_table cinema__twofactor_proof = QUERY("proof", proof_fields, cinema_twofactor_proof);

/* Who calls the typed door is trusted. */
static cinema_status trusted(cinema *c, op_call *k, arena **a, cinema_error *err)
{
    static const cinema_caller nobody;
    cinema_status s = handle_check(c, err);
    if (s)
        return s;
    *k = (op_call){ .cinema = c,
                    .caller = &nobody,
                    .who = { .known = true, .system = true, .name = "system", .permissions = "*" },
                    .arena = *a = arena_new(0, 0),
                    .err = err };
    return *a ? CINEMA_OK : fail_memory(err);
}

#define TRUSTED(k)                                                                                 \
    CLEANUP(arena_freep) arena *a = NULL;                                                          \
    op_call k;                                                                                     \
    cinema_status s = trusted(c, &k, &a, err)

cinema_status cinema_totp_get(cinema *c, const char *user_id, cinema_totp **ret, cinema_error *err)
{
    TRUSTED(k);
    return s ? s : totp_get(&k, user_id, ret);
}

cinema_status cinema_totp_start(cinema *c, const char *user_id, cinema_totp_setup **ret,
                                cinema_error *err)
{
    TRUSTED(k);
    return s ? s : totp_start(&k, user_id, ret);
}

cinema_status cinema_totp_confirm_sized(cinema *c, const char *user_id,
                                        const cinema_totp_confirmation *in, size_t size,
                                        cinema_backup_codes **ret, cinema_error *err)
{
    cinema_totp_confirmation own;
    TRUSTED(k);
    if (s || (s = TAKE(own, in, size, err)) ||
        (s = fields_check(&cinema__totp_confirmation, MODE_CREATE, &own, a, NULL, err)))
        return s;
    return totp_confirm(&k, user_id, &own, ret);
}

static cinema_status take_proof(const cinema_twofactor_proof *in, size_t size, arena *a,
                                cinema_twofactor_proof *own, cinema_error *err)
{
    cinema_status s = take_input(own, sizeof *own, in, size, err);
    return s ? s : fields_check(&cinema__twofactor_proof, MODE_CREATE, own, a, NULL, err);
}

cinema_status cinema_totp_remove_sized(cinema *c, const char *user_id,
                                       const cinema_twofactor_proof *in, size_t size,
                                       cinema_error *err)
{
    cinema_twofactor_proof own;
    TRUSTED(k);
    if (s || (s = take_proof(in, size, a, &own, err)))
        return s;
    return totp_remove(&k, user_id, &own);
}

cinema_status cinema_backup_code_renew_sized(cinema *c, const char *user_id,
                                             const cinema_twofactor_proof *in, size_t size,
                                             cinema_backup_codes **ret, cinema_error *err)
{
    cinema_twofactor_proof own;
    TRUSTED(k);
    if (s || (s = take_proof(in, size, a, &own, err)))
        return s;
    return backup_code_renew(&k, user_id, &own, ret);
}

cinema_status cinema_totp_reset(cinema *c, const char *user_id, cinema_error *err)
{
    TRUSTED(k);
    return s ? s : totp_reset(&k, user_id);
}

void cinema_totp_free(cinema_totp *t)
{
    record_free(t);
}

void cinema_totp_setup_free(cinema_totp_setup *t)
{
    record_free(t);
}

void cinema_backup_codes_free(cinema_backup_codes *k)
{
    record_free(k);
}
