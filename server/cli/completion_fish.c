/* completion_fish.c - the script for fish: a line a command, option and kind of operand. */
#include "cli/completion.h"

/* The first line of a text, as one word in single quotes. */
static void put_quoted(FILE *to, const char *help)
{
    putc('\'', to);
    for (; *help && *help != '\n'; help++)
        if (*help == '\'')
            fputs("'\\''", to);
        else
            putc(*help, to);
    putc('\'', to);
}

static void put_value(FILE *to, const completion *c)
{
    switch (c->kind) {
    case COMPLETE_WORDS:
        fprintf(to, " -x -a '%s'", c->words);
        return;
    case COMPLETE_FILE:
        fputs(" -r -F", to);
        return;
    case COMPLETE_FOLDER:
        fputs(" -x -a '(__fish_complete_directories)'", to);
        return;
    case COMPLETE_NOTHING:
        fputs(" -x", to);
        return;
    }
}

/* `command`: NULL for those of every command. */
static void put_options(FILE *to, const char *command, const cli_option *o)
{
    for (; o && o->name; o++) {
        completion c = completion_of_option(o);
        fputs("complete -c cinema", to);
        if (command)
            fprintf(to, " -n '__fish_seen_subcommand_from %s'", command);
        if (o->letter)
            fprintf(to, " -s %c", o->letter);
        fprintf(to, " -l %s", o->name);
        if (o->kind != CLI_FLAG && o->kind != CLI_WORD) /* fish knows no value that may follow */
            put_value(to, &c);
        fputs(" -d ", to);
        put_quoted(to, o->help);
        putc('\n', to);
    }
}

static void put_operand(FILE *to, const cli_command *c, const completion_words *w)
{
    completion operand = completion_of_operand(c, w);

    if (operand.kind == COMPLETE_NOTHING)
        return;
    fprintf(to, "complete -c cinema -n '__fish_seen_subcommand_from %s'", c->name);
    if (operand.kind == COMPLETE_WORDS)
        fprintf(to, " -a '%s'\n", operand.words);
    else
        fputs(" -F\n", to);
}

void completion_fish(FILE *to, const completion_words *w)
{
    fputs("# Completes command lines of cinema in fish; made by 'cinema completion fish'.\n"
          "complete -c cinema -f\n",
          to);
    put_options(to, NULL, cli_globals);
    for (size_t i = 0; cli_commands[i]; i++) {
        fprintf(to, "complete -c cinema -n 'not __fish_seen_subcommand_from %s' -a %s -d ",
                w->commands, cli_commands[i]->name);
        put_quoted(to, cli_commands[i]->summary);
        putc('\n', to);
    }
    for (size_t i = 0; cli_commands[i]; i++) {
        put_options(to, cli_commands[i]->name, cli_commands[i]->options);
        put_operand(to, cli_commands[i], w);
    }
}
