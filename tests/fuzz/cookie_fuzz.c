/* cookie_fuzz.c - the one cookie there is, of a sign-in elsewhere: what we set is a cookie that
 * browsers take as it is meant; of what comes back only our own, whole and once, is believed.
 * The input: three bytes for which byte of it to change, where the journey starts, and the cookies
 * before and behind it, in lines.
 */
#include "fuzz/fuzz_help.h"

#include "oauth/journey.h"

#include <string.h>

static const char name[] = "__Secure-cinema_oauth";
enum { NAME = sizeof name - 1, COOKIE_ROOM = 4096, VALUE = 4000 };

/* ---- what is set ----------------------------------------------------------------------------- */

static bool visible(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f)
            return false;
    return true;
}

/* As RFC 6265, 4.1.1, has it; returns the value. */
static char *check_set(const char *cookie, arena *a)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    static const char rest[] =
        "; Path=/tv/v1/auth/oauth; Max-Age=600; HttpOnly; SameSite=Lax; Secure";
    size_t n = strlen(cookie), value = strspn(cookie + NAME + 1, letters);
    HOLDS(n < COOKIE_ROOM && !strncmp(cookie, name, NAME) && cookie[NAME] == '=');
    HOLDS(value && value <= VALUE && !strcmp(cookie + NAME + 1 + value, rest));
    char *text = arena_copy(a, cookie + NAME + 1, value);
    HOLDS(text);
    return text;
}

/* ---- what comes back ------------------------------------------------------------------------- */

/* Another reading of the header: how often ours is in it, and how often with this value. */
static void count(const char *cookies, const char *value, int *named, int *whole)
{
    *named = *whole = 0;
    for (const char *s = cookies; *s; s += *s == ';') {
        s += strspn(s, " \t");
        size_t n = strcspn(s, ";");
        if (n > NAME && !strncmp(s, name, NAME) && s[NAME] == '=') {
            *named += 1;
            *whole += n - NAME - 1 == strlen(value) && !strncmp(s + NAME + 1, value, strlen(value));
        }
        s += n;
    }
}

static bool reads(act *t, const char *cookies, const char *of, const char *state, journey *ret)
{
    cinema_status s = journey_read(t, cookies, of, state, ret);
    HOLDS(s == CINEMA_OK || (s == CINEMA_INVALID && !strcmp(t->err->reason, "invalid_state")));
    return s == CINEMA_OK;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static void check_read(act *t, const journey *j, const char *cookies, const char *value)
{
    int named, whole;
    journey back;
    count(cookies, value, &named, &whole);
    bool read = reads(t, cookies, j->provider, j->state, &back);
    HOLDS(read == (named == 1 && whole == 1));
    if (read)
        HOLDS(!strcmp(back.return_to, j->return_to) && !strcmp(back.verifier, j->verifier) &&
              !strcmp(back.nonce, j->nonce) && back.account_nr == j->account_nr &&
              back.confirm == j->confirm && back.expires_at == j->expires_at &&
              same_text(back.permit, j->permit) && same_text(back.session_id, j->session_id));
    HOLDS(!reads(t, cookies, "github", j->state, &back));
    HOLDS(!reads(t, cookies, j->provider, j->nonce, &back));
    HOLDS(!reads(t, cookies, j->provider, NULL, &back));
}

static void try_it(const uint8_t change[3], char *text, act *t)
{
    char *rest = text;
    const char *return_to = fuzz_cut(&rest, "\n"), *cookie = NULL;
    const char *before = rest ? fuzz_cut(&rest, "\n") : "", *after = rest ? rest : "";
    journey j = { .provider = "google",
                  .return_to = visible(return_to) && strlen(return_to) <= RETURN_TO_MAX
                                   ? return_to
                                   : "https://films.example/",
                  .account_nr = change[1],
                  .permit = change[1] ? "0123456789-0123456789-0123456789-0123456789" : NULL,
                  .session_id = change[1] & 1 ? "01890a5d-ac96-774b-bcce-b302099a8057" : NULL,
                  .confirm = change[0] & 1 };
    HOLDS(!journey_new(t, &j) && !journey_cookie(t, &j, &cookie));
    char *value = check_set(cookie, t->a);
    const char *sent = arena_format(t->a, "%s%s=%s%s", before, name, value, after);
    HOLDS(sent);
    check_read(t, &j, sent, value);
    char *changed = arena_copy(t->a, value, strlen(value));
    HOLDS(changed);
    changed[(change[0] << 8 | change[1]) % strlen(value)] = (char)(change[2] ? change[2] : 'A');
    sent = arena_format(t->a, "%s%s=%s%s", before, name, changed, after);
    HOLDS(sent);
    check_read(t, &j, sent, value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cinema_error err;
    act t = { .err = &err };
    if (size < 3 || size > 3000)
        return 0;
    HOLDS(!setenv("CINEMA_PUBLIC_URL", "https://films.example/tv/", 1));
    t.c = fuzz_handle();
    t.a = arena_new(0, 0);
    HOLDS(t.a);
    char *text = fuzz_text(data + 3, size - 3);
    try_it(data, text, &t);
    arena_free(t.a);
    free(text);
    return 0;
}
