/* text_test.c - numbers, words, times and dates. Mirrors lib/base/text.c.
 */
#include "test.h"

#include "base/status.h"
#include "base/text.h"

static const struct {
    const char *text;
    int64_t n;
} numbers[] = {
    { "0", 0 },
    { "-0", 0 },
    { "007", 7 },
    { "-1", -1 },
    { "9223372036854775807", INT64_MAX },
    { "-9223372036854775807", -INT64_MAX },
    { "-9223372036854775808", INT64_MIN },
    { "000000000000000000000000000001", 1 },
};

TEST_EACH(numbers_are_read_to_the_limits, COUNT_OF(numbers))
{
    int64_t n = 99;
    ck_assert(text_number(numbers[_i].text, &n));
    ck_assert_int_eq(n, numbers[_i].n);
}

static const char *const written[] = {
    "0", "7", "-1", "1234567890", "9223372036854775807", "-9223372036854775808",
};

TEST_EACH(numbers_are_written_as_they_are_read, COUNT_OF(written))
{
    int64_t n;
    char text[NUMBER_TEXT];
    ck_assert(text_number(written[_i], &n));
    ck_assert_ptr_eq(number_text(n, text), text + strlen(written[_i]));
    ck_assert_str_eq(text, written[_i]);
}

static const char *const no_numbers[] = {
    "",
    "-",
    "+1",
    "--1",
    "1 ",
    " 1",
    "1.0",
    "1e3",
    "0x10",
    "1,000",
    "ten",
    "-a",
    "1-",
    "\xd9\xa1", /* an Arabic one */
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "99999999999999999999999999999999999999",
};

TEST_EACH(anything_else_is_no_number, COUNT_OF(no_numbers))
{
    int64_t n = 99;
    ck_assert(!text_number(no_numbers[_i], &n));
    ck_assert_int_eq(n, 99);
}

TEST(a_word_is_found_whole)
{
    ck_assert(text_listed("draft published archived", "published"));
    ck_assert(text_listed("draft published archived", "archived"));
    ck_assert(!text_listed("draft published archived", "publish"));
    ck_assert(!text_listed("draft published archived", "draft published"));
    ck_assert(!text_listed("draft published", ""));
    ck_assert(!text_listed("", "draft"));
    ck_assert(text_listed_n("a bc", "bcd", 2));
}

/* ---- times ----------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    int64_t ms;
    const char *written; /* NULL: the same */
} times[] = {
    { "1970-01-01T00:00:00.000Z", 0, NULL },
    { "1969-12-31T23:59:59.999Z", -1, NULL },
    { "2026-01-31T12:00:00.000Z", 1769860800000, NULL },
    { "2000-02-29T23:59:59.999Z", 951868799999, NULL },
    { "2024-02-29T00:00:00.000Z", 1709164800000, NULL },
    { "2100-03-01T00:00:00.000Z", 4107542400000, NULL }, /* 2100 is no leap year */
    { "0000-01-01T00:00:00.000Z", -62167219200000, NULL },
    { "0000-02-29T00:00:00.000Z", -62162121600000, NULL },
    { "9999-12-31T23:59:59.999Z", 253402300799999, NULL },
    { "2026-01-31T12:00:00Z", 1769860800000, "2026-01-31T12:00:00.000Z" },
    { "2026-01-31t12:00:00z", 1769860800000, "2026-01-31T12:00:00.000Z" },
    { "2026-01-31T12:00:00.5Z", 1769860800500, "2026-01-31T12:00:00.500Z" },
    { "2026-01-31T12:00:00.1239999999999Z", 1769860800123, "2026-01-31T12:00:00.123Z" },
    { "2026-01-31T13:30:00+01:30", 1769860800000, "2026-01-31T12:00:00.000Z" },
    { "2026-01-31T00:15:00-11:45", 1769860800000, "2026-01-31T12:00:00.000Z" },
    { "2026-02-01T11:59:00+23:59", 1769860800000, "2026-01-31T12:00:00.000Z" },
    { "1999-12-31T23:00:00-01:00", 946684800000, "2000-01-01T00:00:00.000Z" },
};

TEST_EACH(times_are_read_and_written, COUNT_OF(times))
{
    int64_t ms = 99;
    char text[TIME_TEXT];
    ck_assert(time_parse(times[_i].text, &ms));
    ck_assert_int_eq(ms, times[_i].ms);
    time_text(ms, text);
    ck_assert_str_eq(text, times[_i].written ? times[_i].written : times[_i].text);
}

static const char *const no_times[] = {
    "",
    "2026",
    "2026-01-31",
    "2026-01-31 12:00:00Z",
    "2026-01-31T12:00Z",
    "2026-01-31T12:00:00", /* where? */
    "2026-01-31T12:00:00.Z",
    "2026-01-31T12:00:00,5Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T12:60:00Z",
    "2026-01-31T12:00:60Z", /* a leap second has no place in ours */
    "2026-02-29T12:00:00Z",
    "2100-02-29T12:00:00Z",
    "2026-00-01T12:00:00Z",
    "2026-13-01T12:00:00Z",
    "2026-01-32T12:00:00Z",
    "2026-01-00T12:00:00Z",
    "2026-01-31T12:00:00+1:00",
    "2026-01-31T12:00:00+0100",
    "2026-01-31T12:00:00+24:00",
    "2026-01-31T12:00:00+01:60",
    "2026-01-31T12:00:00ZZ",
    "2026-01-31T12:00:00Z ",
    "12026-01-31T12:00:00Z",
    "0000-01-01T00:00:00+00:01", /* in UTC the year before 0 */
    "9999-12-31T23:59:59-00:01", /* in UTC the year 10000 */
};

TEST_EACH(anything_else_is_no_time, COUNT_OF(no_times))
{
    int64_t ms = 99;
    ck_assert(!time_parse(no_times[_i], &ms));
    ck_assert_int_eq(ms, 99);
}

TEST(every_day_of_four_centuries_comes_back)
{
    char text[TIME_TEXT];
    for (int64_t day = -25567; day < 146097 - 25567; day++) { /* from 1900 on */
        int64_t ms = 0;
        time_text(day * 86400000, text);
        ck_assert(time_parse(text, &ms) && ms == day * 86400000);
    }
}

static const char *const dates[] = {
    "1949", "1949-09", "1949-09-01", "2000-02-29", "0000", "9999-12-31",
};
static const char *const no_dates[] = {
    "",         "49",          "949",      "19490",      "1949-",      "1949-9",
    "1949-00",  "1949-13",     "1949-09-", "1949-09-00", "1949-09-31", "1900-02-29",
    "1949-9-1", "1949-09-01T", "194a",     "-949",       "1949/09/01", " 1949",
};

TEST(a_date_may_end_after_year_or_month)
{
    for (size_t i = 0; i < COUNT_OF(dates); i++)
        ck_assert_msg(date_valid(dates[i]), "%s", dates[i]);
    for (size_t i = 0; i < COUNT_OF(no_dates); i++)
        ck_assert_msg(!date_valid(no_dates[i]), "%s", no_dates[i]);
}

/* ---- did you mean ---------------------------------------------------------------------------- */

static const struct {
    const char *word, *nearest; /* NULL: nothing is near */
} near[] = {
    { "yaer", "year" },    { "titel", "title" }, { "year", "year" }, { "Overview", "overview" },
    { "gen", NULL },       { "ids", "id" },      { "", NULL },       { "colour", NULL },
    { "genre", "genres" }, { "xx", NULL },
};

TEST_EACH(the_nearest_word_is_found, COUNT_OF(near))
{
    static const char *const words[] = { "id", "title", "year", "overview", "genres" };
    const char *found = text_nearest(near[_i].word, words, COUNT_OF(words));
    ck_assert_pstr_eq(found, near[_i].nearest);
}

TEST(very_long_words_are_near_to_nothing)
{
    char word[5000];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    ck_assert_ptr_null(text_nearest(word, (const char *const[]){ word }, 1));
}

TEST(words_that_come_twice_are_kept_once_in_their_order)
{
    const char *words[] = { "write", "read", "write", "read", "audit" };
    cinema_texts l = { words, COUNT_OF(words) };
    texts_once(&l);
    ck_assert_uint_eq(l.count, 3);
    ck_assert_str_eq(l.items[0], "write");
    ck_assert_str_eq(l.items[1], "read");
    ck_assert_str_eq(l.items[2], "audit");
}
