/* kv_help.h - what the tests of the key-value port share: a store on whatever driver the tests are
 * run with (memory, or the Redis of CINEMA_TEST_KV_URL), and steps in one line.
 */
#ifndef TEST_PORT_KV_HELP_H
#define TEST_PORT_KV_HELP_H

#include "base/clock.h"
#include "port/kv/kv.h"
#include "support/driver.h"
#include "test.h"

extern _Thread_local cinema_error kv_err;
extern kv *k;

enum { KV_PATIENCE_MS = 20000, LONG_MS = 60000 };

/* Before and after each test: an empty store, opened. */
void kv_start(void);
void kv_stop(void);
bool kv_on_redis(void);
/* Another handle on it (memory: a store of its own). */
kv *kv_another(void);

/* The Redis driver; NULL: its module was not built. */
const kv_driver *kv_redis_module(void);
/* Opens a Redis, whose log goes to driver_hear. */
cinema_status kv_open_redis(const char *url, unsigned connections, kv **ret);

/* One step, as rooms run it; its outcome, or the step itself where it has to work. */
cinema_status kv_try(kv *on, kv_step *step, int64_t ms);
kv_step kv_do(kv_step step);
/* The value, as text that lives until the next call on this thread; NULL: none. */
const char *kv_text(kv_step step);

void kv_sleep(int64_t ms);
/* fn(i) on `count` threads at once; what they return is added up. */
int64_t kv_together(int count, int64_t (*fn)(int i));

#define kv_set_text(key, text, ms) kv_set((key), (text), strlen(text), (ms))
#define kv_set_new_text(key, text, ms) kv_set_new((key), (text), strlen(text), (ms))
#define kv_read(key) kv_text(kv_get((key), NULL, 0))

#endif
