/* redis_help.h - a Redis of one's own, to stop, restart and hang: tests/rig/redis.sh.
 */
#ifndef TEST_PORT_REDIS_HELP_H
#define TEST_PORT_REDIS_HELP_H

#include "port/kv_help.h"
#include "support/rig.h"

#define NEED_REDIS(r, settings)                                                                    \
    if (!kv_redis_module())                                                                        \
        SKIP("there is no module cinema-redis.so");                                                \
    if (!rig_begin((r), "redis.sh", (settings)))                                                   \
    SKIP((r)->why)

#endif
