/* db_help.c - what the tests of the SQL port share.
 */
#include "port/db_help.h"

#include "port/postgres_help.h"

#include <stdio.h>

_Thread_local arena *a;
_Thread_local cinema_error err;
char url[1024];
const db_driver *driver;
db *d;

db *db_another(unsigned connections)
{
    db *another = NULL;
    db_options o = { .url = url, .connections = connections, .log = driver_hear };
    OK(driver->open(&o, &another, &err));
    return another;
}

void db_start(void)
{
    test_database(url, sizeof url);
    driver = test_on_postgres() ? pg_module() : &cinema__db_sqlite;
    ck_assert_msg(driver && driver->abi == DB_DRIVER_ABI, "no driver for %s", url);
    a = arena_new(0, 0);
    d = db_another(0);
}

void db_stop(void)
{
    driver->close(d);
    arena_free(a);
}

/* ---- statements ------------------------------------------------------------------------------ */

int64_t soon(int64_t ms)
{
    return clock_monotonic_ms() + ms;
}

static uint64_t hash(const char *text)
{
    uint64_t h = UINT64_C(14695981039346656037);
    while (*text)
        h = (h ^ (unsigned char)*text++) * UINT64_C(1099511628211);
    return h;
}

db_statement sql(const char *text)
{
    return (db_statement){ .text = text, .length = strlen(text), .hash = hash(text) };
}

static db_value value(char letter, va_list *args)
{
    db_value v = { 0 };
    const int64_t *n;
    switch (letter) {
    case 't':
        v.text = va_arg(*args, const char *);
        v.declared = DB_TEXT;
        v.length = v.text ? (uint32_t)strlen(v.text) : 0;
        v.type = v.text ? DB_TEXT : DB_NULL;
        return v;
    case 'i':
        return (db_value){ .type = DB_INT, .declared = DB_INT, .number = va_arg(*args, int64_t) };
    case 'I':
        n = va_arg(*args, const int64_t *);
        return (db_value){ .type = n ? DB_INT : DB_NULL, .declared = DB_INT, .number = n ? *n : 0 };
    case 'd':
        return (db_value){ .type = DB_REAL, .declared = DB_REAL, .real = va_arg(*args, double) };
    case 'b':
        return (db_value){ .type = DB_BOOL, .declared = DB_BOOL, .number = va_arg(*args, int) };
    case 'u':
        v.blob = va_arg(*args, const uuid *);
        v.declared = DB_UUID;
        v.length = v.blob ? 16 : 0;
        v.type = v.blob ? DB_UUID : DB_NULL;
        return v;
    default:
        ck_assert_int_eq(letter, 'x');
        v.blob = va_arg(*args, const void *);
        v.declared = DB_BLOB;
        v.length = (uint32_t)va_arg(*args, size_t);
        v.type = v.blob ? DB_BLOB : DB_NULL;
        return v;
    }
}

static db_statement bound(db_value *values, const char *text, const char *letters, va_list *args)
{
    db_statement s = sql(text);
    for (s.values = values; *letters; letters++)
        values[s.count++] = value(*letters, args);
    return s;
}

cinema_status run(db_tx *tx, db_rows *rows, const char *text, const char *letters, ...)
{
    db_value values[DB_VALUES_MAX + 1];
    va_list args;
    va_start(args, letters);
    db_statement s = bound(values, text, letters, &args);
    va_end(args);
    return driver->run(tx, &s, a, rows, &err);
}

cinema_status get(db *from, db_rows *rows, const char *text, const char *letters, ...)
{
    db_value values[DB_VALUES_MAX + 1];
    va_list args;
    va_start(args, letters);
    db_statement s = bound(values, text, letters, &args);
    va_end(args);
    return driver->read(from, &s, 1, soon(PATIENCE_MS), a, rows, &err);
}

db_tx *begin(void)
{
    db_tx *tx = NULL;
    OK(driver->begin(d, 0, soon(PATIENCE_MS), &tx, &err));
    return tx;
}

void commit(db_tx *tx)
{
    OK(driver->commit(tx, &err));
}

void script(const char *text)
{
    db_tx *tx = begin();
    OK(driver->script(tx, text, &err));
    commit(tx);
}

void change(const char *text)
{
    db_tx *tx = begin();
    OK(run(tx, NULL, text, ""));
    commit(tx);
}

int64_t number(const char *text)
{
    db_rows rows;
    OK(get(d, &rows, text, ""));
    ck_assert_uint_eq(rows.count, 1);
    ck_assert_int_eq(rows.first->cells[0].type, DB_INT);
    return rows.first->cells[0].number;
}

cinema_status add(db *to, const char *text, int64_t one, int64_t two, int64_t deadline)
{
    db_tx *tx;
    cinema_status s = driver->begin(to, 0, deadline, &tx, &err);
    if (s)
        return s;
    if ((s = run(tx, NULL, text, "ii", one, two))) {
        driver->rollback(tx);
        return s;
    }
    return driver->commit(tx, &err);
}

/* ---- threads --------------------------------------------------------------------------------- */

typedef struct task {
    pthread_t thread;
    int i;
    int64_t (*fn)(int i);
    int64_t result;
} task;

static void *work(void *task_)
{
    task *t = task_;
    a = arena_new(0, 0);
    t->result = t->fn(t->i);
    arena_free(a);
    return NULL;
}

int64_t together(int count, int64_t (*fn)(int i))
{
    task tasks[64];
    int64_t sum = 0;
    ck_assert_int_le(count, (int)COUNT_OF(tasks));
    for (int i = 0; i < count; i++) {
        tasks[i] = (task){ .i = i, .fn = fn };
        ck_assert(!pthread_create(&tasks[i].thread, NULL, work, &tasks[i]));
    }
    for (int i = 0; i < count; i++) {
        pthread_join(tasks[i].thread, NULL);
        sum += tasks[i].result;
    }
    return sum;
}
