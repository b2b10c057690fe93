/* hold_test.c - transactions that are held together (db_hold of lib/port/db/db.h): one commit for
 * all that a thread does meanwhile, and nothing of it if anything fails.
 */
#include "test.h"

#include "base/handle.h"
#include "port/db/db.h"

#include <cinema/cinema.h>
#include <string.h>

static cinema *c;
static cinema_error err;
static char url[512];
static unsigned begun_count;
static cinema_status begun_gives;
static bool begun_over;

static void migrate(const char *at)
{
    cinema *fresh = NULL;
    cinema_migrations *steps = NULL;
    OK(cinema_open(at, &fresh, &err));
    OK(cinema_migrate(fresh, &steps, &err));
    cinema_migrations_free(steps);
    cinema_close(fresh);
}

static void start(void)
{
    test_database_from(migrate, url, sizeof url);
    OK(cinema_open(url, &c, &err));
}

static void stop(void)
{
    cinema_close(c);
}

FIXTURE(start, stop)

#define SQL(text) ((db_text){ "test", text, text })

static cinema_status put(db_tx *tx, const char *id)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql,
           SQL("INSERT INTO idempotency (id, fingerprint, created_at, status) "
               "VALUES ($1, $1, 1, 1)"),
           "x", id, strlen(id));
    return db_run(tx, &sql, NULL, NULL, &err);
}

/* A transaction of its own, as rooms have them. */
static cinema_status add(const char *id)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    cinema_status s;
    if ((s = db_begin(c, &tx, &err)) || (s = put(tx, id)))
        return s;
    return db_commit(&tx, &err);
}

static int64_t count(void)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, c);
    db_add(&sql, SQL("SELECT count(*) FROM idempotency"), "");
    OK(db_read(c, &sql, a, &rows, &err));
    return rows.first->cells[0].number;
}

static cinema_status begun(db_tx *tx, void *user, bool *over, cinema_error *why)
{
    begun_count++;
    OK(put(tx, user));
    *over = begun_over;
    return begun_gives ? fail(why, begun_gives, "found", NULL, "found") : CINEMA_OK;
}

TEST(several_transactions_are_committed_as_one)
{
    db_hold h = { .begun = begun, .user = (void *)(uintptr_t) "first" };
    db_hold_start(&h);
    OK(add("a"));
    ck_assert_int_eq(count(), 2); /* reads see what is done */
    OK(add("b"));
    ck_assert_uint_eq(begun_count, 1);
    ck_assert_int_eq(count(), 3);
    OK(db_hold_end(&h, true, &err));
    ck_assert_int_eq(count(), 3);
    OK(add("c")); /* and afterwards all is as ever */
    ck_assert_int_eq(count(), 4);
}

TEST(nothing_is_left_of_what_is_not_kept)
{
    db_hold h = { .begun = begun, .user = (void *)(uintptr_t) "first" };
    db_hold_start(&h);
    OK(add("a"));
    OK(db_hold_end(&h, false, &err));
    ck_assert_int_eq(count(), 0);
    ck_assert_uint_eq(cinema__transactions_open, 0);
}

TEST(what_fails_takes_all_with_it)
{
    db_hold h = { .begun = begun, .user = (void *)(uintptr_t) "first" };
    db_hold_start(&h);
    OK(add("a"));
    ck_assert_int_ne(add("a"), CINEMA_OK);
    GIVES(CINEMA_INTERNAL, db_hold_end(&h, true, &err)); /* whoever passed over it is told */
    ck_assert_int_eq(count(), 0);
    OK(add("a"));
}

TEST(a_first_part_that_fails_may_be_tried_again)
{
    db_hold h = { .begun = begun, .user = (void *)(uintptr_t) "first" };
    OK(add("a"));
    db_hold_start(&h);
    ck_assert_int_ne(add("a"), CINEMA_OK);
    OK(add("b"));
    ck_assert_uint_eq(begun_count, 2);
    OK(db_hold_end(&h, true, &err));
    ck_assert_int_eq(count(), 3);
}

TEST(what_was_found_at_the_beginning_keeps_the_rest_from_being_done)
{
    db_hold h = { .begun = begun, .user = (void *)(uintptr_t) "first" };
    for (int over = 0; over < 2; over++) {
        begun_gives = CINEMA_CONFLICT;
        begun_over = over;
        db_hold_start(&h);
        GIVES(CINEMA_CONFLICT, add("a"));
        ck_assert_str_eq(err.reason, "found");
        OK(db_hold_end(&h, false, &err));
        ck_assert_int_eq(count(), over); /* committed when it was over, else rolled back */
    }
}

TEST(no_transaction_is_no_commit)
{
    db_hold h = { .begun = begun, .user = (void *)(uintptr_t) "first" };
    db_hold_start(&h);
    ck_assert_int_eq(count(), 0);
    OK(db_hold_end(&h, true, &err));
    ck_assert_uint_eq(begun_count, 0);
}
