/* dry_test.c - a dry run: all that an import does but keeping it.
 */
#include "import/import_help.h"

#include <stdlib.h>

FIXTURE(import_start, import_stop)

static const char text[] =
    "{\"kind\":\"genre\",\"name\":\"Drama\"}\n"
    "{\"kind\":\"series\",\"title\":\"Dark\",\"year\":2017,\"genres\":[\"drama\",\"New\"]}\n"
    "{\"kind\":\"season\",\"series\":\"dark-2017\",\"season_number\":1}\n"
    "{\"kind\":\"episode\",\"series\":\"dark-2017\",\"season_number\":1,\"episode_number\":1,"
    "\"title\":\"Secrets\",\"cast\":[{\"name\":\"Louis Hofmann\"}]}\n"
    "{\"kind\":\"episode\",\"series\":\"dark-2017\",\"season_number\":2,\"episode_number\":1,"
    "\"title\":\"Lies\"}\n"
    "{\"kind\":\"movie\",\"title\":\"Ran\",\"year\":1985,\"external_ids\":{\"imdb\":\"tt1\"}}\n"
    "{\"kind\":\"movie\",\"title\":\"Ran\",\"year\":1985,\"runtime_minutes\":162}\n"
    "{\"kind\":\"movie\",\"title\":\"\"}\n"
    "{\"kind\":\"series\",\"title\":\"Ran\",\"external_ids\":{\"imdb\":\"tt1\"}}\n"
    "{\"kind\":\"person\",\"name\":\"Louis Hofmann\",\"born_on\":\"1997-06-03\"}\n";

static void same_faults(const importing *a, const importing *b)
{
    ck_assert_int_eq(a->faults_told, b->faults_told);
    for (int i = 0; i < a->faults_told; i++) {
        ck_assert_int_eq(a->faults[i].line, b->faults[i].line);
        ck_assert_str_eq(a->faults[i].field, b->faults[i].field);
        ck_assert_str_eq(a->faults[i].rule, b->faults[i].rule);
        ck_assert_str_eq(a->faults[i].message, b->faults[i].message);
    }
}

TEST_EACH(a_dry_run_tells_what_an_import_would_and_keeps_nothing, 3)
{
    static const int64_t batches[] = { 500, 1, 3 };
    importing dry = { .text = text, .dry = true }, real = { .text = text };
    import_text("{\"kind\":\"movie\",\"title\":\"Ikiru\"}\n");
    char *before = export_text(c, NULL, 0);
    OK(import_run(&dry, batches[_i], NULL));
    char *after = export_text(c, NULL, 0);
    ck_assert_str_eq(after, before);
    ck_assert_int_eq(total_of("movie.list"), 1);
    OK(import_run(&real, batches[_i], NULL));
    ck_assert_int_eq(real.counts.refused, 3);
    same_faults(&dry, &real);
    ck_assert_mem_eq(&dry.counts, &real.counts, sizeof real.counts);
    free(before);
    free(after);
}

TEST(others_can_write_when_it_is_over)
{
    importing dry = { .text = text, .dry = true, .stop_after = 1 };
    GIVES(CINEMA_CANCELLED, import_run(&dry, 2, NULL));
    ck_assert_int_eq(dry.counts.created, 2);
    call("movie.create", "{\"title\":\"Ran\"}");
    ck_assert_int_eq(total_of("series.list"), 0);
}

/* A failed statement ends a transaction, and with it the dry run; nothing stays of it either. */
TEST(what_no_check_foresees_ends_it)
{
    run_sql("CREATE TRIGGER no BEFORE INSERT ON title WHEN new.title = 'no' BEGIN SELECT "
            "RAISE(ABORT, 'no'); END",
            "ALTER TABLE title ADD CONSTRAINT no CHECK (title <> 'no')");
    importing dry = { .text = "{\"kind\":\"movie\",\"title\":\"yes\"}\n"
                              "{\"kind\":\"movie\",\"title\":\"no\"}\n",
                      .dry = true };
    cinema_status s = import_run(&dry, 1, NULL);
    ck_assert_int_ne(s, CINEMA_OK);
    ck_assert_int_ne(s, CINEMA_MISUSE); /* the reason, not what followed */
    ck_assert_int_eq(total_of("movie.list"), 0);
    call("movie.create", "{\"title\":\"yes\"}");
}
