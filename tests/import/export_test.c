/* export_test.c - mirrors lib/export: what comes out, and that it makes the same catalogue again.
 */
#include "import/import_help.h"

#include <stdlib.h>

FIXTURE(import_start, import_stop)

/* Imports a text into a database and gives the counts; nothing may be refused. */
static cinema_import_counts into(cinema *to, const char *text, int64_t batch)
{
    cinema *kept = c;
    importing m = { .text = text };
    c = to;
    OK(import_run(&m, batch, NULL));
    if (m.faults_told)
        import_show(&m);
    ck_assert_int_eq(m.faults_told, 0);
    c = kept;
    return m.counts;
}

/* Out, into an empty database, out again: the same bytes; and once more in: nothing new. */
static void comes_back(int64_t batch)
{
    char *first = export_text(c, NULL, 0);
    cinema *other = import_another();
    cinema_import_counts n = into(other, first, batch);
    ck_assert_int_eq(n.created, n.lines);
    char *second = export_text(other, NULL, 3);
    ck_assert_str_eq(second, first);
    n = into(other, first, batch);
    ck_assert_int_eq(n.unchanged, n.lines);
    free(first);
    free(second);
    cinema_close(other);
}

static int count(const char *text, const char *what)
{
    int n = 0;
    while ((text = strstr(text, what))) {
        n++;
        text++;
    }
    return n;
}

/* --- what a line says --- */

#define ID(n) "01890000-0000-7000-8000-00000000000" #n

static const char film[] = "{\"kind\":\"movie\",\"id\":\"" ID(
    3) "\",\"slug\":\"ran\",\"old_slugs\":[\"chaos-1984\","
       "\"ran-1984\"],\"title\":\"Ran\",\"original_title\":\"\xE4\xB9\xB1\",\"year\":1985,"
       "\"released_on\":\"1985-05-31\",\"runtime_minutes\":162,\"overview\":\"A "
       "\\\"lord\\\"\\n\\tdivides "
       "C:\\\\ \xF0\x9F\x8E\xAC\",\"language\":\"ja\",\"status\":\"draft\",\"genres\":[\"war\","
       "\"drama\"],\"external_ids\":{\"imdb\":\"tt0089881\",\"tmdb\":\"11645\"},\"popularity\":7,"
       "\"poster_url\":\"https://example.org/ran.jpg\",\"cast\":[{\"name\":\"Tatsuya Nakadai\","
       "\"person\":\"nakadai\",\"character\":\"Hidetora\"}],\"crew\":[{\"name\":\"Akira Kurosawa\","
       "\"person\":\"akira-kurosawa\",\"department\":\"Directing\",\"job\":\"Director\"},{\"name\":"
       "\"Akira Kurosawa\",\"person\":\"akira-kurosawa\"}]}\n";

static const char around[] = "{\"kind\":\"genre\",\"id\":\"" ID(
    1) "\",\"slug\":\"drama\",\"name\":\"Drama\"}\n"
       "{\"kind\":\"genre\",\"id\":\"" ID(
           2) "\",\"slug\":\"war\",\"name\":\"War films\"}\n"
              "{\"kind\":\"person\",\"id\":\"" ID(
                  4) "\",\"slug\":\"akira-kurosawa\",\"name\":\"Akira "
                     "Kurosawa\",\"born_on\":\"1910-03-23\",\"died_on\":\"1998-09-06\","
                     "\"biography\":\"\","
                     "\"external_ids\":{\"imdb\":\"nm0000041\"}}\n"
                     "{\"kind\":\"person\",\"id\":\"" ID(
                         5) "\",\"slug\":\"nakadai\",\"name\":\"Tatsuya "
                            "Nakadai\"}\n";

static const char series[] = "{\"kind\":\"series\",\"id\":\"" ID(
    6) "\",\"slug\":\"dark\",\"title\":\"Dark\",\"status\":"
       "\"archived\"}\n"
       "{\"kind\":\"season\",\"id\":\"" ID(
           7) "\",\"series\":\"dark\",\"season_number\":0,\"title\":"
              "\"Specials\",\"overview\":\"Extra\"}\n"
              "{\"kind\":\"episode\",\"id\":\"" ID(
                  8) "\",\"slug\":\"secrets\",\"series\":\"dark\","
                     "\"season_number\":0,\"episode_number\":0,\"title\":\"Secrets\",\"released_"
                     "on\":\"2017-12-01\","
                     "\"status\":\"published\"}\n";

/* In the order of an export. */
static const char *all(void)
{
    static char text[8000];
    snprintf(text, sizeof text, "%s%s%s", around, film, series);
    return text;
}

TEST_EACH(lines_come_out_as_they_went_in, 2)
{
    into(c, all(), _i ? 1 : 500);
    char *text = export_text(c, NULL, 0);
    ck_assert_str_eq(text, all());
    free(text);
    comes_back(0);
}

TEST(an_empty_catalogue_is_an_empty_text)
{
    char *text = export_text(c, NULL, 0);
    ck_assert_str_eq(text, "");
    free(text);
}

TEST(only_the_kinds_that_are_asked_for_are_written)
{
    into(c, all(), 0);
    char *text = export_text(c, "movie", 0);
    ck_assert_str_eq(text, film);
    free(text);
    text = export_text(c, "genre person", 1);
    ck_assert_str_eq(text, around);
    free(text);
    text = export_text(c, "episode series season", 1);
    ck_assert_str_eq(text, series);
    free(text);
}

/* --- what cannot be told by names --- */

TEST_EACH(what_only_its_slug_tells_apart_comes_back, 3)
{
    static const int64_t batches[] = { 0, 1, 4 };
    call("genre.create", "{\"name\":\"Drama\",\"slug\":\"drama\"}");
    call("genre.create", "{\"name\":\"DRAMA\",\"slug\":\"tragedy\"}");
    call("genre.create", "{\"name\":\"Tragedy\",\"slug\":\"drama-3\"}");
    call("person.create", "{\"name\":\"Steve McQueen\"}");
    call("person.create", "{\"name\":\"Steve McQueen\"}");
    call("person.create", "{\"name\":\"Steve McQueen\",\"external_ids\":{\"imdb\":\"nm2588606\"}}");
    for (int i = 0; i < 3; i++)
        call("movie.create", "{\"title\":\"Twin\",\"year\":2000,\"genres\":[\"tragedy\","
                             "\"drama-3\"]}");
    call("series.create", "{\"title\":\"Twin\",\"year\":2000}");
    call("series.create", "{\"title\":\"Twin\",\"year\":2000}");
    into(
        c,
        "{\"kind\":\"movie\",\"title\":\"Shame\",\"cast\":[{\"name\":\"Steve McQueen\",\"person\":"
        "\"steve-mcqueen-3\"},{\"name\":\"Steve McQueen\",\"person\":\"steve-mcqueen-2\"},"
        "{\"name\":\"Steve McQueen\",\"person\":\"steve-mcqueen-2\"}]}\n"
        "{\"kind\":\"season\",\"series\":\"twin-2000-4\",\"season_number\":1}\n"
        "{\"kind\":\"season\",\"series\":\"twin-2000-5\",\"season_number\":1}\n"
        "{\"kind\":\"episode\",\"series\":\"twin-2000-4\",\"season_number\":1,\"episode_number\":1,"
        "\"title\":\"Pilot\"}\n"
        "{\"kind\":\"episode\",\"series\":\"twin-2000-5\",\"season_number\":1,\"episode_number\":1,"
        "\"title\":\"Pilot\"}\n",
        0);
    call("movie.update", "{\"title_id\":\"twin-2000\",\"title\":\"Once Twin\",\"year\":2001}");
    call("movie.update", "{\"title_id\":\"twin-2000-2\",\"title\":\"Twin\",\"year\":2001}");
    char *text = export_text(c, NULL, 0);
    ck_assert_int_eq(count(text, "\n"), 16);
    ck_assert_int_eq(count(text, "\"person\":\"steve-mcqueen-2\""), 2);
    ck_assert_int_eq(count(text, "\"old_slugs\":[\"twin-2000\"]"), 1);
    free(text);
    comes_back(batches[_i]);
}

TEST(the_sample_comes_back)
{
    size_t length;
    char *text = file_text(sample_path(), &length);
    importing m = { .text = text, .length = length };
    OK(import_run(&m, 0, NULL));
    comes_back(0);
    comes_back(7);
    free(text);
}

TEST(page_sizes_make_no_difference)
{
    size_t length;
    char *text = file_text(sample_path(), &length);
    importing m = { .text = text, .length = length };
    OK(import_run(&m, 0, NULL));
    free(text);
    char *whole = export_text(c, NULL, 1000);
    for (int64_t page = 1; page < 50; page += 12) {
        text = export_text(c, NULL, page);
        ck_assert_str_eq(text, whole);
        free(text);
    }
    free(whole);
}

/* --- stopping, refusing --- */

typedef struct stopping {
    int64_t lines, expected;
    int pages, stop_after;
} stopping;

static cinema_status take_nothing(const void *bytes, size_t length, void *user)
{
    (void)bytes;
    (void)length;
    (void)user;
    return CINEMA_LIMITED;
}

static cinema_status take_all(const void *bytes, size_t length, void *user)
{
    (void)bytes;
    (void)length;
    (void)user;
    return CINEMA_OK;
}

static cinema_status take_progress(const cinema_export_counts *n, void *user)
{
    stopping *p = user;
    p->lines = n->lines;
    p->expected = n->expected;
    ck_assert_int_eq(n->expected, 8); /* from the first call on */
    return ++p->pages == p->stop_after ? CINEMA_CANCELLED : CINEMA_OK;
}

TEST(whoever_takes_the_lines_may_stop_it)
{
    into(c, all(), 0);
    cinema_export_counts n;
    cinema_export_input in = { .write = take_nothing };
    GIVES(CINEMA_LIMITED, cinema_export(c, &in, &n, &err));
    ck_assert_str_eq(err.reason, "stopped");
    ck_assert_int_eq(n.lines + n.bytes, 0);
}

TEST(progress_is_told_after_each_page_and_may_stop_it)
{
    into(c, all(), 0);
    stopping p = { 0 };
    cinema_export_counts n;
    cinema_export_input in = {
        .write = take_all, .progress = take_progress, .user = &p, .page = 1
    };
    OK(cinema_export(c, &in, &n, &err));
    ck_assert_int_eq(p.lines, 8);
    ck_assert_int_eq(p.expected, 8);
    ck_assert_int_eq(n.genres + n.people, 4);
    ck_assert_int_eq(n.movies + n.series + n.seasons + n.episodes, 4);
    p = (stopping){ .stop_after = 3 };
    GIVES(CINEMA_CANCELLED, cinema_export(c, &in, &n, &err));
    ck_assert_int_eq(n.lines, p.lines);
    ck_assert_int_lt(n.lines, 8);
}

static const struct {
    const char *kind, *field;
    int64_t page;
    bool no_write;
} refused[] = {
    { "movie", "write", 0, true },
    { "film", "kinds[0]", 0, false },
    { "movie", "page", 1001, false },
    { "movie", "page", -1, false },
};

TEST_EACH(an_option_that_is_no_good_is_told_before_anything_is_written, 4)
{
    cinema_export_counts n;
    cinema_export_input in = { .write = refused[_i].no_write ? NULL : take_all,
                               .kinds = { &refused[_i].kind, 1 },
                               .page = refused[_i].page };
    GIVES(CINEMA_INVALID, cinema_export(c, &in, &n, &err));
    ck_assert_str_eq(err.field, refused[_i].field);
}
