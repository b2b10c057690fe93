/* sqlite_driver.h - what the files of the SQLite driver share.
 *   sqlite.c             the driver: its URL, opening, closing
 *   sqlite_connection.c  one connection: opening it, preparing its file
 *   sqlite_statement.c   statements on a connection: cached, bound, run, read into rows
 *   sqlite_error.c       outcomes: one table, and the lines for the log
 *   sqlite_turn.c        waiting for events and in line, until a deadline
 *   sqlite_read.c        the readers: a pool of connections
 *   sqlite_write.c       the writer: one connection, its turn, group commit
 *   sqlite_late.c        statements that wait for the end of their group
 * A connection belongs to one thread at a time, so SQLite's own locks are off (NOMUTEX).
 */
#ifndef PORT_DB_SQLITE_DRIVER_H
#define PORT_DB_SQLITE_DRIVER_H

#include "base/clock.h"
#include "port/db/db.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

/* ---- waiting --------------------------------------------------------------------------------- */

/* Something that happens once: set it, then wake those who wait. Setting is the last touch: who
 * sees it may free the memory, and waking, best done under no lock, reads nothing there. */
typedef _Atomic(uint32_t) lite_event;
bool lite_event_wait(lite_event *e, int64_t deadline); /* false: it was over first */
void lite_event_set(lite_event *e);
void lite_event_wake(lite_event *e); /* takes NULL */

typedef struct lite_waiter lite_waiter;

/* A number of places, and a line before them. Whenever one is free while somebody stands in line,
 * the first is on its way (`called`). All under a mutex of the owner's. */
typedef struct lite_turn {
    unsigned places;
    lite_waiter *first, **end, *called;
} lite_turn;

void lite_turn_init(lite_turn *t, unsigned places);
/* Waits until `deadline` for a place; false: there was none. The caller holds `lock`. */
bool lite_turn_take(lite_turn *t, pthread_mutex_t *lock, int64_t deadline);
/* Gives a place up; what is returned is to be woken after the lock is let go. */
lite_event *lite_turn_give(lite_turn *t);

/* ---- a connection ---------------------------------------------------------------------------- */

/* The statements of the driver itself. */
typedef enum lite_control {
    LITE_BEGIN,
    LITE_BEGIN_IMMEDIATE,
    LITE_COMMIT,
    LITE_ROLLBACK,
    LITE_SAVEPOINT,
    LITE_RELEASE,
    LITE_ROLLBACK_TO,
    LITE_CONTROLS
} lite_control;

enum { LITE_BUCKETS = 256, LITE_CACHED_MAX = 256, LITE_WAL_PAGES = 1000 };

typedef struct lite_prepared lite_prepared;

typedef struct lite_connection {
    struct lite_connection *next; /* among the idle ones */
    const struct lite_db *db;
    sqlite3 *handle;
    int64_t deadline; /* of what is being done */
    bool shared;      /* the open transaction holds work of others, done and waiting */
    bool steadfast;   /* so the statement must not be broken off: SQLite would undo theirs */
    bool doubtful;    /* an error said that a new connection would be better */
    int wal_pages;    /* in the log after the last commit here */
    int wal_limit;    /* with so many it is copied into the database */
    sqlite3_stmt *controls[LITE_CONTROLS];
    lite_prepared *buckets[LITE_BUCKETS];
    unsigned cached;
    uint64_t uses;
    int steps; /* of SQLite's machine, for the last statement */
} lite_connection;

typedef enum lite_role { LITE_READER, LITE_WRITER } lite_role;

cinema_status lite_connect(const struct lite_db *d, lite_role role, int64_t deadline,
                           lite_connection **ret, cinema_error *err);
void lite_disconnect(lite_connection *k); /* takes NULL */

/* One of the statements above; SQLite's code, SQLITE_OK when it is done. */
int lite_do(lite_connection *k, lite_control what);

/* Runs a statement to its end; `rows` may be NULL. A reader's may not write. */
cinema_status lite_run(lite_connection *k, const db_statement *s, lite_role role, arena *a,
                       db_rows *rows, cinema_error *err);
bool lite_reads(const lite_connection *k, const char *text); /* and changes nothing */
void lite_forget_statements(lite_connection *k);

/* ---- outcomes -------------------------------------------------------------------------------- */

/* The outcome of SQLite's `code`, with a line for the log; `text` is the statement, or NULL. */
cinema_status lite_fail(lite_connection *k, int code, const char *text, cinema_error *err);
cinema_status lite_fail_busy(cinema_error *err); /* nobody gave way before the deadline */
cinema_status lite_fail_late(cinema_error *err); /* the deadline is over */
/* A statement that the driver refuses: INTERNAL, with `why` in the log. */
cinema_status lite_fail_statement(const lite_connection *k, const char *why, const char *text,
                                  cinema_error *err);

/* ---- statements that wait ----------------------------------------------------------------------
 */

typedef struct lite_late lite_late;
typedef struct lite_lates {
    lite_late *first, **end; /* end: only where there is a first */
} lite_lates;

bool lite_late_add(lite_lates *l, const db_statement *s); /* a copy; false: no memory */
void lite_late_move(lite_lates *to, lite_lates *from);    /* behind what is there */
cinema_status lite_late_run(lite_connection *k, const lite_lates *l, cinema_error *err);
void lite_late_clear(lite_lates *l);

/* ---- the database ---------------------------------------------------------------------------- */

typedef struct lite_group lite_group;

enum { LITE_PATH_MAX = 500 }; /* SQLite takes 512, and adds endings */

typedef struct lite_db {
    db base;
    char *path; /* absolute */
    void (*log)(void *user, cinema_log_level level, const char *line);
    void *log_user;
    int process; /* that opened it: a child must not touch SQLite's state */

    pthread_mutex_t read_lock; /* of the two below */
    lite_turn reading;
    lite_connection *idle; /* latest used first, so that few are warm */

    pthread_mutex_t write_lock; /* of the line; what follows belongs to whoever has the turn */
    lite_turn writing;
    lite_connection *writer;
    lite_group *group; /* open; never so while the turn is free and nobody on the way to it */
} lite_db;

cinema_status lite_read(db *base, const db_statement *statements, size_t count, int64_t deadline,
                        arena *a, db_rows *rows, cinema_error *err);
cinema_status lite_explain(db *base, const db_statement *s, int64_t deadline, arena *a,
                           db_plan *ret, cinema_error *err);
cinema_status lite_begin(db *base, unsigned flags, int64_t deadline, db_tx **ret,
                         cinema_error *err);
cinema_status lite_tx_run(db_tx *tx, const db_statement *s, arena *a, db_rows *rows,
                          cinema_error *err);
cinema_status lite_tx_late(db_tx *tx, const db_statement *s, cinema_error *err);
cinema_status lite_script(db_tx *tx, const char *text, cinema_error *err);
cinema_status lite_commit(db_tx *tx, cinema_error *err);
void lite_rollback(db_tx *tx);

#endif
