/* delay.c - a database that is far away: a TCP proxy that hands on what comes from the server some
 * milliseconds later.   delay LISTEN_PORT TARGET_PORT MILLISECONDS
 * Two threads a connection: a pool has few of them. It stands between, so it never costs CPU where
 * the row looks.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct pipe_ends {
    int from, to;
    long delay_ms;
} pipe_ends;

static struct sockaddr_in loopback(const char *port)
{
    return (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void at_once(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int send_all(int fd, const char *bytes, ssize_t n)
{
    for (ssize_t sent; n > 0; bytes += sent, n -= sent)
        if ((sent = send(fd, bytes, (size_t)n, MSG_NOSIGNAL)) <= 0)
            return -1;
    return 0;
}

/* A client of a database waits for the answer, so one delay at a time is right. */
static void *hand_on(void *ends)
{
    pipe_ends p = *(pipe_ends *)ends;
    struct timespec wait = { .tv_nsec = p.delay_ms * 1000000 };
    char bytes[65536];
    ssize_t n;
    free(ends);
    while ((n = recv(p.from, bytes, sizeof bytes, 0)) > 0) {
        if (p.delay_ms)
            nanosleep(&wait, NULL);
        if (send_all(p.to, bytes, n))
            break;
    }
    shutdown(p.to, SHUT_WR);
    shutdown(p.from, SHUT_RD);
    return NULL;
}

static void start(int from, int to, long delay_ms)
{
    pthread_t thread;
    pipe_ends *p = malloc(sizeof *p);
    if (!p)
        exit(1);
    *p = (pipe_ends){ from, to, delay_ms };
    if (pthread_create(&thread, NULL, hand_on, p))
        exit(1);
    pthread_detach(thread);
}

int main(int count, char **arguments)
{
    int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    if (count != 4)
        return 2;
    struct sockaddr_in here = loopback(arguments[1]), there = loopback(arguments[2]);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 128))
        return 1;
    for (int client; (client = accept(listener, NULL, NULL)) >= 0;) {
        int server = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(server, (struct sockaddr *)&there, sizeof there)) {
            close(client);
            close(server);
            continue;
        }
        at_once(client);
        at_once(server);
        start(client, server, 0);
        start(server, client, strtol(arguments[3], NULL, 10));
    }
    return 0;
}
