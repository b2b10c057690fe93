/* genre_ops.c - genres seen from outside.
 */
#include "catalog/named_ops.h"

#include <cinema/taxonomy.h>

static const field removal_fields[] = {
    { IN(cinema_genre_options, revision, NUMBER), .min = 1, .max = INT64_MAX,
      .help = "remove only this revision, as If-Match does" },
};
const field_table cinema__named_removal = QUERY("removal", removal_fields, cinema_genre_options);

static cinema_status create(op_call *k)
{
    cinema_genre *g = NULL;
    cinema_status s = cinema_genre_create(k->cinema, k->input, &g, k->err);
    return s ? s : op_give(k, g);
}

static cinema_status get(op_call *k)
{
    cinema_genre *g = NULL;
    cinema_status s = cinema_genre_get(k->cinema, op_text(k, "genre_id"), NULL, &g, k->err);
    return s ? s : op_give(k, g);
}

static cinema_status update(op_call *k)
{
    cinema_genre *g = NULL;
    cinema_status s = cinema_genre_update(k->cinema, op_text(k, "genre_id"), k->input, &g, k->err);
    return s ? s : op_give(k, g);
}

static cinema_status remove_(op_call *k)
{
    return cinema_genre_remove(k->cinema, op_text(k, "genre_id"), k->input, k->err);
}

static cinema_status list(op_call *k)
{
    cinema_genre_page *p = NULL;
    cinema_status s = cinema_genre_list(k->cinema, k->input, &p, k->err);
    return s ? s : op_give(k, p);
}

const op cinema__genre_ops[] = {
    NAMED_OPS("genre", "/v1/genres", "genre_id", cinema__genre, cinema__genre_query, "a genre",
              "genres by name", "conflict:slug_taken", "not_found stale"),
    { 0 },
};
