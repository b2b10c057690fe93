/* role.c - `cinema role`: who may do what, from the shell. */
#include "cli/act.h"
#include "cli/output.h"

#include <string.h>

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
    out_styled(stdout, OUT_BOLD, act_text(role, "name"), width);
    show_permissions(role);
    if (*act_text(role, "description")) {
        fputs("  (", stdout);
        out_text(stdout, act_text(role, "description"));
        putchar(')');
    }
    putchar('\n');
}

static void show_one(const json_t *role)
{
    show_line(role, (int)strlen(act_text(role, "name")) + 2);
}

static void show_list(const json_t *page)
{
    const json_t *items = json_object_get(page, "items"), *role;
    size_t i;
    int width = act_width(items, "name");

    json_array_foreach(items, i, role) show_line(role, width);
    if (json_is_string(json_object_get(page, "next")))
        out_note("There are more: 'cinema call role.list' goes on.");
}

/* ---- list, show, set, remove ----------------------------------------------------------------- */

static int list(const cli_args *args)
{
    return act_tell(args, "role.list", json_pack("{s:i}", "limit", 100), show_list);
}

static int show(const cli_args *args)
{
    return act_tell(args, "role.get", act_about(args, "role"), show_one);
}

static int remove_(const cli_args *args)
{
    return act_tell(args, "role.remove", act_about(args, "role"), NULL);
}

/* The permissions are the operands behind the name. */
static int set(const cli_args *args)
{
    json_t *in = act_about(args, "role"), *list = json_array();
    bool ok = in && list;

    for (size_t i = 2; ok && i < args->operands.count; i++)
        ok = !json_array_append_new(list, out_string(args->operands.items[i]));
    ok = ok && !json_object_set(in, "permissions", list);
    if (ok && args->description)
        ok = !json_object_set_new(in, "description", out_string(args->description));
    json_decref(list);
    if (ok)
        return act_tell(args, "role.set", in, show_one);
    json_decref(in);
    return cli_no_memory();
}

#define ROLE "the name of a role"
static const cli_act acts[] = {
    { "list", 0, 0, NULL, list },
    { "show", 1, 1, ROLE, show },
    { "set", 1, SIZE_MAX, ROLE, set },
    { "remove", 1, 1, ROLE, remove_ },
};

static int run(const cli_args *args)
{
    return act_run(args, acts, sizeof acts / sizeof *acts);
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
