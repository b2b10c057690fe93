/* progress.h - how far an import or export is, for whoever watches. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress {
    int64_t started_ms, drawn_ms;
    bool wanted; /* somebody watches */
} progress;

void progress_start(progress *p);
int64_t progress_elapsed_ms(const progress *p);
/* Draws the bar again, at most ten times a second: `taken` of `length`, -1 when not known. */
void progress_draw(progress *p, int64_t lines, int64_t taken, int64_t length);

#endif
