/* session.c - `cinema session`: who is signed in where, and ending that. */
#include "cli/act.h"
#include "cli/output.h"

/* A column, unless nobody has anything for it. */
static void show_column(const json_t *session, const json_t *all, const char *name)
{
    int width = act_width(all, name);

    if (width > 2)
        out_styled(stdout, OUT_PLAIN, act_text(session, name), width);
}

static void show_page(const json_t *page)
{
    const json_t *items = json_object_get(page, "items"), *session;
    size_t i;

    json_array_foreach(items, i, session)
    {
        out_styled(stdout, OUT_BOLD, act_text(session, "id"), 38);
        show_column(session, items, "email");
        show_column(session, items, "used_at");
        show_column(session, items, "method");
        show_column(session, items, "address");
        out_styled(stdout, OUT_DIM, act_text(session, "user_agent"), 0);
        putchar('\n');
    }
    if (!json_array_size(items))
        out_note("Nobody is signed in.");
    else if (json_is_string(json_object_get(page, "next")))
        out_note("There are more; --limit N shows up to N, at most 100.");
}

static int list(const cli_args *args)
{
    const char *user = act_operand(args);
    json_t *in = user ? act_about(args, "user_id") : json_object();

    if (!user == !args->all) {
        json_decref(in);
        return cli_usage(args->command, "'session list' needs a user, or --all for everybody's");
    }
    if (args->limit && in && json_object_set_new(in, "limit", json_integer(args->limit))) {
        json_decref(in);
        in = NULL;
    }
    return act_tell(args, user ? "user.list_sessions" : "session.list", in, show_page);
}

static int revoke(const cli_args *args)
{
    const char *session = act_operand(args);
    int code;

    if (!session == !args->user)
        return cli_usage(args->command,
                         "'session revoke' needs a session, or --user USER for all of theirs");
    code = session ? act_tell(args, "session.end", act_about(args, "session_id"), NULL)
                   : act_tell(args, "user.end_sessions",
                              json_pack("{s:o}", "user_id", out_string(args->user)), NULL);
    if (!code)
        out_note(session ? "The session is over." : "Signed out everywhere.");
    return code;
}

static const cli_act acts[] = {
    { "list", 0, 1, NULL, list },
    { "revoke", 0, 1, NULL, revoke },
};

static int run(const cli_args *args)
{
    return act_run(args, acts, sizeof acts / sizeof *acts);
}

static const cli_option options[] = {
    { .name = "all",
      CLI_FLAG_AT(all),
      .help = "list: the sessions of everybody, with whose it is" },
    { .name = "user",
      CLI_TEXT_AT(user),
      .value = "USER",
      .help = "revoke: all sessions of this user, an address or an id" },
    { .name = "limit",
      CLI_NUMBER_AT(limit),
      .value = "N",
      .help = "list: at most so many, up to 100; default: 20" },
    CLI_JSON_OPTION("the answer as JSON, as the HTTP API gives it"),
    { 0 },
};

const cli_command cli_session = {
    .name = "session",
    .summary = "show who is signed in, and sign them out",
    .usage = "list USER|--all | revoke SESSION|--user USER [OPTION]...",
    .about =
        "'list' shows id, last use, way of signing in, address and program of each session, the\n"
        "newest first. 'revoke' ends one, by its id, or all of a user: its tokens are refused\n"
        "with the next request, by other servers of the same database within a second.",
    .examples = "cinema session list ada@films.example\n"
                "cinema session list --all --limit 100 --json\n"
                "cinema session revoke 01a20764-43f3-70cd-83e0-1a6b66551e2e\n"
                "cinema session revoke --user ada@films.example",
    .options = options,
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .operand = "list revoke",
    .run = run,
};
