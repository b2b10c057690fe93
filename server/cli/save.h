/* save.h - a file that takes the old one's place when it is whole, so that nobody reads half of it.
 * What is no plain file (a pipe, /dev/stdout) is written in place.
 */
#ifndef CLI_SAVE_H
#define CLI_SAVE_H

#include <stdio.h>

typedef struct save save;

/* `what` for messages: "the report". Complains and gives the exit code where it cannot be made. */
int save_open(const char *path, const char *what, save **ret);
FILE *save_file(const save *s);
/* Remembers errno: why a line could not be written. */
void save_failed(save *s);
/* Puts it in its place; complains and gives the exit code where it could not be written. */
int save_close(save *s);
/* The old one stays. Takes NULL. */
void save_drop(save *s);

#endif
