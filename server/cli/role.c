/* role.c - `cinema role`: who may do what, from the shell. */
#include "cli/call.h"
#include "cli/output.h"

#include <cinema/call.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *record, const char *name)
{
    const char *text = json_string_value(json_object_get(record, name));
    return text ? text : "";
}

/* Permissions with spaces between. */
static void show_permissions(const json_t *role)
{
    const json_t *list = json_object_get(role, "permissions"), *one;
    size_t i;

    if (!json_array_size(list))
        out_styled(stdout, OUT_DIM, "what everybody may who signs in", 0);
    json_array_foreach(list, i, one)
    {
        if (i)
            putchar(' ');
        out_text(stdout, json_string_value(one));
    }
}

static void show_line(const json_t *role, int width)
{
    out_styled(stdout, OUT_BOLD, text_of(role, "name"), width);
    show_permissions(role);
    if (*text_of(role, "description")) {
        fputs("  (", stdout);
        out_text(stdout, text_of(role, "description"));
        putchar(')');
    }
    putchar('\n');
}

static void show_list(const json_t *page)
{
    const json_t *items = json_object_get(page, "items"), *role;
    size_t i, widest = 0;

    json_array_foreach(items, i, role)
    {
        size_t n = strlen(text_of(role, "name"));
        widest = n > widest ? n : widest;
    }
    json_array_foreach(items, i, role) show_line(role, (int)widest + 2);
    if (json_is_string(json_object_get(page, "next")))
        out_note("There are more: 'cinema call role.list' goes on.");
}

/* Runs it and shows what it answers: a page, a role or nothing. Takes `in` over. */
static int ask(const cli_args *args, const char *op, json_t *in)
{
    char *json = in ? json_dumps(in, JSON_COMPACT) : NULL, *answer = NULL;
    int code = json ? call_operation(args, op, json, &answer) : cli_no_memory();
    json_t *said = answer ? json_loads(answer, JSON_DECODE_ANY, NULL) : NULL;

    if (!code && args->json)
        out_json_text(stdout, answer, out_is_terminal());
    else if (!code && json_object_get(said, "items"))
        show_list(said);
    else if (!code && json_is_object(said))
        show_line(said, (int)strlen(text_of(said, "name")) + 2);
    json_decref(said);
    json_decref(in);
    cinema_text_free(answer);
    free(json);
    return code;
}

/* ---- list, show, set, remove ----------------------------------------------------------------- */

static int list(const cli_args *args)
{
    return ask(args, "role.list", json_pack("{s:i}", "limit", 100));
}

static json_t *named(const cli_args *args)
{
    return json_pack("{s:o}", "role", out_string(args->operands.items[1]));
}

static int show(const cli_args *args)
{
    return ask(args, "role.get", named(args));
}

static int remove_(const cli_args *args)
{
    return ask(args, "role.remove", named(args));
}

/* The permissions are the operands behind the name. */
static int set(const cli_args *args)
{
    json_t *in = named(args), *list = json_array();
    bool ok = in && list;

    for (size_t i = 2; ok && i < args->operands.count; i++)
        ok = !json_array_append_new(list, out_string(args->operands.items[i]));
    ok = ok && !json_object_set(in, "permissions", list);
    if (ok && args->description)
        ok = !json_object_set_new(in, "description", out_string(args->description));
    json_decref(list);
    if (ok)
        return ask(args, "role.set", in);
    json_decref(in);
    return cli_no_memory();
}

static const struct act {
    const char *name;
    size_t operands_min, operands_max;
    int (*run)(const cli_args *args);
} acts[] = {
    { "list", 1, 1, list },
    { "show", 2, 2, show },
    { "set", 2, SIZE_MAX, set },
    { "remove", 2, 2, remove_ },
};

static int run(const cli_args *args)
{
    const char *word = args->operands.items[0];
    size_t n = args->operands.count;

    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        if (strcmp(acts[i].name, word))
            continue;
        if (n < acts[i].operands_min)
            return cli_usage(args->command, "'role %s' needs the name of a role", word);
        if (n > acts[i].operands_max)
            return cli_usage(args->command, "'role %s' takes no more than that", word);
        return acts[i].run(args);
    }
    return cli_usage(args->command, "'role %s' is none of list, show, set, remove", word);
}

static const cli_option options[] = {
    { .name = "description",
      CLI_TEXT_AT(description),
      .value = "TEXT",
      .help = "with set: what the role is for" },
    CLI_JSON_OPTION("the answer as JSON, as the HTTP API gives it"),
    { 0 },
};

const cli_command cli_role = {
    .name = "role",
    .summary = "show and change roles",
    .usage = "list | show NAME | set NAME [PERMISSION]... | remove NAME [OPTION]...",
    .about =
        "'set' makes a role or replaces its permissions; who has the role may do what it says\n"
        "from the next request on. 'cinema call permission.list' tells which there are.",
    .examples = "cinema role list\n"
                "cinema role set auditor audit.read user.read --description \"reads the log\"\n"
                "cinema role remove auditor",
    .options = options,
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .operand = "list show set remove",
    .run = run,
};
