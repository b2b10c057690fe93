/* account_test.c - mirrors lib/user/account.c.
 */
#include "base/handle.h"
#include "base/status.h"
#include "user/user.h"
#include "user/user_help.h"

#include <pthread.h>
#include <time.h>

FIXTURE(user_start, user_close)

static account insert(const char *email)
{
    db_tx *tx = NULL;
    account in = { .email = email, .name = "Ada", .email_verified_at = CINEMA_ABSENT }, ret;
    OK(db_begin(c, &tx, &err));
    OK(account__insert(c, tx, &in, a, &ret, &err));
    OK(db_commit(&tx, &err));
    return ret;
}

TEST(an_account_begins_as_an_active_viewer)
{
    account in = insert("Ada@Films.example"), x;
    ck_assert_int_eq(in.revision, 1);
    ck_assert_str_eq(in.status, "active");
    ck_assert_str_eq(in.email, "Ada@Films.example");
    ck_assert_str_eq(in.email_key, "ada@films.example");
    ck_assert_int_eq(in.email_verified_at, CINEMA_ABSENT);
    ck_assert_str_eq(in.name, "Ada");
    ck_assert_ptr_null(in.locale);
    ck_assert_ptr_null(in.password);
    ck_assert_int_eq(in.password_changed_at, CINEMA_ABSENT);
    ck_assert_str_eq(in.roles, "viewer");
    ck_assert_str_eq(in.permissions, "");
    ck_assert_int_eq(in.signed_in_at, CINEMA_ABSENT);
    OK(account__by_id(c, NULL, in.id, a, &x, &err));
    ck_assert_int_eq(x.nr, in.nr);
    OK(account__by_nr(c, NULL, in.nr, a, &x, &err));
    ck_assert_str_eq(x.id, in.id);
}

static void *insert_beside(void *nr)
{
    CLEANUP(arena_freep) arena *own = arena_new(0, 0);
    CLEANUP(db_rollback) db_tx *tx = NULL;
    account in = { .email = "eve@films.example", .email_verified_at = CINEMA_ABSENT }, ret;
    OK(db_begin(c, &tx, NULL));
    OK(account__insert(c, tx, &in, own, &ret, NULL));
    OK(db_commit(&tx, NULL));
    *(int64_t *)nr = ret.nr;
    return NULL;
}

/* Until somebody waits for a row that the transaction has changed. */
static void wait_for_another(db_tx *tx)
{
    static const char text[] =
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND transactionid IN (SELECT "
        "transactionid FROM pg_locks WHERE granted AND pid = pg_backend_pid())";
    static const struct timespec moment = { .tv_nsec = 10000000 };
    int64_t waiting = 0;
    for (int i = 0; i < 3000 && !waiting; i++) {
        db_rows rows;
        db_sql sql;
        db_sql_for_tx(&sql, tx);
        db_add(&sql, (db_text){ "x", text, text }, "");
        OK(db_run(tx, &sql, a, &rows, &err));
        waiting = rows.first->cells[0].number;
        nanosleep(&moment, NULL);
    }
    ck_assert_int_eq(waiting, 1);
}

/* With SQLite nothing else is written meanwhile. */
TEST(an_account_that_is_added_while_its_role_changes_has_what_the_role_gives_then)
{
    db_tx *tx = NULL;
    pthread_t other;
    int64_t nr = 0;
    account x;
    if (!test_on_postgres())
        return;
    OK(db_begin(c, &tx, &err));
    OK(db_script(tx, "SELECT nr FROM role WHERE name = 'viewer' FOR UPDATE", &err));
    OK(db_script(tx, "UPDATE role SET permissions = 'title.read' WHERE name = 'viewer'", &err));
    pthread_create(&other, NULL, insert_beside, &nr);
    wait_for_another(tx);
    OK(db_commit(&tx, &err));
    pthread_join(other, NULL);
    OK(account__by_nr(c, NULL, nr, a, &x, &err));
    ck_assert_str_eq(x.permissions, "title.read");
}

TEST(an_address_is_found_however_it_is_spelt)
{
    account in = insert("Ada@B\xc3\xbc"
                        "cher.example"),
            x;
    OK(account__by_email(c, NULL, "aDA@xn--BCHER-kva.example", a, &x, &err));
    ck_assert_int_eq(x.nr, in.nr);
    GIVES(CINEMA_NOT_FOUND, account__by_email(c, NULL, "eve@films.example", a, &x, &err));
    GIVES(CINEMA_NOT_FOUND, account__by_email(c, NULL, "no address", a, &x, &err));
    GIVES(CINEMA_NOT_FOUND, account__by_id(c, NULL, "no id", a, &x, &err));
    GIVES(CINEMA_NOT_FOUND, account__by_nr(c, NULL, in.nr + 1, a, &x, &err));
}

TEST(an_address_has_one_account)
{
    db_tx *tx = NULL;
    account in = { .email = "ADA@films.example", .email_verified_at = CINEMA_ABSENT }, ret;
    insert("ada@films.example");
    OK(db_begin(c, &tx, &err));
    GIVES(CINEMA_CONFLICT, account__insert(c, tx, &in, a, &ret, &err));
    ck_assert_str_eq(err.reason, "email_taken");
    ck_assert_str_eq(err.field, "email");
    db_rollback(&tx);
}

TEST(a_password_that_is_set_needs_no_reset)
{
    db_tx *tx = NULL;
    account in = insert("ada@films.example"), x;
    OK(db_begin(c, &tx, &err));
    OK(account__set_password(c, tx, in.nr, "$hash", &err));
    OK(account__by_nr(c, tx, in.nr, a, &x, &err));
    OK(db_commit(&tx, &err));
    ck_assert_str_eq(x.password, "$hash");
    ck_assert_int_eq(x.revision, 2);
    ck_assert_int_ne(x.password_changed_at, CINEMA_ABSENT);
    ck_assert(!x.password_reset_needed);
}

TEST(a_hash_is_renewed_only_in_place_of_the_one_that_was_verified)
{
    db_tx *tx = NULL;
    account in = insert("ada@films.example"), x;
    OK(db_begin(c, &tx, &err));
    OK(account__set_password(c, tx, in.nr, "$1", &err));
    OK(account__renew_password(c, tx, in.nr, "$0", "$2", &err));
    OK(account__by_nr(c, tx, in.nr, a, &x, &err));
    ck_assert_str_eq(x.password, "$1");
    OK(account__renew_password(c, tx, in.nr, "$1", "$2", &err));
    OK(account__by_nr(c, tx, in.nr, a, &x, &err));
    OK(db_commit(&tx, &err));
    ck_assert_str_eq(x.password, "$2");
    ck_assert_int_eq(x.revision, 2);
}

TEST(an_address_is_verified_while_it_is_the_accounts)
{
    db_tx *tx = NULL;
    account in = insert("ada@films.example"), x;
    OK(db_begin(c, &tx, &err));
    GIVES(CINEMA_NOT_FOUND, account__verify_email(c, tx, in.nr, "eve@films.example", &err));
    OK(account__verify_email(c, tx, in.nr, "ADA@films.example", &err));
    OK(account__by_nr(c, tx, in.nr, a, &x, &err));
    OK(db_commit(&tx, &err));
    ck_assert_int_eq(x.email_verified_at, x.updated_at);
}

TEST(another_address_may_be_no_one_elses)
{
    db_tx *tx = NULL;
    account ada = insert("ada@films.example"), x;
    insert("eve@films.example");
    OK(db_begin(c, &tx, &err));
    GIVES(CINEMA_CONFLICT, account__set_email(c, tx, ada.nr, "EVE@films.example", a, &err));
    ck_assert_str_eq(err.reason, "email_taken");
    GIVES(CINEMA_INVALID, account__set_email(c, tx, ada.nr, "eve", a, &err));
    OK(account__set_email(c, tx, ada.nr, "Ada@films.example", a, &err)); /* its own */
    OK(account__set_email(c, tx, ada.nr, "Byron@films.example", a, &err));
    OK(account__by_nr(c, tx, ada.nr, a, &x, &err));
    OK(db_commit(&tx, &err));
    ck_assert_str_eq(x.email, "Byron@films.example");
    ck_assert_str_eq(x.email_key, "byron@films.example");
    ck_assert_int_ne(x.email_verified_at, CINEMA_ABSENT);
}

TEST(a_sign_in_is_noted)
{
    db_tx *tx = NULL;
    account in = insert("ada@films.example"), x;
    OK(db_begin(c, &tx, &err));
    OK(account__signed_in(c, tx, in.nr, &err));
    OK(account__by_nr(c, tx, in.nr, a, &x, &err));
    OK(db_commit(&tx, &err));
    ck_assert_int_ne(x.signed_in_at, CINEMA_ABSENT);
    ck_assert_int_eq(x.revision, 1);
}
