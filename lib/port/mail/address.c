/* address.c - who a mail is from and to: what may stand in an envelope and in a header.
 */
#include "base/unicode.h"
#include "port/mail/mail.h"

#include <idn2.h>
#include <stdio.h>

enum { LOCAL_MAX = 64, ADDRESS_MAX = 254 };

/* ---- checks ---------------------------------------------------------------------------------- */

static cinema_status bad(const char *field, const char *rule, cinema_error *err)
{
    return fail(err, CINEMA_INVALID, "mail_invalid", field, "%s", rule);
}

cinema_status mail_check_line(const char *text, const char *field, cinema_error *err)
{
    if (!utf8_valid(text, strlen(text)))
        return bad(field, "must be UTF-8", err);
    for (const char *p = text; *p; p++)
        if (utf8_control(p)) /* C1 too: U+0085 ends lines */
            return bad(field, "must be one line without control characters", err);
    return CINEMA_OK;
}

/* RFC 5321 dot-atom, and what is not ASCII (RFC 6531). No quoted local parts: nobody has them, and
 * what reads mail takes them for all kinds of things. */
static bool atom(const char *s, size_t n, const char *signs)
{
    bool dot = true; /* none at the start, none twice, none at the end */
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (c == '.' ? dot : !letter && c < 0x80 && !strchr(signs, c))
            return false;
        dot = c == '.';
    }
    return n && !dot;
}

/* Labels neither begin nor end with a dash. */
static bool dashes_fit(const char *domain)
{
    size_t n = strlen(domain);
    return *domain != '-' && domain[n - 1] != '-' && !strstr(domain, "-.") && !strstr(domain, ".-");
}

cinema_status mail_check_address(const char *address, const char *field, cinema_error *err)
{
    const char *at = strrchr(address, '@');
    size_t local = at ? (size_t)(at - address) : 0, n = strlen(address);
    cinema_status s = mail_check_line(address, field, err);
    if (s)
        return s;
    if (!local || local > LOCAL_MAX || n > ADDRESS_MAX ||
        !atom(address, local, "!#$%&'*+-/=?^_`{|}~") || !atom(at + 1, n - local - 1, "-") ||
        !dashes_fit(at + 1))
        return bad(field, "must be an address such as anna@site.example", err);
    return CINEMA_OK;
}

cinema_status mail_ascii_address(const char *address, char **ret, cinema_error *err)
{
    const char *at = strrchr(address, '@');
    uint8_t *domain = NULL;
    int result = idn2_lookup_u8((const uint8_t *)at + 1, &domain, IDN2_NONTRANSITIONAL);
    if (result == IDN2_MALLOC)
        return fail_memory(err);
    if (result != IDN2_OK)
        return bad("to", "has a domain that is none", err);
    int n = asprintf(ret, "%.*s@%s", (int)(at - address), address, (const char *)domain);
    idn2_free(domain);
    if (n < 0)
        return fail_memory(err);
    /* libidn2 folds some signs to ASCII that no host name has. */
    cinema_status s = mail_check_address(*ret, "to", err);
    if (s) {
        free(*ret);
        *ret = NULL;
    }
    return s;
}

/* ---- a person -------------------------------------------------------------------------------- */

/* Without white space around it and, where it has some, its quotes. */
static char *trimmed(char *s)
{
    size_t n;
    s += strspn(s, " ");
    for (n = strlen(s); n && s[n - 1] == ' '; n--)
        s[n - 1] = '\0';
    if (n >= 2 && *s == '"' && s[n - 1] == '"') {
        s[n - 1] = '\0';
        s++;
    }
    return s;
}

cinema_status mail_read_person(const char *text, char *room, size_t size, mail_person *ret,
                               cinema_error *err)
{
    mail_person p = { .name = "" };
    int n = snprintf(room, size, "%s", text);
    if (n < 0 || (size_t)n >= size)
        return bad(NULL, "is too long", err);
    char *open = strrchr(room, '<'), *close = open ? strchr(open, '>') : NULL;
    if (open && (!close || close[1 + strspn(close + 1, " ")]))
        return bad(NULL, "must be an address, or: Name <address>", err);
    if (open) {
        *open = *close = '\0';
        p.name = trimmed(room);
    }
    p.address = trimmed(open ? open + 1 : room);
    cinema_status s = mail_check_line(p.name, NULL, err);
    if (s || (s = mail_check_address(p.address, NULL, err)))
        return s;
    *ret = p;
    return CINEMA_OK;
}
