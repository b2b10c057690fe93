/* redis.h - the Redis driver's inside: TLS, one connection, the pool, commands.
 * hiredis writes commands and reads replies; sockets, deadlines and TLS are ours.
 */
#ifndef PORT_KV_REDIS_H
#define PORT_KV_REDIS_H

#include "base/buffer.h"
#include "base/clock.h"
#include "port/kv/kv.h"
#include "port/kv/redis_url.h"

#include <hiredis.h>
#include <openssl/ssl.h>
#include <pthread.h>

/* ---- redis_link.c, redis_tls.c: one connection -------------------------------------------------
 */

typedef struct redis redis;

typedef struct redis_link {
    redis *pool;
    int fd; /* -1: not connected */
    SSL *ssl;
    redisReader *reader;
    int64_t fed; /* bytes of the answer under way */
} redis_link;

/* Connects, and proves who both are, unless that is done. */
cinema_status redis_link_open(redis_link *l, int64_t deadline, cinema_error *err);
void redis_link_drop(redis_link *l);
cinema_status redis_link_send(redis_link *l, const buffer *b, int64_t deadline, cinema_error *err);
/* One reply, which the caller frees with freeReplyObject; no arrays: nothing we ask answers one. */
cinema_status redis_link_reply(redis_link *l, redisReply **ret, int64_t deadline,
                               cinema_error *err);
/* Waits until the socket is ready. */
cinema_status redis_link_wait(const redis_link *l, short events, int64_t deadline,
                              cinema_error *err);
/* UNAVAILABLE, with why. */
cinema_status redis_lost(cinema_error *err, const char *why);

/* TLS 1.2 or later; certificate and name are always checked. INVALID: `ca` cannot be read. */
cinema_status redis_tls_context(const redis_url *u, SSL_CTX **ret, cinema_error *err);
/* The handshake, on a connected socket. */
cinema_status redis_tls_start(redis_link *l, int64_t deadline, cinema_error *err);
/* As send and recv; -1 and `events` to wait for, or -1 and 0: it is lost. */
int redis_tls_write(redis_link *l, const void *bytes, size_t n, short *events);
int redis_tls_read(redis_link *l, void *bytes, size_t n, short *events);

/* ---- redis_script.c: steps as commands ----------------------------------------------------------
 */

enum { REDIS_SCRIPTS = 3, REDIS_SHA = 40 };

/* The names by which EVALSHA calls our scripts. */
void redis_script_names(char names[REDIS_SCRIPTS][REDIS_SHA + 1]);
/* Appends the command of a step; `whole`: a script's text, not its name. */
void redis_command(const redis *r, const kv_step *step, bool whole, buffer *b);
void redis_put(buffer *b, int argc, const char **argv, const size_t *lengths);
/* Fills the step. UNAVAILABLE with *garbage set: no answer to what was asked. */
cinema_status redis_answer(kv_step *step, const redisReply *r, bool *garbage, cinema_error *err);
bool redis_unknown_script(const redisReply *r);
/* What an error reply means; *leave is set where a new connection might do better. */
cinema_status redis_refusal(const redisReply *r, bool *leave, cinema_error *err);

/* ---- redis_pool.c -------------------------------------------------------------------------------
 */

enum { REDIS_LINKS = 8, REDIS_LINKS_MAX = 64 };

struct redis {
    kv head;
    redis_url url;
    SSL_CTX *tls;
    char scripts[REDIS_SCRIPTS][REDIS_SHA + 1];
    void (*log)(void *user, cinema_log_level level, const char *line);
    void *user;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t freed;
    redis_link links[REDIS_LINKS_MAX];
    redis_link *free[REDIS_LINKS_MAX]; /* the last used is on top */
    unsigned link_count, free_count;
    int64_t again_at; /* 0: all is well; else away, and when to look again */
    unsigned failures;
    redis_link *looking; /* the one that looks whether it is back */
};

void redis_pool_start(redis *r, unsigned connections);
void redis_pool_done(redis *r);
/* A link to use alone. UNAVAILABLE at once while the service is known to be away. */
cinema_status redis_pool_take(redis *r, redis_link **ret, int64_t deadline, cinema_error *err);
/* What using it showed: the service answers, does not, or nothing (a caller in a hurry). */
typedef enum redis_health { REDIS_WELL, REDIS_TROUBLE, REDIS_UNKNOWN } redis_health;
/* Gives it back; `why` is for the log. */
void redis_pool_give(redis *r, redis_link *l, redis_health health, const char *why);

#endif
