/* report.h - what was wrong with the lines of a batch, until it is told.
 */
#ifndef IMPORT_REPORT_H
#define IMPORT_REPORT_H

#include "base/field.h"

#include <cinema/import.h>

typedef struct report_entry report_entry;

typedef struct report {
    report_entry *items;
    size_t count, room;
    bool no_memory; /* sticks */
} report;

void report_done(report *r); /* for CLEANUP */
/* Adds a fault, or a warning. */
__attribute__((format(printf, 6, 7))) void report_add(report *r, int64_t line, bool warning,
                                                      const char *where, const char *rule,
                                                      const char *format, ...);
void report_add_all(report *r, int64_t line, const faults *list);
/* Forgets what came after the first `count`. */
void report_cut(report *r, size_t count);
int64_t report_warnings(const report *r);
/* Tells all in the order of the lines and forgets them; gives what the callback gave. */
cinema_status report_tell(report *r, const cinema_import_input *in);

#endif
