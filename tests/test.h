/* test.h - the thin layer over Check that our tests are written in.
 *
 *     static void start(void) { test_database(url, sizeof url); ... }
 *     static void stop(void) { cinema_close(c); }
 *     FIXTURE(start, stop)
 *
 *     TEST(update_refuses_a_revision_of_yesterday)
 *     {
 *         OK(cinema_movie_get(c, id, NULL, &m, &err));
 *         GIVES(CINEMA_STALE, cinema_movie_update(c, id, &in, &m, &err));
 *     }
 *
 * A test adds itself to its program; there is no list and no main to write. Each runs in a process
 * of its own and may take 60 seconds; a leak that AddressSanitizer finds fails it. What a program
 * is given as arguments are parts of names: it runs the tests that match one. CK_FORK=no keeps all
 * in one process, for gdb.
 */
#ifndef TEST_H
#define TEST_H

#include <check.h>
#include <cinema/base.h>

#undef fail /* Check's old name for ck_abort_msg; ours is in base/status.h */
#undef fail_if
#undef fail_unless

typedef struct test_entry {
    const TTest *test;
    int count; /* how often, with _i from 0 */
    struct test_entry *next;
} test_entry;

typedef struct test_fixture {
    void (*start)(void), (*stop)(void);
    struct test_fixture *next;
} test_fixture;

void test__add(test_entry *e);
void test__add_fixture(test_fixture *f);
void test__status(int got, int want, const char *call, const char *file, int line);
void test__skip(const char *test, const char *reason);

/* TEST(name_is_a_sentence) { ... } */
#define TEST(name) TEST_EACH(name, 1)

/* The same run `n` times, with _i from 0 to n - 1: for tables of cases. */
#define TEST_EACH(name, n)                                                                         \
    static void name##_test(int _i);                                                               \
    static const TTest name##_ttest = { #name, name##_test, __FILE__, __LINE__ };                  \
    __attribute__((constructor)) static void name##_add(void)                                      \
    {                                                                                              \
        static test_entry e = { &name##_ttest, (n), NULL };                                        \
        test__add(&e);                                                                             \
    }                                                                                              \
    static void name##_test(int _i __attribute__((unused)))

/* Functions run before and after each test of this program, in the test's process. Either may be
 * NULL. After a failed test `after` does not run: its process is gone. */
#define FIXTURE(before, after)                                                                     \
    __attribute__((constructor)) static void test_fixture_add(void)                                \
    {                                                                                              \
        static test_fixture f = { (before), (after), NULL };                                       \
        test__add_fixture(&f);                                                                     \
    }

/* Ends the test here, counted as skipped, with a reason that script/test shows. */
#define SKIP(reason)                                                                               \
    do {                                                                                           \
        test__skip(__func__, (reason));                                                            \
        return;                                                                                    \
    } while (0)

/* The outcome of a call; on another one both are named. OK also shows the message in the variable
 * `err` of the scope, which the call is taken to have filled. */
#define GIVES(want, call) test__status((int)(call), (int)(want), #call, __FILE__, __LINE__)
#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != CINEMA_OK)                                                                   \
            ck_abort_msg("%s: %s: %s (%s)", #call, cinema_status_describe((int)err.status)->name,  \
                         err.message, err.field);                                                  \
    } while (0)

/* Ends a child that was forked, through another program: valgrind looks for leaks where a child
 * ends by itself, and what it has from its parent would be some. */
_Noreturn void test_leave(int code);

/* From now on this process may take that many bytes more than it has; SIZE_MAX: as many as it
 * likes. Without sanitizers or with: these have reserved theirs before. False: it cannot be set. */
bool test_room(size_t more);

/* What takes longer than this hangs; no machine is that busy. Tests of time limits use it: a limit
 * that is not kept shows as one of these. */
enum { HANG_MS = 20000 };

/* A new empty folder, removed when the program ends. Readable for every user. */
void test_folder(char *path, size_t size);

/* Makes a new, empty database and gives its URL: a file in a folder of its own, or one on the
 * server of CINEMA_TEST_URL. CINEMA_DATA_DIR is set to that folder. Removed when the test ends. */
void test_database(char *url, size_t size);

/* The same, but a copy of one that `prepare` filled (migrated, say), which is done once a program;
 * `prepare` closes what it opened and gets the URL of a direct connection. */
void test_database_from(void (*prepare)(const char *url), char *url, size_t size);

/* On the server of CINEMA_TEST_URL: a database whose text sorts as ICU has it for English; the
 * address of a pooled database without the pooler. */
void test_database_icu(char *url, size_t size);
void test_direct_url(const char *url, char *direct, size_t size);

/* Whether test_database gives PostgreSQL, and whether through a pooler. */
bool test_on_postgres(void);
bool test_on_pooler(void);

#endif
