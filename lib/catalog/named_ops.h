/* named_ops.h - the five operations of a record with a name, as a table's rows.
 */
#ifndef CATALOG_NAMED_OPS_H
#define CATALOG_NAMED_OPS_H

#include "catalog/named.h"

extern const field_table cinema__genre, cinema__genre_query, cinema__person, cinema__person_query;
extern const field_table cinema__named_removal;

/* clang-format off */
#define NAMED_OPS(kind, at, id, record, listing, one, many, taken, gone)                           \
    { .name = kind ".create", .method = "POST", .path = at, .success = 201,                        \
      .permission = "content.write", .nature = WRITE, .input = &record, .output = &record,         \
      .function = create, .summary = "Add " one,                                                   \
      .outcomes = "invalid:slug " IDEMPOTENT_OUTCOMES " " taken,                                   \
      .location = at "/", .flags = ETAG | IDEMPOTENT },                                            \
    { .name = kind ".get", .method = "GET", .path = at "/{" id "}", .success = 200,                \
      .permission = ANYONE, .nature = READ, .output = &record, .function = get,                    \
      .summary = "Fetch " one, .outcomes = "not_found", .location = at "/", .flags = ETAG },       \
    { .name = kind ".update", .method = "PATCH", .path = at "/{" id "}", .success = 200,           \
      .permission = "content.write", .nature = WRITE, .input = &record, .output = &record,         \
      .function = update, .summary = "Change " one,                                                \
      .outcomes = "invalid:slug not_found stale " taken, .location = at "/", .flags = ETAG },      \
    { .name = kind ".remove", .method = "DELETE", .path = at "/{" id "}", .success = 204,          \
      .permission = "content.write", .nature = WRITE, .input = &cinema__named_removal,             \
      .function = remove_, .summary = "Remove " one " for good", .outcomes = gone },               \
    { .name = kind ".list", .method = "GET", .path = at, .success = 200, .permission = ANYONE,     \
      .nature = READ, .input = &listing, .output = &record, .function = list,                      \
      .summary = "List " many, .outcomes = "invalid:cursor", .flags = PAGE }
/* clang-format on */

#endif
