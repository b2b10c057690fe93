/* import.c - `cinema import`: many titles from a JSON Lines file.
 * The library does the work in batches; this end unpacks the file, keeps the report and stops when
 * told to. A batch that was acknowledged stays, so an import that was stopped is simply repeated.
 * --status is a dry run of which only the counts are told.
 */
#include <cinema/import.h>

#include "cli/cli.h"
#include "cli/import_last.h"
#include "cli/import_report.h"
#include "cli/import_source.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/stop.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

typedef struct job {
    const cli_args *args;
    import_source *source;
    import_report *report;
    import_last last; /* not of dry runs */
    progress progress;
    cinema_import_counts counts;
} job;

/* ---- what the library calls ------------------------------------------------------------------ */

static int64_t read_bytes(void *bytes, size_t room, void *user)
{
    job *j = user;
    int64_t n;

    do
        n = import_source_read(j->source, bytes, room);
    while (n < 0 && !stop_asked() && !import_source_error(j->source)[0]); /* another signal */
    return n;
}

static cinema_status take_fault(const cinema_import_fault *fault, void *user)
{
    job *j = user;
    return j->report ? import_report_add(j->report, fault) : CINEMA_OK;
}

static cinema_status take_progress(const cinema_import_counts *counts, void *user)
{
    job *j = user;

    import_last_tell(&j->last, counts, "running");
    if (stop_asked())
        return CINEMA_CANCELLED;
    progress_draw(&j->progress, counts->lines, import_source_taken(j->source),
                  import_source_length(j->source));
    return CINEMA_OK;
}

/* ---- what people are told -------------------------------------------------------------------- */

/* What of the file is there, as a table. */
static void show_status(const job *j)
{
    char text[32];
    const cinema_import_counts *n = &j->counts;
    const struct {
        const char *what;
        int64_t count;
    } rows[] = {
        { "in the database as the file says", n->unchanged },
        { "in the database, but different", n->updated },
        { "not in the database yet", n->created },
        { "no good: they would be refused", n->refused },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        printf("%12s  %s\n", out_count(rows[i].count, text), rows[i].what);
    if (n->updated || n->created)
        out_note("'cinema import %s' brings in the rest.", j->args->operands.items[0]);
}

static void summary(const job *j)
{
    const char *would = j->args->dry_run ? " would be" : "";
    char created[32], updated[32], unchanged[32], refused[32], lines[32];
    const cinema_import_counts *n = &j->counts;
    int64_t ms = progress_elapsed_ms(&j->progress);

    out_note("%s%s created, %s updated, %s unchanged, in %" PRId64 ".%" PRId64 " s.",
             out_count(n->created, created), would, out_count(n->updated, updated),
             out_count(n->unchanged, unchanged), ms / 1000, ms % 1000 / 100);
    if (n->refused)
        out_warning("%s of %s lines %s refused%s%s", out_count(n->refused, refused),
                    out_count(n->lines, lines),
                    *would            ? "would be"
                    : n->refused == 1 ? "was"
                                      : "were",
                    j->args->report ? "; see " : "", j->args->report ? j->args->report : "");
    if (n->warnings)
        out_note("%s warning%s.", out_count(n->warnings, lines), n->warnings == 1 ? "" : "s");
    if (*would)
        out_note("A dry run: nothing was written.");
}

static bool is_dry(const cli_args *args)
{
    return args->dry_run || (args->status && !*args->status);
}

static int counts_json(const job *j, bool complete)
{
    const cinema_import_counts *n = &j->counts;

    return out_json(json_pack("{s:b,s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "complete", (int)complete,
                              "dry_run", (int)is_dry(j->args), "lines", (json_int_t)n->lines,
                              "bytes", (json_int_t)n->bytes, "created", (json_int_t)n->created,
                              "updated", (json_int_t)n->updated, "unchanged",
                              (json_int_t)n->unchanged, "refused", (json_int_t)n->refused,
                              "warnings", (json_int_t)n->warnings));
}

/* Why it stopped early, in words; the exit code. */
static int stopped_early(const job *j, cinema_status s, const cinema_error *err)
{
    const char *broken = import_source_error(j->source);

    if (stop_asked())
        out_error("stopped by %s", stop_word());
    else if (*broken)
        out_error("%s", broken);
    else
        cli_fail("the import stopped", s, err);
    if (j->counts.lines && !is_dry(j->args))
        out_more("what was taken is kept; repeating the import goes on and doubles nothing");
    return stop_asked() ? stop_code() : *broken ? import_source_exit(j->source) : cli_exit_code(s);
}

static int finish(job *j, cinema_status s, const cinema_error *err)
{
    bool status = j->args->status && !*j->args->status;
    int report = import_report_close(j->report);
    int code = s ? stopped_early(j, s, err) : CLI_EXIT_OK;

    if (status && !s && !j->args->json)
        show_status(j);
    if (!status && (!s || j->counts.lines))
        summary(j);
    if (j->args->json && counts_json(j, !s))
        code = code ? code : CLI_EXIT_FAILED;
    if (!code)
        code = report ? report : j->counts.refused && !status ? CLI_EXIT_PARTLY : CLI_EXIT_OK;
    return code;
}

static int import(job *j, cinema *c)
{
    const char *status = j->args->status;
    cinema_import_input in = { .read = read_bytes,
                               .fault = take_fault,
                               .progress = take_progress,
                               .user = j,
                               .status = status && *status ? status : NULL,
                               .batch = j->args->batch,
                               .dry_run = is_dry(j->args) };
    cinema_error err = { 0 };

    stop_listen();
    progress_start(&j->progress);
    if (!in.dry_run)
        import_last_start(&j->last, c, j->args->operands.items[0]);
    cinema_status s = cinema_import(c, &in, &j->counts, &err);
    if (!s || j->counts.lines)
        import_last_tell(&j->last, &j->counts, !s ? "done" : stop_asked() ? "stopped" : "failed");
    import_last_done(&j->last);
    return finish(j, s, &err);
}

static int last(const cli_args *args)
{
    cinema *c = NULL;
    int code = cli_open(args, &c);

    if (!code)
        code = import_last_show(args, c);
    cinema_close(c);
    return code;
}

static int run(const cli_args *args)
{
    bool status = args->status && !*args->status;
    job j = { .args = args };
    cinema *c = NULL;
    int code;

    if (!args->operands.count && !status)
        return cli_usage(args->command, "something is missing: cinema import %s",
                         args->command->usage);
    if (!args->operands.count)
        return last(args);
    if ((code = import_source_open(args->operands.items[0], &j.source)))
        return code;
    if (!(code = cli_open(args, &c)) &&
        ((status && !args->report) ||
         !(code = import_report_open(args->report, args->quiet, &j.report))))
        code = import(&j, c);
    cinema_close(c);
    import_source_close(j.source);
    return code;
}

static const cli_option options[] = {
    { .name = "report",
      CLI_TEXT_AT(report),
      .value = "FILE",
      .help = "write every fault there, as JSON Lines: line, field, rule,\n"
              "message, warning. Without it the first ten are shown" },
    { .name = "status",
      CLI_WORD_AT(status),
      .value = "[STATUS]",
      .one_of = "draft published archived",
      .help = "draft, published or archived: of titles whose line says none;\n"
              "default: published. Alone: tell what of FILE is in already, or,\n"
              "without FILE, what the last import did; and write nothing" },
    { .name = "dry-run",
      CLI_FLAG_AT(dry_run),
      .help = "check all of it against the database, tell the same, and write\n"
              "nothing" },
    { .name = "batch",
      CLI_NUMBER_AT(batch),
      .value = "N",
      .help = "lines in one transaction; default: 500" },
    CLI_JSON_OPTION("the counts as JSON on stdout"),
    { 0 },
};

const cli_command cli_import = {
    .name = "import",
    .summary = "bring in titles from a JSON Lines file (plain, .gz or .xz)",
    .usage = "FILE|- [OPTION]...",
    .about =
        "'-' reads from stdin. A line that is no good is reported and left out; the others are\n"
        "taken. What is there already is updated instead of doubled, so an import may be\n"
        "repeated. Ctrl-C stops after the batch under way. Exit code 3: some lines were\n"
        "refused.",
    .examples = "cinema import examples/data/sample.jsonl\n"
                "cinema import catalogue.jsonl.xz --dry-run --report faults.jsonl\n"
                "cinema import catalogue.jsonl.xz --status\n"
                "zstd -dc films.jsonl.zst | cinema import - --status draft",
    .options = options,
    .operands_max = 1,
    .operand = "FILE",
    .run = run,
};
