/* password.c - passwords: hashed with Argon2id, verified, and told when a hash is out of date.
 */
#include "user/password.h"

#include "base/text.h"
#include "base/unicode.h"
#include "limit/limit.h"

#include <assert.h>
#include <sodium.h>

_Static_assert(crypto_pwhash_argon2id_STRBYTES <= PASSWORD_HASH_MAX, "room for a hash");

enum { BYTES_MAX = 4 * PASSWORD_MAX };

static void wipe_freep(char **text)
{
    if (*text)
        sodium_memzero(*text, strlen(*text));
    free(*text);
}

/* One password has one form, whatever keyboard it was typed on. */
static cinema_status normal_form(const char *password, char **ret, cinema_error *err)
{
    cinema_status s = unicode_nfc(password, strlen(password), ret);
    if (s == CINEMA_INVALID)
        return fail(err, CINEMA_INVALID, "utf8", "password", "password: is not valid UTF-8");
    return s ? fail_memory(err) : CINEMA_OK;
}

cinema_status password__hash(cinema *c, const char *password, char ret[PASSWORD_HASH_MAX],
                             cinema_error *err)
{
    CLEANUP(wipe_freep) char *text = NULL;
    (void)c;
    assert(!cinema__transactions_open);
    cinema_status s = normal_form(password, &text, err);
    if (!s && crypto_pwhash_argon2id_str(ret, text, strlen(text), PASSWORD_PASSES, PASSWORD_MEMORY))
        s = fail_memory(err);
    return s;
}

/* "$argon2id$v=19$m=19456,t=2,p=1$...": at least as much work as ours. */
static bool as_strong(const char *hash)
{
    static const char begin[] = "$argon2id$v=19$m=";
    char *end;
    if (strncmp(hash, begin, strlen(begin)))
        return false;
    unsigned long memory = strtoul(hash + strlen(begin), &end, 10), passes = 0;
    if (!strncmp(end, ",t=", 3))
        passes = strtoul(end + 3, &end, 10);
    return memory >= PASSWORD_MEMORY / 1024 && passes >= PASSWORD_PASSES;
}

/* Nobody's: of random bytes, made with our parameters. */
static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$TFk9ENvb/iKsujU10baeXA$"
                             "HJdQoqszCjOjRAmWPDUIiyAE8YWkoZ2KXsbXscSbVis";

cinema_status password__verify(cinema *c, const char *password, const char *hash, bool *right,
                               bool *renew, cinema_error *err)
{
    CLEANUP(wipe_freep) char *text = NULL;
    assert(!cinema__transactions_open);
    *right = *renew = false;
    bool nobodys = !hash || strlen(password) > BYTES_MAX || !utf8_valid(password, strlen(password));
    cinema_status s = normal_form(nobodys ? "" : password, &text, err);
    if (s)
        return s;
    verdict v = password_compare(text, nobodys ? nobody : hash);
    if (v == WRONG && strcmp(text, password) && strncmp(hash ? hash : nobody, nobody, 10))
        v = password_compare(password, hash); /* others may not have normalised */
    if (v == NO_ROOM)
        return fail_memory(err);
    if (v == UNKNOWN_KIND)
        log_line(c, CINEMA_LOG_WARNING, "an account has a password hash of a kind not known here");
    *right = v == RIGHT && !nobodys;
    *renew = *right && !as_strong(hash);
    return CINEMA_OK;
}

/* Counted before the hash, and given back where it was right or could not be told. */
cinema_status account__prove(cinema *c, const account *who, const char *password, cinema_error *err)
{
    static const char limit[] = "CINEMA_LIMIT_SIGN_IN_ACCOUNT";
    bool right = false, renew;
    cinema_status s = limit__take(c, limit, who->email_key, err);
    if (s)
        return s;
    s = password ? password__verify(c, password, who->password, &right, &renew, err) : CINEMA_OK;
    if (!s && !right)
        return fail(err, CINEMA_FORBIDDEN, "invalid_credentials", "password",
                    "password: is not the account's");
    limit__forgive(c, limit, who->email_key);
    return s;
}
