/* sink.c - log lines to a file or stderr without ever waiting for whoever reads it. A pipe is
 * opened once more without blocking, so that the flag does not change for others who write to it; a
 * socket is asked not to block; a file or terminal does not.
 */
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_file(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0640);
}

/* The number stays, so that nobody has to look whether it is another. */
bool net_sink_reopen(net_sink *s, const char *path)
{
    int fd = open_file(path);
    if (fd < 0)
        return false;
    pthread_mutex_lock(&s->lock);
    bool moved = dup3(fd, s->fd, O_CLOEXEC) >= 0;
    s->rest_length = 0;
    pthread_mutex_unlock(&s->lock);
    close(fd);
    return moved;
}

static void open_stderr(net_sink *s)
{
    struct stat st;
    if (fstat(STDERR_FILENO, &st))
        return;
    s->socket = S_ISSOCK(st.st_mode);
    if (!S_ISFIFO(st.st_mode))
        return;
    int again = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (again < 0)
        return;
    s->fd = again;
    s->own = true;
}

bool net_sink_open(net_sink *s, const char *path)
{
    *s = (net_sink){ .fd = path ? open_file(path) : STDERR_FILENO, .own = path };
    if (s->fd < 0)
        return false;
    pthread_mutex_init(&s->lock, NULL);
    if (!path)
        open_stderr(s);
    return true;
}

void net_sink_close(net_sink *s)
{
    if (s->own)
        close(s->fd);
    pthread_mutex_destroy(&s->lock);
}

/* Bytes taken, 0: none now, -1: nobody reads any more. */
static ssize_t put(net_sink *s, const char *bytes, size_t length)
{
    ssize_t n;
    do
        n = s->socket ? send(s->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL)
                      : write(s->fd, bytes, length);
    while (n < 0 && errno == EINTR);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? 0 : n;
}

/* The rest of a line that went out in part goes before anything else. */
static bool put_rest(net_sink *s)
{
    ssize_t n = s->rest_length ? put(s, s->rest, s->rest_length) : 0;
    if (n < 0)
        n = (ssize_t)s->rest_length;
    s->rest_length -= (size_t)n;
    memmove(s->rest, s->rest + n, s->rest_length);
    return !s->rest_length;
}

/* After `done` bytes: remembers the rest of the line that is cut there, and counts it as written.
 */
static size_t keep_line(net_sink *s, const char *lines, size_t done, size_t length)
{
    if (!done || done == length || lines[done - 1] == '\n')
        return done;
    const char *end = memchr(lines + done, '\n', length - done);
    size_t n = end ? (size_t)(end - lines) + 1 - done : length - done;
    if (n > sizeof s->rest) /* no line of ours is that long */
        n = sizeof s->rest;
    memcpy(s->rest, lines + done, n);
    s->rest_length = n;
    return done + n;
}

size_t net_sink_write(net_sink *s, const char *lines, size_t length, int wait_ms)
{
    size_t done = 0;
    struct pollfd ready = { .fd = s->fd, .events = POLLOUT };
    if (wait_ms)
        poll(&ready, 1, wait_ms);
    pthread_mutex_lock(&s->lock);
    if (put_rest(s) && length) {
        ssize_t n = put(s, lines, length);
        done = n < 0 ? length : keep_line(s, lines, (size_t)n, length);
    }
    pthread_mutex_unlock(&s->lock);
    return done;
}
