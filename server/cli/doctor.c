/* doctor.c - `cinema doctor`: what is wrong with an installation, and what mends it. */
#include "cli/cli.h"
#include "cli/output.h"

#include <cinema/admin.h>
#include <string.h>

static out_style style_of(const char *severity)
{
    return !strcmp(severity, "error")     ? OUT_RED
           : !strcmp(severity, "warning") ? OUT_YELLOW
                                          : OUT_GREEN;
}

static void show(const cinema_finding *f)
{
    out_styled(stdout, style_of(f->severity), f->severity, 9);
    out_styled(stdout, OUT_BOLD, f->subject, 0);
    fputs(": ", stdout);
    out_text(stdout, f->detail);
    putchar('\n');
    if (!*f->mend)
        return;
    fputs("         -> ", stdout);
    out_text(stdout, f->mend);
    putchar('\n');
}

static json_t *finding_json(const cinema_finding *f)
{
    return json_pack("{s:o,s:o,s:o,s:o}", "subject", out_string(f->subject), "severity",
                     out_string(f->severity), "detail", out_string(f->detail), "mend",
                     out_string(f->mend));
}

static int show_json(const cinema_findings *all)
{
    json_t *list = json_array();

    for (size_t i = 0; i < all->count; i++)
        if (json_array_append_new(list, finding_json(all->items[i]))) {
            json_decref(list);
            return cli_no_memory();
        }
    return out_json(json_pack("{s:I,s:I,s:o}", "errors", (json_int_t)all->errors, "warnings",
                              (json_int_t)all->warnings, "findings", list));
}

static int report(const cli_args *args, const cinema_findings *all)
{
    int code = args->json ? show_json(all) : CLI_EXIT_OK;

    for (size_t i = 0; !args->json && i < all->count; i++)
        show(all->items[i]);
    if (all->errors || all->warnings)
        out_note("%zu error%s, %zu warning%s.", all->errors, all->errors == 1 ? "" : "s",
                 all->warnings, all->warnings == 1 ? "" : "s");
    else
        out_note("All is well.");
    return code ? code : all->errors ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

/* What keeps the handle from being opened is a finding like others: it is what doctor is for. */
static int cannot_open(const cli_args *args, cinema_status s, const cinema_error *err)
{
    const cinema_finding f = {
        .subject = err->field[0] ? err->field : "settings",
        .severity = "error",
        .detail = err->message[0] ? err->message : cinema_status_describe((int)s)->title,
        .mend = "correct or remove it, then run 'cinema doctor' again for the rest",
    };
    const cinema_finding *items[] = { &f };
    const cinema_findings all = { .items = items, .count = 1, .errors = 1 };

    return report(args, &all);
}

static int run(const cli_args *args)
{
    cinema *c = NULL;
    cinema_findings *all = NULL;
    cinema_error err;
    cinema_status s = cli_open_quietly(args, &c, &err);

    if (s)
        return cannot_open(args, s, &err);
    s = cinema_doctor(c, &all, &err);
    int code = s ? cli_fail("the check-up could not be made", s, &err) : report(args, all);
    cinema_findings_free(all);
    cinema_close(c);
    return code;
}

static const cli_option options[] = {
    CLI_JSON_OPTION("the findings as JSON: {\"errors\": 0, \"warnings\": 0, \"findings\": [...]}"),
    { 0 },
};

const cli_command cli_doctor = {
    .name = "doctor",
    .summary = "check settings, data folder and database, and say what mends them",
    .usage = "[OPTION]...",
    .about = "Changes nothing and shows no secret. Exit code 1 when an error was found; warnings\n"
             "alone are no failure.",
    .examples = "cinema doctor\n"
                "cinema doctor --data-dir /var/lib/cinema\n"
                "cinema doctor --json",
    .options = options,
    .run = run,
};
