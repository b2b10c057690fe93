/* arena.c - memory that is freed all at once.
 * Chunks hang on a list, newest first; the arena itself lies in the first one.
 */
#include "base/arena.h"

#include <stdio.h>

enum { ALIGN = 16, FIRST = 2048 };
static const size_t MAX = (size_t)64 << 20;

typedef struct chunk {
    struct chunk *older;
    size_t size, used;
} chunk;

struct arena {
    chunk *newest;
    size_t total, max;
};

static char *bytes_of(chunk *k)
{
    return (char *)k;
}

static size_t round_up(size_t n)
{
    return (n + (ALIGN - 1)) & ~(size_t)(ALIGN - 1);
}

static chunk *chunk_new(size_t size, chunk *older)
{
    chunk *k = malloc(size);
    if (k)
        *k = (chunk){ .older = older, .size = size, .used = round_up(sizeof *k) };
    return k;
}

arena *arena_new(size_t first, size_t max)
{
    size_t head = round_up(sizeof(chunk)) + round_up(sizeof(arena));
    size_t size = first ? first : FIRST;
    chunk *k = chunk_new(size > head ? size : head + FIRST, NULL);
    if (!k)
        return NULL;
    arena *a = (arena *)(void *)(bytes_of(k) + k->used);
    k->used = head;
    *a = (arena){ .newest = k, .total = k->size, .max = max ? max : MAX };
    return a;
}

void arena_free(arena *a)
{
    if (!a)
        return;
    for (chunk *k = a->newest, *older; k; k = older) {
        older = k->older; /* the last one holds the arena itself */
        free(k);
    }
}

void arena_freep(arena **a)
{
    arena_free(*a);
}

static bool grow(arena *a, size_t need)
{
    size_t size = a->newest->size * 2;
    size_t least = round_up(sizeof(chunk)) + ALIGN + need;
    size_t left = a->total < a->max ? a->max - a->total : 0;
    if (need > left || least > left)
        return false;
    if (size > left)
        size = left;
    if (size < least)
        size = least;
    chunk *k = chunk_new(size, a->newest);
    if (!k)
        return false;
    a->newest = k;
    a->total += size;
    return true;
}

static char *take(arena *a, size_t size, bool aligned)
{
    chunk *k = a->newest;
    size_t start = aligned ? round_up(k->used) : k->used;
    if (start > k->size || size > k->size - start) {
        if (!grow(a, size))
            return NULL;
        k = a->newest;
        start = k->used;
    }
    k->used = start + size;
    return bytes_of(k) + start;
}

void *arena_alloc(arena *a, size_t size)
{
    char *p = take(a, size, true);
    if (p)
        memset(p, 0, size);
    return p;
}

char *arena_text(arena *a, size_t size)
{
    return take(a, size, false);
}

char *arena_copy(arena *a, const char *s, size_t n)
{
    char *p = take(a, n + 1, false);
    if (!p)
        return NULL;
    if (n)
        memcpy(p, s, n);
    p[n] = '\0';
    return p;
}

char *arena_format(arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = n < 0 ? NULL : take(a, (size_t)n + 1, false);
    if (!p)
        return NULL;
    va_start(args, format);
    vsnprintf(p, (size_t)n + 1, format, args);
    va_end(args);
    return p;
}

void *record_new(arena *a, size_t size)
{
    char *p = arena_alloc(a, ALIGN + size);
    if (!p)
        return NULL;
    memcpy(p + ALIGN - sizeof a, &a, sizeof a);
    return p + ALIGN;
}

void record_free(const void *record)
{
    arena *a;
    if (!record)
        return;
    memcpy(&a, (const char *)record - sizeof a, sizeof a);
    arena_free(a);
}

void record_freep(void *variable)
{
    void *p;
    memcpy(&p, variable, sizeof p);
    record_free(p);
}
