/* new_sign_in.c - a sign-in from a device or a network that the account has not been used from: its
 * owner is told. What has been used is what the audit log has of sign-ins.
 */
#include "auth/part.h"

#include "base/address.h"
#include "base/text.h"
#include "base/unicode.h"

enum {
    DEVICE_LETTERS = 120, /* of what programs say of themselves, the log keeps no more than 256 */
    V4_BITS = 96 + 16,    /* about what a provider has: who is given another address at home, */
    V6_BITS = 32,         /* or moves from mast to mast, is not told of themselves */
};

/* ---- the same -------------------------------------------------------------------------------- */

static const char *next_letter(const char *s)
{
    return s + strspn(s, "0123456789._");
}

/* Versions do not count: programs renew themselves every month. */
static bool same_device(const char *a, const char *b)
{
    for (int i = 0; i < DEVICE_LETTERS; i++, a++, b++) {
        a = next_letter(a);
        b = next_letter(b);
        if (*a != *b)
            return false;
        if (!*a)
            return true;
    }
    return true;
}

static bool same_network(const char *a, const char *b)
{
    address x, y;
    if (!address_parse(a, strlen(a), &x) || !address_parse(b, strlen(b), &y))
        return !strcmp(a, b);
    network n = { x, address_is_ipv4(&x) ? V4_BITS : V6_BITS };
    return network_holds(&n, &y);
}

static const char *or_nothing(const char *s)
{
    return s ? s : "";
}

static bool is_known(const act *t, const audit_trace *list, size_t count)
{
    const char *from = or_nothing(t->caller.address), *agent = or_nothing(t->caller.user_agent);
    bool by = false, at = false; /* this device, this network */
    for (size_t i = 0; i < count && !(by && at); i++) {
        by = by || same_device(or_nothing(list[i].user_agent), agent);
        at = at || same_network(or_nothing(list[i].address), from);
    }
    return by && at;
}

/* Whoever has the password could otherwise fill the owner's letter box. */
static bool is_enough(act *t, const audit_trace *list, size_t count)
{
    int64_t most, window, told = 0, now = now_ms(t->c);
    if (!config_rate(t->c->config, "CINEMA_LIMIT_MAIL_ACCOUNT", &most, &window))
        return false;
    for (size_t i = 0; i < count && list[i].at > now - window; i++)
        told += list[i].detail && strstr(list[i].detail, TOLD);
    return told >= most;
}

/* ---- telling --------------------------------------------------------------------------------- */

static const char *shown(const char *text)
{
    return text && *text && utf8_valid(text, strlen(text)) ? text : "?";
}

static cinema_status tell(act *t, db_tx *tx, const account *who)
{
    char now[TIME_TEXT];
    time_text(now_ms(t->c), now);
    const cinema_pair values[] = { { "device", shown(t->caller.user_agent) },
                                   { "address", shown(t->caller.address) },
                                   { "time", now } };
    return act_mail_values(t, tx, "new_sign_in", who, values, COUNT_OF(values));
}

/* Not of the first sign-in, which everything is new to; not to an address that may be another's;
 * not where the program that calls does not say who asks. */
static bool is_asked_for(const act *t, const account *who)
{
    return strcmp(config_text(t->c->config, "CINEMA_SIGN_IN_MAIL"), "off") != 0 &&
           who->signed_in_at != CINEMA_ABSENT && who->email_verified_at != CINEMA_ABSENT &&
           (t->caller.address || t->caller.user_agent);
}

cinema_status act_tell_new_sign_in(act *t, db_tx *tx, const account *who, bool *told)
{
    const audit_trace *list;
    size_t count;
    cinema_status s;
    *told = false;
    if (!is_asked_for(t, who))
        return CINEMA_OK;
    if ((s = audit__last(tx, who->id, "session.start", t->a, &list, &count, t->err)) ||
        is_known(t, list, count) || is_enough(t, list, count))
        return s;
    *told = true;
    return tell(t, tx, who);
}
