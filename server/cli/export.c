/* export.c - `cinema export`: the catalogue as JSON Lines, which `cinema import` reads. */
#include <cinema/export.h>

#include "cli/cli.h"
#include "cli/export_sink.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/stop.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

typedef struct job {
    const cli_args *args;
    export_sink *sink;
    progress progress;
    cinema_export_counts counts;
    bool broken; /* the sink takes no more */
} job;

static cinema_status take_lines(const void *bytes, size_t length, void *user)
{
    job *j = user;

    if (stop_asked())
        return CINEMA_CANCELLED;
    j->broken = !export_sink_write(j->sink, bytes, length);
    return j->broken ? CINEMA_UNAVAILABLE : CINEMA_OK;
}

static cinema_status take_progress(const cinema_export_counts *n, void *user)
{
    job *j = user;

    progress_draw(&j->progress, n->lines, n->lines, n->expected);
    return stop_asked() ? CINEMA_CANCELLED : CINEMA_OK;
}

/* ", 3 films" behind what is there, unless there are none. */
static void add_count(char *line, size_t size, int64_t n, const char *one, const char *many)
{
    char number[32];
    size_t at = strlen(line);

    if (n)
        snprintf(line + at, size - at, "%s%s %s", at ? ", " : "", out_count(n, number),
                 n == 1 ? one : many);
}

static void summary(const job *j)
{
    const cinema_export_counts *n = &j->counts;
    int64_t ms = progress_elapsed_ms(&j->progress);
    char line[300] = "";

    add_count(line, sizeof line, n->genres, "genre", "genres");
    add_count(line, sizeof line, n->people, "person", "people");
    add_count(line, sizeof line, n->movies, "film", "films");
    add_count(line, sizeof line, n->series, "series", "series");
    add_count(line, sizeof line, n->seasons, "season", "seasons");
    add_count(line, sizeof line, n->episodes, "episode", "episodes");
    out_note("%s exported, in %" PRId64 ".%" PRId64 " s.", *line ? line : "Nothing", ms / 1000,
             ms % 1000 / 100);
}

/* Of what was written to a file nothing stays; the old one does. */
static int stopped_early(job *j, cinema_status s, const cinema_error *err)
{
    bool left = export_sink_left(j->sink);
    int code = cli_exit_code(s);

    if (stop_asked()) {
        out_error("stopped by %s", stop_word());
        code = stop_code();
    } else if (j->broken && !left && j->args->output) {
        return export_sink_close(j->sink); /* says why */
    } else if (!j->broken) {
        cli_fail("the export stopped", s, err);
    }
    export_sink_drop(j->sink);
    return left ? CLI_EXIT_OK : code;
}

static int export(job *j, cinema *c)
{
    cinema_export_input in = { .write = take_lines,
                               .progress = take_progress,
                               .user = j,
                               .kinds = { j->args->kinds.items, j->args->kinds.count } };
    cinema_error err = { 0 };

    stop_listen();
    progress_start(&j->progress);
    cinema_status s = cinema_export(c, &in, &j->counts, &err);
    int code = s ? stopped_early(j, s, &err) : export_sink_close(j->sink);
    if (!code && !s)
        summary(j);
    return code;
}

/* "films.jsonl.gz" says it as well. */
static bool is_packed(const cli_args *args)
{
    size_t n = args->output ? strlen(args->output) : 0;
    return args->gzip || (n > 3 && !strcmp(args->output + n - 3, ".gz"));
}

static int run(const cli_args *args)
{
    job j = { .args = args };
    cinema *c = NULL;
    int code;

    if (args->gzip && !args->output && out_is_terminal())
        return cli_usage(args->command, "packed bytes are not for a terminal: add -o FILE");
    if (!(code = cli_open(args, &c)) &&
        !(code = export_sink_open(args->output, is_packed(args), &j.sink)))
        code = export(&j, c);
    cinema_close(c);
    return code;
}

static const cli_option options[] = {
    { .name = "kind",
      CLI_TEXTS_AT(kinds),
      .value = "KIND",
      .one_of = "genre person movie series season episode",
      .help = "only lines of this kind: genre, person, movie, series, season or\n"
              "episode; may be given more than once. Default: all of them" },
    { .name = "output",
      .letter = 'o',
      CLI_TEXT_AT(output),
      .value = "FILE",
      .help = "write there, not to stdout. An old FILE stays until all is written" },
    { .name = "gzip",
      CLI_FLAG_AT(gzip),
      .help = "pack it; a FILE that ends in .gz is packed anyway" },
    { 0 },
};

const cli_command cli_export = {
    .name = "export",
    .summary = "write the whole catalogue as JSON Lines, for 'cinema import'",
    .usage = "[OPTION]...",
    .about =
        "Drafts and archived titles too, with ids, slugs, people and credits: imported into an\n"
        "empty database it gives the same catalogue. Accounts, ratings and revisions are not\n"
        "in it: it is no backup of an installation. The server may go on meanwhile.",
    .examples = "cinema export -o catalogue.jsonl.gz\n"
                "cinema export --kind movie --kind series | jq -r .title\n"
                "cinema export | cinema --database postgres://localhost/films import -",
    .options = options,
    .run = run,
};
