/* progress.c - a bar, where its length is known, rows a second, the time left. */
#include "cli/progress.h"

#include "cli/output.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { BAR = 24, PAUSE_MS = 100 };

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void progress_start(progress *p)
{
    *p = (progress){ .started_ms = now_ms(), .wanted = out_has_bar() };
}

int64_t progress_elapsed_ms(const progress *p)
{
    return now_ms() - p->started_ms;
}

/* " 42% [##########              ] ", or nothing. */
static void put_bar(char *line, size_t size, double part)
{
    char bar[BAR + 1];
    int full = (int)(part * BAR);

    memset(bar, ' ', BAR);
    memset(bar, '#', (size_t)full);
    bar[BAR] = '\0';
    snprintf(line, size, "%3d%% [%s] ", (int)(part * 100), bar);
}

/* ", 0:05 left": as long as before for the rest. The first second tells too little. */
static void put_left(char *text, size_t size, double part, int64_t elapsed)
{
    text[0] = '\0';
    if (part <= 0 || elapsed < 1000)
        return;
    int64_t left = (int64_t)((double)elapsed * (1 - part) / part / 1000 + 0.5);
    snprintf(text, size, ", %" PRId64 ":%02" PRId64 " left", left / 60, left % 60);
}

void progress_draw(progress *p, int64_t lines, int64_t taken, int64_t length)
{
    char bar[64] = "", left[48], shown[32], rate[32], line[200];
    int64_t now = now_ms(), elapsed = now - p->started_ms;

    if (!p->wanted || now - p->drawn_ms < PAUSE_MS)
        return;
    p->drawn_ms = now;
    double part = length > 0 && taken <= length ? (double)taken / (double)length : 0;
    if (length > 0)
        put_bar(bar, sizeof bar, part);
    put_left(left, sizeof left, part, elapsed);
    int64_t per_second = lines * 1000 / (elapsed ? elapsed : 1);
    int n = snprintf(line, sizeof line, "%s%s lines, %s/s%s", bar, out_count(lines, shown),
                     out_count(per_second, rate), left);
    unsigned columns = out_columns();
    if (n >= 0 && (unsigned)n >= columns && columns <= sizeof line)
        line[columns - 1] = '\0'; /* a second line could not be wiped */
    out_bar(line);
}
