/* import_last.c - the file that keeps what the last import did, and what is told of it. */
#include "cli/import_last.h"

#include "cli/output.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static char *path_of(cinema *c)
{
    const char *folder = cinema_setting(c, "CINEMA_DATA_DIR");
    size_t size = folder ? strlen(folder) + sizeof "/import.json" : 0;
    char *path = folder ? malloc(size) : NULL;

    if (path)
        snprintf(path, size, "%s/import.json", folder);
    return path;
}

/* ---- keeping it ------------------------------------------------------------------------------ */

void import_last_start(import_last *l, cinema *c, const char *file)
{
    char *real = strcmp(file, "-") ? realpath(file, NULL) : NULL;

    *l = (import_last){ .path = path_of(c), .started_at = now_ms() };
    l->file = real ? real : strdup(file);
}

void import_last_done(import_last *l)
{
    free(l->path);
    free(l->file);
}

static json_t *time_json(int64_t ms)
{
    char text[32];
    return json_string(out_time(ms, text));
}

static json_t *record(const import_last *l, const cinema_import_counts *n, const char *state)
{
    return json_pack("{s:o,s:s,s:I,s:o,s:o,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "file",
                     out_string(l->file), "state", state, "pid", (json_int_t)getpid(), "started_at",
                     time_json(l->started_at), "changed_at", time_json(l->written_at), "lines",
                     (json_int_t)n->lines, "bytes", (json_int_t)n->bytes, "created",
                     (json_int_t)n->created, "updated", (json_int_t)n->updated, "unchanged",
                     (json_int_t)n->unchanged, "refused", (json_int_t)n->refused, "warnings",
                     (json_int_t)n->warnings);
}

/* Whoever reads meanwhile sees the old file or the new one. */
static void put(const import_last *l, const json_t *value)
{
    size_t size = strlen(l->path) + 32;
    char *draft = malloc(size);

    if (!draft)
        return;
    snprintf(draft, size, "%s.%ld.part", l->path, (long)getpid());
    if (json_dump_file(value, draft, JSON_COMPACT) || rename(draft, l->path))
        unlink(draft);
    free(draft);
}

void import_last_tell(import_last *l, const cinema_import_counts *counts, const char *state)
{
    int64_t now = now_ms();

    if (!l->path || !l->file || (!strcmp(state, "running") && now - l->written_at < 1000))
        return;
    l->written_at = now;
    json_t *value = record(l, counts, state);
    if (value)
        put(l, value);
    json_decref(value);
}

/* ---- telling it ------------------------------------------------------------------------------ */

static int64_t number(const json_t *r, const char *name)
{
    return json_integer_value(json_object_get(r, name));
}

static const char *text(const json_t *r, const char *name)
{
    const char *value = json_string_value(json_object_get(r, name));
    return value ? value : "";
}

/* One that says it runs and is not there has been killed, or the machine went down. */
static const char *state_of(const json_t *r)
{
    const char *state = text(r, "state");
    pid_t pid = (pid_t)number(r, "pid");

    if (strcmp(state, "running") != 0 || pid <= 0)
        return state;
    return kill(pid, 0) && errno == ESRCH ? "interrupted" : state;
}

static int show(const json_t *r)
{
    char lines[32], created[32], updated[32], unchanged[32], refused[32];
    const char *state = state_of(r), *file = text(r, "file");
    const char *when = text(r, "changed_at");

    out_styled(stdout, OUT_BOLD, file, 0);
    printf("\n  %s %s %s, begun %s\n", state, strcmp(state, "running") ? "at" : "as of", when,
           text(r, "started_at"));
    printf("  %s lines: %s created, %s updated, %s unchanged, %s refused\n",
           out_count(number(r, "lines"), lines), out_count(number(r, "created"), created),
           out_count(number(r, "updated"), updated), out_count(number(r, "unchanged"), unchanged),
           out_count(number(r, "refused"), refused));
    if (strcmp(state, "done") != 0 && strcmp(state, "running") != 0)
        out_note("Repeating the import goes on and doubles nothing.");
    return CLI_EXIT_OK;
}

int import_last_show(const cli_args *args, cinema *c)
{
    char *path = path_of(c);
    json_t *r = path ? json_load_file(path, 0, NULL) : NULL;
    int code = CLI_EXIT_OK;

    if (r && args->json) {
        json_object_set_new(r, "state", json_string(state_of(r)));
        code = out_json(json_incref(r));
    } else if (r) {
        code = show(r);
    } else if (args->json) {
        code = out_json(json_null());
    }
    if (!r)
        out_note("Nothing was imported with this data folder yet.");
    json_decref(r);
    free(path);
    return code;
}
