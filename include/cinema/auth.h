/* auth.h - signing in: registration, passwords, sessions, tokens, signing keys.
 * For trusted programs, as all typed functions are: what a caller may do is checked by the JSON
 * door (call.h). Every call is safe from any thread. Records are snapshots that the caller owns. On
 * failure `*ret` is untouched and `err`, where given, says why. All may answer UNAVAILABLE and
 * TIMEOUT (the database), NO_MEMORY and MISUSE besides what is listed.
 * Secrets are borrowed and wiped inside; those that a record holds are wiped when it is freed.
 * Passwords are hashed by Argon2id (RFC 9106), access tokens are JWTs (RFC 7519, RFC 9068) signed
 * by EdDSA (RFC 8037). Attempts are limited for each account and each address (CINEMA_LIMIT_…);
 * then LIMITED, and err->retry_after_s says when to come again.
 */
#ifndef CINEMA_AUTH_H
#define CINEMA_AUTH_H

#include <cinema/user.h>

CINEMA_BEGIN

/* Where a request comes from, as far as it is known: for limits, the audit log, lists of sessions
 * and the language of mails. NULL: not known. */
typedef struct cinema_client {
    const char *address;    /* "192.0.2.7"; NULL is not limited by address */
    const char *user_agent; /* as the client says */
    const char *language;   /* "de" or an Accept-Language */
} cinema_client;

/* Tokens, or the question for a second factor. */
typedef struct cinema_sign_in {
    const char *access_token;  /* NULL while mfa_required */
    const char *token_type;    /* "Bearer" */
    int64_t expires_in;        /* seconds; CINEMA_ABSENT without tokens */
    const char *refresh_token; /* good for one refresh */
    bool mfa_required;
    const char *mfa_token;  /* goes with the code; five minutes, five attempts */
    cinema_texts methods;   /* "totp", "backup_code" */
    const char *account_id; /* who has signed in */
    const cinema_user
        *user; /* the same as users see themselves; NULL: of a refresh, or mfa_required */
} cinema_sign_in;
CINEMA_API void cinema_sign_in_free(cinema_sign_in *s); /* takes NULL */

typedef struct cinema_login_input {
    cinema_client client;
    const char *email, *password;
} cinema_login_input;
/* (c, in, ret, err): signs in with a password. UNAUTHENTICATED invalid_credentials: no account has
 * this address and password, and which is wrong is not told, nor does the time tell. Only after the
 * right password: FORBIDDEN account_disabled, email_unverified, password_reset_required. */
CINEMA_SIZED(cinema_auth_login, cinema_login_input, cinema_sign_in *)

typedef struct cinema_login_code_input {
    cinema_client client;
    const char *mfa_token;
    const char *code;
} cinema_login_code_input;
/* (c, in, ret, err): the second step, with a code of the authenticator app, or a backup code.
 * UNAUTHENTICATED invalid_code: it is not right, or was used; invalid_token: the mfa_token is not
 * good (any more). */
CINEMA_SIZED(cinema_auth_login_totp, cinema_login_code_input, cinema_sign_in *)
CINEMA_SIZED(cinema_auth_login_backup_code, cinema_login_code_input, cinema_sign_in *)

typedef struct cinema_refresh_input {
    cinema_client client;
    const char *refresh_token;
} cinema_refresh_input;
/* (c, in, ret, err): new tokens; the refresh token is used up. The one before gives the current one
 * again for CINEMA_REFRESH_GRACE_S. UNAUTHENTICATED invalid_token; refresh_token_reused: it had
 * been used, somebody has a copy, and the session is over for both. */
CINEMA_SIZED(cinema_auth_refresh, cinema_refresh_input, cinema_sign_in *)

/* Who is behind an access token. */
typedef struct cinema_principal {
    const char *account_id;  /* never NULL */
    const char *session_id;  /* NULL: a token of another issuer */
    const char *permissions; /* words with spaces between; * is every one */
    int64_t auth_at;         /* when they last proved who they are */
} cinema_principal;
/* UNAUTHENTICATED invalid_token, token_expired. */
CINEMA_API cinema_status cinema_auth_check(cinema *c, const char *access_token,
                                           cinema_principal **ret, cinema_error *err);
CINEMA_API void cinema_principal_free(cinema_principal *p); /* takes NULL */

/* ---- accounts of one's own ---------------------------------------------------------------------
 */

typedef struct cinema_register_input {
    cinema_client client;
    const char *email;    /* one address (RFC 5321, RFC 6531) */
    const char *password; /* CINEMA_PASSWORD_MIN to 256 code points, not a common one */
    const char *name;     /* 1 to 200 code points */
    const char *locale;   /* "de"; of mails; NULL: the client's language */
} cinema_register_input;
/* Tokens are there where CINEMA_EMAIL_VERIFICATION is optional. */
typedef struct cinema_registration {
    const char *status; /* "verification_sent", or "registered" */
    const char *access_token, *token_type;
    int64_t expires_in; /* seconds; CINEMA_ABSENT without tokens */
    const char *refresh_token;
    const cinema_user *user;
} cinema_registration;
/* (c, in, ret, err): a new account. With verification required, a mail goes to the address and
 * nothing tells whether it had an account. Else CONFLICT email_taken. INVALID: a field is no good;
 * rule common_password for one that is among the first to be tried. */
CINEMA_SIZED(cinema_auth_register, cinema_register_input, cinema_registration *)
CINEMA_API void cinema_registration_free(cinema_registration *r); /* takes NULL */

/* What a link in a mail carries. */
typedef struct cinema_token_input {
    cinema_client client;
    const char *token;
} cinema_token_input;
typedef struct cinema_email_input {
    cinema_client client;
    const char *email;
} cinema_email_input;
/* Proves an address; also one that replaces another. INVALID invalid_token. CONFLICT email_taken:
 * meanwhile somebody else has it. */
CINEMA_API cinema_status cinema_auth_verify_email_sized(cinema *c, const cinema_token_input *in,
                                                        size_t size, cinema_error *err);
/* Sends the mail again, or for a forgotten password. OK whoever has the address, INVALID if it is
 * none. */
CINEMA_API cinema_status cinema_auth_resend_sized(cinema *c, const cinema_email_input *in,
                                                  size_t size, cinema_error *err);
CINEMA_API cinema_status cinema_auth_forgot_sized(cinema *c, const cinema_email_input *in,
                                                  size_t size, cinema_error *err);

typedef struct cinema_reset_input {
    cinema_client client;
    const char *token, *new_password;
} cinema_reset_input;
/* A new password by the link of a mail; ends all sessions and verifies the address. Other links and
 * what else was begun before are void. INVALID invalid_token, or the password is no good. */
CINEMA_API cinema_status cinema_auth_reset_sized(cinema *c, const cinema_reset_input *in,
                                                 size_t size, cinema_error *err);

typedef struct cinema_password_input {
    cinema_client client;
    const char *password; /* the one so far; NULL: the account has none */
    const char *new_password;
    const char *session_id; /* the one that asks, which goes on; NULL: none does */
} cinema_password_input;
/* (c, id, in, err): another password for the account `id`; its other sessions end, and links in
 * mails under way are void. FORBIDDEN invalid_credentials: `password` is not right. */
CINEMA_API cinema_status cinema_auth_change_password_sized(cinema *c, const char *id,
                                                           const cinema_password_input *in,
                                                           size_t size, cinema_error *err);

typedef struct cinema_email_change_input {
    cinema_client client;
    const char *email, *password;
} cinema_email_change_input;
/* (c, id, in, err): sends a mail to the new address, whose link changes it, and tells the old one.
 * FORBIDDEN, CONFLICT as above. OK also where somebody has the address: they are told. */
CINEMA_API cinema_status cinema_auth_change_email_sized(cinema *c, const char *id,
                                                        const cinema_email_change_input *in,
                                                        size_t size, cinema_error *err);

/* ---- sessions ----------------------------------------------------------------------------------
 */

typedef struct cinema_session {
    const char *id;
    int64_t created_at, used_at, expires_at; /* used_at: the last refresh */
    const char *method;                      /* "password", "password totp", "google" */
    const char *address, *user_agent;        /* of the last use; NULL: not known */
    bool current;                            /* the one that asks */
    const char *user_id, *email;             /* whose it is; NULL where that is known */
} cinema_session;
typedef struct cinema_session_query {
    const char *current; /* id of the session that asks; NULL: none */
    const char *after;   /* `next` of the page before */
    unsigned limit;      /* 0: 20; at most 100 */
} cinema_session_query;
typedef struct cinema_session_page {
    const cinema_session *const *items;
    size_t count;
    const char *next; /* NULL on the last page */
    int64_t total;    /* CINEMA_ABSENT */
    bool total_capped;
} cinema_session_page;
/* (c, id, in, ret, err): sessions of the account `id`, newest first; `in` may be NULL. */
CINEMA_SIZED_ON(cinema_session_list, cinema_session_query, cinema_session_page *)
/* (c, in, ret, err): sessions of everybody, newest first, with user_id and email; `in` may be NULL.
 */
CINEMA_SIZED(cinema_session_list_all, cinema_session_query, cinema_session_page *)
CINEMA_API void cinema_session_page_free(cinema_session_page *p); /* takes NULL */
/* Ends one of an account's, or with `session_id` NULL all. NOT_FOUND: there is none such. */
CINEMA_API cinema_status cinema_session_end(cinema *c, const char *id, const char *session_id,
                                            cinema_error *err);

/* ---- keys --------------------------------------------------------------------------------------
 */

/* A key that signs access tokens, or did. */
typedef struct cinema_key {
    const char *id, *algorithm, *public_key;    /* base64url of 32 bytes */
    int64_t created_at, retired_at, expires_at; /* CINEMA_ABSENT: not so far */
} cinema_key;
typedef struct cinema_keys {
    const cinema_key *const *items; /* oldest first; the last signs */
    size_t count;
} cinema_keys;
CINEMA_API cinema_status cinema_key_list(cinema *c, cinema_keys **ret, cinema_error *err);
/* A new key signs from now on. Tokens of the one before stay good while they live. The audit log
 * has it as key.rotate. */
CINEMA_API cinema_status cinema_key_rotate(cinema *c, cinema_keys **ret, cinema_error *err);
CINEMA_API void cinema_keys_free(cinema_keys *k); /* takes NULL */

/* A token with claims of somebody's own. */
typedef struct cinema_signed_token {
    const char *token;   /* a JWT of type at+jwt */
    const char *key_id;  /* of the key that has signed it */
    const char *subject; /* sub; NULL: it has none */
    bool expires;        /* it has exp; false: whoever does not ask for that takes it for ever */
} cinema_signed_token;
/* Signs claims as they stand, with the key that signs access tokens: for tests and drills, such as
 * how others take a token that is over or of a wrong issuer. `claims` is the text of a JSON object,
 * 65,536 bytes at most. INVALID, with the claim as err->field and the rule as err->reason: json,
 * duplicate_field, control_character, json_limits, length (field claims); type: a claim of RFC 7519
 * or RFC 9068 (iss, sub, aud, exp, nbf, iat, jti, client_id, sid, acr, auth_time) is of another
 * type than it has there. What they say is not judged, none is needed and none is added. The audit
 * log has it as key.sign. For who may do everything: no operation offers it. */
CINEMA_API cinema_status cinema_key_sign(cinema *c, const char *claims, cinema_signed_token **ret,
                                         cinema_error *err);
CINEMA_API void cinema_signed_token_free(cinema_signed_token *t); /* takes NULL */

#define CINEMA_AUTH_ACT_(fn, in_t)                                                                 \
    static inline cinema_status fn(cinema *c, const in_t *in, cinema_error *err)                   \
    {                                                                                              \
        return fn##_sized(c, in, sizeof *in, err);                                                 \
    }
#define CINEMA_AUTH_ACT_ON_(fn, in_t)                                                              \
    static inline cinema_status fn(cinema *c, const char *id, const in_t *in, cinema_error *err)   \
    {                                                                                              \
        return fn##_sized(c, id, in, sizeof *in, err);                                             \
    }
CINEMA_AUTH_ACT_(cinema_auth_verify_email, cinema_token_input)
CINEMA_AUTH_ACT_(cinema_auth_resend, cinema_email_input)
CINEMA_AUTH_ACT_(cinema_auth_forgot, cinema_email_input)
CINEMA_AUTH_ACT_(cinema_auth_reset, cinema_reset_input)
CINEMA_AUTH_ACT_ON_(cinema_auth_change_password, cinema_password_input)
CINEMA_AUTH_ACT_ON_(cinema_auth_change_email, cinema_email_change_input)
#undef CINEMA_AUTH_ACT_
#undef CINEMA_AUTH_ACT_ON_

CINEMA_END
#endif
