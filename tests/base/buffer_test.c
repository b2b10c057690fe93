/* buffer_test.c - bytes that grow, up to a hard maximum. Mirrors lib/base/buffer.c.
 */
#include "test.h"

#include "base/buffer.h"

TEST(pieces_are_put_one_behind_the_other)
{
    CLEANUP(buffer_done) buffer b = BUFFER(1000);
    buffer_text(&b, "a");
    buffer_byte(&b, 'b');
    buffer_add(&b, "c\0d", 3);
    buffer_add(&b, NULL, 0);
    buffer_number(&b, 42);
    buffer_format(&b, "%s!", "e");
    ck_assert_uint_eq(b.length, 9);
    ck_assert_int_eq(memcmp(b.bytes, "abc\0d42e!", 10), 0);
    ck_assert_int_eq(b.failed, CINEMA_OK);
}

TEST(numbers_are_written_to_the_limits)
{
    CLEANUP(buffer_done) buffer b = BUFFER(1000);
    buffer_number(&b, INT64_MIN);
    buffer_number(&b, 0);
    buffer_number(&b, INT64_MAX);
    ck_assert_str_eq(b.bytes, "-922337203685477580809223372036854775807");
}

TEST(it_grows_to_its_maximum_with_the_nul_and_no_further)
{
    CLEANUP(buffer_done) buffer b = BUFFER(1000);
    for (int i = 0; i < 999; i++)
        buffer_byte(&b, 'x');
    ck_assert_int_eq(b.failed, CINEMA_OK);
    ck_assert_uint_eq(strlen(b.bytes), 999);
    buffer_byte(&b, 'x');
    ck_assert_int_eq(b.failed, CINEMA_TOO_LARGE);
}

TEST(the_first_failure_sticks)
{
    CLEANUP(buffer_done) buffer b = BUFFER(10);
    buffer_text(&b, "12345");
    buffer_text(&b, "1234567890");
    buffer_text(&b, "6"); /* would have room */
    ck_assert_int_eq(b.failed, CINEMA_TOO_LARGE);
    ck_assert_str_eq(b.bytes, "12345");
    ck_assert(!buffer_reserve(&b, SIZE_MAX));
    buffer_done(&b);
    buffer_text(&b, "again");
    ck_assert_str_eq(b.bytes, "again");
}

TEST(a_huge_reservation_is_too_large)
{
    CLEANUP(buffer_done) buffer b = BUFFER(1000), line = BUFFER(1000);
    ck_assert(!buffer_reserve(&b, SIZE_MAX));
    ck_assert_int_eq(b.failed, CINEMA_TOO_LARGE);
    buffer_format(&line, "%0600d", 1); /* more than a line */
    ck_assert_int_eq(line.failed, CINEMA_TOO_LARGE);
}

TEST(a_buffer_over_borrowed_bytes_is_never_moved)
{
    char bytes[8];
    buffer b = { bytes, 0, sizeof bytes, sizeof bytes, CINEMA_OK };
    buffer_text(&b, "1234567");
    ck_assert_ptr_eq(b.bytes, bytes);
    buffer_byte(&b, '8');
    ck_assert_int_eq(b.failed, CINEMA_TOO_LARGE);
    ck_assert_str_eq(bytes, "1234567");
}
