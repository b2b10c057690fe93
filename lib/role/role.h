/* role.h - roles for other rooms: giving them to accounts, and never taking the last administrator.
 * What an account may do is kept in its own row (account.roles, account.permissions), so that a
 * request reads one row; this room keeps it up to date.
 */
#ifndef ROLE_ROLE_H
#define ROLE_ROLE_H

#include "call/op.h"

/* Gives an account exactly these roles. What it may do is another with the next request of each of
 * its sessions: call session__told after the commit. INVALID unknown_role, field roles. CONFLICT
 * last_administrator: it is the only one, and would be none. NOT_FOUND: there is no such account.
 * Writes no entry into the audit log: who calls knows by whom it was asked. */
cinema_status role__set(cinema *c, db_tx *tx, int64_t account_nr, cinema_texts names, arena *a,
                        cinema_error *err);

/* Before an account is disabled or removed. CONFLICT last_administrator: it is the only one. */
cinema_status role__keep_administrator(cinema *c, db_tx *tx, int64_t account_nr, arena *a,
                                       cinema_error *err);

/* Before one gives or takes permissions, or touches who has them: FORBIDDEN more_permissions,
 * one of the words is not theirs. `by` NULL: who is trusted. */
cinema_status role__may_handle(const op_call *by, const char *permissions, cinema_error *err);

/* Whether there is an account that may do everything. */
cinema_status role__administered(cinema *c, arena *a, bool *ret, cinema_error *err);

/* Every permission there is, with what it allows; ends in a NULL name. */
typedef struct role_permission {
    const char *name, *description;
} role_permission;
extern const role_permission cinema__permissions[];

#endif
