/* open.c - the handle of libcinema, opened with what the command line says. */
#include "cli/cli.h"
#include "cli/output.h"

#include <stdlib.h>
#include <string.h>

enum { NOTHING = -1 };
static int shown; /* the least severe level of the log that is shown */

static void log_line(cinema_log_level level, const char *line, void *user)
{
    static const char *const names[] = { "error: ", "warning: ", "info: ", "debug: " };

    (void)user;
    if ((int)level > shown)
        return;
    out_log(level == CINEMA_LOG_ERROR     ? OUT_RED
            : level == CINEMA_LOG_WARNING ? OUT_YELLOW
                                          : OUT_DIM,
            names[level], line);
}

/* "NAME=value" in memory of its own, for an option that stands for a setting. */
static char *setting(const cli_option *o, const char *value)
{
    size_t size = strlen(o->setting) + strlen(value) + 2;
    char *text = malloc(size);

    if (text)
        snprintf(text, size, "%s=%s", o->setting, value);
    return text;
}

/* The settings among the options of one table, added to `list`. */
static bool collect(const cli_args *args, const cli_option *o, char **list, size_t *count)
{
    for (; o && o->name; o++) {
        const char *value = o->setting ? *(const char *const *)((const char *)args + o->at) : NULL;
        if (!value)
            continue;
        if (!(list[*count] = setting(o, value)))
            return false;
        ++*count;
    }
    return true;
}

static size_t length(const cli_option *o)
{
    size_t n = 0;
    while (o && o[n].name)
        n++;
    return n;
}

static void settings_free(char **list, size_t own)
{
    for (size_t i = 0; list && i < own; i++)
        free(list[i]);
    free(list);
}

/* All settings; the first `own` of them are to be freed. NULL: no memory. */
static char **settings(const cli_args *args, size_t *own)
{
    size_t room = length(cli_globals) + length(args->command->options) + args->set.count + 1;
    char **list = calloc(room, sizeof *list);

    *own = 0;
    if (!list || !collect(args, cli_globals, list, own) ||
        !collect(args, args->command->options, list, own)) {
        settings_free(list, *own);
        return NULL;
    }
    for (size_t i = 0; i < args->set.count; i++) /* to libcinema the first one counts */
        list[*own + i] = (char *)args->set.items[args->set.count - 1 - i]; /* only read */
    return list;
}

static void set_log(const cli_args *args, cinema *c)
{
    shown = args->verbose ? CINEMA_LOG_DEBUG : args->json_errors ? NOTHING : CINEMA_LOG_WARNING;
    cinema_set_log(c, log_line, NULL);
}

cinema_status cli_open_quietly(const cli_args *args, cinema **ret, cinema_error *err)
{
    size_t own;
    char **list = settings(args, &own);
    cinema_options options = { .settings = (const char *const *)list,
                               .setting_count = own + args->set.count };

    *err = (cinema_error){ 0 };
    if (!list)
        return CINEMA_NO_MEMORY;
    cinema_status s = cinema_open_with(&options, ret, err);
    settings_free(list, own);
    if (!s)
        set_log(args, *ret);
    return s;
}

int cli_open(const cli_args *args, cinema **ret)
{
    cinema_error err;

    cinema_status s = cli_open_quietly(args, ret, &err);
    return s ? cli_fail(NULL, s, &err) : CLI_EXIT_OK;
}
