/* stop.h - work that a signal stops at the next good moment. */
#ifndef CLI_STOP_H
#define CLI_STOP_H

#include <stdbool.h>

/* From now on SIGINT and SIGTERM ask to stop; the second is as if nobody listened. One that was
 * ignored stays so. */
void stop_listen(void);
bool stop_asked(void);
/* Which it was, "Ctrl-C" or "SIGTERM", and the exit code for it. */
const char *stop_word(void);
int stop_code(void);

#endif
