/* user_write.c - users added, changed and removed.
 */
#include "audit/audit.h"
#include "base/text.h"
#include "notify/notify.h"
#include "onetime/onetime.h"
#include "role/role.h"
#include "session/session.h"
#include "user/account.h"
#include "user/password.h"
#include "user/user_door.h"

#include "user.sql.h"

#include <sodium.h>

/* A user on the way to a row. */
typedef struct draft {
    cinema *cinema;
    const op_call *by;
    const cinema_user_input *in;
    db_tx *tx;
    arena *arena;
    account now; /* as it will be */
    char hash[PASSWORD_HASH_MAX];
    bool ends_sessions, voids_tokens;
} draft;

/* ---- what may be set ------------------------------------------------------------------------- */

cinema_status account__check_locale(const char *locale, cinema_error *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
                      signs[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t n = locale ? strspn(locale, letters) : 2;
    bool ok = n >= 2 && n <= 3;
    for (const char *p = locale ? locale + n : ""; ok && *p; p += n) {
        n = *p == '-' ? 1 + strspn(p + 1, signs) : 0;
        ok = n >= 3 && n <= 9;
    }
    return ok ? CINEMA_OK
              : fail(err, CINEMA_INVALID, "locale", "locale",
                     "locale: must be a language such as de or pt-BR");
}

/* Before the transaction, for it takes its time. */
static cinema_status hash_password(draft *d, const char *email, const char *name, cinema_error *err)
{
    const cinema_user_input *in = d->in;
    cinema_status s = CINEMA_OK;
    if (in->password && in->password_hash)
        return fail(err, CINEMA_INVALID, "password_hash", "password_hash",
                    "password_hash: there is a password as well");
    if (in->password &&
        !(s = password__check(d->cinema, in->password, "password", false, email, name, err)))
        s = password__hash(d->cinema, in->password, d->hash, err);
    if (s || !in->password_hash)
        return s;
    verdict v = password_compare("", in->password_hash);
    if (v == NO_ROOM)
        return fail_memory(err);
    if (v == UNKNOWN_KIND || !text_copy(d->hash, sizeof d->hash, in->password_hash))
        return fail(err, CINEMA_INVALID, "password_hash", "password_hash",
                    "password_hash: is of no kind that is known here");
    return CINEMA_OK;
}

/* ---- who may --------------------------------------------------------------------------------- */

/* Otherwise whoever may change users could become any of them. */
static cinema_status check_rank(const op_call *by, const account *x, cinema_error *err)
{
    return role__may_handle(by, x->permissions, err);
}

static cinema_status check_roles(const op_call *by, const cinema_user_input *in, cinema_error *err)
{
    if (!by || !in->roles.items || op_may(by, "role.write"))
        return CINEMA_OK;
    return fail(err, CINEMA_FORBIDDEN, NULL, "roles", "you are not allowed to give roles");
}

/* ---- the log --------------------------------------------------------------------------------- */

cinema_status user_log(cinema *c, db_tx *tx, const op_call *by, const char *action,
                       const account *about, const char *detail, arena *a, cinema_error *err)
{
    audit_entry e =
        by ? audit__by(by, action) : (audit_entry){ .action = action, .actor = "system" };
    e.account_id = about->id;
    e.detail = detail;
    return audit__add(c, tx, by ? by->caller : NULL, &e, a, err);
}

/* Names of the fields that are set, as JSON. */
static const char *set_fields(const cinema_user_input *in, arena *a)
{
    const struct {
        const char *name;
        bool is;
    } all[] = {
        { "email", in->email },
        { "name", in->name },
        { "locale", in->locale },
        { "status", in->status },
        { "roles", in->roles.items },
        { "password", in->password || in->password_hash },
        { "cleared", in->clear },
        { "email_verified", in->email_verified },
        { "password_reset_needed", in->password_reset_needed },
    };
    const char *text = "{\"fields\":[";
    for (size_t i = 0, n = 0; text && i < COUNT_OF(all); i++)
        if (all[i].is)
            text = arena_format(a, "%s%s\"%s\"", text, n++ ? "," : "", all[i].name);
    return text ? arena_format(a, "%s]}", text) : NULL;
}

/* ---- adding ---------------------------------------------------------------------------------- */

/* Roles, unless none are given; then what the account may do is what the caller has to cover. */
static cinema_status give_roles(draft *d, cinema_error *err)
{
    account after;
    if (!d->in->roles.items)
        return CINEMA_OK;
    cinema_status s = role__set(d->cinema, d->tx, d->now.nr, d->in->roles, d->arena, err);
    if (s || (s = account__by_nr(d->cinema, d->tx, d->now.nr, d->arena, &after, err)))
        return s;
    return check_rank(d->by, &after, err);
}

static cinema_status insert(draft *d, cinema_user **ret, cinema_error *err)
{
    const cinema_user_input *in = d->in;
    bool verified = !in->email_verified || *in->email_verified;
    account x = { .email = in->email,
                  .name = in->name,
                  .locale = in->locale,
                  .status = in->status,
                  .password = *d->hash ? d->hash : NULL,
                  .password_reset_needed = in->password_reset_needed && *in->password_reset_needed,
                  .email_verified_at = verified ? now_ms(d->cinema) : CINEMA_ABSENT };
    cinema *c = d->cinema;
    arena *a = d->arena;
    cinema_status s = account__insert(c, d->tx, &x, a, &d->now, err);
    if (s || (s = give_roles(d, err)) ||
        (s = user_log(c, d->tx, d->by, "user.create", &d->now, set_fields(in, a), a, err)))
        return s;
    return user__read(c, d->tx, d->now.nr, a, ret, err);
}

static cinema_status create(draft *d, cinema_user_input *in, cinema_user **ret, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    const char *email, *key;
    cinema_user *u = NULL;
    cinema_status s;
    if ((s = fields_check(&cinema__user, MODE_CREATE, in, d->arena, NULL, err)) ||
        (s = account__check_locale(in->locale, err)) || (s = check_roles(d->by, in, err)) ||
        (s = email__normalise(in->email, d->arena, &email, &key, err)) ||
        (s = hash_password(d, in->email, in->name, err)) || (s = db_begin(d->cinema, &tx, err)))
        return s;
    d->tx = tx;
    if ((s = insert(d, &u, err)) || (s = db_commit(&tx, err)))
        return s;
    *ret = u;
    return CINEMA_OK;
}

/* A draft lives in the arena of the record that becomes of it; nothing of a password stays. */
static cinema_status with_arena(cinema_status s, draft *d)
{
    sodium_memzero(d->hash, sizeof d->hash);
    if (s)
        arena_free(d->arena);
    return s;
}

cinema_status user_create(cinema *c, const op_call *by, cinema_user_input *in, cinema_user **ret,
                          cinema_error *err)
{
    draft d = { .cinema = c, .by = by, .in = in, .arena = arena_new(0, 0) };
    return with_arena(d.arena ? create(&d, in, ret, err) : fail_memory(err), &d);
}

cinema_status cinema_user_create_sized(cinema *c, const cinema_user_input *input, size_t size,
                                       cinema_user **ret, cinema_error *err)
{
    cinema_user_input in;
    cinema_status s = TAKE(in, input, size, err);
    return s ? s : user_create(c, NULL, &in, ret, err);
}

/* ---- changing -------------------------------------------------------------------------------- */

static cinema_status merge_email(draft *d, cinema_error *err)
{
    account *x = &d->now;
    const cinema_user_input *in = d->in;
    const char *before = x->email_key;
    int64_t now = now_ms(d->cinema);
    cinema_status s = CINEMA_OK;
    if (in->email)
        s = email__normalise(in->email, d->arena, &x->email, &x->email_key, err);
    if (s)
        return s;
    bool another = strcmp(before, x->email_key) != 0;
    d->voids_tokens |= another;
    if (another || in->email_verified)
        x->email_verified_at = in->email_verified && !*in->email_verified ? CINEMA_ABSENT
                               : another || x->email_verified_at == CINEMA_ABSENT
                                   ? now
                                   : x->email_verified_at;
    return CINEMA_OK;
}

static void merge_password(draft *d)
{
    account *x = &d->now;
    const cinema_user_input *in = d->in;
    if (*d->hash) {
        x->password = d->hash;
        x->password_changed_at = now_ms(d->cinema);
        x->password_reset_needed = false;
    }
    if (in->password_reset_needed)
        x->password_reset_needed = *in->password_reset_needed;
    bool ends = *d->hash || (in->password_reset_needed && *in->password_reset_needed);
    d->ends_sessions |= ends;
    d->voids_tokens |= ends;
}

static cinema_status merge(draft *d, cinema_error *err)
{
    account *x = &d->now;
    const cinema_user_input *in = d->in;
    if (in->name || field_cleared(in->clear, "name"))
        x->name = in->name ? in->name : "";
    if (in->locale || field_cleared(in->clear, "locale"))
        x->locale = in->locale;
    if (in->status) {
        d->ends_sessions = d->voids_tokens = !strcmp(in->status, "disabled");
        x->status = in->status;
    }
    merge_password(d);
    return merge_email(d, err);
}

static const int64_t *present(const int64_t *n)
{
    return *n == CINEMA_ABSENT ? NULL : n;
}

static cinema_status write_row(draft *d, cinema_error *err)
{
    const account *x = &d->now;
    cinema_error own = { 0 };
    db_sql sql;
    cinema_status s = account__check_free(d->tx, x->nr, x->email_key, d->arena, err);
    if (s)
        return s;
    db_sql_for_tx(&sql, d->tx);
    db_add(&sql, SQL_user_update, "iittIttttIb", x->nr, now_ms(d->cinema), x->email, x->email_key,
           present(&x->email_verified_at), x->name, x->locale, x->status, x->password,
           present(&x->password_changed_at), (int)x->password_reset_needed);
    s = db_run(d->tx, &sql, NULL, NULL, &own);
    if (s == CINEMA_CONFLICT && !strcmp(own.reason, "unique")) /* taken since it was looked up */
        return account__taken(err);
    if (s && err)
        *err = own;
    return s;
}

/* Told where it was known before. An address that no mail can go to is no reason to leave things as
 * they are. */
static cinema_status tell(draft *d, const account *before, const char *template, cinema_error *err)
{
    const notify_mail m = {
        .template = template, .to = before->email, .name = before->name, .locale = before->locale
    };
    cinema_status s = notify__mail(d->cinema, d->tx, &m, d->arena, err);
    return s == CINEMA_INVALID ? CINEMA_OK : s;
}

static cinema_status tell_owner(draft *d, const account *before, cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    if (strcmp(before->email_key, d->now.email_key))
        s = tell(d, before, "email_changed", err);
    if (!s && *d->hash)
        s = tell(d, before, "password_changed", err);
    return s;
}

/* Who was signed in goes by what holds now. */
static cinema_status tell_sessions(draft *d, cinema_error *err)
{
    cinema *c = d->cinema;
    int64_t nr = d->now.nr;
    cinema_status s = CINEMA_OK;
    if (d->ends_sessions)
        s = session__end_all(c, d->tx, nr, NULL, d->arena, err);
    if (!s && d->voids_tokens)
        s = onetime__void(c, d->tx, NULL, nr, d->arena, err);
    return s;
}

/* Who is disabled may have been the last who could do everything. */
static cinema_status check_last(draft *d, const account *before, cinema_error *err)
{
    if (!d->in->status || strcmp(d->in->status, "disabled"))
        return CINEMA_OK;
    return role__keep_administrator(d->cinema, d->tx, before->nr, d->arena, err);
}

static cinema_status change(draft *d, cinema_user **ret, cinema_error *err)
{
    cinema *c = d->cinema;
    arena *a = d->arena;
    const account before = d->now;
    cinema_status s;
    if ((s = check_rank(d->by, &before, err)) ||
        (s = revision_check(d->in->revision, before.revision, err)) || (s = merge(d, err)) ||
        (s = check_last(d, &before, err)) || (s = write_row(d, err)) || (s = give_roles(d, err)) ||
        (s = account__index(d->tx, before.nr, d->now.name, d->now.email_key, a, err)) ||
        (s = tell_sessions(d, err)) || (s = tell_owner(d, &before, err)) ||
        (s = user_log(c, d->tx, d->by, "user.update", &before, set_fields(d->in, a), a, err)))
        return s;
    return user__read(c, d->tx, before.nr, a, ret, err);
}

static cinema_status update(draft *d, const char *id, cinema_user_input *in, cinema_user **ret,
                            cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    cinema *c = d->cinema;
    cinema_user *u = NULL;
    account x;
    cinema_status s;
    if ((s = fields_check(&cinema__user, MODE_UPDATE, in, d->arena, NULL, err)) ||
        (s = account__check_locale(in->locale, err)) || (s = check_roles(d->by, in, err)) ||
        (s = user_find(c, NULL, id, d->arena, &x, err)) || (s = check_rank(d->by, &x, err)) ||
        (s = hash_password(d, in->email ? in->email : x.email, in->name ? in->name : x.name,
                           err)) ||
        (s = db_begin(c, &tx, err)) || (s = account__by_nr(c, tx, x.nr, d->arena, &d->now, err)))
        return s;
    d->tx = tx;
    if ((s = change(d, &u, err)) || (s = db_commit(&tx, err)))
        return s;
    session__told(c);
    *ret = u;
    return CINEMA_OK;
}

cinema_status user_update(cinema *c, const op_call *by, const char *id, cinema_user_input *in,
                          cinema_user **ret, cinema_error *err)
{
    draft d = { .cinema = c, .by = by, .in = in, .arena = arena_new(0, 0) };
    return with_arena(d.arena ? update(&d, id, in, ret, err) : fail_memory(err), &d);
}

cinema_status cinema_user_update_sized(cinema *c, const char *id, const cinema_user_input *input,
                                       size_t size, cinema_user **ret, cinema_error *err)
{
    cinema_user_input in;
    cinema_status s = TAKE(in, input, size, err);
    return s ? s : user_update(c, NULL, id, &in, ret, err);
}

/* ---- ending ---------------------------------------------------------------------------------- */

cinema_status user_remove(cinema *c, const op_call *by, const char *id, const int64_t *revision,
                          cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    CLEANUP(db_rollback) db_tx *tx = NULL;
    account x;
    cinema_status s;
    if (!a)
        return fail_memory(err);
    if ((s = db_begin(c, &tx, err)) || (s = user_find(c, tx, id, a, &x, err)) ||
        (s = check_rank(by, &x, err)) || (s = revision_check(revision, x.revision, err)) ||
        (s = role__keep_administrator(c, tx, x.nr, a, err)) ||
        (s = user_log(c, tx, by, "user.remove", &x, NULL, a, err)) ||
        (s = account__remove(c, tx, x.nr, a, err)) || (s = db_commit(&tx, err)))
        return s;
    session__told(c);
    return CINEMA_OK;
}

cinema_status cinema_user_remove_sized(cinema *c, const char *id, const cinema_user_options *in,
                                       size_t size, cinema_error *err)
{
    cinema_user_options options;
    cinema_status s = TAKE(options, in, size, err);
    return s ? s : user_remove(c, NULL, id, options.revision, err);
}

cinema_status user_end_sessions(cinema *c, const op_call *by, const char *id, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    CLEANUP(db_rollback) db_tx *tx = NULL;
    account x;
    cinema_status s;
    if (!a)
        return fail_memory(err);
    if ((s = db_begin(c, &tx, err)) || (s = user_find(c, tx, id, a, &x, err)) ||
        (s = check_rank(by, &x, err)) || (s = session__end_all(c, tx, x.nr, NULL, a, err)) ||
        (s = onetime__void(c, tx, NULL, x.nr, a, err)) ||
        (s = user_log(c, tx, by, "user.end_sessions", &x, NULL, a, err)) ||
        (s = db_commit(&tx, err)))
        return s;
    session__told(c);
    return CINEMA_OK;
}

cinema_status cinema_user_end_sessions(cinema *c, const char *id, cinema_error *err)
{
    return user_end_sessions(c, NULL, id, err);
}

cinema_status user_end_session(cinema *c, const op_call *by, const char *session_id,
                               cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    CLEANUP(db_rollback) db_tx *tx = NULL;
    int64_t nr;
    account x;
    cinema_status s;
    if (!a)
        return fail_memory(err);
    if ((s = db_begin(c, &tx, err)) || (s = session__owner(tx, session_id, a, &nr, err)) ||
        (s = account__by_nr(c, tx, nr, a, &x, err)) || (s = check_rank(by, &x, err)) ||
        (s = session__end(c, tx, nr, session_id, a, err)))
        return s;
    const char *which = arena_format(a, "{\"session_id\":\"%s\"}", session_id); /* a uuid */
    s = which ? user_log(c, tx, by, "user.end_session", &x, which, a, err) : fail_memory(err);
    if (s || (s = db_commit(&tx, err)))
        return s;
    session__told(c);
    return CINEMA_OK;
}

cinema_status cinema_user_end_session(cinema *c, const char *session_id, cinema_error *err)
{
    return user_end_session(c, NULL, session_id, err);
}
