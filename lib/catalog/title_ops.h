/* title_ops.h - the operations that films and series share: one set of handlers, a table each.
 * A handler knows the kind by the operation's name.
 */
#ifndef CATALOG_TITLE_OPS_H
#define CATALOG_TITLE_OPS_H

#include "call/op.h"
#include "catalog/catalog.h"

cinema_status title_op_create(op_call *k);
cinema_status title_op_get(op_call *k);
cinema_status title_op_version(op_call *k, char tag[64]);
cinema_status title_op_update(op_call *k);
cinema_status title_op_remove(op_call *k);
cinema_status title_op_list(op_call *k);

extern const field_table cinema__title_removal;

/* clang-format off */
#define TITLE_OPS(kind, at, one, many)                                                             \
    { .name = kind ".create", .method = "POST", .path = at, .success = 201,                        \
      .permission = "content.write", .nature = WRITE, .input = &cinema__title,                     \
      .output = &cinema__title, .function = title_op_create, .summary = "Add " one,                \
      .outcomes = "invalid:unknown_genre conflict:external_id_taken conflict:slug_taken "          \
                  IDEMPOTENT_OUTCOMES,                                                             \
      .location = at "/", .flags = ETAG | IDEMPOTENT },                                            \
    { .name = kind ".get", .method = "GET", .path = at "/{title_id}", .success = 200,              \
      .permission = ANYONE, .nature = READ, .output = &cinema__title, .function = title_op_get,    \
      .version = title_op_version, .summary = "Fetch " one, .outcomes = "not_found",               \
      .location = at "/", .flags = ETAG },                                                         \
    { .name = kind ".update", .method = "PATCH", .path = at "/{title_id}", .success = 200,         \
      .permission = "content.write", .nature = WRITE, .input = &cinema__title,                     \
      .output = &cinema__title, .function = title_op_update, .summary = "Change " one,             \
      .outcomes = "invalid:unknown_genre not_found stale conflict:external_id_taken "              \
                  "conflict:slug_taken",                                                           \
      .location = at "/", .flags = ETAG },                                                         \
    { .name = kind ".remove", .method = "DELETE", .path = at "/{title_id}", .success = 204,        \
      .permission = "content.write", .nature = WRITE, .input = &cinema__title_removal,             \
      .function = title_op_remove, .summary = "Remove " one " for good",                           \
      .outcomes = "not_found stale" },                                                             \
    { .name = kind ".list", .method = "GET", .path = at, .success = 200, .permission = ANYONE,     \
      .nature = READ, .input = &cinema__title_query, .output = &cinema__title_summary,             \
      .function = title_op_list, .summary = "List " many, .outcomes = "invalid:cursor forbidden",  \
      .flags = PAGE }
/* clang-format on */

#endif
