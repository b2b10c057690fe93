/* import.c - `cinema import`: many titles from a JSON Lines file.
 * The library does the work in batches; this end unpacks the file, keeps the report and stops when
 * told to. A batch that was acknowledged stays, so an import that was stopped is simply repeated.
 */
#include <cinema/import.h>

#include "cli/cli.h"
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
    return import_report_add(j->report, fault);
}

static cinema_status take_progress(const cinema_import_counts *counts, void *user)
{
    job *j = user;

    if (stop_asked())
        return CINEMA_CANCELLED;
    progress_draw(&j->progress, counts->lines, import_source_taken(j->source),
                  import_source_length(j->source));
    return CINEMA_OK;
}

/* ---- what people are told -------------------------------------------------------------------- */

static void summary(const job *j)
{
    char created[32], updated[32], unchanged[32], refused[32], lines[32];
    const cinema_import_counts *n = &j->counts;
    int64_t ms = progress_elapsed_ms(&j->progress);

    out_note("%s created, %s updated, %s unchanged, in %" PRId64 ".%" PRId64 " s.",
             out_count(n->created, created), out_count(n->updated, updated),
             out_count(n->unchanged, unchanged), ms / 1000, ms % 1000 / 100);
    if (n->refused)
        out_warning("%s of %s lines %s refused%s%s", out_count(n->refused, refused),
                    out_count(n->lines, lines), n->refused == 1 ? "was" : "were",
                    j->args->report ? "; see " : "", j->args->report ? j->args->report : "");
    if (n->warnings)
        out_note("%s warning%s.", out_count(n->warnings, lines), n->warnings == 1 ? "" : "s");
}

static int counts_json(const job *j, bool complete)
{
    const cinema_import_counts *n = &j->counts;

    return out_json(json_pack("{s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "complete", (int)complete,
                              "lines", (json_int_t)n->lines, "bytes", (json_int_t)n->bytes,
                              "created", (json_int_t)n->created, "updated", (json_int_t)n->updated,
                              "unchanged", (json_int_t)n->unchanged, "refused",
                              (json_int_t)n->refused, "warnings", (json_int_t)n->warnings));
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
    if (j->counts.lines)
        out_more("what was taken is kept; repeating the import goes on and doubles nothing");
    return stop_asked() ? stop_code() : *broken ? import_source_exit(j->source) : cli_exit_code(s);
}

static int finish(job *j, cinema_status s, const cinema_error *err)
{
    int report = import_report_close(j->report);
    int code = s ? stopped_early(j, s, err) : CLI_EXIT_OK;

    if (!s || j->counts.lines)
        summary(j);
    if (j->args->json && counts_json(j, !s))
        code = code ? code : CLI_EXIT_FAILED;
    if (!code)
        code = report ? report : j->counts.refused ? CLI_EXIT_PARTLY : CLI_EXIT_OK;
    return code;
}

static int import(job *j, cinema *c)
{
    cinema_import_input in = { .read = read_bytes,
                               .fault = take_fault,
                               .progress = take_progress,
                               .user = j,
                               .status = j->args->status,
                               .batch = j->args->batch };
    cinema_error err = { 0 };

    stop_listen();
    progress_start(&j->progress);
    cinema_status s = cinema_import(c, &in, &j->counts, &err);
    return finish(j, s, &err);
}

static int run(const cli_args *args)
{
    job j = { .args = args };
    cinema *c = NULL;
    int code;

    if ((code = import_source_open(args->operands.items[0], &j.source)))
        return code;
    if (!(code = cli_open(args, &c)) &&
        !(code = import_report_open(args->report, args->quiet, &j.report)))
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
      CLI_TEXT_AT(status),
      .value = "STATUS",
      .help = "draft, published or archived: of titles whose line says none;\n"
              "default: published" },
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
                "cinema import catalogue.jsonl.xz --report faults.jsonl\n"
                "zstd -dc films.jsonl.zst | cinema import - --status draft",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .operand = "FILE",
    .run = run,
};
