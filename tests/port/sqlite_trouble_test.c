/* sqlite_trouble_test.c - SQLite's file in trouble: other processes that have it open, or are
 * killed with it, damages, rights that are missing, a full disk.
 */
#include "port/db_help.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

/* The same file by hand, as another program would. */
static sqlite3 *by_hand(void)
{
    sqlite3 *handle;
    ck_assert_int_eq(sqlite3_open(path_here(), &handle), SQLITE_OK);
    sqlite3_busy_timeout(handle, 5000);
    return handle;
}

static pid_t child_of(void (*fn)(int fd), int *fd)
{
    int ends[2];
    ck_assert(!pipe(ends));
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        fn(ends[1]);
        _exit(0);
    }
    close(ends[1]);
    *fd = ends[0];
    return pid;
}

static int status_of(pid_t pid)
{
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

static int64_t add_fifty(int i)
{
    int64_t failed = 0;
    for (int j = 0; j < 50; j++)
        failed += add(d, ADD_PAIR, i, j, soon(PATIENCE_MS)) != CINEMA_OK;
    return failed;
}

/* ---- other processes ------------------------------------------------------------------------- */

/* Commits numbers and says each once it is committed, until it is killed. */
static void commit_until_killed(int fd)
{
    d = db_another(0);
    for (int64_t n = number("SELECT coalesce(max(one), 0) FROM pair") + 1;; n++)
        if (add(d, ADD_PAIR, n, 0, soon(PATIENCE_MS)) || write(fd, &n, sizeof n) != sizeof n)
            _exit(1);
}

TEST(what_was_acknowledged_survives_a_kill)
{
    int64_t n, last = 0;
    int fd;
    change(PAIR);
    for (int round = 0; round < 12; round++) {
        driver->close(d);
        pid_t pid = child_of(commit_until_killed, &fd);
        ck_assert_int_eq(read(fd, &last, sizeof last), sizeof last);
        usleep((useconds_t)round * 7000);
        kill(pid, SIGKILL);
        ck_assert(WIFSIGNALED(status_of(pid)));
        while (read(fd, &n, sizeof n) == sizeof n)
            last = n;
        close(fd);
        d = db_another(0);
        int64_t found = number("SELECT count(*) FROM pair");
        ck_assert_int_ge(found, last);
        ck_assert_int_le(found, last + 1 + round); /* killed between commit and telling */
        ck_assert_int_eq(number("SELECT max(one) FROM pair"), found);
    }
    ck_assert_int_gt(last, 12);
}

static void open_and_migrate(int fd)
{
    char c = 'x';
    d = db_another(0);
    db_tx *tx;
    if (!driver->begin(d, DB_TX_DIRECT, soon(PATIENCE_MS), &tx, &err) &&
        !driver->script(tx,
                        "CREATE TABLE IF NOT EXISTS pair (one bigint, two bigint);"
                        "INSERT INTO pair VALUES (1, 1)",
                        &err) &&
        !driver->commit(tx, &err) && number("SELECT count(*) FROM pair") > 0 &&
        write(fd, &c, 1) == 1)
        driver->close(d);
    else
        _exit(1);
}

TEST(processes_may_open_a_new_file_at_once)
{
    for (int round = 0; round < 10; round++) {
        pid_t pids[4];
        int fds[4];
        driver->close(d);
        test_database(url, sizeof url);
        for (int i = 0; i < 4; i++)
            pids[i] = child_of(open_and_migrate, &fds[i]);
        for (int i = 0; i < 4; i++) {
            ck_assert_int_eq(status_of(pids[i]), 0);
            close(fds[i]);
        }
        d = db_another(0);
        ck_assert_int_eq(number("SELECT count(*) FROM pair"), 4);
    }
}

static int64_t open_and_read(int i)
{
    db_rows rows;
    db *mine = db_another(2);
    (void)i;
    cinema_status s = get(mine, &rows, "SELECT count(*) FROM sqlite_schema", "");
    driver->close(mine);
    return s != CINEMA_OK;
}

TEST(threads_may_open_a_new_file_at_once)
{
    for (int round = 0; round < 10; round++) {
        driver->close(d);
        test_database(url, sizeof url);
        ck_assert_int_eq(together(8, open_and_read), 0);
        d = db_another(0);
    }
}

static void close_in_child(int fd)
{
    driver->close(d); /* does nothing: all of it is the parent's */
    ck_assert_int_eq(write(fd, "x", 1), 1);
}

TEST(a_forked_child_harms_nothing_by_closing)
{
    char c;
    int fd;
    change(PAIR);
    OK(add(d, ADD_PAIR, 1, 1, soon(PATIENCE_MS)));
    pid_t pid = child_of(close_in_child, &fd);
    ck_assert_int_eq(read(fd, &c, 1), 1);
    ck_assert_int_eq(status_of(pid), 0);
    OK(add(d, ADD_PAIR, 1, 2, soon(PATIENCE_MS)));
    ck_assert_int_eq(number("SELECT count(*) FROM pair"), 2);
    close(fd);
}

TEST(a_changed_table_shows_in_every_cached_statement)
{
    db_rows rows;
    change(PAIR);
    OK(get(d, &rows, "SELECT * FROM pair", ""));
    sqlite3 *other = by_hand();
    ck_assert(!sqlite3_exec(other,
                            "ALTER TABLE pair ADD COLUMN three; INSERT INTO pair VALUES "
                            "(1, 2, 3)",
                            NULL, NULL, NULL));
    sqlite3_close(other);
    OK(get(d, &rows, "SELECT * FROM pair", ""));
    ck_assert_uint_eq(rows.columns, 3);
    ck_assert_int_eq(rows.first->cells[2].number, 3);
}

TEST(a_lock_of_another_program_is_waited_for)
{
    db_tx *tx;
    change(PAIR);
    sqlite3 *other = by_hand();
    ck_assert(
        !sqlite3_exec(other, "BEGIN IMMEDIATE; INSERT INTO pair VALUES (1, 1)", NULL, NULL, NULL));
    int64_t started = clock_monotonic_ms();
    GIVES(CINEMA_TIMEOUT, driver->begin(d, 0, soon(200), &tx, &err));
    ck_assert_str_eq(err.reason, "busy");
    ck_assert_int_ge(clock_monotonic_ms() - started, 199);
    ck_assert_int_lt(clock_monotonic_ms() - started, HANG_MS);
    ck_assert_int_eq(number("SELECT count(*) FROM pair"), 0); /* readers do not mind */
    ck_assert(!sqlite3_exec(other, "COMMIT", NULL, NULL, NULL));
    sqlite3_close(other);
    OK(add(d, ADD_PAIR, 1, 2, soon(PATIENCE_MS)));
    ck_assert_int_eq(number("SELECT count(*) FROM pair"), 2);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static sqlite3_mem_methods methods; /* SQLite's own */
static int left = -1;               /* so many allocations work; -1: all do */

static bool refuse(void)
{
    return left >= 0 && left-- == 0;
}

static void *scarce_malloc(int n)
{
    return refuse() ? NULL : methods.xMalloc(n);
}

static void *scarce_realloc(void *p, int n)
{
    return refuse() ? NULL : methods.xRealloc(p, n);
}

static void make_memory_scarce(void)
{
    ck_assert(!sqlite3_config(SQLITE_CONFIG_GETMALLOC, &methods));
    sqlite3_mem_methods scarce = methods;
    scarce.xMalloc = scarce_malloc;
    scarce.xRealloc = scarce_realloc;
    ck_assert_msg(!sqlite3_config(SQLITE_CONFIG_MALLOC, &scarce), "SQLite is in use already");
}

/* A full-text index forgets half of what it knew; the next change took that for a damaged file. */
TEST(after_memory_ran_out_the_next_change_is_made)
{
    static const char put[] =
        "INSERT OR REPLACE INTO word (rowid, t) VALUES ($1, 'drunken angel ' || $2)";
    bool failed = true;
    make_memory_scarce();
    script("CREATE VIRTUAL TABLE word USING fts5 (t, prefix = '3', tokenize = 'ascii')");
    for (int n = 0; failed; n++) {
        OK(add(d, put, 1, n, soon(PATIENCE_MS)));
        left = n;
        cinema_status s = add(d, put, 1, n, soon(PATIENCE_MS));
        failed = left < 0;
        left = -1;
        ck_assert_msg(!s || s == CINEMA_NO_MEMORY, "%d: %s", n, err.message);
        cinema_status next = add(d, put, 2, n, soon(PATIENCE_MS));
        ck_assert_msg(!next, "%d: %s", n, err.message);
    }
}

/* ---- damages --------------------------------------------------------------------------------- */

static void fill(int64_t rows)
{
    char text[200];
    snprintf(text, sizeof text,
             "INSERT INTO pair WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c "
             "WHERE n < %d) SELECT n, n FROM c",
             (int)rows);
    change(text);
}

TEST(a_damaged_file_is_said_to_be_one)
{
    char junk[4096];
    db_rows rows;
    change(PAIR);
    fill(20000);
    driver->close(d);
    memset(junk, 0xA5, sizeof junk);
    int fd = open(path_here(), O_WRONLY);
    for (off_t page = 3; page < 60; page++)
        ck_assert_int_eq(pwrite(fd, junk, sizeof junk, page * 4096), sizeof junk);
    close(fd);
    d = db_another(0);
    for (int i = 0; i < 2; i++) {
        GIVES(CINEMA_UNAVAILABLE, get(d, &rows, "SELECT sum(one * two) FROM pair", ""));
        ck_assert_str_eq(err.reason, "corrupt");
    }
    db_tx *tx = begin();
    GIVES(CINEMA_UNAVAILABLE, run(tx, NULL, "DELETE FROM pair", ""));
    GIVES(CINEMA_UNAVAILABLE, driver->commit(tx, &err));
    GIVES(CINEMA_UNAVAILABLE,
          add(d, "DELETE FROM pair WHERE one > $1 OR two < $2", 0, 5, soon(PATIENCE_MS)));
}

static void as_nobody(int fd)
{
    db_rows rows;
    char ok = 0;
    d = NULL;
    if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
        _exit(1);
    d = db_another(0);
    cinema_status read = get(d, &rows, "SELECT count(*) FROM pair", "");
    cinema_status added = add(d, ADD_PAIR, 5, 5, soon(2000));
    ok += read == CINEMA_UNAVAILABLE || read == CINEMA_OK;
    ok += added == CINEMA_UNAVAILABLE;
    ok += !strcmp(err.reason, "read_only") || !strcmp(err.reason, "cannot_open");
    ck_assert_int_eq(write(fd, &ok, 1), 1);
    driver->close(d);
}

/* The file itself may be read, its folder not written: there is no place for the log. */
TEST(a_folder_that_is_read_only_is_said_to_be_one)
{
    char folder[1024], ok = 0;
    int fd;
    if (geteuid())
        SKIP("needs root, to become somebody else");
    change(PAIR);
    driver->close(d);
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path_here(), '/') - path_here()),
             path_here());
    ck_assert(!chmod(folder, 0555) && !chmod(path_here(), 0644));
    pid_t pid = child_of(as_nobody, &fd);
    ck_assert_int_eq(read(fd, &ok, 1), 1);
    ck_assert_int_eq(ok, 3);
    ck_assert_int_eq(status_of(pid), 0);
    close(fd);
    ck_assert(!chmod(folder, 0755));
    d = db_another(0);
    ck_assert_int_eq(number("SELECT count(*) FROM pair"), 0);
}

/* A disk of 1 MiB for this process alone; false where that is not allowed. */
static bool small_disk(char *folder, size_t size)
{
    test_folder(folder, size);
    return !unshare(CLONE_NEWNS) && !mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) &&
           !mount("tmpfs", folder, "tmpfs", 0, "size=1m");
}

static bool small_files(void)
{
    struct rlimit limit = { 1 << 20, 1 << 20 };
    signal(SIGXFSZ, SIG_IGN);
    return !setrlimit(RLIMIT_FSIZE, &limit);
}

static int64_t add_until_full(int i)
{
    int64_t added = 0;
    for (int j = 0; j < 100000; j++) {
        cinema_status s = add(d,
                              "INSERT INTO pair SELECT $1, n FROM (WITH RECURSIVE c(n) AS "
                              "(SELECT $2 * 100 UNION ALL SELECT n + 1 FROM c WHERE n < $2 * "
                              "100 + 99) SELECT n FROM c)",
                              i, j, soon(PATIENCE_MS));
        if (s == CINEMA_UNAVAILABLE && !strcmp(err.reason, "disk_full"))
            return added;
        if (s)
            return -1000000000;
        added += 100;
    }
    return -1000000000;
}

TEST(a_full_disk_loses_nothing_that_was_acknowledged)
{
    char folder[300];
    driver->close(d);
    bool own = !geteuid() && small_disk(folder, sizeof folder);
    if (own)
        snprintf(url, sizeof url, "sqlite:%s/cinema.db", folder);
    else if (!small_files())
        SKIP("no small disk to be had, and no limit on files");
    d = db_another(0);
    change(PAIR);
    int64_t added = together(4, add_until_full);
    ck_assert_int_gt(added, 0);
    ck_assert_int_eq(number("SELECT count(*) FROM pair"), added);
    driver->close(d);
    d = db_another(0);
    ck_assert_int_eq(number("SELECT count(*) FROM pair"), added);
    if (!own)
        return;
    ck_assert(!mount("tmpfs", folder, "tmpfs", MS_REMOUNT, "size=8m"));
    ck_assert_int_eq(add_fifty(77), 0); /* and goes on when there is room */
    driver->close(d);
    d = db_another(0);
    ck_assert_int_eq(number("SELECT count(*) FROM pair"), added + 50);
}
