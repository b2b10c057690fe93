/* commands.c - the table of commands, and the options that all of them take. */
#include "cli/cli.h"

#include <string.h>

const cli_command *const cli_commands[] = {
    &cli_serve,      &cli_migrate, &cli_import,  &cli_export, &cli_call,
    &cli_ops,        &cli_search,  &cli_user,    &cli_role,   &cli_session,
    &cli_key,        &cli_explain, &cli_openapi, &cli_worker, &cli_doctor,
    &cli_completion, &cli_version, &cli_help,    NULL,
};

const cli_option cli_globals[] = {
    { .name = "database",
      CLI_TEXT_AT(database),
      .value = "URL",
      .setting = "CINEMA_DATABASE_URL",
      .help = "sqlite:PATH or postgres://...; default: cinema.db in the data folder" },
    { .name = "data-dir",
      CLI_TEXT_AT(data_dir),
      .value = "DIR",
      .setting = "CINEMA_DATA_DIR",
      .help = "the data folder; default: ./cinema-data" },
    { .name = "config",
      CLI_TEXT_AT(config),
      .value = "FILE",
      .setting = "CINEMA_CONFIG",
      .help = "read settings from this file too" },
    { .name = "set",
      CLI_PAIRS_AT(set),
      .value = "NAME=VALUE",
      .help = "a setting, such as CINEMA_LOG=debug; may be given more than once, the\n"
              "last one counts. Not for secrets: others see your command line" },
    { .name = "quiet",
      .letter = 'q',
      CLI_FLAG_AT(quiet),
      .help = "no notes: only warnings and errors" },
    { .name = "verbose",
      .letter = 'v',
      CLI_FLAG_AT(verbose),
      .help = "show every log line, not only warnings and errors" },
    { .name = "no-color",
      CLI_FLAG_AT(no_color),
      .help = "no colours; NO_COLOR in the environment does the same" },
    { .name = "help", .letter = 'h', CLI_FLAG_AT(help), .help = "show help and stop" },
    { .name = "version", CLI_FLAG_AT(version), .help = "show the version and stop" },
    { 0 },
};

const cli_command *cli_command_find(const char *name)
{
    for (size_t i = 0; cli_commands[i]; i++)
        if (!strcmp(cli_commands[i]->name, name))
            return cli_commands[i];
    return NULL;
}
