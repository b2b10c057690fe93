/* redis_help.h - a Redis of one's own, to stop, restart and hang: tests/rig/redis.sh.
 */
#ifndef TEST_PORT_REDIS_HELP_H
#define TEST_PORT_REDIS_HELP_H

#include "port/kv_help.h"

#include <sys/types.h>

typedef struct own_redis {
    pid_t script, server;
    int port;
    char url[512];
    char why[256]; /* it could not be had */
} own_redis;

/* `settings` are of the script's environment, "MODE=tls PORT=7"; false: see `why`. */
bool redis_begin(own_redis *r, const char *settings);
void redis_end(own_redis *r);

#define NEED_REDIS(r, settings)                                                                    \
    if (!kv_redis_module())                                                                        \
        SKIP("there is no module cinema-redis.so");                                                \
    if (!redis_begin((r), (settings)))                                                             \
    SKIP((r)->why)

#endif
