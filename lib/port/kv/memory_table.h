/* memory_table.h - the memory driver's inside: entries, and shards that find and bound them.
 * All of it is called with the shard's lock held.
 */
#ifndef PORT_KV_MEMORY_TABLE_H
#define PORT_KV_MEMORY_TABLE_H

#include "port/kv/kv.h"

#include <pthread.h>

typedef enum kv_kind { KV_BYTES, KV_COUNTER, KV_MOMENT } kv_kind;

typedef struct kv_entry {
    struct kv_entry *next;          /* of the same bucket */
    struct kv_entry *newer, *older; /* by last use */
    uint64_t hash;
    int64_t ends_ms;
    int64_t number; /* COUNTER: its value. MOMENT: when a limit is whole again, in microseconds */
    uint32_t length, room; /* of the value: used, and there */
    uint8_t kind;          /* kv_kind */
    uint8_t key_length;
    char bytes[]; /* the key, then the value */
} kv_entry;

typedef struct kv_shard {
    _Alignas(64) pthread_mutex_t lock;
    kv_entry **buckets;
    size_t bucket_count; /* a power of two; 0 before the first entry */
    size_t count, bytes, bytes_max;
    kv_entry *newest, *oldest;
} kv_shard;

/* The entry, now the newest; NULL: none, or its time is over. */
kv_entry *kv_shard_find(kv_shard *s, uint64_t hash, const char *key, int64_t now);
/* Puts an entry in place of `old` (may be NULL), with room for a value of `length` bytes, ending at
 * ends_ms; older ones go if need be. NULL: no memory; `old` is then untouched. */
kv_entry *kv_shard_put(kv_shard *s, kv_entry *old, uint64_t hash, const char *key, size_t length,
                       int64_t now, int64_t ends_ms);
void kv_shard_drop(kv_shard *s, kv_entry *e);
void kv_shard_done(kv_shard *s);

/* What of the value a reader sees; numbers are written into `digits`. */
const char *kv_entry_value(const kv_entry *e, char digits[static 24], size_t *length);

#endif
