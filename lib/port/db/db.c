/* db.c - the SQL port's front: statements put together, the driver chosen, rooms served.
 * A driver is linked in (SQLite) or loaded from the module folder by the URL's scheme.
 */
#include "port/db/db.h"

#include "base/handle.h"
#include "base/module.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

/* ---- statements --------------------------------------------------------------------------------
 */

static void sql_start(db_sql *sql, const db *d)
{
    sql->postgres = !strcmp(d->driver->name, "postgres");
    sql->failed = false;
    sql->text = NULL;
    sql->length = sql->count = 0;
}

void db_sql_for(db_sql *sql, cinema *c)
{
    sql_start(sql, c->db);
}

void db_sql_for_tx(db_sql *sql, const db_tx *tx)
{
    sql_start(sql, tx->db);
}

static bool put_byte(db_sql *sql, char c)
{
    if (sql->length + 1 >= DB_SQL_MAX)
        return false;
    sql->own[sql->length++] = c;
    return true;
}

static bool put_number(db_sql *sql, size_t n)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%zu", n);
    for (int i = 0; i < length; i++)
        if (!put_byte(sql, digits[i]))
            return false;
    return true;
}

/* Copies a fragment, its $1 counted on from the parameters that are there. */
static bool put_fragment(db_sql *sql, const char *text)
{
    for (const char *p = text; *p;) {
        if (*p != '$' || p[1] < '0' || p[1] > '9') {
            if (!put_byte(sql, *p++))
                return false;
            continue;
        }
        char *end;
        size_t n = strtoul(p + 1, &end, 10);
        if (!put_byte(sql, '$') || !put_number(sql, n + sql->count))
            return false;
        p = end;
    }
    sql->own[sql->length] = '\0';
    return true;
}

static bool put_text(db_sql *sql, const char *text)
{
    if (!sql->text) { /* a lone fragment stays where it is */
        sql->text = text;
        sql->length = strlen(text);
        return true;
    }
    if (sql->text != sql->own) {
        if (sql->length >= DB_SQL_MAX)
            return false;
        memcpy(sql->own, sql->text, sql->length + 1);
        sql->text = sql->own;
    }
    return put_fragment(sql, text);
}

static db_value text_value(const char *s)
{
    return (db_value){ .type = s ? DB_TEXT : DB_NULL,
                       .declared = DB_TEXT,
                       .length = s ? (uint32_t)strlen(s) : 0,
                       .text = s };
}

static db_value uuid_value(const uuid *u)
{
    return (
        db_value){ .type = u ? DB_UUID : DB_NULL, .declared = DB_UUID, .length = 16, .blob = u };
}

static db_value number_value(const int64_t *n)
{
    return (db_value){ .type = n ? DB_INT : DB_NULL, .declared = DB_INT, .number = n ? *n : 0 };
}

static db_value blob_value(const void *blob, size_t n)
{
    return (db_value){
        .type = blob ? DB_BLOB : DB_NULL, .declared = DB_BLOB, .length = (uint32_t)n, .blob = blob
    };
}

static db_value next_value(char letter, va_list *args)
{
    int64_t n;
    const void *blob;
    switch (letter) {
    case 't':
        return text_value(va_arg(*args, const char *));
    case 'u':
        return uuid_value(va_arg(*args, const uuid *));
    case 'I':
        return number_value(va_arg(*args, const int64_t *));
    case 'd':
        return (db_value){ .type = DB_REAL, .declared = DB_REAL, .real = va_arg(*args, double) };
    case 'b':
        return (db_value){ .type = DB_BOOL, .declared = DB_BOOL, .number = va_arg(*args, int) };
    case 'x':
        blob = va_arg(*args, const void *);
        return blob_value(blob, va_arg(*args, size_t));
    default:
        assert(letter == 'i');
        n = va_arg(*args, int64_t);
        return number_value(&n);
    }
}

void db_add(db_sql *sql, db_text fragment, const char *letters, ...)
{
    va_list args;
    if (!put_text(sql, sql->postgres ? fragment.postgres : fragment.text) ||
        sql->count + strlen(letters) > DB_VALUES_MAX) {
        sql->failed = true;
        return;
    }
    va_start(args, letters);
    for (; *letters; letters++)
        sql->values[sql->count++] = next_value(*letters, &args);
    va_end(args);
}

static uint64_t hash_bytes(const void *bytes, size_t n, uint64_t seed)
{
    unsigned char key[crypto_shorthash_KEYBYTES] = "libcinema", out[crypto_shorthash_BYTES];
    uint64_t h;
    memcpy(key + 8, &seed, sizeof seed);
    crypto_shorthash(out, bytes, n, key);
    memcpy(&h, out, sizeof h);
    return h;
}

uint64_t db_hash(const db_sql *sql)
{
    uint64_t h = hash_bytes(sql->text, sql->length, 0);
    for (size_t i = 0; i < sql->count; i++) {
        const db_value *v = &sql->values[i];
        bool far = v->type == DB_TEXT || v->type == DB_BLOB || v->type == DB_UUID;
        h = hash_bytes(&v->type, sizeof v->type, h);
        if (v->type != DB_NULL)
            h = far ? hash_bytes(v->blob, v->length, h) : hash_bytes(&v->number, 8, h);
    }
    return h;
}

/* ---- drivers
 * -------------------------------------------------------------------------------------- */

typedef struct scheme {
    const char *prefix, *module; /* NULL module: linked in */
} scheme;

static const scheme schemes[] = {
    { "sqlite:", NULL },
    { "postgres:", "cinema-postgres.so" },
    { "postgresql:", "cinema-postgres.so" },
};

static const scheme *scheme_of(const char *url)
{
    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        if (!strncmp(url, schemes[i].prefix, strlen(schemes[i].prefix)))
            return &schemes[i];
    return NULL;
}

/* In a static build the program names the driver by linking it. */
extern const db_driver cinema_db_driver __attribute__((weak));

static cinema_status driver_of(const scheme *k, const db_driver **ret, cinema_error *err)
{
    if (!k->module) {
        *ret = &cinema__db_sqlite;
        return CINEMA_OK;
    }
    if (&cinema_db_driver) {
        *ret = &cinema_db_driver;
        return CINEMA_OK;
    }
    const db_driver *d = module_symbol(k->module, DB_DRIVER_SYMBOL);
    if (!d || d->abi != DB_DRIVER_ABI)
        return fail(err, CINEMA_UNSUPPORTED, "no_driver", "CINEMA_DATABASE_URL",
                    "the driver %s is not installed beside this libcinema%s", k->module,
                    d ? " in the same version" : "");
    *ret = d;
    return CINEMA_OK;
}

static void log_from_driver(void *user, cinema_log_level level, const char *line)
{
    log_line(user, level, "%s", line);
}

cinema_status db_open(cinema *c, cinema_error *err)
{
    const db_driver *driver = NULL;
    db_options options = {
        .url = config_text(c->config, "CINEMA_DATABASE_URL"),
        .direct_url = config_text(c->config, "CINEMA_DATABASE_DIRECT_URL"),
        .log = log_from_driver,
        .user = c,
    };
    const scheme *k = scheme_of(options.url);
    if (!k)
        return fail(err, CINEMA_UNSUPPORTED, "no_driver", "CINEMA_DATABASE_URL",
                    "the database URL must begin with sqlite:, postgres: or postgresql:");
    cinema_status s = driver_of(k, &driver, err);
    return s ? s : driver->open(&options, &c->db, err);
}

void db_close(cinema *c)
{
    if (c->db && c->generation == cinema__generation()) /* a forked child leaves files alone */
        c->db->driver->close(c->db);
}

bool db_local(const cinema *c)
{
    return c->db->driver == &cinema__db_sqlite;
}

/* ---- what rooms call
 * ------------------------------------------------------------------------------ */

static _Thread_local const db_watch *watching;

const db_watch *db_watch_set(const db_watch *w)
{
    const db_watch *before = watching;
    watching = w;
    return before;
}

static cinema_status prepare(const db_sql *sql, db_statement *s, cinema_error *err)
{
    if (sql->failed)
        return fail(err, CINEMA_INTERNAL, NULL, NULL, "a statement grew too long");
    *s = (db_statement){ .text = sql->text,
                         .length = sql->length,
                         .hash = hash_bytes(sql->text, sql->length, 0),
                         .constant = sql->text != sql->own,
                         .values = sql->values,
                         .count = sql->count };
    if (watching)
        watching->see(s, watching->user);
    return CINEMA_OK;
}

enum { TOGETHER_MAX = 8 };

static cinema_status check(cinema *c, cinema_error *err)
{
    cinema_status s = handle_check(c, err);
    if (s || atomic_load_explicit(&c->schema_known, memory_order_acquire))
        return s;
    return c->schema_check(c, err);
}

/* ---- transactions that are held
 * ------------------------------------------------------------------- */

static _Thread_local db_hold *held;

/* What waits for the commit of this thread's transaction. */
static _Thread_local struct {
    cinema *c;
    void (*run)(cinema *c);
} waiting;

void db_when_committed(cinema *c, void (*run)(cinema *c))
{
    waiting.c = c;
    waiting.run = run;
}

static void undo(db_tx *t)
{
    waiting.run = NULL;
    t->db->driver->rollback(t);
}

/* The end of what went well: durable, unless somebody only watches. */
static cinema_status finish(db_tx *t, cinema_error *err)
{
    void (*run)(cinema * c) = waiting.run;
    if (watching && watching->undo) {
        undo(t);
        return CINEMA_OK;
    }
    waiting.run = NULL;
    cinema_status s = t->db->driver->commit(t, err);
    if (!s && run)
        run(waiting.c);
    return s;
}

void db_hold_start(db_hold *h)
{
    assert(!held && !cinema__transactions_open);
    held = h;
}

cinema_status db_hold_end(db_hold *h, bool keep, cinema_error *err)
{
    db_tx *t = MOVE(h->tx);
    held = NULL;
    if (t && keep && h->committed)
        return finish(t, err);
    if (t)
        undo(t);
    return keep && h->lost ? fail(err, CINEMA_INTERNAL, NULL, NULL,
                                  "a part that was done has been undone by a later one")
                           : CINEMA_OK;
}

/* The real transaction is there; whether the caller may have it. */
static cinema_status hold_begun(db_tx *t, cinema_error *err)
{
    bool over = false;
    cinema_error why;
    cinema_status s = held->begun(t, held->user, &over, err);
    if (!s) {
        held->tx = t;
        return CINEMA_OK;
    }
    if (!over) {
        t->db->driver->rollback(t);
        return s;
    }
    cinema_status ended = t->db->driver->commit(t, &why);
    held->lost = ended;
    if (ended && err)
        *err = why;
    return ended ? ended : s;
}

/* What is read after a part that is done has to see it. */
static cinema_status read_held(const db_statement *statements, size_t count, arena *a,
                               db_rows *rows, cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    for (size_t i = 0; !s && i < count; i++)
        s = held->tx->db->driver->run(held->tx, &statements[i], a, &rows[i], err);
    return s;
}

static cinema_status read_all(cinema *c, const db_sql *const *sql, size_t count, arena *a,
                              db_rows *rows, cinema_error *err)
{
    db_statement statements[TOGETHER_MAX];
    cinema_status s = CINEMA_OK;
    assert(count <= TOGETHER_MAX);
    for (size_t i = 0; !s && i < count; i++)
        s = prepare(sql[i], &statements[i], err);
    if (s)
        return s;
    memset(rows, 0, count * sizeof *rows);
    if (held && held->tx && !cinema__transactions_open && held->tx->db == c->db)
        return read_held(statements, count, a, rows, err);
    return c->db->driver->read(c->db, statements, count, call_deadline(c), a, rows, err);
}

cinema_status db_read_all(cinema *c, const db_sql *const *sql, size_t count, arena *a,
                          db_rows *rows, cinema_error *err)
{
    cinema_status s = check(c, err);
    return s ? s : read_all(c, sql, count, a, rows, err);
}

cinema_status db_read_any(cinema *c, const db_sql *sql, arena *a, db_rows *rows, cinema_error *err)
{
    cinema_status s = handle_check(c, err);
    return s ? s : read_all(c, &sql, 1, a, rows, err);
}

cinema_status db_read(cinema *c, const db_sql *sql, arena *a, db_rows *rows, cinema_error *err)
{
    return db_read_all(c, &sql, 1, a, rows, err);
}

cinema_status db_begin(cinema *c, db_tx **ret, cinema_error *err)
{
    return db_begin_flags(c, 0, ret, err);
}

cinema_status db_begin_flags(cinema *c, unsigned flags, db_tx **ret, cinema_error *err)
{
    cinema_status s = flags & DB_TX_DIRECT ? handle_check(c, err) : check(c, err);
    assert(!cinema__transactions_open && "a transaction inside another waits for itself");
    db_tx *t = held && !flags ? held->tx : NULL;
    if (!s && !t) {
        s = c->db->driver->begin(c->db, flags, call_deadline(c), &t, err);
        if (!s && held && !flags)
            s = hold_begun(t, err);
    }
    if (s)
        return s;
    cinema__transactions_open++;
    *ret = t;
    return CINEMA_OK;
}

cinema_status db_run(db_tx *tx, const db_sql *sql, arena *a, db_rows *rows, cinema_error *err)
{
    db_statement statement;
    cinema_status s = prepare(sql, &statement, err);
    if (rows)
        *rows = (db_rows){ 0 };
    return s ? s : tx->db->driver->run(tx, &statement, a, rows, err);
}

cinema_status db_run_late(db_tx *tx, const db_sql *sql, cinema_error *err)
{
    db_statement statement;
    const db_driver *driver = tx->db->driver;
    cinema_status s = prepare(sql, &statement, err);
    if (s)
        return s;
    return driver->run_late ? driver->run_late(tx, &statement, err)
                            : driver->run(tx, &statement, NULL, NULL, err);
}

cinema_status db_explain(cinema *c, const db_statement *s, arena *a, db_plan *ret,
                         cinema_error *err)
{
    cinema_status status = handle_check(c, err);
    *ret = (db_plan){ .rows = CINEMA_ABSENT, .visited = CINEMA_ABSENT };
    return status ? status : c->db->driver->explain(c->db, s, call_deadline(c), a, ret, err);
}

cinema_status db_script(db_tx *tx, const char *text, cinema_error *err)
{
    return tx->db->driver->script(tx, text, err);
}

cinema_status db_commit(db_tx **tx, cinema_error *err)
{
    db_tx *t = MOVE(*tx);
    cinema__transactions_open--;
    if (held && held->tx == t) {
        held->committed = true;
        return CINEMA_OK;
    }
    return finish(t, err);
}

void db_rollback(db_tx **tx)
{
    if (!*tx)
        return;
    db_tx *t = MOVE(*tx);
    cinema__transactions_open--;
    if (held && held->tx == t) {
        held->lost |= held->committed;
        held->tx = NULL;
    }
    undo(t);
}
