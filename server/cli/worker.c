/* worker.c - `cinema worker`: does what waits, mail and the like, without a server; and what was
 * given up. */
#include <cinema/worker.h>

#include "cli/act.h"
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

static int do_work(const cli_args *args)
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

/* ---- what was given up ----------------------------------------------------------------------- */

static void show_dead(const json_t *page)
{
    const json_t *items = json_object_get(page, "items"), *one;
    size_t i;

    json_array_foreach(items, i, one)
    {
        out_styled(stdout, OUT_BOLD, act_text(one, "id"), act_width(items, "id"));
        out_styled(stdout, OUT_PLAIN, act_text(one, "kind"), act_width(items, "kind"));
        out_styled(stdout, OUT_PLAIN, act_text(one, "ended_at"), 26);
        out_styled(stdout, OUT_DIM, act_text(one, "error"), 0);
        putchar('\n');
    }
    if (!json_array_size(items))
        out_note("Nothing was given up in the last month.");
    else if (json_is_string(json_object_get(page, "next")))
        out_note("There are more; --limit N shows up to N, at most 100.");
}

static int dead(const cli_args *args)
{
    json_t *in = args->limit ? json_pack("{s:I}", "limit", (json_int_t)args->limit) : json_object();
    return act_tell(args, "dead_letter.list", in, show_dead);
}

static void show_retried(const json_t *answer)
{
    char text[32];

    out_note("%s waiting again.",
             out_count(json_integer_value(json_object_get(answer, "retried")), text));
}

static int retry(const cli_args *args)
{
    const char *id = act_operand(args);
    int code;

    if (!id == !args->all)
        return cli_usage(args->command,
                         "'worker retry' needs an id, as 'worker dead' shows it, or --all");
    if (!id)
        return act_tell(args, "dead_letter.retry_all", json_object(), show_retried);
    code = act_tell(args, "dead_letter.retry", act_about(args, "dead_letter_id"), NULL);
    if (!code)
        out_note("1 waiting again.");
    return code;
}

static const cli_act acts[] = {
    { "dead", 0, 0, NULL, dead },
    { "retry", 0, 1, NULL, retry },
};

static int run(const cli_args *args)
{
    return args->operands.count ? act_run(args, acts, sizeof acts / sizeof *acts) : do_work(args);
}

static const cli_option options[] = {
    { .name = "once",
      CLI_FLAG_AT(once),
      .help = "stop when nothing is due; for cron and the like" },
    { .name = "all", CLI_FLAG_AT(all), .help = "retry: all that was given up" },
    { .name = "limit",
      CLI_NUMBER_AT(limit),
      .value = "N",
      .help = "dead: at most so many, up to 100; default: 20" },
    CLI_JSON_OPTION("what was done as JSON: {\"done\": 3, \"failed\": 0, \"dead\": 0};\n"
                    "dead, retry --all: the answer as the HTTP API gives it"),
    { 0 },
};

const cli_command cli_worker = {
    .name = "worker",
    .summary = "do what waits: mail and the like, and keeping house",
    .usage = "[--once] | dead | retry ID|--all [OPTION]...",
    .about =
        "A server does this by itself, unless CINEMA_OUTBOX says otherwise; any number of workers\n"
        "may run beside it. What fails is tried again later, so that it is no failure of this\n"
        "command. SIGTERM and Ctrl-C stop it after the job under way, with exit code 0.\n"
        "What has failed too often, or cannot succeed, is given up and kept for a month: 'dead'\n"
        "shows it and why, the last first; 'retry' lets it wait again, due at once, when what was\n"
        "wrong has been mended. It is done by a server, or by the next 'cinema worker'.",
    .examples = "cinema worker\n"
                "cinema worker --once --json\n"
                "cinema worker dead\n"
                "cinema worker retry --all",
    .options = options,
    .operands_max = SIZE_MAX,
    .operand = "dead retry",
    .run = run,
};
