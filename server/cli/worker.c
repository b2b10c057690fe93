/* worker.c - `cinema worker`: does what waits, mail and the like, without a server. */
#include <cinema/worker.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "cli/stop.h"

#include <inttypes.h>

enum { LOOK_MS = 1000 };

static cinema_status take_progress(const cinema_worker_counts *n, void *user)
{
    char line[160];

    (void)user;
    if (out_has_bar()) {
        snprintf(line, sizeof line, "%" PRId64 " done, %" PRId64 " failed", n->done,
                 n->failed + n->dead);
        out_bar(line);
    }
    return stop_asked() ? CINEMA_CANCELLED : CINEMA_OK;
}

static void add(cinema_worker_counts *to, const cinema_worker_counts *n)
{
    to->done += n->done;
    to->failed += n->failed;
    to->dead += n->dead;
}

/* Until nothing is due, or for good. A database that is away may come back. */
static cinema_status work(const cli_args *args, cinema *c, cinema_worker_counts *all,
                          cinema_error *err)
{
    cinema_worker_input in = { .progress = take_progress };
    bool failing = false;
    cinema_status s;

    do {
        cinema_worker_counts n;
        s = cinema_worker_run(c, &in, &n, err);
        add(all, &n);
        if (s && !stop_asked() && !args->once && !failing)
            out_warning("nothing can be done now, trying again: %s", err->message);
        failing = s != CINEMA_OK;
        if (!args->once && !stop_asked())
            cinema_worker_wait(c, LOOK_MS, err);
    } while (!args->once && !stop_asked());
    return stop_asked() ? CINEMA_OK : s;
}

static int show(const cli_args *args, const cinema_worker_counts *n)
{
    out_wipe();
    out_note("%" PRId64 " done, %" PRId64 " to be tried again, %" PRId64 " given up.", n->done,
             n->failed, n->dead);
    if (!args->json)
        return CLI_EXIT_OK;
    return out_json(json_pack("{s:I,s:I,s:I}", "done", (json_int_t)n->done, "failed",
                              (json_int_t)n->failed, "dead", (json_int_t)n->dead));
}

static int run(const cli_args *args)
{
    cinema *c = NULL;
    cinema_worker_counts n = { 0 };
    cinema_error err = { 0 };
    int code;

    if ((code = cli_open(args, &c)))
        return code;
    stop_listen();
    cinema_status s = work(args, c, &n, &err);
    code = show(args, &n);
    if (s)
        code = cli_fail("the work could not go on", s, &err);
    cinema_close(c);
    return code;
}

static const cli_option options[] = {
    { .name = "once",
      CLI_FLAG_AT(once),
      .help = "stop when nothing is due; for cron and the like" },
    CLI_JSON_OPTION("what was done as JSON: {\"done\": 3, \"failed\": 0, \"dead\": 0}"),
    { 0 },
};

const cli_command cli_worker = {
    .name = "worker",
    .summary = "do what waits: mail and the like, and keeping house",
    .usage = "[--once] [OPTION]...",
    .about =
        "A server does this by itself, unless CINEMA_OUTBOX says otherwise; any number of workers\n"
        "may run beside it. What fails is tried again later, so that it is no failure of this\n"
        "command. SIGTERM and Ctrl-C stop it after the job under way, with exit code 0.",
    .examples = "cinema worker\n"
                "cinema worker --once --json",
    .options = options,
    .run = run,
};
