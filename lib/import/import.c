/* import.c - bringing in many titles: lines are gathered into batches, each is written and then
 * told of. What a batch may hold is bounded in lines, bytes and faults.
 */
#include <cinema/import.h>

#include "base/text.h"
#include "import/batch.h"
#include "import/reader.h"

enum { BATCH = 500, BATCH_MAX = 5000, BYTES_MAX = 4 << 20, FAULTS_HELD = 4096 };

/* An import under way. */
typedef struct import {
    cinema *c;
    const cinema_import_input *in;
    reader reader;
    memory memory;
    report report;
    dry_run dry;
    size_t batch; /* lines that one may have */
    line *lines;  /* the good ones of the batch under way */
    size_t count;
    bool ended;
    cinema_import_counts counts; /* durable */
    int64_t refused;             /* of the batch under way, before writing */
    cinema_error *err;
} import;

static void import_done(import *m)
{
    db_rollback(&m->dry.tx);
    reader_done(&m->reader);
    memory_done(&m->memory);
    report_done(&m->report);
    free(m->lines);
}

/* --- one batch --- */

static void tell_too_long(import *m, const source_line *l)
{
    m->refused++;
    report_add(&m->report, l->number, false, "", "line_length", "is longer than %d bytes",
               LINE_MAX_BYTES);
}

static void tell(import *m, const line *l, const faults *list, const faults *warnings)
{
    report_add_all(&m->report, l->number, list);
    m->refused += list->count > 0;
    for (size_t i = 0; !list->count && i < warnings->count && i < FAULTS_MAX; i++)
        report_add(&m->report, l->number, true, warnings->items[i].field, warnings->items[i].rule,
                   "%s", warnings->items[i].message);
}

static bool is_blank(const source_line *l)
{
    for (size_t i = 0; i < l->length; i++)
        if (l->text[i] != ' ' && l->text[i] != '\t')
            return false;
    return true;
}

static cinema_status take_line(import *m, const source_line *from, arena *a)
{
    faults list, warnings;
    line *to = &m->lines[m->count];
    list.count = warnings.count = 0;
    *to = (line){ .number = from->number };
    cinema_status s = line_read(from->text, from->length, a, to, &list, &warnings, m->err);
    if (!s)
        tell(m, to, &list, &warnings);
    if (!s && !list.count)
        m->count++;
    else
        line_done(to);
    return s ? s : m->report.no_memory ? fail_memory(m->err) : CINEMA_OK;
}

static cinema_status gather(import *m, arena *a)
{
    int64_t lines = m->reader.lines, taken = m->reader.taken;
    cinema_status s = CINEMA_OK;
    while (!s && (size_t)(m->reader.lines - lines) < m->batch &&
           m->reader.taken - taken < BYTES_MAX && m->report.count < FAULTS_HELD) {
        source_line l;
        bool more;
        if ((s = reader_next(&m->reader, &l, &more, m->err)))
            return s;
        m->ended = !more;
        if (m->ended)
            return CINEMA_OK;
        if (l.too_long)
            tell_too_long(m, &l);
        else if (!is_blank(&l))
            s = take_line(m, &l, a);
    }
    return s;
}

static cinema_status stopped(cinema_status s, cinema_error *err)
{
    return s ? fail(err, s, "stopped", NULL, "the import was stopped by its caller") : s;
}

/* Once the batch is durable. */
static cinema_status account(import *m)
{
    cinema_status s;
    m->counts.lines = m->reader.lines;
    m->counts.bytes = m->reader.taken;
    m->counts.refused += m->refused;
    m->counts.warnings += report_warnings(&m->report);
    m->refused = 0;
    if ((s = report_tell(&m->report, m->in)) ||
        (m->in->progress && (s = m->in->progress(&m->counts, m->in->user))))
        return stopped(s, m->err);
    return CINEMA_OK;
}

static cinema_status one_batch(import *m)
{
    CLEANUP(arena_freep) arena *a = arena_new(64 * 1024, (size_t)512 << 20);
    const char *status = m->in->status ? m->in->status : "published";
    int64_t lines = m->reader.lines;
    m->count = 0;
    cinema_status s = a ? gather(m, a) : fail_memory(m->err);
    if (!s && m->count)
        s = batch_write(m->c, m->in->dry_run ? &m->dry : NULL, m->lines, m->count, status,
                        &m->memory, &m->report, &m->counts, m->err);
    for (size_t i = 0; i < m->count; i++)
        line_done(&m->lines[i]);
    if (!s && m->report.no_memory)
        s = fail_memory(m->err);
    return s || m->reader.lines == lines ? s : account(m);
}

/* --- all of it --- */

static cinema_status check(const cinema_import_input *in, cinema_error *err)
{
    if (!in->read)
        return fail(err, CINEMA_INVALID, NULL, "read", "read: is required");
    if (in->status && !text_listed("draft published archived", in->status))
        return fail(err, CINEMA_INVALID, NULL, "status",
                    "status: must be one of draft, published, archived");
    if (in->batch < 0 || in->batch > BATCH_MAX)
        return fail(err, CINEMA_INVALID, NULL, "batch", "batch: must be from 1 to %d", BATCH_MAX);
    return CINEMA_OK;
}

/* However long the file is. */
static cinema_status begin_dry(import *m)
{
    int64_t before = call_deadline_set(DEADLINE_NONE);
    cinema_status s = db_begin(m->c, &m->dry.tx, m->err);
    call_deadline_set(before);
    return s;
}

static cinema_status run(import *m)
{
    cinema_status s = handle_check(m->c, m->err);
    if (!s)
        s = memory_new(&m->memory, m->err);
    if (!s && !(m->lines = reallocarray(NULL, m->batch, sizeof *m->lines)))
        s = fail_memory(m->err);
    if (!s && m->in->dry_run)
        s = begin_dry(m);
    while (!s && !m->ended)
        s = one_batch(m);
    return s;
}

cinema_status cinema_import_sized(cinema *c, const cinema_import_input *input, size_t size,
                                  cinema_import_counts *ret, cinema_error *err)
{
    cinema_import_input in;
    CLEANUP(import_done) import m = { .c = c, .in = &in, .reader.in = &in, .err = err };
    *ret = m.counts;
    cinema_status s = TAKE(in, input, size, err);
    if (s || (s = check(&in, err)))
        return s;
    m.batch = in.batch ? (size_t)in.batch : BATCH;
    s = run(&m);
    *ret = m.counts;
    return s;
}
