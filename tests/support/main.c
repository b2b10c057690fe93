/* main.c - runs the tests of a program and says how they went, in a form that script/test reads:
 * `FAIL name: where: why`, `SKIP name: why`, and last `N passed, N failed, N skipped`.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/support.h"

extern char **environ;

static test_entry *entries, **entries_end = &entries;
static test_fixture *fixtures, **fixtures_end = &fixtures;
static char scratch[256];
static pid_t runner;

void test__add(test_entry *e)
{
    *entries_end = e;
    entries_end = &e->next;
}

void test__add_fixture(test_fixture *f)
{
    *fixtures_end = f;
    fixtures_end = &f->next;
}

const char *test__scratch(void)
{
    return scratch;
}

bool test__in_runner(void)
{
    return getpid() == runner;
}

void test__status(int got, int want, const char *call, const char *file, int line)
{
    mark_point();
    if (got != want)
        _ck_assert_failed(file, line, "wrong outcome", "%s gave %s, not %s", call,
                          cinema_status_describe(got)->name, cinema_status_describe(want)->name);
}

void test__print(char *text, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, size, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < size)
        return;
    fprintf(stderr, "too long: %s\n", text);
    abort(); /* Check's own ways may only be used in a test */
}

_Noreturn void test_leave(int code)
{
    char text[32];
    test__print(text, sizeof text, "exit %d", code);
    execl("/bin/sh", "sh", "-c", text, (char *)NULL);
    _exit(code);
}

void test_folder(char *path, size_t size)
{
    test__print(path, size, "%s/XXXXXX", scratch);
    ck_assert_msg(mkdtemp(path) && !chmod(path, 0755), "%s: %s", path, strerror(errno));
}

/* Check knows no skipping. The reason goes into a file, and the test's process ends well. */
void test__skip(const char *test, const char *reason)
{
    char path[300];
    test__print(path, sizeof path, "%s/skipped", scratch);
    FILE *f = fopen(path, "a");
    ck_assert_ptr_nonnull(f);
    size_t n = strlen(test);
    if (n > 5 && !strcmp(test + n - 5, "_test"))
        n -= 5;
    fprintf(f, "SKIP %.*s: %s\n", (int)n, test, reason);
    fclose(f);
    if (!test__in_runner())
        exit(0);
}

static int print_skipped(void)
{
    char line[1024], path[300];
    int count = 0;
    snprintf(path, sizeof path, "%s/skipped", scratch);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        fputs(line, stdout);
        count++;
    }
    if (f)
        fclose(f);
    return count;
}

/* The settings of whoever runs the tests must not reach them, nor ./cinema-data. */
static void clean_environment(void)
{
    static const char *const others[] = { "DATABASE_URL", "REDIS_URL", "MONGO_URL" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        unsetenv(others[i]);
    for (char **e = environ; *e;) {
        char name[128];
        const char *end = strchr(*e, '=');
        if (strncmp(*e, "CINEMA_", 7) || !strncmp(*e, "CINEMA_TEST_", 12) || !end ||
            (size_t)(end - *e) >= sizeof name) {
            e++;
            continue;
        }
        snprintf(name, sizeof name, "%.*s", (int)(end - *e), *e);
        unsetenv(name);
        e = environ; /* it has moved */
    }
    setenv("CINEMA_DATA_DIR", scratch, 1);
    setenv("CINEMA_DEADLINE_MS", "30000", 1); /* however slow sanitizers and machine are */
    setenv("TZ", "Asia/Kathmandu", 0);        /* a zone that shows where local time slipped in */
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static bool wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strstr(name, argv[i]))
            return true;
    return argc < 2;
}

static SRunner *collect(int argc, char **argv)
{
    Suite *suite = suite_create("tests");
    for (const test_entry *e = entries; e; e = e->next) {
        if (!wanted(e->test->name, argc, argv))
            continue;
        TCase *one = tcase_create(e->test->name); /* one each: a result knows its case's name */
        tcase_set_timeout(one, 60);
        for (const test_fixture *f = fixtures; f; f = f->next)
            tcase_add_checked_fixture(one, f->start, f->stop);
        _tcase_add_test(one, e->test, 0, 0, 0, e->count);
        suite_add_tcase(suite, one);
    }
    return srunner_create(suite);
}

int main(int argc, char **argv)
{
    const char *tmp = getenv("TMPDIR");
    runner = getpid();
    snprintf(scratch, sizeof scratch, "%s/cinema-test.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(scratch) || chmod(scratch, 0755)) {
        fprintf(stderr, "%s: %s\n", scratch, strerror(errno));
        return 1;
    }
    clean_environment();

    SRunner *all = collect(argc, argv);
    srunner_run_all(all, CK_SILENT);
    int run = srunner_ntests_run(all), failed = srunner_ntests_failed(all);
    TestResult **failures = srunner_failures(all);
    for (int i = 0; i < failed; i++)
        printf("FAIL %s: %s:%d: %s\n", tr_tcname(failures[i]), tr_lfile(failures[i]),
               tr_lno(failures[i]), tr_msg(failures[i]));
    free(failures);
    srunner_free(all);
    int skipped = print_skipped();
    if (test__database_end)
        test__database_end();
    nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    printf("%d passed, %d failed, %d skipped\n", run - failed - skipped, failed, skipped);
    return failed || !run;
}
