/* explain.c - `cinema explain`: what an operation asks the database. */
#include <cinema/call.h>

#include "cli/call.h"
#include "cli/ops.h"
#include "cli/output.h"

#include <stdlib.h>

static char *question(const cli_args *args)
{
    json_t *in = json_object();
    char *json = NULL;

    if (in && !json_object_set_new(in, "operation", out_string(args->operands.items[0])) &&
        (args->operands.count < 2 ||
         !json_object_set_new(in, "input", out_string(args->operands.items[1]))))
        json = json_dumps(in, JSON_COMPACT);
    json_decref(in);
    return json;
}

static void show_count(const json_t *statement, const char *name, const char *what)
{
    const json_t *n = json_object_get(statement, name);

    if (json_is_integer(n))
        printf("%" JSON_INTEGER_FORMAT " %s", json_integer_value(n), what);
}

static void show_statement(const json_t *s, const char *visits)
{
    bool counted = json_is_integer(json_object_get(s, "rows"));

    putchar('\n');
    out_styled(stdout, OUT_BOLD, ops_text(s, "sql"), 0);
    fputs("\n  ", stdout);
    out_lines(stdout, ops_text(s, "plan"), 2);
    fputs("\n  ", stdout);
    show_count(s, "rows", "rows answered, ");
    show_count(s, "visited", visits);
    puts(counted ? "" : "not run: it changes something");
}

static int show(const char *answer)
{
    json_t *e = json_loads(answer, 0, NULL);
    const json_t *statements = json_object_get(e, "statements");
    const char *who = ops_text(e, "permission");
    const char *visits = ops_text(e, "visits")[0] == 'r' ? "rows looked at" : "steps of SQLite";

    if (!e)
        return cli_no_memory();
    out_styled(stdout, OUT_BOLD, ops_text(e, "operation"), 0);
    printf(" (%s, %s%s): %s, %zu statements on %s\n", ops_text(e, "nature"),
           *who ? "needs " : "for anyone", who, ops_text(e, "outcome"), json_array_size(statements),
           ops_text(e, "engine"));
    for (size_t i = 0; i < json_array_size(statements); i++)
        show_statement(json_array_get(statements, i), visits);
    json_decref(e);
    return CLI_EXIT_OK;
}

static int run(const cli_args *args)
{
    char *json = question(args), *answer = NULL;
    int code = json ? call_operation(args, "explain", json, &answer) : cli_no_memory();

    if (!code && args->json)
        out_json_text(stdout, answer, out_is_terminal());
    else if (!code)
        code = show(answer);
    cinema_text_free(answer);
    free(json);
    return code;
}

static const cli_option options[] = {
    CLI_JSON_OPTION("all of it as JSON"),
    { 0 },
};

const cli_command cli_explain = {
    .name = "explain",
    .summary = "show what an operation asks the database, and how that is carried out",
    .usage = "OPERATION [JSON] [OPTION]...",
    .about = "The operation is run and what it changes is undone. Of each statement it shows the\n"
             "SQL, the plan in the engine's words, and how much was looked at.",
    .examples = "cinema explain movie.list '{\"year_from\": 1990, \"sort\": \"title\"}'\n"
                "cinema explain movie.create '{\"title\": \"Ran\"}' --json",
    .options = options,
    .operands_min = 1,
    .operands_max = 2,
    .run = run,
};
