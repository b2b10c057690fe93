/* blank_test.c - what nobody can see: unicode_blank.
 */
#include "base/unicode.h"
#include "test.h"

TEST(what_nobody_can_see_is_blank)
{
    static const char *const blank[] = { "",       " \t\n",  "\u3000",    "\u00a0", "\u200b\u200d",
                                         "\u2028", "\u3164", "\U000e0061" };
    static const char *const seen[] = { ".",          "\u3000a", "\u200b\u4e00",
                                        "\u0600",     "\u2800",  "\u0301",
                                        "\U0001f600", " \xff",   "\u200d\u0915" };
    for (size_t i = 0; i < sizeof blank / sizeof *blank; i++)
        ck_assert_msg(unicode_blank(blank[i]), "blank %zu", i);
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        ck_assert_msg(!unicode_blank(seen[i]), "seen %zu", i);
}
