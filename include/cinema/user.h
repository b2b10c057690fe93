/* user.h - accounts as an administrator sees them, and what is asked of one's own.
 * Every call is safe from any thread. Records and pages are snapshots that the caller owns. On
 * failure `*ret` is untouched and `err`, where given, says why. All may answer UNAVAILABLE,
 * TIMEOUT, NO_MEMORY and MISUSE besides what is listed. A user is named by id or address. What is
 * done is written into the audit log. No password and no hash of one is ever given out.
 */
#ifndef CINEMA_USER_H
#define CINEMA_USER_H

#include <cinema/base.h>

CINEMA_BEGIN

typedef struct cinema_user {
    const char *id; /* UUIDv7 as text, never NULL */
    int64_t revision;
    const char *email; /* as it was given */
    bool email_verified;
    const char *name;           /* "" if none was given */
    const char *locale;         /* "de", "pt-BR"; NULL: not known */
    const char *avatar_url;     /* NULL: none */
    const char *status;         /* "active" or "disabled" */
    cinema_texts roles;         /* their names */
    cinema_texts permissions;   /* of all roles; "*": every one */
    bool has_password;          /* false: signs in elsewhere, or has yet to choose one */
    bool password_reset_needed; /* no sign-in before another is chosen */
    int64_t created_at, updated_at;
    int64_t signed_in_at; /* CINEMA_ABSENT: never */
    int64_t delete_at; /* removed then, unless they sign in before; CINEMA_ABSENT: not asked for */
} cinema_user;

/* What a caller sets. NULL leaves a field alone. */
typedef struct cinema_user_input {
    const int64_t *revision;   /* update: only if the user is still at this one, else STALE */
    const char *email;         /* needed to create */
    const char *name;          /* at most 200 code points */
    const char *locale;        /* BCP 47 */
    const char *password;      /* CINEMA_PASSWORD_MIN to 256 code points */
    const char *password_hash; /* create: of another system, such as bcrypt or Django's PBKDF2 */
    const char *status;
    cinema_texts roles;                /* replaces those there are; "viewer" is everybody's */
    const bool *email_verified;        /* true unless given: who adds an address vouches for it */
    const bool *password_reset_needed; /* true: ends the sessions, and a reset comes first */
    const char *clear;                 /* "name", "locale" */
} cinema_user_input;

/* Which users, the newest first. */
typedef struct cinema_user_query {
    const char *q; /* words of name and address, or how they begin; all have to match */
    const char *status, *role;
    const char *after; /* `next` of the page before, with the same filters */
    unsigned limit;    /* 0: 20; at most 100 */
    bool total;
} cinema_user_query;

typedef struct cinema_user_page {
    const cinema_user *const *items;
    size_t count;
    const char *next;  /* NULL on the last page */
    int64_t total;     /* CINEMA_ABSENT unless asked for; exact up to 10,000 */
    bool total_capped; /* there are more than 10,000 */
} cinema_user_page;

typedef struct cinema_user_options {
    const int64_t *revision; /* remove: only if the user is still at this one, else STALE */
} cinema_user_options;

/* INVALID: err->field is the first at fault; rules of a password: length, common_password.
 * CONFLICT email_taken. */
CINEMA_SIZED(cinema_user_create, cinema_user_input, cinema_user *)
/* `in` may be NULL. NOT_FOUND. */
CINEMA_SIZED_ON(cinema_user_get, cinema_user_options, cinema_user *)
/* Another status, password or a reset that is asked for ends the user's sessions; links in mails
 * are void then, and with another address. INVALID, CONFLICT as above, NOT_FOUND, STALE. CONFLICT
 * last_administrator: nobody else could do everything. */
CINEMA_SIZED_ON(cinema_user_update, cinema_user_input, cinema_user *)
/* `in` may be NULL. INVALID: a filter, limit or cursor is no good. */
CINEMA_SIZED(cinema_user_list, cinema_user_query, cinema_user_page *)
/* Removes a user and all that is theirs, at once and for good. `in` may be NULL. NOT_FOUND, STALE,
 * CONFLICT last_administrator. */
CINEMA_API cinema_status cinema_user_remove_sized(cinema *c, const char *id,
                                                  const cinema_user_options *in, size_t size,
                                                  cinema_error *err);
static inline cinema_status cinema_user_remove(cinema *c, const char *id,
                                               const cinema_user_options *in, cinema_error *err)
{
    return cinema_user_remove_sized(c, id, in, sizeof *in, err);
}
/* Signs the user out everywhere; links in mails under way are void. NOT_FOUND. */
CINEMA_API cinema_status cinema_user_end_sessions(cinema *c, const char *id, cinema_error *err);
/* Ends one session by its id, whoever's it is. NOT_FOUND. */
CINEMA_API cinema_status cinema_user_end_session(cinema *c, const char *session_id,
                                                 cinema_error *err);

/* A sign-in that goes on somewhere. */
typedef struct cinema_user_session {
    const char *id, *method;
    const char *address, *user_agent; /* NULL: not known */
    int64_t created_at, used_at, expires_at;
} cinema_user_session;

/* A sign-in at another provider that opens the account too. */
typedef struct cinema_user_identity {
    const char *issuer, *subject, *email, *name; /* the last two NULL: not known */
    int64_t created_at, used_at;
} cinema_user_identity;

/* An act of the user, or one about them. */
typedef struct cinema_user_act {
    int64_t at;
    const char *action, *target, *address, *user_agent;
    bool own; /* done by the user */
} cinema_user_act;

/* All that is kept about a user, but for secrets. */
typedef struct cinema_user_data {
    int64_t exported_at;
    const cinema_user *user;
    struct {
        const cinema_user_session *const *items;
        size_t count;
    } sessions;
    struct {
        const cinema_user_identity *const *items;
        size_t count;
    } identities;
    struct {
        const cinema_user_act *const *items;
        size_t count;
    } acts; /* the newest 1,000 */
} cinema_user_data;

/* Gathers it. `in` may be NULL. NOT_FOUND. */
CINEMA_SIZED_ON(cinema_user_export, cinema_user_options, cinema_user_data *)
/* The user leaves: signed out everywhere now, removed in CINEMA_DELETION_DAYS unless they sign in
 * before, which a mail tells them; with no such days at once. *ret says when. `in` may be NULL.
 * NOT_FOUND, STALE, CONFLICT last_administrator. */
CINEMA_SIZED_ON(cinema_user_leave, cinema_user_options, cinema_user *)

CINEMA_API void cinema_user_free(cinema_user *u); /* all three take NULL */
CINEMA_API void cinema_user_page_free(cinema_user_page *p);
CINEMA_API void cinema_user_data_free(cinema_user_data *d);

CINEMA_END
#endif
