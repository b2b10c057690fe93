/* sqlite.c - the SQLite driver: its URL, opening, closing.
 * The other parts are listed in sqlite_driver.h.
 */
#include "port/db/sqlite_driver.h"

#include <stdio.h>
#include <unistd.h>

/* ---- the URL --------------------------------------------------------------------------------- */

/* The part of the URL that is a path, or NULL: sqlite:a/b, sqlite:/a/b and sqlite:///a/b. */
static const char *path_in(const char *url)
{
    if (!url || strncmp(url, "sqlite:", 7))
        return NULL;
    const char *path = url + 7;
    if (!strncmp(path, "//", 2))
        path += 2;
    if (path != url + 7 && *path != '/') /* sqlite://host/path */
        return NULL;
    size_t n = strlen(path);
    if (!n || path[n - 1] == '/' || strpbrk(path, "?#") || !strcmp(path, ":memory:"))
        return NULL;
    return path;
}

/* Connections are opened later, when the program may have gone to another folder. */
static cinema_status absolute(const char *path, char **ret, cinema_error *err)
{
    char folder[LITE_PATH_MAX + 1] = "", whole[LITE_PATH_MAX + 1];
    bool known = *path == '/' || getcwd(folder, sizeof folder);
    int n = snprintf(whole, sizeof whole, "%s%s%s", folder, *path == '/' ? "" : "/", path);
    if (!known || n < 0 || (size_t)n >= sizeof whole)
        return fail(err, CINEMA_INVALID, "database_url", NULL,
                    "the path of the database is longer than %d bytes", LITE_PATH_MAX);
    *ret = strdup(whole);
    return *ret ? CINEMA_OK : fail_memory(err);
}

static cinema_status path_of(const char *url, char **ret, cinema_error *err)
{
    const char *path = path_in(url);
    if (path)
        return absolute(path, ret, err);
    return fail(err, CINEMA_INVALID, "database_url", NULL,
                "the database has to be a file: sqlite:films.db or sqlite:/var/lib/films.db");
}

/* ---- opening and closing --------------------------------------------------------------------- */

static unsigned connections_for(const db_options *o)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return o->connections ? o->connections : (unsigned)(cores > 0 ? cores : 1) + 2;
}

static cinema_status lite_open(const db_options *o, db **ret, cinema_error *err)
{
    CLEANUP(freep) char *path = NULL;
    cinema_status s = path_of(o->url, &path, err);
    if (s)
        return s;
    lite_db *d = calloc(1, sizeof *d);
    if (!d)
        return fail_memory(err);
    *d = (lite_db){ .base = { .driver = &cinema__db_sqlite },
                    .path = MOVE(path),
                    .log = o->log,
                    .log_user = o->user,
                    .process = (int)getpid() };
    pthread_mutex_init(&d->read_lock, NULL);
    pthread_mutex_init(&d->write_lock, NULL);
    lite_turn_init(&d->reading, connections_for(o));
    lite_turn_init(&d->writing, 1);
    *ret = &d->base;
    return CINEMA_OK;
}

/* The log is copied into the database as far as other processes allow, without waiting for them. */
static void close_writer(lite_connection *k)
{
    if (!k)
        return;
    k->deadline = 0;
    sqlite3_wal_checkpoint_v2(k->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    lite_disconnect(k);
}

/* In a child of the process that opened it the connections are left alone: what SQLite holds of
 * them is shared with the parent, which goes on using it. */
static void lite_close(db *base)
{
    lite_db *d = (lite_db *)base;
    if (!d || d->process != (int)getpid())
        return;
    for (lite_connection *k; (k = d->idle);) {
        d->idle = k->next;
        lite_disconnect(k);
    }
    close_writer(d->writer);
    pthread_mutex_destroy(&d->write_lock);
    pthread_mutex_destroy(&d->read_lock);
    free(d->path);
    free(d);
}

const db_driver cinema__db_sqlite = {
    .abi = DB_DRIVER_ABI,
    .name = "sqlite",
    .open = lite_open,
    .close = lite_close,
    .read = lite_read,
    .begin = lite_begin,
    .run = lite_tx_run,
    .run_late = lite_tx_late,
    .script = lite_script,
    .commit = lite_commit,
    .rollback = lite_rollback,
    .explain = lite_explain,
};
