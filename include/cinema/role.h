/* role.h - roles: named sets of permissions, given to accounts.
 * viewer, editor and admin are always there. A permission is a word of the program, such as
 * content.write; "*" is every one there is and will be. Every call is safe from any thread. Records
 * and pages are snapshots that the caller owns. On failure `*ret` is untouched and `err`, where
 * given, says why. All may answer UNAVAILABLE, TIMEOUT, NO_MEMORY and MISUSE besides what is
 * listed. What these functions change is in the audit log as done by "system".
 */
#ifndef CINEMA_ROLE_H
#define CINEMA_ROLE_H

#include <cinema/base.h>

CINEMA_BEGIN

typedef struct cinema_role {
    const char *name; /* [a-z][a-z0-9-]*, never NULL */
    int64_t revision;
    const char *description;
    cinema_texts permissions;
    bool built_in;                  /* cannot be removed */
    int64_t created_at, updated_at; /* ms since 1970, UTC */
} cinema_role;

typedef struct cinema_role_input {
    const int64_t *revision; /* set: only if it is still at this one, else STALE */
    const char *description; /* at most 500 code points; NULL: none */
    cinema_texts permissions;
} cinema_role_input;

typedef struct cinema_role_options {
    const int64_t *revision; /* remove: only if it is still at this one, else STALE */
} cinema_role_options;

/* Roles by name, permissions by name. */
typedef struct cinema_role_query {
    const char *after; /* `next` of the page before */
    unsigned limit;    /* 0: 20; at most 100 */
} cinema_role_query;

typedef struct cinema_role_page {
    const cinema_role *const *items;
    size_t count;
    const char *next; /* NULL on the last page */
    int64_t total;    /* CINEMA_ABSENT: they are not counted */
    bool total_capped;
} cinema_role_page;

typedef struct cinema_permission {
    const char *name, *description;
    cinema_texts operations; /* that ask for it; none: what is to come */
} cinema_permission;

typedef struct cinema_permission_page {
    const cinema_permission *const *items;
    size_t count;
    const char *next;
    int64_t total;
    bool total_capped;
} cinema_permission_page;

/* Makes a role of this name, or changes the one there is; accounts that have it may do what it says
 * from their next request on. INVALID: err->field is the first at fault (permissions, rule
 * unknown_permission). STALE. CONFLICT built_in: the permissions of admin are fixed;
 * last_administrator: nobody could do everything any more. */
CINEMA_SIZED_ON(cinema_role_set, cinema_role_input, cinema_role *)
/* `in` may be NULL. NOT_FOUND. */
CINEMA_SIZED_ON(cinema_role_get, cinema_role_options, cinema_role *)
/* `in` may be NULL. INVALID: limit or cursor is no good. */
CINEMA_SIZED(cinema_role_list, cinema_role_query, cinema_role_page *)
/* Takes it away from all accounts and removes it. `in` may be NULL. NOT_FOUND, STALE, CONFLICT
 * built_in and last_administrator. */
CINEMA_API cinema_status cinema_role_remove_sized(cinema *c, const char *name,
                                                  const cinema_role_options *in, size_t size,
                                                  cinema_error *err);
static inline cinema_status cinema_role_remove(cinema *c, const char *name,
                                               const cinema_role_options *in, cinema_error *err)
{
    return cinema_role_remove_sized(c, name, in, sizeof *in, err);
}
CINEMA_API void cinema_role_free(cinema_role *r); /* all three take NULL */
CINEMA_API void cinema_role_page_free(cinema_role_page *p);

/* Which permissions there are. `in` may be NULL. INVALID: limit or cursor is no good. */
CINEMA_SIZED(cinema_permission_list, cinema_role_query, cinema_permission_page *)
CINEMA_API void cinema_permission_page_free(cinema_permission_page *p);

/* What an account has and may do. */
typedef struct cinema_user_roles {
    const char *id;     /* of the account */
    cinema_texts roles; /* by name */
    cinema_texts permissions;
} cinema_user_roles;

typedef struct cinema_user_roles_input {
    cinema_texts roles; /* all that it is to have; at most 20 */
} cinema_user_roles_input;

/* Gives an account, by its id, exactly these roles. INVALID unknown_role (field roles), NOT_FOUND,
 * CONFLICT last_administrator. */
CINEMA_SIZED_ON(cinema_user_roles_set, cinema_user_roles_input, cinema_user_roles *)
CINEMA_API void cinema_user_roles_free(cinema_user_roles *r); /* takes NULL */

CINEMA_END
#endif
