/* suggest.c - the nearest name, by edits: a letter more, fewer or another, two swapped. */
#include "cli/suggest.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 64 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment, three rows of the table at a time. */
static unsigned edits(const char *a, const char *b)
{
    unsigned rows[3][LONGEST + 1];
    size_t n = strlen(a), m = strlen(b);

    if (n > LONGEST || m > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

/* One edit for three letters is a slip; more is another word. */
void suggest_offer(suggestion *s, const char *name)
{
    unsigned allowed = 1 + (unsigned)strlen(s->word) / 3;
    unsigned distance = edits(s->word, name);

    if (strlen(s->word) >= 3 && !strncmp(s->word, name, strlen(s->word)))
        distance = least(distance, allowed); /* the start of a longer name */
    if (distance > allowed || distance >= strlen(name) || (s->best && distance >= s->distance))
        return;
    s->best = name;
    s->distance = distance;
}

const char *suggest_text(const suggestion *s, const char *prefix, char text[160])
{
    text[0] = '\0';
    if (s->best)
        snprintf(text, 160, " (did you mean '%s%s'?)", prefix, s->best);
    return text;
}
