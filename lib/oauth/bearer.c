/* bearer.c - bearer tokens of other issuers, and whose account they stand for.
 * A token is verified once and remembered in this process by a hash; the account is read with each
 * request, so that what it may do is what it may do now.
 */
#include "oauth/oauth.h"
#include "oauth/part.h"
#include "port/kv/kv.h"

#include <sodium.h>
#include <stdio.h>

enum { KEY_TEXT = 48, REMEMBERED_MS = 60000 };

typedef struct known {
    int64_t account_nr, expires_at;
} known;

static void key_of(const char *token, char key[KEY_TEXT])
{
    unsigned char hash[16];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)token, strlen(token), NULL, 0);
    memcpy(key, "bearer:", 7);
    sodium_bin2hex(key + 7, KEY_TEXT - 7, hash, sizeof hash);
}

static bool recall(cinema *c, const char *key, known *ret)
{
    kv_step step = kv_get(key, ret, sizeof *ret);
    return !kv_run(c, KV_LOCAL, &step, 1, NULL) && step.hit && step.length == sizeof *ret &&
           ret->expires_at > now_ms(c);
}

static void remember(cinema *c, const char *key, const known *k)
{
    int64_t left = k->expires_at - now_ms(c);
    kv_step step = kv_set(key, k, sizeof *k, left < REMEMBERED_MS ? left : REMEMBERED_MS);
    if (left > 0)
        kv_run(c, KV_LOCAL, &step, 1, NULL); /* without it the next check costs more */
}

static cinema_status verify(act *t, const char *token, known *ret)
{
    issuer_claims k;
    cinema_status s = issuer__verify(t->c, token, t->a, &k, t->err);
    if (s)
        return s;
    person p = { .key = k.issuer,
                 .subject = k.subject,
                 .email = k.email,
                 .name = k.name,
                 .verified = k.email_verified };
    ret->expires_at = k.expires_at;
    return identity_account(t, &p, k.issuer, &ret->account_nr);
}

static cinema_status give(act *t, const known *k, identity *ret)
{
    account who;
    cinema_status s = account__by_nr(t->c, NULL, k->account_nr, t->a, &who, t->err);
    if (s == CINEMA_NOT_FOUND)
        return fail(t->err, CINEMA_UNAUTHENTICATED, "invalid_token", NULL,
                    "the account of this token is gone");
    if (s)
        return s;
    if (strcmp(who.status, "active") != 0)
        return fail(t->err, CINEMA_FORBIDDEN, "account_disabled", NULL,
                    "this account has been disabled");
    *ret = (identity){ .known = true,
                       .name = who.id,
                       .permissions = who.permissions,
                       .account_nr = who.nr,
                       .account_id = who.id };
    return CINEMA_OK;
}

cinema_status oauth__identify(cinema *c, const cinema_caller *caller, arena *a, identity *ret,
                              cinema_error *err)
{
    act t = { .c = c, .caller = *caller, .a = a, .err = err };
    char key[KEY_TEXT];
    known k;
    cinema_status s;
    key_of(caller->token, key);
    if (!recall(c, key, &k)) {
        if ((s = verify(&t, caller->token, &k)))
            return s;
        remember(c, key, &k);
    }
    return give(&t, &k, ret);
}
