/* cursor_test.c - where a page ended, signed. Mirrors lib/call/cursor.c.
 */
#include "call/call_help.h"

#include "call/cursor.h"

#include <pthread.h>

static arena *a;

static void start(void)
{
    call_start();
    a = arena_new(0, 0);
}

static void stop(void)
{
    arena_free(a);
    call_stop();
}

FIXTURE(start, stop)

static const char *written(uint64_t filters, db_value key, int64_t nr)
{
    const char *text = NULL;
    OK(cursor_write(c, filters, &key, nr, a, &text, &err));
    return text;
}

static db_value text_key(const char *s)
{
    return (db_value){ .type = DB_TEXT, .length = (uint32_t)strlen(s), .text = s };
}

TEST(a_cursor_brings_back_key_and_row)
{
    static const int64_t numbers[] = { 0, -1, 1999, INT64_MAX, INT64_MIN };
    static const char *const texts[] = { "", "the third man", "\xe4\xb9\xb1 ran", "1234567" };
    db_value key;
    int64_t nr;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        db_value in = { .type = DB_INT, .number = numbers[i] };
        OK(cursor_read(c, 7, written(7, in, numbers[i]), a, &key, &nr, &err));
        ck_assert_int_eq(key.type, DB_INT);
        ck_assert(key.number == numbers[i] && nr == numbers[i]);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        OK(cursor_read(c, 7, written(7, text_key(texts[i]), 5), a, &key, &nr, &err));
        ck_assert_int_eq(key.type, DB_TEXT);
        ck_assert_str_eq(key.text, texts[i]);
        ck_assert_uint_eq(key.length, strlen(texts[i]));
    }
    db_value in = { .type = DB_REAL, .real = 7.25 };
    OK(cursor_read(c, 7, written(7, in, 5), a, &key, &nr, &err));
    ck_assert(key.type == DB_REAL && key.real > 7.24 && key.real < 7.26);
}

TEST(the_longest_sort_key_fits)
{
    char longest[1001] = "";
    db_value key;
    int64_t nr;
    memset(longest, 'x', 1000);
    OK(cursor_read(c, 7, written(7, text_key(longest), 5), a, &key, &nr, &err));
    ck_assert_str_eq(key.text, longest);
}

static void refuses(uint64_t filters, const char *text)
{
    db_value key = { 0 };
    int64_t nr = 99;
    GIVES(CINEMA_INVALID, cursor_read(c, filters, text, a, &key, &nr, &err));
    ck_assert_str_eq(err.reason, "cursor");
    ck_assert_str_eq(err.field, "after");
    ck_assert_int_eq(nr, 99);
}

TEST(a_cursor_is_good_for_its_filters_only)
{
    const char *text = written(7, text_key("x"), 5);
    refuses(8, text);
    refuses(0, text);
}

TEST(what_was_changed_cut_or_lengthened_is_no_cursor)
{
    char text[200];
    snprintf(text, sizeof text, "%s", written(7, text_key("ran"), 5));
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        char was = text[i];
        text[i] = was == 'A' ? 'B' : 'A';
        refuses(7, text);
        text[i] = '!';
        refuses(7, text);
        text[i] = '\0';
        refuses(7, text);
        text[i] = was;
    }
    memcpy(text + n, "AAAA", 5);
    refuses(7, text);
    refuses(7, "");
}

TEST(a_cursor_has_one_spelling)
{
    const char *text = NULL, *line = NULL;
    db_value key;
    int64_t nr;
    for (int64_t n = 1; !line; n++)
        line = strchr(text = written(7, text_key("ran"), n), '_');
    char *other = arena_copy(a, text, strlen(text));
    other[line - text] = (char)0xD2;
    GIVES(CINEMA_INVALID, cursor_read(c, 7, other, a, &key, &nr, &err));
    ck_assert_str_eq(err.field, "after");
}

TEST(a_very_long_text_is_no_cursor)
{
    static char text[20000];
    memset(text, 'A', sizeof text - 1);
    refuses(7, text);
}

TEST(every_process_reads_every_cursor_of_its_database_and_no_other)
{
    cinema *other = NULL;
    db_value key;
    int64_t nr;
    const char *text = written(7, text_key("ran"), 5);
    OK(cinema_open(cinema_setting(c, "CINEMA_DATABASE_URL"), &other, &err));
    OK(cursor_read(other, 7, text, a, &key, &nr, &err));
    ck_assert_str_eq(key.text, "ran");
    cinema_close(other);
}

TEST(another_installation_refuses_it)
{
    char url[512];
    cinema_migrations *m = NULL;
    const char *text = written(7, text_key("ran"), 5);
    cinema *mine = c;
    test_database(url, sizeof url);
    c = NULL;
    OK(cinema_open(url, &c, &err));
    OK(cinema_migrate(c, &m, &err));
    cinema_migrations_free(m);
    refuses(7, text);
    cinema_close(c);
    c = mine;
}

static void *write_one(void *text)
{
    CLEANUP(arena_freep) arena *own = arena_new(0, 0);
    cinema_error e;
    const char *cursor = NULL;
    db_value key = { .type = DB_INT, .number = 1 };
    if (!cursor_write(c, 7, &key, 2, own, &cursor, &e))
        snprintf(text, 100, "%s", cursor);
    return NULL;
}

TEST(threads_that_need_the_secret_first_agree)
{
    char texts[8][100] = { "" };
    pthread_t threads[8];
    for (int i = 0; i < 8; i++)
        ck_assert(!pthread_create(&threads[i], NULL, write_one, texts[i]));
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 8; i++)
        ck_assert_str_eq(texts[i], texts[0]);
    ck_assert_uint_gt(strlen(texts[0]), 40);
}
