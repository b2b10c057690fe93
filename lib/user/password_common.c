/* password_common.c - passwords that many have had: numbers of their hashes in Golomb-Rice code.
 */
#include "user/password.h"

#include <sodium.h>

#include "common_passwords.inc"

static size_t bit(size_t at)
{
    return code[at / 64] >> at % 64 & 1;
}

/* As script/make-common-passwords makes it. */
static uint64_t number_of(const char *text, size_t n)
{
    unsigned char sum[16];
    uint64_t hash = 0;
    crypto_generichash(sum, sizeof sum, (const void *)text, n, NULL, 0);
    for (size_t i = 8; i-- > 0;)
        hash = hash << 8 | sum[i];
    return hash % ((uint64_t)ENTRIES << BITS);
}

/* The difference that stands at a bit, which moves behind it. */
static uint64_t step(size_t *at)
{
    uint64_t high = 0, low = 0;
    while (bit((*at)++))
        high++;
    for (size_t i = 0; i < BITS; i++)
        low |= (uint64_t)bit((*at)++) << i;
    return high << BITS | low;
}

/* The last block whose numbers may be the one: those of a block are above what it says. */
static const struct block *block_of(uint64_t wanted)
{
    size_t low = 0, high = COUNT_OF(blocks);
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (blocks[middle].before < wanted)
            low = middle;
        else
            high = middle;
    }
    return &blocks[low];
}

bool password_common(const char *text, size_t n)
{
    uint64_t wanted = number_of(text, n);
    const struct block *b = block_of(wanted);
    size_t first = (size_t)(b - blocks) * BLOCK, at = b->bit;
    uint64_t have = b->before;
    for (size_t i = first; i < first + BLOCK && i < KEPT && have < wanted; i++)
        have += step(&at);
    return have == wanted;
}
