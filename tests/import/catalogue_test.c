/* catalogue_test.c - the whole film catalogue, where it is at hand; with CINEMA_TEST_DEEP=1 only.
 */
#include "import/import_help.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

FIXTURE(import_start, import_stop)

/* ../shared/data/catalogue.jsonl.xz beside the project, or where CINEMA_TEST_CATALOGUE says. */
static const char *catalogue_path(void)
{
    static char path[1024];
    const char *given = getenv("CINEMA_TEST_CATALOGUE"), *slash = strstr(__FILE__, "/tests/");
    if (given)
        return given;
    snprintf(path, sizeof path, "%.*s/../shared/data/catalogue.jsonl.xz",
             slash ? (int)(slash - __FILE__) : 1, slash ? __FILE__ : ".");
    return path;
}

static int64_t read_pipe(void *bytes, size_t room, void *user)
{
    return read(*(int *)user, bytes, room);
}

static cinema_import_counts import_catalogue(void)
{
    int ends[2], status;
    cinema_import_counts n;
    ck_assert(!pipe(ends));
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        execlp("xz", "xz", "-dc", catalogue_path(), (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    cinema_import_input in = { .read = read_pipe, .user = &ends[0] };
    OK(cinema_import(c, &in, &n, &err));
    close(ends[0]);
    ck_assert(waitpid(child, &status, 0) == child && !status);
    return n;
}

static size_t found(const char *q)
{
    cinema_search_query query = { .q = q, .published_only = true };
    cinema_title_page *p = NULL;
    OK(cinema_search(c, &query, &p, &err));
    size_t n = p->count;
    cinema_search_page_free(p);
    return n;
}

TEST(the_whole_catalogue_comes_out_and_back_the_same)
{
    if (!getenv("CINEMA_TEST_DEEP"))
        SKIP("36,844 rows: with CINEMA_TEST_DEEP=1 only");
    if (access(catalogue_path(), R_OK))
        SKIP("there is no film catalogue");
    import_catalogue();
    cinema *first = c;
    char *text = export_text(c, NULL, 0);
    c = import_another();
    importing m = { .text = text };
    OK(import_run(&m, 0, NULL));
    ck_assert_int_eq(m.counts.created, m.counts.lines);
    char *again = export_text(c, NULL, 0);
    ck_assert(!strcmp(text, again));
    importing more = { .text = text };
    OK(import_run(&more, 0, NULL));
    ck_assert_int_eq(more.counts.unchanged, m.counts.lines);
    free(text);
    free(again);
    cinema_close(first);
}

TEST(the_whole_catalogue_goes_in_and_repeats_without_doubles)
{
    if (!getenv("CINEMA_TEST_DEEP"))
        SKIP("36,844 rows: with CINEMA_TEST_DEEP=1 only");
    if (access(catalogue_path(), R_OK))
        SKIP("there is no film catalogue");
    cinema_import_counts n = import_catalogue();
    ck_assert_int_eq(n.lines, 36844);
    ck_assert_int_eq(n.created, 36844);
    ck_assert_int_eq(n.refused, 0);
    ck_assert_int_eq(n.warnings, 144);
    n = import_catalogue();
    ck_assert_int_eq(n.unchanged, 36844);
    ck_assert_int_eq(n.created + n.updated + n.refused, 0);
    ck_assert_int_eq(n.warnings, 144);
    ck_assert_uint_eq(found("hanks"), 20);
    ck_assert_uint_eq(found("amelie"), 1);
    ck_assert_uint_eq(found("zzzz"), 0);
    cinema_movie *m = movie("catalogue:30000");
    ck_assert_str_eq(m->title, "Election");
    ck_assert_uint_eq(m->cast.count, 4);
    cinema_movie_free(m);
}
