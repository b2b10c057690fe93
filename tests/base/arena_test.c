/* arena_test.c - memory that is freed all at once. Mirrors lib/base/arena.c; leaks show under ASan.
 */
#include "test.h"

#include "base/arena.h"

TEST(what_is_allocated_is_zeroed_and_aligned)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    for (size_t n = 0; n < 3000; n += 37) {
        memset(arena_text(a, 1), 'x', 1); /* puts the next one out of step */
        unsigned char *p = arena_alloc(a, n);
        ck_assert_uint_eq((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            ck_assert_uint_eq(p[i], 0);
        memset(p, 0xFF, n);
    }
}

TEST(texts_are_copied_and_put_together)
{
    CLEANUP(arena_freep) arena *a = arena_new(1, 0);
    char *cut = arena_copy(a, "abcdef", 3), *none = arena_copy(a, NULL, 0);
    char *made = arena_format(a, "%s-%d", cut, 7);
    ck_assert_str_eq(cut, "abc");
    ck_assert_str_eq(none, "");
    ck_assert_str_eq(made, "abc-7");
    char *far = arena_format(a, "%05000d", 1); /* more than a chunk */
    ck_assert_uint_eq(strlen(far), 5000);
    ck_assert_str_eq(cut, "abc");
}

TEST(an_arena_has_a_hard_maximum)
{
    CLEANUP(arena_freep) arena *a = arena_new(1024, 8192);
    size_t got = 0;
    while (arena_alloc(a, 512))
        got += 512;
    ck_assert(got >= 4096 && got <= 8192);
    ck_assert_ptr_null(arena_alloc(a, 8192));
    ck_assert_ptr_null(arena_alloc(a, SIZE_MAX));
    ck_assert_ptr_null(arena_text(a, SIZE_MAX - 8));
}

TEST(one_big_piece_may_take_nearly_all)
{
    CLEANUP(arena_freep) arena *a = arena_new(256, 1 << 20);
    ck_assert_ptr_nonnull(arena_alloc(a, (1 << 20) - 1024));
    ck_assert_ptr_null(arena_alloc(a, 1025));
}

typedef struct record {
    const char *name;
} record;

TEST(a_record_frees_its_arena)
{
    arena *a = arena_new(0, 0);
    CLEANUP(record_freep) record *r = record_new(a, sizeof *r);
    ck_assert_uint_eq((uintptr_t)r % 16, 0);
    ck_assert_ptr_null(r->name);
    r->name = arena_copy(a, "Ran", 3);
    record_free(NULL);
    arena_free(NULL);
}
