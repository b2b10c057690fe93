/* kv_help.c - what the tests of the key-value port share.
 */
#include "port/kv_help.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

_Thread_local cinema_error kv_err;
kv *k;

const kv_driver *kv_redis_module(void)
{
    static const kv_driver *driver;
    if (!driver)
        driver = driver_module("redis", KV_DRIVER_SYMBOL);
    return driver;
}

cinema_status kv_open_redis(const char *url, unsigned connections, kv **ret)
{
    const kv_options o = { .url = url, .connections = connections, .log = driver_hear };
    return kv_redis_module()->open(&o, ret, &kv_err);
}

static const char *test_url(void)
{
    const char *url = getenv("CINEMA_TEST_KV_URL");
    return url && *url ? url : NULL;
}

bool kv_on_redis(void)
{
    return test_url() != NULL;
}

/* Each test has names of its own, so that nobody's store has to be emptied. */
kv *kv_another(void)
{
    char url[2048];
    kv *another = NULL;
    cinema_error err = { 0 };
    if (!test_url()) {
        OK(cinema__kv_memory.open(&(kv_options){ 0 }, &another, &err));
        return another;
    }
    snprintf(url, sizeof url, "%s%cprefix=test-%d:", test_url(),
             strchr(test_url(), '?') ? '&' : '?', (int)getpid());
    ck_assert_msg(kv_redis_module() != NULL, "there is no module cinema-redis.so");
    ck_assert_msg(!kv_open_redis(url, 0, &another), "%s", kv_err.message);
    return another;
}

void kv_start(void)
{
    k = kv_another();
}

void kv_stop(void)
{
    k->driver->close(k);
}

cinema_status kv_try(kv *on, kv_step *step, int64_t ms)
{
    cinema_status s = kv_check(step, 1, &kv_err);
    return s ? s : on->driver->run(on, step, 1, clock_monotonic_ms() + ms, &kv_err);
}

kv_step kv_do(kv_step step)
{
    cinema_status s = kv_try(k, &step, KV_PATIENCE_MS);
    ck_assert_msg(!s, "%s: %s", step.key, kv_err.message);
    return step;
}

const char *kv_text(kv_step step)
{
    static _Thread_local char text[KV_VALUE_MAX + 1];
    step.to = text;
    step.room = KV_VALUE_MAX;
    step = kv_do(step);
    text[step.hit ? step.length : 0] = '\0';
    return step.hit ? text : NULL;
}

void kv_sleep(int64_t ms)
{
    poll(NULL, 0, (int)ms);
}

/* ---- threads --------------------------------------------------------------------------------- */

typedef struct task {
    pthread_t thread;
    int i;
    int64_t (*fn)(int i);
    int64_t result;
} task;

static void *work(void *task_)
{
    task *t = task_;
    t->result = t->fn(t->i);
    return NULL;
}

int64_t kv_together(int count, int64_t (*fn)(int i))
{
    task tasks[32];
    int64_t sum = 0;
    ck_assert_int_le(count, (int)COUNT_OF(tasks));
    for (int i = 0; i < count; i++) {
        tasks[i] = (task){ .i = i, .fn = fn };
        ck_assert(!pthread_create(&tasks[i].thread, NULL, work, &tasks[i]));
    }
    for (int i = 0; i < count; i++) {
        pthread_join(tasks[i].thread, NULL);
        sum += tasks[i].result;
    }
    return sum;
}
