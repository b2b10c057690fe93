/* engine.c - engines opened, and the driver that stands before theirs.
 */
#include "same/engine.h"

#include "base/handle.h"

#include "title.sql.h"

#include <cinema/admin.h>

/* ---- the driver ------------------------------------------------------------------------------ */

typedef struct lab {
    db base;
    db *inner;
    engine *engine;
} lab;

typedef struct lab_tx {
    db_tx base;
    db_tx *inner;
    bool broken; /* only rollback is legal */
} lab_tx;

static engine *engine_of(const db_tx *tx)
{
    return ((const lab *)(const void *)tx->db)->engine;
}

static cinema_status strike(engine *e, cinema_error *err)
{
    e->fired = true;
    return fail(err, e->fault.status, e->fault.reason, NULL, "the database was told to fail");
}

/* Before every call but a commit's. */
static cinema_status trip(engine *e, cinema_error *err)
{
    e->calls++;
    if (e->fault.kind == FAULT_CALL && e->calls == e->fault.at)
        return strike(e, err);
    return CINEMA_OK;
}

static void see(engine *e, const db_statement *s, bool read)
{
    if (e->seen)
        e->seen(s, read, e->user);
}

static void lab_close(db *d)
{
    lab *l = (lab *)(void *)d;
    l->inner->driver->close(l->inner);
    free(l);
}

static cinema_status lab_read(db *d, const db_statement *statements, size_t count, int64_t deadline,
                              arena *a, db_rows *rows, cinema_error *err)
{
    lab *l = (lab *)(void *)d;
    cinema_status s = trip(l->engine, err);
    for (size_t i = 0; !s && i < count; i++)
        see(l->engine, &statements[i], true);
    return s ? s : l->inner->driver->read(l->inner, statements, count, deadline, a, rows, err);
}

static cinema_status lab_begin(db *d, unsigned flags, int64_t deadline, db_tx **ret,
                               cinema_error *err)
{
    lab *l = (lab *)(void *)d;
    lab_tx *tx = calloc(1, sizeof *tx);
    cinema_status s = tx ? trip(l->engine, err) : fail_memory(err);
    if (s || (s = l->inner->driver->begin(l->inner, flags, deadline, &tx->inner, err))) {
        free(tx);
        return s;
    }
    tx->base = (db_tx){ d, tx->inner->deadline };
    *ret = &tx->base;
    return CINEMA_OK;
}

/* A lock that SQLite has no need of: were it counted, the n-th call would be another one there. */
static bool only_postgres(const db_statement *s)
{
    return s->text == SQL_title_genre_lock.postgres;
}

static cinema_status before(lab_tx *tx, const db_statement *s, cinema_error *err)
{
    engine *e = engine_of(&tx->base);
    cinema_status status = only_postgres(s) ? CINEMA_OK : trip(e, err);
    e->misused |= tx->broken;
    tx->broken |= status != CINEMA_OK;
    if (!status)
        see(e, s, false);
    return status;
}

static cinema_status lab_run(db_tx *t, const db_statement *s, arena *a, db_rows *rows,
                             cinema_error *err)
{
    lab_tx *tx = (lab_tx *)(void *)t;
    cinema_status status = before(tx, s, err);
    if (!status && (status = tx->inner->db->driver->run(tx->inner, s, a, rows, err)))
        tx->broken = true;
    return status;
}

static cinema_status lab_run_late(db_tx *t, const db_statement *s, cinema_error *err)
{
    lab_tx *tx = (lab_tx *)(void *)t;
    const db_driver *inner = tx->inner->db->driver;
    cinema_status status = before(tx, s, err);
    if (status)
        return status;
    status = inner->run_late ? inner->run_late(tx->inner, s, err)
                             : inner->run(tx->inner, s, NULL, NULL, err);
    tx->broken |= status != CINEMA_OK;
    return status;
}

static cinema_status lab_script(db_tx *t, const char *text, cinema_error *err)
{
    lab_tx *tx = (lab_tx *)(void *)t;
    return tx->inner->db->driver->script(tx->inner, text, err);
}

static cinema_status lab_commit(db_tx *t, cinema_error *err)
{
    lab_tx *tx = (lab_tx *)(void *)t;
    engine *e = engine_of(t);
    const db_driver *inner = tx->inner->db->driver;
    bool now = ++e->commits == e->fault.at;
    cinema_status s = CINEMA_OK;
    e->misused |= tx->broken;
    if (now && e->fault.kind == FAULT_COMMIT)
        inner->rollback(tx->inner);
    else
        s = inner->commit(tx->inner, err);
    free(tx);
    if (!s && now && (e->fault.kind == FAULT_COMMIT || e->fault.kind == FAULT_LOST))
        return strike(e, err);
    return s;
}

static void lab_rollback(db_tx *t)
{
    lab_tx *tx = (lab_tx *)(void *)t;
    tx->inner->db->driver->rollback(tx->inner);
    free(tx);
}

static cinema_status lab_explain(db *d, const db_statement *s, int64_t deadline, arena *a,
                                 db_plan *ret, cinema_error *err)
{
    lab *l = (lab *)(void *)d;
    return l->inner->driver->explain(l->inner, s, deadline, a, ret, err);
}

#define LAB(engine)                                                                                \
    {                                                                                              \
        .abi = DB_DRIVER_ABI, .name = (engine), .close = lab_close, .read = lab_read,              \
        .begin = lab_begin, .run = lab_run, .run_late = lab_run_late, .script = lab_script,        \
        .commit = lab_commit, .rollback = lab_rollback, .explain = lab_explain                     \
    }
static const db_driver lab_drivers[] = { LAB("sqlite"), LAB("postgres") };

static void stand_before(engine *e)
{
    lab *l = calloc(1, sizeof *l);
    ck_assert_ptr_nonnull(l);
    *l = (lab){ { &lab_drivers[strcmp(e->c->db->driver->name, "sqlite") != 0] }, e->c->db, e };
    e->c->db = &l->base;
}

/* ---- opening --------------------------------------------------------------------------------- */

void engine_start(engine *e, uint64_t seed, uint64_t step, const port_fault *f)
{
    source_start(&e->source, seed, step);
    e->fault = f ? *f : (port_fault){ 0 };
    e->calls = e->commits = 0;
    e->fired = e->misused = false;
}

/* Accounts that nobody signs in to: some to be given roles. */
static void add_account(db_tx *tx, int i, arena *a)
{
    static const char text[] =
        "INSERT INTO account (id, revision, status, email, email_key, name, password_reset_needed, "
        "roles, permissions, created_at, updated_at) VALUES ($1, 1, 'active', $2, $2, $2, false, "
        "'', '', 0, 0)";
    char id[UUID_TEXT], email[40];
    cinema_error err;
    db_sql sql;
    uuid u;
    snprintf(id, sizeof id, ENGINE_ACCOUNT, i);
    snprintf(email, sizeof email, "%d@example.org", i);
    ck_assert(uuid_parse(id, &u));
    db_sql_for_tx(&sql, tx);
    db_add(&sql, (db_text){ "account", text, text }, "ut", &u, email);
    OK(db_run(tx, &sql, a, NULL, &err));
}

static void add_accounts(engine *e)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_tx *tx = NULL;
    cinema_error err;
    OK(db_begin(e->c, &tx, &err));
    for (int i = 0; i < ENGINE_ACCOUNTS; i++)
        add_account(tx, i, a);
    OK(db_commit(&tx, &err));
}

static void start(engine *e, const char *name, const char *url, const char *direct, uint64_t seed)
{
    char database[1024], other[1024];
    const char *settings[] = { database, other };
    cinema_options options = { settings, direct ? 2 : 1 };
    cinema_migrations *steps = NULL;
    cinema_error err;
    snprintf(database, sizeof database, "CINEMA_DATABASE_URL=%s", url);
    snprintf(other, sizeof other, "CINEMA_DATABASE_DIRECT_URL=%s", direct ? direct : "");
    *e = (engine){ .name = name };
    engine_start(e, seed, 0, NULL);
    OK(cinema_open_with(&options, &e->c, &err));
    e->c->wall_ms = source_wall_ms;
    e->c->random = source_random;
    e->c->seed = &e->source;
    stand_before(e);
    OK(cinema_migrate(e->c, &steps, &err));
    cinema_migrations_free(steps);
    add_accounts(e);
}

/* test_database looks at the environment for where to make one. */
static void place(const char *url, const char *admin)
{
    setenv("CINEMA_TEST_URL", url, 1);
    setenv("CINEMA_TEST_ADMIN_URL", admin, 1);
}

size_t engines_open(engine *list, uint64_t seed)
{
    const char *postgres = getenv("SAME_POSTGRES"), *pooled = getenv("SAME_POOLED");
    char url[1024], direct[1024];
    size_t n = 0;
    setenv("CINEMA_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 1); /* one of all */
    unsetenv("CINEMA_TEST_URL");
    test_database(url, sizeof url);
    start(&list[n++], "sqlite", url, NULL, seed);
    if (postgres && pooled) {
        place(pooled, postgres);
        test_database(url, sizeof url);
        test_direct_url(url, direct, sizeof direct);
        start(&list[n++], "pooled", url, direct, seed);
    }
    if (postgres) {
        place(postgres, postgres);
        test_database(url, sizeof url);
        start(&list[n++], "postgres", url, NULL, seed);
        test_database_icu(url, sizeof url);
        start(&list[n++], "icu", url, NULL, seed);
    }
    return n;
}

void engines_close(engine *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cinema_close(list[i].c);
}
