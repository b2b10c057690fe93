/* names.c - what keys stand for: open addressing, keys in an arena that goes as a whole.
 */
#include "import/names.h"

#include "base/arena.h"

#include <sodium.h>

enum { FIRST = 64 };

typedef struct slot {
    uint64_t hash;
    const char *key; /* NULL: empty */
    int64_t number;
} slot;

struct names {
    slot *slots;
    size_t count, room; /* room is a power of two */
    arena *keys;
    unsigned char seed[crypto_shorthash_KEYBYTES];
};

names *names_new(void)
{
    names *n = calloc(1, sizeof *n);
    if (!n)
        return NULL;
    randombytes_buf(n->seed, sizeof n->seed);
    return n;
}

void names_clear(names *n)
{
    free(n->slots);
    arena_free(n->keys);
    n->slots = NULL;
    n->keys = NULL;
    n->count = n->room = 0;
}

void names_free(names *n)
{
    if (n)
        names_clear(n);
    free(n);
}

void names_freep(names **n)
{
    names_free(*n);
}

size_t names_count(const names *n)
{
    return n->count;
}

static uint64_t hash_of(const names *n, const char *key)
{
    uint64_t hash;
    unsigned char out[crypto_shorthash_BYTES];
    crypto_shorthash(out, (const unsigned char *)key, strlen(key), n->seed);
    memcpy(&hash, out, sizeof hash);
    return hash;
}

/* The key's slot, or the empty one where it belongs. */
static slot *slot_of(const names *n, uint64_t hash, const char *key)
{
    size_t i = hash & (n->room - 1);
    while (n->slots[i].key && (n->slots[i].hash != hash || strcmp(n->slots[i].key, key) != 0))
        i = (i + 1) & (n->room - 1);
    return &n->slots[i];
}

int64_t names_get(const names *n, const char *key)
{
    return n->count ? slot_of(n, hash_of(n, key), key)->number : 0;
}

/* Twice the room; at most half of it is used. */
static bool grow(names *n)
{
    size_t room = n->room ? n->room * 2 : FIRST;
    slot *slots = calloc(room, sizeof *slots), *old = n->slots;
    size_t count = n->room;
    if (!slots)
        return false;
    n->slots = slots;
    n->room = room;
    for (size_t i = 0; i < count; i++)
        if (old[i].key)
            *slot_of(n, old[i].hash, old[i].key) = old[i];
    free(old);
    return true;
}

cinema_status names_put(names *n, const char *key, int64_t number)
{
    if ((!n->keys && !(n->keys = arena_new(4096, 0))) || (n->count * 2 >= n->room && !grow(n)))
        return CINEMA_NO_MEMORY;
    uint64_t hash = hash_of(n, key);
    slot *to = slot_of(n, hash, key);
    if (!to->key) {
        const char *copy = arena_copy(n->keys, key, strlen(key));
        if (!copy)
            return CINEMA_NO_MEMORY;
        *to = (slot){ .hash = hash, .key = copy };
        n->count++;
    }
    to->number = number;
    return CINEMA_OK;
}
