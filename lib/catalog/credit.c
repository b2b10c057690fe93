/* credit.c - cast and crew of a title, and a person's credits.
 */
#include "catalog/credit.h"

#include "base/buffer.h"
#include "base/handle.h"
#include "call/cursor.h"
#include "call/page.h"
#include "catalog/named.h"
#include "search/search.h"

#include "credit.sql.h"
#include "title.sql.h"

#include <stdio.h>

enum { LIMIT = 20, LINES_MAX = 500 };

static const field credits_fields[] = {
    { OUT(cinema_credits, cast, RECORDS), .of = &cinema__cast },
    { OUT(cinema_credits, crew, RECORDS), .of = &cinema__crew },
    { OUT(cinema_credits, revision, NUMBER), .help = "of the title; what the ETag says" },
};
const field_table cinema__credits = ANSWER("credits", credits_fields, cinema_credits);

static const field cast_fields[] = {
    { IN(cinema_cast_input, person_id, TEXT), .needed = true, .min = 1, .max = 300,
      .help = "id, slug or external id of a person" },
    { IN(cinema_cast_input, character, TEXT), .min = 1, .max = 200 },
};
static const field_table cast_input = QUERY("cast", cast_fields, cinema_cast_input);

static const field crew_fields[] = {
    { IN(cinema_crew_input, person_id, TEXT), .needed = true, .min = 1, .max = 300,
      .help = "id, slug or external id of a person" },
    { IN(cinema_crew_input, department, TEXT), .min = 1, .max = 100 },
    { IN(cinema_crew_input, job, TEXT), .min = 1, .max = 100 },
};
static const field_table crew_input = QUERY("crew", crew_fields, cinema_crew_input);

static const field input_fields[] = {
    { IN(cinema_credits_input, revision, NUMBER), .min = 1, .max = INT64_MAX,
      .help = "of the title; to change only this one, as If-Match does" },
    { IN(cinema_credits_input, cast, RECORDS), .of = &cast_input, .max = LINES_MAX },
    { IN(cinema_credits_input, crew, RECORDS), .of = &crew_input, .max = LINES_MAX },
};
const field_table cinema__credits_input = QUERY("credits", input_fields, cinema_credits_input);

static const field person_credit_fields[] = {
    { OUT(cinema_person_credit, title_id, UUID), .present = true },
    { OUT(cinema_person_credit, slug, TEXT) },
    { OUT(cinema_person_credit, kind, TEXT), .one_of = "movie series episode", .present = true },
    { OUT(cinema_person_credit, title, TEXT), .present = true },
    { OUT(cinema_person_credit, year, NUMBER), .zero_absent = true },
    { OUT(cinema_person_credit, character, TEXT) },
    { OUT(cinema_person_credit, department, TEXT) },
    { OUT(cinema_person_credit, job, TEXT) },
};
const field_table cinema__person_credit =
    ANSWER("person_credit", person_credit_fields, cinema_person_credit);

static const field query_fields[] = {
    { IN(cinema_person_credits_query, after, TEXT), .min = 1, .max = 2000,
      .help = "next of the page before" },
    { IN(cinema_person_credits_query, limit, LIMIT), .min = 1, .max = 100,
      .help = "20 unless given" },
};
const field_table cinema__person_credits_query =
    QUERY("credit list", query_fields, cinema_person_credits_query);

/* ---- of a title
 * --------------------------------------------------------------------------------------------- */

static cinema_status take_list(const db_rows *rows, int64_t revision, arena *a,
                               cinema_credits **ret, cinema_error *err)
{
    cinema_credits *l = record_new(a, sizeof *l);
    if (!l || title__read_credits(rows, a, &l->cast, &l->crew))
        return fail_memory(err);
    l->revision = revision;
    *ret = l;
    return CINEMA_OK;
}

/* In one snapshot: the revision is that of the list. */
static cinema_status read_list(cinema *c, int64_t nr, arena *a, cinema_credits **ret,
                               cinema_error *err)
{
    db_sql title, list;
    const db_sql *all[] = { &title, &list };
    db_rows rows[2];
    db_sql_for(&title, c);
    db_add(&title, SQL_credit_revision, "i", nr);
    db_sql_for(&list, c);
    db_add(&list, SQL_credit_list, "i", nr);
    cinema_status s = db_read_all(c, all, 2, a, rows, err);
    if (s)
        return s;
    if (!rows[0].count)
        return title__not_found("title", err);
    return take_list(&rows[1], rows[0].first->cells[0].number, a, ret, err);
}

/* What a transaction has written. */
static cinema_status read_written(db_tx *tx, int64_t nr, int64_t revision, arena *a,
                                  cinema_credits **ret, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_credit_list, "i", nr);
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    return s ? s : take_list(&rows, revision, a, ret, err);
}

cinema_status cinema_credits_get_sized(cinema *c, const char *id, const cinema_title_options *in,
                                       size_t size, cinema_credits **ret, cinema_error *err)
{
    cinema_title_options options;
    int64_t nr;
    cinema_credits *l = NULL;
    cinema_status s = TAKE(options, in, size, err);
    arena *a = s ? NULL : arena_new(4096, 0);
    if (!a)
        return s ? s : fail_memory(err);
    if ((s = title__find(c, NULL, id, options.published_only, a, &nr, NULL, err)) ||
        (s = read_list(c, nr, a, &l, err)))
        arena_free(a);
    else
        *ret = l;
    return s;
}

/* One line about to be written. */
typedef struct line {
    const char *list; /* "cast" */
    size_t index;
    const char *person, *role, *department;
    int64_t person_nr;
} line;

typedef struct lines {
    line *items;
    size_t count;
} lines;

static cinema_status gather(const cinema_credits_input *in, arena *a, lines *ret, cinema_error *err)
{
    size_t cast = in->cast.items ? in->cast.count : 0, crew = in->crew.items ? in->crew.count : 0;
    line *to = ret->items = arena_alloc(a, (cast + crew + 1) * sizeof *to);
    ret->count = cast + crew;
    if (!to)
        return fail_memory(err);
    for (size_t i = 0; i < cast; i++) {
        const cinema_cast_input *x = in->cast.items[i];
        *to++ = (line){ "cast", i, x->person_id, x->character, NULL, 0 };
    }
    for (size_t i = 0; i < crew; i++) {
        const cinema_crew_input *x = in->crew.items[i];
        *to++ = (line){ "crew", i, x->person_id, x->job, x->department, 0 };
    }
    return CINEMA_OK;
}

static cinema_status unknown_person(const line *x, cinema_error *err)
{
    char path[48];
    snprintf(path, sizeof path, "%s[%zu].person_id", x->list, x->index);
    return fail(err, CINEMA_INVALID, "unknown_person", path, "%s: there is no person %.60s", path,
                x->person);
}

/* Keeps who is named from getting another name, and from going, until all is written. In order of
 * row numbers and before the title, as a renaming goes about it: nobody waits in a circle. */
static cinema_status lock_people(db_tx *tx, const lines *l, arena *a, cinema_error *err)
{
    CLEANUP(buffer_done) buffer list = BUFFER(1 << 16);
    db_sql sql;
    db_rows rows;
    for (size_t i = 0; i < l->count; i++) {
        buffer_byte(&list, i ? ',' : '[');
        buffer_number(&list, l->items[i].person_nr);
    }
    buffer_text(&list, l->count ? "]" : "[]");
    if (list.failed)
        return fail_memory(err);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_credit_people_lock, "t", list.bytes);
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    for (size_t i = 0; !s && i < l->count; i++) {
        const db_row *row = rows.first;
        while (row && row->cells[0].number != l->items[i].person_nr)
            row = row->next;
        if (!row) /* removed since it was found */
            s = unknown_person(&l->items[i], err);
    }
    return s;
}

static cinema_status take_people(cinema *c, db_tx *tx, lines *l, arena *a, cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    for (size_t i = 0; !s && i < l->count; i++) {
        line *x = &l->items[i];
        s = named_find(c, tx, &cinema__person_kind, x->person, a, &x->person_nr, err);
        if (s == CINEMA_NOT_FOUND)
            return unknown_person(x, err);
    }
    return s ? s : lock_people(tx, l, a, err);
}

static cinema_status clear_part(db_tx *tx, int64_t title_nr, int64_t part, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_credit_clear, "ii", title_nr, part);
    return db_run(tx, &sql, NULL, NULL, err);
}

static cinema_status write_lines(db_tx *tx, int64_t title_nr, const cinema_credits_input *in,
                                 const lines *l, cinema_error *err)
{
    cinema_status s = in->cast.items ? clear_part(tx, title_nr, 0, err) : CINEMA_OK;
    if (!s && in->crew.items)
        s = clear_part(tx, title_nr, 1, err);
    for (size_t i = 0; !s && i < l->count; i++) {
        const line *x = &l->items[i];
        db_sql sql;
        db_sql_for_tx(&sql, tx);
        db_add(&sql, SQL_credit_add, "iiiitt", title_nr, (int64_t)!strcmp(x->list, "crew"),
               (int64_t)x->index, x->person_nr, x->role, x->department);
        s = db_run(tx, &sql, NULL, NULL, err);
    }
    return s;
}

static cinema_status lock(db_tx *tx, int64_t nr, const int64_t *wanted, arena *a, int64_t *revision,
                          cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_credit_lock, "i", nr);
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    if (s)
        return s;
    if (!rows.count)
        return title__not_found("title", err);
    *revision = rows.first->cells[0].number;
    return revision_check(wanted, *revision, err);
}

static cinema_status set(cinema *c, const char *id, cinema_credits_input *in, arena *a,
                         cinema_credits **ret, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    int64_t nr, revision;
    lines l;
    cinema_status s;
    if ((s = fields_check(&cinema__credits_input, MODE_CREATE, in, a, NULL, err)) ||
        (s = gather(in, a, &l, err)) || (s = db_begin(c, &tx, err)) ||
        (s = title__find(c, tx, id, false, a, &nr, NULL, err)) ||
        (s = take_people(c, tx, &l, a, err)) ||
        (s = lock(tx, nr, in->revision, a, &revision, err)) ||
        (s = write_lines(tx, nr, in, &l, err)) || (s = title__touch(c, tx, nr, err)) ||
        (s = search__refresh(c, tx, nr, err)) ||
        (s = read_written(tx, nr, revision + 1, a, ret, err)))
        return s;
    return db_commit(&tx, err);
}

cinema_status cinema_credits_set_sized(cinema *c, const char *id, const cinema_credits_input *input,
                                       size_t size, cinema_credits **ret, cinema_error *err)
{
    cinema_credits_input in;
    cinema_credits *l = NULL;
    cinema_status s = TAKE(in, input, size, err);
    arena *a = s ? NULL : arena_new(4096, 0);
    if (!a)
        return s ? s : fail_memory(err);
    if ((s = set(c, id, &in, a, &l, err)))
        arena_free(a);
    else
        *ret = l;
    return s;
}

void cinema_credits_free(cinema_credits *k)
{
    record_free(k);
}

/* ---- of a person
 * ---------------------------------------------------------------------------------------------- */

static cinema_status list_credits(cinema *c, const char *id, cinema_person_credits_query *q,
                                  arena *a, cinema_person_credits **ret, cinema_error *err)
{
    cinema_person_credits *p = record_new(a, sizeof *p);
    size_t limit;
    int64_t nr, place;
    db_value year;
    db_sql sql;
    db_rows rows;
    cinema_status s;
    if (!p)
        return fail_memory(err);
    if ((s = fields_check(&cinema__person_credits_query, MODE_QUERY, q, a, NULL, err)) ||
        (s = named_find(c, NULL, &cinema__person_kind, id, a, &nr, err)))
        return s;
    limit = q->limit ? q->limit : LIMIT;
    db_sql_for(&sql, c);
    db_add(&sql, SQL_credit_of_person, "i", nr);
    if (q->published_only)
        db_add(&sql, SQL_title_shown, "");
    uint64_t filters = db_hash(&sql);
    if (q->after && (s = cursor_read(c, filters, q->after, a, &year, &place, err)))
        return s;
    if (q->after)
        db_add(&sql, SQL_credit_before, "ii", year.number, place);
    db_add(&sql, SQL_credit_order, "i", (int64_t)limit + 1);
    if ((s = db_read(c, &sql, a, &rows, err)))
        return s;
    p->total = CINEMA_ABSENT;
    *ret = p;
    return page_fill(c, &cinema__person_credit, filters, &rows, limit, a, (op_page *)p, err);
}

cinema_status cinema_person_credits_list_sized(cinema *c, const char *id,
                                               const cinema_person_credits_query *in, size_t size,
                                               cinema_person_credits **ret, cinema_error *err)
{
    cinema_person_credits_query q;
    cinema_person_credits *p = NULL;
    cinema_status s = TAKE(q, in, size, err);
    arena *a = s ? NULL : arena_new(4096, 0);
    if (!a)
        return s ? s : fail_memory(err);
    if ((s = list_credits(c, id, &q, a, &p, err)))
        arena_free(a);
    else
        *ret = p;
    return s;
}

void cinema_person_credits_free(cinema_person_credits *k)
{
    record_free(k);
}
