/* kv_test.c - conformance of key-value drivers: a driver is right when it passes. Run on memory,
 * and on the Redis of CINEMA_TEST_KV_URL.
 */
#include "port/kv_help.h"

#include <stdio.h>

FIXTURE(kv_start, kv_stop)

/* Room for a busy machine between what has ended and what has not. */
enum { SHORT_MS = 1000 }; /* more than a busy machine needs for two steps */

/* ---- values ---------------------------------------------------------------------------------- */

TEST(nothing_is_read_where_nothing_is)
{
    ck_assert_ptr_null(kv_read("nobody"));
    ck_assert(!kv_do(kv_delete("nobody")).hit);
    ck_assert_ptr_null(kv_text(kv_take("nobody", NULL, 0)));
}

TEST(what_is_set_is_read)
{
    ck_assert(kv_do(kv_set_text("film", "Ran", LONG_MS)).hit);
    ck_assert_str_eq(kv_read("film"), "Ran");
    kv_do(kv_set_text("film", "The Third Man", LONG_MS));
    ck_assert_str_eq(kv_read("film"), "The Third Man");
    kv_do(kv_set_text("film", "M", LONG_MS));
    ck_assert_str_eq(kv_read("film"), "M");
}

static const size_t lengths[] = { 0, 1, 7, 1000, KV_VALUE_MAX };

TEST_EACH(bytes_come_back_as_they_were, (int)COUNT_OF(lengths))
{
    static unsigned char in[KV_VALUE_MAX], out[KV_VALUE_MAX];
    size_t n = lengths[_i];
    for (size_t i = 0; i < n; i++)
        in[i] = (unsigned char)(i * 7 + i / 256);
    kv_do(kv_set("bytes", in, n, LONG_MS));
    kv_step got = kv_do(kv_get("bytes", out, sizeof out));
    ck_assert(got.hit);
    ck_assert_uint_eq(got.length, n);
    ck_assert(!memcmp(in, out, n));
}

static const char *const names[] = { "a b", "line\r\nline", "\xc3\xa4\xe2\x82\xac", "$3", "*",
                                     "%s",  "{a}b" };

TEST_EACH(any_text_is_a_key, (int)COUNT_OF(names))
{
    kv_do(kv_set_text(names[_i], names[_i], LONG_MS));
    ck_assert_str_eq(kv_read(names[_i]), names[_i]);
    ck_assert(kv_do(kv_delete(names[_i])).hit);
}

TEST(the_longest_key_is_a_key)
{
    char key[KV_KEY_MAX + 1];
    memset(key, 'x', KV_KEY_MAX);
    key[KV_KEY_MAX] = '\0';
    kv_do(kv_set_text(key, "long", LONG_MS));
    key[KV_KEY_MAX - 1] = 'y';
    ck_assert_ptr_null(kv_read(key));
    key[KV_KEY_MAX - 1] = 'x';
    ck_assert_str_eq(kv_read(key), "long");
}

TEST(a_value_that_does_not_fit_is_told)
{
    char room[4];
    kv_do(kv_set_text("film", "Ikiru", LONG_MS));
    kv_step get = kv_get("film", room, sizeof room);
    GIVES(CINEMA_TOO_LARGE, kv_try(k, &get, KV_PATIENCE_MS));
    ck_assert_uint_eq(get.length, 5);
    ck_assert_str_eq(kv_read("film"), "Ikiru");
}

/* ---- time ------------------------------------------------------------------------------------ */

TEST(an_entry_ends_by_itself)
{
    kv_do(kv_set_text("soon", "gone", SHORT_MS));
    kv_do(kv_set_text("late", "here", LONG_MS));
    ck_assert_str_eq(kv_read("soon"), "gone");
    kv_sleep(SHORT_MS + 20);
    ck_assert_ptr_null(kv_read("soon"));
    ck_assert(!kv_do(kv_delete("soon")).hit);
    ck_assert_str_eq(kv_read("late"), "here");
}

TEST(setting_again_sets_the_time_again)
{
    kv_do(kv_set_text("film", "Ran", SHORT_MS));
    kv_do(kv_set_text("film", "Ran", LONG_MS));
    kv_sleep(SHORT_MS + 20);
    ck_assert_str_eq(kv_read("film"), "Ran");
    kv_do(kv_set_text("film", "Ran", 1));
    kv_sleep(20);
    ck_assert_ptr_null(kv_read("film"));
}

TEST(the_longest_time_is_taken)
{
    kv_do(kv_set_text("film", "Ran", KV_TTL_MAX_MS));
    ck_assert_str_eq(kv_read("film"), "Ran");
    ck_assert(kv_do(kv_limit("slow", 1, KV_TTL_MAX_MS, 1)).hit);
    kv_step again = kv_do(kv_limit("slow", 1, KV_TTL_MAX_MS, 1));
    ck_assert(!again.hit);
    ck_assert_int_gt(again.retry_ms, KV_TTL_MAX_MS - KV_PATIENCE_MS);
    ck_assert_int_le(again.retry_ms, KV_TTL_MAX_MS);
}

/* ---- once only ------------------------------------------------------------------------------- */

TEST(a_new_one_is_set_once)
{
    ck_assert(kv_do(kv_set_new_text("code", "first", SHORT_MS)).hit);
    ck_assert(!kv_do(kv_set_new_text("code", "second", LONG_MS)).hit);
    ck_assert_str_eq(kv_read("code"), "first");
    kv_sleep(SHORT_MS + 20); /* nor has the second set another time */
    ck_assert(kv_do(kv_set_new_text("code", "third", LONG_MS)).hit);
    ck_assert_str_eq(kv_read("code"), "third");
}

TEST(what_is_taken_is_gone)
{
    kv_do(kv_set_text("state", "secret", LONG_MS));
    ck_assert_str_eq(kv_text(kv_take("state", NULL, 0)), "secret");
    ck_assert_ptr_null(kv_text(kv_take("state", NULL, 0)));
    ck_assert_ptr_null(kv_read("state"));
}

static int64_t take_all(int i)
{
    int64_t had = 0;
    char key[32];
    (void)i;
    for (int n = 0; n < 50; n++) {
        snprintf(key, sizeof key, "code %d", n);
        had += kv_text(kv_take(key, NULL, 0)) != NULL;
    }
    return had;
}

TEST(of_many_takers_one_has_it)
{
    char key[32];
    for (int n = 0; n < 50; n++) {
        snprintf(key, sizeof key, "code %d", n);
        kv_do(kv_set_text(key, "one", LONG_MS));
    }
    ck_assert_int_eq(kv_together(8, take_all), 50);
}

static int64_t set_new(int i)
{
    (void)i;
    return kv_do(kv_set_new_text("lease", "mine", LONG_MS)).hit;
}

TEST(of_many_setters_one_is_first)
{
    ck_assert_int_eq(kv_together(8, set_new), 1);
}

TEST(deleting_says_whether_it_was_there)
{
    kv_do(kv_set_text("film", "Ran", LONG_MS));
    ck_assert(kv_do(kv_delete("film")).hit);
    ck_assert(!kv_do(kv_delete("film")).hit);
    ck_assert_ptr_null(kv_read("film"));
}

TEST(only_the_same_value_is_deleted)
{
    kv_do(kv_set_text("lease", "anna", LONG_MS));
    ck_assert(!kv_do(kv_delete_if("lease", "ann", 3)).hit);
    ck_assert(!kv_do(kv_delete_if("lease", "annaa", 5)).hit);
    ck_assert(!kv_do(kv_delete_if("lease", NULL, 0)).hit);
    ck_assert_str_eq(kv_read("lease"), "anna");
    ck_assert(kv_do(kv_delete_if("lease", "anna", 4)).hit);
    ck_assert(!kv_do(kv_delete_if("lease", "anna", 4)).hit);
    kv_do(kv_set("lease", NULL, 0, LONG_MS));
    ck_assert(kv_do(kv_delete_if("lease", NULL, 0)).hit);
}

/* ---- counters -------------------------------------------------------------------------------- */

TEST(a_counter_adds)
{
    ck_assert_int_eq(kv_do(kv_count("n", 1, LONG_MS)).number, 1);
    ck_assert_int_eq(kv_do(kv_count("n", 41, LONG_MS)).number, 42);
    ck_assert_int_eq(kv_do(kv_count("n", -50, LONG_MS)).number, -8);
    ck_assert_int_eq(kv_do(kv_count("n", 0, LONG_MS)).number, -8);
    ck_assert_str_eq(kv_read("n"), "-8");
    ck_assert(kv_do(kv_delete_if("n", "-8", 2)).hit);
    ck_assert_int_eq(kv_do(kv_count("n", 0, LONG_MS)).number, 0);
}

TEST(a_counter_goes_on_from_a_number)
{
    kv_do(kv_set_text("n", "9007199254740990", LONG_MS));
    ck_assert_int_eq(kv_do(kv_count("n", 2, LONG_MS)).number, KV_COUNT_MAX);
    ck_assert_str_eq(kv_read("n"), "9007199254740992");
    kv_step more = kv_count("n", 1, LONG_MS);
    GIVES(CINEMA_INVALID, kv_try(k, &more, KV_PATIENCE_MS));
    ck_assert_str_eq(kv_read("n"), "9007199254740992");
    ck_assert_int_eq(kv_do(kv_count("n", -KV_COUNT_MAX, LONG_MS)).number, 0);
    ck_assert_int_eq(kv_do(kv_count("n", -KV_COUNT_MAX, LONG_MS)).number, -KV_COUNT_MAX);
    more = kv_count("n", -1, LONG_MS);
    GIVES(CINEMA_INVALID, kv_try(k, &more, KV_PATIENCE_MS));
}

TEST(a_counter_ends_when_its_first_step_said)
{
    kv_do(kv_count("n", 1, SHORT_MS));
    ck_assert_int_eq(kv_do(kv_count("n", 1, LONG_MS)).number, 2);
    kv_sleep(SHORT_MS + 20);
    ck_assert_int_eq(kv_do(kv_count("n", 1, LONG_MS)).number, 1);
}

static const char *const no_numbers[] = { "",    "x", "1x", " 1",  "01",   "+1",
                                          "1.5", "-", "-0", "1e3", "0x10", "99999999999999999999" };

TEST_EACH(text_is_no_counter, (int)COUNT_OF(no_numbers))
{
    kv_step count = kv_count("film", 1, LONG_MS);
    kv_do(kv_set_text("film", no_numbers[_i], LONG_MS));
    GIVES(CINEMA_INVALID, kv_try(k, &count, KV_PATIENCE_MS));
    ck_assert_str_eq(kv_read("film"), no_numbers[_i]);
}

static int64_t count_up(int i)
{
    for (int n = 0; n < 100; n++)
        kv_do(kv_count("n", i, LONG_MS));
    return 0;
}

TEST(no_count_is_lost_among_threads)
{
    kv_together(8, count_up);
    ck_assert_int_eq(kv_do(kv_count("n", 0, LONG_MS)).number, 100 * (8 * 7 / 2));
}

/* ---- limits ---------------------------------------------------------------------------------- */

TEST(a_limit_allows_so_many_and_no_more)
{
    for (int64_t i = 1; i <= 5; i++) {
        kv_step one = kv_do(kv_limit("address", 5, LONG_MS, 1));
        ck_assert(one.hit);
        ck_assert_int_eq(one.left, 5 - i);
        ck_assert_int_eq(one.retry_ms, 0);
        ck_assert_int_le(one.reset_ms, LONG_MS / 5 * i);
        ck_assert_int_gt(one.reset_ms, LONG_MS / 5 * i - 5000);
    }
    for (int i = 0; i < 3; i++) { /* refused ones are not counted */
        kv_step more = kv_do(kv_limit("address", 5, LONG_MS, 1));
        ck_assert(!more.hit);
        ck_assert_int_eq(more.left, 0);
        ck_assert_int_le(more.retry_ms, LONG_MS / 5);
        ck_assert_int_gt(more.retry_ms, LONG_MS / 5 - 5000);
        ck_assert_int_le(more.reset_ms, LONG_MS);
    }
    ck_assert(kv_do(kv_limit("another", 5, LONG_MS, 1)).hit);
}

TEST(one_that_comes_back_when_told_is_allowed)
{
    while (kv_do(kv_limit("address", 4, 1000, 1)).hit)
        ;
    kv_step no = kv_do(kv_limit("address", 4, 1000, 1));
    while (no.hit) /* slow: a quarter of a second went by */
        no = kv_do(kv_limit("address", 4, 1000, 1));
    ck_assert_int_ge(no.retry_ms, 1);
    kv_sleep(no.retry_ms + 2);
    ck_assert(kv_do(kv_limit("address", 4, 1000, 1)).hit);
}

TEST(a_limit_is_whole_again_after_its_window)
{
    ck_assert(kv_do(kv_limit("address", 3, SHORT_MS, 3)).hit);
    kv_sleep(SHORT_MS + 20);
    kv_step look = kv_do(kv_limit("address", 3, SHORT_MS, 0));
    ck_assert_int_eq(look.left, 3);
    ck_assert_int_eq(look.reset_ms, 0);
}

TEST(a_cost_takes_several_at_once)
{
    ck_assert_int_eq(kv_do(kv_limit("a", 10, LONG_MS, 7)).left, 3);
    kv_step four = kv_do(kv_limit("a", 10, LONG_MS, 4));
    ck_assert(!four.hit);
    ck_assert_int_eq(four.left, 3);
    ck_assert_int_eq(kv_do(kv_limit("a", 10, LONG_MS, 3)).left, 0);
}

TEST(looking_takes_nothing)
{
    for (int i = 0; i < 5; i++) {
        kv_step look = kv_do(kv_limit("a", 2, LONG_MS, 0));
        ck_assert(look.hit);
        ck_assert_int_eq(look.left, 2);
        ck_assert_int_eq(look.reset_ms, 0);
    }
    kv_do(kv_limit("a", 2, LONG_MS, 2));
    kv_step look = kv_do(kv_limit("a", 2, LONG_MS, 0));
    ck_assert(!look.hit);
    ck_assert_int_gt(look.retry_ms, 0);
}

TEST(what_was_taken_can_be_given_back)
{
    kv_do(kv_limit("a", 3, LONG_MS, 3));
    ck_assert(!kv_do(kv_limit("a", 3, LONG_MS, 1)).hit);
    kv_step back = kv_do(kv_limit("a", 3, LONG_MS, -1));
    ck_assert(back.hit);
    ck_assert_int_eq(back.left, 1);
    ck_assert(kv_do(kv_limit("a", 3, LONG_MS, 1)).hit);
    ck_assert(!kv_do(kv_limit("a", 3, LONG_MS, 1)).hit);
}

TEST(more_than_was_taken_cannot_be_given_back)
{
    ck_assert_int_eq(kv_do(kv_limit("never", 3, LONG_MS, -3)).left, 3);
    kv_do(kv_limit("a", 3, LONG_MS, 1));
    ck_assert_int_eq(kv_do(kv_limit("a", 3, LONG_MS, -3)).left, 3);
    ck_assert_int_eq(kv_do(kv_limit("a", 3, LONG_MS, 0)).reset_ms, 0);
    ck_assert(kv_do(kv_limit("a", 3, LONG_MS, 3)).hit);
    ck_assert(!kv_do(kv_limit("a", 3, LONG_MS, 1)).hit);
}

TEST(a_limit_that_is_deleted_begins_anew)
{
    kv_do(kv_limit("account", 1, LONG_MS, 1));
    ck_assert(!kv_do(kv_limit("account", 1, LONG_MS, 1)).hit);
    ck_assert(kv_do(kv_delete("account")).hit);
    ck_assert(kv_do(kv_limit("account", 1, LONG_MS, 1)).hit);
}

TEST(a_limit_may_be_lowered_and_raised)
{
    kv_do(kv_limit("account", 10, LONG_MS, 8));
    ck_assert(!kv_do(kv_limit("account", 2, LONG_MS / 10, 1)).hit);
    ck_assert_int_eq(kv_do(kv_limit("account", 2, LONG_MS / 10, 0)).left, 0);
    ck_assert(kv_do(kv_limit("account", 20, LONG_MS, 1)).hit);
}

TEST(limits_and_values_do_not_mix)
{
    kv_step limit = kv_limit("text", 5, LONG_MS, 1), count = kv_count("limit", 1, LONG_MS);
    kv_do(kv_set_text("text", "12345678", LONG_MS));
    GIVES(CINEMA_INVALID, kv_try(k, &limit, KV_PATIENCE_MS));
    kv_do(kv_limit("limit", 5, LONG_MS, 1));
    GIVES(CINEMA_INVALID, kv_try(k, &count, KV_PATIENCE_MS));
}

static int64_t burst(int i)
{
    int64_t allowed = 0;
    (void)i;
    for (int n = 0; n < 20; n++)
        allowed += kv_do(kv_limit("account", 20, KV_TTL_MAX_MS, 1)).hit;
    return allowed;
}

TEST(a_parallel_burst_gets_no_more_than_the_limit)
{
    ck_assert_int_eq(kv_together(8, burst), 20);
}

/* ---- several at once ------------------------------------------------------------------------- */

TEST(several_steps_go_in_one_call)
{
    char one[8], two[8];
    kv_do(kv_set_text("one", "1st", LONG_MS));
    kv_step steps[] = {
        kv_get("one", one, sizeof one),     kv_get("two", two, sizeof two),
        kv_set_text("three", "3", LONG_MS), kv_count("four", 4, LONG_MS),
        kv_limit("five", 5, LONG_MS, 1),    kv_delete("six"),
        kv_limit("seven", 7, LONG_MS, 1),   kv_set_new_text("eight", "8", LONG_MS),
    };
    ck_assert_int_eq(kv_check(steps, COUNT_OF(steps), &kv_err), CINEMA_OK);
    ck_assert_int_eq(
        k->driver->run(k, steps, COUNT_OF(steps), clock_monotonic_ms() + KV_PATIENCE_MS, &kv_err),
        CINEMA_OK);
    ck_assert(steps[0].hit && steps[0].length == 3 && !memcmp(one, "1st", 3));
    ck_assert(!steps[1].hit && !steps[5].hit && steps[2].hit && steps[7].hit);
    ck_assert_int_eq(steps[3].number, 4);
    ck_assert_int_eq(steps[4].left, 4);
    ck_assert_int_eq(steps[6].left, 6);
    ck_assert_str_eq(kv_read("three"), "3");
}

TEST(a_step_that_fails_leaves_the_others)
{
    kv_do(kv_set_text("text", "no number", LONG_MS));
    kv_step steps[] = { kv_set_text("a", "A", LONG_MS), kv_count("text", 1, LONG_MS),
                        kv_set_text("b", "B", LONG_MS) };
    GIVES(CINEMA_INVALID,
          k->driver->run(k, steps, 3, clock_monotonic_ms() + KV_PATIENCE_MS, &kv_err));
    ck_assert_str_eq(kv_read("a"), "A");
    ck_assert_str_eq(kv_read("b"), "B");
}

/* ---- bounds ---------------------------------------------------------------------------------- */

TEST(what_is_out_of_bounds_is_refused)
{
    static char key[KV_KEY_MAX + 2];
    memset(key, 'k', KV_KEY_MAX + 1);
    const kv_step wrong[] = {
        kv_get(NULL, NULL, 0),
        kv_get("", NULL, 0),
        kv_get(key, NULL, 0),
        kv_set_text("a", "b", 0),
        kv_set_text("a", "b", -1),
        kv_set_text("a", "b", KV_TTL_MAX_MS + 1),
        kv_set_new_text("a", "b", 0),
        kv_set("a", key, KV_VALUE_MAX + 1, LONG_MS),
        kv_delete_if("a", key, KV_VALUE_MAX + 1),
        kv_count("a", 1, 0),
        kv_count("a", KV_COUNT_MAX + 1, LONG_MS),
        kv_count("a", INT64_MIN, LONG_MS),
        kv_limit("a", 0, LONG_MS, 1),
        kv_limit("a", 5, 0, 1),
        kv_limit("a", 5, LONG_MS, 6),
        kv_limit("a", 5, LONG_MS, -6),
        kv_limit("a", 1001, 1, 1), /* more than one a microsecond */
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        ck_assert_msg(kv_check(&wrong[i], 1, &kv_err) == CINEMA_INVALID, "step %zu", i);
    kv_step many[KV_STEPS_MAX + 1];
    for (size_t i = 0; i < COUNT_OF(many); i++)
        many[i] = kv_delete("a");
    GIVES(CINEMA_OK, kv_check(many, KV_STEPS_MAX, &kv_err));
    GIVES(CINEMA_INVALID, kv_check(many, KV_STEPS_MAX + 1, &kv_err));
    GIVES(CINEMA_INVALID, kv_check(many, 0, &kv_err));
}

/* ---- opening --------------------------------------------------------------------------------- */

TEST(opening_and_closing_costs_nothing)
{
    for (int i = 0; i < 20; i++) {
        kv *other = kv_another();
        other->driver->close(other);
    }
    k->driver->close(NULL);
}

TEST(what_is_shared_is_seen_by_others)
{
    if (!kv_on_redis())
        SKIP("memory is not shared");
    kv *other = kv_another();
    kv_step take = kv_take("code", (char[8]){ 0 }, 8);
    kv_do(kv_set_text("code", "mine", LONG_MS));
    ck_assert_int_eq(kv_try(other, &take, KV_PATIENCE_MS), CINEMA_OK);
    ck_assert(take.hit);
    ck_assert_ptr_null(kv_read("code"));
    other->driver->close(other);
}
