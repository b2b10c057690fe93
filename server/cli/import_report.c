/* import_report.c - the faults of an import, in a file or on stderr. */
#include "cli/import_report.h"

#include "cli/cli.h"
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHOWN = 10 };

struct import_report {
    FILE *file;             /* NULL: faults are shown */
    char *path, *temporary; /* NULL temporary: written in place */
    bool quiet;
    int failed;               /* errno of the line that could not be written */
    int64_t faults, warnings; /* seen so far */
};

static void report_free(import_report *r)
{
    if (r->file)
        fclose(r->file);
    free(r->path);
    free(r->temporary);
    free(r);
}

static int report_failed(const import_report *r, int why)
{
    out_error("the report %s could not be written: %s", r->path, strerror(why ? why : EIO));
    return CLI_EXIT_FAILED;
}

/* Whom the name stands for: a link stays a link, what it points to becomes the report. */
static char *resolved(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : strdup(path);
}

static char *beside(const char *path)
{
    size_t size = strlen(path) + 32;
    char *name = malloc(size);

    if (name)
        snprintf(name, size, "%s.%ld.part", path, (long)getpid());
    return name;
}

/* Opens the file; errno says why not. */
static bool report_start(import_report *r)
{
    struct stat about;

    if (stat(r->path, &about) < 0 || S_ISREG(about.st_mode)) {
        if (!(r->temporary = beside(r->path)))
            return false;
    }
    const char *name = r->temporary ? r->temporary : r->path;
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd >= 0 && !(r->file = fdopen(fd, "w")))
        close(fd);
    return r->file != NULL;
}

int import_report_open(const char *path, bool quiet, import_report **ret)
{
    import_report *r = calloc(1, sizeof *r);

    if (!r)
        return cli_no_memory();
    r->quiet = quiet;
    r->path = path ? resolved(path) : NULL;
    if (path && !r->path) {
        report_free(r);
        return cli_no_memory();
    }
    if (path && !report_start(r)) {
        int code = report_failed(r, errno);
        report_free(r);
        return code;
    }
    *ret = r;
    return CLI_EXIT_OK;
}

static void show(const import_report *r, const cinema_import_fault *f)
{
    const char *colon = *f->field ? ": " : "";

    if (f->warning && !r->quiet)
        out_note("line %" PRId64 ": warning: %s%s%s", f->line, f->field, colon, f->message);
    else if (!f->warning)
        out_more("line %" PRId64 ": %s%s%s", f->line, f->field, colon, f->message);
}

static cinema_status write_line(import_report *r, const cinema_import_fault *f)
{
    json_t *line = json_pack("{s:I,s:o,s:o,s:o,s:b}", "line", (json_int_t)f->line, "field",
                             out_string(f->field), "rule", out_string(f->rule), "message",
                             out_string(f->message), "warning", (int)f->warning);

    if (!line)
        return CINEMA_NO_MEMORY;
    int failed = json_dumpf(line, r->file, JSON_COMPACT);
    json_decref(line);
    if (!failed && putc('\n', r->file) != EOF)
        return CINEMA_OK;
    r->failed = errno; /* a full disk, say: told at the end, which is now */
    return CINEMA_UNAVAILABLE;
}

cinema_status import_report_add(import_report *r, const cinema_import_fault *fault)
{
    int64_t *seen = fault->warning ? &r->warnings : &r->faults;

    ++*seen;
    if (r->file)
        return write_line(r, fault);
    if (*seen <= SHOWN)
        show(r, fault);
    return CINEMA_OK;
}

static void tell_rest(const import_report *r)
{
    char text[32];

    if (r->faults > SHOWN)
        out_more("... and %s more faults; --report FILE keeps all of them",
                 out_count(r->faults - SHOWN, text));
    if (r->warnings > SHOWN)
        out_note("... and %s more warnings; --report FILE keeps all of them",
                 out_count(r->warnings - SHOWN, text));
}

/* Everything on the disk before the old report goes. A pipe cannot be synced: no matter. */
static bool finish(import_report *r)
{
    FILE *file = r->file;

    errno = 0;
    bool good = !fflush(file) && !ferror(file) && (!fsync(fileno(file)) || !r->temporary);
    r->file = NULL;
    good = !fclose(file) && good;
    return good && (!r->temporary || !rename(r->temporary, r->path));
}

int import_report_close(import_report *r)
{
    int code = CLI_EXIT_OK;

    if (!r)
        return code;
    if (!r->file)
        tell_rest(r);
    else if (!finish(r))
        code = report_failed(r, r->failed ? r->failed : errno);
    report_free(r);
    return code;
}
