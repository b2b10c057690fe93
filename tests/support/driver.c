/* driver.c - what the tests of drivers share.
 */
#include "support/driver.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINES = 4096 };
static char *lines[LINES];
static int line_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

const void *driver_module(const char *name, const char *symbol)
{
    char program[4096], path[4200];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n <= 0)
        return NULL;
    program[n] = '\0';
    *strrchr(program, '/') = '\0';
    snprintf(path, sizeof path, "%s/../lib/cinema/cinema-%s.so", program, name);
    if (access(path, R_OK))
        return NULL;
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module)
        fprintf(stderr, "%s\n", dlerror());
    return module ? dlsym(module, symbol) : NULL;
}

void driver_hear(void *user, cinema_log_level level, const char *line)
{
    (void)user, (void)level;
    pthread_mutex_lock(&lock);
    if (line_count < LINES)
        lines[line_count++] = strdup(line);
    pthread_mutex_unlock(&lock);
}

int driver_heard(const char *text)
{
    int n = 0;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < line_count; i++)
        n += lines[i] && strstr(lines[i], text);
    pthread_mutex_unlock(&lock);
    return n;
}
