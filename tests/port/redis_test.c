/* redis_test.c - what happens to the Redis driver when Redis is stopped, restarted, hangs, refuses,
 * or is no Redis at all. Each test has a Redis of its own.
 */
#include "port/redis_help.h"

#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define WORKS(call) ck_assert_msg(!(call), "%s: %s", #call, kv_err.message)

static rig r;
static kv *on;

static cinema_status get(int64_t ms)
{
    static char to[64];
    kv_step step = kv_get("film", to, sizeof to);
    return kv_try(on, &step, ms);
}

static cinema_status set(void)
{
    kv_step step = kv_set_text("film", "Ran", LONG_MS);
    return kv_try(on, &step, KV_PATIENCE_MS);
}

static cinema_status limit(void)
{
    kv_step step = kv_limit("address", 5, LONG_MS, 1);
    return kv_try(on, &step, KV_PATIENCE_MS);
}

static void open_at(const char *url, unsigned connections)
{
    ck_assert_msg(!kv_open_redis(url, connections, &on), "%s", kv_err.message);
}

/* As programs do: again and again, until it works. */
static void is_back_soon(void)
{
    int64_t until = clock_monotonic_ms() + HANG_MS;
    while (set())
        ck_assert_msg(clock_monotonic_ms() < until, "not back: %s", kv_err.message);
}

static void end(void)
{
    on->driver->close(on);
    rig_end(&r);
}

/* The same port, so the same URL. */
static void restart(void)
{
    char settings[64];
    snprintf(settings, sizeof settings, "PORT=%d", r.port);
    rig_end(&r);
    ck_assert_msg(rig_begin(&r, "redis.sh", settings), "%s", r.why);
}

/* ---- away ------------------------------------------------------------------------------------ */

TEST(where_nobody_listens_is_told_at_once)
{
    if (!kv_redis_module())
        SKIP("there is no module cinema-redis.so");
    int64_t begun = clock_monotonic_ms();
    open_at("redis://:secret@127.0.0.1:1", 0);
    GIVES(CINEMA_UNAVAILABLE, get(2 * HANG_MS));
    GIVES(CINEMA_UNAVAILABLE, get(2 * HANG_MS));
    ck_assert_int_lt(clock_monotonic_ms() - begun, HANG_MS);
    ck_assert_int_eq(driver_heard("redis 127.0.0.1:1: "), 1);
    ck_assert_int_eq(driver_heard("secret"), 0);
    on->driver->close(on);
}

TEST(a_redis_that_was_stopped_is_found_again)
{
    NEED_REDIS(&r, "");
    open_at(r.url, 0);
    WORKS(set());
    rig_end(&r);
    GIVES(CINEMA_UNAVAILABLE, set());
    GIVES(CINEMA_UNAVAILABLE, set());
    char settings[64];
    snprintf(settings, sizeof settings, "PORT=%d", r.port);
    ck_assert_msg(rig_begin(&r, "redis.sh", settings), "%s", r.why);
    is_back_soon();
    WORKS(get(KV_PATIENCE_MS));
    WORKS(limit());
    ck_assert_int_eq(driver_heard("Redis is away"), 1);
    ck_assert_int_eq(driver_heard("is back"), 1);
    end();
}

TEST(a_restart_between_calls_goes_unnoticed)
{
    NEED_REDIS(&r, "");
    open_at(r.url, 0);
    for (int i = 0; i < 3; i++) {
        WORKS(limit()); /* its scripts are forgotten each time */
        WORKS(set());
        restart();
    }
    WORKS(limit());
    ck_assert_int_eq(driver_heard("away"), 0);
    end();
}

static int64_t keep_asking(int i)
{
    int64_t wrong = 0;
    char key[32], to[32];
    for (int n = 0; n < 400; n++) {
        snprintf(key, sizeof key, "key %d %d", i, n);
        kv_step set_key = kv_set_text(key, key, LONG_MS), get_key = kv_get(key, to, sizeof to);
        if (kv_try(on, &set_key, 500) || kv_try(on, &get_key, 500))
            kv_sleep(5);
        else if (get_key.hit)
            wrong += get_key.length != strlen(key) || memcmp(to, key, get_key.length) != 0;
    }
    return wrong;
}

static void *disturb(void *unused)
{
    for (int i = 0; i < 5; i++) {
        kv_sleep(100);
        kill(r.server, SIGSTOP);
        kv_sleep(700);
        kill(r.server, SIGCONT);
    }
    return unused;
}

TEST(nobody_gets_anothers_answer_while_redis_stutters)
{
    pthread_t thread;
    NEED_REDIS(&r, "");
    open_at(r.url, 3);
    ck_assert(!pthread_create(&thread, NULL, disturb, NULL));
    ck_assert_int_eq(kv_together(8, keep_asking), 0);
    pthread_join(thread, NULL);
    is_back_soon();
    end();
}

/* ---- slow ------------------------------------------------------------------------------------ */

TEST(a_redis_that_hangs_costs_one_call_its_deadline)
{
    NEED_REDIS(&r, "");
    open_at(r.url, 0);
    WORKS(set());
    kill(r.server, SIGSTOP);
    int64_t begun = clock_monotonic_ms();
    GIVES(CINEMA_TIMEOUT, get(400));
    int64_t took = clock_monotonic_ms() - begun;
    ck_assert_int_ge(took, 395);
    ck_assert_int_lt(took, HANG_MS);
    int quick = 0; /* now and then one tries whether it is back, nobody else waits */
    for (int i = 0; i < 20; i++)
        quick += get(400) == CINEMA_UNAVAILABLE;
    ck_assert_int_ge(quick, 10);
    kill(r.server, SIGCONT);
    is_back_soon();
    end();
}

TEST(connecting_to_a_redis_that_hangs_ends_in_time)
{
    NEED_REDIS(&r, "MODE=tls");
    open_at(r.url, 0);
    kill(r.server, SIGSTOP);
    int64_t begun = clock_monotonic_ms();
    GIVES(CINEMA_TIMEOUT, get(400));
    ck_assert_int_lt(clock_monotonic_ms() - begun, HANG_MS);
    kill(r.server, SIGCONT);
    is_back_soon();
    end();
}

TEST(a_caller_without_time_is_told_and_harms_nobody)
{
    NEED_REDIS(&r, "");
    open_at(r.url, 0);
    WORKS(set());
    GIVES(CINEMA_TIMEOUT, get(0));
    GIVES(CINEMA_TIMEOUT, get(-5));
    WORKS(get(KV_PATIENCE_MS));
    ck_assert_int_eq(driver_heard("away"), 0);
    end();
}

TEST(a_caller_in_a_hurry_does_not_say_that_it_is_back)
{
    NEED_REDIS(&r, "");
    open_at(r.url, 0);
    kill(r.server, SIGSTOP);
    GIVES(CINEMA_TIMEOUT, get(20)); /* too short to say anything */
    GIVES(CINEMA_TIMEOUT, get(400));
    for (int i = 0; i < 20; i++) {
        ck_assert_int_ne(get(20), CINEMA_OK);
        kv_sleep(20);
    }
    ck_assert_int_eq(driver_heard("is back"), 0);
    kill(r.server, SIGCONT);
    is_back_soon();
    ck_assert_int_eq(driver_heard("is back"), 1);
    end();
}

static int64_t many_gets(int i)
{
    int64_t failed = 0;
    (void)i;
    for (int n = 0; n < 50; n++)
        failed += get(KV_PATIENCE_MS) != CINEMA_OK;
    return failed;
}

TEST(many_threads_share_one_connection)
{
    NEED_REDIS(&r, "");
    open_at(r.url, 1);
    ck_assert_int_eq(kv_together(16, many_gets), 0);
    end();
}

/* ---- refused --------------------------------------------------------------------------------- */

/* `url` with its login, host or parameters changed, from the parts given. */
static void other_url(char *to, size_t size, const char *login, const char *host, bool ca)
{
    const char *query = strchr(r.url, '?');
    snprintf(to, size, "rediss://%s@%s:%d/0%s", login, host, r.port, ca ? query : "");
}

static void is_refused(const char *url, const char *why)
{
    int before = driver_heard(why);
    open_at(url, 0);
    GIVES(CINEMA_UNAVAILABLE, get(5000));
    ck_assert_msg(strstr(kv_err.message, why) != NULL, "%s", kv_err.message);
    ck_assert_int_eq(driver_heard(why), before + 1);
    on->driver->close(on);
}

TEST(a_wrong_password_is_refused_and_not_told)
{
    char url[600];
    NEED_REDIS(&r, "MODE=tls");
    other_url(url, sizeof url, "cinema:hush-hush", "localhost", true);
    is_refused(url, "WRONGPASS");
    other_url(url, sizeof url, "nobody:hush-hush", "127.0.0.1", true);
    is_refused(url, "WRONGPASS");
    ck_assert_int_eq(driver_heard("hush"), 0);
    rig_end(&r);
}

TEST(a_password_that_nobody_asked_for_is_refused)
{
    char url[600];
    NEED_REDIS(&r, "");
    snprintf(url, sizeof url, "redis://:hush-hush@127.0.0.1:%d", r.port);
    is_refused(url, "AUTH");
    snprintf(url, sizeof url, "redis://127.0.0.1:%d/99", r.port);
    is_refused(url, "DB index");
    ck_assert_int_eq(driver_heard("hush"), 0);
    rig_end(&r);
}

TEST(a_certificate_of_nobody_known_is_refused)
{
    char url[600];
    NEED_REDIS(&r, "MODE=tls");
    other_url(url, sizeof url, "cinema:cinema-pw", "localhost", false);
    is_refused(url, "self-signed certificate");
    rig_end(&r);
}

TEST(a_certificate_for_another_name_is_refused)
{
    char url[600];
    NEED_REDIS(&r, "MODE=tls NAMES=DNS:redis.example,IP:127.0.0.9");
    other_url(url, sizeof url, "cinema:cinema-pw", "localhost", true);
    is_refused(url, "hostname mismatch");
    other_url(url, sizeof url, "cinema:cinema-pw", "127.0.0.1", true);
    is_refused(url, "IP address mismatch");
    rig_end(&r);
}

TEST(plain_and_tls_are_not_mixed_up)
{
    char url[600];
    NEED_REDIS(&r, "");
    snprintf(url, sizeof url, "rediss://127.0.0.1:%d", r.port);
    open_at(url, 0);
    GIVES(CINEMA_TIMEOUT, get(500)); /* a Redis waits for the end of what it takes for a command */
    ck_assert_int_eq(driver_heard("is there TLS?"), 1);
    end();
    NEED_REDIS(&r, "MODE=tls");
    snprintf(url, sizeof url, "redis://127.0.0.1:%d", r.port);
    is_refused(url, "Redis is away");
    rig_end(&r);
}

TEST(rights_that_are_missing_make_it_unavailable)
{
    char url[600];
    NEED_REDIS(&r, "MODE=tls REDIS_EXTRA='--user poor on >pw ~* -@all +get +evalsha +eval'");
    other_url(url, sizeof url, "poor:pw", "localhost", true);
    open_at(url, 0);
    WORKS(get(5000));
    GIVES(CINEMA_UNAVAILABLE, set());
    GIVES(CINEMA_UNAVAILABLE, limit());
    WORKS(get(5000)); /* what it may do goes on */
    end();
}

TEST(a_full_redis_makes_writing_unavailable)
{
    NEED_REDIS(&r, "REDIS_EXTRA='--maxmemory 1'");
    open_at(r.url, 0);
    GIVES(CINEMA_UNAVAILABLE, set());
    GIVES(CINEMA_UNAVAILABLE, limit());
    WORKS(get(5000));
    ck_assert_int_eq(driver_heard("away"), 0);
    end();
}

/* ---- no Redis at all ------------------------------------------------------------------------- */

typedef struct peer {
    int listener;
    const char *first, *rest; /* to the greeting, and to each later read */
    size_t flood;             /* so many more bytes of `rest` */
} peer;

static void *pretend(void *peer_)
{
    const peer *p = peer_;
    char bytes[4096];
    int fd = accept(p->listener, NULL, NULL);
    const char *say = p->first;
    while (say && recv(fd, bytes, sizeof bytes, 0) > 0) {
        send(fd, say, strlen(say), MSG_NOSIGNAL);
        for (size_t n = 0; say == p->rest && n < p->flood; n += strlen(say))
            if (send(fd, say, strlen(say), MSG_NOSIGNAL) < 0)
                break;
        say = p->rest;
    }
    close(fd);
    return NULL;
}

static int listen_somewhere(int *port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert(!bind(fd, (struct sockaddr *)&a, sizeof a) && !listen(fd, 8));
    getsockname(fd, (struct sockaddr *)&a, &size);
    *port = ntohs(a.sin_port);
    return fd;
}

static const struct {
    const char *first, *rest;
    size_t flood;
    cinema_status status;
} strangers[] = {
    { NULL, NULL, 0, CINEMA_UNAVAILABLE }, /* hangs up */
    { "HTTP/1.1 400 Bad Request\r\n\r\n", "", 0, CINEMA_UNAVAILABLE },
    { "\x15\x03\x01\x00\x02\x02\x46", "", 0, CINEMA_UNAVAILABLE },
    { "*1000000000\r\n", "", 0, CINEMA_UNAVAILABLE },
    { "+PONG\r\n", "*-1\r\n", 0, CINEMA_UNAVAILABLE },
    { "+PONG\r\n", ":1\r\n", 0, CINEMA_UNAVAILABLE },
    { "+PONG\r\n", "+OK\r\n", 0, CINEMA_UNAVAILABLE },
    { "+PONG\r\n", "$x\r\n", 0, CINEMA_UNAVAILABLE },
    { "+PONG\r\n", "$-2\r\n", 0, CINEMA_UNAVAILABLE },
    { "+PONG\r\n", "_\r\n", 0, CINEMA_UNAVAILABLE },
    { "+PONG\r\n", "$4000000000\r\n", 0, CINEMA_TIMEOUT },
    { "+PONG\r\n", "$3\r\nRa", 0, CINEMA_TIMEOUT },
    { "+PONG\r\n", "+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 3 << 20,
      CINEMA_UNAVAILABLE },
    { "", "", 0, CINEMA_TIMEOUT },
};

TEST_EACH(what_is_no_redis_is_not_believed, (int)COUNT_OF(strangers))
{
    char url[64];
    int port;
    pthread_t thread;
    peer p = { .first = strangers[_i].first,
               .rest = strangers[_i].rest,
               .flood = strangers[_i].flood };
    if (!kv_redis_module())
        SKIP("there is no module cinema-redis.so");
    p.listener = listen_somewhere(&port);
    ck_assert(!pthread_create(&thread, NULL, pretend, &p));
    snprintf(url, sizeof url, "redis://127.0.0.1:%d", port);
    open_at(url, 1);
    int64_t ms = strangers[_i].status == CINEMA_TIMEOUT ? 300 : 5000;
    cinema_status s = get(ms);
    ck_assert_msg(s == strangers[_i].status, "%d: %s", (int)s, kv_err.message);
    GIVES(CINEMA_UNAVAILABLE, get(ms)); /* and not asked again at once */
    on->driver->close(on);
    pthread_join(thread, NULL);
    close(p.listener);
}
