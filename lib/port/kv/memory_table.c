/* memory_table.c - the memory driver's inside: hash tables with a bound.
 * Entries are in one list by last use; when there is no room the oldest go, and on each insertion
 * two of the oldest are looked at, so that what has ended does not stay for long.
 */
#include "port/kv/memory_table.h"

#include <stdio.h>

enum { BUCKETS_FIRST = 64, SWEPT = 2, OVERHEAD = 32 /* of malloc and of the bucket */ };

static size_t size_of(const kv_entry *e)
{
    return sizeof *e + e->key_length + e->room + OVERHEAD;
}

static const char *value_at(const kv_entry *e)
{
    return e->bytes + e->key_length;
}

/* ---- the list by last use -------------------------------------------------------------------- */

static void unlink_entry(kv_shard *s, kv_entry *e)
{
    *(e->newer ? &e->newer->older : &s->newest) = e->older;
    *(e->older ? &e->older->newer : &s->oldest) = e->newer;
}

static void link_newest(kv_shard *s, kv_entry *e)
{
    e->newer = NULL;
    e->older = s->newest;
    *(s->newest ? &s->newest->newer : &s->oldest) = e;
    s->newest = e;
}

static void touch(kv_shard *s, kv_entry *e)
{
    if (s->newest == e)
        return;
    unlink_entry(s, e);
    link_newest(s, e);
}

/* ---- the table ------------------------------------------------------------------------------- */

static kv_entry **bucket_of(kv_shard *s, uint64_t hash)
{
    return &s->buckets[hash & (s->bucket_count - 1)];
}

/* Twice as many buckets once there is an entry for each. Without memory the chains grow instead. */
static bool grow(kv_shard *s)
{
    size_t before = s->bucket_count;
    if (s->count < before)
        return true;
    kv_entry **old = s->buckets;
    kv_entry **more = calloc(before ? before * 2 : BUCKETS_FIRST, sizeof(kv_entry *));
    if (!more)
        return before > 0;
    s->buckets = more;
    s->bucket_count = before ? before * 2 : BUCKETS_FIRST;
    for (size_t i = 0; i < before; i++)
        for (kv_entry *e = old[i], *next; e; e = next) {
            next = e->next;
            e->next = *bucket_of(s, e->hash);
            *bucket_of(s, e->hash) = e;
        }
    free(old);
    return true;
}

void kv_shard_drop(kv_shard *s, kv_entry *e)
{
    kv_entry **at = bucket_of(s, e->hash);
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    unlink_entry(s, e);
    s->count--;
    s->bytes -= size_of(e);
    free(e);
}

static bool is(const kv_entry *e, uint64_t hash, const char *key)
{
    return e->hash == hash && !strncmp(e->bytes, key, e->key_length) && !key[e->key_length];
}

kv_entry *kv_shard_find(kv_shard *s, uint64_t hash, const char *key, int64_t now)
{
    kv_entry *e = s->bucket_count ? *bucket_of(s, hash) : NULL;
    while (e && !is(e, hash, key))
        e = e->next;
    if (e && e->ends_ms <= now) {
        kv_shard_drop(s, e);
        return NULL;
    }
    if (e)
        touch(s, e);
    return e;
}

static void sweep(kv_shard *s, int64_t now)
{
    for (int i = 0; i < SWEPT && s->oldest && s->oldest->ends_ms <= now; i++)
        kv_shard_drop(s, s->oldest);
}

kv_entry *kv_shard_put(kv_shard *s, kv_entry *old, uint64_t hash, const char *key, size_t length,
                       int64_t now, int64_t ends_ms)
{
    size_t n = strlen(key);
    if (old && old->room >= length && old->room <= 2 * length + 64) {
        old->length = (uint32_t)length;
        old->ends_ms = ends_ms;
        return old;
    }
    kv_entry *e = grow(s) ? malloc(sizeof *e + n + length) : NULL;
    if (!e)
        return NULL;
    *e = (kv_entry){ .hash = hash,
                     .ends_ms = ends_ms,
                     .length = (uint32_t)length,
                     .room = (uint32_t)length,
                     .key_length = (uint8_t)n };
    memcpy(e->bytes, key, n);
    if (old)
        kv_shard_drop(s, old);
    sweep(s, now);
    while (s->oldest && s->bytes + size_of(e) > s->bytes_max)
        kv_shard_drop(s, s->oldest);
    e->next = *bucket_of(s, hash);
    *bucket_of(s, hash) = e;
    link_newest(s, e);
    s->count++;
    s->bytes += size_of(e);
    return e;
}

void kv_shard_done(kv_shard *s)
{
    while (s->oldest)
        kv_shard_drop(s, s->oldest);
    free(s->buckets);
    pthread_mutex_destroy(&s->lock);
}

const char *kv_entry_value(const kv_entry *e, char digits[static 24], size_t *length)
{
    *length = e->length;
    if (e->kind == KV_BYTES)
        return value_at(e);
    *length =
        (size_t)snprintf(digits, 24, e->kind == KV_MOMENT ? "L%lld" : "%lld", (long long)e->number);
    return digits;
}
