/* uuid_test.c - reading and writing uuids. Mirrors lib/base/uuid.c; making them: handle_test.c.
 */
#include "test.h"

#include "base/status.h"
#include "base/uuid.h"

TEST(no_text_is_no_id)
{
    uuid u;
    ck_assert(!uuid_parse(NULL, &u));
}

TEST(a_uuid_is_read_in_either_case_and_written_in_lower)
{
    uuid u;
    char text[UUID_TEXT];
    ck_assert(uuid_parse("0190A0e0-1234-7abc-8DEF-0123456789aB", &u));
    ck_assert_uint_eq(u.bytes[0], 0x01);
    ck_assert_uint_eq(u.bytes[15], 0xAB);
    uuid_text(&u, text);
    ck_assert_str_eq(text, "0190a0e0-1234-7abc-8def-0123456789ab");
}

static const char *const none[] = {
    "",
    "0",
    "0190a0e0",
    "0190a0e0-1234-7abc-8def-0123456789a",   /* short */
    "0190a0e0-1234-7abc-8def-0123456789abc", /* long */
    "0190a0e0-1234-7abc-8def-0123456789ab ",
    " 0190a0e0-1234-7abc-8def-0123456789ab",
    "0190a0e012347abc8def0123456789ab", /* without dashes */
    "{0190a0e0-1234-7abc-8def-0123456789ab}",
    "0190a0e0-1234-7abc-8def-0123456789ag",
    "0190a0e0+1234-7abc-8def-0123456789ab",
    "0190a0e01-234-7abc-8def-0123456789ab", /* dash moved */
    "0190a0e0-1234-7abc-8def-0123456789\xc3\xa9",
};

TEST_EACH(only_the_canonical_form_is_one, COUNT_OF(none))
{
    uuid u = { { 7 } };
    ck_assert(!uuid_parse(none[_i], &u));
    ck_assert_uint_eq(u.bytes[0], 7); /* untouched */
}
