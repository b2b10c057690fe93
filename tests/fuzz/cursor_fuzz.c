/* cursor_fuzz.c - cursors: any text is refused or is what cursor_write gives; one that was written
 * reads back, and not after a byte of it has changed, nor for another list.
 * The input: a byte for the key's type, one for where to change what, then the key, which is tried
 * as a cursor too.
 */
#include "fuzz/fuzz_help.h"

#include "call/cursor.h"

#include <string.h>

enum { LIST = 7, OTHER_LIST = 8 };

static bool reads(const char *text, uint64_t list, arena *a, db_value *key, int64_t *nr)
{
    cinema_status s = cursor_read(fuzz_handle(), list, text, a, key, nr, NULL);
    HOLDS(s == CINEMA_OK || s == CINEMA_INVALID);
    return s == CINEMA_OK;
}

static void try_text(const char *text, arena *a)
{
    db_value key;
    int64_t nr;
    const char *again;
    if (!reads(text, LIST, a, &key, &nr))
        return;
    HOLDS(!cursor_write(fuzz_handle(), LIST, &key, nr, a, &again, NULL) && !strcmp(again, text));
}

static db_value key_of(uint8_t type, const char *text, size_t length)
{
    db_value key = { .type = DB_TEXT, .declared = DB_TEXT };
    if (type % 3 == 0) {
        key.text = text;
        key.length = (uint32_t)length;
        return key;
    }
    key.type = key.declared = type % 3 == 1 ? DB_INT : DB_REAL;
    memcpy(&key.number, text, length < 8 ? length : 8);
    return key;
}

static void round_trip(const db_value *key, uint8_t where, arena *a)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *text;
    db_value back;
    int64_t nr;
    HOLDS(!cursor_write(fuzz_handle(), LIST, key, 1 + where, a, &text, NULL));
    HOLDS(reads(text, LIST, a, &back, &nr) && nr == 1 + where && back.type == key->type);
    if (key->type == DB_TEXT)
        HOLDS(back.length == key->length && !memcmp(back.text, key->text, key->length));
    else
        HOLDS(back.number == key->number);
    HOLDS(!reads(text, OTHER_LIST, a, &back, &nr));
    size_t n = strlen(text);
    char *changed = arena_copy(a, text, n);
    HOLDS(changed);
    changed[where % n] = letters[where % 64];
    HOLDS(!strcmp(changed, text) || !reads(changed, LIST, a, &back, &nr));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 1000)
        return 0;
    char *text = fuzz_text(data + 2, size - 2);
    arena *a = arena_new(0, 0);
    HOLDS(a);
    db_value key = key_of(data[0], text, size - 2);
    try_text(text, a);
    round_trip(&key, data[1], a);
    arena_free(a);
    free(text);
    return 0;
}
