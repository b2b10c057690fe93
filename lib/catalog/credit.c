/* credit.c - cast and crew of a title, and a person's credits.
 */
#include "catalog/credit.h"

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

static cinema_status read_list(cinema *c, db_tx *tx, int64_t nr, arena *a, cinema_credits **ret,
                               cinema_error *err)
{
    cinema_credits *l = record_new(a, sizeof *l);
    db_sql sql;
    db_rows rows;
    if (!l)
        return fail_memory(err);
    if (tx)
        db_sql_for_tx(&sql, tx);
    else
        db_sql_for(&sql, c);
    db_add(&sql, SQL_credit_list, "i", nr);
    cinema_status s = tx ? db_run(tx, &sql, a, &rows, err) : db_read(c, &sql, a, &rows, err);
    if (s)
        return s;
    *ret = l;
    return title__read_credits(&rows, a, &l->cast, &l->crew) ? fail_memory(err) : CINEMA_OK;
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
        (s = read_list(c, NULL, nr, a, &l, err)))
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
} line;

static cinema_status add_line(cinema *c, db_tx *tx, int64_t title_nr, const line *x, arena *a,
                              cinema_error *err)
{
    char path[48];
    int64_t nr;
    db_sql sql;
    cinema_status s = named_find(c, tx, &cinema__person_kind, x->person, a, &nr, err);
    snprintf(path, sizeof path, "%s[%zu].person_id", x->list, x->index);
    if (s == CINEMA_NOT_FOUND)
        return fail(err, CINEMA_INVALID, "unknown_person", path, "%s: there is no person %.60s",
                    path, x->person);
    if (s)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_credit_add, "iiiitt", title_nr, (int64_t)!strcmp(x->list, "crew"),
           (int64_t)x->index, nr, x->role, x->department);
    return db_run(tx, &sql, a, NULL, err);
}

static cinema_status clear_part(db_tx *tx, int64_t title_nr, int64_t part, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_credit_clear, "ii", title_nr, part);
    return db_run(tx, &sql, NULL, NULL, err);
}

static cinema_status write_lists(cinema *c, db_tx *tx, int64_t nr, const cinema_credits_input *in,
                                 arena *a, cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    if (in->cast.items)
        s = clear_part(tx, nr, 0, err);
    for (size_t i = 0; !s && in->cast.items && i < in->cast.count; i++) {
        const cinema_cast_input *x = in->cast.items[i];
        s = add_line(c, tx, nr, &(line){ "cast", i, x->person_id, x->character, NULL }, a, err);
    }
    if (!s && in->crew.items)
        s = clear_part(tx, nr, 1, err);
    for (size_t i = 0; !s && in->crew.items && i < in->crew.count; i++) {
        const cinema_crew_input *x = in->crew.items[i];
        s = add_line(c, tx, nr, &(line){ "crew", i, x->person_id, x->job, x->department }, a, err);
    }
    return s;
}

static cinema_status lock(db_tx *tx, int64_t nr, const int64_t *revision, arena *a,
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
    return revision_check(revision, rows.first->cells[0].number, err);
}

static cinema_status set(cinema *c, const char *id, cinema_credits_input *in, arena *a,
                         cinema_credits **ret, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    int64_t nr;
    cinema_status s;
    if ((s = fields_check(&cinema__credits_input, MODE_CREATE, in, a, NULL, err)) ||
        (s = db_begin(c, &tx, err)) || (s = title__find(c, tx, id, false, a, &nr, NULL, err)) ||
        (s = lock(tx, nr, in->revision, a, err)) || (s = write_lists(c, tx, nr, in, a, err)) ||
        (s = title__touch(c, tx, nr, err)) || (s = search__refresh(c, tx, nr, err)) ||
        (s = read_list(c, tx, nr, a, ret, err)))
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
