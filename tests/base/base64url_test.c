/* base64url_test.c - mirrors lib/base/base64url.c.
 */
#include "base/base64url.h"
#include "test.h"

#include <sodium.h>
#include <string.h>

static unsigned char to[64];
static size_t length;

static bool reads(const char *s, size_t n)
{
    return base64url_read(s, n, to, sizeof to, &length);
}

TEST(what_is_written_is_read_again_at_every_length)
{
    unsigned char bytes[40];
    char text[BASE64URL_ROOM(sizeof bytes)], other[BASE64URL_ROOM(sizeof bytes)];
    for (size_t n = 0; n <= sizeof bytes; n++) {
        randombytes_buf(bytes, sizeof bytes);
        base64url_write(bytes, n, text);
        ck_assert_uint_eq(strlen(text) + 1, BASE64URL_ROOM(n));
        sodium_bin2base64(other, sizeof other, bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        ck_assert_str_eq(text, other);
        ck_assert(reads(text, strlen(text)));
        ck_assert_uint_eq(length, n);
        ck_assert_mem_eq(to, bytes, n);
        ck_assert(!n || !base64url_read(text, strlen(text), to, n - 1, &length));
    }
}

TEST(only_the_sixty_four_characters_are_read)
{
    char text[4] = "AAAA";
    int taken = 0;
    for (int c = 0; c < 256; c++) {
        text[2] = (char)c;
        taken += reads(text, 4);
    }
    ck_assert_int_eq(taken, 64);
}

TEST(two_texts_never_stand_for_the_same_bytes)
{
    ck_assert(reads("AA", 2) && !reads("AB", 2) && !reads("AP", 2) && reads("AQ", 2));
    ck_assert(reads("AAA", 3) && !reads("AAB", 3) && reads("AAE", 3));
    ck_assert(!reads("A", 1) && !reads("AAAAA", 5));
    ck_assert(!reads("AA==", 4) && !reads("AA=", 3) && !reads("AA\n", 3) && !reads(" AAA", 4));
    ck_assert(reads("", 0) && length == 0);
}
