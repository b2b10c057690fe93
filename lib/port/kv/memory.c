/* memory.c - the key-value port in this process's memory.
 * Sixteen shards by the key's hash, each with a lock of its own; the hash is keyed, so that nobody
 * outside can choose keys that fall together. Nothing here waits.
 */
#include "base/clock.h"
#include "port/kv/memory_table.h"

#include <sodium.h>
#include <stdio.h>

enum { SHARDS = 16, BYTES_DEFAULT = 8 << 20, SHARD_LEAST = 2 * KV_VALUE_MAX };

typedef struct memory {
    kv head;
    unsigned char secret[crypto_shorthash_KEYBYTES];
    int64_t (*now_ms)(void *clock);
    void *clock;
    kv_shard shards[SHARDS];
} memory;

/* One step under way. */
typedef struct act {
    memory *m;
    kv_shard *shard;
    kv_step *step;
    kv_entry *entry; /* what the key has now */
    uint64_t hash;
    int64_t now;
} act;

/* ---- values ---------------------------------------------------------------------------------- */

static cinema_status give(kv_step *step, const char *value, size_t length, cinema_error *err)
{
    step->length = length;
    if (length > step->room)
        return fail(err, CINEMA_TOO_LARGE, "kv_room", NULL,
                    "key-value port: a value of %zu bytes, room for %zu", length, step->room);
    if (length)
        memcpy(step->to, value, length);
    return CINEMA_OK;
}

static cinema_status get(act *a, cinema_error *err)
{
    char digits[24];
    size_t length;
    if (!a->entry)
        return CINEMA_OK;
    a->step->hit = true;
    const char *value = kv_entry_value(a->entry, digits, &length);
    cinema_status s = give(a->step, value, length, err);
    if (a->step->verb == KV_TAKE)
        kv_shard_drop(a->shard, a->entry);
    return s;
}

static kv_entry *put(act *a, size_t length, int64_t ends_ms)
{
    return kv_shard_put(a->shard, a->entry, a->hash, a->step->key, length, a->now, ends_ms);
}

static cinema_status set(act *a, cinema_error *err)
{
    const kv_step *step = a->step;
    if (step->verb == KV_SET_NEW && a->entry)
        return CINEMA_OK;
    kv_entry *e = put(a, step->length, a->now + step->ttl_ms);
    if (!e)
        return fail_memory(err);
    e->kind = KV_BYTES;
    if (step->length)
        memcpy(e->bytes + e->key_length, step->value, step->length);
    a->step->hit = true;
    return CINEMA_OK;
}

static bool is_value(const act *a)
{
    char digits[24];
    size_t length;
    if (!a->entry)
        return false;
    const char *value = kv_entry_value(a->entry, digits, &length);
    return length == a->step->length && (!length || !memcmp(value, a->step->value, length));
}

static void drop(act *a)
{
    a->step->hit = a->step->verb == KV_DELETE ? a->entry != NULL : is_value(a);
    if (a->step->hit)
        kv_shard_drop(a->shard, a->entry);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static cinema_status not_theirs(const char *what, cinema_error *err)
{
    return fail(err, CINEMA_INVALID, "kv_kind", NULL, "key-value port: what is there is no %s",
                what);
}

/* A number as it would be written, and no other way. */
static bool read_number(const kv_entry *e, int64_t *ret)
{
    char text[24], again[24], *end;
    *ret = e->number;
    if (e->kind != KV_BYTES)
        return e->kind == KV_COUNTER;
    if (!e->length || e->length >= sizeof text)
        return false;
    memcpy(text, e->bytes + e->key_length, e->length);
    text[e->length] = '\0';
    *ret = strtoll(text, &end, 10);
    snprintf(again, sizeof again, "%lld", (long long)*ret);
    return !strcmp(text, again);
}

static cinema_status count(act *a, cinema_error *err)
{
    kv_step *step = a->step;
    int64_t before = 0;
    if (a->entry && !read_number(a->entry, &before))
        return not_theirs("counter", err);
    if (before < -KV_COUNT_MAX || before > KV_COUNT_MAX || step->number + before > KV_COUNT_MAX ||
        step->number + before < -KV_COUNT_MAX)
        return fail(err, CINEMA_INVALID, "kv_bounds", NULL, "key-value port: a counter overflows");
    kv_entry *e = a->entry ? a->entry : put(a, 0, a->now + step->ttl_ms);
    if (!e)
        return fail_memory(err);
    e->kind = KV_COUNTER;
    e->number = step->number += before;
    step->hit = true;
    return CINEMA_OK;
}

static int64_t ms_up(int64_t us)
{
    return (us + 999) / 1000;
}

/* docs/decisions/0005; the same arithmetic is in redis_script.c. */
static cinema_status limit(act *a, cinema_error *err)
{
    kv_step *step = a->step;
    if (a->entry && a->entry->kind != KV_MOMENT)
        return not_theirs("limit", err);
    int64_t each = step->ttl_ms * 1000 / step->number, whole = each * step->number;
    int64_t used = a->entry ? a->entry->number - a->now * 1000 : 0;
    used = used > 0 ? used : 0;
    int64_t then = used + each * (step->cost ? step->cost : 1);
    then = then > 0 ? then : 0;
    step->hit = step->cost < 0 || then <= whole;
    step->retry_ms = step->hit ? 0 : ms_up(then - whole);
    if (step->hit && (step->cost > 0 || (step->cost && a->entry))) {
        used = then;
        kv_entry *e = put(a, 0, a->now + ms_up(used));
        if (!e)
            return fail_memory(err);
        e->kind = KV_MOMENT;
        e->number = a->now * 1000 + used;
    }
    step->left = used < whole ? (whole - used) / each : 0;
    step->reset_ms = ms_up(used);
    return CINEMA_OK;
}

/* ---- the driver ------------------------------------------------------------------------------ */

static cinema_status act_on(act *a, cinema_error *err)
{
    switch (a->step->verb) {
    case KV_GET:
    case KV_TAKE:
        return get(a, err);
    case KV_SET:
    case KV_SET_NEW:
        return set(a, err);
    case KV_COUNT:
        return count(a, err);
    case KV_LIMIT:
        return limit(a, err);
    case KV_DELETE:
    case KV_DELETE_IF:
        break;
    }
    drop(a);
    return CINEMA_OK;
}

static uint64_t hash_of(const memory *m, const char *key)
{
    unsigned char out[crypto_shorthash_BYTES];
    uint64_t h;
    crypto_shorthash(out, (const unsigned char *)key, strlen(key), m->secret);
    memcpy(&h, out, sizeof h);
    return h;
}

static cinema_status run_one(memory *m, kv_step *step, cinema_error *err)
{
    act a = { .m = m, .step = step, .hash = hash_of(m, step->key) };
    a.shard = &m->shards[a.hash >> 60];
    step->hit = false;
    a.now = m->now_ms(m->clock);
    pthread_mutex_lock(&a.shard->lock);
    a.entry = kv_shard_find(a.shard, a.hash, step->key, a.now);
    cinema_status s = act_on(&a, err);
    pthread_mutex_unlock(&a.shard->lock);
    return s;
}

static cinema_status memory_run(kv *k, kv_step *steps, size_t count, int64_t deadline,
                                cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    (void)deadline; /* nothing here waits */
    for (size_t i = 0; i < count; i++) {
        cinema_status one = run_one((memory *)k, &steps[i], s ? NULL : err);
        s = s ? s : one;
    }
    return s;
}

static int64_t monotonic_ms(void *clock)
{
    (void)clock;
    return clock_monotonic_ms();
}

static cinema_status memory_open(const kv_options *o, kv **ret, cinema_error *err)
{
    size_t bytes = (o->bytes ? o->bytes : BYTES_DEFAULT) / SHARDS;
    memory *m = aligned_alloc(_Alignof(memory), sizeof *m);
    if (!m)
        return fail_memory(err);
    *m = (memory){ .head.driver = &cinema__kv_memory,
                   .now_ms = o->now_ms ? o->now_ms : monotonic_ms,
                   .clock = o->clock };
    randombytes_buf(m->secret, sizeof m->secret);
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_init(&m->shards[i].lock, NULL);
        m->shards[i].bytes_max = bytes > SHARD_LEAST ? bytes : SHARD_LEAST;
    }
    *ret = &m->head;
    return CINEMA_OK;
}

static void memory_close(kv *k)
{
    memory *m = (memory *)k;
    if (!m)
        return;
    for (size_t i = 0; i < SHARDS; i++)
        kv_shard_done(&m->shards[i]);
    free(m);
}

const kv_driver cinema__kv_memory = {
    .abi = KV_DRIVER_ABI,
    .name = "memory",
    .open = memory_open,
    .close = memory_close,
    .run = memory_run,
};
