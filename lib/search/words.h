/* words.h - what documents and queries are made of.
 */
#ifndef SEARCH_WORDS_H
#define SEARCH_WORDS_H

#include "search/search.h"

enum { QUERY_WORDS_MAX = 16 };

/* A query as the stores want it: FTS5's or tsquery's spelling. NULL: there is nothing to ask. */
typedef struct search_terms {
    const char *exact;  /* titles with exactly these words */
    const char *longer; /* those where the last is the beginning of a word, but is not one itself */
} search_terms;

/* In the arena. NO_MEMORY. */
cinema_status search_terms_read(const char *q, bool postgres, arena *a, search_terms *ret);

#endif
