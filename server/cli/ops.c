/* ops.c - `cinema ops`: the operations that there are.
 * All of it comes from the operation `ops`; nothing about any single one is known here.
 */
#include <cinema/call.h>

#include "cli/ops.h"

#include "cli/call.h"
#include "cli/output.h"
#include "cli/suggest.h"

#include <string.h>

const char *ops_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

int ops_longest(const json_t *items, const char *name)
{
    size_t most = 0;

    for (size_t i = 0; i < json_array_size(items); i++) {
        size_t n = strlen(ops_text(json_array_get(items, i), name));
        most = n > most ? n : most;
    }
    return (int)most;
}

/* The answer as text and as JSON. */
static int load(const cli_args *args, char **text, json_t **answer)
{
    int code = call_operation(args, "ops", NULL, text);

    if (code)
        return code;
    *answer = json_loads(*text, 0, NULL);
    return *answer ? CLI_EXIT_OK : cli_no_memory();
}

static void show_list(const json_t *items)
{
    int name = ops_longest(items, "name") + 2, path = ops_longest(items, "path") + 2;

    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *op = json_array_get(items, i);
        out_styled(stdout, OUT_BOLD, ops_text(op, "name"), name);
        out_styled(stdout, OUT_PLAIN, ops_text(op, "method"), 8);
        out_styled(stdout, OUT_PLAIN, ops_text(op, "path"), path);
        out_text(stdout, ops_text(op, "summary"));
        putchar('\n');
    }
}

int ops_list(const cli_args *args)
{
    char *text = NULL;
    json_t *answer = NULL;
    int code = load(args, &text, &answer);

    if (!code && args->json)
        out_json_text(stdout, text, out_is_terminal());
    else if (!code)
        show_list(json_object_get(answer, "items"));
    json_decref(answer);
    cinema_text_free(text);
    return code;
}

static int show_one(const cli_args *args, const json_t *items, const char *name)
{
    suggestion near = { .word = name };
    char hint[160];

    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *op = json_array_get(items, i);
        if (!strcmp(ops_text(op, "name"), name)) {
            ops_show(op);
            return CLI_EXIT_OK;
        }
        suggest_offer(&near, ops_text(op, "name"));
    }
    return cli_usage(args->command, "there is no operation %s%s; 'cinema ops' lists them", name,
                     suggest_text(&near, "", hint));
}

int ops_help(const cli_args *args)
{
    char *text = NULL;
    json_t *answer = NULL;
    int code = load(args, &text, &answer);

    if (!code)
        code = show_one(args, json_object_get(answer, "items"), args->operands.items[0]);
    json_decref(answer);
    cinema_text_free(text);
    return code;
}

static const cli_option options[] = {
    CLI_JSON_OPTION("everything known about them, as JSON"),
    { 0 },
};

const cli_command cli_ops = {
    .name = "ops",
    .summary = "list the operations that 'cinema call' and the HTTP server know",
    .usage = "[OPTION]...",
    .about = "'cinema call OPERATION --help' tells more about one of them.",
    .examples = "cinema ops\n"
                "cinema ops --json",
    .options = options,
    .run = ops_list,
};
