/* completion.h - what the scripts for each shell are made of.
 * They are written out once, with all words in them, so that pressing Tab starts no program.
 */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include "cli/cli.h"

#include <stdio.h>

/* What a value or operand may be. */
typedef enum completion_kind {
    COMPLETE_NOTHING,
    COMPLETE_FILE,
    COMPLETE_FOLDER,
    COMPLETE_WORDS
} completion_kind;

typedef struct completion {
    completion_kind kind;
    const char *words; /* with spaces between */
} completion;

/* The words that stand for others, filled in. */
typedef struct completion_words {
    char *commands, *topics, *operations; /* topics: what there is help on */
} completion_words;

completion completion_of_option(const cli_option *o);
completion completion_of_operand(const cli_command *c, const completion_words *w);

void completion_bash(FILE *to, const completion_words *w);
void completion_zsh(FILE *to, const completion_words *w);
void completion_fish(FILE *to, const completion_words *w);

#endif
