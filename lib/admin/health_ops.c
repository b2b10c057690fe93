/* health_ops.c - whether the process lives, and whether it can do its work now.
 * Balancers ask often: living costs nothing, readiness two or three small reads.
 */
#include "call/op.h"

#include "health.sql.h"

#include <cinema/admin.h>

enum { PROBE_MS = 2000 }; /* whoever asks gives up soon, so the answer must come sooner */

typedef struct check {
    const char *name, *status; /* "ok" or "out" */
    const char *detail;        /* NULL while it is ok */
} check;

typedef struct health {
    const char *status;
    struct {
        const check *const *items;
        size_t count;
    } checks;
} health;

static const field check_fields[] = {
    { OUT(check, name, TEXT), .needed = true },
    { OUT(check, status, TEXT), .needed = true, .one_of = "ok out" },
    { OUT(check, detail, TEXT), .optional = true },
};
static const field_table check_table = ANSWER("health_check", check_fields, check);

static const field live_fields[] = {
    { OUT(health, status, TEXT), .needed = true, .one_of = "ok" },
};
static const field_table live_table = ANSWER("liveness", live_fields, health);

static const field ready_fields[] = {
    { OUT(health, status, TEXT), .needed = true, .one_of = "ok out" },
    { OUT(health, checks, RECORDS), .of = &check_table },
};
static const field_table ready_table = ANSWER("readiness", ready_fields, health);

static cinema_status live(op_call *k)
{
    arena *a = arena_new(256, 0);
    health *h = a ? record_new(a, sizeof *h) : NULL;
    if (!h) {
        arena_free(a);
        return fail_memory(k->err);
    }
    h->status = "ok";
    return op_give(k, h);
}

/* ---- dependencies, each a function that says what is wrong ----------------------------------- */

static cinema_status probe_database(cinema *c, arena *a, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, c);
    db_add(&sql, SQL_health_probe, "");
    return db_read(c, &sql, a, &rows, err);
}

static cinema_status probe_schema(cinema *c, arena *a, cinema_error *err)
{
    cinema_migrations *m = NULL;
    cinema_status s = cinema_schema_status(c, &m, err);
    (void)a;
    if (!s && m->pending)
        s = fail(err, CINEMA_UNAVAILABLE, NULL, NULL,
                 "%zu of its steps are not applied: run `cinema migrate`", m->pending);
    cinema_migrations_free(m);
    return s;
}

static const struct dependency {
    const char *name;
    cinema_status (*probe)(cinema *c, arena *a, cinema_error *err);
} dependencies[] = {
    { "database", probe_database },
    { "schema", probe_schema },
};

/* The error's message is for people and without secrets. */
static bool probe(op_call *k, const struct dependency *d, arena *a, check *ret)
{
    cinema_error err;
    cinema_status s = d->probe(k->cinema, a, &err);
    *ret = (check){ d->name, s ? "out" : "ok", NULL };
    if (s)
        ret->detail = arena_copy(a, err.message, strlen(err.message));
    return !s;
}

static bool probe_all(op_call *k, arena *a, health *h)
{
    enum { COUNT = COUNT_OF(dependencies) };
    check *checks = arena_alloc(a, COUNT * sizeof *checks);
    const check **items = arena_alloc(a, COUNT * sizeof *items);
    bool ok = true;
    if (!checks || !items)
        return false;
    for (size_t i = 0; i < COUNT; i++) {
        ok &= probe(k, &dependencies[i], a, &checks[i]);
        items[i] = &checks[i];
    }
    h->status = ok ? "ok" : "out";
    h->checks.items = items;
    h->checks.count = COUNT;
    return true;
}

static cinema_status ready(op_call *k)
{
    int64_t soon = clock_monotonic_ms() + PROBE_MS, deadline = call_deadline(k->cinema);
    arena *a = arena_new(0, 0);
    health *h = a ? record_new(a, sizeof *h) : NULL;
    call_deadline_set(soon < deadline ? soon : deadline);
    bool done = h && probe_all(k, a, h);
    call_deadline_set(deadline);
    if (!done) {
        arena_free(a);
        return fail_memory(k->err);
    }
    if (strcmp(h->status, "ok"))
        op_status(k, 503);
    return op_give(k, h);
}

/* clang-format off */
const op cinema__health_ops[] = {
    { .name = "health.live", .method = "GET", .path = "/healthz", .success = 200,
      .permission = ANYONE, .nature = INSTANT, .output = &live_table, .function = live,
      .summary = "Whether the process lives", .flags = UNLIMITED },
    { .name = "health.ready", .method = "GET", .path = "/readyz", .success = 200,
      .permission = ANYONE, .nature = READ, .output = &ready_table, .function = ready,
      .summary = "Whether all that it depends on is there", .outcomes = "unavailable",
      .flags = UNLIMITED },
    { 0 },
};
/* clang-format on */
