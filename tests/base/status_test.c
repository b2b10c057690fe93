/* status_test.c - outcomes, errors, sized inputs. Mirrors lib/base/status.c and sized.c.
 */
#include "test.h"

#include "base/status.h"

static cinema_error err;

TEST(every_outcome_describes_itself)
{
    for (int i = 0; i < CINEMA_STATUS_COUNT; i++) {
        const cinema_status_info *info = cinema_status_describe(i);
        ck_assert_int_eq(info->number, i);
        ck_assert(info->http >= 200 && info->http < 600);
        ck_assert(*info->name && *info->word && *info->title);
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(info->word, cinema_status_describe(j)->word);
    }
    ck_assert_str_eq(cinema_status_describe(CINEMA_STALE)->word, "stale");
    ck_assert_int_eq(cinema_status_describe(CINEMA_STALE)->http, 412);
}

TEST(an_unknown_outcome_reads_as_internal)
{
    static const int unknown[] = { -1, CINEMA_STATUS_COUNT, 999, INT32_MAX, INT32_MIN };
    for (size_t i = 0; i < COUNT_OF(unknown); i++)
        ck_assert_str_eq(cinema_status_describe(unknown[i])->name, "INTERNAL");
}

TEST(a_failure_says_what_and_where)
{
    GIVES(CINEMA_CONFLICT, fail(&err, CINEMA_CONFLICT, "slug_taken", "slug", "slug %d", 7));
    ck_assert_int_eq(err.status, CINEMA_CONFLICT);
    ck_assert_str_eq(err.reason, "slug_taken");
    ck_assert_str_eq(err.field, "slug");
    ck_assert_str_eq(err.message, "slug 7");
}

TEST(a_failure_without_a_reason_takes_the_word_of_its_outcome)
{
    GIVES(CINEMA_NOT_FOUND, fail(&err, CINEMA_NOT_FOUND, NULL, NULL, "gone"));
    ck_assert_str_eq(err.reason, "not_found");
    ck_assert_str_eq(err.field, "");
    GIVES(CINEMA_NO_MEMORY, fail_memory(&err));
    ck_assert_str_eq(err.reason, "no_memory");
    GIVES(CINEMA_LIMITED, fail(NULL, CINEMA_LIMITED, NULL, NULL, "nobody listens"));
}

TEST(what_is_too_long_is_cut_at_a_character)
{
    char text[301], cut[6];
    for (int i = 0; i < 100; i++)
        memcpy(text + 3 * i, "\xe4\xb9\xb1", 4); /* 3 bytes each */
    fail(&err, CINEMA_INVALID, text, text, "%s", text);
    ck_assert_uint_eq(strlen(err.reason), 39);
    ck_assert_uint_eq(strlen(err.field), 63);
    ck_assert_uint_eq(strlen(err.message), 138); /* of 139 */
    ck_assert(!text_copy(cut, sizeof cut, text));
    ck_assert_str_eq(cut, "\xe4\xb9\xb1");
    ck_assert(text_copy(cut, sizeof cut, "abcde"));
    ck_assert_str_eq(cut, "abcde");
}

/* What is quoted may be no text at all, or was cut before; answers are UTF-8, and messages a line.
 */
static const struct {
    const char *text, *mended;
} quoted[] = {
    { "plain", "plain" },
    { "\xc3\xa9 \xe4\xb9\xb1 \xf0\x9f\x8e\xac", "\xc3\xa9 \xe4\xb9\xb1 \xf0\x9f\x8e\xac" },
    { "\xff\xfe", "??" },
    { "a\xe4\xb9", "a??" },         /* cut */
    { "\xc0\xaf", "??" },           /* overlong */
    { "\xe0\x80\xaf", "???" },      /* overlong */
    { "\xed\xa0\x80", "???" },      /* surrogate */
    { "\xf0\x80\x80\x80", "????" }, /* overlong */
    { "\xf4\x90\x80\x80", "????" }, /* beyond U+10FFFF */
    { "\xb1 alone", "? alone" },    /* continues nothing */
    { "two\nlines\x1b[31m\x7f", "two?lines?[31m?" },
    { "a\xc2\x9b"
      "31m\xc2\x85\xc2\xa0",
      "a??31m??\xc2\xa0" }, /* controls of two bytes */
};

TEST_EACH(what_is_quoted_comes_out_as_one_line_of_utf8, COUNT_OF(quoted))
{
    fail(&err, CINEMA_INVALID, NULL, quoted[_i].text, "%s", quoted[_i].text);
    ck_assert_str_eq(err.message, quoted[_i].mended);
    ck_assert_str_eq(err.field, quoted[_i].mended);
}

/* ---- sized inputs ---------------------------------------------------------------------------- */

typedef struct input {
    const char *name;
    int64_t year;
} input;

TEST(a_shorter_input_is_filled_up_with_zeros)
{
    input in, given = { "Ran", 1985 };
    OK(TAKE(in, &given, offsetof(input, year), &err));
    ck_assert_str_eq(in.name, "Ran");
    ck_assert_int_eq(in.year, 0);
    OK(TAKE(in, NULL, sizeof given, &err));
    ck_assert_ptr_null(in.name);
}

TEST(a_longer_input_must_be_zero_where_we_do_not_know_it)
{
    struct {
        input known;
        char later[8];
    } given = { { "Ran", 1985 }, "" };
    input in;
    OK(TAKE(in, &given, sizeof given, &err));
    ck_assert_int_eq(in.year, 1985);
    given.later[7] = 1;
    GIVES(CINEMA_INVALID, TAKE(in, &given, sizeof given, &err));
    ck_assert_str_eq(err.reason, "newer_than_library");
}
