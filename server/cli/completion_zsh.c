/* completion_zsh.c - the script for zsh: its _arguments, once for the program, once a command. */
#include "cli/completion.h"

static const char head[] = "#compdef cinema\n"
                           "# Completes command lines of cinema in zsh; made by 'cinema completion "
                           "zsh'.\n"
                           "_cinema() {\n"
                           "    local curcontext=$curcontext state line\n"
                           "    local -a globals commands\n"
                           "    globals=(\n";
static const char after_commands[] = "    )\n"
                                     "    _arguments -C -S $globals '1: :->command' '*:: :->rest'\n"
                                     "    case $state in\n"
                                     "    command) _describe -t commands command commands ;;\n"
                                     "    rest)\n"
                                     "        curcontext=${curcontext%:*:*}:cinema-$line[1]:\n"
                                     "        case $line[1] in\n";
static const char tail[] = "        esac ;;\n"
                           "    esac\n"
                           "}\n"
                           "if [[ $funcstack[1] == _cinema ]]; then\n"
                           "    _cinema \"$@\"\n"
                           "else\n"
                           "    compdef _cinema cinema\n"
                           "fi\n";

/* The first line of a text inside of single quotes; `special` gets a backslash. */
static void put_text(FILE *to, const char *text, const char *special)
{
    for (; *text && *text != '\n'; text++) {
        for (const char *s = special; *s; s++)
            if (*s == *text)
                putc('\\', to);
        if (*text == '\'')
            fputs("'\\''", to);
        else
            putc(*text, to);
    }
}

static void put_action(FILE *to, const completion *c)
{
    if (c->kind == COMPLETE_WORDS)
        fprintf(to, "(%s)", c->words);
    else
        fputs(c->kind == COMPLETE_FILE     ? "_files"
              : c->kind == COMPLETE_FOLDER ? "_files -/"
                                           : "",
              to);
}

static void put_spec(FILE *to, const cli_option *o, const char *dashes, const char *name)
{
    bool flag = o->kind == CLI_FLAG;
    bool again = o->kind == CLI_TEXTS || o->kind == CLI_PAIRS;
    completion c = completion_of_option(o);

    bool may = o->kind == CLI_WORD; /* have a value */

    fprintf(to, "            '%s%s%s%s[", again ? "*" : "", dashes, name,
            flag || may ? ""
            : dashes[1] ? "="
                        : "+");
    put_text(to, o->help, "[]");
    putc(']', to);
    if (!flag) {
        fputs(may ? "::" : ":", to);
        put_text(to, o->value, ":");
        putc(':', to);
        put_action(to, &c);
    }
    fputs("'\n", to);
}

static void put_options(FILE *to, const cli_option *o)
{
    for (; o && o->name; o++) {
        char letter[2] = { o->letter, '\0' };
        if (o->letter)
            put_spec(to, o, "-", letter);
        put_spec(to, o, "--", o->name);
    }
}

static void put_command(FILE *to, const cli_command *c, const completion_words *w)
{
    completion operand = completion_of_operand(c, w);

    fprintf(to, "        %s)\n            local -a own=(\n", c->name);
    put_options(to, c->options);
    fputs("            )\n            _arguments -S $own $globals", to);
    if (c->operands_max) {
        fputs(" '*:", to);
        put_text(to, c->usage, ":[]");
        putc(':', to);
        put_action(to, &operand);
        putc('\'', to);
    }
    fputs(" ;;\n", to);
}

void completion_zsh(FILE *to, const completion_words *w)
{
    fputs(head, to);
    put_options(to, cli_globals);
    fputs("    )\n    commands=(\n", to);
    for (size_t i = 0; cli_commands[i]; i++) {
        fprintf(to, "        '%s:", cli_commands[i]->name);
        put_text(to, cli_commands[i]->summary, ":");
        fputs("'\n", to);
    }
    fputs(after_commands, to);
    for (size_t i = 0; cli_commands[i]; i++)
        put_command(to, cli_commands[i], w);
    fputs(tail, to);
}
