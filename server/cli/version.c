/* version.c - `cinema version`. */
#include "cli/cli.h"
#include "cli/output.h"

static int run(const cli_args *args)
{
    if (args->json)
        return out_json(json_pack("{s:s}", "version", cinema_version()));
    printf("cinema %s\n", cinema_version());
    return CLI_EXIT_OK;
}

static const cli_option options[] = { CLI_JSON_OPTION("as JSON: {\"version\": ...}"), { 0 } };

const cli_command cli_version = {
    .name = "version",
    .summary = "show the version",
    .usage = "[--json]",
    .examples = "cinema version\n"
                "cinema version --json",
    .options = options,
    .run = run,
};
