/* field_merge_test.c - what an input sets or clears in a record. Mirrors lib/base/field_merge.c.
 */
#include "support/toy.h"
#include "test.h"

static cinema_error err;
static arena *a;
static toy t;

static void start(void)
{
    a = arena_new(0, 0);
    fields_clear_record(&toy_table, &t);
}

static void stop(void)
{
    arena_free(a);
}

FIXTURE(start, stop)

static void merge(toy_input in)
{
    OK(fields_check(&toy_table, MODE_UPDATE, &in, a, NULL, &err));
    OK(fields_merge(&toy_table, &in, &t, a));
}

static void fill(void)
{
    char name[] = "Robot";
    const char *tags[] = { "a", "b" }, *words[] = { "x" };
    cinema_pair ids[] = { { "imdb", "1" } };
    merge((toy_input){ .name = name,
                       .note = "tin",
                       .state = "old",
                       .born_on = "1949",
                       .count = N(7),
                       .seen_at = N(-1),
                       .year = N(1950),
                       .score = &(double){ 2.5 },
                       .broken = &(bool){ true },
                       .tags = { tags, 2 },
                       .words = { words, 1 },
                       .ids = { ids, 1 } });
    memset(name, 'x', 5); /* what was given is the caller's again */
}

TEST(a_new_record_knows_no_numbers)
{
    ck_assert_int_eq(t.revision, CINEMA_ABSENT);
    ck_assert_int_eq(t.count, CINEMA_ABSENT);
    ck_assert_int_eq(t.seen_at, CINEMA_ABSENT);
    ck_assert_ptr_null(t.name);
}

TEST(what_an_input_sets_is_copied)
{
    fill();
    ck_assert_str_eq(t.name, "Robot");
    ck_assert_str_eq(t.state, "old");
    ck_assert_int_eq(t.count, 7);
    ck_assert_int_eq(t.seen_at, -1);
    ck_assert(t.score > 2.4 && t.score < 2.6);
    ck_assert(t.broken);
    ck_assert_uint_eq(t.tags.count, 2);
    ck_assert_str_eq(t.tags.items[1], "b");
    ck_assert_str_eq(t.ids.items[0].value, "1");
}

TEST(what_an_input_leaves_alone_stays)
{
    fill();
    merge((toy_input){ .note = "lead" });
    ck_assert_str_eq(t.note, "lead");
    ck_assert_str_eq(t.name, "Robot");
    ck_assert_int_eq(t.count, 7);
    ck_assert_uint_eq(t.words.count, 1);
}

TEST(what_an_input_clears_is_not_known_any_more)
{
    fill();
    merge((toy_input){ .clear = "note,born_on,count,seen_at,score,broken,tags,ids" });
    ck_assert_ptr_null(t.note);
    ck_assert_ptr_null(t.born_on);
    ck_assert_int_eq(t.count, CINEMA_ABSENT);
    ck_assert_int_eq(t.seen_at, CINEMA_ABSENT);
    ck_assert(!t.broken && !(t.score > 0));
    ck_assert_uint_eq(t.tags.count + t.ids.count, 0);
    ck_assert_str_eq(t.name, "Robot");
}

TEST(the_revision_to_match_is_no_change)
{
    t.revision = 4;
    merge((toy_input){ .revision = N(9) });
    ck_assert_int_eq(t.revision, 4);
}

TEST(a_full_arena_is_no_memory)
{
    CLEANUP(arena_freep) arena *small = arena_new(256, 300);
    toy_input in = { .name = "Robot" };
    while (arena_text(small, 1))
        ;
    GIVES(CINEMA_NO_MEMORY, fields_merge(&toy_table, &in, &t, small));
}
