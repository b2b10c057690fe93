/* migrate.h - the schema's steps, numbered, forward only.
 */
#ifndef SCHEMA_MIGRATE_H
#define SCHEMA_MIGRATE_H

#include <cinema/base.h>

/* One file lib/schema/NNNN_name.sql. In its text {identity} {text} {blob} {clustered} stand for
 * what each engine calls it, and lines between `-- @sqlite` or `-- @postgres` and `-- @end` are for
 * that engine alone. */
typedef struct migration {
    int version;
    const char *name, *text;
} migration;
extern const migration cinema__migrations[]; /* generated; ends in version 0 */

/* UNSUPPORTED schema_newer. A database that has no schema yet, or an older one, passes. */
cinema_status schema__check(cinema *c, cinema_error *err);

#endif
