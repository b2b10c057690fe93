/* key.c - `cinema key`: what access tokens are signed with. */
#include "cli/act.h"
#include "cli/output.h"

/* Only the newest signs. */
static void show_line(const json_t *key)
{
    const char *until = act_text(key, "expires_at");

    out_styled(stdout, OUT_BOLD, act_text(key, "id"), 0);
    printf("  %s  ", act_text(key, "algorithm"));
    if (*until)
        printf("signed until %s, its tokens are good until %s\n", act_text(key, "retired_at"),
               until);
    else
        printf("signs since %s\n", act_text(key, "created_at"));
}

static void show_list(const json_t *keys)
{
    const json_t *items = json_object_get(keys, "items"), *key;
    size_t i;

    json_array_foreach(items, i, key) show_line(key);
}

static int list(const cli_args *args)
{
    return act_tell(args, "key.list", json_object(), show_list);
}

static int rotate(const cli_args *args)
{
    int code = act_tell(args, "key.rotate", json_object(), show_list);

    if (!code)
        out_note("The new key signs from now on; sessions go on.");
    return code;
}

static const cli_act acts[] = {
    { "list", 0, 0, NULL, list },
    { "rotate", 0, 0, NULL, rotate },
};

static int run(const cli_args *args)
{
    return act_run(args, acts, sizeof acts / sizeof *acts);
}

static const cli_option options[] = {
    CLI_JSON_OPTION(
        "the answer as JSON: {\"items\": [{\"id\", \"algorithm\", \"public_key\", ...}]}"),
    { 0 },
};

const cli_command cli_key = {
    .name = "key",
    .summary = "show and rotate the keys that sign access tokens",
    .usage = "list | rotate [OPTION]...",
    .about =
        "'rotate' makes a new key, which signs from now on. The one before signs no more; what\n"
        "it has signed is good while its tokens live, and servers that run take the new one\n"
        "within a minute. Nobody is signed out: 'cinema help user' tells how that is done.\n"
        "Secret keys are never shown.",
    .examples = "cinema key list\n"
                "cinema key rotate --json",
    .options = options,
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .operand = "list rotate",
    .run = run,
};
