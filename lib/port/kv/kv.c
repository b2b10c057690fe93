/* kv.c - the key-value port's front: steps checked, the driver chosen, rooms served.
 */
#include "port/kv/kv.h"

#include "base/handle.h"
#include "base/module.h"

#include <assert.h>

/* A service that hangs costs a call this much, not all of its time. */
enum { PATIENCE_MS = 1500, LOG_EVERY_MS = 60000 };

/* ---- bounds ---------------------------------------------------------------------------------- */

static cinema_status out_of_bounds(cinema_error *err, const char *what)
{
    return fail(err, CINEMA_INVALID, "kv_bounds", NULL, "key-value port: %s is out of bounds",
                what);
}

static bool sets_end(kv_verb verb)
{
    return verb == KV_SET || verb == KV_SET_NEW || verb == KV_COUNT || verb == KV_LIMIT;
}

static bool count_fits(const kv_step *s)
{
    return s->number >= -KV_COUNT_MAX && s->number <= KV_COUNT_MAX;
}

/* A window in microseconds, and `count` of them in a moment of 53 bits: LIMIT's arithmetic. */
static bool limit_fits(const kv_step *s)
{
    return s->number >= 1 && s->number <= s->ttl_ms * 1000 && s->cost >= -s->number &&
           s->cost <= s->number;
}

static cinema_status check_step(const kv_step *s, cinema_error *err)
{
    size_t n = s->key ? strnlen(s->key, KV_KEY_MAX + 1) : 0;
    if (!n || n > KV_KEY_MAX)
        return out_of_bounds(err, "a key");
    if (sets_end(s->verb) && (s->ttl_ms < 1 || s->ttl_ms > KV_TTL_MAX_MS))
        return out_of_bounds(err, "a time to live");
    if (s->verb != KV_GET && s->verb != KV_TAKE && s->length > KV_VALUE_MAX)
        return out_of_bounds(err, "a value");
    if (s->verb == KV_COUNT && !count_fits(s))
        return out_of_bounds(err, "a number to add");
    if (s->verb == KV_LIMIT && !limit_fits(s))
        return out_of_bounds(err, "a limit or its cost");
    return CINEMA_OK;
}

cinema_status kv_check(const kv_step *steps, size_t count, cinema_error *err)
{
    cinema_status s =
        count && count <= KV_STEPS_MAX ? CINEMA_OK : out_of_bounds(err, "the number of steps");
    for (size_t i = 0; !s && i < count; i++)
        s = check_step(&steps[i], err);
    return s;
}

/* ---- drivers --------------------------------------------------------------------------------- */

/* In a static build the program names the driver by linking it. */
extern const kv_driver cinema_kv_driver __attribute__((weak));

static cinema_status driver_of(const char *url, const kv_driver **ret, cinema_error *err)
{
    static const char module[] = "cinema-redis.so";
    if (strncmp(url, "redis:", 6) != 0 && strncmp(url, "rediss:", 7) != 0)
        return fail(err, CINEMA_UNSUPPORTED, "no_driver", "CINEMA_REDIS_URL",
                    "CINEMA_REDIS_URL must begin with rediss:// or redis://");
    const kv_driver *d = &cinema_kv_driver;
    if (!d)
        d = module_symbol(module, KV_DRIVER_SYMBOL);
    if (!d || d->abi != KV_DRIVER_ABI)
        return fail(err, CINEMA_UNSUPPORTED, "no_driver", "CINEMA_REDIS_URL",
                    "the driver %s is not installed beside this libcinema%s", module,
                    d ? " in the same version" : "");
    *ret = d;
    return CINEMA_OK;
}

static void log_from_driver(void *user, cinema_log_level level, const char *line)
{
    log_line(user, level, "%s", line);
}

/* The handle's clock, where a test has given it one. */
static int64_t local_ms(void *handle)
{
    cinema *c = handle;
    return c->wall_ms ? c->wall_ms(c->seed) : clock_monotonic_ms();
}

cinema_status kv_open(cinema *c, cinema_error *err)
{
    const char *url = config_text(c->config, "CINEMA_REDIS_URL");
    const kv_driver *driver = NULL;
    kv_options options = { .now_ms = local_ms, .clock = c, .log = log_from_driver, .user = c };
    cinema_status s = cinema__kv_memory.open(&options, &c->kv_local, err);
    if (s || !url || (s = driver_of(url, &driver, err)))
        return s;
    options.url = url;
    return driver->open(&options, &c->kv_shared, err);
}

void kv_close(cinema *c)
{
    if (c->generation != cinema__generation()) /* a forked child leaves connections alone */
        return;
    if (c->kv_shared)
        c->kv_shared->driver->close(c->kv_shared);
    cinema__kv_memory.close(c->kv_local);
}

bool kv_is_shared(const cinema *c)
{
    return c->kv_shared != NULL;
}

/* ---- what rooms call --------------------------------------------------------------------------
 */

static int64_t patience(const cinema *c)
{
    int64_t call = call_deadline(c), own = clock_monotonic_ms() + PATIENCE_MS;
    return call < own ? call : own;
}

cinema_status kv_run(cinema *c, kv_place where, kv_step *steps, size_t count, cinema_error *err)
{
    kv *k = where == KV_SHARED && c->kv_shared ? c->kv_shared : c->kv_local;
    int64_t deadline = k == c->kv_local ? DEADLINE_NONE : patience(c);
    cinema_status s = handle_check(c, err);
    assert((k == c->kv_local || !cinema__transactions_open) && "no waiting inside a transaction");
    if (s || (s = kv_check(steps, count, err)))
        return s;
    return k->driver->run(k, steps, count, deadline, err);
}

/* Not for each call: a service that is away is asked for often. */
static void log_fallback(cinema *c, const char *why)
{
    int64_t now = clock_monotonic_ms(), last = atomic_load(&c->kv_lost_at);
    if ((!last || now - last >= LOG_EVERY_MS) &&
        atomic_compare_exchange_strong(&c->kv_lost_at, &last, now))
        log_line(c, CINEMA_LOG_WARNING, "each process counts limits by itself meanwhile: %s", why);
}

cinema_status kv_run_or_local(cinema *c, kv_step *steps, size_t count, cinema_error *err)
{
    kv_step kept[KV_STEPS_MAX]; /* a step that was begun may have been changed */
    cinema_error why;
    cinema_status s = c->kv_shared ? kv_check(steps, count, err) : CINEMA_OK;
    if (s || !c->kv_shared)
        return s ? s : kv_run(c, KV_LOCAL, steps, count, err);
    memcpy(kept, steps, count * sizeof *steps);
    s = kv_run(c, KV_SHARED, steps, count, &why);
    if (s != CINEMA_UNAVAILABLE && s != CINEMA_TIMEOUT) {
        if (s && err)
            *err = why;
        return s;
    }
    log_fallback(c, why.message);
    memcpy(steps, kept, count * sizeof *steps);
    return kv_run(c, KV_LOCAL, steps, count, err);
}
