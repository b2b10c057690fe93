/* secret.h - secrets given to a command: at a prompt that shows nothing, on stdin, in a file. Never
 * as an argument, which others see.
 */
#ifndef CLI_SECRET_H
#define CLI_SECRET_H

#include <stdbool.h>

enum { SECRET_MAX = 4096 };

/* The first line of a file; "-": of stdin. Complains and gives the exit code where there is none.
 * Wipe it (secret_wipe) when it has been used. */
int secret_read(const char *path, char secret[SECRET_MAX]);
/* Asks for it twice at the terminal. CLI_EXIT_USAGE, without a word: there is no terminal. */
int secret_ask(const char *prompt, char secret[SECRET_MAX]);
void secret_wipe(char secret[SECRET_MAX]);

#endif
