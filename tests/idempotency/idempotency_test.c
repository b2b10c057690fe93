/* idempotency_test.c - mirrors lib/idempotency/idempotency.c: what is sent twice is done once, on
 * both engines, by one caller after the other and by many at once.
 */
#include "test.h"

#include "base/handle.h"
#include "port/db/db.h"

#include <cinema/cinema.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static cinema *c;
static cinema_error err;
static char *json;
static char url[512];
static int64_t later; /* ms added to the wall clock */

static int64_t wall(void *seed)
{
    (void)seed;
    return clock_wall_ms() + later;
}

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
    c->wall_ms = wall;
}

static void stop(void)
{
    cinema_text_free(json);
    json = NULL;
    cinema_close(c);
}

FIXTURE(start, stop)

static cinema_status call(const char *op, const char *key, const char *body)
{
    const cinema_caller who = { .system = true, .idempotency_key = key };
    cinema_text_free(json);
    json = NULL;
    return cinema_call(c, &who, op, body, &json, &err);
}

#define RAN "{\"title\": \"Ran\", \"year\": 1985}"

static int64_t count(const char *op)
{
    char body[] = "{\"total\": true, \"limit\": 1}";
    OK(call(op, NULL, body));
    json_t *v = json_loads(json, 0, NULL);
    int64_t n = json_integer_value(json_object_get(v, "total"));
    json_decref(v);
    return n;
}

static void same_as(const char *first)
{
    json_t *a = json_loads(first, 0, NULL), *b = json_loads(json, 0, NULL);
    ck_assert_msg(a && json_equal(a, b), "%s is not %s", json, first);
    json_decref(a);
    json_decref(b);
}

TEST(what_is_sent_twice_is_done_once_and_answered_alike)
{
    OK(call("movie.create", "k1", RAN));
    char *first = strdup(json);
    OK(call("movie.create", "k1", RAN));
    same_as(first);
    free(first);
    ck_assert_int_eq(count("movie.list"), 1);
    OK(call("movie.create", "k2", RAN));
    OK(call("movie.create", NULL, RAN));
    OK(call("movie.create", NULL, RAN));
    ck_assert_int_eq(count("movie.list"), 4);
}

TEST(the_first_answer_is_given_though_all_has_changed_since)
{
    OK(call("person.create", "k", "{\"name\": \"Setsuko Hara\", \"slug\": \"hara\"}"));
    char *first = strdup(json);
    OK(call("person.update", NULL, "{\"person_id\": \"hara\", \"name\": \"Other\"}"));
    OK(call("person.create", "k", "{\"name\": \"Setsuko Hara\", \"slug\": \"hara\"}"));
    same_as(first);
    OK(call("person.remove", NULL, "{\"person_id\": \"hara\"}"));
    OK(call("person.create", "k", "{\"name\": \"Setsuko Hara\", \"slug\": \"hara\"}"));
    same_as(first);
    free(first);
    ck_assert_int_eq(count("person.list"), 0);
}

TEST(another_body_under_the_same_key_is_refused)
{
    OK(call("movie.create", "k", RAN));
    GIVES(CINEMA_CONFLICT, call("movie.create", "k", "{\"title\": \"Ran\", \"year\": 1986}"));
    ck_assert_str_eq(err.reason, "idempotency_mismatch");
    OK(call("movie.create", "k", "{ \"year\": 1985,\n \"title\": \"Ran\" }")); /* no other one */
    ck_assert_int_eq(count("movie.list"), 1);
}

TEST(each_operation_has_keys_of_its_own)
{
    OK(call("movie.create", "k", RAN));
    OK(call("series.create", "k", RAN));
    OK(call("genre.create", "k", "{\"name\": \"Drama\"}"));
    OK(call("person.create", "k", "{\"name\": \"Drama\"}"));
    ck_assert_int_eq(count("movie.list"), 1);
    ck_assert_int_eq(count("series.list"), 1);
}

TEST(what_failed_is_tried_anew)
{
    OK(call("person.create", NULL, "{\"name\": \"A\", \"slug\": \"a\"}"));
    GIVES(CINEMA_CONFLICT, call("person.create", "k", "{\"name\": \"B\", \"slug\": \"a\"}"));
    ck_assert_str_eq(err.reason, "slug_taken");
    GIVES(CINEMA_INVALID, call("person.create", "k", "{\"name\": \"\"}"));
    OK(call("person.remove", NULL, "{\"person_id\": \"a\"}"));
    OK(call("person.create", "k", "{\"name\": \"B\", \"slug\": \"a\"}"));
    OK(call("person.create", "k", "{\"name\": \"B\", \"slug\": \"a\"}"));
    ck_assert_int_eq(count("person.list"), 1);
}

TEST(who_may_not_create_gets_no_kept_answer)
{
    const cinema_caller nobody = { .idempotency_key = "k" };
    OK(call("movie.create", "k", RAN));
    cinema_text_free(json);
    GIVES(CINEMA_UNAUTHENTICATED, cinema_call(c, &nobody, "movie.create", RAN, &json, &err));
}

TEST(a_key_is_kept_for_a_day)
{
    OK(call("movie.create", "k", RAN));
    later = 24 * 3600 * 1000 - 60000;
    OK(call("movie.create", "k", RAN));
    ck_assert_int_eq(count("movie.list"), 1);
    later = 24 * 3600 * 1000 + 60000;
    OK(call("movie.create", "k", RAN));
    ck_assert_int_eq(count("movie.list"), 2);
    OK(call("movie.create", "k", RAN));
    ck_assert_int_eq(count("movie.list"), 2);
}

static int64_t rows(void)
{
    static const db_text text = { "rows", "SELECT count(*) FROM idempotency",
                                  "SELECT count(*) FROM idempotency" };
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_sql sql;
    db_rows found;
    db_sql_for(&sql, c);
    db_add(&sql, text, "");
    OK(db_read(c, &sql, a, &found, &err));
    return found.first->cells[0].number;
}

TEST(old_keys_go_when_new_ones_come)
{
    char key[16];
    for (int i = 0; i < 40; i++) {
        snprintf(key, sizeof key, "old%d", i);
        OK(call("genre.create", key, "{\"name\": \"G\"}"));
    }
    ck_assert_int_eq(rows(), 40);
    later = 25 * 3600 * 1000;
    for (int i = 0; i < 3; i++) {
        snprintf(key, sizeof key, "new%d", i);
        OK(call("genre.create", key, "{\"name\": \"G\"}"));
    }
    ck_assert_int_eq(rows(), 3);
}

TEST(a_key_has_a_length)
{
    char key[257];
    memset(key, 'k', sizeof key);
    key[256] = '\0';
    GIVES(CINEMA_INVALID, call("movie.create", key, RAN));
    GIVES(CINEMA_INVALID, call("movie.create", "", RAN));
    key[255] = '\0';
    OK(call("movie.create", key, RAN));
}

TEST(explaining_with_a_key_changes_nothing)
{
    OK(call("explain", "k",
            "{\"operation\": \"movie.create\", \"input\": \"{\\\"title\\\": \\\"Ran\\\"}\"}"));
    ck_assert(strstr(json, "INSERT INTO idempotency"));
    ck_assert_int_eq(count("movie.list"), 0);
    ck_assert_int_eq(rows(), 0);
}

/* ---- at once -----------------------------------------------------------------------------------
 */

enum { THREADS = 16 };

static void *knock(void *answer)
{
    const cinema_caller who = { .system = true, .idempotency_key = "same", .deadline_ms = 30000 };
    cinema_error why;
    OK(cinema_call(c, &who, "movie.create", RAN, answer, &why));
    return NULL;
}

TEST_EACH(duplicates_at_once_are_done_once, 5)
{
    pthread_t threads[THREADS];
    char *answers[THREADS] = { NULL };
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, knock, &answers[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++) {
        json = answers[i];
        same_as(answers[0]);
        if (i)
            cinema_text_free(answers[i]);
    }
    json = answers[0];
    ck_assert_int_eq(count("movie.list"), 1);
    ck_assert_int_eq(rows(), 1);
}

/* Another process has claimed the key and has not come to its end. */
TEST(a_repetition_waits_for_the_first_no_longer_than_its_deadline)
{
    static const db_text claim = {
        "claim", "",
        "INSERT INTO idempotency (id, fingerprint, created_at, status) "
        "SELECT id, fingerprint, 9000000000000, 0 FROM idempotency_probe"
    };
    static const db_text copy = {
        "copy", "", "CREATE TABLE idempotency_probe AS SELECT id, fingerprint FROM idempotency"
    };
    static const db_text gone = { "gone", "", "DELETE FROM idempotency" };
    const cinema_caller who = { .system = true, .idempotency_key = "k", .deadline_ms = 300 };
    const db_text *steps[] = { &copy, &gone };
    db_tx *tx = NULL;
    db_sql sql;
    if (!test_on_postgres())
        SKIP("SQLite has one writer: a second one does not get as far as the key");
    OK(call("movie.create", "k", RAN)); /* for its id */
    OK(db_begin(c, &tx, &err));
    for (int i = 0; i < 2; i++) {
        db_sql_for_tx(&sql, tx);
        db_add(&sql, *steps[i], "");
        OK(db_run(tx, &sql, NULL, NULL, &err));
    }
    OK(db_commit(&tx, &err));
    OK(db_begin(c, &tx, &err));
    db_sql_for_tx(&sql, tx);
    db_add(&sql, claim, "");
    OK(db_run(tx, &sql, NULL, NULL, &err));
    unsigned open = cinema__transactions_open;
    cinema_text_free(json);
    cinema__transactions_open = 0; /* the other process's, for this test */
    GIVES(CINEMA_CONFLICT, cinema_call(c, &who, "movie.create", RAN, &json, &err));
    ck_assert_str_eq(err.reason, "idempotency_in_progress");
    cinema__transactions_open = open;
    db_rollback(&tx);
    OK(call("movie.create", "k", RAN));
    ck_assert_int_eq(count("movie.list"), 2);
}
