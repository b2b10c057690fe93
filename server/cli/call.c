/* call.c - `cinema call`: any operation by its name, JSON in, JSON out.
 * The answer is the only thing on stdout. A problem goes to stderr, in words or, with
 * --json-errors, as the problem document.
 */
#include <cinema/call.h>

#include "cli/call.h"
#include "cli/ops.h"
#include "cli/output.h"
#include "cli/read.h"

#include <stdlib.h>
#include <string.h>

/* ---- what was wrong, in words ---------------------------------------------------------------- */

static void tell_faults(const json_t *faults)
{
    size_t i;
    const json_t *fault;

    json_array_foreach(faults, i, fault)
    {
        const char *field = json_string_value(json_object_get(fault, "field"));
        const char *message = json_string_value(json_object_get(fault, "message"));
        out_more("%s%s%s", field ? field : "", field && *field ? ": " : "", message ? message : "");
    }
}

static void tell(const char *op, const char *problem, cinema_status s, const cinema_error *err)
{
    json_t *document = problem ? json_loads(problem, 0, NULL) : NULL;
    const json_t *faults = json_object_get(document, "errors");
    const char *title = cinema_status_describe((int)s)->title;

    if (json_array_size(faults)) {
        out_error("%s: %s", op, title);
        tell_faults(faults);
    } else {
        out_error("%s: %s", op, err->message[0] ? err->message : title);
    }
    json_decref(document);
}

static int refused(const cli_args *args, const char *op, const char *problem, cinema_status s,
                   const cinema_error *err)
{
    bool unknown = !strcmp(err->reason, "unknown_operation");

    if (args->json_errors && problem)
        out_json_text(stderr, problem, args->pretty);
    else if (unknown)
        return cli_usage(args->command, "%s; 'cinema ops' lists them", err->message);
    else
        tell(op, problem, s, err);
    return unknown ? CLI_EXIT_USAGE : cli_exit_code(s);
}

int call_operation(const cli_args *args, const char *op, const char *json, char **ret)
{
    cinema_caller caller = { .system = !args->as || !strcmp(args->as, "system") };
    cinema_error err = { 0 };
    cinema *c = NULL;
    int code;

    if ((code = cli_open(args, &c)))
        return code;
    cinema_status s = cinema_call(c, &caller, op, json, ret, &err);
    cinema_close(c);
    if (!s)
        return CLI_EXIT_OK;
    code = refused(args, op, *ret, s, &err);
    cinema_text_free(*ret);
    *ret = NULL;
    return code;
}

/* ---- where the input comes from -------------------------------------------------------------- */

/* "-": stdin, "@FILE", or the JSON itself. */
static int input_text(const char *input, char **ret)
{
    if (!strcmp(input, "-"))
        return read_file("-", ret);
    if (*input == '@')
        return read_file(input + 1, ret);
    *ret = strdup(input);
    return *ret ? CLI_EXIT_OK : cli_no_memory();
}

/* ---- the command ----------------------------------------------------------------------------- */

static int run(const cli_args *args)
{
    const char *op = args->operands.count ? args->operands.items[0] : NULL;
    char *input = NULL, *answer = NULL;
    int code;

    if (args->list)
        return ops_list(args);
    if (!op)
        return cli_usage(args->command, "which operation? 'cinema ops' lists them");
    if (args->input && (code = input_text(args->input, &input)))
        return code;
    if (!(code = call_operation(args, op, input, &answer)))
        out_json_text(stdout, answer, args->pretty || out_is_terminal());
    cinema_text_free(answer);
    free(input);
    return code;
}

static const cli_option options[] = {
    { .name = "json",
      CLI_TEXT_AT(input),
      .value = "JSON|@FILE|-",
      .help = "the input: one JSON object; path parameters, query and body\n"
              "members together. @FILE reads a file, - stdin; default: {}" },
    { .name = "as",
      CLI_TEXT_AT(as),
      .value = "WHO",
      .one_of = "nobody system",
      .help = "nobody: only what anyone may do; default: system, everything" },
    { .name = "pretty", CLI_FLAG_AT(pretty), .help = "indent the JSON, as on a terminal" },
    { .name = "json-errors",
      CLI_FLAG_AT(json_errors),
      .help = "tell a problem on stderr as JSON (RFC 9457), not in words" },
    { .name = "list", CLI_FLAG_AT(list), .help = "list the operations, as 'cinema ops' does" },
    { 0 },
};

const cli_command cli_call = {
    .name = "call",
    .summary = "run one operation: JSON in, JSON out",
    .usage = "OPERATION [OPTION]...",
    .about = "'cinema call OPERATION --help' shows what an operation takes. The answer goes to\n"
             "stdout, a problem to stderr; the exit code tells which kind (help exit-codes).",
    .examples = "cinema call movie.get --json '{\"title_id\": \"the-third-man-1949\"}'\n"
                "cinema call movie.create --json @film.json\n"
                "echo '{\"limit\": 5}' | cinema call movie.list --json - --as nobody\n"
                "cinema call movie.create --help",
    .options = options,
    .operands_max = 1,
    .operand = "OPERATION",
    .run = run,
    .help_on = ops_help,
};
