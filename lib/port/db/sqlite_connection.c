/* sqlite_connection.c - one connection: the file, the settings every connection has, patience.
 */
#include "port/db/sqlite_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    STEPS_BETWEEN_LOOKS = 10000, /* of SQLite's machine; some 0.2 ms */
    VALUE_MAX = 64 << 20,
    TEXT_MAX = 1 << 20,
};

static const char readers_settings[] = "PRAGMA synchronous = FULL;"
                                       "PRAGMA foreign_keys = ON;"
                                       "PRAGMA cache_size = -256;"
                                       "PRAGMA temp_store = MEMORY;"
                                       "PRAGMA trusted_schema = OFF;"
                                       "PRAGMA mmap_size = 268435456;";
/* What a large transaction changes should stay in memory: a third of the cost of an import. */
static const char writers_settings[] = "PRAGMA synchronous = FULL;"
                                       "PRAGMA foreign_keys = ON;"
                                       "PRAGMA cache_size = -2048;"
                                       "PRAGMA temp_store = MEMORY;"
                                       "PRAGMA trusted_schema = OFF;"
                                       "PRAGMA journal_size_limit = 16777216;";

static const struct limit {
    int which, value;
} limits[] = {
    { SQLITE_LIMIT_LENGTH, VALUE_MAX },
    { SQLITE_LIMIT_SQL_LENGTH, TEXT_MAX },
    { SQLITE_LIMIT_COLUMN, 200 },
    { SQLITE_LIMIT_EXPR_DEPTH, 200 },
    { SQLITE_LIMIT_COMPOUND_SELECT, 50 },
    { SQLITE_LIMIT_FUNCTION_ARG, 64 },
    { SQLITE_LIMIT_ATTACHED, 1 }, /* VACUUM attaches one */
    { SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000 },
    { SQLITE_LIMIT_VARIABLE_NUMBER, DB_VALUES_MAX },
    { SQLITE_LIMIT_TRIGGER_DEPTH, 32 },
    { SQLITE_LIMIT_WORKER_THREADS, 0 },
};

/* ---- the file -------------------------------------------------------------------------------- */

static int make_folder(const char *path)
{
    char folder[LITE_PATH_MAX + 1];
    const char *end = strrchr(path, '/');
    size_t n = (size_t)(end - path);
    if (n == 0 || n >= sizeof folder)
        return -1;
    memcpy(folder, path, n);
    folder[n] = '\0';
    return mkdir(folder, 0700) && errno != EEXIST ? -1 : 0;
}

static int create(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd < 0 ? -1 : close(fd);
}

/* Makes the file, readable for its owner alone; SQLite gives its log the same rights. Closing any
 * descriptor of a file drops all locks that the process has on it, so this only ever closes one of
 * a file that is new, and one thread at a time comes here before it opens the file with SQLite. */
static int make_file(const char *path)
{
    static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
    int failed = 0;
    pthread_mutex_lock(&one);
    if (access(path, F_OK)) {
        failed = create(path);
        if (failed && errno == ENOENT && !make_folder(path))
            failed = create(path);
        if (failed && errno == EEXIST) /* another process was first */
            failed = 0;
    }
    pthread_mutex_unlock(&one);
    if (!failed)
        return SQLITE_OK;
    return errno == ENOSPC || errno == EDQUOT ? SQLITE_FULL : SQLITE_CANTOPEN;
}

/* ---- patience -------------------------------------------------------------------------------- */

static void nap(int64_t ms)
{
    struct timespec t = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };
    nanosleep(&t, NULL);
}

/* Another process, or a connection being opened, has a lock: wait, longer each time. */
static int busy(void *connection, int times)
{
    const lite_connection *k = connection;
    int64_t left = deadline_left_ms(k->deadline);
    int64_t ms = times < 3 ? 1 : times < 10 ? 3 : 10;
    if (!left)
        return 0;
    nap(ms < left ? ms : left);
    return 1;
}

/* Now and then while a statement runs: non-zero breaks it off. */
static int look_at_clock(void *connection)
{
    const lite_connection *k = connection;
    return !k->steadfast && !deadline_left_ms(k->deadline);
}

static int note_wal(void *connection, sqlite3 *handle, const char *schema, int pages)
{
    lite_connection *k = connection;
    (void)handle, (void)schema;
    if (pages < k->wal_pages) /* it has started anew */
        k->wal_limit = LITE_WAL_PAGES;
    k->wal_pages = pages;
    return SQLITE_OK;
}

/* ---- opening --------------------------------------------------------------------------------- */

static int is_wal(void *found, int columns, char **values, char **names)
{
    bool wal = columns == 1 && values[0] && !strcmp(values[0], "wal");
    (void)names;
    memcpy(found, &wal, sizeof wal);
    return 0;
}

static int use_wal(lite_connection *k)
{
    bool wal = false;
    int code = sqlite3_exec(k->handle, "PRAGMA journal_mode = WAL", is_wal, &wal, NULL);
    return code || wal ? code : SQLITE_CANTOPEN; /* a file system without shared memory, say */
}

/* The file is first touched, and locked, when its journal mode is set: patience comes before. */
static int settle(lite_connection *k, lite_role role)
{
    sqlite3_busy_handler(k->handle, busy, k);
    sqlite3_progress_handler(k->handle, STEPS_BETWEEN_LOOKS, look_at_clock, k);
    sqlite3_db_config(k->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(k->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(k->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    for (size_t i = 0; i < COUNT_OF(limits); i++)
        sqlite3_limit(k->handle, limits[i].which, limits[i].value);
    int code = use_wal(k);
    if (!code)
        code = sqlite3_exec(k->handle, role == LITE_WRITER ? writers_settings : readers_settings,
                            NULL, NULL, NULL);
    if (role == LITE_WRITER) /* in place of checkpoints within COMMIT */
        sqlite3_wal_hook(k->handle, note_wal, k);
    return code;
}

static int open_file(lite_connection *k, lite_role role)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                SQLITE_OPEN_EXRESCODE;
    int code = make_file(k->db->path);
    if (!code)
        code = sqlite3_open_v2(k->db->path, &k->handle, flags, NULL);
    if (code)
        return code;
    code = settle(k, role);
    while ((code & 0xFF) == SQLITE_BUSY && deadline_left_ms(k->deadline)) {
        nap(2); /* where SQLite fears a deadlock it does not ask for patience */
        code = settle(k, role);
    }
    return code;
}

cinema_status lite_connect(const lite_db *d, lite_role role, int64_t deadline,
                           lite_connection **ret, cinema_error *err)
{
    lite_connection *k = calloc(1, sizeof *k);
    if (!k)
        return fail_memory(err);
    k->db = d;
    k->deadline = deadline;
    k->wal_limit = LITE_WAL_PAGES;
    int code = open_file(k, role);
    if (code) {
        cinema_status s = lite_fail(k, code, NULL, err);
        lite_disconnect(k);
        return s;
    }
    *ret = k;
    return CINEMA_OK;
}

void lite_disconnect(lite_connection *k)
{
    if (!k)
        return;
    lite_forget_statements(k);
    sqlite3_close(k->handle); /* there also after a failure to open */
    free(k);
}
