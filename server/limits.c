/* limits.c - how much of everything: options first, then the settings of the handle. */
#include "net.h"
#include "serve.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    CONNECTIONS = 10000,
    DESCRIPTOR_RESERVE = 128,
    WORKERS = 32,
    STREAMERS = 128,
    LOOPS_MAX = 256
};

/* The library has checked it already; what is no number is `otherwise`. */
static int64_t number(cinema *c, const char *name, int64_t otherwise)
{
    const char *value = cinema_setting(c, name);
    char *end = NULL;
    if (!value || *value < '0' || *value > '9')
        return otherwise;
    int64_t n = strtoll(value, &end, 10);
    return *end ? otherwise : n;
}

/* 0: off */
static int64_t limit(cinema *c, const char *name, int64_t otherwise)
{
    const char *value = cinema_setting(c, name);
    return value && !strcmp(value, "off") ? 0 : number(c, name, otherwise);
}

cinema_log_level net_log_level(cinema *c, const char *option)
{
    const char *word = option && *option ? option : cinema_setting(c, "CINEMA_LOG");
    static const char *const words[] = { "error", "warning", "info", "debug" };
    for (int i = 0; word && i < 4; i++)
        if (!strcmp(word, words[i]))
            return (cinema_log_level)i;
    return CINEMA_LOG_INFO;
}

/* As many descriptors as the system lets us have, some kept back for files and databases. */
static unsigned descriptors(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files))
        return CONNECTIONS;
    if (files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &files))
            getrlimit(RLIMIT_NOFILE, &files);
    }
    if (files.rlim_cur >= 1u << 20)
        return 1u << 20;
    return files.rlim_cur < 2 * DESCRIPTOR_RESERVE ? (unsigned)files.rlim_cur / 2
                                                   : (unsigned)files.rlim_cur - DESCRIPTOR_RESERVE;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static const char *text(const char *option, cinema *c, const char *name)
{
    const char *value = option ? option : cinema_setting(c, name);
    return value && *value ? value : NULL;
}

void net_limits_read(net_limits *l, cinema *c, const serve_options *o)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned cores = online > 0 ? (unsigned)online : 1;
    const char *listen = text(o->listen, c, "CINEMA_LISTEN");
    *l = (net_limits){
        .listen = listen ? listen : "127.0.0.1:8080",
        .access_log = text(NULL, c, "CINEMA_ACCESS_LOG"),
        .pid_file = text(o->pid_file, c, "CINEMA_PID_FILE"),
        .loops = least(o->io_threads ? o->io_threads : cores, LOOPS_MAX),
        .workers = o->workers ? o->workers : WORKERS,
        .hashers = o->hashers  ? o->hashers
                   : cores > 1 ? cores - 1
                               : 1,
        .connections = least(o->connections ? o->connections : CONNECTIONS, descriptors()),
        .streamers = STREAMERS,
        .per_address = (unsigned)limit(c, "CINEMA_LIMIT_CONNECTIONS_ADDRESS", 256),
        .header_ms = (uint64_t)number(c, "CINEMA_HEADER_TIMEOUT_S", 10) * 1000,
        .body_ms = (uint64_t)number(c, "CINEMA_BODY_TIMEOUT_S", 30) * 1000,
        .deadline_ms = number(c, "CINEMA_DEADLINE_MS", 5000),
        .body_max = (size_t)number(c, "CINEMA_BODY_MAX", 1 << 20),
        .body_rate = (size_t)limit(c, "CINEMA_BODY_RATE_MIN", 512),
        .log_given = o->log && *o->log,
    };
}
