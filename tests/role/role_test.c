/* role_test.c - mirrors lib/role/role.c.
 */
#include "role/role_help.h"

FIXTURE(role_start, role_stop)

static cinema_role *get(const char *name)
{
    cinema_role *r = NULL;
    OK(cinema_role_get(c, name, NULL, &r, &err));
    return r;
}

static void may(const char *name, const char *permissions, int64_t revision)
{
    char text[400] = "";
    size_t n = 0;
    cinema_role *r = get(name);
    for (size_t i = 0; i < r->permissions.count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i ? " " : "",
                              r->permissions.items[i]);
    ck_assert_str_eq(text, permissions);
    ck_assert_int_eq(r->revision, revision);
    cinema_role_free(r);
}

TEST(three_roles_are_always_there)
{
    cinema_role_page *p = NULL;
    OK(cinema_role_list(c, NULL, &p, &err));
    ck_assert_uint_eq(p->count, 3);
    ck_assert_str_eq(p->items[0]->name, "admin");
    ck_assert_str_eq(p->items[1]->name, "editor");
    ck_assert_str_eq(p->items[2]->name, "viewer");
    ck_assert(p->items[0]->built_in);
    ck_assert_ptr_null(p->next);
    cinema_role_page_free(p);
    may("admin", "*", 1);
    may("editor", "content.write", 1);
    may("viewer", "", 1);
}

TEST(roles_come_in_pages)
{
    char names[200] = "", after[2000];
    size_t n = 0;
    cinema_role_query q = { .limit = 2 };
    cinema_role_page *p = NULL;
    OK(put("auditor", "audit.read"));
    OK(put("zoo", ""));
    do {
        OK(cinema_role_list(c, &q, &p, &err));
        for (size_t i = 0; i < p->count; i++)
            n += (size_t)snprintf(names + n, sizeof names - n, "%s ", p->items[i]->name);
        snprintf(after, sizeof after, "%s", p->next ? p->next : "");
        q.after = after;
        cinema_role_page_free(p);
    } while (*after);
    ck_assert_str_eq(names, "admin auditor editor viewer zoo ");
    q.after = "nonsense";
    GIVES(CINEMA_INVALID, cinema_role_list(c, &q, &p, &err));
}

TEST(a_role_is_made_and_changed_by_its_name)
{
    OK(put("auditor", "user.read audit.read user.read"));
    may("auditor", "audit.read user.read", 1);
    OK(put("auditor", "audit.read"));
    may("auditor", "audit.read", 2);
    OK(put("auditor", "audit.read content.write *"));
    may("auditor", "*", 3);
    logged("role.set role.set role.set");
}

TEST(what_is_no_permission_is_refused_with_the_nearest_one)
{
    GIVES(CINEMA_INVALID, put("auditor", "audit.read audit.reed"));
    ck_assert_str_eq(err.field, "permissions");
    ck_assert_str_eq(err.reason, "unknown_permission");
    ck_assert_ptr_nonnull(strstr(err.message, "audit.read"));
    GIVES(CINEMA_INVALID, put("auditor", "system"));
    GIVES(CINEMA_INVALID, put("auditor", "signed_in"));
    logged("");
}

TEST(a_name_is_made_of_small_letters)
{
    static const char *const names[] = {
        "Auditor", "a b", "a.b",
        "",        "-a",  "1a",
        "a_b",     "ä",   "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddx",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cinema_role *r = NULL;
        GIVES(CINEMA_INVALID, put(names[i], ""));
        ck_assert_str_eq(err.field, "role");
        GIVES(CINEMA_NOT_FOUND, cinema_role_get(c, names[i], NULL, &r, &err));
        GIVES(CINEMA_NOT_FOUND, cinema_role_remove(c, names[i], NULL, &err));
    }
}

TEST(a_change_refuses_a_revision_of_yesterday)
{
    const int64_t first = 1;
    cinema_role_input in = { .revision = &first, .permissions = { (const char *[]){ "" }, 0 } };
    cinema_role *r = NULL;
    GIVES(CINEMA_STALE, cinema_role_set(c, "none-yet", &in, &r, &err));
    OK(put("auditor", "audit.read"));
    OK(cinema_role_set(c, "auditor", &in, &r, &err));
    cinema_role_free(r);
    r = NULL;
    GIVES(CINEMA_STALE, cinema_role_set(c, "auditor", &in, &r, &err));
    GIVES(CINEMA_STALE, cinema_role_remove(c, "auditor", &(cinema_role_options){ &first }, &err));
    ck_assert_ptr_null(r);
    may("auditor", "", 2);
}

TEST(what_a_role_may_do_its_accounts_may_do)
{
    account ada = add_account("ada@example.org"), bob = add_account("bob@example.org");
    OK(put("auditor", "audit.read"));
    has(&ada, "auditor viewer");
    ck_assert_str_eq(ada.permissions, "audit.read");
    OK(put("auditor", "audit.read user.read"));
    account now = see_account(ada.nr);
    ck_assert_str_eq(now.permissions, "audit.read user.read");
    ck_assert_int_gt(now.revision, ada.revision);
    OK(put("viewer", "role.read")); /* which both have */
    ck_assert_str_eq(see_account(ada.nr).permissions, "audit.read user.read role.read");
    ck_assert_str_eq(see_account(bob.nr).permissions, "role.read");
    ck_assert_int_gt(see_account(bob.nr).revision, bob.revision);
}

TEST(a_role_that_is_removed_is_gone_from_its_accounts)
{
    account ada = add_account("ada@example.org");
    cinema_role *r = NULL;
    OK(put("auditor", "audit.read"));
    has(&ada, "auditor editor viewer");
    OK(cinema_role_remove(c, "auditor", NULL, &err));
    ada = see_account(ada.nr);
    ck_assert_str_eq(ada.roles, "editor viewer");
    ck_assert_str_eq(ada.permissions, "content.write");
    GIVES(CINEMA_NOT_FOUND, cinema_role_get(c, "auditor", NULL, &r, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_role_remove(c, "auditor", NULL, &err));
    logged("role.remove role.set");
}

TEST(built_in_roles_stay)
{
    static const char *const names[] = { "admin", "editor", "viewer" };
    for (int i = 0; i < 3; i++) {
        GIVES(CINEMA_CONFLICT, cinema_role_remove(c, names[i], NULL, &err));
        ck_assert_str_eq(err.reason, "built_in");
    }
    GIVES(CINEMA_CONFLICT, put("admin", "content.write"));
    ck_assert_str_eq(err.reason, "built_in");
    OK(put("admin", "*")); /* the same: its description may change */
    OK(put("editor", "content.write role.read"));
}

TEST(a_role_cannot_take_the_last_administrator_along)
{
    account ada = add_account("ada@example.org");
    OK(put("root", "*"));
    has(&ada, "root");
    GIVES(CINEMA_CONFLICT, put("root", "audit.read"));
    ck_assert_str_eq(err.reason, "last_administrator");
    GIVES(CINEMA_CONFLICT, cinema_role_remove(c, "root", NULL, &err));
    ck_assert_str_eq(err.reason, "last_administrator");
    ck_assert_str_eq(see_account(ada.nr).permissions, "*");
    account bob = add_account("bob@example.org");
    has(&bob, "admin");
    OK(cinema_role_remove(c, "root", NULL, &err));
    ck_assert_str_eq(see_account(ada.nr).roles, "");
}

/* ---- by somebody ----------------------------------------------------------------------------- */

#define PUT(role, permissions) "{\"role\": \"" role "\", \"permissions\": [" permissions "]}"

TEST(nobody_hands_on_what_is_not_theirs)
{
    OK(call_as("role.write audit.read", "role.set", PUT("auditor", "\"audit.read\"")));
    GIVES(CINEMA_FORBIDDEN,
          call_as("role.write audit.read", "role.set", PUT("auditor", "\"user.read\"")));
    ck_assert_str_eq(err.reason, "more_permissions");
    GIVES(CINEMA_FORBIDDEN, call_as("role.write audit.read", "role.set", PUT("all", "\"*\"")));
    /* nor takes it away */
    GIVES(CINEMA_FORBIDDEN, call_as("role.write", "role.set", PUT("auditor", "")));
    GIVES(CINEMA_FORBIDDEN, call_as("role.write", "role.remove", "{\"role\": \"auditor\"}"));
    GIVES(CINEMA_FORBIDDEN, call_as("role.write", "role.set", PUT("editor", "")));
    OK(call_as("*", "role.remove", "{\"role\": \"auditor\"}"));
    logged("role.remove role.set");
}

TEST(an_entry_of_the_log_says_who_set_what)
{
    cinema_audit_page *p = NULL;
    OK(call_as("*", "role.set", PUT("auditor", "\"audit.read\", \"user.read\"")));
    OK(cinema_audit_list(c, NULL, &p, &err));
    const cinema_audit_entry *e = p->items[0];
    ck_assert_str_eq(e->actor, "user");
    ck_assert_str_eq(e->actor_id, "01890a5d-ac96-774b-bcce-b302099a8057");
    ck_assert_str_eq(e->target, "auditor");
    ck_assert_str_eq(e->detail, "{\"set\":\"audit.read user.read\"}");
    cinema_audit_page_free(p);
}
