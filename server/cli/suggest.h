/* suggest.h - "did you mean ...?" */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include <stddef.h>

/* Collects the name nearest to a word: start with { .word = word }, offer all names, look at best.
 */
typedef struct suggestion {
    const char *word;
    const char *best; /* NULL: none is near; borrowed from what was offered */
    unsigned distance;
} suggestion;

void suggest_offer(suggestion *s, const char *name);
/* " (did you mean 'import'?)", or "". Returns `text`. */
const char *suggest_text(const suggestion *s, const char *prefix, char text[160]);

#endif
