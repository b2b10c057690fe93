/* config.h - settings: where they come from, what they may be.
 * Options given to cinema_open win, then the environment, then the file CINEMA_CONFIG names, then
 * the defaults of the one table in config.c. Any setting may also be given as NAME_FILE: the file's
 * first line is its value.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/arena.h"
#include "base/setting.h"

typedef struct config config;

/* All settings, in the order of the documentation; ends in a NULL name. A * in a name stands for
 * capital letters and digits, such as CINEMA_OAUTH_GITHUB_CLIENT_ID: a family of settings. */
extern const setting cinema__settings[];

cinema_status config_read(const cinema_options *options, config **ret, cinema_error *err);
void config_free(config *k);
/* Reads all sources but the options again. INVALID: nothing changed. One at a time; readers need
 * not wait, and what they have read stays until config_free. */
cinema_status config_reload(config *k, cinema_error *err);

/* NULL: not set and without a default. Asking for a name that is in no table is a mistake of ours.
 */
const char *config_text(const config *k, const char *name);
/* The i-th setting of a family that was given, under its own name; false: there are no more. */
bool config_named(const config *k, size_t i, setting *ret);
/* The number; -1 for `off`. */
int64_t config_number(const config *k, const char *name);
/* A rate: how many in which time; false: `off`. */
bool config_rate(const config *k, const char *name, int64_t *count, int64_t *window_ms);
/* Who this installation is to others, and where links lead: CINEMA_PUBLIC_URL, else the address of
 * CINEMA_LISTEN; without a slash at its end. Neither is taken over by config_reload. */
const char *config_public_url(const config *k);
/* "option", "environment", "file" or "default". */
const char *config_source(const config *k, const char *name);

#endif
