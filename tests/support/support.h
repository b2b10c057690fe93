/* support.h - what the files in tests/support share. */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>

const char *test__scratch(void); /* the program's folder, removed at its end */
bool test__in_runner(void);      /* not in the process of a test */
/* snprintf that ends the program when there is no room. */
void test__print(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Drops databases that crashed tests left. Weak: only there in programs that use databases. */
void test__database_end(void) __attribute__((weak));

#endif
