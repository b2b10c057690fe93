/* act.h - the acts of this room, with the one who does them: the call behind an act of the JSON
 * door, NULL for the typed door, which is trusted. Who acts may give and take only what is theirs.
 */
#ifndef ROLE_ACT_H
#define ROLE_ACT_H

#include "call/op.h"
#include "role/role.h"

#include <cinema/role.h>

enum { ROLE_NAME_MAX = 40 };
#define ROLE_PATTERN "^[a-z][a-z0-9-]*$"

/* A role as stored. */
typedef struct role_row {
    int64_t nr;
    cinema_role *role;
    const char *permissions; /* words with spaces between */
} role_row;

extern const field_table cinema__role, cinema__role_input, cinema__role_query;
extern const field_table cinema__permission, cinema__user_roles, cinema__user_roles_input;

cinema_status role__put(cinema *c, const op_call *by, const char *name, const cinema_role_input *in,
                        arena *a, cinema_role **ret, cinema_error *err);
cinema_status role__remove(cinema *c, const op_call *by, const char *name, const int64_t *revision,
                           cinema_error *err);
cinema_status role__give(cinema *c, const op_call *by, const char *account_id,
                         const cinema_user_roles_input *in, arena *a, cinema_user_roles **ret,
                         cinema_error *err);

/* By name; inside a transaction it is locked. NOT_FOUND. */
cinema_status role__find(cinema *c, db_tx *tx, const char *name, arena *a, role_row *ret,
                         cinema_error *err);

/* Each word once, in order, with spaces between; "*" stands for all. INVALID unknown_permission. */
cinema_status role__permissions_text(cinema_texts words, arena *a, const char **ret,
                                     cinema_error *err);

/* Changes that could take the last administrator: locked first, then looked at before and after. */
cinema_status role__guard(db_tx *tx, arena *a, bool *administered, cinema_error *err);
cinema_status role__guard_end(db_tx *tx, bool administered, arena *a, cinema_error *err);

/* An entry of the audit log by the one who acts. `words` is what was set, NULL: nothing. */
typedef struct role_act {
    const char *action, *target, *account_id, *words;
} role_act;
cinema_status role__log(cinema *c, db_tx *tx, const op_call *by, const role_act *act, arena *a,
                        cinema_error *err);

#endif
