/* accept.c - taking connections. Not through uv_listen: when descriptors run out that would call
 * back without end, and a connection over a limit is refused here before it costs anything.
 */
#include "net.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, PAUSE_MS = 100 };

static void on_again(uv_timer_t *timer)
{
    net_accept_start(timer->data);
}

static void pause_accepting(net_loop *l)
{
    uv_poll_stop(&l->listener);
    uv_timer_start(&l->again, on_again, PAUSE_MS, 0);
}

static bool enter(net_server *s, const net_peer_key *peer)
{
    if (atomic_fetch_add(&s->connections, 1) < s->limits.connections &&
        net_peers_enter(&s->peers, peer, s->limits.per_address))
        return true;
    atomic_fetch_sub(&s->connections, 1);
    return false;
}

static void welcome(net_loop *l, int fd, const struct sockaddr_storage *from)
{
    char address[NET_ADDRESS];
    net_peer_key peer;
    net_peer_name(from, &peer, address);
    if (cinema_http_is_proxy(l->server->cinema, address))
        peer = net_nobody;
    if (enter(l->server, &peer)) {
        net_conn_open(l, fd, &peer, address);
        return;
    }
    cinema_http_gauge_add(l->server->cinema, CINEMA_HTTP_CONNECTIONS_REFUSED, 1);
    close(fd);
}

/* False: nothing more to take now. */
static bool take(net_loop *l)
{
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    int fd = accept4(l->listen_fd, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        welcome(l, fd, &from);
        return true;
    }
    if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO)
        return true;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
        pause_accepting(l); /* descriptors or memory: the backlog keeps them meanwhile */
    return false;
}

static void on_listener(uv_poll_t *listener, int status, int events)
{
    net_loop *l = listener->data;
    (void)events;
    if (status < 0) {
        pause_accepting(l);
        return;
    }
    for (int i = 0; i < BATCH && take(l); i++)
        ;
}

void net_accept_start(net_loop *l)
{
    if (!uv_is_closing((uv_handle_t *)&l->listener))
        uv_poll_start(&l->listener, UV_READABLE, on_listener);
}

void net_accept_stop(net_loop *l)
{
    uv_timer_stop(&l->again);
    if (uv_is_closing((uv_handle_t *)&l->listener))
        return;
    uv_close((uv_handle_t *)&l->listener, NULL);
    close(l->listen_fd);
    l->listen_fd = -1;
}
