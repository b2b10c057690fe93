/* disk_torture.c - a sequence of writes to SQLite, again and again, and each time another call that
 * touches a file fails in it. What was acknowledged is there afterwards, also for a process that
 * opens the file anew; what was not is there whole or not at all; the handle goes on.
 * The log is nearly full to begin with, so the sequence has a checkpoint in it, and closing
 * another.
 */
#include "faults/torture.h"

#include "support/support.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILMS = 8, SAMPLE = 20, LOG_KIB = 3900 };

static char url[512], folder[512];
static char ids[FILMS + 1][40]; /* of those acknowledged; "" where one failed */
static long point, points, acknowledged;

static void migrate(const char *at)
{
    cinema_migrations *steps = NULL;
    OK(cinema_open(at, &c, &err));
    OK(cinema_migrate(c, &steps, &err));
    cinema_migrations_free(steps);
    cinema_close(c);
}

static void start(void)
{
    unsetenv("CINEMA_TEST_URL");
}

FIXTURE(start, NULL)

static sqlite3 *by_hand(void)
{
    sqlite3 *handle;
    ck_assert_int_eq(sqlite3_open(url + strlen("sqlite:"), &handle), SQLITE_OK);
    sqlite3_busy_timeout(handle, 5000);
    return handle;
}

/* Stays open, for the last to close would empty the log. */
static sqlite3 *fill_log(void)
{
    char text[200];
    sqlite3 *handle = by_hand();
    snprintf(text, sizeof text,
             "PRAGMA wal_autocheckpoint = 0; CREATE TABLE ballast (x);"
             "INSERT INTO ballast VALUES (zeroblob(%d))",
             LOG_KIB * 1024);
    ck_assert_int_eq(sqlite3_exec(handle, text, NULL, NULL, NULL), SQLITE_OK);
    return handle;
}

static void ask(sqlite3 *handle, const char *text, const char *want)
{
    sqlite3_stmt *s = NULL;
    ck_assert_int_eq(sqlite3_prepare_v2(handle, text, -1, &s, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    ck_assert_msg(!strcmp((const char *)sqlite3_column_text(s, 0), want), "point %ld: %s: %s",
                  point, text, sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
}

/* ---- the sequence ---------------------------------------------------------------------------- */

static cinema_status create(int i)
{
    char title[40];
    cinema_movie *m = NULL;
    snprintf(title, sizeof title, "Film %d", i);
    cinema_movie_input in = { .title = title, .overview = "As long as it takes." };
    cinema_status s = cinema_movie_create(c, &in, &m, &err);
    snprintf(ids[i], sizeof ids[i], "%s", s ? "" : m->id);
    cinema_movie_free(m);
    return s;
}

static cinema_status look(int i)
{
    cinema_movie *m = NULL;
    cinema_status s = *ids[i] ? cinema_movie_get(c, ids[i], NULL, &m, &err) : CINEMA_OK;
    cinema_movie_free(m);
    return s;
}

static bool is_honest(cinema_status s)
{
    return !s || s == CINEMA_UNAVAILABLE || s == CINEMA_NO_MEMORY || s == CINEMA_TIMEOUT;
}

static void sequence(void)
{
    for (int i = 0; i < FILMS; i++) {
        cinema_status s = create(i);
        ck_assert_msg(is_honest(s), "point %ld, film %d: %s: %s", point, i,
                      cinema_status_describe((int)s)->name, err.message);
        s = look(i);
        ck_assert_msg(is_honest(s), "point %ld, read %d: %s: %s", point, i,
                      cinema_status_describe((int)s)->name, err.message);
    }
}

static void all_there(const char *when)
{
    for (int i = 0; i <= FILMS; i++) {
        cinema_status s = look(i);
        ck_assert_msg(!s, "point %ld, %s: film %d, which was acknowledged: %s: %s", point, when, i,
                      cinema_status_describe((int)s)->name, err.message);
        acknowledged += *ids[i] != '\0';
    }
}

/* Every film has its entry in the index, and the other way round. */
static void nothing_torn(void)
{
    sqlite3 *handle = by_hand();
    ask(handle, "PRAGMA integrity_check", "ok");
    ask(handle, "SELECT (SELECT count(*) FROM title) - (SELECT count(*) FROM title_search)", "0");
    ck_assert_int_eq(sqlite3_close(handle), SQLITE_OK);
}

static int descriptors(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

/* ---- one point ------------------------------------------------------------------------------- */

typedef struct trouble {
    const char *what;
    unsigned calls;
    int error;
    long count; /* of calls that fail */
} trouble;

static void new_database(void)
{
    test_database_from(migrate, url, sizeof url);
    snprintf(folder, sizeof folder, "%s", getenv("CINEMA_DATA_DIR"));
    memset(ids, 0, sizeof ids);
}

static void remove_database(void)
{
    char path[1100];
    DIR *d = opendir(folder);
    ck_assert_ptr_nonnull(d);
    for (struct dirent *e; (e = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        remove(path);
    }
    closedir(d);
    remove(folder);
}

/* How many calls failed; `asked`: how many could have. */
static long attempt(const trouble *t, long *asked)
{
    new_database();
    sqlite3 *handle = fill_log();
    int open_before = descriptors();
    OK(cinema_open(url, &c, &err));
    faults_disk(t->calls, t->error, point, t->count);
    sequence();
    long failed = faults_end(asked);
    cinema_status s = create(FILMS);
    ck_assert_msg(!s, "point %ld: the disk is well again, but: %s", point, err.message);
    all_there("with the same handle");
    ck_assert_int_eq(sqlite3_close(handle), SQLITE_OK);
    if (!failed) /* the sequence is over: now closing, whose calls follow on */
        faults_disk(t->calls, t->error, point - *asked, t->count);
    cinema_close(c);
    long closing = 0, failed_then = faults_end(&closing);
    *asked += closing;
    OK(cinema_open(url, &c, &err));
    all_there("opened anew");
    cinema_close(c);
    nothing_torn();
    ck_assert_msg(descriptors() <= open_before, "point %ld: descriptors are left open", point);
    remove_database();
    return failed + failed_then;
}

static const trouble troubles[] = {
    { "a file cannot be opened", FAULTS_OPEN, EIO, 1 },
    { "no more files can be opened", FAULTS_OPEN, EMFILE, LONG_MAX },
    { "a read fails", FAULTS_READ, EIO, 1 },
    { "all reads fail", FAULTS_READ, EIO, LONG_MAX },
    { "a read is short", FAULTS_READ, FAULTS_SHORT, 1 },
    { "a write fails", FAULTS_WRITE, EIO, 1 },
    { "all writes fail", FAULTS_WRITE, EIO, LONG_MAX },
    { "the disk is full for a moment", FAULTS_WRITE, ENOSPC, 1 },
    { "the disk is full", FAULTS_WRITE | FAULTS_TRUNCATE, ENOSPC, LONG_MAX },
    { "a write is short", FAULTS_WRITE, FAULTS_SHORT, 1 },
    { "a flush fails", FAULTS_SYNC, EIO, 1 },
    { "no flush works", FAULTS_SYNC, EIO, LONG_MAX },
    { "a flush finds the disk full", FAULTS_SYNC, ENOSPC, 1 },
    { "a file cannot be cut", FAULTS_TRUNCATE, EIO, 1 },
    { "a file cannot be mapped", FAULTS_MAP, ENOMEM, 1 },
    { "the disk is gone", FAULTS_READ | FAULTS_WRITE | FAULTS_SYNC | FAULTS_TRUNCATE, EIO,
      LONG_MAX },
};

enum { TROUBLES = sizeof troubles / sizeof *troubles };

static void note(const trouble *t)
{
    char path[300];
    test__print(path, sizeof path, "%s/points", test__scratch());
    FILE *f = fopen(path, "a");
    ck_assert(f && fprintf(f, "%ld %ld\n", points, acknowledged) > 0 && !fclose(f));
    printf("%s: %ld points\n", t->what, points);
    fflush(stdout);
}

TEST_EACH(what_was_acknowledged_survives_when, TROUBLES)
{
    const trouble *t = &troubles[_i];
    long asked, failed = 1;
    point = LONG_MAX;
    attempt(t, &asked);
    long step = torture_deep() ? 1 : asked / SAMPLE + 1;
    for (point = 1 + _i % step; failed; point += step, points += failed > 0) {
        long ignored;
        failed = attempt(t, &ignored);
    }
    note(t);
}

TEST(this_was_done)
{
    char path[300];
    long all = 0, films = 0, more, most;
    test__print(path, sizeof path, "%s/points", test__scratch());
    FILE *f = fopen(path, "r");
    while (f && fscanf(f, "%ld %ld\n", &more, &most) == 2)
        all += more, films += most;
    if (f)
        fclose(f);
    printf("NOTE %ld points failed, %ld acknowledged films looked for, none missing\n", all, films);
    fflush(stdout);
}
