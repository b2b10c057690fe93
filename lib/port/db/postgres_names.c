/* postgres_names.c - which statements a connection has prepared, by name.
 * An open table of 512 slots, at most half full; what failed to be prepared leaves its slot dead.
 * A full table is the talk's matter: it lets the server forget all and clears it.
 */
#include "port/db/postgres.h"

enum { SLOTS = PG_NAMES_MAX * 2 };

typedef enum state { EMPTY, READY, PENDING, DEAD } state;

struct pg_slot {
    pg_name name;
    state state;
};

/* Eight bytes a step; independent of the port's own hash, so that both make 128 bits. */
static uint64_t check_of(const char *text, size_t length)
{
    const uint64_t k = 0x9E3779B97F4A7C15u;
    uint64_t h = (length + 1) * k, word;
    for (; length >= 8; text += 8, length -= 8) {
        memcpy(&word, text, 8);
        h = (h ^ word) * k;
        h ^= h >> 32;
    }
    word = 0;
    memcpy(&word, text, length);
    h = (h ^ word) * k;
    h = (h ^ (h >> 29)) * 0xBF58476D1CE4E5B9u;
    return h ^ (h >> 32);
}

pg_name pg_name_of(const db_statement *s)
{
    return (pg_name){ s->hash, check_of(s->text, s->length) };
}

void pg_name_text(const pg_name *name, char text[PG_NAME_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t half[2] = { name->hash, name->check };
    *text++ = 'c';
    for (int i = 0; i < 32; i++)
        *text++ = digits[half[i / 16] >> (60 - i % 16 * 4) & 15];
    *text = '\0';
}

/* The slot that has the name, or the empty one where it would go. */
static struct pg_slot *slot_of(const pg_names *names, const pg_name *name)
{
    size_t i = name->check % SLOTS;
    for (;; i = (i + 1) % SLOTS) {
        struct pg_slot *slot = &names->slots[i];
        if (slot->state == EMPTY)
            return slot;
        if (slot->state != DEAD && slot->name.hash == name->hash && slot->name.check == name->check)
            return slot;
    }
}

pg_known pg_names_use(pg_names *names, const pg_name *name)
{
    if (!names->slots && !(names->slots = calloc(SLOTS, sizeof *names->slots)))
        return PG_UNNAMED;
    struct pg_slot *slot = slot_of(names, name);
    if (slot->state != EMPTY)
        return PG_KNOWN;
    if (names->used >= PG_NAMES_MAX)
        return PG_UNNAMED;
    *slot = (struct pg_slot){ *name, PENDING };
    names->used++;
    names->pending++;
    return PG_NEW;
}

bool pg_names_pending(const pg_names *names, const pg_name *name)
{
    return names->pending && slot_of(names, name)->state == PENDING;
}

void pg_names_settle(pg_names *names, const pg_name *name, bool prepared)
{
    slot_of(names, name)->state = prepared ? READY : DEAD;
    names->pending--;
}

void pg_names_clear(pg_names *names)
{
    free(names->slots);
    *names = (pg_names){ 0 };
}
