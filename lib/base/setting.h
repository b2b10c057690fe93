/* setting.h - one setting: what is said of it in the table of config.c, what its value may be.
 */
#ifndef BASE_SETTING_H
#define BASE_SETTING_H

#include "base/status.h"

typedef enum setting_kind {
    SETTING_TEXT,
    SETTING_COUNT,    /* a whole number between min and max */
    SETTING_LIMIT,    /* a whole number between min and max, or `off` */
    SETTING_RATE,     /* count/window, such as 20/15m, or `off` */
    SETTING_CHOICE,   /* one of the words in `choices` */
    SETTING_LISTEN,   /* address:port */
    SETTING_ORIGINS,  /* scheme://host[:port], with spaces or commas between; or * */
    SETTING_URL,      /* http(s)://host[:port][/path], of at most max bytes */
    SETTING_NETWORKS, /* addresses, or address/bits, with spaces or commas between */
} setting_kind;

typedef struct setting {
    const char *name;
    setting_kind kind;
    const char *initial; /* NULL: none */
    int64_t min, max;
    const char *choices;
    bool secret;  /* masked wherever it is shown */
    bool reloads; /* config_reload takes it over */
    const char *help;
} setting;

/* INVALID bad_setting: the value breaks a rule of its kind, which the message names. */
cinema_status setting_check(const setting *s, const char *value, cinema_error *err);
/* INVALID bad_setting: its name, and the rule. */
cinema_status setting_bad(const setting *s, const char *rule, cinema_error *err);
/* "20/15m": at most a million, in seconds, minutes, hours or days; false: it is none. */
bool setting_rate(const char *value, int64_t *count, int64_t *window_ms);

#endif
