/* row_test.c - records read from rows by their field table. Mirrors lib/port/db/row.c.
 */
#include "port/db/row.h"
#include "support/toy.h"
#include "test.h"

static cinema_error err;
static arena *a;
static toy t;

static void start(void)
{
    a = arena_new(0, 0);
}

static void stop(void)
{
    arena_free(a);
}

FIXTURE(start, stop)

enum { COLUMNS = 13, SKIPPED = 1 };

static db_value text(const char *s)
{
    return (db_value){ .type = s ? DB_TEXT : DB_NULL, .text = s };
}

static db_value number(int64_t n)
{
    return (db_value){ .type = DB_INT, .number = n };
}

static void read(const db_value cells[COLUMNS])
{
    db_row *row = arena_alloc(a, sizeof *row + (SKIPPED + COLUMNS) * sizeof *cells);
    memcpy(row->cells + SKIPPED, cells, COLUMNS * sizeof *cells);
    OK(fields_read_row(&toy_table, row, SKIPPED, a, &t));
}

TEST(a_row_is_read_in_the_order_of_the_fields)
{
    static const unsigned char id[16] = { 1, 2, 3 };
    ck_assert_uint_eq(fields_columns(&toy_table), COLUMNS);
    read((db_value[]){ { .type = DB_UUID, .length = 16, .blob = id },
                       number(3),
                       text("Robot"),
                       text(NULL),
                       text("old"),
                       text("1949"),
                       number(0),
                       number(-1),
                       number(1950),
                       { .type = DB_REAL, .real = 2.5 },
                       number(1),
                       text("a bc d"),
                       text("me") });
    ck_assert_str_eq(t.id, "01020300-0000-0000-0000-000000000000");
    ck_assert_int_eq(t.revision, 3);
    ck_assert_ptr_null(t.note);
    ck_assert_int_eq(t.count, 0);
    ck_assert_int_eq(t.year, 1950);
    ck_assert(t.score > 2.4 && t.broken);
    ck_assert_uint_eq(t.words.count, 3);
    ck_assert_str_eq(t.words.items[1], "bc");
    ck_assert_str_eq(t.maker, "me");
}

TEST(null_is_not_known_and_so_is_0_where_the_table_says_so)
{
    db_value null = { .type = DB_NULL };
    read((db_value[]){ null, null, null, null, null, null, null, null, number(0), number(0), null,
                       text(""), null });
    ck_assert_ptr_null(t.id);
    ck_assert_int_eq(t.count, CINEMA_ABSENT);
    ck_assert_int_eq(t.year, CINEMA_ABSENT);
    ck_assert(!t.broken && !(t.score > 0));
    ck_assert_uint_eq(t.words.count, 0);
}
