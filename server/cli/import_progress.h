/* import_progress.h - how far an import is, for whoever watches. */
#ifndef CLI_IMPORT_PROGRESS_H
#define CLI_IMPORT_PROGRESS_H

#include <cinema/import.h>

typedef struct import_progress {
    int64_t started_ms, drawn_ms;
    bool wanted; /* somebody watches */
} import_progress;

void import_progress_start(import_progress *p);
int64_t import_progress_elapsed_ms(const import_progress *p);
/* Draws the bar again, at most ten times a second. `length` of the file: -1 when not known. */
void import_progress_draw(import_progress *p, const cinema_import_counts *counts, int64_t taken,
                          int64_t length);

#endif
