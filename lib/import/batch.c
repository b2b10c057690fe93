/* batch.c - writing a batch: one transaction, and what is done when it fails.
 * Everything that can be wrong with a line is looked at before it is written. When a statement
 * fails all the same (somebody else was writing), the batch is undone and its lines go in one by
 * one.
 */
#include "import/batch.h"

#include "base/text.h"

#include <stdio.h>

enum { REMEMBERED_MAX = 200000, RETRIES = 5, ARENA_MAX = 512 << 20, SLUG_ATTEMPTS = 200 };

/* --- memory --- */

cinema_status memory_new(memory *m, cinema_error *err)
{
    *m = (memory){ .people = names_new(), .seasons = names_new(), .series = names_new() };
    return m->people && m->series && m->seasons ? CINEMA_OK : fail_memory(err);
}

static void forget(memory *m)
{
    names_clear(m->people);
    names_clear(m->seasons);
}

/* Seasons name a series by the slug that follows from its line. */
static cinema_status remember_series(memory *m, const line *lines, size_t count, cinema_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const line *l = &lines[i];
        if (l->stage == STAGE_TITLE && *l->in.kind == 's' && l->state.nr && !l->state.refused &&
            names_put(m->series, l->slug, l->state.nr))
            return fail_memory(err);
    }
    return CINEMA_OK;
}

void memory_done(memory *m)
{
    names_free(m->people);
    names_free(m->series);
    names_free(m->seasons);
}

/* --- for its files --- */

void batch_refuse(batch *b, line *l, const char *where, const char *rule, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    report_add(b->report, l->number, false, where, rule, "%s", text);
    if (!l->state.refused)
        b->counts.refused++;
    l->state.refused = true;
}

void batch_refuse_ids(batch *b, line *l)
{
    batch_refuse(b, l, "external_ids", "items",
                 "with those that it has these are more than %d external ids", EXTERNAL_IDS_MAX);
}

cinema_status batch_run(batch *b, db_text text, db_rows *rows, const char *letters, ...)
{
    db_sql sql;
    va_list args;
    db_sql_for_tx(&sql, b->tx);
    va_start(args, letters);
    db_add(&sql, text, "");
    bulk_values(&sql, letters, &args);
    va_end(args);
    return db_run(b->tx, &sql, b->arena, rows, b->err);
}

cinema_status batch_find(batch *b, bulk_keys *k, db_text text, db_rows *rows)
{
    return bulk_find(k, b->tx, text, b->arena, rows, b->err);
}

cinema_status batch_numbers(batch *b, db_text text, size_t count, int64_t *ret)
{
    db_rows rows;
    cinema_status s = batch_run(b, text, &rows, "i", (int64_t)count);
    if (s)
        return s;
    const db_row *row = rows.first;
    for (size_t i = 0; i < count; i++) {
        ret[i] = row ? row->cells[0].number : ret[i - 1] + 1;
        row = row ? row->next : NULL;
    }
    return CINEMA_OK;
}

/* --- slugs --- */

/* The next that none of the others has. */
static cinema_status next_slug(slug_want *x, const names *mine)
{
    do {
        if (++x->attempt > SLUG_ATTEMPTS) {
            *x->slug = '\0';
            x->settled = true;
            return CINEMA_OK;
        }
        bool there = x->attempt == 1 && *x->slug; /* computed before */
        if (!there && slug_make(x->text, x->year, x->fallback, x->attempt, x->slug))
            return CINEMA_NO_MEMORY;
    } while (names_get(mine, x->slug));
    return CINEMA_OK;
}

/* Asks for those that are not settled; what the database does not have is theirs. */
static cinema_status settle(batch *b, slug_want *items, size_t count, db_text taken, names *mine,
                            size_t *open)
{
    CLEANUP(bulk_keys_done) bulk_keys keys = BULK_KEYS;
    slug_want **asked = arena_alloc(b->arena, (count + 1) * sizeof *asked);
    db_rows rows;
    cinema_status s;
    *open = 0;
    for (size_t i = 0; asked && i < count; i++) {
        if (items[i].settled)
            continue;
        if (next_slug(&items[i], mine))
            return fail_memory(b->err);
        if (items[i].settled) /* without one */
            continue;
        if (names_put(mine, items[i].slug, 1))
            return fail_memory(b->err);
        asked[(*open)++] = &items[i];
        items[i].settled = true;
        bulk_key(&keys, items[i].slug);
    }
    if (!asked)
        return fail_memory(b->err);
    if ((s = batch_find(b, &keys, taken, &rows)))
        return s;
    for (const db_row *row = rows.first; row; row = row->next)
        asked[row->cells[0].number]->settled = false;
    *open = rows.count;
    return CINEMA_OK;
}

cinema_status batch_slugs(batch *b, slug_want *items, size_t count, db_text taken)
{
    CLEANUP(names_freep) names *mine = names_new();
    size_t open = count;
    cinema_status s = mine ? CINEMA_OK : fail_memory(b->err);
    while (!s && open)
        s = settle(b, items, count, taken, mine, &open);
    return s;
}

/* --- one attempt --- */

static cinema_status write_one(batch *b, line *l)
{
    switch (l->stage) {
    case STAGE_GENRE:
        return genre_line_write(b, l);
    case STAGE_PERSON:
        return person_line_write(b, l);
    case STAGE_SEASON:
        return season_line_write(b, l);
    case STAGE_EPISODE:
        return episode_place(b, l);
    default:
        return CINEMA_OK;
    }
}

/* Titles go together. One that meets another of this batch is written after it, by itself. */
static cinema_status write_titles(batch *b, line **list, size_t count)
{
    cinema_status s = count ? titles_write(b, list, count) : CINEMA_OK;
    for (size_t i = 0; !s && i < count; i++) {
        if (!list[i]->state.later || list[i]->state.refused)
            continue;
        list[i]->state = (line_state){ .season_nr = list[i]->state.season_nr };
        s = titles_write(b, &list[i], 1);
    }
    return s;
}

static cinema_status write_stage(batch *b, line *lines, size_t count, line_stage stage)
{
    line **list = arena_alloc(b->arena, (count + 1) * sizeof *list);
    cinema_status s = list ? CINEMA_OK : fail_memory(b->err);
    size_t n = 0;
    for (size_t i = 0; !s && i < count; i++) {
        if (lines[i].stage != stage)
            continue;
        s = write_one(b, &lines[i]);
        if (!lines[i].state.refused)
            list[n++] = &lines[i];
    }
    return s || (stage != STAGE_TITLE && stage != STAGE_EPISODE) ? s : write_titles(b, list, n);
}

static cinema_status write_totals(batch *b)
{
    static const char *const kinds[] = { "episode", "movie", "series" };
    static const char *const statuses[] = { "archived", "draft", "published" };
    cinema_status s = CINEMA_OK;
    for (size_t i = 0; !s && i < TOTALS; i++)
        if (b->totals[i])
            s = title__total(b->tx, kinds[i / 3], statuses[i % 3], b->totals[i], b->err);
    return s;
}

static cinema_status write_stages(batch *b, line *lines, size_t count)
{
    cinema_status s = CINEMA_OK;
    for (size_t i = 0; i < count; i++)
        lines[i].state = (line_state){ 0 };
    for (int stage = 0; !s && stage < STAGE_COUNT; stage++)
        s = write_stage(b, lines, count, (line_stage)stage);
    return s;
}

static cinema_status write_all(batch *b, line *lines, size_t count)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    cinema_status s = db_begin(b->c, &tx, b->err);
    b->tx = tx;
    if (s || (s = write_stages(b, lines, count)) || (s = write_totals(b)))
        return s;
    return db_commit(&tx, b->err);
}

static cinema_status write_dry(batch *b, line *lines, size_t count)
{
    cinema_error ignored;
    b->tx = b->dry->tx;
    cinema_status s = db_script(b->tx, "SAVEPOINT import_batch", b->err);
    if (!s && !(s = write_stages(b, lines, count)))
        s = db_script(b->tx, "RELEASE SAVEPOINT import_batch", b->err);
    else if (db_script(b->tx, "ROLLBACK TO SAVEPOINT import_batch; RELEASE SAVEPOINT import_batch",
                       &ignored))
        b->dry->lost = true;
    return s;
}

static void add_counts(cinema_import_counts *to, const cinema_import_counts *more)
{
    to->created += more->created;
    to->updated += more->updated;
    to->unchanged += more->unchanged;
    to->refused += more->refused;
}

/* A batch as it is before anything was tried. */
typedef struct work {
    batch start;
    cinema_import_counts *counts;
} work;

static cinema_status attempt(const work *w, line *lines, size_t count)
{
    CLEANUP(arena_freep) arena *a = arena_new(64 * 1024, ARENA_MAX);
    CLEANUP(names_freep) names *series = names_new();
    batch b = w->start;
    size_t told = b.report->count;
    if (!a || !series)
        return fail_memory(b.err);
    b.arena = a;
    b.series = series;
    cinema_status s = b.dry ? write_dry(&b, lines, count) : write_all(&b, lines, count);
    genres_done(&b.genres);
    if (!s) {
        add_counts(w->counts, &b.counts);
        return remember_series(b.memory, lines, count, b.err);
    }
    report_cut(b.report, told);
    forget(b.memory);
    return s;
}

/* --- when it fails --- */

/* Undone because of what others did at the same time. What is written was looked for before, so
 * that one like it is somebody else's, who was faster: the next attempt finds it. */
static bool may_repeat(cinema_status s, const cinema_error *err)
{
    if (s == CINEMA_CONFLICT)
        return !strcmp(err->reason, "unique");
    return s == CINEMA_UNAVAILABLE &&
           text_listed("deadlock serialization busy plan_changed pooler_found", err->reason);
}

static cinema_status persist(const work *w, line *lines, size_t count)
{
    cinema_status s = attempt(w, lines, count);
    for (int i = 0; i < RETRIES && !w->start.dry && may_repeat(s, w->start.err); i++)
        s = attempt(w, lines, count);
    return s;
}

/* Whether a line may be at fault, and not the database. */
static bool is_refusal(cinema_status s)
{
    return s == CINEMA_INVALID || s == CINEMA_CONFLICT || s == CINEMA_NOT_FOUND ||
           s == CINEMA_TOO_LARGE || s == CINEMA_INTERNAL;
}

/* Each in a transaction of its own. When nothing works at all the lines are not to blame. */
static cinema_status one_by_one(const work *w, line *lines, size_t count)
{
    const cinema_error *err = w->start.err;
    size_t good = 0;
    cinema_status s = CINEMA_OK;
    for (size_t i = 0; i < count; i++) {
        s = persist(w, &lines[i], 1);
        if (s && !is_refusal(s))
            return s;
        good += !s;
        if (!s)
            continue;
        report_add(w->start.report, lines[i].number, false, err->field, err->reason, "%s",
                   err->message);
        w->counts->refused++;
    }
    return good || s != CINEMA_INTERNAL ? CINEMA_OK : s;
}

cinema_status batch_write(cinema *c, dry_run *dry, line *lines, size_t count, const char *status,
                          memory *m, report *r, cinema_import_counts *counts, cinema_error *err)
{
    cinema_error own;
    work w = { { .c = c, .dry = dry, .status = status, .memory = m, .report = r, .err = &own },
               counts };
    int64_t before = call_deadline_set(DEADLINE_NONE);
    if (names_count(m->people) + names_count(m->seasons) > REMEMBERED_MAX)
        forget(m);
    if (names_count(m->series) > REMEMBERED_MAX)
        names_clear(m->series);
    cinema_status s = persist(&w, lines, count);
    if (is_refusal(s) && !(dry && dry->lost))
        s = one_by_one(&w, lines, count);
    call_deadline_set(before);
    if (s && err)
        *err = own;
    return s;
}
