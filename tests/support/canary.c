/* canary.c - an HTTP server of a test's own.
 */
#include "support/canary.h"

#include "test.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_MAX = 64 * 1024, AT_ONCE = 64 };

struct canary {
    canary_answer answer;
    void *user;
    int listeners[2], port;
    char origin[64];
    pthread_t thread;
    pthread_t workers[AT_ONCE];
    size_t worker_count;
    atomic_int visits, requests;
    pthread_mutex_t lock; /* of the last request */
    char last[REQUEST_MAX];
};

static atomic_bool ending; /* a test has one at a time, or ends all together */

typedef struct visit {
    canary *c;
    int fd;
} visit;

static size_t body_length(const char *head)
{
    const char *line = strcasestr(head, "\r\ncontent-length:");
    return line ? strtoul(line + 17, NULL, 10) : 0;
}

/* All of a request; false: the other side went, or we do. */
static bool read_request(int fd, char *text)
{
    size_t n = 0;
    while (!ending && n < REQUEST_MAX - 1) {
        struct pollfd p = { fd, POLLIN, 0 };
        if (poll(&p, 1, 50) == 0)
            continue;
        ssize_t got = read(fd, text + n, REQUEST_MAX - 1 - n);
        if (got <= 0)
            return false;
        n += (size_t)got;
        text[n] = '\0';
        const char *end = strstr(text, "\r\n\r\n");
        if (end && n - (size_t)(end + 4 - text) >= body_length(text))
            return true;
    }
    return false;
}

static void *attend(void *user)
{
    visit *v = user;
    char *text = calloc(1, REQUEST_MAX);
    if (read_request(v->fd, text)) {
        atomic_fetch_add(&v->c->requests, 1);
        pthread_mutex_lock(&v->c->lock);
        memcpy(v->c->last, text, REQUEST_MAX);
        pthread_mutex_unlock(&v->c->lock);
        v->c->answer(v->fd, text, v->c->user);
    }
    shutdown(v->fd, SHUT_RDWR);
    close(v->fd);
    free(text);
    free(v);
    return NULL;
}

static void welcome(canary *c, int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    atomic_fetch_add(&c->visits, 1);
    ck_assert_msg(c->worker_count < AT_ONCE, "more visits than the canary has room for");
    visit *v = malloc(sizeof *v);
    *v = (visit){ c, fd };
    ck_assert(!pthread_create(&c->workers[c->worker_count++], NULL, attend, v));
}

static void *listen_on(void *user)
{
    canary *c = user;
    while (!ending) {
        struct pollfd p[2] = { { c->listeners[0], POLLIN, 0 }, { c->listeners[1], POLLIN, 0 } };
        if (poll(p, 2, 50) <= 0)
            continue;
        for (int i = 0; i < 2; i++)
            if (p[i].revents & POLLIN)
                welcome(c, c->listeners[i]);
    }
    return NULL;
}

static int bound(int family, int port)
{
    int on = 1, fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in v4 = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
                               .sin6_port = htons((uint16_t)port),
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    int bad = family == AF_INET ? bind(fd, (struct sockaddr *)&v4, sizeof v4)
                                : bind(fd, (struct sockaddr *)&v6, sizeof v6);
    if (fd >= 0 && !bad && !listen(fd, AT_ONCE))
        return fd;
    close(fd);
    return -1; /* a machine without IPv6 */
}

canary *canary_new(canary_answer answer, void *user)
{
    struct sockaddr_in here;
    socklen_t n = sizeof here;
    canary *c = calloc(1, sizeof *c);
    ending = false;
    c->answer = answer;
    c->user = user;
    pthread_mutex_init(&c->lock, NULL);
    c->listeners[0] = bound(AF_INET, 0);
    ck_assert(!getsockname(c->listeners[0], (struct sockaddr *)&here, &n));
    c->port = ntohs(here.sin_port);
    c->listeners[1] = bound(AF_INET6, c->port);
    snprintf(c->origin, sizeof c->origin, "http://127.0.0.1:%d", c->port);
    ck_assert(!pthread_create(&c->thread, NULL, listen_on, c));
    return c;
}

void canary_free(canary *c)
{
    if (!c)
        return;
    ending = true;
    pthread_join(c->thread, NULL);
    for (size_t i = 0; i < c->worker_count; i++)
        pthread_join(c->workers[i], NULL);
    for (int i = 0; i < 2; i++)
        if (c->listeners[i] >= 0)
            close(c->listeners[i]);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

int canary_port(const canary *c)
{
    return c->port;
}

const char *canary_origin(const canary *c)
{
    return c->origin;
}

int canary_visits(canary *c)
{
    return atomic_load(&c->visits);
}

int canary_requests(canary *c)
{
    return atomic_load(&c->requests);
}

void canary_last(canary *c, char *to, size_t size)
{
    pthread_mutex_lock(&c->lock);
    snprintf(to, size, "%s", c->last);
    pthread_mutex_unlock(&c->lock);
}

void canary_bytes(int fd, const void *bytes, size_t n)
{
    for (const char *at = bytes; n;) {
        ssize_t done = send(fd, at, n, MSG_NOSIGNAL);
        if (done <= 0)
            return;
        at += done;
        n -= (size_t)done;
    }
}

void canary_say(int fd, const char *status, const char *headers, const char *body)
{
    char head[8192];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n%s\r\n", status,
                     strlen(body), headers);
    canary_bytes(fd, head, (size_t)n);
    canary_bytes(fd, body, strlen(body));
}

int canary_asked(const char *request, const char *start)
{
    size_t n = strlen(start);
    return !strncmp(request, start, n) && (request[n] == ' ' || request[n] == '?');
}

void canary_hang(int fd)
{
    char byte;
    while (!ending) {
        struct pollfd p = { fd, POLLIN, 0 };
        if (poll(&p, 1, 50) && recv(fd, &byte, 1, MSG_DONTWAIT) == 0)
            return;
    }
}
