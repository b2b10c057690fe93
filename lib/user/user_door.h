/* user_door.h - what the two doors to users share.
 * `by` is the call of the JSON door, whose permissions count and who is named in the audit log;
 * NULL: the typed door, which is trusted.
 */
#ifndef USER_USER_DOOR_H
#define USER_USER_DOOR_H

#include "call/op.h"
#include "user/user.h"

#include <cinema/user.h>

extern const field_table cinema__user_query, cinema__user_removal, cinema__user_data;

cinema_status user_create(cinema *c, const op_call *by, cinema_user_input *in, cinema_user **ret,
                          cinema_error *err);
cinema_status user_update(cinema *c, const op_call *by, const char *id, cinema_user_input *in,
                          cinema_user **ret, cinema_error *err);
cinema_status user_remove(cinema *c, const op_call *by, const char *id, const int64_t *revision,
                          cinema_error *err);
cinema_status user_end_sessions(cinema *c, const op_call *by, const char *id, cinema_error *err);
cinema_status user_end_session(cinema *c, const op_call *by, const char *session_id,
                               cinema_error *err);

cinema_status user_leave(cinema *c, const op_call *by, const char *id, const int64_t *revision,
                         cinema_user **ret, cinema_error *err);

/* The account that an id or an address names. NOT_FOUND. */
cinema_status user_find(cinema *c, db_tx *tx, const char *id, arena *a, account *ret,
                        cinema_error *err);
/* An entry of the audit log about an account; `detail` may be NULL. */
cinema_status user_log(cinema *c, db_tx *tx, const op_call *by, const char *action,
                       const account *about, const char *detail, arena *a, cinema_error *err);

#endif
