/* serve.c - starts the transport, waits for signals, stops it. The calling thread does nothing
 * else: connections live on the loops' threads, slow work on the pools'.
 */
#include "serve.h"

#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORK_QUEUE = 1024, HASH_QUEUE = 64, URL_MAX = 300 };

typedef struct control {
    net_server server;
    net_loop *loops;
    unsigned opened, started;
    uv_loop_t uv;
    uv_async_t ended; /* a loop has */
    uv_signal_t signals[3];
    uv_timer_t patience;
    bool broken_off;
} control;

static void wake_all(control *k, int stopping)
{
    atomic_store(&k->server.stopping, stopping);
    for (unsigned i = 0; i < k->started; i++)
        net_loop_wake(&k->loops[i]);
}

/* Threads do not come home: the process will have to end without them. */
static void on_lost(uv_timer_t *timer)
{
    control *k = timer->data;
    k->broken_off = true;
    uv_stop(&k->uv);
}

static void break_off(control *k)
{
    wake_all(k, 2);
    uv_timer_start(&k->patience, on_lost, NET_BREAK_MS, 0);
}

static void on_impatient(uv_timer_t *timer)
{
    break_off(timer->data);
}

/* What cannot be read again stays as it was; that is told, and the server goes on. */
static void reload(control *k)
{
    net_server *s = &k->server;
    cinema_error err;
    if (cinema_reload(s->cinema, &err))
        fprintf(stderr, "cinema: the settings stay as they were: %s\n", err.message);
    else if (!s->limits.log_given)
        atomic_store(&s->log, (int)net_log_level(s->cinema, NULL));
    if (s->limits.access_log && !net_sink_reopen(&s->sink, s->limits.access_log))
        fprintf(stderr, "cinema: cannot open the access log %s: %s; the old one goes on\n",
                s->limits.access_log, strerror(errno));
}

static void on_signal(uv_signal_t *handle, int number)
{
    control *k = handle->data;
    if (number == SIGHUP) {
        reload(k);
        return;
    }
    if (atomic_load(&k->server.stopping)) {
        break_off(k);
        return;
    }
    wake_all(k, 1);
    uv_timer_start(&k->patience, on_impatient, NET_STOP_MS, 0);
}

static void on_ended(uv_async_t *ended)
{
    control *k = ended->data;
    if (!atomic_load(&k->server.running))
        uv_stop(&k->uv);
}

static bool control_open(control *k)
{
    static const int numbers[3] = { SIGTERM, SIGINT, SIGHUP };
    if (uv_loop_init(&k->uv) || uv_async_init(&k->uv, &k->ended, on_ended))
        return false;
    k->server.control = &k->ended;
    uv_timer_init(&k->uv, &k->patience);
    k->ended.data = k->patience.data = k;
    for (int i = 0; i < 3; i++) {
        uv_signal_init(&k->uv, &k->signals[i]);
        k->signals[i].data = k;
        if (uv_signal_start(&k->signals[i], on_signal, numbers[i]))
            return false;
    }
    return true;
}

static void close_handle(uv_handle_t *handle, void *user)
{
    (void)user;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void control_close(control *k)
{
    uv_walk(&k->uv, close_handle, NULL);
    uv_run(&k->uv, UV_RUN_DEFAULT);
    uv_loop_close(&k->uv);
}

static bool open_loops(control *k, const int *fds, unsigned count)
{
    while (k->opened < count)
        if (!net_loop_open(&k->loops[k->opened], &k->server, fds[k->opened]))
            return false;
        else
            k->opened++;
    return true;
}

static bool start_loops(control *k)
{
    for (; k->started < k->opened; k->started++) {
        net_loop *l = &k->loops[k->started];
        atomic_fetch_add(&k->server.running, 1);
        if (!pthread_create(&l->thread, NULL, net_loop_run, l))
            continue;
        atomic_fetch_sub(&k->server.running, 1);
        return false;
    }
    return true;
}

static bool write_pid(const char *path)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    bool written = fd >= 0 && write(fd, text, (size_t)n) == n;
    if (!written)
        fprintf(stderr,
                "cinema: cannot write the pid file %s: %s; set CINEMA_PID_FILE to a path "
                "that can be written, or to none\n",
                path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return written;
}

/* Another server may have taken the file over: its number stays. */
static void remove_pid(const char *path)
{
    char text[24] = "";
    FILE *f = fopen(path, "re");
    if (!f)
        return;
    bool ours = fgets(text, sizeof text, f) && strtol(text, NULL, 10) == (long)getpid();
    fclose(f);
    if (ours)
        unlink(path);
}

static void tell(const serve_options *options, const char *url)
{
    if (options->on_ready)
        options->on_ready(url, options->user);
    else
        fprintf(stderr, "listening on %s\n", url);
}

static bool start(control *k, const serve_options *options)
{
    const net_limits *limits = &k->server.limits;
    char url[URL_MAX] = "";
    int fds[256];
    if (!net_listen(limits->listen, fds, limits->loops, url, sizeof url))
        return false;
    if (!open_loops(k, fds, limits->loops)) {
        for (unsigned i = k->opened; i < limits->loops; i++)
            close(fds[i]);
        fprintf(stderr, "cinema: cannot start an event loop: %s\n", strerror(errno));
        return false;
    }
    if (limits->pid_file && !write_pid(limits->pid_file))
        return false;
    if (!start_loops(k) || !net_later_start(&k->server.later, k->server.cinema)) {
        fprintf(stderr, "cinema: cannot start a thread: %s\n", strerror(errno));
        return false;
    }
    tell(options, url);
    return true;
}

/* After a loop's thread has ended nothing is under way on it; workers then have nothing left. */
static bool stop(control *k)
{
    atomic_store(&k->server.stopping, 2);
    for (unsigned i = 0; !k->broken_off && i < k->started; i++) {
        net_loop_wake(&k->loops[i]);
        pthread_join(k->loops[i].thread, NULL);
    }
    bool home = k->broken_off || net_later_close(&k->server.later, NET_BREAK_MS);
    home = net_pool_close(&k->server.work, NET_BREAK_MS) && home;
    home = net_pool_close(&k->server.stream, NET_BREAK_MS) && home;
    return net_pool_close(&k->server.hash, NET_BREAK_MS) && home && !k->broken_off;
}

static void free_all(control *k)
{
    for (unsigned i = 0; i < k->opened; i++)
        net_loop_close(&k->loops[i]);
    net_peers_close(&k->server.peers);
    free(k->loops);
}

static control *control_new(cinema *c, const serve_options *options)
{
    control *k = calloc(1, sizeof *k);
    if (!k)
        return NULL;
    net_server *s = &k->server;
    s->cinema = c;
    net_limits_read(&s->limits, c, options);
    atomic_store(&s->log, (int)net_log_level(c, options->log));
    net_later_open(&s->later);
    net_pool_open(&s->work, s, "work", s->limits.workers, WORK_QUEUE);
    net_pool_open(&s->stream, s, "stream", s->limits.streamers, WORK_QUEUE);
    net_pool_open(&s->hash, s, "hash", s->limits.hashers, HASH_QUEUE);
    k->loops = calloc(s->limits.loops, sizeof *k->loops);
    if (net_peers_open(&s->peers, s->limits.connections) && k->loops)
        return k;
    net_peers_close(&s->peers);
    free(k->loops);
    free(k);
    return NULL;
}

static bool open_log(control *k)
{
    const char *path = k->server.limits.access_log;
    if (net_sink_open(&k->server.sink, path))
        return true;
    fprintf(stderr,
            "cinema: cannot open the access log %s: %s; set CINEMA_ACCESS_LOG to a file that can "
            "be written, or to none\n",
            path, strerror(errno));
    free_all(k);
    free(k);
    return false;
}

int serve_run(cinema *c, const serve_options *options)
{
    struct sigaction before, ignore = { .sa_handler = SIG_IGN };
    control *k = control_new(c, options);
    if (!k) {
        fprintf(stderr, "cinema: out of memory\n");
        return 1;
    }
    if (!open_log(k))
        return 1;
    sigaction(SIGPIPE, &ignore, &before);
    bool ran = control_open(k) && start(k, options);
    if (ran)
        uv_run(&k->uv, UV_RUN_DEFAULT);
    bool home = stop(k);
    if (k->server.limits.pid_file)
        remove_pid(k->server.limits.pid_file);
    if (!home)
        return SERVE_BROKEN_OFF; /* everything stays where other threads may look for it */
    control_close(k);
    free_all(k);
    net_sink_close(&k->server.sink);
    sigaction(SIGPIPE, &before, NULL);
    free(k);
    return ran ? 0 : 1;
}
