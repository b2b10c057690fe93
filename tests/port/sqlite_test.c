/* sqlite_test.c - what only SQLite has: a file and its rights, settings of connections, a
 * transaction that several callers share. Other processes and damages are in
 * sqlite_trouble_test.c, conformance is in db_test.c and its neighbours.
 */
#include "port/db_help.h"

#include "port/db/sqlite_driver.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAIR "CREATE TABLE pair (one bigint, two bigint, UNIQUE (one, two))"
#define ADD_PAIR "INSERT INTO pair VALUES ($1, $2)"

static void start(void)
{
    unsetenv("CINEMA_TEST_URL");
    db_start();
}

FIXTURE(start, db_stop)

static const char *path_here(void)
{
    return url + strlen("sqlite:");
}

static lite_db *inside(void)
{
    return (lite_db *)(void *)d;
}

static cinema_status open_url(const char *text)
{
    db *one = NULL;
    db_options o = { .url = text };
    cinema_status s = cinema__db_sqlite.open(&o, &one, &err);
    cinema__db_sqlite.close(one);
    return s;
}

static const char *text_of(db_rows *rows)
{
    ck_assert_uint_eq(rows->count, 1);
    return rows->first->cells[0].text;
}

/* ---- URLs and files -------------------------------------------------------------------------- */

static const char *const bad_urls[] = {
    "",          "sqlite:",      "sqlite::memory:",  "sqlite:///",  "sqlite:folder/",
    "sqlite://", "sqlite://a/b", "sqlite:a?mode=ro", "sqlite:/a#b", "postgres://localhost/a",
    "file:a.db",
};

TEST_EACH(a_url_that_is_no_file_is_invalid, (int)COUNT_OF(bad_urls))
{
    GIVES(CINEMA_INVALID, open_url(bad_urls[_i]));
    ck_assert_str_eq(err.reason, "database_url");
}

TEST(a_url_that_is_missing_or_endless_is_invalid)
{
    char text[700] = "sqlite:/";
    memset(text + 8, 'a', 600);
    GIVES(CINEMA_INVALID, open_url(text));
    GIVES(CINEMA_INVALID, open_url(NULL));
}

static void use(const char *text)
{
    db *one = NULL;
    db_options o = { .url = text };
    db_statement s = sql("SELECT 1");
    db_rows rows;
    OK(cinema__db_sqlite.open(&o, &one, &err));
    OK(cinema__db_sqlite.read(one, &s, 1, soon(PATIENCE_MS), a, &rows, &err));
    cinema__db_sqlite.close(one);
}

TEST(each_form_of_url_names_its_file)
{
    char folder[300], text[400];
    test_folder(folder, sizeof folder);
    ck_assert(!chdir(folder));
    use("sqlite:relative.db");
    ck_assert(!access("relative.db", F_OK));
    use("sqlite:file:x.db"); /* not one of SQLite's own URLs */
    ck_assert(!access("file:x.db", F_OK));
    snprintf(text, sizeof text, "sqlite:%s/one.db", folder);
    use(text);
    ck_assert(!access("one.db", F_OK));
    snprintf(text, sizeof text, "sqlite://%s/three.db", folder);
    use(text);
    ck_assert(!access("three.db", F_OK));
    ck_assert(!chdir("/"));
}

TEST(a_relative_path_is_that_of_opening)
{
    char folder[300];
    db *one = NULL;
    db_options o = { .url = "sqlite:here.db" };
    db_statement s = sql("SELECT 1");
    db_rows rows;
    test_folder(folder, sizeof folder);
    ck_assert(!chdir(folder));
    OK(cinema__db_sqlite.open(&o, &one, &err));
    ck_assert_int_ne(access("here.db", F_OK), 0); /* not before it is used */
    ck_assert(!chdir("/"));
    OK(cinema__db_sqlite.read(one, &s, 1, soon(PATIENCE_MS), a, &rows, &err));
    cinema__db_sqlite.close(one);
    ck_assert(!chdir(folder) && !access("here.db", F_OK) && !chdir("/"));
}

static unsigned rights(const char *path)
{
    struct stat st;
    ck_assert_msg(!stat(path, &st), "%s", path);
    return st.st_mode & 0777;
}

TEST(a_new_file_and_its_folder_are_the_owners_alone)
{
    char folder[300], log[1100];
    test_folder(folder, sizeof folder);
    umask(0);
    driver->close(d);
    snprintf(url, sizeof url, "sqlite:%s/new/c.db", folder);
    d = db_another(0);
    change(PAIR);
    ck_assert_uint_eq(rights(path_here()), 0600);
    snprintf(log, sizeof log, "%s-wal", path_here());
    ck_assert_uint_eq(rights(log), 0600);
    *strrchr(log, '/') = '\0';
    ck_assert_uint_eq(rights(log), 0700);
}

static cinema_status read_of(const char *text)
{
    db *one = NULL;
    db_options o = { .url = text };
    db_statement s = sql("SELECT count(*) FROM sqlite_schema");
    db_rows rows;
    OK(cinema__db_sqlite.open(&o, &one, &err));
    cinema_status status = cinema__db_sqlite.read(one, &s, 1, soon(2000), a, &rows, &err);
    cinema__db_sqlite.close(one);
    return status;
}

TEST(only_one_folder_is_made)
{
    char folder[300], text[400];
    test_folder(folder, sizeof folder);
    snprintf(text, sizeof text, "sqlite:%s/a/b/c.db", folder);
    GIVES(CINEMA_UNAVAILABLE, read_of(text));
    ck_assert_str_eq(err.reason, "cannot_open");
    snprintf(text, sizeof text, "sqlite:%s", folder); /* a folder */
    GIVES(CINEMA_UNAVAILABLE, read_of(text));
    ck_assert_str_eq(err.reason, "cannot_open");
}

TEST(a_file_that_is_no_database_is_left_alone)
{
    char folder[300], text[400], found[40] = "";
    test_folder(folder, sizeof folder);
    snprintf(text, sizeof text, "sqlite:%s/letter.txt", folder);
    FILE *f = fopen(text + 7, "w");
    for (int i = 0; i < 500; i++)
        fputs("Dear reader, this is no database. ", f);
    fclose(f);
    GIVES(CINEMA_UNAVAILABLE, read_of(text));
    ck_assert_str_eq(err.reason, "corrupt");
    f = fopen(text + 7, "r");
    ck_assert(fgets(found, sizeof found, f) && !strncmp(found, "Dear reader", 11));
    fclose(f);
}

/* ---- connections ----------------------------------------------------------------------------- */

static const struct {
    const char *text;
    int64_t readers, writers;
} settings[] = {
    { "PRAGMA synchronous", 2, 2 },       { "PRAGMA foreign_keys", 1, 1 },
    { "PRAGMA cache_size", -256, -2048 }, { "PRAGMA temp_store", 2, 2 },
    { "PRAGMA trusted_schema", 0, 0 },    { "PRAGMA mmap_size", 268435456, 0 },
};

TEST_EACH(connections_have_their_settings, (int)COUNT_OF(settings))
{
    db_rows rows;
    ck_assert_int_eq(number(settings[_i].text), settings[_i].readers);
    db_tx *tx = begin();
    OK(run(tx, &rows, settings[_i].text, ""));
    ck_assert_int_eq(rows.first->cells[0].number, settings[_i].writers);
    OK(run(tx, &rows, "PRAGMA journal_mode", ""));
    ck_assert_str_eq(text_of(&rows), "wal");
    driver->rollback(tx);
    GIVES(CINEMA_INTERNAL, get(d, &rows, "SELECT \"no such column\"", ""));
}

TEST(what_writes_is_not_run_as_a_read)
{
    db_rows rows;
    change(PAIR);
    GIVES(CINEMA_INTERNAL, get(d, &rows, "INSERT INTO pair VALUES (1, 2) RETURNING one", ""));
    GIVES(CINEMA_INTERNAL, get(d, &rows, "PRAGMA user_version = 3", ""));
    ck_assert_int_eq(number("SELECT count(*) FROM pair"), 0);
}

TEST(parameters_are_numbered_up_to_a_limit_and_each_has_a_value)
{
    db_rows rows;
    GIVES(CINEMA_INTERNAL, get(d, &rows, "SELECT $1", "ii", INT64_C(1), INT64_C(2)));
    GIVES(CINEMA_INTERNAL, get(d, &rows, "SELECT $1, $2", "i", INT64_C(1)));
    GIVES(CINEMA_INTERNAL, get(d, &rows, "SELECT $0", ""));
    GIVES(CINEMA_INTERNAL, get(d, &rows, "SELECT $49", ""));
    ck_assert(driver_heard("DB_VALUES_MAX"));
    ck_assert_int_eq(DB_VALUES_MAX, 48);
    GIVES(CINEMA_INTERNAL, get(d, &rows, "SELECT ?", "i", INT64_C(1)));
    GIVES(CINEMA_INTERNAL, get(d, &rows, "SELECT $name", "i", INT64_C(1)));
    GIVES(CINEMA_INTERNAL, get(d, &rows, "-- nothing", ""));
    OK(get(d, &rows, "SELECT $2", "ii", INT64_C(1),
           INT64_C(2))); /* a gap is none of our business */
    ck_assert_int_eq(rows.first->cells[0].number, 2);
}

TEST(texts_with_one_hash_are_told_apart)
{
    static const char *const twins[] = { "SELECT 1", "SELECT 2" };
    db_rows rows;
    for (int i = 0; i < 6; i++) {
        db_statement s = sql(twins[i % 2]);
        s.hash = 42;
        OK(driver->read(d, &s, 1, soon(PATIENCE_MS), a, &rows, &err));
        ck_assert_int_eq(rows.first->cells[0].number, i % 2 + 1);
    }
}

TEST(a_connection_keeps_so_many_statements)
{
    char text[40];
    for (int i = 0; i < 600; i++) {
        snprintf(text, sizeof text, "SELECT %d", i);
        ck_assert_int_eq(number(text), i);
        ck_assert_int_eq(number("SELECT 'often' = 'often'"), 1);
    }
    ck_assert_uint_eq(inside()->idle->cached, LITE_CACHED_MAX);
    ck_assert_ptr_null(inside()->idle->next); /* one after the other, one connection will do */
}

TEST(the_log_does_not_grow_without_end)
{
    char log[1100];
    struct stat st;
    snprintf(log, sizeof log, "%s-wal", path_here());
    change(PAIR);
    for (int i = 0; i < 3000; i++)
        OK(add(d, ADD_PAIR, i, i * 7919 % 3000, soon(PATIENCE_MS)));
    ck_assert(!stat(log, &st));
    ck_assert_int_lt(st.st_size, 6 << 20); /* 1000 pages and what one commit adds */
    driver->close(d);
    ck_assert_int_ne(stat(log, &st), 0); /* all of it is in the file */
    d = db_another(0);
    ck_assert_int_eq(number("SELECT count(*) FROM pair"), 3000);
}

/* ---- sharing a transaction ------------------------------------------------------------------- */

static int commits; /* on the thread that has the turn */

/* As slow as a disk, so that others come meanwhile. */
static int count_commit(void *veto)
{
    usleep(300);
    commits++;
    return veto != NULL;
}

static int64_t add_fifty(int i)
{
    int64_t failed = 0;
    for (int j = 0; j < 50; j++)
        failed += add(d, ADD_PAIR, i, j, soon(PATIENCE_MS)) != CINEMA_OK;
    return failed;
}

TEST(callers_share_commits)
{
    change(PAIR);
    sqlite3_commit_hook(inside()->writer->handle, count_commit, NULL);
    ck_assert_int_eq(together(32, add_fifty), 0);
    ck_assert_int_lt(commits, 32 * 50 / 2);
    commits = 0;
    ck_assert_int_eq(add_fifty(99), 0);
    ck_assert_int_eq(commits, 50); /* alone, each has its own */
}

TEST(a_failed_commit_fails_all_who_shared_it)
{
    change(PAIR);
    sqlite3_commit_hook(inside()->writer->handle, count_commit, "no");
    ck_assert_int_eq(together(16, add_fifty), 16 * 50);
    ck_assert_int_lt(commits, 16 * 50);
    ck_assert_int_eq(number("SELECT count(*) FROM pair"), 0);
    sqlite3_commit_hook(inside()->writer->handle, NULL, NULL);
    ck_assert_int_eq(add_fifty(1), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM pair"), 50);
}

/* Every other one leaves a foreign key open; the one whose commit it is says so, and nobody else.
 */
static int64_t open_or_not(int i)
{
    static const char text[] = "INSERT INTO late VALUES ($1, $2)";
    int64_t wrong = 0;
    for (int j = 0; j < 40; j++) {
        cinema_status want = i % 2 ? CINEMA_CONFLICT : CINEMA_OK;
        wrong += add(d, text, i * 100 + j, i % 2 ? 77 : 1, soon(PATIENCE_MS)) != want;
    }
    return wrong;
}

TEST(an_open_foreign_key_fails_its_own_commit_alone)
{
    script("CREATE TABLE parent (nr bigint PRIMARY KEY); INSERT INTO parent VALUES (1);"
           "CREATE TABLE late (nr bigint PRIMARY KEY, parent bigint REFERENCES parent (nr) "
           "DEFERRABLE INITIALLY DEFERRED)");
    sqlite3_commit_hook(inside()->writer->handle, count_commit, NULL);
    ck_assert_int_eq(together(8, open_or_not), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM late"), 4 * 40);
    ck_assert_int_lt(commits, 4 * 40);
}

/* Whoever is last makes SQLite roll back what the others have done: they must not hear OK. */
static _Atomic(int) undone, said_ok;

static int64_t add_or_undo(int i)
{
    db_tx *tx;
    cinema_status s = CINEMA_OK;
    for (int j = 0; j < 40; j++) {
        if (i > 0) {
            s = add(d, ADD_PAIR, i, j, soon(PATIENCE_MS));
            said_ok += s == CINEMA_OK;
            undone += s == CINEMA_UNAVAILABLE;
            if (s != CINEMA_OK && s != CINEMA_UNAVAILABLE)
                return 1;
            continue;
        }
        if (driver->begin(d, 0, soon(PATIENCE_MS), &tx, &err))
            return 1;
        s = run(tx, NULL, "INSERT OR ROLLBACK INTO pair VALUES (0, 0)", "");
        if (s != CINEMA_CONFLICT || driver->commit(tx, &err) != CINEMA_CONFLICT)
            return 1;
    }
    return 0;
}

TEST(what_sqlite_rolls_back_is_told_to_all)
{
    change(PAIR);
    change("INSERT INTO pair VALUES (0, 0)");
    sqlite3_commit_hook(inside()->writer->handle, count_commit, NULL);
    for (int round = 0; round < 20 && !undone; round++) {
        ck_assert_int_eq(together(8, add_or_undo), 0);
        ck_assert_int_eq(number("SELECT count(*) FROM pair WHERE one > 0"), said_ok);
        change("DELETE FROM pair WHERE one > 0");
        said_ok = 0;
    }
    ck_assert_int_gt(undone, 0);
}

/* One that joined others cannot be undone alone: neither its own way back nor that of all works. */
static _Atomic(bool) broken;

static void break_control(lite_connection *k, lite_control what)
{
    sqlite3_finalize(k->controls[what]);
    sqlite3_prepare_v2(k->handle, "RELEASE nowhere", -1, &k->controls[what], NULL);
}

static int64_t add_or_break(int i)
{
    db_tx *tx;
    usleep(i ? 20000 : 0);
    if (driver->begin(d, 0, soon(PATIENCE_MS), &tx, &err))
        return 1;
    if (i == 0) { /* until the others stand in line, or most of them */
        usleep(100000);
        driver->rollback(tx);
        return 0;
    }
    lite_connection *k = inside()->writer;
    bool breaks = k->shared && !broken;
    int64_t wrong = run(tx, NULL, ADD_PAIR, "ii", (int64_t)breaks, (int64_t)i) != CINEMA_OK;
    if (!breaks) {
        cinema_status s = driver->commit(tx, &err);
        said_ok += s == CINEMA_OK;
        return wrong + (s != CINEMA_OK && s != CINEMA_UNAVAILABLE);
    }
    broken = true;
    break_control(k, LITE_ROLLBACK_TO);
    break_control(k, LITE_ROLLBACK);
    driver->rollback(tx);
    return wrong;
}

TEST(what_cannot_be_undone_alone_is_undone_with_all)
{
    change(PAIR);
    for (int round = 0; round < 20 && !broken; round++) {
        change("DELETE FROM pair");
        said_ok = 0;
        ck_assert_int_eq(together(8, add_or_break), 0);
    }
    ck_assert(broken);
    ck_assert_int_eq(number("SELECT count(*) FROM pair WHERE one = 1"), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM pair"), said_ok);
}

/* A slow change may only be broken off where nobody else's work would go with it. */
static int64_t slow_or_quick(int i)
{
    static const char slow[] =
        "INSERT INTO pair WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < "
        "60000) SELECT $1, n FROM c WHERE n > 0 * $2";
    int64_t wrong = 0;
    for (int j = 0; j < 15; j++) {
        cinema_status s =
            i ? add(d, ADD_PAIR, i, j, soon(PATIENCE_MS)) : add(d, slow, 1000 + j, 0, soon(8));
        wrong += s != CINEMA_OK && (i || s != CINEMA_TIMEOUT);
    }
    return wrong;
}

TEST(a_slow_change_takes_nobody_along)
{
    change(PAIR);
    ck_assert_int_eq(together(6, slow_or_quick), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM pair WHERE one < 1000"), 5 * 15);
    ck_assert_int_eq(number("SELECT count(*) % 60000 FROM pair WHERE one >= 1000"), 0);
}

static _Atomic(bool) first_is_in, second_is_done;
static _Atomic(lite_waiter **) behind_second; /* the end of the line when it stood there alone */

static lite_waiter **end_of_line(void)
{
    pthread_mutex_lock(&inside()->write_lock);
    lite_waiter **end = inside()->writing.first ? inside()->writing.end : NULL;
    pthread_mutex_unlock(&inside()->write_lock);
    return end;
}

/* The first stays until all stand in line one behind the other, the last until the second is done.
 */
static void wait_before(int i)
{
    while (i == 1 && !first_is_in)
        usleep(1000);
    while (i == 2 && !(behind_second = end_of_line()))
        usleep(1000);
}

static void wait_within(int i)
{
    first_is_in = true;
    while (i == 0 && (!behind_second || end_of_line() == behind_second))
        usleep(1000);
    for (int64_t end = soon(HANG_MS); i == 2 && !second_is_done && deadline_left_ms(end);)
        usleep(1000);
}

/* The last may join the transaction of the second only if it is not a migration. */
static int64_t add_before_migration(int i)
{
    db_tx *tx;
    wait_before(i);
    if (driver->begin(d, i == 2 ? DB_TX_DIRECT : 0, soon(PATIENCE_MS), &tx, &err))
        return 1;
    wait_within(i);
    bool late = i == 2 && !second_is_done;
    cinema_status s = driver->commit(tx, &err);
    second_is_done = second_is_done || i == 1;
    return s != CINEMA_OK || late;
}

TEST(nobody_waits_for_a_migration_that_came_later)
{
    change(PAIR);
    ck_assert_int_eq(together(3, add_before_migration), 0);
}

/* ---- the line -------------------------------------------------------------------------------- */

static lite_turn turn;
static pthread_mutex_t turn_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(int) gave_up;

/* Nobody gives back what it took: all places have to be handed out at once. */
static int64_t take_and_keep(int i)
{
    pthread_mutex_lock(&turn_lock);
    bool taken = lite_turn_take(&turn, &turn_lock, soon(i < 3 ? 2 * HANG_MS : 20));
    pthread_mutex_unlock(&turn_lock);
    gave_up += !taken;
    return taken;
}

static void *give_three(void *nothing)
{
    lite_event *events[3];
    while (gave_up < 3)
        usleep(1000);
    pthread_mutex_lock(&turn_lock);
    for (int i = 0; i < 3; i++)
        events[i] = lite_turn_give(&turn);
    pthread_mutex_unlock(&turn_lock);
    for (int i = 0; i < 3; i++)
        lite_event_wake(events[i]);
    return nothing;
}

TEST(places_that_become_free_together_are_all_taken)
{
    pthread_t giver;
    int64_t started = clock_monotonic_ms();
    lite_turn_init(&turn, 0);
    ck_assert(!pthread_create(&giver, NULL, give_three, NULL));
    ck_assert_int_eq(together(6, take_and_keep), 3); /* the others had given up */
    pthread_join(giver, NULL);
    ck_assert_ptr_null(turn.first);
    ck_assert_ptr_null(turn.called);
    ck_assert_uint_eq(turn.places, 0);
    ck_assert_int_lt(clock_monotonic_ms() - started,
                     HANG_MS); /* called, not found at the deadline */
}

/* Gives the place up and is quick to take it again, as often as it can. */
static int64_t grab_or_wait(int i)
{
    bool taken = true;
    if (i)
        return !take_and_keep(0);
    usleep(20000);
    for (int round = 0; taken && round < HANG_MS; round++) {
        pthread_mutex_lock(&turn_lock);
        lite_event *called = lite_turn_give(&turn);
        taken = lite_turn_take(&turn, &turn_lock, 0);
        pthread_mutex_unlock(&turn_lock);
        lite_event_wake(called);
        usleep(1000);
    }
    return taken;
}

TEST(who_is_always_too_late_is_handed_a_place)
{
    lite_turn_init(&turn, 0); /* the one place is with the first */
    ck_assert_int_eq(together(2, grab_or_wait), 0);
}
