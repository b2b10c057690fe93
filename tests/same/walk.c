/* walk.c - one step after the other, on all engines.
 */
#include "same/walk.h"

#include "base/clock.h"
#include "base/handle.h"

#include <stdio.h>

enum { SHOWN = 6000 };

uint64_t walk_number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

void walk_open(walk *w)
{
    *w = (walk){ .seed = walk_number("SAME_SEED", 1949) };
    w->count = engines_open(w->engines, w->seed);
}

void walk_close(walk *w)
{
    known_done(&w->known);
    engines_close(w->engines, w->count);
}

/* ---- telling --------------------------------------------------------------------------------- */

/* Both texts from a little before where they part. */
static void show(const walk *w, size_t other, const buffer *one, const buffer *two)
{
    size_t at = 0;
    while (at < one->length && at < two->length && one->bytes[at] == two->bytes[at])
        at++;
    at = at > 200 ? at - 200 : 0;
    printf("%s from byte %zu:\n%.*s\n%s from there:\n%.*s\n", w->engines[0].name, at, SHOWN,
           one->bytes + at, w->engines[other].name, SHOWN, two->bytes + at);
}

static void tell(const walk *w, const request *r)
{
    printf("SAME_SEED=%llu SAME_STEPS=%llu script/test same\n", (unsigned long long)w->seed,
           (unsigned long long)w->step);
    if (!r)
        return;
    printf("%s as %s, fault %d at %d, cursor %d, batch %lld, status %s:\n%.*s\n",
           r->op ? r->op->name : "import", r->nobody ? "nobody" : "system", (int)r->fault.kind,
           r->fault.at, r->cursor, (long long)r->batch, r->status ? r->status : "-", SHOWN,
           r->input.bytes);
}

static void compare(const walk *w, const request *r, size_t other, const buffer *one,
                    const buffer *two)
{
    if (one->length == two->length && !memcmp(one->bytes, two->bytes, one->length))
        return;
    tell(w, r);
    show(w, other, one, two);
    fflush(stdout);
    ck_abort_msg("seed %llu step %llu: %s and %s differ in %s", (unsigned long long)w->seed,
                 (unsigned long long)w->step, w->engines[0].name, w->engines[other].name,
                 !r      ? "what they hold"
                 : r->op ? r->op->name
                         : "an import");
}

/* ---- one step -------------------------------------------------------------------------------- */

/* SQLite gives the number of the last row that is gone to the next one, PostgreSQL never; a cursor
 * behind such a row means other rows then. */
static void forget_stale(walk *w, const request *r)
{
    if (!strcmp(r->op->method, "GET"))
        return;
    int64_t newest = state_newest(&w->engines[0]);
    if (newest < w->newest)
        known_forget_cursors(&w->known);
    w->newest = newest;
}

static void learn(walk *w, const request *r, const answer *answers)
{
    char *next[ENGINES_MAX];
    w->known.fresh = -1;
    if (!r->op)
        return;
    known_learn(&w->known, r->op->name, answers[0].json.bytes, &w->chance);
    for (size_t i = 0; i < w->count; i++)
        next[i] = answers[i].next;
    if (next[0] && !r->closed && source_one_in(&w->chance, 2))
        known_keep_cursor(&w->known, r->op->name, r->input.bytes, next, w->count, &w->chance);
    forget_stale(w, r);
}

/* There is no operation yet that rates: ratings come from here, so that lists by them mean
 * something. */
static void rate(walk *w)
{
    static const char text[] = "UPDATE title SET rating = $1, votes = votes + 1 WHERE slug = $2";
    const known_name *n = known_any(&w->known, KNOWN_MOVIE, &w->chance);
    double rating = 1 + source_below(&w->chance, 91) / 10.0;
    for (size_t i = 0; n && i < w->count; i++) {
        db_tx *tx = NULL;
        db_sql sql;
        cinema_error err;
        engine_start(&w->engines[i], w->seed, w->step, NULL);
        db_sql_for(&sql, w->engines[i].c);
        db_add(&sql, (db_text){ "rate", text, text }, "dt", rating, n->text);
        OK(db_begin(w->engines[i].c, &tx, &err));
        OK(db_run(tx, &sql, NULL, NULL, &err));
        OK(db_commit(&tx, &err));
    }
}

void walk_step(walk *w)
{
    CLEANUP(request_done) request r;
    answer answers[ENGINES_MAX];
    w->step++;
    source_start(&w->chance, ~w->seed, w->step);
    if (w->step == 1)
        request_begin(&r, &w->chance);
    else
        request_make(&r, &w->known, &w->chance);
    for (size_t i = 0; i < w->count; i++) {
        engine *e = &w->engines[i];
        engine_start(e, w->seed, w->step, &r.fault);
        answer_get(e, i, &r, &w->known, &answers[i]);
        ck_assert_msg(!e->misused, "seed %llu step %llu: more than rollback after a failure",
                      (unsigned long long)w->seed, (unsigned long long)w->step);
        compare(w, &r, i, &answers[0].text, &answers[i].text);
    }
    w->good += !strncmp(answers[0].text.bytes, "OK\n", 3);
    learn(w, &r, answers);
    if (source_one_in(&w->chance, 12))
        rate(w);
    for (size_t i = 0; i < w->count; i++)
        answer_done(&answers[i]);
}

void walk_compare_states(walk *w)
{
    buffer first = BUFFER(SIZE_MAX / 2);
    state_get(&w->engines[0], &first);
    for (size_t i = 1; i < w->count; i++) {
        CLEANUP(buffer_done) buffer b = BUFFER(SIZE_MAX / 2);
        state_get(&w->engines[i], &b);
        compare(w, NULL, i, &first, &b);
    }
    buffer_done(&first);
}
