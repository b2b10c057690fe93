/* casefold_test.c - what addresses and passwords are compared by. Mirrors a part of
 * lib/base/unicode.c.
 */
#include "base/status.h"
#include "base/unicode.h"
#include "test.h"

typedef struct pair {
    const char *from, *to;
} pair;

static void check(const char *from, const char *to)
{
    CLEANUP(freep) char *got = NULL;
    GIVES(CINEMA_OK, unicode_casefold(from, &got));
    ck_assert_str_eq(got, to);
}

TEST(a_casefold_differs_from_the_text_in_case_alone)
{
    static const pair pairs[] = {
        { "Ada", "ada" },
        { "STRASSE", "strasse" },
        { "Stra\xc3\x9f"
          "e",
          "strasse" },
        { "\xc3\x84RGER", "\xc3\xa4rger" },
        { "A\xcc\x88RGER", "\xc3\xa4rger" },
        { "\xce\xa3\xce\x91\xce\xa3", "\xcf\x83\xce\xb1\xcf\x83" },
        { " a-B_1\t", " a-b_1\t" },
        { "", "" },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        check(pairs[i].from, pairs[i].to);
    char *none = NULL;
    GIVES(CINEMA_INVALID, unicode_casefold("\xff", &none));
    ck_assert_ptr_null(none);
}

TEST(text_is_visible_when_each_of_its_characters_is)
{
    static const char *const seen[] = { "", "a", "!~", "\xc3\xa9", "\xe2\x98\x82", "e\xcc\x81" };
    static const char *const not_seen[] = {
        " ",         "a b",           "a\t",           "\x7f",         "a\xc2\xa0",
        "a\xc2\xad", "a\xe2\x80\x8b", "a\xe2\x80\xae", "\xee\x80\x80", "\xff"
    };
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        ck_assert_msg(unicode_visible(seen[i]), "\"%s\"", seen[i]);
    for (size_t i = 0; i < sizeof not_seen / sizeof *not_seen; i++)
        ck_assert_msg(!unicode_visible(not_seen[i]), "\"%s\"", not_seen[i]);
}
