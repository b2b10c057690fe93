/* blob_test.c - conformance of blob drivers: a driver is right when it passes.
 */
#include "port/blob_help.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

FIXTURE(blob_start, blob_stop)

static const uint64_t lengths[] = { 0, 1, 1000, 65535, 65536, 65537, 131072, 1000003 };

/* ---- bytes ----------------------------------------------------------------------------------- */

TEST_EACH(bytes_come_back_as_they_were, (int)COUNT_OF(lengths))
{
    blob_info info;
    blob_must_put("films/ran", lengths[_i], 1);
    ck_assert_int_eq(blob_read("films/ran", 0, UINT64_MAX, 1), (int64_t)lengths[_i]);
    OK(b->driver->stat(b, "films/ran", &info, &err));
    ck_assert_uint_eq(info.length, lengths[_i]);
}

TEST(a_blob_knows_when_it_was_put)
{
    blob_info info;
    int64_t now = (int64_t)time(NULL) * 1000;
    blob_must_put("film", 10, 1);
    OK(b->driver->stat(b, "film", &info, &err));
    ck_assert_int_ge(info.changed_at, now - 5000);
    ck_assert_int_le(info.changed_at, now + 60000);
}

static const struct range {
    uint64_t from, count;
    int64_t got;
} ranges[] = {
    { 0, 1, 1 },           { 0, 0, 0 },      { 65535, 2, 2 },  { 65536, 65536, 65536 },
    { 70000, 100, 100 },   { 199999, 5, 1 }, { 200000, 5, 0 }, { 1, UINT64_MAX, 199999 },
    { 5, 131072, 131072 }, { 131071, 3, 3 },
};

TEST_EACH(a_part_of_a_blob_is_read, (int)COUNT_OF(ranges))
{
    blob_must_put("film", 200000, 2);
    ck_assert_int_eq(blob_read("film", ranges[_i].from, ranges[_i].count, 2), ranges[_i].got);
}

TEST(a_range_behind_the_end_is_refused)
{
    blob_reader *r = NULL;
    blob_must_put("film", 10, 1);
    GIVES(CINEMA_INVALID, b->driver->get(b, "film", 11, 1, &r, &err));
    ck_assert_str_eq(err.reason, "blob_range");
    ck_assert_ptr_null(r);
}

/* ---- names ----------------------------------------------------------------------------------- */

TEST(what_is_not_there_is_not_found)
{
    blob_reader *r = NULL;
    blob_info info;
    blob_must_put("films/ran", 10, 1);
    GIVES(CINEMA_NOT_FOUND, b->driver->get(b, "films/ikiru", 0, 1, &r, &err));
    GIVES(CINEMA_NOT_FOUND, b->driver->stat(b, "films", &info, &err));
    GIVES(CINEMA_NOT_FOUND, b->driver->stat(b, "films/ran/more", &info, &err));
    GIVES(CINEMA_NOT_FOUND, b->driver->stat(b, "a/b/c", &info, &err));
}

TEST(a_name_may_go_on_where_another_ends)
{
    blob_must_put("films", 10, 1);
    blob_must_put("films/ran", 20, 2);
    blob_must_put("films/ran/poster", 30, 3);
    ck_assert_int_eq(blob_read("films", 0, UINT64_MAX, 1), 10);
    ck_assert_int_eq(blob_read("films/ran", 0, UINT64_MAX, 2), 20);
    ck_assert_int_eq(blob_read("films/ran/poster", 0, UINT64_MAX, 3), 30);
}

TEST(the_longest_name_is_a_name)
{
    char name[BLOB_NAME_MAX + 2];
    memset(name, 'x', BLOB_NAME_MAX);
    name[BLOB_NAME_MAX] = '\0';
    OK(blob_name_check(name, &err));
    blob_must_put(name, 10, 1);
    ck_assert_str_eq(blob_names("", NULL), name);
    memcpy(name + BLOB_NAME_MAX, "x", 2);
    GIVES(CINEMA_INVALID, blob_name_check(name, &err));
}

static const char *const no_names[] = {
    "",           "/",   "a/",  "/a",    "a//b",  "..",    "a/../b",   ".",
    "a.b",        "A",   "a b", "a\\b",  "a%2fb", "a\nb",  "\xc3\xa4", "a/./b",
    "a/.part-00", "a:b", "~",   "$HOME", "*",     "a\x7f",
};

TEST_EACH(what_could_lead_elsewhere_is_no_name, (int)COUNT_OF(no_names))
{
    GIVES(CINEMA_INVALID, blob_name_check(no_names[_i], &err));
    ck_assert_str_eq(err.reason, "blob_name");
    GIVES(CINEMA_INVALID, blob_name_check(NULL, &err));
}

/* ---- putting again, removing ----------------------------------------------------------------- */

TEST(a_blob_is_replaced_as_a_whole)
{
    blob_must_put("film", 200000, 1);
    blob_must_put("film", 100, 2);
    ck_assert_int_eq(blob_read("film", 0, UINT64_MAX, 2), 100);
}

TEST(who_reads_goes_on_reading_what_is_replaced_or_removed)
{
    blob_reader *r = NULL;
    unsigned char first[10], rest[1000];
    blob_must_put("film", 200000, 1);
    OK(b->driver->get(b, "film", 0, UINT64_MAX, &r, &err));
    ck_assert_int_eq(r->stream.read(first, sizeof first, r->stream.user), sizeof first);
    blob_must_put("film", 200000, 2);
    OK(b->driver->remove(b, "film", &err));
    uint64_t at = sizeof first;
    for (int64_t n; (n = r->stream.read(rest, sizeof rest, r->stream.user)); at += (uint64_t)n) {
        ck_assert_int_gt(n, 0);
        for (int64_t i = 0; i < n; i++)
            ck_assert_uint_eq(rest[i], blob_byte(1, at + (uint64_t)i));
    }
    ck_assert_uint_eq(at, 200000);
    blob_close(r);
}

TEST(bytes_that_break_off_change_nothing)
{
    blob_source from = { .left = 150000, .seed = 2, .broken = true };
    const cinema_stream stream = { .read = blob_pour, .user = &from };
    GIVES(CINEMA_CANCELLED, b->driver->put(b, "film", &stream, &err));
    ck_assert_str_eq(blob_names("", NULL), "");
    blob_must_put("film", 100, 1);
    from.left = 150000;
    GIVES(CINEMA_CANCELLED, b->driver->put(b, "film", &stream, &err));
    ck_assert_int_eq(blob_read("film", 0, UINT64_MAX, 1), 100);
}

static void look_while_it_is_written(void)
{
    ck_assert_str_eq(blob_names("", NULL), "film");
    ck_assert_int_eq(blob_read("film", 0, UINT64_MAX, 1), 100);
}

TEST(nobody_sees_half_a_blob)
{
    blob_source from = { .left = 300000, .seed = 2, .before_end = look_while_it_is_written };
    blob_must_put("film", 100, 1);
    OK(b->driver->put(b, "film", &(cinema_stream){ .read = blob_pour, .user = &from }, &err));
    ck_assert_int_eq(blob_read("film", 0, UINT64_MAX, 2), 300000);
}

TEST(what_is_removed_is_gone)
{
    blob_info info;
    blob_must_put("film", 10, 1);
    OK(b->driver->remove(b, "film", &err));
    GIVES(CINEMA_NOT_FOUND, b->driver->stat(b, "film", &info, &err));
    OK(b->driver->remove(b, "film", &err)); /* once more is fine */
    OK(b->driver->remove(b, "no/such/film", &err));
    ck_assert_str_eq(blob_names("", NULL), "");
}

/* ---- lists ----------------------------------------------------------------------------------- */

static void put_some(void)
{
    static const char *const names[] = { "b/2", "a-b",  "a/b/c", "a", "a/b",
                                         "a0",  "b/10", "a/b-c", "c" };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        blob_must_put(names[i], i, 1);
}

TEST(a_list_is_in_the_order_of_bytes)
{
    ck_assert_str_eq(blob_names("", NULL), "");
    put_some();
    ck_assert_str_eq(blob_names("", NULL), "a a-b a/b a/b-c a/b/c a0 b/10 b/2 c");
}

static const struct part {
    const char *prefix, *after, *want;
} parts[] = {
    { "a/", NULL, "a/b a/b-c a/b/c" },
    { "a/b", NULL, "a/b a/b-c a/b/c" },
    { "a", "a/b", "a/b-c a/b/c a0" },
    { "b", NULL, "b/10 b/2" },
    { "b/1", NULL, "b/10" },
    { "b/", "b/10", "b/2" },
    { "", "b", "b/10 b/2 c" },
    { "", "c", "" },
    { "x/y/", NULL, "" },
    { "a/b/c/", NULL, "" },
    { "", "a/b/b", "a/b/c a0 b/10 b/2 c" },
};

TEST_EACH(a_list_has_a_beginning, (int)COUNT_OF(parts))
{
    put_some();
    ck_assert_str_eq(blob_names(parts[_i].prefix, parts[_i].after), parts[_i].want);
}

static cinema_status stop_at_second(const char *name, const blob_info *info, void *user)
{
    int *seen = user;
    (void)name, (void)info;
    return ++*seen == 2 ? CINEMA_CANCELLED : CINEMA_OK;
}

TEST(a_list_may_be_ended)
{
    int seen = 0;
    put_some();
    GIVES(CINEMA_CANCELLED, b->driver->list(b, "", NULL, stop_at_second, &seen, &err));
    ck_assert_int_eq(seen, 2);
}

static cinema_status remove_it(const char *name, const blob_info *info, void *user)
{
    (void)info, (void)user;
    return b->driver->remove(b, name, &err);
}

TEST(a_sweep_may_remove_what_it_is_told)
{
    put_some();
    OK(b->driver->list(b, "a/", NULL, remove_it, NULL, &err));
    ck_assert_str_eq(blob_names("", NULL), "a a-b a0 b/10 b/2 c");
}

/* ---- many at once ---------------------------------------------------------------------------- */

static atomic_int wrong;

static void *put_and_read(void *seed)
{
    const unsigned own = (unsigned)(uintptr_t)seed;
    cinema_error why;
    for (int i = 0; i < 20; i++) {
        blob_source from = { .left = 100000, .seed = own };
        blob_reader *r = NULL;
        unsigned char bytes[2];
        wrong += b->driver->put(b, "shared/film",
                                &(cinema_stream){ .read = blob_pour, .user = &from }, &why) != 0;
        wrong += b->driver->get(b, "shared/film", 99990, 2, &r, &why) != 0;
        /* Somebody's, but all of it one's. */
        if (r && r->stream.read(bytes, 2, r->stream.user) == 2) {
            unsigned whose = 0;
            while (whose < 4 && bytes[0] != blob_byte(whose, 99990))
                whose++;
            wrong += bytes[1] != blob_byte(whose, 99991);
        } else {
            wrong++;
        }
        blob_close(r);
    }
    return NULL;
}

TEST(writers_of_one_name_leave_the_blob_of_one_of_them)
{
    pthread_t threads[4];
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        ck_assert(!pthread_create(&threads[i], NULL, put_and_read, (void *)(uintptr_t)i));
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(wrong, 0);
    ck_assert_str_eq(blob_names("", NULL), "shared/film");
}
