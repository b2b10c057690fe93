/* import_report.c - the faults of an import, in a file or on stderr. */
#include "cli/import_report.h"

#include "cli/cli.h"
#include "cli/output.h"
#include "cli/save.h"

#include <inttypes.h>
#include <stdlib.h>

enum { SHOWN = 10 };

struct import_report {
    save *file; /* NULL: faults are shown */
    bool quiet;
    int64_t faults, warnings; /* seen so far */
};

int import_report_open(const char *path, bool quiet, import_report **ret)
{
    import_report *r = calloc(1, sizeof *r);
    int code;

    if (!r)
        return cli_no_memory();
    r->quiet = quiet;
    if (path && (code = save_open(path, "the report", &r->file))) {
        free(r);
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
    int failed = json_dumpf(line, save_file(r->file), JSON_COMPACT);
    json_decref(line);
    if (!failed && putc('\n', save_file(r->file)) != EOF)
        return CINEMA_OK;
    save_failed(r->file); /* a full disk, say: told at the end, which is now */
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

int import_report_close(import_report *r)
{
    int code = CLI_EXIT_OK;

    if (!r)
        return code;
    if (r->file)
        code = save_close(r->file);
    else
        tell_rest(r);
    free(r);
    return code;
}
