/* import_report.h - where the faults of an import go: a file, or the first few on stderr. */
#ifndef CLI_IMPORT_REPORT_H
#define CLI_IMPORT_REPORT_H

#include <cinema/import.h>

typedef struct import_report import_report;

/* Opens the report: JSON Lines, one fault a line. It is written beside `path` and gets that name
 * when closed, so that a report is never seen half written; what is no file (/dev/stderr) is
 * written to directly. NULL `path`: the first faults are shown instead. `quiet`: of those only the
 * ones that refuse a line. Complains and gives the exit code where that fails. */
int import_report_open(const char *path, bool quiet, import_report **ret);
/* For cinema_import_input.fault. */
cinema_status import_report_add(import_report *r, const cinema_import_fault *fault);
/* Puts the report in place, or says how many faults were not shown. Frees `r`, takes NULL. */
int import_report_close(import_report *r);

#endif
