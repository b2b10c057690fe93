/* role_help.c - a migrated database, accounts, and calls by somebody who may do so much.
 */
#include "role/role_help.h"

#include "base/buffer.h"
#include "call/op.h"

cinema *c;
cinema_error err;
char *said;

static arena *kept;
static const char *may; /* what the next caller may do; NULL: it is nobody */

static cinema_status identify(cinema *handle, const cinema_caller *caller, arena *a, identity *ret,
                              cinema_error *why)
{
    (void)handle, (void)caller, (void)a, (void)why;
    if (may)
        *ret = (identity){ .known = true,
                           .name = "user",
                           .permissions = may,
                           .account_nr = 1000000,
                           .account_id = "01890a5d-ac96-774b-bcce-b302099a8057" };
    return CINEMA_OK;
}

static void migrate(const char *url)
{
    cinema_migrations *m = NULL;
    OK(cinema_open(url, &c, &err));
    OK(cinema_migrate(c, &m, &err));
    cinema_migrations_free(m);
    cinema_close(c);
}

void role_start(void)
{
    char url[512];
    test_database_from(migrate, url, sizeof url);
    OK(cinema_open(url, &c, &err));
    c->identify = identify;
    kept = arena_new(0, 0);
}

void role_stop(void)
{
    cinema_text_free(said);
    said = NULL;
    cinema_close(c);
    arena_free(kept);
}

/* ---- accounts -------------------------------------------------------------------------------- */

account add_account(const char *email)
{
    const account in = { .email = email, .name = "Somebody", .email_verified_at = 1 };
    account a = { 0 };
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    OK(account__insert(c, tx, &in, kept, &a, &err));
    OK(db_commit(&tx, &err));
    return a;
}

account see_account(int64_t nr)
{
    account a = { 0 };
    OK(account__by_nr(c, NULL, nr, kept, &a, &err));
    return a;
}

static cinema_texts split(const char *names)
{
    char *copy = arena_copy(kept, names, strlen(names)), *rest = NULL;
    const char **items = arena_alloc(kept, 200 * sizeof *items);
    size_t n = 0;
    for (char *w = strtok_r(copy, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
        items[n++] = w;
    return (cinema_texts){ items, n };
}

cinema_status give(int64_t nr, const char *names)
{
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    cinema_status s = role__set(c, tx, nr, split(names), kept, &err);
    if (s)
        db_rollback(&tx);
    else
        OK(db_commit(&tx, &err));
    return s;
}

void has(account *who, const char *names)
{
    OK(give(who->nr, names));
    *who = see_account(who->nr);
    ck_assert_str_eq(who->roles, names);
}

cinema_status put(const char *name, const char *permissions)
{
    cinema_role *r = NULL;
    cinema_status s = cinema_role_set(
        c, name, &(cinema_role_input){ .permissions = split(permissions) }, &r, &err);
    cinema_role_free(r);
    return s;
}

/* ---- calls ----------------------------------------------------------------------------------- */

cinema_status call_as(const char *permissions, const char *name, const char *json)
{
    cinema_text_free(said);
    said = NULL;
    may = permissions;
    return cinema_call(c, NULL, name, json, &said, &err);
}

void logged(const char *want)
{
    CLEANUP(buffer_done) buffer got = BUFFER(4000);
    cinema_audit_page *p = NULL;
    OK(cinema_audit_list(c, NULL, &p, &err));
    for (size_t i = 0; i < p->count; i++)
        buffer_format(&got, "%s%s", i ? " " : "", p->items[i]->action);
    ck_assert_str_eq(p->count ? got.bytes : "", want);
    cinema_audit_page_free(p);
}
