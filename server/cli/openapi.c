/* openapi.c - `cinema openapi`: the description of the HTTP API, without a server. */
#include <cinema/call.h>

#include "cli/call.h"
#include "cli/output.h"

/* The answer is raw bytes, which the JSON door gives as a string. */
static int run(const cli_args *args)
{
    char *answer = NULL;
    int code = call_operation(args, "openapi.show", NULL, &answer);
    json_t *text = code ? NULL : json_loads(answer, JSON_DECODE_ANY, NULL);

    cinema_text_free(answer);
    if (!code && !text)
        return cli_no_memory();
    if (!code)
        out_json_text(stdout, json_string_value(text), args->pretty || out_is_terminal());
    json_decref(text);
    return code;
}

static const cli_option options[] = {
    { .name = "pretty", CLI_FLAG_AT(pretty), .help = "indent it, as on a terminal" },
    { 0 },
};

const cli_command cli_openapi = {
    .name = "openapi",
    .summary = "print the OpenAPI 3.1 document of the HTTP API",
    .usage = "[--pretty]",
    .about =
        "The one that the server gives at /openapi.json. Needs neither a server nor a database.",
    .examples = "cinema openapi > openapi.json\n"
                "cinema openapi | jq -r '.paths | keys[]'",
    .options = options,
    .run = run,
};
