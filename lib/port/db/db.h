/* db.h - the SQL port: what rooms call, and what a driver has to be.
 * Two drivers, one behaviour: SQLite (linked in) and PostgreSQL (a module loaded by URL scheme).
 * Rows are copied into the caller's arena, so nothing is held when a read returns, and records may
 * point straight at the text of a row.
 */
#ifndef PORT_DB_H
#define PORT_DB_H

#include "base/arena.h"
#include "base/uuid.h"

/* ---- statements, written in .sql files ------------------------------------------------------ */

/* One named block of a .sql file; `postgres` is its twin, or the same text. */
typedef struct db_text {
    const char *name, *text, *postgres;
} db_text;
extern const db_text *const cinema__all_sql[]; /* generated; ends in NULL */

typedef enum db_type { DB_NULL, DB_INT, DB_REAL, DB_TEXT, DB_UUID, DB_BLOB, DB_BOOL } db_type;

/* A value bound or read. Booleans are read as DB_INT 0 or 1 and bound as DB_BOOL. */
typedef struct db_value {
    uint8_t type;     /* db_type; a bound NULL keeps its type in `declared` */
    uint8_t declared; /* bound values: the parameter's type, also where the value is NULL */
    uint32_t length;  /* bytes of TEXT (without its NUL) and BLOB */
    union {
        int64_t number;   /* INT, BOOL */
        double real;      /* REAL */
        const char *text; /* TEXT: NUL-terminated */
        const void *blob; /* BLOB; UUID: 16 bytes */
    };
} db_value;

enum { DB_VALUES_MAX = 48, DB_SQL_MAX = 4096 };

/* A statement put together from constant fragments; lives on the stack, owns nothing else. Text and
 * uuids added are borrowed until the statement has run. Overflow sticks and fails when it runs. */
typedef struct db_sql {
    bool postgres, failed;
    const char *text; /* the fragment itself while there is only one, else `own` */
    size_t length;
    size_t count;
    db_value values[DB_VALUES_MAX];
    char own[DB_SQL_MAX];
} db_sql;

/* Starts a statement for the engine behind the handle or transaction. */
void db_sql_for(db_sql *sql, cinema *c);
struct db_tx;
void db_sql_for_tx(db_sql *sql, const struct db_tx *tx);

/* Adds a fragment. It counts its parameters from $1; they are numbered on. One letter a parameter:
 * t text (NULL: SQL NULL) · i int64_t · I const int64_t * (NULL: SQL NULL) · d double · b int as
 * boolean · u const uuid * (NULL: SQL NULL) · x const void *, size_t as a blob. */
void db_add(db_sql *sql, db_text fragment, const char *letters, ...);

/* Of text and values: two lists have one hash only if they hold the same. */
uint64_t db_hash(const db_sql *sql);

/* ---- rows ------------------------------------------------------------------------------------ */

typedef struct db_row {
    struct db_row *next;
    db_value cells[];
} db_row;

typedef struct db_rows {
    db_row *first;
    size_t count, columns;
    int64_t changed; /* rows that INSERT, UPDATE or DELETE touched */
} db_rows;

/* ---- what rooms call --------------------------------------------------------------------------
 */

typedef struct db db;
typedef struct db_tx db_tx;

/* Runs one statement, or several in one snapshot and one round trip, outside of any transaction.
 * UNAVAILABLE, TIMEOUT: the database is away or slow; INTERNAL: the statement is wrong. */
cinema_status db_read(cinema *c, const db_sql *sql, arena *a, db_rows *rows, cinema_error *err);
/* Even where the schema is not known to be ours: for schema_check itself, and for health. */
cinema_status db_read_any(cinema *c, const db_sql *sql, arena *a, db_rows *rows, cinema_error *err);
cinema_status db_read_all(cinema *c, const db_sql *const *sql, size_t count, arena *a,
                          db_rows *rows, cinema_error *err);

/* A write transaction. No hashing, network or file work between begin and commit. After a statement
 * has failed only rollback is legal. Commit and rollback set *tx to NULL; rollback takes NULL. */
cinema_status db_begin(cinema *c, db_tx **ret, cinema_error *err);
cinema_status db_begin_flags(cinema *c, unsigned flags, db_tx **ret, cinema_error *err);
cinema_status db_run(db_tx *tx, const db_sql *sql, arena *a, db_rows *rows, cinema_error *err);
/* Has `run` called on this thread when what the transaction under way wrote has become durable,
 * with no lock held; not at all if it is undone. Asking again in one transaction changes nothing.
 */
void db_when_committed(cinema *c, void (*run)(cinema *c));
/* Runs after all else of the transaction, or of all that commit together: for an index that is best
 * written in one go. In order among themselves. Until then the transaction does not see it; what is
 * wrong with it fails the commit. Values are copied. */
cinema_status db_run_late(db_tx *tx, const db_sql *sql, cinema_error *err);
cinema_status db_commit(db_tx **tx, cinema_error *err);
void db_rollback(db_tx **tx);
cinema_status db_script(db_tx *tx, const char *text, cinema_error *err); /* migrations */

/* While a thread holds, its transactions are one: the first begins it and `begun` may add to it, a
 * commit only says that all was well, later ones and reads go on in it, and db_hold_end commits. A
 * rollback undoes all. `begun` fails to keep the caller from going on; with *over set what it found
 * is committed nevertheless, that is: waited for until it is durable. */
typedef struct db_hold {
    cinema_status (*begun)(db_tx *tx, void *user, bool *over, cinema_error *err);
    void *user;
    db_tx *tx;      /* NULL: none has begun */
    bool committed; /* a part is done */
    bool lost;      /* what was done, or found, has been undone */
} db_hold;
void db_hold_start(db_hold *h);
/* Without `keep`, or where nothing was committed: rolls back. */
cinema_status db_hold_end(db_hold *h, bool keep, cinema_error *err);

/* How a statement is carried out. */
typedef struct db_plan {
    const char *text; /* in the engine's own words, a step a line */
    int64_t rows;     /* that it answers; CINEMA_ABSENT: it changes something and was not run */
    int64_t visited;  /* rows it looks at (PostgreSQL), steps of the machine (SQLite) */
} db_plan;
/* Runs what only reads, once more, to count. `s` is one that a watch has seen. */
struct db_statement;
cinema_status db_explain(cinema *c, const struct db_statement *s, arena *a, db_plan *ret,
                         cinema_error *err);

/* Told of each statement of this thread before it runs. */
typedef struct db_watch {
    void (*see)(const struct db_statement *s, void *user);
    void *user;
    bool undo; /* what is committed is undone instead, and answers OK */
} db_watch;
/* Sets it for this thread, NULL: none, and returns what was set. For explain. */
const db_watch *db_watch_set(const db_watch *w);

/* Opens and closes the database of a handle (open.c); whether reads are short local work. */
cinema_status db_open(cinema *c, cinema_error *err);
void db_close(cinema *c);
bool db_local(const cinema *c);

/* ---- what a driver is ---------------------------------------------------------------------------
 */

/* A statement as drivers get it. The text ends in NUL and lives for the call only, unless
 * `constant`: then it is a fragment of the program and its address may serve as its name. */
typedef struct db_statement {
    const char *text;
    size_t length;
    uint64_t hash;
    bool constant;
    const db_value *values;
    size_t count;
} db_statement;

typedef struct db_options {
    const char *url, *direct_url; /* direct: without a pooler between; NULL: the same */
    unsigned connections;         /* most that are open at once for reading; 0: the driver's own */
    void (*log)(void *user, cinema_log_level level, const char *line);
    void *user;
} db_options;

enum { DB_DRIVER_ABI = 3 };
enum { DB_TX_DIRECT = 1 }; /* begin: through direct_url (migrations) */

/* Ten functions. `deadline` is a moment of the monotonic clock (clock.h) by which the call gives
 * up with TIMEOUT. All are safe from any thread, a db_tx belongs to one thread. */
typedef struct db_driver {
    int abi; /* DB_DRIVER_ABI */
    const char *name;
    /* Makes no connection: the first use does. INVALID: the URL is no good. */
    cinema_status (*open)(const db_options *options, db **ret, cinema_error *err);
    void (*close)(db *d);
    /* `count` statements in one snapshot; rows[i] belongs to statement i. */
    cinema_status (*read)(db *d, const db_statement *statements, size_t count, int64_t deadline,
                          arena *a, db_rows *rows, cinema_error *err);
    cinema_status (*begin)(db *d, unsigned flags, int64_t deadline, db_tx **ret, cinema_error *err);
    /* `rows` may be NULL where the statement answers nothing. */
    cinema_status (*run)(db_tx *tx, const db_statement *s, arena *a, db_rows *rows,
                         cinema_error *err);
    /* As db_run_late says; NULL: such statements are run at once. */
    cinema_status (*run_late)(db_tx *tx, const db_statement *s, cinema_error *err);
    /* Many statements as one text, without parameters: migrations. */
    cinema_status (*script)(db_tx *tx, const char *text, cinema_error *err);
    /* Durable when OK is returned. The transaction is gone either way. */
    cinema_status (*commit)(db_tx *tx, cinema_error *err);
    void (*rollback)(db_tx *tx);
    /* As db_explain says. */
    cinema_status (*explain)(db *d, const db_statement *s, int64_t deadline, arena *a, db_plan *ret,
                             cinema_error *err);
} db_driver;

/* What every driver's db and db_tx begin with. */
struct db {
    const db_driver *driver;
};
struct db_tx {
    db *db;
    int64_t deadline; /* of the transaction; set by begin */
};

extern const db_driver cinema__db_sqlite;
/* The one symbol of a driver module. */
#define DB_DRIVER_SYMBOL "cinema_db_driver"

#endif
