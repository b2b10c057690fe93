/* audit_ops.c - the audit log seen from outside.
 */
#include "call/op.h"

#include <cinema/audit.h>

extern const field_table cinema__audit_entry, cinema__audit_query;

static cinema_status list(op_call *k)
{
    cinema_audit_page *p = NULL;
    cinema_status s = cinema_audit_list(k->cinema, k->input, &p, k->err);
    return s ? s : op_give(k, p);
}

/* clang-format off */
const op cinema__audit_ops[] = {
    { .name = "audit.list", .method = "GET", .path = "/v1/audit", .success = 200,
      .permission = "audit.read", .nature = READ, .input = &cinema__audit_query,
      .output = &cinema__audit_entry, .function = list,
      .summary = "Who did what, when, from where; the newest first",
      .outcomes = "invalid:cursor", .flags = PAGE },
    { 0 },
};
/* clang-format on */
