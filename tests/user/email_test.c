/* email_test.c - mirrors lib/user/email.c.
 */
#include "user/user.h"
#include "user/user_help.h"

FIXTURE(user_open, user_close)

typedef struct address {
    const char *given, *email, *key;
} address;

static const address good[] = {
    { "ada@films.example", "ada@films.example", "ada@films.example" },
    { "Ada.Byron+films@Films.EXAMPLE", "Ada.Byron+films@Films.EXAMPLE",
      "ada.byron+films@films.example" },
    { "o'neil_{x}!#$%&*/=?^`|~-@a-b.c1.example", "o'neil_{x}!#$%&*/=?^`|~-@a-b.c1.example",
      "o'neil_{x}!#$%&*/=?^`|~-@a-b.c1.example" },
    { "j\xc3\x96rg@stra\xc3\x9f"
      "e.example",
      "j\xc3\x96rg@stra\xc3\x9f"
      "e.example",
      "j\xc3\xb6rg@xn--strae-oqa.example" },
    { "jo\xcc\x88rg@b\xc3\xbc"
      "cher.example",
      "j\xc3\xb6rg@b\xc3\xbc"
      "cher.example",
      "j\xc3\xb6rg@xn--bcher-kva.example" },
    { "ada@XN--BCHER-KVA.example", "ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example" },
    { "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd@\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0.\xd1\x80\xd1\x84",
      "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd@\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0.\xd1\x80\xd1\x84",
      "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd@xn--80a1acny.xn--p1ai" },
    { "1234567890123456789012345678901234567890123456789012345678901234@b.example",
      "1234567890123456789012345678901234567890123456789012345678901234@b.example",
      "1234567890123456789012345678901234567890123456789012345678901234@b.example" },
};

TEST_EACH(an_address_is_kept_as_given_and_known_by_its_key, sizeof good / sizeof *good)
{
    const char *email = NULL, *key = NULL;
    OK(email__normalise(good[_i].given, a, &email, &key, &err));
    ck_assert_str_eq(email, good[_i].email);
    ck_assert_str_eq(key, good[_i].key);
}

static const char *const bad[] = {
    "",
    "@",
    "ada",
    "ada@",
    "@films.example",
    "ada@localhost",
    "ada@films..example",
    "ada@.films.example",
    "ada@films.example.",
    "ada@-films.example",
    "ada@films-.example",
    "ada@films_x.example",
    "ada@127.0.0.1",
    "ada@[127.0.0.1]",
    "ada@films.example:25",
    ".ada@films.example",
    "ada.@films.example",
    "a..da@films.example",
    "ada byron@films.example",
    " ada@films.example",
    "ada@films.example ",
    "ada@films.example\n",
    "ada\r\nBcc: all@films.example",
    "ada@films.example\r\nBcc: eve@evil.example",
    "\"ada byron\"@films.example",
    "\"ada\"@films.example",
    "\"a@evil.example\"@films.example",
    "a@evil.example@films.example",
    "ada(comment)@films.example",
    "Ada <ada@films.example>",
    "ada,eve@films.example",
    "ada;eve@films.example",
    "ada\\@films.example",
    "ada\x7f@films.example",
    "ada\xc2\xa0@films.example",     /* no-break space */
    "ada\xe2\x80\x8b@films.example", /* zero width space */
    "ada\xe2\x80\xae@films.example", /* right-to-left override */
    "ada@films\xe2\x80\x8b.example",
    "ada\xff@films.example",
    "ada@xn--.example",
    "ada@xn--a.example",
    "ada@ex\xe2\x86\x92mple.example", /* an arrow */
    "12345678901234567890123456789012345678901234567890123456789012345@b.example",
    "ada@1234567890123456789012345678901234567890123456789012345678901234.example",
};

TEST_EACH(what_is_no_address_is_refused, sizeof bad / sizeof *bad)
{
    const char *email = NULL, *key = NULL;
    ck_assert_msg(email__normalise(bad[_i], a, &email, &key, &err) == CINEMA_INVALID, "%s",
                  bad[_i]);
    ck_assert_str_eq(err.field, "email");
    ck_assert_str_eq(err.reason, "email");
}

TEST(an_address_has_at_most_254_bytes)
{
    char text[400];
    const char *email, *key;
    for (int n = 200; n < 300; n++) {
        snprintf(text, sizeof text, "%.60s@",
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        while (strlen(text) < (size_t)n - 8)
            strncat(text, strlen(text) % 50 == 49 ? "." : "b", 2);
        strncat(text, ".example", 9);
        if (strstr(text, ".."))
            continue;
        GIVES(strlen(text) > 254 ? CINEMA_INVALID : CINEMA_OK,
              email__normalise(text, a, &email, &key, &err));
    }
}
