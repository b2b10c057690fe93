/* setup_token.c - the token of an installation that has no administrator yet.
 * It lies in the data folder (0600), is made when a server starts, and lets its bearer do all until
 * there is an account that may: making that one is what it is for.
 */
#include "auth/setup_token.h"

#include "base/secret_file.h"
#include "role/role.h"

#include <cinema/admin.h>

#include <sodium.h>

static const char file[] = "setup-token";
enum { TOKEN_LEAST = 32 }; /* base64url of 32 bytes is 43 characters */

cinema_status cinema_setup_token_path(cinema *c, char *path, size_t size, cinema_error *err)
{
    cinema_status s = handle_check(c, err);
    if (s || (s = secret_file_path(c, file, path, size, err)))
        return s;
    return secret_file_make(c, file, sodium_base64_VARIANT_URLSAFE_NO_PADDING, err);
}

/* Both sides are hashed first, so that neither length nor content shows in the time it takes. */
static bool same(const char *a, const char *b)
{
    unsigned char x[32], y[32];
    crypto_generichash(x, sizeof x, (const unsigned char *)a, strlen(a), NULL, 0);
    crypto_generichash(y, sizeof y, (const unsigned char *)b, strlen(b), NULL, 0);
    return !sodium_memcmp(x, y, sizeof x);
}

/* The file is read each time a token is presented: that is when somebody writes, and the file may
 * be replaced. Where there is none, its text is too short to be a token. */
cinema_status setup_identify(cinema *c, const char *token, arena *a, identity *ret,
                             cinema_error *err)
{
    char text[SECRET_FILE_TEXT];
    bool over = false;
    cinema_status s = secret_file_read(c, file, text, err);
    bool ok = strlen(text) >= TOKEN_LEAST && same(text, token);
    sodium_memzero(text, sizeof text);
    if (s || (ok && (s = role__administered(c, a, &over, err))))
        return s;
    if (over)
        return fail(err, CINEMA_UNAUTHENTICATED, "setup_is_over", NULL,
                    "the set-up token is no good any more: there is an administrator");
    if (!ok)
        return fail(err, CINEMA_UNAUTHENTICATED, "invalid_token", NULL, "the token is no good");
    *ret = (identity){ .known = true, .name = "set-up token", .permissions = "*" };
    return CINEMA_OK;
}
