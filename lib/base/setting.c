/* setting.c - what the value of a setting may be.
 */
#include "base/setting.h"

#include "base/address.h"
#include "base/place.h"
#include "base/text.h"

#include <stdio.h>

cinema_status setting_bad(const setting *s, const char *rule, cinema_error *err)
{
    return fail(err, CINEMA_INVALID, "bad_setting", s->name, "%s %s", s->name, rule);
}

static cinema_status check_number(const setting *s, const char *value, cinema_error *err)
{
    int64_t n;
    if (s->kind == SETTING_LIMIT && !strcmp(value, "off"))
        return CINEMA_OK;
    if (text_number(value, &n) && n >= s->min && n <= s->max)
        return CINEMA_OK;
    char rule[96];
    snprintf(rule, sizeof rule, "must be a whole number from %lld to %lld%s", (long long)s->min,
             (long long)s->max, s->kind == SETTING_LIMIT ? ", or off" : "");
    return setting_bad(s, rule, err);
}

/* From 1 to a maximum, of n digits and nothing else. */
static bool count_read(const char *s, size_t n, int64_t max, int64_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < n && *ret <= max; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        *ret = *ret * 10 + (s[i] - '0');
    }
    return *ret >= 1 && *ret <= max;
}

/* Read at each request. */
bool setting_rate(const char *value, int64_t *count, int64_t *window_ms)
{
    static const char units[] = "smhd";
    static const int64_t unit_ms[] = { 1000, 60000, 3600000, 86400000 };
    size_t n = strlen(value), slash = strcspn(value, "/");
    const char *unit = n > slash + 2 ? strchr(units, value[n - 1]) : NULL;
    if (!unit || !count_read(value, slash, 1000000, count) ||
        !count_read(value + slash + 1, n - slash - 2, 100000, window_ms))
        return false;
    *window_ms *= unit_ms[unit - units];
    return true;
}

static cinema_status check_rate(const setting *s, const char *value, cinema_error *err)
{
    int64_t count, window_ms;
    if (!strcmp(value, "off") || setting_rate(value, &count, &window_ms))
        return CINEMA_OK;
    return setting_bad(s, "must be count/window such as 20/15m (s, m, h or d), or off", err);
}

static cinema_status check_listen(const setting *s, const char *value, cinema_error *err)
{
    const char *colon = strrchr(value, ':');
    int64_t port;
    if (colon && colon > value && text_number(colon + 1, &port) && port >= 0 && port <= 65535)
        return CINEMA_OK;
    return setting_bad(s, "must be address:port, such as 127.0.0.1:8080 or [::1]:8080", err);
}

/* "https://films.example:8443": as browsers write it, so that it can be compared byte by byte. */
static bool is_origin(const char *s, size_t n)
{
    static const char host[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]";
    size_t scheme = !strncmp(s, "https://", 8) ? 8 : !strncmp(s, "http://", 7) ? 7 : 0;
    return scheme && n > scheme && n < 256 && strspn(s + scheme, host) == n - scheme;
}

static cinema_status check_origins(const setting *s, const char *value, cinema_error *err)
{
    if (!strcmp(value, "*"))
        return CINEMA_OK;
    for (size_t n; *value; value += n + (value[n] != '\0')) {
        n = strcspn(value, " ,");
        if (n && !is_origin(value, n))
            return setting_bad(s,
                               "must be *, or origins such as https://films.example:8443 in small "
                               "letters, without a path",
                               err);
    }
    return CINEMA_OK;
}

/* What links begin with: they are put behind it, and its path into cookies, as they are. */
static cinema_status check_url(const setting *s, const char *value, cinema_error *err)
{
    place at;
    if (strlen(value) <= (size_t)s->max && !place_read(value, &at) &&
        !strncmp(value, at.https ? "https" : "http:", 5) && !strpbrk(at.rest, "\"'<>^`{|}?#;"))
        return CINEMA_OK;
    char rule[128];
    snprintf(rule, sizeof rule,
             "must be an address such as https://films.example or https://films.example/api, "
             "without ? and #, of at most %lld bytes",
             (long long)s->max);
    return setting_bad(s, rule, err);
}

static cinema_status check_networks(const setting *s, const char *value, cinema_error *err)
{
    network ignored;
    for (size_t n; *value; value += n + (value[n] != '\0')) {
        n = strcspn(value, " ,");
        if (n && !network_parse(value, n, &ignored))
            return setting_bad(s, "must be addresses or networks, such as 10.0.0.0/8 ::1", err);
    }
    return CINEMA_OK;
}

cinema_status setting_check(const setting *s, const char *value, cinema_error *err)
{
    switch (s->kind) {
    case SETTING_TEXT:
        return CINEMA_OK;
    case SETTING_COUNT:
    case SETTING_LIMIT:
        return check_number(s, value, err);
    case SETTING_RATE:
        return check_rate(s, value, err);
    case SETTING_LISTEN:
        return check_listen(s, value, err);
    case SETTING_ORIGINS:
        return check_origins(s, value, err);
    case SETTING_URL:
        return check_url(s, value, err);
    case SETTING_NETWORKS:
        return check_networks(s, value, err);
    case SETTING_CHOICE:
        break;
    }
    if (text_listed(s->choices, value))
        return CINEMA_OK;
    char rule[96];
    snprintf(rule, sizeof rule, "must be one of: %s", s->choices);
    return setting_bad(s, rule, err);
}
