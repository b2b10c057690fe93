/* resume_test.c - imports that are stopped, fail, race or are killed, and are then repeated.
 */
#include "import/import_help.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

FIXTURE(import_start, import_stop)

/* n films, each with a cast of three out of few people. */
static char *films(int n)
{
    char *text = malloc((size_t)n * 260 + 1), *to = text;
    ck_assert_ptr_nonnull(text);
    *text = '\0';
    for (int i = 0; i < n; i++)
        to += snprintf(to, 260,
                       "{\"kind\":\"movie\",\"title\":\"Film %d\",\"year\":%d,\"genres\":"
                       "[\"G%d\"],\"cast\":[{\"name\":\"P%d\"},{\"name\":\"P%d\"},{\"name\":"
                       "\"P%d\"}],\"external_ids\":{\"imdb\":\"tt%d\"}}\n",
                       i / 2, 1900 + i % 2, i % 3, i % 7, i % 11, i % 13, i);
    return text;
}

/* --- stopped --- */

TEST(progress_stops_it_with_its_own_status_and_repeating_goes_on)
{
    char *text = films(100);
    importing m = { .text = text, .stop_after = 3 };
    GIVES(CINEMA_CANCELLED, import_run(&m, 10, NULL));
    ck_assert_int_eq(err.status, CINEMA_CANCELLED);
    ck_assert_int_eq(m.counts.created, 30);
    ck_assert_int_eq(m.counts.lines, 30);
    ck_assert_int_eq(total_of("movie.list"), 30);
    importing again = { .text = text };
    OK(import_run(&again, 0, NULL));
    ck_assert_int_eq(again.counts.created, 70);
    ck_assert_int_eq(again.counts.unchanged, 30);
    ck_assert_int_eq(total_of("movie.list"), 100);
    ck_assert_int_eq(total_of("person.list"), 13);
    free(text);
}

TEST(a_fault_stops_it_with_its_own_status)
{
    importing m = { .text = "{\"kind\":\"movie\",\"title\":\"A\"}\nx\ny\n"
                            "{\"kind\":\"movie\",\"title\":\"B\"}\n",
                    .stop_at_fault = 1 };
    GIVES(CINEMA_LIMITED, import_run(&m, 2, NULL));
    ck_assert_int_eq(m.faults_told, 1);
    ck_assert_int_eq(m.counts.created, 1); /* its batch was durable by then */
    ck_assert_int_eq(m.counts.refused, 1);
    ck_assert_int_eq(m.batches, 0);
    ck_assert_int_eq(total_of("movie.list"), 1);
}

TEST(a_source_that_breaks_off_keeps_the_batches_before)
{
    char *text = films(50);
    importing m = { .text = text };
    m.broken_at = strlen(text) * 7 / 10;
    GIVES(CINEMA_UNAVAILABLE, import_run(&m, 10, NULL));
    ck_assert_str_eq(err.reason, "read_failed");
    ck_assert_int_eq(m.counts.created, 30);
    ck_assert_int_eq(total_of("movie.list"), 30);
    ck_assert_int_eq(import_text(text).created, 20);
    free(text);
}

TEST(callbacks_may_be_missing)
{
    importing m = { .text = "x\n{\"kind\":\"movie\",\"title\":\"A\"}\n" };
    char *text = films(1);
    import_text(text);
    free(text);
    m.length = strlen(m.text);
    cinema_import_counts n;
    cinema_import_input in = { 0 };
    GIVES(CINEMA_INVALID, cinema_import(c, &in, &n, NULL));
}

/* A progress callback that uses the handle. */
static cinema_status look(const cinema_import_counts *counts, void *user)
{
    cinema_movie_query q = { .total = true };
    cinema_movie_page *p = NULL;
    (void)user;
    OK(cinema_movie_list(c, &q, &p, &err));
    ck_assert_int_eq(p->total, counts->created);
    cinema_movie_page_free(p);
    return CINEMA_OK;
}

static int64_t read_films(void *bytes, size_t room, void *user)
{
    const char **text = user;
    size_t n = strlen(*text) < room ? strlen(*text) : room;
    memcpy(bytes, *text, n);
    *text += n;
    return (int64_t)n;
}

TEST(progress_tells_what_is_durable)
{
    char *text = films(40);
    const char *at = text;
    cinema_import_counts n;
    cinema_import_input in = { .read = read_films, .progress = look, .user = &at, .batch = 7 };
    OK(cinema_import(c, &in, &n, &err));
    ck_assert_int_eq(n.created, 40);
    free(text);
}

/* --- refused by the database --- */

TEST(a_line_that_the_database_refuses_does_not_lose_its_batch)
{
    run_sql("CREATE TRIGGER no BEFORE INSERT ON title WHEN new.title = 'Boom' BEGIN "
            "SELECT raise(ABORT, 'no'); END",
            "ALTER TABLE title ADD CONSTRAINT no CHECK (title <> 'Boom')");
    importing m = { .text = "{\"kind\":\"movie\",\"title\":\"A\",\"cast\":[{\"name\":\"X\"}]}\n"
                            "{\"kind\":\"movie\",\"title\":\"Boom\",\"cast\":[{\"name\":\"Y\"}]}\n"
                            "{\"kind\":\"movie\",\"title\":\"B\",\"cast\":[{\"name\":\"X\"}]}\n"
                            "{\"kind\":\"movie\",\"title\":\"\"}\n" };
    OK(import_run(&m, 0, NULL));
    ck_assert_int_eq(m.counts.created, 2);
    ck_assert_int_eq(m.counts.refused, 2);
    ck_assert_int_eq(m.faults_told, 2);
    ck_assert_int_eq(m.faults[0].line, 2);
    ck_assert_str_eq(m.faults[0].rule, "internal");
    ck_assert_int_eq(m.faults[1].line, 4);
    ck_assert_int_eq(total_of("movie.list"), 2);
    ck_assert_int_eq(total_of("person.list"),
                     1); /* what went in with the refused line did not stay */
}

TEST(what_belongs_together_goes_in_also_line_by_line)
{
    run_sql("CREATE TRIGGER no BEFORE INSERT ON title WHEN new.title = 'Boom' BEGIN "
            "SELECT raise(ABORT, 'no'); END",
            "ALTER TABLE title ADD CONSTRAINT no CHECK (title <> 'Boom')");
    importing m = { .text = "{\"kind\":\"movie\",\"title\":\"Dark\",\"year\":2017}\n"
                            "{\"kind\":\"series\",\"title\":\"Dark\",\"year\":2017}\n"
                            "{\"kind\":\"movie\",\"title\":\"Boom\"}\n"
                            "{\"kind\":\"season\",\"series\":\"dark-2017\",\"season_number\":1}\n"
                            "{\"kind\":\"episode\",\"series\":\"dark-2017\",\"season_number\":1,"
                            "\"episode_number\":1,\"title\":\"Secrets\"}\n"
                            "{\"kind\":\"episode\",\"series\":\"dark-2017\",\"season_number\":2,"
                            "\"episode_number\":1,\"title\":\"Nowhere\"}\n" };
    OK(import_run(&m, 0, NULL));
    ck_assert_int_eq(m.counts.created, 4);
    ck_assert_int_eq(m.counts.refused, 2);
    ck_assert_int_eq(m.faults[0].line, 3);
    ck_assert_int_eq(m.faults[1].line, 6);
    ck_assert_str_eq(m.faults[1].rule, "not_found");
    importing again = { .text = m.text };
    OK(import_run(&again, 0, NULL));
    ck_assert_int_eq(again.counts.unchanged, 4);
    ck_assert_int_eq(again.counts.refused, 2);
}

TEST(when_nothing_can_be_written_the_lines_are_not_to_blame)
{
    run_sql("CREATE TRIGGER no BEFORE INSERT ON title BEGIN SELECT raise(ABORT, 'no'); END",
            "ALTER TABLE title ADD CONSTRAINT no CHECK (title = '')");
    importing m = { .text = "{\"kind\":\"movie\",\"title\":\"A\"}\n"
                            "{\"kind\":\"movie\",\"title\":\"B\"}\n" };
    GIVES(CINEMA_INTERNAL, import_run(&m, 0, NULL));
    ck_assert_int_eq(m.counts.created + m.counts.lines, 0);
}

/* --- others at the same time --- */

static const char *shared_text;

static cinema_status tell_fault(const cinema_import_fault *f, void *user)
{
    (void)user;
    printf("line %lld: %s %s: %s\n", (long long)f->line, f->field, f->rule, f->message);
    return CINEMA_OK;
}

static void *import_all(void *batch)
{
    cinema *mine = NULL;
    cinema_error own;
    const char *text = shared_text;
    static _Thread_local cinema_import_counts n;
    cinema_import_input in = {
        .read = read_films, .fault = tell_fault, .user = &text, .batch = *(int64_t *)batch
    };
    cinema_status s = cinema_open(import_url, &mine, &own);
    if (!s)
        s = cinema_import(mine, &in, &n, &own);
    printf("%s %s: %d refused, %d created, %d updated, %d unchanged\n", s ? own.reason : "done",
           s ? own.message : "", (int)n.refused, (int)n.created, (int)n.updated, (int)n.unchanged);
    fflush(stdout);
    cinema_close(mine);
    return s || n.refused || n.created + n.unchanged + n.updated != 200 ? "failed" : NULL;
}

TEST(imports_of_one_file_at_the_same_time_make_no_doubles)
{
    int64_t sizes[] = { 7, 20, 33 };
    pthread_t threads[3];
    char *text = films(200);
    shared_text = text;
    for (int i = 0; i < 3; i++)
        ck_assert(!pthread_create(&threads[i], NULL, import_all, &sizes[i]));
    for (int i = 0; i < 3; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
    }
    ck_assert_int_eq(total_of("movie.list"), 200);
    ck_assert_int_eq(total_of("person.list"), 13);
    ck_assert_int_eq(total_of("genre.list"), 3);
    free(text);
}

TEST(what_was_removed_meanwhile_is_made_again)
{
    char *text = films(20);
    import_text(text);
    OK(cinema_movie_remove(c, "imdb:tt3", NULL, &err));
    OK(cinema_genre_remove(c, "g1", NULL, &err));
    cinema_import_counts n = import_text(text);
    ck_assert_int_eq(n.created, 1);
    ck_assert_int_eq(n.updated, 7); /* those that had the genre */
    cinema_movie *m = movie("imdb:tt4");
    ck_assert_str_eq(m->genres.items[0], "g1");
    cinema_movie_free(m);
    free(text);
}

/* --- killed --- */

static cinema_status die_after_some(const cinema_import_counts *counts, void *user)
{
    (void)user;
    if (counts->created >= 40)
        kill(getpid(), SIGKILL);
    return CINEMA_OK;
}

static void import_and_die(const char *text)
{
    cinema *mine = NULL;
    cinema_import_counts n;
    cinema_import_input in = {
        .read = read_films, .progress = die_after_some, .user = &text, .batch = 20
    };
    if (!cinema_open(import_url, &mine, &err))
        cinema_import(mine, &in, &n, &err);
    _exit(1);
}

TEST(a_killed_import_is_repeated_without_doubles)
{
    char *text = films(100);
    int status;
    pid_t child = fork();
    if (child == 0)
        import_and_die(text);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    ck_assert_int_eq(total_of("movie.list"), 40);
    cinema_import_counts n = import_text(text);
    ck_assert_int_eq(n.created, 60);
    ck_assert_int_eq(n.unchanged, 40);
    ck_assert_int_eq(total_of("movie.list"), 100);
    free(text);
}
