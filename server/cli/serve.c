/* serve.c - `cinema serve`: the HTTP server on the catalogue. The transport is server/serve.h. */
#include "serve.h"

#include <cinema/admin.h>

#include "cli/cli.h"
#include "cli/output.h"

#include <stdlib.h>
#include <unistd.h>

/* The schema as this library wants it; or a word about its not being so. */
static int prepare(const cli_args *args, cinema *c)
{
    cinema_migrations *all = NULL;
    cinema_error err = { 0 };
    cinema_status s =
        args->no_migrate ? cinema_schema_status(c, &all, &err) : cinema_migrate(c, &all, &err);

    if (s)
        return cli_fail("the database is not ready", s, &err);
    if (all->pending)
        out_warning("the schema is not up to date (%zu missing); 'cinema migrate' mends that",
                    all->pending);
    cinema_migrations_free(all);
    return CLI_EXIT_OK;
}

static int tell_token(cinema *c)
{
    char path[4096];
    cinema_error err = { 0 };
    cinema_status s = cinema_setup_token_path(c, path, sizeof path, &err);

    if (s)
        return cli_fail("the setup token could not be made", s, &err);
    out_note("Writing over HTTP needs the token in %s", path);
    return CLI_EXIT_OK;
}

static void tell_url(const char *url, void *user)
{
    (void)user;
    out_note("Serving %s (Ctrl-C stops)", url);
}

static int run(const cli_args *args)
{
    serve_options options = { .on_ready = tell_url,
                              .log = args->verbose ? "debug"
                                     : args->quiet ? "warning"
                                                   : NULL };
    cinema *c = NULL;
    int code;

    if ((code = cli_open(args, &c)))
        return code;
    if (!(code = prepare(args, c)) && !(code = tell_token(c)))
        code = serve_run(c, &options);
    if (code == SERVE_BROKEN_OFF)
        _exit(out_close(CLI_EXIT_FAILED)); /* other threads still use the handle */
    cinema_close(c);
    return code;
}

static const cli_option options[] = {
    { .name = "listen",
      CLI_TEXT_AT(listen),
      .value = "HOST:PORT",
      .setting = "CINEMA_LISTEN",
      .help = "where to listen; port 0 takes a free one;\n"
              "default: CINEMA_LISTEN, or 127.0.0.1:8080" },
    { .name = "no-migrate",
      CLI_FLAG_AT(no_migrate),
      .help = "leave the schema of the database as it is" },
    { .name = "pid-file",
      CLI_TEXT_AT(pid_file),
      .value = "FILE",
      .setting = "CINEMA_PID_FILE",
      .help = "write the process id there while serving" },
    { 0 },
};

const cli_command cli_serve = {
    .name = "serve",
    .summary = "run the HTTP server",
    .usage = "[OPTION]...",
    .about =
        "Brings the schema up to date first. The URL and the path of the setup token are told\n"
        "on stderr; the token itself never is. SIGTERM and Ctrl-C stop it after the requests\n"
        "under way, with exit code 0.",
    .examples = "cinema serve\n"
                "cinema serve --listen 0.0.0.0:8080 --data-dir /var/lib/cinema\n"
                "cinema serve --no-migrate --pid-file /run/cinema.pid",
    .options = options,
    .run = run,
};
