/* admin.h - looking after an installation: schema, settings, first token, check-up.
 * Records handed out are snapshots that the caller frees; calls are safe from any thread.
 */
#ifndef CINEMA_ADMIN_H
#define CINEMA_ADMIN_H

#include <cinema/base.h>

CINEMA_BEGIN

/* One step of the schema. */
typedef struct cinema_migration {
    int64_t version;
    const char *name;
    int64_t applied_at; /* ms since 1970, UTC; CINEMA_ABSENT: not applied yet */
} cinema_migration;

typedef struct cinema_migrations {
    const cinema_migration *const *items; /* oldest first */
    size_t count;
    size_t pending; /* how many of them are not applied */
} cinema_migrations;

/* Applies what is missing, each step in a transaction of its own, under a lock: two processes may
 * start it at once. CINEMA_DEADLINE_MS does not count here: a step may take an hour. Answers all
 * steps as they are then. UNSUPPORTED schema_newer: the database is of a newer libcinema. CONFLICT
 * schema_changed: an applied step is not the one this library has. */
CINEMA_API cinema_status cinema_migrate(cinema *c, cinema_migrations **ret, cinema_error *err);
/* The same steps without applying any. A database without a schema has all of them pending. */
CINEMA_API cinema_status cinema_schema_status(cinema *c, cinema_migrations **ret,
                                              cinema_error *err);
CINEMA_API void cinema_migrations_free(cinema_migrations *m); /* takes NULL */

/* Until accounts exist, writing over HTTP needs this token as bearer. Makes the file `setup-token`
 * (mode 0600) in the data folder unless it is there, and gives its path, never the token.
 * `path` must hold 4096 bytes. UNAVAILABLE: the folder cannot be written. */
CINEMA_API cinema_status cinema_setup_token_path(cinema *c, char *path, size_t size,
                                                 cinema_error *err);

/* One line of a check-up. */
typedef struct cinema_finding {
    const char *subject;  /* "database", "CINEMA_DATA_DIR" ... */
    const char *severity; /* "ok", "warning" or "error" */
    const char *detail;   /* what was found; secrets masked */
    const char *mend;     /* what to do; "" where nothing needs doing */
} cinema_finding;

typedef struct cinema_findings {
    const cinema_finding *const *items;
    size_t count, warnings, errors;
} cinema_findings;

/* Checks settings, data folder, database, schema. Never fails because something is found. */
CINEMA_API cinema_status cinema_doctor(cinema *c, cinema_findings **ret, cinema_error *err);
CINEMA_API void cinema_findings_free(cinema_findings *f); /* takes NULL */

CINEMA_END
#endif
