/* listen.c - listening sockets: one a loop on one address (SO_REUSEPORT), so that the kernel
 * spreads connections over the loops and no lock is between them.
 */
#include "net.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

typedef struct endpoint {
    struct sockaddr_storage address;
    socklen_t length;
} endpoint;

static const char *advice(int error)
{
    switch (error) {
    case EADDRINUSE:
        return "another program listens there, perhaps another `cinema serve`: stop it, or set "
               "CINEMA_LISTEN to another port (0: any free one)";
    case EACCES:
        return "ports below 1024 are for privileged programs: set CINEMA_LISTEN to a higher one, "
               "or give the executable CAP_NET_BIND_SERVICE";
    case EADDRNOTAVAIL:
        return "this machine has no such address: set CINEMA_LISTEN to one it has, or to 0.0.0.0 "
               "or [::] for all";
    default:
        return "set CINEMA_LISTEN to another address";
    }
}

static bool complain(const char *address, int error)
{
    fprintf(stderr, "cinema: cannot listen on %s: %s; %s\n", address, strerror(error),
            advice(error));
    return false;
}

/* "127.0.0.1:8080", "[::1]:8080", "localhost:0", ":8080" (all addresses). */
static bool resolve(const char *text, endpoint *ret)
{
    char host[256];
    const char *colon = strrchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : 0;
    struct addrinfo hints = { .ai_family = AF_UNSPEC,
                              .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    if (!colon || n >= sizeof host || !colon[1])
        return false;
    if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
        text++;
        n -= 2;
    }
    memcpy(host, text, n);
    host[n] = '\0';
    if (getaddrinfo(n ? host : NULL, colon + 1, &hints, &found) || !found)
        return false;
    memcpy(&ret->address, found->ai_addr, found->ai_addrlen);
    ret->length = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

/* Bound, not listening yet. Options set here go over to the connections that are taken. */
static int bound(const endpoint *at, bool shared)
{
    int on = 1;
    int fd = socket(at->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if ((!shared || !setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on)) &&
        !bind(fd, (const struct sockaddr *)&at->address, at->length))
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* With SO_REUSEPORT a second server of the same user would bind without an error and take half of
 * the connections. So the address is first bound without. */
static bool free_to_take(const endpoint *at)
{
    int fd = bound(at, false);
    bool listening = fd >= 0 && !listen(fd, 1);
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return listening;
}

static bool write_url(int fd, endpoint *at, char *url, size_t size)
{
    char host[NI_MAXHOST], port[NI_MAXSERV];
    at->length = sizeof at->address;
    if (getsockname(fd, (struct sockaddr *)&at->address, &at->length) ||
        getnameinfo((struct sockaddr *)&at->address, at->length, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV))
        return false;
    bool six = at->address.ss_family == AF_INET6;
    int n = snprintf(url, size, six ? "http://[%s]:%s" : "http://%s:%s", host, port);
    return n > 0 && (size_t)n < size;
}

bool net_listen(const char *address, int *fds, unsigned count, char *url, size_t url_size)
{
    endpoint at;
    unsigned made = 0;
    if (!resolve(address, &at)) {
        fprintf(stderr,
                "cinema: cannot listen on %s: no such address; set CINEMA_LISTEN to "
                "address:port, such as 127.0.0.1:8080 or [::1]:8080\n",
                address);
        return false;
    }
    if (!free_to_take(&at))
        return complain(address, errno);
    /* The first may choose the port; write_url puts it into `at` for the others. */
    while (made < count && (fds[made] = bound(&at, true)) >= 0) {
        made++;
        if ((made == 1 && !write_url(fds[0], &at, url, url_size)) || listen(fds[made - 1], BACKLOG))
            break;
        if (made == count)
            return true;
    }
    int error = errno;
    while (made)
        close(fds[--made]);
    return complain(address, error);
}
