/* driver.h - what the tests of drivers share: a module, loaded as programs load it, and what
 * drivers write into the log.
 */
#ifndef TEST_SUPPORT_DRIVER_H
#define TEST_SUPPORT_DRIVER_H

#include <cinema/base.h>

/* The driver of ../lib/cinema/cinema-NAME.so beside the tests; NULL: it was not built. */
const void *driver_module(const char *name, const char *symbol);

/* For the `log` of a driver's options: remembers each line. */
void driver_hear(void *user, cinema_log_level level, const char *line);
/* How many lines have this text in them. */
int driver_heard(const char *text);

#endif
