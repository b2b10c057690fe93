/* title_door.c - films and series seen from outside: JSON in, a record in the result.
 */
#include "catalog/title_ops.h"

static const field removal_fields[] = {
    { IN(cinema_title_options, revision, NUMBER), .min = 1, .max = INT64_MAX,
      .help = "remove only this revision, as If-Match does" },
};
const field_table cinema__title_removal = QUERY("removal", removal_fields, cinema_title_options);

static const char *kind_of(const op_call *k)
{
    return strncmp(k->op->name, "series", 6) ? "movie" : "series";
}

/* Who may write sees drafts too. */
static bool published_only(const op_call *k)
{
    return !op_may(k, "content.write");
}

cinema_status title_op_create(op_call *k)
{
    cinema_title *m = NULL;
    cinema_status s =
        title__create(k->cinema, kind_of(k), k->input, sizeof(cinema_title_input), &m, k->err);
    return s ? s : op_give(k, m);
}

cinema_status title_op_get(op_call *k)
{
    cinema_title_options in = { .published_only = published_only(k) };
    cinema_title *m = NULL;
    cinema_status s =
        title__get(k->cinema, kind_of(k), op_text(k, "title_id"), &in, sizeof in, &m, k->err);
    return s ? s : op_give(k, m);
}

cinema_status title_op_version(op_call *k, char tag[64])
{
    title_version v;
    cinema_status s = title__version(k->cinema, kind_of(k), op_text(k, "title_id"),
                                     published_only(k), &v, k->err);
    if (s)
        return s;
    op_name(k, v.id, v.slug);
    memcpy(tag, v.tag, sizeof v.tag);
    return CINEMA_OK;
}

cinema_status title_op_update(op_call *k)
{
    cinema_title *m = NULL;
    cinema_status s = title__update(k->cinema, kind_of(k), op_text(k, "title_id"), k->input,
                                    sizeof(cinema_title_input), &m, k->err);
    return s ? s : op_give(k, m);
}

cinema_status title_op_remove(op_call *k)
{
    return title__remove(k->cinema, kind_of(k), op_text(k, "title_id"), k->input,
                         sizeof(cinema_title_options), k->err);
}

cinema_status title_op_list(op_call *k)
{
    cinema_title_query *q = k->input;
    cinema_title_page *p = NULL;
    if (published_only(k) && q->status && strcmp(q->status, "published"))
        return fail(k->err, CINEMA_FORBIDDEN, NULL, "status",
                    "only published titles are shown to you");
    q->published_only = published_only(k);
    cinema_status s = title__list(k->cinema, kind_of(k), q, sizeof *q, &p, k->err);
    return s ? s : op_give(k, p);
}
