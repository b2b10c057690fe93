/* user_sessions_test.c - sessions as those who look after users see and end them.
 */
#include "user/user_help.h"

#include "user/user.h"

#include <stdio.h>

FIXTURE(user_start, user_close)

static const char STRANGER[] = "01890a5d-ac96-774b-bcce-b302099a8057";

static const char *json(const char *format, const char *value)
{
    return arena_format(a, "%.*s%s%s", (int)(strstr(format, "%s") - format), format, value,
                        strstr(format, "%s") + 2);
}

static bool signed_in(const char *token)
{
    return !call(token, "me.get", "{}", NULL);
}

/* The newest session of an account. */
static const char *newest(const char *id)
{
    cinema_session_page *p = NULL;
    OK(cinema_session_list(c, id, NULL, &p, &err));
    ck_assert_uint_gt(p->count, 0);
    const char *session = arena_copy(a, p->items[0]->id, strlen(p->items[0]->id));
    cinema_session_page_free(p);
    return session;
}

static cinema_session_page *list_all(const char *after, unsigned limit)
{
    cinema_session_page *p = NULL;
    OK(cinema_session_list_all(c, &(cinema_session_query){ .after = after, .limit = limit }, &p,
                               &err));
    return p;
}

TEST(sessions_of_everybody_come_newest_first_with_whose_they_are)
{
    const char *ada = add_user("ada@films.example", "Ada", NULL);
    const char *eve = add_user("eve@films.example", "Eve", NULL);
    const char *own[] = { sign_in(ada), sign_in(eve), sign_in(ada) };
    const char *whose[] = { ada, eve, ada };
    cinema_session_page *first = list_all(NULL, 2), *rest = list_all(first->next, 2);
    ck_assert_uint_eq(first->count, 2);
    ck_assert_uint_eq(rest->count, 1);
    ck_assert_ptr_null(rest->next);
    for (int i = 0; i < 3; i++) {
        const cinema_session *s = i < 2 ? first->items[i] : rest->items[0];
        ck_assert_str_eq(s->user_id, whose[2 - i]);
        ck_assert_str_eq(s->email, i == 1 ? "eve@films.example" : "ada@films.example");
        ck_assert(signed_in(own[i]));
    }
    cinema_session_page_free(first);
    cinema_session_page_free(rest);
}

TEST(a_page_of_one_account_goes_on_with_no_other_list)
{
    cinema_session_page *p = NULL, *none = NULL;
    const char *ada = add_user("ada@films.example", "Ada", NULL);
    sign_in(ada), sign_in(ada);
    OK(cinema_session_list(c, ada, &(cinema_session_query){ .limit = 1 }, &p, &err));
    ck_assert_ptr_null(p->items[0]->user_id); /* known to who asked */
    GIVES(CINEMA_INVALID,
          cinema_session_list_all(c, &(cinema_session_query){ .after = p->next }, &none, &err));
    ck_assert_str_eq(err.field, "after");
    ck_assert_ptr_null(none);
    cinema_session_page_free(p);
}

TEST(one_session_ends_and_the_others_go_on)
{
    const char *ada = add_user("ada@films.example", "Ada", NULL), *old = sign_in(ada),
               *new = sign_in(ada), *session = newest(ada);
    OK(cinema_user_end_session(c, session, &err));
    ck_assert(signed_in(old) && !signed_in(new));
    GIVES(CINEMA_NOT_FOUND, cinema_user_end_session(c, session, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_user_end_session(c, STRANGER, &err));
    GIVES(CINEMA_NOT_FOUND, cinema_user_end_session(c, "ada@films.example", &err));
}

TEST(a_user_is_named_by_id_or_address)
{
    const char *text, *ada = add_user("ada@films.example", "Ada", NULL);
    const char *token = sign_in(add_user("bo@films.example", "Bo", "admin"));
    sign_in(ada);
    OK(call(token, "user.list_sessions", "{\"user_id\":\"ADA@films.example\"}", &text));
    ck_assert_ptr_nonnull(strstr(text, newest(ada)));
    ck_assert_ptr_nonnull(strstr(text, "\"current\":false"));
    OK(call(token, "user.list_sessions", json("{\"user_id\":\"%s\"}", ada), &text));
    ck_assert_ptr_nonnull(strstr(text, newest(ada)));
    OK(call(token, "user.list_sessions", "{\"user_id\":\"bo@films.example\"}", &text));
    ck_assert_ptr_nonnull(strstr(text, "\"current\":true"));
    OK(call(token, "session.list", "{}", &text));
    ck_assert_ptr_nonnull(strstr(text, "\"email\":\"ada@films.example\""));
    ck_assert_ptr_nonnull(strstr(text, "\"current\":true"));
    GIVES(CINEMA_NOT_FOUND,
          call(token, "user.list_sessions", json("{\"user_id\":\"%s\"}", STRANGER), NULL));
}

TEST(who_looks_after_users_ends_no_session_of_one_who_may_do_more)
{
    add_role("support", "user.read user.write");
    add_role("reader", "user.read");
    const char *support = sign_in(add_user("sue@films.example", "Sue", "support"));
    const char *reader = sign_in(add_user("rob@films.example", "Rob", "reader"));
    const char *admin = add_user("ada@films.example", "Ada", "admin"), *root = sign_in(admin);
    const char *viewer = add_user("eve@films.example", "Eve", NULL), *eve = sign_in(viewer);
    const char *text, *of_admin = json("{\"session_id\":\"%s\"}", newest(admin));
    const char *of_viewer = json("{\"session_id\":\"%s\"}", newest(viewer));
    GIVES(CINEMA_FORBIDDEN, call(support, "session.end", of_admin, NULL));
    ck_assert_str_eq(err.reason, "more_permissions");
    GIVES(CINEMA_FORBIDDEN, call(reader, "session.end", of_viewer, NULL));
    GIVES(CINEMA_FORBIDDEN, call(eve, "session.list", "{}", NULL));
    OK(call(reader, "session.list", "{}", NULL));
    ck_assert(signed_in(root) && signed_in(eve));
    OK(call(support, "session.end", of_viewer, NULL));
    ck_assert(signed_in(root) && !signed_in(eve));
    OK(call(NULL, "audit.list", "{\"action\":\"user.end_session\"}", &text));
    ck_assert_ptr_nonnull(strstr(text, json("\"account_id\":\"%s\"", viewer)));
    ck_assert_ptr_nonnull(strstr(text, "\"actor\":\"user\""));
    ck_assert_ptr_null(strstr(text, json("\"account_id\":\"%s\"", admin)));
}

TEST(what_has_expired_is_not_shown)
{
    const char *ada = add_user("ada@films.example", "Ada", NULL);
    db_tx *tx = NULL;
    db_sql sql;
    static const char text[] = "UPDATE session SET expires_at = 1";
    sign_in(ada);
    OK(db_begin(c, &tx, &err));
    db_sql_for_tx(&sql, tx);
    db_add(&sql, (db_text){ "old", text, text }, "");
    OK(db_run(tx, &sql, NULL, NULL, &err));
    OK(db_commit(&tx, &err));
    cinema_session_page *p = list_all(NULL, 0);
    ck_assert_uint_eq(p->count, 0);
    cinema_session_page_free(p);
}
