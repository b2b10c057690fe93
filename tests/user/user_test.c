/* user_test.c - mirrors lib/user/user.c, user_write.c, user_roles.c and user_ops.c.
 */
#include "base/handle.h"
#include "base/status.h"
#include "onetime/onetime.h"
#include "user/user.h"
#include "user/user_help.h"

#include <stdio.h>

FIXTURE(user_start, user_close)

#define NUMBER(n) (&(int64_t){ n })
#define FLAG(b) (&(bool){ b })

static cinema_user *get(const char *id)
{
    cinema_user *u = NULL;
    OK(cinema_user_get(c, id, NULL, &u, &err));
    return u;
}

static cinema_user *change(const char *id, cinema_user_input in)
{
    cinema_user *u = NULL;
    OK(cinema_user_update(c, id, &in, &u, &err));
    return u;
}

/* Words with spaces between. */
static const char *joined(cinema_texts l)
{
    char *text = arena_format(a, "%s", "");
    for (size_t i = 0; i < l.count; i++)
        text = arena_format(a, "%s%s%s", text, i ? " " : "", l.items[i]);
    return text;
}

/* ---- adding ---------------------------------------------------------------------------------- */

TEST(a_user_is_added_and_fetched_by_id_and_address)
{
    const char *roles[] = { "editor", "viewer" };
    cinema_user_input in = { .email = "Ada@Films.example",
                             .name = "Ada Byron",
                             .locale = "en-GB",
                             .password = PASSWORD,
                             .roles = { roles, 2 } };
    cinema_user *u = NULL, *same = NULL;
    OK(cinema_user_create(c, &in, &u, &err));
    ck_assert_str_eq(u->email, "Ada@Films.example");
    ck_assert(u->email_verified);
    ck_assert_str_eq(u->name, "Ada Byron");
    ck_assert_str_eq(u->locale, "en-GB");
    ck_assert_str_eq(u->status, "active");
    ck_assert_str_eq(joined(u->roles), "editor viewer");
    ck_assert_str_eq(joined(u->permissions), "content.write");
    ck_assert(u->has_password && !u->password_reset_needed);
    ck_assert_int_eq(u->signed_in_at, CINEMA_ABSENT);
    ck_assert_int_eq(u->delete_at, CINEMA_ABSENT);
    OK(cinema_user_get(c, "ADA@films.example", NULL, &same, &err));
    ck_assert_str_eq(same->id, u->id);
    cinema_user_free(same);
    cinema_user_free(u);
}

TEST(an_avatar_is_told_as_an_address)
{
    const char *id = add_user("ada@films.example", "Ada", NULL);
    account x;
    OK(account__by_id(c, NULL, id, a, &x, &err));
    count_of("UPDATE account SET avatar = '0123456789abcdef0123456789abcdef' WHERE nr = $1", x.nr);
    cinema_user *u = get(id);
    ck_assert(!strncmp(u->avatar_url, "http", 4));
    ck_assert_ptr_nonnull(strstr(u->avatar_url, "0123456789abcdef0123456789abcdef"));
    cinema_user_free(u);
}

TEST(a_permission_of_several_roles_is_told_once)
{
    add_role("reader", "user.read content.write");
    cinema_user *u = get(add_user("ada@films.example", "Ada", "editor reader viewer"));
    ck_assert_str_eq(joined(u->roles), "editor reader viewer");
    ck_assert_str_eq(joined(u->permissions), "content.write user.read");
    cinema_user_free(u);
}

TEST(a_user_needs_no_more_than_an_address)
{
    cinema_user_input in = { .email = "ada@films.example" };
    cinema_user *u = NULL;
    OK(cinema_user_create(c, &in, &u, &err));
    ck_assert_str_eq(u->name, "");
    ck_assert_str_eq(joined(u->roles), "viewer");
    ck_assert(!u->has_password);
    cinema_user_free(u);
}

static const struct {
    const char *field, *reason;
    cinema_user_input in;
} bad[] = {
    { "email", "invalid", { .name = "Ada" } },
    { "email", "email", { .email = "ada at films" } },
    { "email", "invalid", { .email = "" } },
    { "name", "invalid", { .email = "a@b.example", .name = "a\nb" } },
    { "locale", "locale", { .email = "a@b.example", .locale = "german" } },
    { "locale", "locale", { .email = "a@b.example", .locale = "de_DE" } },
    { "locale", "locale", { .email = "a@b.example", .locale = "de-" } },
    { "status", "invalid", { .email = "a@b.example", .status = "gone" } },
    { "password", "length", { .email = "a@b.example", .password = "short" } },
    { "password", "common_password", { .email = "a@b.example", .password = "password1234567" } },
    { "password",
      "common_password",
      { .email = "ada.byron@b.example", .password = "adabyronadabyron" } },
    { "password_hash", "password_hash", { .email = "a@b.example", .password_hash = "secret" } },
    { "password_hash",
      "password_hash",
      { .email = "a@b.example", .password = PASSWORD, .password_hash = "$2b$04$x" } },
    { "roles",
      "unknown_role",
      { .email = "a@b.example", .roles = { (const char *[]){ "viewer", "king" }, 2 } } },
    { "revision", "invalid", { .email = "a@b.example", .revision = NUMBER(1) } },
};

TEST_EACH(what_is_wrong_is_said, sizeof bad / sizeof *bad)
{
    cinema_user *u = NULL;
    GIVES(CINEMA_INVALID, cinema_user_create(c, &bad[_i].in, &u, &err));
    ck_assert_str_eq(err.field, bad[_i].field);
    ck_assert_str_eq(err.reason, bad[_i].reason);
    ck_assert_ptr_null(u);
    GIVES(CINEMA_NOT_FOUND, cinema_user_get(c, "a@b.example", NULL, &u, &err));
}

TEST(an_address_is_no_two_users)
{
    cinema_user_input in = { .email = "ADA@films.example" };
    cinema_user *u = NULL;
    add_user("ada@films.example", "Ada", NULL);
    GIVES(CINEMA_CONFLICT, cinema_user_create(c, &in, &u, &err));
    ck_assert_str_eq(err.reason, "email_taken");
}

TEST(a_hash_of_another_system_comes_along)
{
    static const char hash[] =
        "pbkdf2_sha256$2000$saltysalty$x51uWJLwCJqlVO2k5BpXLDFq8deamdgXj0ovCZ1brv4=";
    cinema_user_input in = { .email = "ada@films.example", .password_hash = hash };
    cinema_user *u = NULL;
    bool right, renew;
    account x;
    OK(cinema_user_create(c, &in, &u, &err));
    cinema_user_free(u);
    OK(account__by_email(c, NULL, "ada@films.example", a, &x, &err));
    OK(password__verify(c, "The Third Man, 1949 \xe2\x98\x82", x.password, &right, &renew, &err));
    ck_assert(right && renew);
}

/* ---- changing -------------------------------------------------------------------------------- */

TEST(what_is_not_named_stays)
{
    const char *id = add_user("ada@films.example", "Ada", "editor");
    cinema_user *before = get(id);
    cinema_user *u = change(id, (cinema_user_input){ .locale = "de" });
    ck_assert_int_eq(u->revision, before->revision + 1);
    cinema_user_free(before);
    ck_assert_str_eq(u->name, "Ada");
    ck_assert_str_eq(u->locale, "de");
    ck_assert_str_eq(joined(u->roles), "editor");
    ck_assert(u->has_password && u->email_verified);
    cinema_user_free(u);
    u = change(id, (cinema_user_input){ .clear = "name,locale" });
    ck_assert_str_eq(u->name, "");
    ck_assert_ptr_null(u->locale);
    cinema_user_free(u);
}

TEST(a_stale_revision_is_refused)
{
    const char *id = add_user("ada@films.example", "Ada", NULL);
    cinema_user_input in = { .name = "Eve", .revision = NUMBER(7) };
    cinema_user_options gone = { .revision = NUMBER(7) };
    cinema_user *u = NULL;
    GIVES(CINEMA_STALE, cinema_user_update(c, id, &in, &u, &err));
    GIVES(CINEMA_STALE, cinema_user_remove(c, id, &gone, &err));
    ck_assert_ptr_null(u);
}

TEST(another_address_is_vouched_for_unless_said)
{
    const char *id = add_user("ada@films.example", "Ada", NULL);
    cinema_user_input taken = { .email = "eve@films.example" };
    cinema_user *u = NULL;
    add_user("eve@films.example", "Eve", NULL);
    GIVES(CINEMA_CONFLICT, cinema_user_update(c, id, &taken, &u, &err));
    ck_assert_str_eq(err.reason, "email_taken");
    u = change(
        id, (cinema_user_input){ .email = "byron@films.example", .email_verified = FLAG(false) });
    ck_assert_str_eq(u->email, "byron@films.example");
    ck_assert(!u->email_verified);
    cinema_user_free(u);
    cinema_user_free(change(id, (cinema_user_input){ .email_verified = FLAG(true) }));
    u = get("byron@films.example");
    ck_assert(u->email_verified);
    cinema_user_free(u);
    GIVES(CINEMA_NOT_FOUND, cinema_user_get(c, "ada@films.example", NULL, &u, &err));
}

static bool signed_in(const char *token)
{
    cinema_caller caller = { .token = token };
    char *text = NULL;
    cinema_status s = cinema_call(c, &caller, "movie.list", NULL, &text, &err);
    cinema_text_free(text);
    return s != CINEMA_UNAUTHENTICATED;
}

/* Each on a user of its own. */
static const struct {
    cinema_user_input in;
    bool ends;
} ends[] = {
    { { .status = "disabled" }, true },
    { { .password = "four films and a Sunday" }, true },
    { { .password_reset_needed = FLAG(true) }, true },
    { { .name = "Ada Lovelace" }, false },
    { { .roles = { (const char *[]){ "editor" }, 1 } }, false },
    { { .status = "active" }, false },
};

/* A link of a mail to the user. */
static const char *link_to(const char *id)
{
    char *token = arena_text(a, ONETIME_TEXT);
    db_tx *tx = NULL;
    account x;
    OK(account__by_id(c, NULL, id, a, &x, &err));
    const onetime_new n = { .purpose = "test", .account_nr = x.nr, .ttl_ms = 60000 };
    OK(db_begin(c, &tx, &err));
    OK(onetime__issue(c, tx, &n, a, token, &err));
    OK(db_commit(&tx, &err));
    return token;
}

static bool is_good(const char *link)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    onetime one;
    OK(db_begin(c, &tx, &err));
    return !onetime__take(c, tx, "test", link, a, &one, &err);
}

TEST_EACH(what_ends_sessions_ends_them_all, sizeof ends / sizeof *ends)
{
    const char *id = add_user("ada@films.example", "Ada", NULL);
    const char *eve = sign_in(add_user("eve@films.example", "Eve", NULL));
    const char *one = sign_in(id), *two = sign_in(id), *link = link_to(id);
    ck_assert(signed_in(one) && signed_in(two));
    cinema_user_free(change(id, ends[_i].in));
    ck_assert_int_eq(signed_in(one), !ends[_i].ends);
    ck_assert_int_eq(signed_in(two), !ends[_i].ends);
    ck_assert_int_eq(is_good(link), !ends[_i].ends);
    ck_assert(signed_in(eve));
}

TEST(sessions_can_be_ended_alone)
{
    const char *id = add_user("ada@films.example", "Ada", NULL), *token = sign_in(id);
    const char *link = link_to(id);
    OK(cinema_user_end_sessions(c, "ada@films.example", &err));
    ck_assert(!signed_in(token) && !is_good(link));
    GIVES(CINEMA_NOT_FOUND, cinema_user_end_sessions(c, "eve@films.example", &err));
}

TEST(a_new_password_is_the_one_that_is_right)
{
    const char *id = add_user("ada@films.example", "Ada", NULL);
    bool right, renew;
    account x;
    cinema_user_free(change(id, (cinema_user_input){ .password_reset_needed = FLAG(true) }));
    cinema_user *u = change(id, (cinema_user_input){ .password = "four films and a Sunday" });
    ck_assert(!u->password_reset_needed);
    cinema_user_free(u);
    OK(account__by_id(c, NULL, id, a, &x, &err));
    OK(password__verify(c, "four films and a Sunday", x.password, &right, &renew, &err));
    ck_assert(right && !renew);
}

/* ---- removing -------------------------------------------------------------------------------- */

TEST(a_user_is_removed_with_what_is_theirs)
{
    const char *id = add_user("ada@films.example", "Ada", "editor"), *token = sign_in(id);
    cinema_user *u = NULL;
    OK(cinema_user_remove(c, id, NULL, &err));
    ck_assert(!signed_in(token));
    GIVES(CINEMA_NOT_FOUND, cinema_user_get(c, id, NULL, &u, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_user_remove(c, id, NULL, &err));
    ck_assert_int_eq(count_of("SELECT count(*) FROM account_word WHERE account_nr > $1", 0), 0);
    ck_assert_int_eq(count_of("SELECT count(*) FROM account_role WHERE account_nr > $1", 0), 0);
    add_user("ada@films.example", "Ada", NULL); /* the address is free again */
}

TEST(one_administrator_stays)
{
    const char *id = add_user("ada@films.example", "Ada", "admin");
    cinema_user_input disabled = { .status = "disabled" },
                      viewer = { .roles = { (const char *[]){ "viewer" }, 1 } };
    cinema_user *u = NULL;
    GIVES(CINEMA_CONFLICT, cinema_user_remove(c, id, NULL, &err));
    ck_assert_str_eq(err.reason, "last_administrator");
    GIVES(CINEMA_CONFLICT, cinema_user_update(c, id, &disabled, &u, &err));
    GIVES(CINEMA_CONFLICT, cinema_user_update(c, id, &viewer, &u, &err));
    add_user("eve@films.example", "Eve", "admin");
    cinema_user_free(change(id, disabled));
    GIVES(CINEMA_CONFLICT, cinema_user_remove(c, "eve@films.example", NULL, &err));
    OK(cinema_user_remove(c, id, NULL, &err));
}

/* ---- lists ----------------------------------------------------------------------------------- */

static const char *found(cinema_user_query q)
{
    cinema_user_page *p = NULL;
    char *text = arena_format(a, "%s", "");
    OK(cinema_user_list(c, &q, &p, &err));
    for (size_t i = 0; i < p->count; i++)
        text = arena_format(a, "%s%s%.*s", text, i ? " " : "",
                            (int)strcspn(p->items[i]->email, "@"), p->items[i]->email);
    cinema_user_page_free(p);
    return text;
}

static void fill(void)
{
    add_user("ada.byron@films.example", "Ada Byron", "admin");
    add_user("eve@films.example", "\xc3\x88ve Adams", "editor viewer");
    add_user("carol@cinema.example", "Carol Reed", NULL);
    cinema_user_free(change("carol@cinema.example", (cinema_user_input){ .status = "disabled" }));
}

TEST(users_are_found_by_words_of_name_and_address)
{
    fill();
    ck_assert_str_eq(found((cinema_user_query){ 0 }), "carol eve ada.byron");
    ck_assert_str_eq(found((cinema_user_query){ .q = "ada" }), "eve ada.byron");
    ck_assert_str_eq(found((cinema_user_query){ .q = "ADA BYR" }), "ada.byron");
    ck_assert_str_eq(found((cinema_user_query){ .q = "eve" }), "eve");
    ck_assert_str_eq(found((cinema_user_query){ .q = "\xc3\x88VE" }), "eve");
    ck_assert_str_eq(found((cinema_user_query){ .q = "films.example" }), "eve ada.byron");
    ck_assert_str_eq(found((cinema_user_query){ .q = "Eve@Films" }), "eve");
    ck_assert_str_eq(found((cinema_user_query){ .q = "byron reed" }), "");
    ck_assert_str_eq(found((cinema_user_query){ .q = "%" }), "");
    ck_assert_str_eq(found((cinema_user_query){ .q = "yron" }), "");
}

TEST(users_are_found_by_what_they_are_called_now)
{
    const char *id = add_user("ada@films.example", "Ada Byron", NULL);
    cinema_user_free(change(
        id, (cinema_user_input){ .name = "Ada Lovelace", .email = "countess@films.example" }));
    ck_assert_str_eq(found((cinema_user_query){ .q = "byron" }), "");
    ck_assert_str_eq(found((cinema_user_query){ .q = "lovelace" }), "countess");
    ck_assert_str_eq(found((cinema_user_query){ .q = "countess" }), "countess");
}

TEST(users_are_found_by_status_and_role)
{
    fill();
    ck_assert_str_eq(found((cinema_user_query){ .status = "disabled" }), "carol");
    ck_assert_str_eq(found((cinema_user_query){ .role = "viewer" }), "carol eve");
    ck_assert_str_eq(found((cinema_user_query){ .role = "viewer", .status = "active" }), "eve");
    ck_assert_str_eq(found((cinema_user_query){ .role = "king" }), "");
}

TEST(users_come_in_pages)
{
    cinema_user_page *p = NULL;
    char after[2100];
    fill();
    cinema_user_query q = { .limit = 2, .total = true };
    OK(cinema_user_list(c, &q, &p, &err));
    ck_assert_uint_eq(p->count, 2);
    ck_assert_int_eq(p->total, 3);
    snprintf(after, sizeof after, "%s", p->next);
    cinema_user_page_free(p);
    q = (cinema_user_query){ .limit = 2, .after = after };
    ck_assert_str_eq(found(q), "ada.byron");
    q.status = "active"; /* of another list */
    GIVES(CINEMA_INVALID, cinema_user_list(c, &q, &p, &err));
    ck_assert_str_eq(err.field, "after");
    q = (cinema_user_query){ .limit = 101 };
    GIVES(CINEMA_INVALID, cinema_user_list(c, &q, &p, &err));
}

/* ---- the JSON door --------------------------------------------------------------------------- */

/* An id in the place of "%s". */
static const char *json(const char *text, const char *id)
{
    const char *place = strstr(text, "%s");
    return arena_format(a, "%.*s%s%s", (int)(place - text), text, id, place + 2);
}

TEST(nobody_and_viewers_see_no_users)
{
    const char *viewer = sign_in(add_user("eve@films.example", "Eve", NULL));
    cinema_caller nobody = { 0 };
    char *text = NULL;
    GIVES(CINEMA_UNAUTHENTICATED, cinema_call(c, &nobody, "user.list", NULL, &text, &err));
    cinema_text_free(text);
    GIVES(CINEMA_FORBIDDEN, call(viewer, "user.list", NULL, NULL));
    GIVES(CINEMA_FORBIDDEN, call(viewer, "user.create", "{\"email\":\"x@films.example\"}", NULL));
    GIVES(CINEMA_FORBIDDEN, call(viewer, "user.get", "{\"user_id\":\"eve@films.example\"}", NULL));
}

TEST(no_answer_has_a_password_or_its_hash)
{
    const char *text;
    add_user("ada@films.example", "Ada", NULL);
    OK(call(NULL, "user.get", "{\"user_id\":\"ada@films.example\"}", &text));
    ck_assert_ptr_null(strstr(text, "argon2"));
    ck_assert_ptr_null(strstr(text, "\"password\""));
    OK(call(NULL, "user.list", NULL, &text));
    ck_assert_ptr_null(strstr(text, "argon2"));
    OK(call(NULL, "user.create", "{\"email\":\"eve@films.example\",\"password\":\"" PASSWORD "\"}",
            &text));
    ck_assert_ptr_null(strstr(text, "argon2"));
    ck_assert_ptr_null(strstr(text, PASSWORD));
}

TEST(only_listed_fields_are_written)
{
    static const char *const members[] = { "id", "permissions", "created_at",   "has_password",
                                           "nr", "email_key",   "signed_in_at", "delete_at" };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        GIVES(CINEMA_INVALID,
              call(NULL, "user.create",
                   json("{\"email\":\"x@films.example\",\"%s\":1}", members[i]), NULL));
        ck_assert_str_eq(err.field, members[i]);
    }
}

/* Who may change users could otherwise become any of them. */
TEST(nobody_changes_a_user_who_may_do_more)
{
    add_role("support", "user.read user.write");
    const char *support = sign_in(add_user("sue@films.example", "Sue", "support"));
    const char *admin = add_user("ada@films.example", "Ada", "admin");
    const char *viewer = add_user("eve@films.example", "Eve", NULL);
    static const char *const changes[] = {
        "{\"user_id\":\"%s\",\"password\":\"four films and tea\"}",
        "{\"user_id\":\"%s\",\"email\":\"sue2@films.example\"}",
        "{\"user_id\":\"%s\",\"status\":\"disabled\"}"
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        GIVES(CINEMA_FORBIDDEN, call(support, "user.update", json(changes[i], admin), NULL));
        ck_assert_str_eq(err.reason, "more_permissions");
        OK(call(support, "user.update", json(changes[i], viewer), NULL));
    }
    GIVES(CINEMA_FORBIDDEN,
          call(support, "user.remove", json("{\"user_id\":\"%s\"}", admin), NULL));
    GIVES(CINEMA_FORBIDDEN,
          call(support, "user.end_sessions", json("{\"user_id\":\"%s\"}", admin), NULL));
    OK(call(support, "user.remove", json("{\"user_id\":\"%s\"}", viewer), NULL));
}

TEST(nobody_gives_roles_without_leave_nor_more_than_they_have)
{
    add_role("support", "user.read user.write");
    add_role("chief", "user.read user.write role.write");
    const char *support = sign_in(add_user("sue@films.example", "Sue", "support"));
    const char *id = add_user("eve@films.example", "Eve", NULL);
    const char *chief_id = add_user("carol@films.example", "Carol", "chief");
    const char *chief = sign_in(chief_id);
    cinema_user *u;
    GIVES(CINEMA_FORBIDDEN, call(support, "user.update",
                                 json("{\"user_id\":\"%s\",\"roles\":[\"support\"]}", id), NULL));
    ck_assert_str_eq(err.field, "roles");
    GIVES(CINEMA_FORBIDDEN, call(support, "user.create",
                                 "{\"email\":\"x@films.example\",\"roles\":[\"viewer\"]}", NULL));
    OK(call(chief, "user.update", json("{\"user_id\":\"%s\",\"roles\":[\"support\"]}", id), NULL));
    GIVES(CINEMA_FORBIDDEN,
          call(chief, "user.update", json("{\"user_id\":\"%s\",\"roles\":[\"admin\"]}", id), NULL));
    ck_assert_str_eq(err.reason, "more_permissions");
    GIVES(CINEMA_FORBIDDEN,
          call(chief, "user.update", json("{\"user_id\":\"%s\",\"roles\":[\"admin\"]}", chief_id),
               NULL));
    u = get(id);
    ck_assert_str_eq(joined(u->roles), "support");
    cinema_user_free(u);
}

TEST(what_is_done_stands_in_the_audit_log)
{
    const char *text, *id = add_user("ada@films.example", "Ada", "admin"), *token = sign_in(id);
    OK(call(token, "user.create", "{\"email\":\"eve@films.example\",\"password\":\"" PASSWORD "\"}",
            NULL));
    OK(call(token, "user.update", "{\"user_id\":\"eve@films.example\",\"status\":\"disabled\"}",
            NULL));
    OK(call(token, "user.remove", "{\"user_id\":\"eve@films.example\"}", NULL));
    OK(call(NULL, "audit.list", json("{\"actor_id\":\"%s\"}", id), &text));
    ck_assert_ptr_nonnull(strstr(text, "\"user.create\""));
    ck_assert_ptr_nonnull(strstr(text, "\"user.update\""));
    ck_assert_ptr_nonnull(strstr(text, "status"));
    ck_assert_ptr_nonnull(strstr(text, "\"user.remove\""));
    ck_assert_ptr_null(strstr(text, PASSWORD));
}

TEST(freeing_nothing_is_fine)
{
    cinema_user_free(NULL);
    cinema_user_page_free(NULL);
}
