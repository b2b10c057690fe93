/* export.c - the catalogue as lines: page after page of each part, by id, written as it comes.
 */
#include <cinema/export.h>

#include "base/buffer.h"
#include "base/handle.h"
#include "base/text.h"
#include "call/json_out.h"
#include "export/part.h"

#include "export.sql.h"

#include <stdio.h>

enum { PAGE = 200, PAGE_MAX = 1000, PIECE = 64 * 1024, ARENA_MAX = 1 << 30 };

/* An export under way. */
typedef struct job {
    cinema *c;
    const cinema_export_input *in;
    int64_t page;
    buffer out;                        /* lines that are not yet handed over */
    cinema_export_counts made, counts; /* with those lines, and without */
    cinema_error *err;
} job;

static void job_done(job *j)
{
    buffer_done(&j->out);
}

/* --- what is asked for --- */

static const char all_kinds[] = "genre person movie series season episode";

static bool is_wanted(const job *j, const char *kind)
{
    const cinema_texts *kinds = &j->in->kinds;
    for (size_t i = 0; i < kinds->count; i++)
        if (!strcmp(kinds->items[i], kind))
            return true;
    return !kinds->count;
}

/* A part, and which of its kinds. */
typedef struct choice {
    const part *part;
    const char *kind; /* of titles; NULL: films and series */
} choice;

/* False: nothing of the part is wanted. */
static bool choose(const job *j, const part *p, choice *ret)
{
    *ret = (choice){ p, p->kinds };
    if (strcmp(p->kinds, "movie series") != 0)
        return is_wanted(j, p->kinds);
    bool movies = is_wanted(j, "movie"), series = is_wanted(j, "series");
    ret->kind = movies && series ? NULL : movies ? "movie" : "series";
    return movies || series;
}

/* --- reading --- */

static void add_choice(db_sql *sql, const choice *which)
{
    if (which->part->titles && which->kind)
        db_add(sql, SQL_export_of_kind, "t", which->kind);
    else if (which->part->titles)
        db_add(sql, SQL_export_no_episodes, "");
}

/* The things of a page, and what belongs to them. */
static cinema_status read_page(const job *j, const choice *which, const uuid *after, arena *a,
                               db_rows rows[1 + PART_WITH_MAX])
{
    const part *p = which->part;
    db_sql *sql = arena_alloc(a, (1 + PART_WITH_MAX) * sizeof *sql);
    const db_sql *list[1 + PART_WITH_MAX];
    size_t n = 1;
    if (!sql)
        return fail_memory(j->err);
    db_sql_for(&sql[0], j->c);
    db_add(&sql[0], *p->select, "u", after);
    add_choice(&sql[0], which);
    db_add(&sql[0], SQL_export_order, "i", j->page);
    for (; n <= PART_WITH_MAX && p->with[n - 1].open; n++) {
        db_sql_for(&sql[n], j->c);
        db_add(&sql[n], *p->with[n - 1].open, "u", after);
        add_choice(&sql[n], which);
        db_add(&sql[n], SQL_export_page_end, "i", j->page);
        db_add(&sql[n], *p->with[n - 1].end, "");
    }
    for (size_t i = 0; i < n; i++)
        list[i] = &sql[i];
    return db_read_all(j->c, list, n, a, rows, j->err);
}

/* --- writing --- */

static cinema_status stopped(cinema_status s, cinema_error *err)
{
    return s ? fail(err, s, "stopped", NULL, "the export was stopped by its caller") : s;
}

static cinema_status hand_over(job *j)
{
    if (!j->out.length)
        return CINEMA_OK;
    cinema_status s = stopped(j->in->write(j->out.bytes, j->out.length, j->in->user), j->err);
    if (s)
        return s;
    j->made.bytes += (int64_t)j->out.length;
    j->counts = j->made;
    j->out.length = 0;
    return CINEMA_OK;
}

static void count(cinema_export_counts *n, const char *kind)
{
    int64_t *of = *kind == 'g'              ? &n->genres
                  : *kind == 'p'            ? &n->people
                  : *kind == 'm'            ? &n->movies
                  : *kind == 'e'            ? &n->episodes
                  : !strcmp(kind, "season") ? &n->seasons
                                            : &n->series;
    ++*of;
    n->lines++;
}

static cinema_status write_line(job *j, const part *p, const void *record)
{
    const char *kind;
    json_writer w;
    cinema_emitter e = json_emitter(&w, &j->out);
    memcpy(&kind, record, sizeof kind);
    cinema_status s = fields_emit(p->table, record, &e);
    buffer_byte(&j->out, '\n');
    if (s || j->out.failed)
        return fail_memory(j->err);
    count(&j->made, kind);
    return j->out.length < PIECE ? CINEMA_OK : hand_over(j);
}

static cinema_status write_row(job *j, const part *p, const db_row *row, const db_row **with,
                               arena *a)
{
    void *record = arena_alloc(a, p->size);
    if (!record)
        return fail_memory(j->err);
    if (!p->titles)
        memcpy(record, &p->kinds, sizeof p->kinds);
    if (fields_read_row(p->table, row, 1, a, record) ||
        (p->add && !p->add(record, &row->cells[0], with, a)))
        return fail_memory(j->err);
    return write_line(j, p, record);
}

/* --- all of it --- */

/* `after` moves on; `*more`: whether there may be another page. */
static cinema_status one_page(job *j, const choice *which, uuid *after, bool *more)
{
    CLEANUP(arena_freep) arena *a = arena_new(256 * 1024, ARENA_MAX);
    db_rows rows[1 + PART_WITH_MAX] = { 0 };
    const db_row *with[PART_WITH_MAX];
    cinema_status s = a ? read_page(j, which, after, a, rows) : fail_memory(j->err);
    for (size_t i = 0; i < PART_WITH_MAX; i++)
        with[i] = rows[1 + i].first;
    for (const db_row *row = rows[0].first; row && !s; row = row->next) {
        memcpy(after->bytes, row->cells[0].blob, sizeof after->bytes);
        s = write_row(j, which->part, row, with, a);
    }
    *more = (int64_t)rows[0].count == j->page;
    if (s || (s = hand_over(j)))
        return s;
    return j->in->progress ? stopped(j->in->progress(&j->counts, j->in->user), j->err) : CINEMA_OK;
}

static cinema_status write_part(job *j, const choice *which)
{
    uuid after = { { 0 } };
    bool more = true;
    cinema_status s = CINEMA_OK;
    while (!s && more)
        s = one_page(j, which, &after, &more);
    return s;
}

static cinema_status expect(job *j, const part *p, const char *kind)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_sql sql;
    db_rows rows;
    if (!a)
        return fail_memory(j->err);
    db_sql_for(&sql, j->c);
    db_add(&sql, *p->count, p->titles ? "t" : "", kind);
    cinema_status s = db_read(j->c, &sql, a, &rows, j->err);
    if (!s)
        j->made.expected += rows.first->cells[0].number;
    return s;
}

/* For those who watch. */
static cinema_status expect_all(job *j)
{
    cinema_status s = CINEMA_OK;
    choice which;
    for (const part *p = cinema__export_parts; !s && p->kinds; p++) {
        if (!choose(j, p, &which))
            continue;
        s = expect(j, p, which.kind ? which.kind : "movie");
        if (!s && !which.kind)
            s = expect(j, p, "series");
    }
    j->counts = j->made;
    return s;
}

static cinema_status run(job *j)
{
    cinema_status s = handle_check(j->c, j->err);
    choice which;
    if (!s && j->in->progress)
        s = expect_all(j);
    for (const part *p = cinema__export_parts; !s && p->kinds; p++)
        if (choose(j, p, &which))
            s = write_part(j, &which);
    return s;
}

static cinema_status check(const cinema_export_input *in, cinema_error *err)
{
    char path[32];
    if (!in->write)
        return fail(err, CINEMA_INVALID, NULL, "write", "write: is required");
    for (size_t i = 0; i < in->kinds.count; i++) {
        snprintf(path, sizeof path, "kinds[%zu]", i);
        if (!in->kinds.items[i] || !text_listed(all_kinds, in->kinds.items[i]))
            return fail(err, CINEMA_INVALID, NULL, path,
                        "%s: must be one of genre, person, movie, series, season, episode", path);
    }
    if (in->page < 0 || in->page > PAGE_MAX)
        return fail(err, CINEMA_INVALID, NULL, "page", "page: must be from 1 to %d", PAGE_MAX);
    return CINEMA_OK;
}

cinema_status cinema_export_sized(cinema *c, const cinema_export_input *input, size_t size,
                                  cinema_export_counts *ret, cinema_error *err)
{
    cinema_export_input in;
    CLEANUP(job_done) job j = { .c = c, .in = &in, .out = BUFFER(SIZE_MAX / 2), .err = err };
    *ret = j.counts;
    cinema_status s = TAKE(in, input, size, err);
    if (s || (s = check(&in, err)))
        return s;
    j.page = in.page ? in.page : PAGE;
    s = run(&j);
    *ret = j.counts;
    return s;
}
