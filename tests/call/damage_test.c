/* damage_test.c - a SQLite file with bytes turned over: whatever an operation then answers, it is
 * an answer. Where a page still makes sense to SQLite its values may have other types than ours.
 */
#include "call/call_help.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROUNDS = 12, FLIPS_MAX = 40 };

static void start(void)
{
    unsetenv("CINEMA_TEST_URL");
}

FIXTURE(start, NULL)

static const char *const seeds[][2] = {
    { "genre.create", "{\"name\": \"Drama\"}" },
    { "person.create", "{\"name\": \"Akira Kurosawa\", \"external_ids\": {\"imdb\": \"nm1\"}}" },
    { "movie.create", "{\"title\": \"Ran\", \"status\": \"published\", \"genres\": [\"drama\"],"
                      " \"external_ids\": {\"imdb\": \"tt1\"}, \"overview\": \"A lord.\"}" },
    { "series.create", "{\"title\": \"Dekalog\", \"status\": \"published\"}" },
    { "credits.set", "{\"title_id\": \"ran\", \"cast\": [{\"person_id\": \"akira-kurosawa\"}]}" },
};

static const char *const calls[][2] = {
    { "health.ready", "{}" },
    { "movie.list", "{\"total\": true, \"genre\": \"drama\"}" },
    { "movie.get", "{\"title_id\": \"ran\"}" },
    { "movie.get", "{\"title_id\": \"imdb:tt1\"}" },
    { "series.list", "{\"sort\": \"newest\"}" },
    { "person.get", "{\"person_id\": \"akira-kurosawa\"}" },
    { "person.list", "{\"total\": true}" },
    { "person.credits", "{\"person_id\": \"akira-kurosawa\"}" },
    { "genre.list", "{\"counts\": true}" },
    { "credits.get", "{\"title_id\": \"ran\"}" },
    { "search.query", "{\"q\": \"lord ran\", \"total\": true}" },
    { "movie.update", "{\"title_id\": \"ran\", \"overview\": \"Another.\"}" },
    { "movie.create", "{\"title\": \"Ikiru\"}" },
    { "credits.set", "{\"title_id\": \"ran\", \"crew\": [{\"person_id\": \"akira-kurosawa\"}]}" },
    { "genre.update", "{\"genre_id\": \"drama\", \"slug\": \"tragedy\"}" },
    { "movie.remove", "{\"title_id\": \"ran\"}" },
};

static void prepare(const char *url)
{
    cinema_migrations *steps = NULL;
    char *answer = NULL;
    OK(cinema_open(url, &c, &err));
    OK(cinema_migrate(c, &steps, &err));
    cinema_migrations_free(steps);
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        OK(cinema_call(c, TRUSTED, seeds[i][0], seeds[i][1], &answer, &err));
        cinema_text_free(answer);
    }
    cinema_close(c);
}

static unsigned next(unsigned *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* The first page is left alone in odd rounds: without it SQLite refuses everything. */
static void damage(const char *path, unsigned seed)
{
    struct stat st;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    ck_assert(fd >= 0 && !fstat(fd, &st));
    unsigned flips = 1 + next(&seed) % FLIPS_MAX;
    off_t from = seed & 256 ? 4096 : 0;
    for (unsigned i = 0; i < flips; i++) {
        off_t at = from + (off_t)next(&seed) % (st.st_size - from);
        unsigned char byte;
        ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
        byte = next(&seed) % 3 ? (unsigned char)next(&seed) : byte ^ 1;
        ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
    }
    if (next(&seed) % 8 == 0)
        ck_assert(!ftruncate(fd, st.st_size / 4096 / 2 * 4096 + next(&seed) % 4096));
    close(fd);
}

static void call_all(void)
{
    cinema_migrations *steps = NULL;
    cinema_findings *found = NULL;
    if (!cinema_schema_status(c, &steps, &err))
        cinema_migrations_free(steps);
    if (!cinema_doctor(c, &found, &err))
        cinema_findings_free(found);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        char *answer = NULL;
        cinema_status s = cinema_call(c, TRUSTED, calls[i][0], calls[i][1], &answer, &err);
        ck_assert_msg(answer != NULL, "%s has no answer", calls[i][0]);
        ck_assert_int_ne(s, CINEMA_MISUSE);
        cinema_text_free(answer);
    }
}

TEST_EACH(a_damaged_file_is_answered_for, 20)
{
    char url[512];
    for (int round = 0; round < ROUNDS; round++) {
        test_database_from(prepare, url, sizeof url);
        damage(url + strlen("sqlite:"), (unsigned)(_i * ROUNDS + round) * 2654435761u);
        if (cinema_open(url, &c, &err))
            continue;
        call_all();
        cinema_close(c);
    }
}
