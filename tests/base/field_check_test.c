/* field_check_test.c - inputs held against their table. Mirrors lib/base/field_check.c and field.c.
 */
#include "support/toy.h"
#include "test.h"

#include <math.h>
#include <stdio.h>

static cinema_error err;
static arena *a;
static faults list;

static void start(void)
{
    a = arena_new(0, 0);
    list.count = 0;
}

static void stop(void)
{
    arena_free(a);
}

FIXTURE(start, stop)

/* All faults in one line: "name length, count range". */
static const char *check(const field_table *t, field_mode mode, void *in)
{
    static char text[4000];
    size_t n = 0;
    list.count = 0;
    *text = '\0';
    OK(fields_check(t, mode, in, a, &list, &err));
    for (size_t i = 0; i < list.count && i < FAULTS_MAX; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %s", i ? ", " : "",
                              list.items[i].field, list.items[i].rule);
    return text;
}

#define TEXTS(...)                                                                                 \
    {                                                                                              \
        (const char *[]){ __VA_ARGS__ }, COUNT_OF(((const char *[]){ __VA_ARGS__ }))               \
    }
#define PAIRS(...)                                                                                 \
    {                                                                                              \
        (cinema_pair[]){ __VA_ARGS__ }, COUNT_OF(((cinema_pair[]){ __VA_ARGS__ }))                 \
    }
#define PARTS(...)                                                                                 \
    {                                                                                              \
        (const toy_part_input *const[]){ __VA_ARGS__ },                                            \
            COUNT_OF(((const toy_part_input *const[]){ __VA_ARGS__ }))                             \
    }
#define PART(...) (&(const toy_part_input){ .name = __VA_ARGS__ })

TEST(a_good_input_has_no_fault_in_any_mode)
{
    toy_input in = { .name = "Robot",
                     .note = "tin\n\tred",
                     .state = "old",
                     .born_on = "1949-09",
                     .count = N(10),
                     .seen_at = N(INT64_MIN + 1),
                     .year = N(1888),
                     .score = &(double){ 9.5 },
                     .broken = &(bool){ true },
                     .tags = TEXTS("a", "b"),
                     .words = TEXTS("x"),
                     .ids = PAIRS({ "imdb", "1" }),
                     .parts = PARTS(PART("arm", .size = N(1)), PART("leg")) };
    toy_query q = { .state = "new", .count = N(-5), .limit = 100, .all = true };
    ck_assert_str_eq(check(&toy_table, MODE_CREATE, &in), "");
    ck_assert_str_eq(check(&toy_table, MODE_UPDATE, &in), "");
    ck_assert_str_eq(check(&toy_query_table, MODE_QUERY, &q), "");
}

TEST(nothing_at_all_is_no_creation_but_a_fine_change_and_query)
{
    toy_input in = { 0 };
    toy_query q = { 0 };
    ck_assert_str_eq(check(&toy_table, MODE_UPDATE, &in), "");
    ck_assert_ptr_null(in.state); /* initial values are for new ones */
    ck_assert_str_eq(check(&toy_query_table, MODE_QUERY, &q), "");
    ck_assert_str_eq(check(&toy_table, MODE_CREATE, &in), "name required");
    ck_assert_str_eq(in.state, "new");
}

#define LONG "12345678901234567890x"
static const struct {
    const char *faults;
    toy_input in;
} bad[] = {
    { "name length", { .name = "" } },
    { "name length", { .name = "12345678901" } },
    { "name blank", { .name = "  " } },
    { "name blank", { .name = "\u3000\u00a0\u2003" } },
    { "name blank", { .name = " \u200b\u200d\ufeff\u2060" } },
    { "name blank", { .name = "\u3164\u115f\u00ad\U000e0020" } },
    { "name utf8", { .name = "\xff" } },
    { "name utf8", { .name = "a\xed\xa0\x80" } },
    { "name control_character", { .name = "a\nb" } },
    { "name control_character", { .name = "a\x7f" } },
    { "name control_character", { .name = "a\xc2\x85" } },
    { "note length", { .note = LONG } },
    { "note control_character", { .note = "a\x01z" } },
    { "state one_of", { .state = "broken" } },
    { "state one_of", { .state = "new old" } },
    { "state one_of", { .state = "" } },
    { "born_on date", { .born_on = "1949-13" } },
    { "count range", { .count = N(-1) } },
    { "count range", { .count = N(11) } },
    { "count range", { .count = N(INT64_MIN) } },
    { "year range", { .year = N(1887) } },
    { "year range", { .year = N(INT64_MAX) } },
    { "score range", { .score = &(double){ 0.999 } } },
    { "score range", { .score = &(double){ 10.001 } } },
    { "score range", { .score = &(double){ NAN } } },
    { "score range", { .score = &(double){ INFINITY } } },
    { "tags items", { .tags = TEXTS("a", "b", "c", "d") } },
    { "tags[1] length", { .tags = TEXTS("a", "") } },
    { "tags[0] type, tags[2] length", { .tags = TEXTS(NULL, "b", "123456") } },
    { "words items", { .words = { (const char *[]){ "" }, 0 } } },
    { "ids items", { .ids = PAIRS({ "a", "1" }, { "b", "1" }, { "c", "1" }) } },
    { "ids.a length", { .ids = PAIRS({ "a", "" }) } },
    { "ids.A name", { .ids = PAIRS({ "A", "1" }) } },
    { "ids.1a name, ids. name", { .ids = PAIRS({ "1a", "1" }, { "", "1" }) } },
    { "ids.a type", { .ids = PAIRS({ "a", NULL }) } },
    { "ids.a duplicate_field", { .ids = PAIRS({ "a", "1" }, { "a", "2" }) } },
    { "parts items", { .parts = PARTS(PART("a"), PART("b"), PART("c")) } },
    { "parts[1].name required, parts[1].size range",
      { .parts = PARTS(PART("a"), PART(NULL, .size = N(0))) } },
    { "parts[0] type", { .parts = PARTS(NULL, PART("b")) } },
    { "maker create_only", { .maker = "me" } },
    { "colour unknown_field", { .clear = "colour" } },
    { "id unknown_field", { .clear = "id" } },
    { "clear unknown_field", { .clear = "clear" } },
    { "name not_clearable, state not_clearable", { .clear = "name,state" } },
    { "revision not_clearable, maker not_clearable", { .clear = "revision,maker" } },
    { "note set_and_cleared", { .note = "x", .clear = "note" } },
    { " unknown_field", { .clear = ",note" } },
    { "name length, state one_of, count range, words[0] length, colour unknown_field",
      { .name = "", .state = "x", .count = N(99), .words = TEXTS(""), .clear = "colour" } },
};

TEST_EACH(every_fault_of_a_change_is_told_once, COUNT_OF(bad))
{
    toy_input in = bad[_i].in;
    ck_assert_str_eq(check(&toy_table, MODE_UPDATE, &in), bad[_i].faults);
    in = bad[_i].in; /* without a list the first decides */
    GIVES(CINEMA_INVALID, fields_check(&toy_table, MODE_UPDATE, &in, a, NULL, &err));
    ck_assert_uint_eq(strcspn(bad[_i].faults, " "), strlen(err.field));
}

TEST(a_change_of_revision_cannot_be_created)
{
    toy_input in = { .name = "x", .revision = N(1) };
    ck_assert_str_eq(check(&toy_table, MODE_CREATE, &in), "revision update_only");
    ck_assert_str_eq(check(&toy_table, MODE_UPDATE, &in), "");
    in.revision = N(0);
    ck_assert_str_eq(check(&toy_table, MODE_UPDATE, &in), "revision range");
}

TEST(queries_have_limits)
{
    toy_query q = { .state = "x", .count = N(6), .limit = 101 };
    ck_assert_str_eq(check(&toy_query_table, MODE_QUERY, &q),
                     "state one_of, count range, limit range");
}

TEST(messages_tell_what_would_be_right)
{
    toy_input in = { .name = "", .state = "x", .count = N(11), .note = LONG };
    check(&toy_table, MODE_UPDATE, &in);
    ck_assert_str_eq(list.items[0].message, "must have 1 to 10 characters");
    ck_assert_str_eq(list.items[1].message, "must have at most 20 characters");
    ck_assert_str_eq(list.items[2].message, "must be one of new, old");
    ck_assert_str_eq(list.items[3].message, "must be from 0 to 10");
    GIVES(CINEMA_INVALID, faults_status(&list, &err));
    ck_assert_str_eq(err.message, "name: must have 1 to 10 characters");
}

TEST(characters_are_counted_in_normal_form)
{
    toy_input in = { .name = "e\xcc\x81"
                             "e\xcc\x81"
                             "e\xcc\x81"
                             "e\xcc\x81"
                             "e\xcc\x81"
                             "e\xcc\x81"
                             "e\xcc\x81"
                             "e\xcc\x81"
                             "e\xcc\x81"
                             "e\xcc\x81",
                     .tags = TEXTS("u\xcc\x88"),
                     .ids = PAIRS({ "a", "o\xcc\x88" }),
                     .parts = PARTS(PART("a\xcc\x8a")) };
    ck_assert_str_eq(check(&toy_table, MODE_CREATE, &in), "");
    ck_assert_uint_eq(strlen(in.name), 20); /* ten of two bytes */
    ck_assert_str_eq(in.tags.items[0], "\xc3\xbc");
    ck_assert_str_eq(in.ids.items[0].value, "\xc3\xb6");
    ck_assert_str_eq(in.parts.items[0]->name, "\xc3\xa5");
}

TEST(the_lists_of_the_caller_are_left_as_they_are)
{
    const char *tags[] = { "u\xcc\x88" };
    const toy_part_input part = { .name = "a\xcc\x8a" }, *const parts[] = { &part };
    toy_input in = { .name = "x", .tags = { tags, 1 }, .parts = { parts, 1 } };
    ck_assert_str_eq(check(&toy_table, MODE_CREATE, &in), "");
    ck_assert_str_eq(tags[0], "u\xcc\x88");
    ck_assert_str_eq(part.name, "a\xcc\x8a");
    ck_assert_ptr_ne(in.parts.items, parts);
}

TEST(a_cleared_list_is_set_to_none)
{
    toy_input in = { .clear = "tags,ids" };
    ck_assert_str_eq(check(&toy_table, MODE_UPDATE, &in), "");
    ck_assert(in.tags.items && !in.tags.count && in.ids.items && !in.ids.count);
    ck_assert_str_eq(check(&toy_table, MODE_UPDATE, &in), ""); /* both doors check */
    in = (toy_input){ .tags = TEXTS("a"), .clear = "tags" };
    ck_assert_str_eq(check(&toy_table, MODE_UPDATE, &in), "tags set_and_cleared");
}

TEST(names_in_clear_are_whole_words)
{
    ck_assert(field_cleared("note,born_on", "note"));
    ck_assert(field_cleared("note,born_on", "born_on"));
    ck_assert(!field_cleared("note,born_on", "born"));
    ck_assert(!field_cleared("notes", "note"));
    ck_assert(!field_cleared("", "note"));
    ck_assert(!field_cleared(NULL, "note"));
}

TEST(more_faults_than_there_is_room_for_are_counted)
{
    char name[16];
    list.count = 0;
    for (int i = 0; i < FAULTS_MAX + 10; i++) {
        snprintf(name, sizeof name, "f%d", i);
        fault_add(&list, name, "range", "is %d", i);
    }
    ck_assert_uint_eq(list.count, FAULTS_MAX + 10);
    ck_assert_str_eq(list.items[FAULTS_MAX - 1].message, "is 49");
    toy_input in = { .name = "" }; /* and a full list is no trouble for a check */
    OK(fields_check(&toy_table, MODE_CREATE, &in, a, &list, &err));
    ck_assert_uint_eq(list.count, FAULTS_MAX + 11);
}

TEST(a_fault_told_of_a_field_or_around_it_is_not_told_as_missing)
{
    toy_input in = { .parts = PARTS(PART(NULL), PART(NULL)) };
    list.count = 0;
    fault_add(&list, "name", "type", "must be a string");
    fault_add(&list, "parts[1]", "type", "must be an object");
    OK(fields_check(&toy_table, MODE_CREATE, &in, a, &list, &err));
    ck_assert_uint_eq(list.count, 3);
    ck_assert_str_eq(list.items[2].field, "parts[0].name");
}

TEST(a_full_arena_is_no_memory)
{
    char text[800] = "";
    CLEANUP(arena_freep) arena *small = arena_new(256, 300);
    for (int i = 0; i < 5; i++)
        memcpy(text + 3 * i, "u\xcc\x88", 4);
    while (arena_text(small, 1))
        ;
    toy_input in = { .name = text };
    GIVES(CINEMA_NO_MEMORY, fields_check(&toy_table, MODE_CREATE, &in, small, &list, &err));
    in = (toy_input){ .name = "x", .parts = PARTS(PART("a")) };
    GIVES(CINEMA_NO_MEMORY, fields_check(&toy_table, MODE_CREATE, &in, small, NULL, &err));
}
