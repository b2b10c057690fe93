/* oauth.h - signing in by another provider: Google, GitHub, any OpenID provider (OAuth 2.0, RFC
 * 6749, with PKCE, RFC 7636; OpenID Connect). Providers are set by CINEMA_OAUTH_<NAME>_CLIENT_ID
 * and its like; `provider` is the name in small letters. A browser is sent to the provider (start),
 * comes back (callback), and goes on to where it came from with a code that is good once and for a
 * minute; the page exchanges that for tokens. One cookie binds start and callback to the same
 * browser. For trusted programs, as all typed functions are. Records are snapshots that the caller
 * owns. On failure `*ret` is untouched. All may answer UNAVAILABLE, TIMEOUT, NO_MEMORY and MISUSE
 * besides.
 */
#ifndef CINEMA_OAUTH_H
#define CINEMA_OAUTH_H

#include <cinema/auth.h>

CINEMA_BEGIN

/* What the browser is to be told: 302 with this Location and this Set-Cookie. */
typedef struct cinema_oauth_step {
    const char *location, *cookie;
} cinema_oauth_step;
CINEMA_API void cinema_oauth_step_free(cinema_oauth_step *s); /* takes NULL */

typedef struct cinema_oauth_start_input {
    cinema_client client;
    const char *return_to; /* where to end; NULL: CINEMA_PUBLIC_URL */
    const char *ticket;    /* of cinema_identity_link's location; then without return_to */
} cinema_oauth_start_input;
/* (c, provider, in, ret, err): where somebody signs in there. NOT_FOUND: no such provider is set.
 * INVALID return_to: it is not at an origin of CINEMA_OAUTH_RETURN_ORIGINS; invalid_token: the
 * ticket is used, or too old. */
CINEMA_SIZED_ON(cinema_oauth_start, cinema_oauth_start_input, cinema_oauth_step *)

typedef struct cinema_oauth_callback_input {
    cinema_client client;
    const char *cookies; /* the request's Cookie */
    const char *state;   /* as they come in the query; NULL: not there */
    const char *code, *error;
    const char *iss;
} cinema_oauth_callback_input;
/* (c, provider, in, ret, err): somebody comes back. On to return_to with `code`, or with `error`
 * and `error_description` where the provider or we have refused. INVALID invalid_state: this
 * browser has not begun this sign-in, or has ended it already. */
CINEMA_SIZED_ON(cinema_oauth_callback, cinema_oauth_callback_input, cinema_oauth_step *)

typedef struct cinema_oauth_exchange_input {
    cinema_client client;
    const char *code;
} cinema_oauth_exchange_input;
/* (c, in, ret, err): tokens for the code, or the question for a second factor. INVALID
 * invalid_token: it was used, or is too old. FORBIDDEN account_disabled, email_unverified. */
CINEMA_SIZED(cinema_oauth_exchange, cinema_oauth_exchange_input, cinema_sign_in *)

/* ---- linked sign-ins ---------------------------------------------------------------------------
 */

typedef struct cinema_identity {
    const char *provider;     /* its name; of one that is not set any more what is known of it */
    const char *email, *name; /* as the provider said last; NULL: it did not */
    int64_t created_at, used_at;
} cinema_identity;
typedef struct cinema_identity_query {
    const char *after; /* `next` of the page before */
    unsigned limit;    /* 0: 20; at most 100 */
} cinema_identity_query;
typedef struct cinema_identity_page {
    const cinema_identity *const *items;
    size_t count;
    const char *next; /* NULL on the last page */
    int64_t total;    /* CINEMA_ABSENT */
    bool total_capped;
} cinema_identity_page;
/* (c, id, in, ret, err): those of the account `id`; `in` may be NULL. NOT_FOUND. */
CINEMA_SIZED_ON(cinema_identity_list, cinema_identity_query, cinema_identity_page *)
CINEMA_API void cinema_identity_page_free(cinema_identity_page *p); /* takes NULL */

typedef struct cinema_identity_link_input {
    cinema_client client;
    const char *provider;
    const char *return_to; /* as for cinema_oauth_start */
    const char *code;      /* the second step, where the browser came back with a code to confirm */
    const char *session_id; /* the one that asks; NULL: none, and nothing ends with it */
} cinema_identity_link_input;
typedef struct cinema_identity_link_step {
    const char *location; /* for the browser to visit, within two minutes; NULL: it is linked */
} cinema_identity_link_step;
/* (c, id, in, ret, err): begins to link a sign-in to the account `id`. A browser at the client's
 * address ends linked; one elsewhere comes back with a code, which the account has to confirm by
 * the second step, so that nobody is led to link theirs to another's account. What was begun ends
 * with the session that asked, with a new password or address of the account, and when an
 * administrator ends its sessions. NOT_FOUND: the provider; INVALID as start and exchange;
 * CONFLICT identity_taken, already_linked; UNAUTHENTICATED session_ended: of the one that asks. */
CINEMA_SIZED_ON(cinema_identity_link, cinema_identity_link_input, cinema_identity_link_step *)
CINEMA_API void cinema_identity_link_step_free(cinema_identity_link_step *s); /* takes NULL */

typedef struct cinema_identity_remove_input {
    cinema_client client;
    const char *provider;
} cinema_identity_remove_input;
/* (c, id, in, err). NOT_FOUND: it is not linked. CONFLICT last_way_in: neither a password nor
 * another sign-in would be left. */
CINEMA_API cinema_status cinema_identity_remove_sized(cinema *c, const char *id,
                                                      const cinema_identity_remove_input *in,
                                                      size_t size, cinema_error *err);
static inline cinema_status cinema_identity_remove(cinema *c, const char *id,
                                                   const cinema_identity_remove_input *in,
                                                   cinema_error *err)
{
    return cinema_identity_remove_sized(c, id, in, sizeof *in, err);
}

CINEMA_END
#endif
