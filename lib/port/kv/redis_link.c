/* redis_link.c - one connection: made, greeted, written to and read from, never beyond a deadline.
 * What does block is resolving the host's name (bounded by resolv.conf).
 */
#include "port/kv/redis.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 16384, ANSWER_MAX = KV_STEPS_MAX * (KV_VALUE_MAX + 1024) };

cinema_status redis_lost(cinema_error *err, const char *why)
{
    return fail(err, CINEMA_UNAVAILABLE, NULL, NULL, "Redis is away: %s", why);
}

static cinema_status slow(cinema_error *err)
{
    return fail(err, CINEMA_TIMEOUT, NULL, NULL, "Redis did not answer in time");
}

cinema_status redis_link_wait(const redis_link *l, short events, int64_t deadline,
                              cinema_error *err)
{
    struct pollfd p = { .fd = l->fd, .events = events };
    for (;;) {
        int64_t left = deadline_left_ms(deadline);
        int n = poll(&p, 1, left < INT_MAX ? (int)left : INT_MAX);
        if (n > 0)
            return CINEMA_OK;
        if (n < 0 && errno != EINTR)
            return redis_lost(err, strerror(errno));
        if (n == 0 && !deadline_left_ms(deadline))
            return slow(err);
    }
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static int write_some(redis_link *l, const char *bytes, size_t n, short *events)
{
    if (l->ssl)
        return redis_tls_write(l, bytes, n, events);
    ssize_t done = send(l->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    *events = done < 0 && (errno == EAGAIN || errno == EINTR) ? POLLOUT : 0;
    return (int)done;
}

static int read_some(redis_link *l, char *bytes, size_t n, short *events)
{
    if (l->ssl)
        return redis_tls_read(l, bytes, n, events);
    ssize_t done = recv(l->fd, bytes, n, MSG_DONTWAIT);
    *events = done < 0 && (errno == EAGAIN || errno == EINTR) ? POLLIN : 0;
    return done > 0 ? (int)done : -1;
}

cinema_status redis_link_send(redis_link *l, const buffer *b, int64_t deadline, cinema_error *err)
{
    for (size_t at = 0; at < b->length;) {
        short events;
        int n = write_some(l, b->bytes + at, b->length - at, &events);
        if (n > 0) {
            at += (size_t)n;
            continue;
        }
        if (!events)
            return redis_lost(err, "the connection was lost");
        cinema_status s = redis_link_wait(l, events, deadline, err);
        if (s)
            return s;
    }
    l->fed = 0;
    return CINEMA_OK;
}

static cinema_status read_more(redis_link *l, int64_t deadline, cinema_error *err)
{
    char bytes[CHUNK];
    short events;
    int n = read_some(l, bytes, sizeof bytes, &events);
    if (n < 0)
        return events ? redis_link_wait(l, events, deadline, err)
                      : redis_lost(err, "the connection was lost");
    l->fed += n;
    if (redisReaderFeed(l->reader, bytes, (size_t)n) != REDIS_OK)
        return fail_memory(err);
    return CINEMA_OK;
}

/* hiredis 0.14 believes much: "$x" is a nil to it, and an array may ask for any amount of memory.
 * So the line that a reply begins with is looked at before: only the simple kinds, with true
 * numbers. */
typedef enum verdict { INCOMPLETE, GOOD, GARBAGE } verdict;

static verdict judge_number(const char *s, const char *end, bool bulk)
{
    if (bulk && end - s == 2 && !memcmp(s, "-1", 2))
        return GOOD;
    if (!bulk && s < end && *s == '-')
        s++;
    for (const char *p = s; p < end; p++)
        if (*p < '0' || *p > '9')
            return GARBAGE;
    return s < end ? GOOD : GARBAGE;
}

static verdict judge(const redisReader *r)
{
    const char *s = r->buf + r->pos, *end;
    if (r->ridx != -1) /* within a reply */
        return GOOD;
    if (r->pos >= r->len)
        return INCOMPLETE;
    if (!memchr("+-:$", *s, 4))
        return GARBAGE;
    if (!(end = memchr(s, '\r', r->len - r->pos)))
        return INCOMPLETE;
    return *s == '$' || *s == ':' ? judge_number(s + 1, end, *s == '$') : GOOD;
}

cinema_status redis_link_reply(redis_link *l, redisReply **ret, int64_t deadline, cinema_error *err)
{
    void *reply = NULL;
    for (;;) {
        verdict v = l->fed > ANSWER_MAX ? GARBAGE : judge(l->reader);
        if (v == GARBAGE || (v == GOOD && redisReaderGetReply(l->reader, &reply) != REDIS_OK))
            return redis_lost(err, "what answers there is no Redis");
        if (reply) {
            *ret = reply;
            return CINEMA_OK;
        }
        cinema_status s = read_more(l, deadline, err);
        if (s)
            return s;
    }
}

/* ---- connecting ------------------------------------------------------------------------------ */

static cinema_status connect_to(redis_link *l, const struct addrinfo *a, int64_t deadline,
                                cinema_error *err)
{
    int yes = 1, fault = 0;
    socklen_t size = sizeof fault;
    l->fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->fd < 0)
        return redis_lost(err, strerror(errno));
    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(l->fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    if (connect(l->fd, a->ai_addr, a->ai_addrlen) && errno != EINPROGRESS)
        return redis_lost(err, strerror(errno));
    cinema_status s = redis_link_wait(l, POLLOUT, deadline, err);
    if (s)
        return s;
    getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &fault, &size);
    return fault ? redis_lost(err, strerror(fault)) : CINEMA_OK;
}

/* Each address gets its share of the time: the first may be one that swallows everything. */
static cinema_status connect_any(redis_link *l, const struct addrinfo *all, int64_t deadline,
                                 cinema_error *err)
{
    cinema_status s = CINEMA_UNAVAILABLE;
    int count = 0;
    for (const struct addrinfo *a = all; a; a = a->ai_next)
        count++;
    for (const struct addrinfo *a = all; s && a; a = a->ai_next, count--) {
        redis_link_drop(l);
        s = connect_to(l, a, clock_monotonic_ms() + deadline_left_ms(deadline) / count, err);
    }
    return s;
}

static cinema_status connect_socket(redis_link *l, int64_t deadline, cinema_error *err)
{
    const redis_url *u = &l->pool->url;
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV };
    struct addrinfo *all = NULL;
    int fault = getaddrinfo(u->host, u->port, &hints, &all);
    if (fault)
        return redis_lost(err, gai_strerror(fault));
    cinema_status s = connect_any(l, all, deadline, err);
    freeaddrinfo(all);
    return s;
}

/* ---- greeting -------------------------------------------------------------------------------- */

/* Never HELLO: hiredis 0.14 cannot read what comes then. */
static int greeting(const redis_url *u, buffer *b)
{
    const char *auth[] = { "AUTH", u->user ? u->user : u->password, u->password };
    char number[16];
    const char *select[] = { "SELECT", number }, *ping[] = { "PING" };
    snprintf(number, sizeof number, "%d", u->database);
    if (u->password)
        redis_put(b, u->user ? 3 : 2, auth, NULL);
    if (u->database)
        redis_put(b, 2, select, NULL);
    if (!u->password && !u->database)
        redis_put(b, 1, ping, NULL);
    return u->password && u->database ? 2 : 1;
}

static cinema_status greet(redis_link *l, int64_t deadline, cinema_error *err)
{
    CLEANUP(buffer_done) buffer b = BUFFER(CHUNK);
    int count = greeting(&l->pool->url, &b);
    cinema_status s = b.failed ? fail_memory(err) : redis_link_send(l, &b, deadline, err);
    if (b.bytes)
        explicit_bzero(b.bytes, b.length);
    for (; !s && count; count--) {
        redisReply *r = NULL;
        if ((s = redis_link_reply(l, &r, deadline, err)))
            break;
        if (r->type == REDIS_REPLY_ERROR) /* whatever it is, nothing can be done on this one */
            s = fail(err, CINEMA_UNAVAILABLE, NULL, NULL, "Redis refuses us: %.100s", r->str);
        freeReplyObject(r);
    }
    return s;
}

/* A connection that was left alone says nothing; if there is something to read, it has ended. */
static bool ended(const redis_link *l)
{
    char byte;
    return recv(l->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
           (errno != EAGAIN && errno != EINTR);
}

cinema_status redis_link_open(redis_link *l, int64_t deadline, cinema_error *err)
{
    if (l->fd >= 0 && !ended(l))
        return CINEMA_OK;
    redis_link_drop(l);
    cinema_status s = connect_socket(l, deadline, err);
    if (!s && l->pool->url.tls)
        s = redis_tls_start(l, deadline, err);
    if (!s && !(l->reader = redisReaderCreate()))
        s = fail_memory(err);
    return s ? s : greet(l, deadline, err);
}

void redis_link_drop(redis_link *l)
{
    SSL_free(l->ssl); /* without a farewell, which might wait */
    if (l->reader)
        redisReaderFree(l->reader);
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
    l->ssl = NULL;
    l->reader = NULL;
}
