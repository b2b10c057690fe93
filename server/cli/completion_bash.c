/* completion_bash.c - the script for bash: one function that looks at the words before the cursor.
 */
#include "cli/completion.h"

static const char head[] =
    "# Completes command lines of cinema in bash; made by 'cinema completion bash'.\n"
    "_cinema() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= word i\n"
    "    if [[ $cur == = ]]; then # bash takes --name=value apart\n"
    "        cur=\n"
    "    elif [[ $before == = ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        case $word in\n"
    "        ";
static const char after_skips[] = ")\n"
                                  "            if [[ ${COMP_WORDS[i+1]} == = ]]; then ((i++)); fi\n"
                                  "            ((i++)) ;;\n"
                                  "        -* | =) ;;\n"
                                  "        *)\n"
                                  "            command=$word\n"
                                  "            break ;;\n"
                                  "        esac\n"
                                  "    done\n"
                                  "    COMPREPLY=()\n"
                                  "    case $command/$before in\n";
static const char after_values[] = "    esac\n"
                                   "    case $command in\n";
static const char tail[] = "    esac\n"
                           "}\n"
                           "complete -F _cinema cinema\n";

static void put_name(FILE *to, const cli_option *o, const char *before)
{
    if (o->letter)
        fprintf(to, "%s-%c | ", before, o->letter);
    fprintf(to, "%s--%s", before, o->name);
}

/* "--database | --config | ...": options before the command that the next word belongs to. */
static void put_skips(FILE *to)
{
    const char *between = "";

    for (const cli_option *o = cli_globals; o->name; o++) {
        if (o->kind == CLI_FLAG)
            continue;
        fputs(between, to);
        put_name(to, o, "");
        between = " | ";
    }
}

static void put_reply(FILE *to, const completion *c)
{
    switch (c->kind) {
    case COMPLETE_WORDS:
        fprintf(to, "COMPREPLY=($(compgen -W '%s' -- \"$cur\"))", c->words);
        return;
    case COMPLETE_FILE:
        fputs("compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")", to);
        return;
    case COMPLETE_FOLDER:
        fputs("compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")", to);
        return;
    case COMPLETE_NOTHING:
        fputs(":", to);
        return;
    }
}

/* What follows an option that takes a value. */
static void put_values(FILE *to, const char *command, const cli_option *o)
{
    char before[64];

    snprintf(before, sizeof before, "%s/", command);
    for (; o && o->name; o++) {
        completion c = completion_of_option(o);
        if (o->kind == CLI_FLAG)
            continue;
        fputs("    ", to);
        put_name(to, o, before);
        fputs(") ", to);
        put_reply(to, &c);
        fputs("; return ;;\n", to);
    }
}

static void put_options(FILE *to, const cli_option *o)
{
    for (; o && o->name; o++)
        fprintf(to, " --%s", o->name);
}

static void put_command(FILE *to, const char *name, const cli_option *own,
                        const completion *operand)
{
    fprintf(to, "    %s) if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W '", name);
    put_options(to, own);
    put_options(to, cli_globals);
    fputs("' -- \"$cur\")); else ", to);
    put_reply(to, operand);
    fputs("; fi ;;\n", to);
}

void completion_bash(FILE *to, const completion_words *w)
{
    const completion commands = { COMPLETE_WORDS, w->commands };

    fputs(head, to);
    put_skips(to);
    fputs(after_skips, to);
    for (size_t i = 0; cli_commands[i]; i++)
        put_values(to, cli_commands[i]->name, cli_commands[i]->options);
    put_values(to, "*", cli_globals);
    fputs(after_values, to);
    put_command(to, "''", NULL, &commands);
    for (size_t i = 0; cli_commands[i]; i++) {
        completion operand = completion_of_operand(cli_commands[i], w);
        put_command(to, cli_commands[i]->name, cli_commands[i]->options, &operand);
    }
    fputs(tail, to);
}
