/* cli.c - from the arguments to the exit code. */
#include "cli/cli.h"

#include "cli/output.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>

static int no_command(void)
{
    cli_help_all(stderr);
    return CLI_EXIT_USAGE;
}

static int run(const cli_args *args)
{
    const cli_command *c = args->command;

    out_set(args->quiet, args->no_color);
    if (args->help && !c)
        return cli_help_all(stdout);
    if (!c)
        return no_command();
    if (!args->help)
        return c->run(args);
    return c->help_on && args->operands.count ? c->help_on(args) : cli_help_show(c);
}

/* What is wrong with a command line is told in no colour, too. */
static bool wants_no_color(char **argv)
{
    for (char **arg = argv; *arg && strcmp(*arg, "--") != 0; arg++)
        if (!strcmp(*arg, "--no-color"))
            return true;
    return false;
}

int cli_main(int argc, char **argv)
{
    cli_args args;
    int code;

    out_open();
    out_set(false, wants_no_color(argv));
    signal(SIGPIPE, SIG_IGN); /* a reader that leaves must not end an import half way */
    signal(SIGXFSZ,
           SIG_IGN); /* nor a limit on files the server: such a write fails, as on a full disk */
    if (cli_parse(argc, argv, &args, &code))
        code = run(&args);
    cli_args_free(&args);
    return out_close(code);
}

int cli_usage(const cli_command *command, const char *format, ...)
{
    char line[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    out_error("%s", line);
    out_more("see 'cinema %s%s'", command ? command->name : "", command ? " --help" : "help");
    return CLI_EXIT_USAGE;
}

int cli_exit_code(cinema_status status)
{
    switch (status) {
    case CINEMA_OK:
        return CLI_EXIT_OK;
    case CINEMA_NOT_FOUND:
        return CLI_EXIT_ABSENT;
    case CINEMA_INVALID:
    case CINEMA_TOO_LARGE:
        return CLI_EXIT_INVALID;
    case CINEMA_CONFLICT:
    case CINEMA_STALE:
        return CLI_EXIT_CONFLICT;
    case CINEMA_UNAUTHENTICATED:
    case CINEMA_FORBIDDEN:
        return CLI_EXIT_DENIED;
    default:
        return CLI_EXIT_FAILED;
    }
}

int cli_fail(const char *what, cinema_status status, const cinema_error *err)
{
    const char *message =
        err && err->message[0] ? err->message : cinema_status_describe((int)status)->title;
    const char *field = err ? err->field : "";

    if (!strncmp(message, field, strlen(field)))
        field = ""; /* it is named there */
    out_error("%s%s%s%s%s", what ? what : "", what ? ": " : "", field, *field ? ": " : "", message);
    return cli_exit_code(status);
}

int cli_no_memory(void)
{
    return cli_fail(NULL, CINEMA_NO_MEMORY, NULL);
}
