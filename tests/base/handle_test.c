/* handle_test.c - the handle: ids, clock and randomness, log, deadline, fork. Mirrors
 * lib/base/handle.c.
 */
#include "base/handle.h"
#include "test.h"

#include <cinema/cinema.h>

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static cinema *c;
static cinema_error err;

static void start(void)
{
    char url[512];
    test_database(url, sizeof url);
    OK(cinema_open(url, &c, &err));
}

static void stop(void)
{
    cinema_close(c);
}

FIXTURE(start, stop)

/* ---- ids ------------------------------------------------------------------------------------- */

enum { THREADS = 8, EACH = 20000 };

static int64_t number_of(const uuid *u)
{
    int64_t n = 0;
    for (int i = 0; i < 8; i++) /* what orders them: 48 bits of time, version, 12 of a counter */
        n = n << 8 | u->bytes[i];
    return n;
}

static void *make_ids(void *ids)
{
    for (int i = 0; i < EACH; i++)
        uuid_new(c, (uuid *)ids + i);
    return NULL;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(uuid));
}

TEST(ids_of_eight_threads_are_ordered_in_each_and_differ_all)
{
    static uuid ids[THREADS][EACH];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert(!pthread_create(&threads[i], NULL, make_ids, ids[i]));
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++)
        for (int j = 1; j < EACH; j++)
            ck_assert_int_lt(number_of(&ids[i][j - 1]), number_of(&ids[i][j]));
    qsort(ids, (size_t)THREADS * EACH, sizeof(uuid), by_bytes);
    for (int i = 1; i < THREADS * EACH; i++)
        ck_assert_int_ne(by_bytes(ids[0] + i - 1, ids[0] + i), 0);
}

static int64_t ms;
static unsigned char pattern;

static int64_t wall(void *user)
{
    ck_assert_ptr_eq(user, &ms);
    return ms;
}

static void same(void *bytes, size_t n, void *user)
{
    ck_assert_ptr_eq(user, &ms);
    memset(bytes, pattern, n);
}

static void inject(void)
{
    c->wall_ms = wall;
    c->random = same;
    c->seed = &ms;
    ms = 0x0123456789AB;
    pattern = 0xFF;
}

TEST(an_id_is_of_version_7_and_its_bits_are_where_rfc_9562_puts_them)
{
    char text[UUID_TEXT];
    uuid u;
    inject();
    uuid_new(c, &u);
    uuid_text(&u, text);
    ck_assert_str_eq(text, "01234567-89ab-70ff-bfff-ffffffffffff"); /* the counter starts low */
    uuid_new(c, &u);
    uuid_text(&u, text);
    ck_assert_str_eq(text, "01234567-89ab-7100-bfff-ffffffffffff");
    pattern = 0;
    ms++;
    uuid_new(c, &u);
    uuid_text(&u, text);
    ck_assert_str_eq(text, "01234567-89ac-7000-8000-000000000000");
}

TEST(ids_keep_their_order_when_the_clock_stands_or_goes_back)
{
    uuid u;
    int64_t last = 0;
    inject();
    for (int i = 0; i < 10000; i++, last = number_of(&u)) { /* more than a counter holds */
        ms -= i % 3;
        uuid_new(c, &u);
        ck_assert_int_lt(last, number_of(&u));
        ck_assert_uint_eq(u.bytes[6] >> 4, 7);
    }
}

TEST(clock_and_randomness_are_the_systems_unless_replaced)
{
    unsigned char a[32] = { 0 }, b[32] = { 0 };
    int64_t before = clock_wall_ms();
    ck_assert_int_ge(now_ms(c), before);
    ck_assert_int_le(now_ms(c), clock_wall_ms());
    random_bytes(c, a, sizeof a);
    random_bytes(c, b, sizeof b);
    ck_assert_int_ne(memcmp(a, b, sizeof a), 0);
    inject();
    ck_assert_int_eq(now_ms(c), ms);
    random_bytes(c, a, sizeof a);
    ck_assert_int_eq(a[31], 0xFF);
}

/* ---- log and deadline ------------------------------------------------------------------------ */

static char logged[2000];

static void note(cinema_log_level level, const char *line, void *user)
{
    snprintf(logged, sizeof logged, "%d %s%s", (int)level, line, (const char *)user);
}

TEST(log_lines_go_where_they_are_sent)
{
    log_line(c, CINEMA_LOG_ERROR, "nobody listens");
    cinema_set_log(c, note, "!");
    log_line(c, CINEMA_LOG_WARNING, "%d films", 7);
    ck_assert_str_eq(logged, "1 7 films!");
    log_line(c, CINEMA_LOG_INFO, "%05000d", 7);
    ck_assert_uint_lt(strlen(logged), 1010);
}

TEST(what_is_logged_is_one_line)
{
    cinema_set_log(c, note, "");
    log_line(c, CINEMA_LOG_ERROR, "CREATE TABLE a (\n\tb text\r);\x1b[2J");
    ck_assert_str_eq(logged, "0 CREATE TABLE a (  b text ); [2J");
}

TEST(a_call_has_its_deadline_or_the_handles)
{
    int64_t whole = strtoll(cinema_setting(c, "CINEMA_DEADLINE_MS"), NULL, 10);
    int64_t begun = clock_monotonic_ms(), before = call_deadline(c);
    ck_assert_int_ge(before, begun + whole);
    ck_assert_int_le(before, clock_monotonic_ms() + whole);
    ck_assert_int_eq(call_deadline_set(42), 0);
    ck_assert_int_eq(call_deadline(c), 42);
    ck_assert_int_eq(deadline_left_ms(42), 0);
    ck_assert_int_eq(call_deadline_set(0), 42);
    ck_assert_int_ge(call_deadline(c), before);
    ck_assert(deadline_left_ms(DEADLINE_NONE) == INT64_MAX);
}

/* ---- fork ------------------------------------------------------------------------------------ */

/* What a child says with its exit code; anything else ended it. */
static int in_child(int (*fn)(void))
{
    int status = -1;
    pid_t pid = fork();
    if (!pid)
        test_leave(fn());
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int use_inherited(void)
{
    cinema_movie_page *p = NULL;
    cinema_migrations *m = NULL;
    cinema_result *r = NULL;
    char path[4096], *text = NULL;
    bool refused = cinema_movie_list(c, NULL, &p, &err) == CINEMA_MISUSE && err.message[0] &&
                   cinema_migrate(c, &m, &err) == CINEMA_MISUSE &&
                   cinema_schema_status(c, &m, &err) == CINEMA_MISUSE &&
                   cinema_setup_token_path(c, path, sizeof path, &err) == CINEMA_MISUSE &&
                   cinema_call_run(c, NULL, "movie.list", NULL, 0, &r, &err) == CINEMA_MISUSE &&
                   cinema_call(c, NULL, "ops", NULL, &text, &err) == CINEMA_MISUSE;
    bool told = text && strstr(text, "\"code\":\"misuse\"");
    cinema_result_free(r);
    cinema_text_free(text);
    cinema_close(c);
    return refused && told ? 7 : 1;
}

static int open_own(void)
{
    cinema *own = NULL;
    cinema_migrations *m = NULL;
    cinema_close(c);
    if (cinema_open(getenv("HERE"), &own, &err) || cinema_schema_status(own, &m, &err))
        return 1;
    cinema_migrations_free(m);
    cinema_close(own);
    return 7;
}

TEST(after_fork_the_child_may_only_close)
{
    cinema_migrations *m = NULL;
    OK(cinema_migrate(c, &m, &err));
    cinema_migrations_free(m);
    ck_assert_int_eq(in_child(use_inherited), 7);
    cinema_movie_page *p = NULL;
    OK(cinema_movie_list(c, NULL, &p, &err)); /* nothing was done to the parent */
    cinema_movie_page_free(p);
}

TEST(a_child_may_open_its_own)
{
    setenv("HERE", cinema_setting(c, "CINEMA_DATABASE_URL"), 1);
    ck_assert_int_eq(in_child(open_own), 7);
}

/* ---- opening --------------------------------------------------------------------------------- */

TEST(opening_needs_no_options_and_closing_no_handle)
{
    cinema *other = NULL;
    char *url = strdup(cinema_setting(c, "CINEMA_DATABASE_URL"));
    setenv("CINEMA_DATABASE_URL", url, 1);
    OK(cinema_open_with(NULL, &other, &err));
    ck_assert_str_eq(cinema_setting(other, "CINEMA_DATABASE_URL"), url);
    ck_assert_ptr_null(cinema_setting(other, "CINEMA_NO_SUCH"));
    cinema_close(other);
    OK(cinema_open(NULL, &other, &err));
    cinema_close(other);
    cinema_close(NULL);
    free(url);
    ck_assert_str_eq(cinema_version(), "0.1.0");
}

TEST(a_database_without_a_driver_is_unsupported)
{
    static const char *const urls[] = { "oracle:x", "x.db", "postgresqlx:" };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        cinema *none = NULL;
        GIVES(CINEMA_UNSUPPORTED, cinema_open(urls[i], &none, &err));
        ck_assert_str_eq(err.field, "CINEMA_DATABASE_URL");
        ck_assert_ptr_null(none);
    }
}
