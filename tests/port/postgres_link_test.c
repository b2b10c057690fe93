/* postgres_link_test.c - mirrors lib/port/db/postgres_link.c: servers that are away, late, frozen
 * or dying. A few lines of a server in this process say what a real one says only by bad luck.
 */
#include "port/postgres_help.h"

#include "test.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static cinema_error err;
static db *d;
static arena *a;
static char url[200];

/* ---- a server -------------------------------------------------------------------------------- */

enum {
    GOOD,
    FREEZES,
    DIES_AT_COMMIT,
    COMMIT_IS_ROLLBACK,
    COMMIT_FAILS,
    SLOW_COMMIT,
    COMMIT_GARBLED,
    COMMIT_LOST
};

static atomic_int mode;
static atomic_int not_yet;  /* so many connections are refused with 57P03 */
static atomic_int hang_ups; /* so many connections are closed at their first query */
static atomic_int garbled;  /* so many queries are answered with an error that has no code */
static atomic_int connections, cancels, commits;

static bool read_all(int fd, void *to, size_t n)
{
    char *p = to;
    while (n) {
        ssize_t got = recv(fd, p, n, 0);
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

static uint32_t read_number(int fd)
{
    uint32_t n = 0;
    return read_all(fd, &n, sizeof n) ? ntohl(n) : 0;
}

static void say(int fd, char type, const void *body, size_t n)
{
    char message[512] = { type };
    uint32_t length = htonl((uint32_t)n + 4);
    memcpy(message + 1, &length, 4);
    if (n)
        memcpy(message + 5, body, n);
    if (send(fd, message, n + 5, MSG_NOSIGNAL) < 0)
        return;
}

#define SAY(fd, type, text) say((fd), (type), (text), sizeof(text) - 1)

/* The start of a connection; false: it was a request to cancel, or is refused. */
static bool shake_hands(int fd)
{
    char rest[1024];
    for (;;) {
        uint32_t length = read_number(fd), code = read_number(fd);
        if (length < 8 || length > sizeof rest || !read_all(fd, rest, length - 8))
            return false;
        if (code == 80877103) { /* TLS? */
            if (mode == FREEZES && connections)
                pause();
            if (send(fd, "N", 1, MSG_NOSIGNAL) < 0)
                return false;
            continue;
        }
        if (code == 80877102)
            cancels++;
        if (code != 196608)
            return false;
        break;
    }
    connections++;
    if (not_yet > 0) {
        not_yet--;
        SAY(fd, 'E', "SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0");
        return false;
    }
    SAY(fd, 'R', "\0\0\0\0");
    SAY(fd, 'S', "client_encoding\0UTF8\0");
    SAY(fd, 'K', "\0\0\0\7\0\0\0\7");
    SAY(fd, 'Z', "I");
    return true;
}

/* What Execute of `text` is answered with; false: nothing more is. */
static bool execute(int fd, const char *text)
{
    bool commit = !strcmp(text, "COMMIT");
    commits += commit;
    if ((commit && mode == COMMIT_GARBLED) || (!commit && garbled-- > 0)) {
        SAY(fd, 'E', "SERROR\0VERROR\0Mwhat?\0\0");
        return true;
    }
    if (!strncmp(text, "SELECT", 6) && mode == FREEZES)
        pause();
    if (commit && mode == DIES_AT_COMMIT)
        return false;
    if (commit && mode == SLOW_COMMIT)
        pause();
    if (commit && mode == COMMIT_LOST) /* of a pooler that stays, while its server is gone */
        SAY(fd, 'E', "SERROR\0VERROR\0C08006\0Mserver connection crashed\0\0");
    else if (commit && mode == COMMIT_FAILS)
        SAY(fd, 'E', "SERROR\0VERROR\0C40001\0Mcould not serialize\0\0");
    else if (commit && mode == COMMIT_IS_ROLLBACK)
        SAY(fd, 'C', "ROLLBACK\0");
    else if (commit)
        SAY(fd, 'C', "COMMIT\0");
    else
        SAY(fd, 'C', "SELECT 0\0");
    return true;
}

static void *serve(void *arg)
{
    int fd = (int)(intptr_t)arg;
    char type, body[8192], text[200] = "";
    bool open = shake_hands(fd);
    while (open && read_all(fd, &type, 1)) {
        uint32_t length = read_number(fd);
        if (length < 4 || length > sizeof body || !read_all(fd, body, length - 4) || type == 'X')
            break;
        if (type == 'P') {
            if (hang_ups > 0) {
                hang_ups--;
                break;
            }
            snprintf(text, sizeof text, "%s", body + strlen(body) + 1);
            say(fd, '1', NULL, 0);
        } else if (type == 'B') {
            say(fd, '2', NULL, 0);
        } else if (type == 'D') {
            say(fd, 'n', NULL, 0);
        } else if (type == 'E') {
            open = execute(fd, text);
        } else if (type == 'S') {
            SAY(fd, 'Z', "I");
        }
    }
    close(fd);
    return NULL;
}

static void *listen_to(void *arg)
{
    int fd, from = (int)(intptr_t)arg;
    while ((fd = accept(from, NULL, NULL)) >= 0) {
        pthread_t one;
        pthread_create(&one, NULL, serve, (void *)(intptr_t)fd);
        pthread_detach(one);
    }
    return NULL;
}

/* A port that nobody has: bound, and not yet listened on. */
static int bind_port(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert(fd >= 0 && !bind(fd, (struct sockaddr *)&at, sizeof at) &&
              !getsockname(fd, (struct sockaddr *)&at, &size));
    snprintf(url, sizeof url, "postgres://u:hunter2@127.0.0.1:%d/films?prepared=off",
             ntohs(at.sin_port));
    return fd;
}

static void listen_now(int fd)
{
    pthread_t server;
    ck_assert(!listen(fd, 64) && !pthread_create(&server, NULL, listen_to, (void *)(intptr_t)fd));
    pthread_detach(server);
}

static void start_server(int how)
{
    mode = how;
    listen_now(bind_port());
}

static void start(void)
{
    if (pg_module())
        ck_assert_ptr_nonnull(a = arena_new(0, 0));
}

static void stop(void)
{
    if (d)
        pg_module()->close(d);
    arena_free(a);
}
FIXTURE(start, stop)

static cinema_status read_one(int64_t deadline)
{
    db_statement s = pg_sql("SELECT 1");
    db_rows rows;
    return pg_module()->read(d, &s, 1, deadline, a, &rows, &err);
}

static cinema_status write_one(int64_t deadline)
{
    db_statement s = pg_sql("UPDATE film SET year = 1949");
    db_tx *tx;
    cinema_status status = pg_module()->begin(d, 0, deadline, &tx, &err);
    if (status)
        return status;
    if ((status = pg_module()->run(tx, &s, NULL, NULL, &err))) {
        pg_module()->rollback(tx);
        return status;
    }
    return pg_module()->commit(tx, &err);
}

/* ---- tests ----------------------------------------------------------------------------------- */

TEST(opening_makes_no_connection)
{
    NEED_MODULE;
    start_server(GOOD);
    OK(pg_test_open(url, NULL, 2, &d, &err));
    usleep(50000);
    ck_assert_int_eq(connections, 0);
    OK(read_one(in_ms(HANG_MS)));
    ck_assert_int_eq(connections, 1);
    OK(read_one(in_ms(HANG_MS)));
    ck_assert_int_eq(connections, 1); /* the same */
}

TEST(a_closed_port_is_unavailable_within_the_deadline)
{
    NEED_MODULE;
    bind_port();
    OK(pg_test_open(url, NULL, 2, &d, &err));
    int64_t before = clock_monotonic_ms();
    GIVES(CINEMA_UNAVAILABLE, read_one(in_ms(2000)));
    ck_assert_str_eq(err.reason, "unavailable");
    ck_assert_int_lt(clock_monotonic_ms() - before, HANG_MS);
    ck_assert_int_ge(driver_heard("no connection"), 2); /* it was tried again */
    ck_assert_int_eq(driver_heard("hunter2"), 0);
    GIVES(CINEMA_UNAVAILABLE, write_one(in_ms(2000)));
}

static void *listen_later(void *fd)
{
    usleep(400000);
    listen_now((int)(intptr_t)fd);
    return NULL;
}

TEST(a_database_that_wakes_up_late_is_waited_for)
{
    NEED_MODULE;
    pthread_t later;
    mode = GOOD;
    not_yet = 2; /* then it still starts for a while */
    ck_assert(!pthread_create(&later, NULL, listen_later, (void *)(intptr_t)bind_port()));
    OK(pg_test_open(url, NULL, 2, &d, &err));
    OK(read_one(in_ms(HANG_MS)));
    OK(write_one(in_ms(HANG_MS)));
    pthread_join(later, NULL);
}

TEST(a_black_hole_times_out)
{
    NEED_MODULE;
    ck_assert(!listen(bind_port(), 8)); /* connects, and then nothing */
    OK(pg_test_open(url, NULL, 2, &d, &err));
    int64_t before = clock_monotonic_ms();
    GIVES(CINEMA_TIMEOUT, read_one(in_ms(300)));
    GIVES(CINEMA_TIMEOUT, write_one(in_ms(300)));
    ck_assert_int_ge(clock_monotonic_ms() - before, 590);
    ck_assert_int_lt(clock_monotonic_ms() - before, HANG_MS);
}

TEST(connect_timeout_of_the_url_limits_one_attempt)
{
    NEED_MODULE;
    ck_assert(!listen(bind_port(), 8));
    snprintf(url + strlen(url), sizeof url - strlen(url), "&connect_timeout=1");
    OK(pg_test_open(url, NULL, 2, &d, &err));
    GIVES(CINEMA_TIMEOUT, read_one(in_ms(1500)));
}

TEST(a_server_that_freezes_holds_nobody_beyond_the_deadline)
{
    NEED_MODULE;
    start_server(FREEZES);
    OK(pg_test_open(url, NULL, 2, &d, &err));
    int64_t before = clock_monotonic_ms();
    GIVES(CINEMA_TIMEOUT, read_one(in_ms(300)));
    ck_assert_int_lt(clock_monotonic_ms() - before, HANG_MS); /* not even by cancelling */
    ck_assert_int_eq(cancels, 0);
}

TEST(a_dead_pooled_connection_is_replaced_in_silence)
{
    NEED_MODULE;
    start_server(GOOD);
    OK(pg_test_open(url, NULL, 1, &d, &err));
    OK(read_one(in_ms(HANG_MS)));
    hang_ups = 1;
    OK(read_one(in_ms(HANG_MS)));
    ck_assert_int_eq(connections, 2);
    hang_ups = 1;
    OK(write_one(in_ms(HANG_MS)));
    ck_assert_int_eq(connections, 3);
    ck_assert_int_eq(commits, 1);
}

TEST(connections_that_keep_dying_are_unavailable)
{
    NEED_MODULE;
    start_server(GOOD);
    hang_ups = 1000;
    OK(pg_test_open(url, NULL, 1, &d, &err));
    GIVES(CINEMA_UNAVAILABLE, read_one(in_ms(2000)));
    ck_assert_int_le(connections, 10); /* with growing pauses */
}

TEST(a_connection_lost_at_commit_leaves_the_outcome_unknown)
{
    NEED_MODULE;
    start_server(DIES_AT_COMMIT);
    OK(pg_test_open(url, NULL, 2, &d, &err));
    GIVES(CINEMA_UNAVAILABLE, write_one(in_ms(HANG_MS)));
    ck_assert_str_eq(err.reason, "commit_unknown");
    ck_assert_int_eq(commits, 1); /* not sent again */
    mode = GOOD;
    OK(write_one(in_ms(HANG_MS)));
}

TEST(a_commit_without_an_answer_times_out_unknown)
{
    NEED_MODULE;
    start_server(SLOW_COMMIT);
    OK(pg_test_open(url, NULL, 2, &d, &err));
    GIVES(CINEMA_TIMEOUT, write_one(in_ms(3000)));
    ck_assert_str_eq(err.reason, "commit_unknown");
    ck_assert_int_eq(commits, 1);
    ck_assert_int_eq(cancels, 0); /* it may be as good as done */
}

/* An error without a code is what libpq makes when it has no memory for an answer. */
TEST_EACH(a_commit_whose_answer_does_not_tell_is_unknown, 2)
{
    NEED_MODULE;
    start_server(_i ? COMMIT_LOST : COMMIT_GARBLED);
    OK(pg_test_open(url, NULL, 1, &d, &err));
    GIVES(CINEMA_UNAVAILABLE, write_one(in_ms(HANG_MS)));
    ck_assert_str_eq(err.reason, "commit_unknown");
    ck_assert_int_eq(commits, 1);
}

TEST(a_connection_that_was_not_understood_is_replaced)
{
    NEED_MODULE;
    start_server(GOOD);
    garbled = 1;
    OK(pg_test_open(url, NULL, 1, &d, &err));
    OK(read_one(in_ms(HANG_MS)));
    ck_assert_int_eq(connections, 2);
}

TEST(a_commit_answered_with_rollback_has_failed)
{
    NEED_MODULE;
    start_server(COMMIT_IS_ROLLBACK);
    OK(pg_test_open(url, NULL, 2, &d, &err));
    GIVES(CINEMA_UNAVAILABLE, write_one(in_ms(HANG_MS)));
    ck_assert_str_eq(err.reason, "rolled_back");
}

TEST(a_commit_that_fails_says_why)
{
    NEED_MODULE;
    start_server(COMMIT_FAILS);
    OK(pg_test_open(url, NULL, 2, &d, &err));
    GIVES(CINEMA_UNAVAILABLE, write_one(in_ms(HANG_MS)));
    ck_assert_str_eq(err.reason, "serialization");
    ck_assert_int_eq(connections, 1);
    mode = GOOD;
    OK(write_one(in_ms(HANG_MS)));
    ck_assert_int_eq(connections, 1); /* a connection is not lost by it */
}

TEST(a_deadline_before_commit_means_nothing_was_stored)
{
    NEED_MODULE;
    db_statement s = pg_sql("UPDATE film SET year = 1949");
    db_tx *tx;
    start_server(GOOD);
    OK(pg_test_open(url, NULL, 2, &d, &err));
    OK(pg_module()->begin(d, 0, in_ms(1000), &tx, &err));
    OK(pg_module()->run(tx, &s, NULL, NULL, &err));
    sleep(1);
    GIVES(CINEMA_TIMEOUT, pg_module()->commit(tx, &err));
    ck_assert_str_eq(err.reason, "timeout");
    ck_assert_int_eq(commits, 0);
}

TEST(an_empty_transaction_costs_no_round_trip)
{
    NEED_MODULE;
    db_tx *tx;
    start_server(GOOD);
    OK(pg_test_open(url, NULL, 2, &d, &err));
    OK(pg_module()->begin(d, 0, in_ms(HANG_MS), &tx, &err));
    OK(pg_module()->commit(tx, &err));
    OK(pg_module()->begin(d, 0, in_ms(HANG_MS), &tx, &err));
    pg_module()->rollback(tx);
    ck_assert_int_eq(commits, 0);
    pg_module()->rollback(NULL);
}

TEST(a_bad_url_does_not_open)
{
    NEED_MODULE;
    GIVES(CINEMA_INVALID, pg_test_open("postgres://u:hunter2@a,b/c", NULL, 0, &d, &err));
    ck_assert_str_eq(err.field, "CINEMA_DATABASE_URL");
    GIVES(CINEMA_INVALID,
          pg_test_open("postgres://localhost/c", "postgres://u:x@h:y/c", 0, &d, &err));
    ck_assert_str_eq(err.field, "CINEMA_DATABASE_DIRECT_URL");
    GIVES(CINEMA_INVALID, pg_test_open("postgres://u:hunter2@a,b/c", NULL, 0, &d, NULL));
    ck_assert_ptr_null(d);
    pg_module()->close(NULL);
}
