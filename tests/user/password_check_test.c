/* password_check_test.c - mirrors lib/user/password_check.c and password_common.c.
 */
#include "user/user.h"
#include "user/user_help.h"

#include <stdio.h>
#include <stdlib.h>

FIXTURE(user_open, user_close)

#define VECTORS "/work/shared/vectors/passwords/top10000.txt"

static cinema_status tried(const char *password, bool second_factor)
{
    return password__check(c, password, "password", second_factor, "ada.byron@films.example",
                           "Ada Byron", &err);
}

static void says(const char *rule)
{
    ck_assert_str_eq(err.reason, rule);
    ck_assert_str_eq(err.field, "password");
}

TEST(a_password_has_fifteen_characters_or_eight_beside_a_second_factor)
{
    GIVES(CINEMA_INVALID, tried("kX9#vPq2mLw4Zt", false));
    says("length");
    OK(tried("kX9#vPq2mLw4Zt7", false));
    OK(tried("kX9#vPq2", true));
    GIVES(CINEMA_INVALID, tried("kX9#vPq", true));
    says("length");
    GIVES(CINEMA_INVALID, tried("", true));
    says("length");
}

TEST(characters_are_counted_and_not_bytes)
{
    GIVES(CINEMA_INVALID, tried("\xe5\x9b\x9b\xe6\x9c\x88\xe3\x81\xae\xe9\x9b\xa8", true)); /* 4 */
    says("length");
    OK(tried("\xe5\x9b\x9b\xe6\x9c\x88\xe3\x81\xae\xe9\x9b\xa8\xe3\x81\xab\xe6\xad\xa9\xe3\x81\x8f"
             "\xe7\x8c\xab",
             true)); /* 8 */
    GIVES(CINEMA_INVALID,
          tried("\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff", true));
    says("utf8");
}

TEST(up_to_256_characters_are_taken)
{
    char text[258];
    for (size_t i = 0; i < 257; i++)
        text[i] = "kX9#vPq2mLw4Zt7rB"[i % 17 + i / 17 % 2 * (16 - i % 17 * 2)];
    text[257] = '\0';
    GIVES(CINEMA_INVALID, tried(text, false));
    says("length");
    text[256] = '\0';
    OK(tried(text, false));
}

TEST(the_least_length_is_a_setting)
{
    cinema *other = NULL;
    const char *settings[] = { "CINEMA_PASSWORD_MIN=10" };
    cinema_options options = { settings, 1 };
    OK(cinema_open_with(&options, &other, &err));
    OK(password__check(other, "kX9#vPq2mL", "new_password", false, NULL, NULL, &err));
    GIVES(CINEMA_INVALID,
          password__check(other, "kX9#vPq2m", "new_password", false, NULL, NULL, &err));
    ck_assert_str_eq(err.field, "new_password");
    cinema_close(other);
}

static const char *const good[] = {
    "correct horse battery staple",
    "The Third Man, 1949",
    "four films and a rainy Sunday",
    "zither music under Vienna",
    "7294 0183 5561 9027",
    "\xd0\xb4\xd0\xbe\xd0\xb6\xd0\xb4\xd1\x8c \xd0\xb8 \xd0\xba\xd0\xb8\xd0\xbd\xd0\xbe \xd0\xb2 "
    "40",
    "Ada watches long films", /* name and a good deal more */
    "    leading spaces count",
};

TEST_EACH(a_phrase_is_as_good_as_signs, sizeof good / sizeof *good)
{
    OK(tried(good[_i], false));
}

static const char *const common[] = {
    /* from leaks, whatever the case */
    "password",
    "Password",
    "PASSWORD1",
    "football",
    "iloveyou",
    "1qaz2wsx",
    "trustno1",
    "qwertyuiop",
    "abcd1234",
    "starwars1",
    "liverpoolfc",

    "1234567890qwerty",
    "qwertyuiopasdfgh",
    "liverpoolfootballclub",
    "christopher",
    "elizabeth",
    "butterfly",
    "chocolate",
    "basketball",
    /* and a number or a sign with it */
    "password2026!",
    "!!Sunshine99",
    "123butterfly456",
    /* rows and repetitions */
    "aaaaaaaa",
    "aaaaaaaaaaaaaaaaaaaa",
    "12345678",
    "123456789012345678",
    "abcdefghijklmnop",
    "zyxwvutsrqponmlk",
    "aaaabbbbccccdddd",
    "1122334455667788",
    "abcabcabcabcabcabc",
    "x!x!x!x!x!x!x!x!",
    "passwordpassword",
    "footballfootballfootball",
    "99998888777766665555",
    "               ",
    /* what everybody knows of the account */
    "ada.byron@films.example",
    "AdaByronAdaByron",
    "byron.ada.1815",
    "filmsfilms2026",
    "Ada@films123",
    "cinemacinema1234",
    "libcinema-2026",
};

TEST_EACH(what_is_tried_first_is_refused, sizeof common / sizeof *common)
{
    ck_assert_msg(tried(common[_i], true) == CINEMA_INVALID, "%s", common[_i]);
    says("common_password");
}

/* Of 20,000 made up ones the filter may hold one or two by chance. */
TEST(what_nobody_had_is_hardly_ever_refused)
{
    int refused = 0;
    unsigned long long state = 88172645463325252ULL;
    for (int i = 0; i < 20000; i++) {
        char text[20];
        for (size_t j = 0; j < 16; j++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text[j] = (char)('!' + state % 94);
        }
        text[16] = '\0';
        refused += tried(text, false) != CINEMA_OK;
    }
    ck_assert_int_le(refused, 5);
}

TEST(of_ten_thousand_common_passwords_97_in_100_are_refused)
{
    char line[256];
    int all = 0, refused = 0;
    FILE *f = fopen(VECTORS, "r");
    if (!f)
        SKIP("no " VECTORS);
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (strlen(line) < 8)
            continue;
        all++;
        refused += tried(line, true) == CINEMA_INVALID;
    }
    fclose(f);
    ck_assert_int_gt(all, 2000);
    ck_assert_msg(refused * 100 >= all * 97, "%d of %d", refused, all);
}
