/* memory_test.c - what is about the memory driver alone: its clock, its bound, and the handle's two
 * places; mirrors lib/port/kv/memory.c, memory_table.c and kv.c.
 */
#include "base/handle.h"
#include "port/kv_help.h"

#include <cinema/cinema.h>

#include <stdio.h>

static _Atomic(int64_t) now = 1000;

static int64_t settable(void *clock)
{
    (void)clock;
    return atomic_load(&now);
}

static void start(void)
{
    const kv_options o = { .now_ms = settable, .bytes = 4 << 20 };
    cinema_error err = { 0 };
    OK(cinema__kv_memory.open(&o, &k, &err));
}

FIXTURE(start, kv_stop)

/* ---- the clock ------------------------------------------------------------------------------- */

TEST(an_entry_ends_to_the_millisecond)
{
    kv_do(kv_set_text("film", "Ran", 500));
    now += 499;
    ck_assert_str_eq(kv_read("film"), "Ran");
    now += 1;
    ck_assert_ptr_null(kv_read("film"));
}

TEST(a_limit_gives_one_back_at_a_time)
{
    ck_assert(kv_do(kv_limit("a", 20, 900000, 20)).hit);
    kv_step no = kv_do(kv_limit("a", 20, 900000, 1));
    ck_assert_int_eq(no.retry_ms, 45000);
    ck_assert_int_eq(no.reset_ms, 900000);
    now += 44999;
    ck_assert(!kv_do(kv_limit("a", 20, 900000, 1)).hit);
    now += 1;
    ck_assert(kv_do(kv_limit("a", 20, 900000, 1)).hit);
    ck_assert(!kv_do(kv_limit("a", 20, 900000, 1)).hit);
    now += 10 * 45000;
    ck_assert_int_eq(kv_do(kv_limit("a", 20, 900000, 0)).left, 10);
}

TEST(over_many_windows_the_rate_is_kept)
{
    int64_t allowed = 0;
    for (int i = 0; i < 100000; i++) {
        now += 1 + i % 3;
        allowed += kv_do(kv_limit("a", 7, 1000, 1)).hit;
    }
    ck_assert_int_ge(allowed, 7 * 199);
    ck_assert_int_le(allowed, 7 * 200 + 8);
}

/* ---- the bound ------------------------------------------------------------------------------- */

static bool is_there(int i)
{
    char key[32];
    snprintf(key, sizeof key, "key %d", i);
    return kv_do(kv_get(key, (char[1024]){ 0 }, 1024)).hit;
}

static void fill(int from, int to, int64_t ttl_ms)
{
    char key[32];
    static const char value[1000];
    for (int i = from; i < to; i++) {
        snprintf(key, sizeof key, "key %d", i);
        kv_do(kv_set(key, value, sizeof value, ttl_ms));
    }
}

TEST(what_was_not_used_for_longest_goes_first)
{
    int here = 0;
    fill(0, 1000, LONG_MS);
    for (int i = 1000; i < 20000; i++) {
        fill(i, i + 1, LONG_MS);
        if (i % 500 == 0) /* one that is used stays */
            ck_assert(is_there(7));
    }
    ck_assert(is_there(7));
    ck_assert(!is_there(8));
    ck_assert(is_there(19999));
    for (int i = 0; i < 20000; i++)
        here += is_there(i);
    ck_assert_int_gt(here, 3000); /* 4 MiB of a kilobyte each */
    ck_assert_int_lt(here, 4194);
}

TEST(what_has_ended_makes_room_before_it_is_looked_for)
{
    fill(0, 2000, 10);
    now += 10;
    fill(2000, 5000, LONG_MS);
    for (int i = 2000; i < 5000; i++)
        ck_assert_msg(is_there(i), "%d", i);
}

TEST(the_largest_value_has_room)
{
    static const char value[KV_VALUE_MAX];
    static char to[KV_VALUE_MAX];
    char key[32];
    for (int i = 0; i < 200; i++) {
        snprintf(key, sizeof key, "large %d", i);
        kv_do(kv_set(key, value, sizeof value, LONG_MS));
        ck_assert(kv_do(kv_get(key, to, sizeof to)).hit);
    }
}

static int64_t churn(int i)
{
    char key[32];
    unsigned seed = (unsigned)i * 7919u + 1;
    for (int n = 0; n < 3000; n++) {
        seed = seed * 1664525u + 1013904223u;
        snprintf(key, sizeof key, "%u", (seed >> 16) % 500);
        switch (seed >> 8 & 7) {
        case 0:
            kv_do(kv_delete(key));
            break;
        case 1:
            kv_text(kv_take(key, NULL, 0));
            break;
        case 2:
            now += 1;
            kv_do(kv_set_new(key, key, strlen(key), 20));
            break;
        default:
            kv_do(kv_set(key, key, (seed >> 4) % 2 ? strlen(key) : 0, 50));
            kv_read(key);
        }
    }
    return 0;
}

TEST(threads_get_in_nobodys_way)
{
    kv_together(8, churn);
}

/* ---- the handle's two places ----------------------------------------------------------------- */

static void silent(cinema_log_level level, const char *line, void *user)
{
    (void)level;
    if (strstr(line, "counts limits by itself"))
        ++*(int *)user;
}

static cinema *open_with(const char *redis)
{
    char folder[256], url[300], service[300];
    cinema *c = NULL;
    cinema_error err = { 0 };
    const char *settings[] = { url, service };
    test_folder(folder, sizeof folder);
    snprintf(url, sizeof url, "CINEMA_DATABASE_URL=sqlite:%s/cinema.db", folder);
    snprintf(service, sizeof service, "CINEMA_REDIS_URL=%s", redis ? redis : "");
    cinema_options o = { settings, 2 };
    OK(cinema_open_with(&o, &c, &err));
    return c;
}

TEST(without_a_service_both_places_are_one)
{
    cinema *c = open_with(NULL);
    char to[8];
    kv_step set = kv_set_text("film", "Ran", LONG_MS), get = kv_get("film", to, sizeof to);
    cinema_error err;
    OK(kv_run(c, KV_SHARED, &set, 1, &err));
    OK(kv_run(c, KV_LOCAL, &get, 1, &err));
    ck_assert(get.hit);
    ck_assert(!kv_is_shared(c));
    set.ttl_ms = 0;
    GIVES(CINEMA_INVALID, kv_run(c, KV_LOCAL, &set, 1, &err));
    GIVES(CINEMA_INVALID, kv_run_or_local(c, &set, 1, &err));
    cinema_close(c);
}

TEST(a_handle_has_its_own_clock)
{
    cinema *c = open_with(NULL);
    kv_step limit = kv_limit("a", 1, 1000, 1);
    cinema_error err;
    c->wall_ms = settable;
    OK(kv_run_or_local(c, &limit, 1, &err));
    ck_assert(limit.hit);
    OK(kv_run_or_local(c, &limit, 1, &err));
    ck_assert_int_eq(limit.retry_ms, 1000);
    now += 1000;
    OK(kv_run_or_local(c, &limit, 1, &err));
    ck_assert(limit.hit);
    cinema_close(c);
}

TEST(limits_are_counted_here_while_the_service_is_away)
{
    if (!kv_redis_module())
        SKIP("there is no module cinema-redis.so");
    int told = 0, allowed = 0;
    cinema_error err;
    cinema *c = open_with("redis://127.0.0.1:1/0"); /* nobody listens there */
    cinema_set_log(c, silent, &told);
    ck_assert(kv_is_shared(c));
    kv_step get = kv_get("film", NULL, 0);
    GIVES(CINEMA_UNAVAILABLE, kv_run(c, KV_SHARED, &get, 1, &err));
    for (int i = 0; i < 20; i++) {
        kv_step limit = kv_limit("a", 5, LONG_MS, 1);
        OK(kv_run_or_local(c, &limit, 1, &err));
        allowed += limit.hit;
    }
    ck_assert_int_eq(allowed, 5);
    ck_assert_int_eq(told, 1); /* not for each */
    cinema_close(c);
}

TEST(a_url_of_no_known_scheme_is_refused)
{
    const char *settings[] = { "CINEMA_REDIS_URL=memcached://localhost" };
    cinema_options o = { settings, 1 };
    cinema *c = NULL;
    cinema_error err;
    GIVES(CINEMA_UNSUPPORTED, cinema_open_with(&o, &c, &err));
    ck_assert_str_eq(err.field, "CINEMA_REDIS_URL");
}
