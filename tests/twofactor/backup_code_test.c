/* backup_code_test.c - mirrors lib/twofactor/backup_code.c.
 */
#include "twofactor/backup_code.h"

#include "twofactor/twofactor_help.h"

#include <ctype.h>
#include <fcntl.h>
#include <unistd.h>

FIXTURE(twofactor_start, twofactor_stop)

static backup_codes codes;

static bool same_hash(const char *given)
{
    unsigned char hash[BACKUP_CODE_HASH];
    bool is_one = false;
    OK(backup_code_hash(c, given, &is_one, hash, &err));
    return is_one && !memcmp(hash, codes.hash[0], sizeof hash);
}

TEST(codes_are_ten_different_ones_of_60_bits)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    OK(backup_codes_make(c, &codes, &err));
    for (size_t i = 0; i < BACKUP_CODES; i++) {
        ck_assert_uint_eq(strlen(codes.text[i]), 14);
        for (size_t n = 0; n < 14; n++)
            ck_assert(n % 5 == 4 ? codes.text[i][n] == '-'
                                 : strchr(alphabet, codes.text[i][n]) != NULL);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(codes.text[i], codes.text[k]);
    }
}

TEST(a_code_may_be_typed_without_care)
{
    char text[BACKUP_CODE_TEXT];
    OK(backup_codes_make(c, &codes, &err));
    memcpy(text, codes.text[0], sizeof text);
    ck_assert(same_hash(text));
    for (char *p = text; *p; p++) {
        *p = (char)tolower(*p);
        *p = *p == '-' ? ' ' : *p == '0' ? 'o' : *p == '1' ? 'l' : *p;
    }
    ck_assert(same_hash(text));
    ck_assert(same_hash(codes.text[0]));
}

static const char *const no_codes[] = {
    "", "-", "7K3M-Q9TX-2WZ", "7K3M-Q9TX-2WZAA", "7K3M-Q9TX-2WZU", "7K3M_Q9TX_2WZA", "123456",
};

TEST_EACH(what_cannot_be_a_code_is_told_so_without_a_look, COUNT_OF(no_codes))
{
    unsigned char hash[BACKUP_CODE_HASH];
    bool is_one = true;
    OK(backup_code_hash(c, no_codes[_i], &is_one, hash, &err));
    ck_assert(!is_one);
}

TEST(another_installation_hashes_the_same_code_otherwise)
{
    cinema *other = NULL;
    unsigned char hash[BACKUP_CODE_HASH];
    bool is_one;
    OK(backup_codes_make(c, &codes, &err));
    setenv("CINEMA_KEY", "MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", 1);
    OK(cinema_open(database_url, &other, &err));
    OK(backup_code_hash(other, codes.text[0], &is_one, hash, &err));
    ck_assert(is_one && memcmp(hash, codes.hash[0], sizeof hash) != 0);
    cinema_close(other);
}
