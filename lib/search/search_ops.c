/* search_ops.c - search seen from outside.
 */
#include "call/op.h"
#include "search/query.h"

/* Who may write sees drafts too. */
static cinema_status query(op_call *k)
{
    cinema_search_query *q = k->input;
    cinema_title_page *p = NULL;
    q->published_only = !op_may(k, "content.write");
    cinema_status s = cinema_search(k->cinema, q, &p, k->err);
    return s ? s : op_give(k, p);
}

/* clang-format off */
const op cinema__search_ops[] = {
    { .name = "search.query", .method = "GET", .path = "/v1/search", .success = 200,
      .permission = ANYONE, .nature = READ, .input = &cinema__search_query,
      .output = &cinema__title_summary, .function = query,
      .summary = "Find films, series and episodes by words", .outcomes = "invalid:cursor",
      .flags = PAGE },
    { 0 },
};
/* clang-format on */
