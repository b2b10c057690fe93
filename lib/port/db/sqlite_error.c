/* sqlite_error.c - SQLite's codes as outcomes: the one table, and the lines for the log.
 * People are told what to do; the statement and SQLite's own words are for the log alone.
 */
#include "port/db/sqlite_driver.h"

#include <errno.h>
#include <stdio.h>

#define SAY_INTERNAL "the database refused a statement: see the log"
#define SAY_BUSY "the database is busy: try again"
#define SAY_FULL "the disk is full: make room, then try again"
#define SAY_DISK "the disk of the database reports an error: check it, and see the log"
#define SAY_OPEN                                                                                   \
    "the database file cannot be opened: check that its folder exists and who may use it"
#define SAY_READ_ONLY "the database cannot be written: check who may write its file and its folder"
#define SAY_DAMAGED "the database file is damaged or is not a SQLite database: restore a backup"
#define SAY_LATE "the database took too long"

/* By extended code, else by the primary one that is its low byte. A connection is doubtful after
 * memory ran out, too: FTS5 then takes what it half remembers for a damaged file. */
static const struct outcome {
    int code;
    cinema_status status;
    const char *reason, *message;
    bool doubtful;
} outcomes[] = {
    { SQLITE_CONSTRAINT_UNIQUE, CINEMA_CONFLICT, "unique", "there is such a row already", false },
    { SQLITE_CONSTRAINT_PRIMARYKEY, CINEMA_CONFLICT, "unique", "there is such a row already",
      false },
    { SQLITE_CONSTRAINT_ROWID, CINEMA_CONFLICT, "unique", "there is such a row already", false },
    { SQLITE_CONSTRAINT_FOREIGNKEY, CINEMA_CONFLICT, "foreign_key",
      "a row that this one names is missing, or other rows still name this one", false },
    { SQLITE_IOERR_NOMEM, CINEMA_NO_MEMORY, NULL, "out of memory", true },
    { SQLITE_BUSY, CINEMA_UNAVAILABLE, "busy", SAY_BUSY, false },
    { SQLITE_LOCKED, CINEMA_UNAVAILABLE, "busy", SAY_BUSY, false },
    { SQLITE_PROTOCOL, CINEMA_UNAVAILABLE, "busy", SAY_BUSY, false },
    { SQLITE_SCHEMA, CINEMA_UNAVAILABLE, "busy", SAY_BUSY, false },
    { SQLITE_FULL, CINEMA_UNAVAILABLE, "disk_full", SAY_FULL, false },
    { SQLITE_IOERR, CINEMA_UNAVAILABLE, "io_error", SAY_DISK, true },
    { SQLITE_CORRUPT, CINEMA_UNAVAILABLE, "corrupt", SAY_DAMAGED, true },
    { SQLITE_NOTADB, CINEMA_UNAVAILABLE, "corrupt", SAY_DAMAGED, true },
    { SQLITE_READONLY, CINEMA_UNAVAILABLE, "read_only", SAY_READ_ONLY, true },
    { SQLITE_PERM, CINEMA_UNAVAILABLE, "cannot_open", SAY_OPEN, true },
    { SQLITE_CANTOPEN, CINEMA_UNAVAILABLE, "cannot_open", SAY_OPEN, true },
    { SQLITE_NOLFS, CINEMA_UNAVAILABLE, "disk_full", SAY_FULL, true },
    { SQLITE_NOMEM, CINEMA_NO_MEMORY, NULL, "out of memory", true },
    { SQLITE_INTERRUPT, CINEMA_TIMEOUT, NULL, SAY_LATE, false },
    { SQLITE_TOOBIG, CINEMA_TOO_LARGE, NULL, "a value is too large for the database", false },
};

static const struct outcome no_schema = {
    .status = CINEMA_UNAVAILABLE,
    .reason = "not_migrated",
    .message = "the database has no schema yet: run `cinema migrate`",
};
static const struct outcome late = { .status = CINEMA_TIMEOUT,
                                     .reason = "busy",
                                     .message = SAY_BUSY };
static const struct outcome refused = { .status = CINEMA_INTERNAL, .message = SAY_INTERNAL };

static const struct outcome *in_table(int code)
{
    for (size_t i = 0; i < COUNT_OF(outcomes); i++)
        if (outcomes[i].code == code)
            return &outcomes[i];
    return NULL;
}

/* Of the log; SQLite's own note of errno is of a later moment. */
static int errno_of_log(sqlite3 *handle)
{
    sqlite3_file *log = NULL;
    int e = 0;
    if (!sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) && log &&
        log->pMethods)
        log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &e);
    return e;
}

static bool is_no_room(int e)
{
    return e == ENOSPC || e == EDQUOT || e == EFBIG;
}

/* Some file systems and limits say "full" in words that SQLite takes for a broken disk. */
static bool no_room(sqlite3 *handle)
{
    return handle && (is_no_room(sqlite3_system_errno(handle)) || is_no_room(errno_of_log(handle)));
}

static const struct outcome *outcome_of(const lite_connection *k, int code, const char *words)
{
    int primary = code & 0xFF;
    if (primary == SQLITE_ERROR && !strncmp(words, "no such table: ", 15))
        return &no_schema;
    if (primary == SQLITE_BUSY && !deadline_left_ms(k->deadline))
        return &late;
    if (primary == SQLITE_IOERR && code != SQLITE_IOERR_NOMEM && no_room(k->handle))
        return in_table(SQLITE_FULL);
    const struct outcome *o = in_table(code);
    o = o ? o : in_table(primary);
    return o ? o : &refused;
}

static cinema_log_level level_of(cinema_status s)
{
    if (s == CINEMA_CONFLICT)
        return CINEMA_LOG_DEBUG;
    return s == CINEMA_TIMEOUT ? CINEMA_LOG_WARNING : CINEMA_LOG_ERROR;
}

static void say(const lite_db *d, cinema_log_level level, int code, const char *words,
                const char *text)
{
    char line[800];
    if (!d->log)
        return;
    snprintf(line, sizeof line, "sqlite: %s (%d)%s%.500s", words, code, text ? ": " : "",
             text ? text : "");
    d->log(d->log_user, level, line);
}

cinema_status lite_fail(lite_connection *k, int code, const char *text, cinema_error *err)
{
    /* The connection has words for its own last error only. */
    bool own = k->handle && sqlite3_extended_errcode(k->handle) == code;
    const char *words = own ? sqlite3_errmsg(k->handle) : sqlite3_errstr(code);
    const struct outcome *o = outcome_of(k, code, words);
    k->doubtful |= o->doubtful;
    say(k->db, level_of(o->status), code, words, text);
    return fail(err, o->status, o->reason, NULL, "%s", o->message);
}

cinema_status lite_fail_busy(cinema_error *err)
{
    return fail(err, late.status, late.reason, NULL, "%s", late.message);
}

cinema_status lite_fail_late(cinema_error *err)
{
    return fail(err, CINEMA_TIMEOUT, NULL, NULL, SAY_LATE);
}

cinema_status lite_fail_statement(const lite_connection *k, const char *why, const char *text,
                                  cinema_error *err)
{
    say(k->db, CINEMA_LOG_ERROR, SQLITE_ERROR, why, text);
    return fail(err, CINEMA_INTERNAL, NULL, NULL, SAY_INTERNAL);
}
