/* give_test.c - roles of accounts. Mirrors lib/role/give.c.
 */
#include "role/role_help.h"

#include "call/op.h"

#include <jansson.h>
#include <stdio.h>

FIXTURE(role_start, role_stop)

TEST(an_account_has_exactly_what_it_was_given)
{
    account ada = add_account("ada@example.org");
    ck_assert_str_eq(ada.roles, "viewer");
    ck_assert_str_eq(ada.permissions, "");
    has(&ada, "admin editor");
    ck_assert_str_eq(ada.permissions, "* content.write");
    account bob = add_account("bob@example.org");
    has(&bob, "admin");
    has(&ada, "viewer");
    ck_assert_str_eq(ada.permissions, "");
    has(&ada, "");
    OK(give(ada.nr, "viewer editor viewer")); /* twice is once, order does not count */
    ck_assert_str_eq(see_account(ada.nr).roles, "editor viewer");
}

TEST(a_role_that_is_not_there_is_refused_whole)
{
    account ada = add_account("ada@example.org");
    GIVES(CINEMA_INVALID, give(ada.nr, "editor auditor"));
    ck_assert_str_eq(err.field, "roles");
    ck_assert_str_eq(err.reason, "unknown_role");
    ck_assert_str_eq(see_account(ada.nr).roles, "viewer");
    GIVES(CINEMA_NOT_FOUND, give(999, "editor"));
}

/* How many sessions have been told that something changed. */
static int64_t told(void)
{
    static const char text[] = "SELECT count(*) FROM session_change";
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, c);
    db_add(&sql, (db_text){ "told", text, text }, "");
    OK(db_read(c, &sql, a, &rows, &err));
    return rows.first->cells[0].number;
}

static void sign_in(const account *who)
{
    static const char text[] = "INSERT INTO session (id, account_nr, counter, rotated_at, "
                               "created_at, used_at, expires_at, "
                               "auth_at, method) VALUES ($1, $2, 1, 0, 0, 0, 0, 0, 'password')";
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_tx *tx = NULL;
    db_sql sql;
    uuid id;
    uuid_new(c, &id);
    OK(db_begin(c, &tx, &err));
    db_sql_for_tx(&sql, tx);
    db_add(&sql, (db_text){ "sign_in", text, text }, "ui", &id, who->nr);
    OK(db_run(tx, &sql, a, NULL, &err));
    OK(db_commit(&tx, &err));
}

TEST(every_session_of_an_account_learns_of_its_roles)
{
    account ada = add_account("ada@example.org"), bob = add_account("bob@example.org");
    sign_in(&ada);
    sign_in(&ada);
    sign_in(&bob);
    has(&ada, "editor");
    ck_assert_int_eq(told(), 2);
    OK(put("editor", "content.write role.read")); /* of ada alone */
    ck_assert_int_eq(told(), 4);
    OK(put("editor", "content.write role.read")); /* nothing new */
    ck_assert_int_eq(told(), 4);
    OK(put("viewer", "role.read")); /* of bob alone */
    ck_assert_int_eq(told(), 5);
}

TEST(the_last_administrator_stays)
{
    account ada = add_account("ada@example.org"), bob = add_account("bob@example.org");
    has(&ada, "admin");
    GIVES(CINEMA_CONFLICT, give(ada.nr, "viewer"));
    ck_assert_str_eq(err.reason, "last_administrator");
    ck_assert_str_eq(see_account(ada.nr).permissions, "*");
    has(&bob, "admin");
    has(&ada, "viewer");
    GIVES(CINEMA_CONFLICT, give(bob.nr, ""));
}

static void run(const char *text)
{
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    OK(db_script(tx, text, &err));
    OK(db_commit(&tx, &err));
}

TEST(one_who_cannot_sign_in_is_no_administrator)
{
    account ada = add_account("ada@example.org"), bob = add_account("bob@example.org");
    has(&ada, "admin");
    has(&bob, "admin");
    run("UPDATE account SET status = 'disabled' WHERE email_key = 'bob@example.org'");
    GIVES(CINEMA_CONFLICT, give(ada.nr, "viewer"));
    run("UPDATE account SET status = 'active', delete_at = 1 WHERE email_key = 'bob@example.org'");
    GIVES(CINEMA_CONFLICT, give(ada.nr, "viewer"));
    run("UPDATE account SET delete_at = NULL");
    has(&ada, "viewer");
}

static cinema_status keep(int64_t nr)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    OK(db_begin(c, &tx, &err));
    return role__keep_administrator(c, tx, nr, a, &err);
}

TEST(other_rooms_can_ask_before_they_disable_an_account)
{
    account ada = add_account("ada@example.org"), bob = add_account("bob@example.org");
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    bool any = true;
    OK(role__administered(c, a, &any, &err));
    ck_assert(!any);
    OK(keep(ada.nr)); /* there is none to be kept */
    has(&ada, "admin");
    OK(role__administered(c, a, &any, &err));
    ck_assert(any);
    GIVES(CINEMA_CONFLICT, keep(ada.nr));
    ck_assert_str_eq(err.reason, "last_administrator");
    OK(keep(bob.nr));
    has(&bob, "admin");
    OK(keep(ada.nr));
}

/* ---- by somebody ----------------------------------------------------------------------------- */

static cinema_status give_as(const char *permissions, const char *id, const char *roles)
{
    char json[400];
    snprintf(json, sizeof json, "{\"user_id\": \"%s\", \"roles\": [%s]}", id, roles);
    return call_as(permissions, "user_roles.set", json);
}

TEST(nobody_gives_or_takes_what_is_not_theirs)
{
    account ada = add_account("ada@example.org"), root = add_account("root@example.org");
    has(&root, "admin");
    GIVES(CINEMA_FORBIDDEN, give_as("role.write", ada.id, "\"admin\""));
    ck_assert_str_eq(err.reason, "more_permissions");
    GIVES(CINEMA_FORBIDDEN, give_as("role.write", ada.id, "\"editor\""));
    OK(give_as("role.write content.write", ada.id, "\"editor\", \"viewer\""));
    OK(give_as("role.write", ada.id, "\"editor\"")); /* viewer holds nothing */
    GIVES(CINEMA_FORBIDDEN, give_as("role.write", ada.id, ""));
    GIVES(CINEMA_FORBIDDEN, give_as("role.write content.write", root.id, "\"viewer\""));
    GIVES(CINEMA_FORBIDDEN, give_as("user.write content.write", ada.id, "\"viewer\""));
    GIVES(CINEMA_UNAUTHENTICATED, give_as(NULL, ada.id, "\"viewer\""));
    ck_assert_str_eq(see_account(ada.nr).roles, "editor");
    ck_assert_str_eq(see_account(root.nr).roles, "admin");
    logged("user_roles.set user_roles.set");
}

TEST(an_answer_says_what_the_user_has_and_may_do_now)
{
    account ada = add_account("ada@example.org");
    OK(put("auditor", "audit.read content.write"));
    OK(give_as("*", ada.id, "\"editor\", \"auditor\""));
    json_t *v = json_loads(said, 0, NULL);
    ck_assert_str_eq(json_string_value(json_object_get(v, "id")), ada.id);
    const json_t *roles = json_object_get(v, "roles"), *may = json_object_get(v, "permissions");
    ck_assert_uint_eq(json_array_size(roles), 2);
    ck_assert_str_eq(json_string_value(json_array_get(roles, 0)), "auditor");
    ck_assert_uint_eq(json_array_size(may), 2); /* each once */
    json_decref(v);
}

TEST(a_user_that_is_not_there_has_no_roles)
{
    GIVES(CINEMA_NOT_FOUND, give_as("*", "01890a5d-ac96-774b-bcce-b302099a8057", "\"editor\""));
    GIVES(CINEMA_NOT_FOUND, give_as("*", "ada", "\"editor\""));
}
