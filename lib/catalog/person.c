/* person.c - people: their fields, statements and what changes with them.
 */
#include "catalog/named.h"
#include "search/search.h"

#include "person.sql.h"

#include <cinema/person.h>

static const field fields[] = {
    { OUT(cinema_person, id, UUID) },
    { BOTH(cinema_person, revision, NUMBER), .update_only = true, .min = 1, .max = INT64_MAX,
      .help = "one more with every change; to change only this one, as If-Match does" },
    { BOTH(cinema_person, slug, TEXT), .lasting = true, .min = 1, .max = SLUG_MAX,
      .pattern = SLUG_PATTERN, .help = "made of a-z, 0-9 and -; from the name unless given" },
    { BOTH(cinema_person, name, TEXT), .needed = true, .min = 1, .max = 200 },
    { OUT(cinema_person, created_at, TIME) },
    { OUT(cinema_person, updated_at, TIME) },
    { BOTH(cinema_person, born_on, DATE), .help = "YYYY, YYYY-MM or YYYY-MM-DD" },
    { BOTH(cinema_person, died_on, DATE), .help = "YYYY, YYYY-MM or YYYY-MM-DD" },
    { BOTH(cinema_person, biography, TEXT), .max = 10000, .lines = true },
    { BOTH(cinema_person, external_ids, PAIRS), .max = EXTERNAL_IDS_MAX, .item_max = 200,
      .optional = true, .help = "by source: {\"imdb\": \"nm0000122\"}" },
    { IN(cinema_person_input, clear, CLEAR) },
};
const field_table cinema__person = RECORD("person", fields, cinema_person);

static const field query_fields[] = {
    { IN(cinema_person_query, after, TEXT), .min = 1, .max = 2000,
      .help = "next of the page before" },
    { IN(cinema_person_query, limit, LIMIT), .min = 1, .max = 100, .help = "20 unless given" },
    { IN(cinema_person_query, total, FLAG), .help = "count all, exactly up to 10,000" },
};
const field_table cinema__person_query = QUERY("person list", query_fields, cinema_person_query);

_Static_assert(offsetof(cinema_person, updated_at) == offsetof(named, updated_at), "named");
_Static_assert(offsetof(cinema_person_input, clear) == offsetof(named_input, clear), "named");
_Static_assert(offsetof(cinema_person_query, total) == offsetof(named_query, total), "named");

static void more(db_sql *sql, const void *record, bool update)
{
    const cinema_person *p = record;
    db_add(sql, update ? SQL_person_update_more : SQL_person_insert_more, "ttt", p->born_on,
           p->died_on, p->biography);
}

/* Titles show and are found by names. Who is in credits cannot go. */
static cinema_status changed(cinema *c, db_tx *tx, int64_t nr, const char *old_slug,
                             const char *new_slug, arena *a, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    (void)old_slug;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_person_titles, "i", nr);
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    if (!s && !new_slug && rows.count)
        return fail(err, CINEMA_CONFLICT, "in_use", NULL,
                    "this person has credits in %zu titles: take them away first", rows.count);
    for (const db_row *row = rows.first; row && !s; row = row->next) {
        int64_t title_nr = row->cells[0].number;
        if (!(s = title__touch(c, tx, title_nr, err)))
            s = search__refresh(c, tx, title_nr, err);
    }
    return s;
}

const named_kind cinema__person_kind = {
    .word = "person",
    .table = &cinema__person,
    .query = &cinema__person_query,
    .record_size = sizeof(cinema_person),
    .input_size = sizeof(cinema_person_input),
    .query_size = sizeof(cinema_person_query),
    .get = &SQL_person_get,
    .by_id = &SQL_person_by_id,
    .by_slug = &SQL_person_by_slug,
    .by_external_id = &SQL_person_by_external_id,
    .lock = &SQL_person_lock,
    .insert = &SQL_person_insert,
    .insert_end = &SQL_person_insert_end,
    .update = &SQL_person_update,
    .update_end = &SQL_person_update_end,
    .remove = &SQL_person_remove,
    .slug_taken = &SQL_person_slug_taken,
    .list = &SQL_person_list,
    .after = &SQL_person_after,
    .order = &SQL_person_order,
    .count = &SQL_person_count,
    .external_ids = &SQL_person_external_ids,
    .external_id_add = &SQL_person_external_id_add,
    .external_id_clear = &SQL_person_external_id_clear,
    .external_ids_at = offsetof(cinema_person, external_ids),
    .more = more,
    .changed = changed,
};

cinema_status cinema_person_create_sized(cinema *c, const cinema_person_input *in, size_t size,
                                         cinema_person **ret, cinema_error *err)
{
    return named_create(c, &cinema__person_kind, in, size, ret, err);
}

cinema_status cinema_person_get_sized(cinema *c, const char *id, const cinema_person_options *in,
                                      size_t size, cinema_person **ret, cinema_error *err)
{
    cinema_person_options options;
    cinema_status s = TAKE(options, in, size, err);
    return s ? s : named_get(c, &cinema__person_kind, id, ret, err);
}

cinema_status cinema_person_update_sized(cinema *c, const char *id, const cinema_person_input *in,
                                         size_t size, cinema_person **ret, cinema_error *err)
{
    return named_update(c, &cinema__person_kind, id, in, size, ret, err);
}

cinema_status cinema_person_list_sized(cinema *c, const cinema_person_query *in, size_t size,
                                       cinema_person_page **ret, cinema_error *err)
{
    cinema_person_query q;
    cinema_status s = TAKE(q, in, size, err);
    return s ? s : named_list(c, &cinema__person_kind, NULL, &q, ret, err);
}

cinema_status cinema_person_remove_sized(cinema *c, const char *id, const cinema_person_options *in,
                                         size_t size, cinema_error *err)
{
    cinema_person_options options;
    cinema_status s = TAKE(options, in, size, err);
    return s ? s : named_remove(c, &cinema__person_kind, id, options.revision, err);
}

void cinema_person_free(cinema_person *p)
{
    record_free(p);
}

void cinema_person_page_free(cinema_person_page *p)
{
    record_free(p);
}
