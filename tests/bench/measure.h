/* measure.h - what the helper programs of the benchmarks share: the clock, the price, SQLite.
 * Each prints one line, `count cpu_us wall_us`, and leaves with 1 and a word on stderr otherwise.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* As lib/port/db/sqlite_connection.c sets readers and the writer. */
#define READER_SETTINGS                                                                            \
    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -256;"               \
    "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 268435456;"
#define WRITER_SETTINGS                                                                            \
    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -2048;"              \
    "PRAGMA temp_store = MEMORY;"

typedef struct measure {
    int64_t cpu_us, wall_us;
} measure;

static inline int64_t us_of(struct timeval t)
{
    return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

static inline measure measure_now(void)
{
    struct rusage used;
    struct timespec now;
    getrusage(RUSAGE_SELF, &used);
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (measure){ us_of(used.ru_utime) + us_of(used.ru_stime),
                      (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 };
}

static inline void measure_print(int64_t count, measure from)
{
    measure to = measure_now();
    printf("%" PRId64 " %" PRId64 " %" PRId64 "\n", count, to.cpu_us - from.cpu_us,
           to.wall_us - from.wall_us);
}

static inline _Noreturn void give_up(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static inline void check(int code, sqlite3 *db, const char *what)
{
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE)
        give_up(what, sqlite3_errmsg(db));
}

static inline void run_sql(sqlite3 *db, const char *text)
{
    check(sqlite3_exec(db, text, NULL, NULL, NULL), db, text);
}

static inline sqlite3_stmt *prepare(sqlite3 *db, const char *text)
{
    sqlite3_stmt *s = NULL;
    check(sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL), db, text);
    return s;
}

static inline sqlite3 *open_database(const char *path, int more, const char *settings)
{
    sqlite3 *db = NULL;
    check(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | more, NULL), db,
          path);
    run_sql(db, "PRAGMA journal_mode = WAL");
    run_sql(db, settings);
    return db;
}

/* The lines of a file, for as long as the process lives. */
typedef struct lines {
    char **items;
    size_t count;
} lines;

static inline lines lines_read(const char *path)
{
    lines l = { NULL, 0 };
    char *line = NULL;
    size_t room = 0, size = 0;
    FILE *f = fopen(path, "re");
    if (!f)
        give_up(path, "cannot be read");
    for (ssize_t n; (n = getline(&line, &size, f)) > 0; l.count++) {
        line[n - (line[n - 1] == '\n')] = '\0';
        if (l.count == room)
            l.items = realloc(l.items, (room = room * 2 + 64) * sizeof *l.items);
        if (!l.items || !(l.items[l.count] = strdup(line)))
            give_up(path, "out of memory");
    }
    free(line);
    fclose(f);
    if (!l.count)
        give_up(path, "is empty");
    return l;
}

#endif
