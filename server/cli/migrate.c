/* migrate.c - `cinema migrate`: brings the schema of the database up to date. */
#include "cli/cli.h"
#include "cli/output.h"

#include <cinema/admin.h>
#include <inttypes.h>
#include <string.h>

static json_t *step_json(const cinema_migration *m)
{
    char text[32];
    json_t *at =
        m->applied_at == CINEMA_ABSENT ? json_null() : json_string(out_time(m->applied_at, text));

    return json_pack("{s:I,s:o,s:o}", "version", (json_int_t)m->version, "name",
                     out_string(m->name), "applied_at", at);
}

static int show_json(const cinema_migrations *all)
{
    json_t *steps = json_array();

    for (size_t i = 0; i < all->count; i++)
        if (json_array_append_new(steps, step_json(all->items[i]))) {
            json_decref(steps);
            return cli_no_memory();
        }
    return out_json(json_pack("{s:I,s:o}", "pending", (json_int_t)all->pending, "steps", steps));
}

static int show_table(const cinema_migrations *all)
{
    char text[32];

    for (size_t i = 0; i < all->count; i++) {
        const cinema_migration *m = all->items[i];
        bool pending = m->applied_at == CINEMA_ABSENT;
        printf("%04" PRId64 "  ", m->version);
        out_styled(stdout, pending ? OUT_YELLOW : OUT_PLAIN,
                   pending ? "pending" : out_time(m->applied_at, text), 24);
        fputs("  ", stdout);
        out_text(stdout, m->name);
        putchar('\n');
    }
    return CLI_EXIT_OK;
}

static int status(const cli_args *args, cinema *c)
{
    cinema_migrations *all = NULL;
    cinema_error err = { 0 };
    cinema_status s = cinema_schema_status(c, &all, &err);

    if (s)
        return cli_fail("the schema could not be read", s, &err);
    int code = args->json ? show_json(all) : show_table(all);
    if (all->pending)
        out_note("%zu of %zu not applied yet; 'cinema migrate' does it.", all->pending, all->count);
    else
        out_note("The schema is up to date.");
    cinema_migrations_free(all);
    return code;
}

static int apply(const cli_args *args, cinema *c)
{
    cinema_migrations *before = NULL, *now = NULL;
    cinema_error err = { 0 };
    cinema_status s;

    if ((s = cinema_schema_status(c, &before, &err)) || (s = cinema_migrate(c, &now, &err))) {
        cinema_migrations_free(before);
        return cli_fail("the schema could not be brought up to date", s, &err);
    }
    int code = args->json ? show_json(now) : CLI_EXIT_OK;
    size_t done = before->pending - now->pending;
    if (done)
        out_note("Applied %zu step%s; the schema is up to date.", done, done == 1 ? "" : "s");
    else
        out_note("The schema is up to date already.");
    cinema_migrations_free(before);
    cinema_migrations_free(now);
    return code;
}

static int run(const cli_args *args)
{
    const char *word = args->operands.count ? args->operands.items[0] : NULL;
    cinema *c = NULL;
    int code;

    if (word && strcmp(word, "status") != 0)
        return cli_usage(args->command, "after migrate only 'status' may stand, not '%s'", word);
    if ((code = cli_open(args, &c)))
        return code;
    code = word ? status(args, c) : apply(args, c);
    cinema_close(c);
    return code;
}

static const cli_option options[] = {
    CLI_JSON_OPTION("the steps as JSON: {\"pending\": 0, \"steps\": [...]}"),
    { 0 },
};

const cli_command cli_migrate = {
    .name = "migrate",
    .summary = "bring the database's schema up to date, or show how it stands",
    .usage = "[status] [OPTION]...",
    .about = "Each step is a transaction of its own and is applied once, also when several\n"
             "processes start this together. 'status' changes nothing.",
    .examples = "cinema migrate\n"
                "cinema migrate status\n"
                "cinema migrate status --json",
    .options = options,
    .operands_max = 1,
    .operand = "status",
    .run = run,
};
