/* issuer.h - other issuers of tokens, for other rooms: Supabase Auth, Clerk, Firebase, any OpenID
 * Connect provider. Which are believed: CINEMA_TRUSTED_ISSUERS, and the providers of a sign-in.
 *
 * An issuer's description and keys are fetched when first needed and kept in this process. After
 * ten minutes they are fetched anew; a key that is not known is looked for at most once a minute.
 * One thread fetches, others go by what is there. While the issuer is down its keys are good for a
 * day.
 */
#ifndef ISSUER_ISSUER_H
#define ISSUER_ISSUER_H

#include "base/arena.h"

/* What a token says of a person. Texts lie in the arena of the call; times are ms since 1970. */
typedef struct issuer_claims {
    const char *issuer, *subject; /* never NULL */
    const char *email, *name;     /* NULL: it does not say */
    bool email_verified;          /* the issuer itself says so */
    int64_t issued_at, expires_at;
} issuer_claims;

/* Reads CINEMA_TRUSTED_ISSUERS: entries with spaces between, `issuer=URL;audience=NAME`, where
 * needed with `;secret=…` (HS256, as Supabase's older projects sign) or `;jwks=URL` (an issuer
 * without a description). INVALID: the setting is no good. */
cinema_status issuer__open(cinema *c, cinema_error *err);
void issuer__close(cinema *c);

/* Whether the setting names this issuer. */
bool issuer__trusted(cinema *c, const char *issuer);
/* A bearer token of a trusted issuer. UNAUTHENTICATED invalid_token: it is no good, or of another
 * issuer; token_expired. UNAVAILABLE issuer_unavailable: the issuer's keys cannot be had now. */
cinema_status issuer__verify(cinema *c, const char *token, arena *a, issuer_claims *ret,
                             cinema_error *err);

/* An id_token of a sign-in: by this issuer, for this client alone, with this nonce. Outcomes as
 * above. */
typedef struct issuer_sign_in {
    const char *issuer, *client_id, *nonce;
} issuer_sign_in;
cinema_status issuer__verify_sign_in(cinema *c, const issuer_sign_in *expected, const char *token,
                                     arena *a, issuer_claims *ret, cinema_error *err);

/* Where a sign-in happens, as the issuer describes it. */
typedef struct issuer_endpoints {
    const char *authorize, *token;
    const char *userinfo; /* NULL: it has none */
    bool secret_in_body;  /* it takes a client's secret in the form alone */
    bool says_who;        /* answers of `authorize` name the issuer (RFC 9207) */
} issuer_endpoints;
/* UNAVAILABLE issuer_unavailable: the description cannot be had now, or is no good. */
cinema_status issuer__endpoints(cinema *c, const char *issuer, arena *a, issuer_endpoints *ret,
                                cinema_error *err);

/* https, or an origin that CINEMA_OUTGOING_ALLOW names: secrets go nowhere else. */
bool issuer__safe_url(cinema *c, const char *url);

#endif
