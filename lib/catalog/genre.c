/* genre.c - genres: their fields, statements and what changes with them.
 */
#include "base/handle.h"
#include "catalog/named.h"

#include "genre.sql.h"

#include <cinema/taxonomy.h>

static const field fields[] = {
    { OUT(cinema_genre, id, UUID) },
    { BOTH(cinema_genre, revision, NUMBER), .update_only = true, .min = 1, .max = INT64_MAX,
      .help = "one more with every change; to change only this one, as If-Match does" },
    { BOTH(cinema_genre, slug, TEXT), .lasting = true, .min = 1, .max = SLUG_MAX,
      .pattern = SLUG_PATTERN, .help = "made of a-z, 0-9 and -; from the name unless given" },
    { BOTH(cinema_genre, name, TEXT), .needed = true, .min = 1, .max = 200 },
    { OUT(cinema_genre, created_at, TIME) },
    { OUT(cinema_genre, updated_at, TIME) },
    { OUT(cinema_genre, titles, NUMBER), .optional = true,
      .help = "published titles; only with counts=true" },
    { IN(cinema_genre_input, clear, CLEAR) },
};
const field_table cinema__genre = RECORD("genre", fields, cinema_genre);

static const field query_fields[] = {
    { IN(cinema_genre_query, after, TEXT), .min = 1, .max = 2000,
      .help = "next of the page before" },
    { IN(cinema_genre_query, limit, LIMIT), .min = 1, .max = 100, .help = "20 unless given" },
    { IN(cinema_genre_query, total, FLAG), .help = "count all, exactly up to 10,000" },
    { IN(cinema_genre_query, counts, FLAG), .help = "tell how many published titles each has" },
};
const field_table cinema__genre_query = QUERY("genre list", query_fields, cinema_genre_query);

_Static_assert(offsetof(cinema_genre, updated_at) == offsetof(named, updated_at), "named");
_Static_assert(offsetof(cinema_genre_input, clear) == offsetof(named_input, clear), "named");
_Static_assert(offsetof(cinema_genre_query, total) == offsetof(named_query, total), "named");

/* Titles carry slugs, so a new one has to reach them. */
static cinema_status changed(cinema *c, db_tx *tx, int64_t nr, const char *old_slug,
                             const char *new_slug, arena *a, cinema_error *err)
{
    db_sql sql;
    if (new_slug && !strcmp(old_slug, new_slug))
        return CINEMA_OK;
    db_sql_for_tx(&sql, tx);
    if (new_slug)
        db_add(&sql, SQL_genre_renamed, "itti", nr, old_slug, new_slug, now_ms(c));
    else
        db_add(&sql, SQL_genre_gone, "iti", nr, old_slug, now_ms(c));
    return db_run(tx, &sql, a, NULL, err);
}

const named_kind cinema__genre_kind = {
    .word = "genre",
    .table = &cinema__genre,
    .query = &cinema__genre_query,
    .record_size = sizeof(cinema_genre),
    .input_size = sizeof(cinema_genre_input),
    .query_size = sizeof(cinema_genre_query),
    .get = &SQL_genre_get,
    .by_id = &SQL_genre_by_id,
    .by_slug = &SQL_genre_by_slug,
    .lock = &SQL_genre_lock,
    .insert = &SQL_genre_insert,
    .insert_end = &SQL_genre_insert_end,
    .update = &SQL_genre_update,
    .update_end = &SQL_genre_update_end,
    .remove = &SQL_genre_remove,
    .slug_taken = &SQL_genre_slug_taken,
    .list = &SQL_genre_list,
    .after = &SQL_genre_after,
    .order = &SQL_genre_order,
    .count = &SQL_genre_count,
    .changed = changed,
};

cinema_status cinema_genre_create_sized(cinema *c, const cinema_genre_input *in, size_t size,
                                        cinema_genre **ret, cinema_error *err)
{
    return named_create(c, &cinema__genre_kind, in, size, ret, err);
}

cinema_status cinema_genre_get_sized(cinema *c, const char *id, const cinema_genre_options *in,
                                     size_t size, cinema_genre **ret, cinema_error *err)
{
    cinema_genre_options options;
    cinema_status s = TAKE(options, in, size, err);
    return s ? s : named_get(c, &cinema__genre_kind, id, ret, err);
}

cinema_status cinema_genre_update_sized(cinema *c, const char *id, const cinema_genre_input *in,
                                        size_t size, cinema_genre **ret, cinema_error *err)
{
    return named_update(c, &cinema__genre_kind, id, in, size, ret, err);
}

cinema_status cinema_genre_list_sized(cinema *c, const cinema_genre_query *in, size_t size,
                                      cinema_genre_page **ret, cinema_error *err)
{
    cinema_genre_query q;
    cinema_status s = TAKE(q, in, size, err);
    return s ? s
             : named_list(c, &cinema__genre_kind, q.counts ? &SQL_genre_list_counted : NULL, &q,
                          ret, err);
}

cinema_status cinema_genre_remove_sized(cinema *c, const char *id, const cinema_genre_options *in,
                                        size_t size, cinema_error *err)
{
    cinema_genre_options options;
    cinema_status s = TAKE(options, in, size, err);
    return s ? s : named_remove(c, &cinema__genre_kind, id, options.revision, err);
}

void cinema_genre_free(cinema_genre *g)
{
    record_free(g);
}

void cinema_genre_page_free(cinema_genre_page *p)
{
    record_free(p);
}
