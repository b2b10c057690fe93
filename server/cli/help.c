/* help.c - help, all of it made from the tables. */
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/suggest.h"

#include <string.h>

enum { COLUMN = 24 }; /* where descriptions begin */

static void heading(FILE *to, const char *text)
{
    putc('\n', to);
    out_styled(to, OUT_BOLD, text, 0);
    putc('\n', to);
}

/* "  name        description", on two lines where the name is long. */
static void entry(FILE *to, const char *name, const char *description)
{
    fputs("  ", to);
    out_styled(to, OUT_PLAIN, name, COLUMN - 2);
    if (strlen(name) > COLUMN - 4)
        fprintf(to, "\n%*s", COLUMN, "");
    out_lines(to, description, COLUMN);
    putc('\n', to);
}

static void show_options(FILE *to, const char *title, const cli_option *o)
{
    if (!o || !o->name)
        return;
    heading(to, title);
    for (; o->name; o++) {
        char name[80], letter[6] = "";
        if (o->letter)
            snprintf(letter, sizeof letter, "-%c, ", o->letter);
        snprintf(name, sizeof name, "%s--%s%s%s", letter, o->name, o->value ? " " : "",
                 o->value ? o->value : "");
        entry(to, name, o->help);
    }
}

static void show_examples(FILE *to, const char *examples)
{
    heading(to, "Examples");
    fputs("  ", to);
    out_lines(to, examples, 2);
    putc('\n', to);
}

int cli_help_show(const cli_command *c)
{
    printf("cinema %s - %s\n", c->name, c->summary);
    heading(stdout, "Usage");
    printf("  cinema %s%s%s\n", c->name, *c->usage ? " " : "", c->usage);
    if (c->about)
        printf("\n%s\n", c->about);
    show_examples(stdout, c->examples);
    show_options(stdout, "Options", c->options);
    show_options(stdout, "Options of every command", cli_globals);
    return CLI_EXIT_OK;
}

int cli_help_all(void *stream)
{
    FILE *to = stream;

    fputs("cinema - a film and series platform: server, catalogue and tools\n", to);
    heading(to, "Usage");
    fputs("  cinema COMMAND [OPTION]...\n", to);
    heading(to, "Commands");
    for (size_t i = 0; cli_commands[i]; i++)
        entry(to, cli_commands[i]->name, cli_commands[i]->summary);
    show_examples(to, "cinema import examples/data/sample.jsonl\n"
                      "cinema search third man\n"
                      "cinema serve");
    show_options(to, "Options of every command", cli_globals);
    fputs("\n'cinema help COMMAND' tells more; 'cinema help exit-codes' lists the exit codes.\n",
          to);
    return CLI_EXIT_OK;
}

#define EXIT_ROW(name, number, text) { #number, text },
static const struct {
    const char *number, *text;
} exits[] = { CLI_EXIT_MAP(EXIT_ROW) };
#undef EXIT_ROW

static int show_exits(void)
{
    fputs("How cinema ends: its exit codes\n\n", stdout);
    for (size_t i = 0; i < sizeof exits / sizeof *exits; i++)
        printf("  %3s  %s\n", exits[i].number, exits[i].text);
    return CLI_EXIT_OK;
}

static const char topic[] = "exit-codes";

static int run(const cli_args *args)
{
    const char *name = args->operands.count ? args->operands.items[0] : NULL;
    const cli_command *c = name ? cli_command_find(name) : NULL;
    suggestion near = { .word = name };
    char hint[160];

    if (!name)
        return cli_help_all(stdout);
    if (c)
        return cli_help_show(c);
    if (!strcmp(name, topic))
        return show_exits();
    suggest_offer(&near, topic);
    for (size_t i = 0; cli_commands[i]; i++)
        suggest_offer(&near, cli_commands[i]->name);
    return cli_usage(NULL, "there is no help on '%s'%s", name, suggest_text(&near, "", hint));
}

const cli_command cli_help = {
    .name = "help",
    .summary = "show help on a command, or on exit-codes",
    .usage = "[COMMAND|exit-codes]",
    .examples = "cinema help\n"
                "cinema help import\n"
                "cinema help exit-codes",
    .operands_max = 1,
    .operand = "COMMAND",
    .run = run,
};
