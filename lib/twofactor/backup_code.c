/* backup_code.c - backup codes: making, reading and hashing them.
 */
#include "twofactor/backup_code.h"

#include "base/seal.h"

#include <sodium.h>

enum { LETTERS = 12, GROUP = 4 };

/* Crockford's base 32: nothing that looks like something else. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void hash_letters(const char letters[LETTERS], const unsigned char key[32],
                         unsigned char hash[BACKUP_CODE_HASH])
{
    crypto_generichash(hash, BACKUP_CODE_HASH, (const unsigned char *)letters, LETTERS, key, 32);
}

static void make_letters(cinema *c, char letters[LETTERS])
{
    unsigned char raw[LETTERS];
    random_bytes(c, raw, sizeof raw);
    for (size_t i = 0; i < LETTERS; i++)
        letters[i] = alphabet[raw[i] & 31];
    sodium_memzero(raw, sizeof raw);
}

static void in_groups(const char letters[LETTERS], char text[BACKUP_CODE_TEXT])
{
    for (size_t i = 0; i < LETTERS; i++) {
        if (i && i % GROUP == 0)
            *text++ = '-';
        *text++ = letters[i];
    }
    *text = '\0';
}

cinema_status backup_codes_make(cinema *c, backup_codes *ret, cinema_error *err)
{
    unsigned char key[32];
    char letters[LETTERS];
    cinema_status s = seal_derive(c, "backup code", key, err);
    for (size_t i = 0; !s && i < BACKUP_CODES; i++) {
        make_letters(c, letters);
        in_groups(letters, ret->text[i]);
        hash_letters(letters, key, ret->hash[i]);
    }
    sodium_memzero(letters, sizeof letters);
    sodium_memzero(key, sizeof key);
    return s;
}

void backup_codes_wipe(backup_codes *k)
{
    sodium_memzero(k, sizeof *k);
}

static char plain(char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    return c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
}

static bool read_letters(const char *given, char letters[LETTERS])
{
    size_t n = 0;
    for (; *given; given++) {
        if (*given == ' ' || *given == '-')
            continue;
        char letter = plain(*given);
        if (n == LETTERS || !strchr(alphabet, letter))
            return false;
        letters[n++] = letter;
    }
    return n == LETTERS;
}

cinema_status backup_code_hash(cinema *c, const char *given, bool *ret,
                               unsigned char hash[BACKUP_CODE_HASH], cinema_error *err)
{
    unsigned char key[32];
    char letters[LETTERS];
    cinema_status s = seal_derive(c, "backup code", key, err);
    if (s)
        return s;
    *ret = read_letters(given, letters);
    if (*ret)
        hash_letters(letters, key, hash);
    sodium_memzero(letters, sizeof letters);
    sodium_memzero(key, sizeof key);
    return CINEMA_OK;
}
