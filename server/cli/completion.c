/* completion.c - `cinema completion`: scripts that complete command lines, made from the tables of
 * commands, options and operations.
 */
#include <cinema/call.h>

#include "cli/completion.h"

#include "cli/call.h"
#include "cli/ops.h"
#include "cli/output.h"

#include <stdlib.h>
#include <string.h>

/* ---- what may stand where -------------------------------------------------------------------- */

completion completion_of_option(const cli_option *o)
{
    if (o->one_of)
        return (completion){ COMPLETE_WORDS, o->one_of };
    if (o->value && !strcmp(o->value, "FILE"))
        return (completion){ COMPLETE_FILE, NULL };
    if (o->value && !strcmp(o->value, "DIR"))
        return (completion){ COMPLETE_FOLDER, NULL };
    return (completion){ COMPLETE_NOTHING, NULL };
}

completion completion_of_operand(const cli_command *c, const completion_words *w)
{
    if (!c->operand)
        return (completion){ COMPLETE_NOTHING, NULL };
    if (!strcmp(c->operand, "FILE"))
        return (completion){ COMPLETE_FILE, NULL };
    if (!strcmp(c->operand, "OPERATION"))
        return (completion){ COMPLETE_WORDS, w->operations };
    if (!strcmp(c->operand, "COMMAND"))
        return (completion){ COMPLETE_WORDS, w->topics };
    return (completion){ COMPLETE_WORDS, c->operand };
}

/* ---- the words ------------------------------------------------------------------------------- */

/* All commands, and what else is said. */
static char *command_words(const char *more)
{
    size_t size = strlen(more) + 1;
    for (size_t i = 0; cli_commands[i]; i++)
        size += strlen(cli_commands[i]->name) + 1;
    char *text = malloc(size), *to = text;
    for (size_t i = 0; text && cli_commands[i]; i++)
        to += snprintf(to, size - (size_t)(to - text), "%s%s", i ? " " : "", cli_commands[i]->name);
    if (text)
        snprintf(to, size - (size_t)(to - text), "%s", more);
    return text;
}

static char *operation_words(const json_t *items)
{
    size_t size = 1;
    for (size_t i = 0; i < json_array_size(items); i++)
        size += strlen(ops_text(json_array_get(items, i), "name")) + 1;
    char *text = calloc(size, 1), *to = text;
    for (size_t i = 0; text && i < json_array_size(items); i++)
        to += snprintf(to, size - (size_t)(to - text), "%s%s", i ? " " : "",
                       ops_text(json_array_get(items, i), "name"));
    return text;
}

static int load_words(const cli_args *args, completion_words *w)
{
    char *text = NULL;
    int code = call_operation(args, "ops", NULL, &text);

    if (code)
        return code;
    json_t *answer = json_loads(text, 0, NULL);
    w->commands = command_words("");
    w->topics = command_words(" exit-codes");
    w->operations = answer ? operation_words(json_object_get(answer, "items")) : NULL;
    json_decref(answer);
    cinema_text_free(text);
    return w->commands && w->topics && w->operations ? CLI_EXIT_OK : cli_no_memory();
}

/* ---- the command ----------------------------------------------------------------------------- */

static const struct shell {
    const char *name;
    void (*write)(FILE *to, const completion_words *w);
} shells[] = {
    { "bash", completion_bash },
    { "zsh", completion_zsh },
    { "fish", completion_fish },
};

static int run(const cli_args *args)
{
    const char *name = args->operands.items[0];
    const struct shell *found = NULL;
    completion_words w = { 0 };

    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (!strcmp(shells[i].name, name))
            found = &shells[i];
    if (!found)
        return cli_usage(args->command, "after completion stands bash, zsh or fish, not '%s'",
                         name);
    int code = load_words(args, &w);
    if (!code)
        found->write(stdout, &w);
    free(w.commands);
    free(w.topics);
    free(w.operations);
    return code;
}

const cli_command cli_completion = {
    .name = "completion",
    .summary = "print a script that completes command lines in bash, zsh or fish",
    .usage = "bash|zsh|fish",
    .about = "Commands, options, their values and the operations of 'cinema call'. Print it again\n"
             "after an update.",
    .examples = "source <(cinema completion bash)\n"
                "cinema completion bash > /etc/bash_completion.d/cinema\n"
                "cinema completion zsh > ~/.zsh/completions/_cinema\n"
                "cinema completion fish > ~/.config/fish/completions/cinema.fish",
    .operands_min = 1,
    .operands_max = 1,
    .operand = "bash zsh fish",
    .run = run,
};
