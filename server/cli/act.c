/* act.c - commands of several acts. */
#include "cli/act.h"

#include "cli/call.h"
#include "cli/output.h"

#include <cinema/call.h>
#include <stdlib.h>
#include <string.h>

static int unknown(const cli_args *args, const cli_act *acts, size_t count)
{
    const char *command = args->command->name;
    char names[200] = "";

    for (size_t i = 0, n = 0; i < count && n < sizeof names; i++)
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", i ? ", " : "", acts[i].name);
    return cli_usage(args->command, "'%s %s' is none of %s", command, args->operands.items[0],
                     names);
}

int act_run(const cli_args *args, const cli_act *acts, size_t count)
{
    const char *command = args->command->name, *name = args->operands.items[0];
    size_t behind = args->operands.count - 1;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(acts[i].name, name))
            continue;
        if (behind < acts[i].least)
            return cli_usage(args->command, "'%s %s' needs %s", command, name, acts[i].needs);
        if (behind > acts[i].most)
            return cli_usage(args->command, "'%s %s' takes no more than that", command, name);
        return acts[i].run(args);
    }
    return unknown(args, acts, count);
}

const char *act_operand(const cli_args *args)
{
    return args->operands.count > 1 ? args->operands.items[1] : NULL;
}

int act_ask(const cli_args *args, const char *op, json_t *in, char **ret)
{
    char *json = in ? json_dumps(in, JSON_COMPACT) : NULL;
    int code = json ? call_operation(args, op, json, ret) : cli_no_memory();

    if (json)
        explicit_bzero(json, strlen(json)); /* it may hold a password */
    free(json);
    json_decref(in);
    return code;
}

static int show_answer(const char *answer, void (*show)(const json_t *answer))
{
    json_t *said = json_loads(answer, JSON_DECODE_ANY, NULL);

    if (!said)
        return cli_no_memory();
    show(said);
    json_decref(said);
    return CLI_EXIT_OK;
}

int act_tell(const cli_args *args, const char *op, json_t *in, void (*show)(const json_t *answer))
{
    char *answer = NULL;
    int code = act_ask(args, op, in, &answer);

    if (!code && args->json)
        out_json_text(stdout, answer, out_is_terminal());
    else if (!code && show)
        code = show_answer(answer, show);
    cinema_text_free(answer);
    return code;
}

json_t *act_about(const cli_args *args, const char *name)
{
    return json_pack("{s:o}", name, out_string(act_operand(args)));
}

const char *act_text(const json_t *record, const char *name)
{
    const char *text = json_string_value(json_object_get(record, name));
    return text ? text : "";
}

int act_width(const json_t *records, const char *name)
{
    size_t i, widest = 0;
    const json_t *record;

    json_array_foreach(records, i, record)
    {
        size_t n = strlen(act_text(record, name));
        widest = n > widest ? n : widest;
    }
    return (int)widest + 2;
}
