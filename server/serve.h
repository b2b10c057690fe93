/* serve.h - the transport: sockets, HTTP/1.1 framing, threads. What the command line starts.
 * It knows requests and responses (cinema/http.h), never what they are about.
 */
#ifndef SERVER_SERVE_H
#define SERVER_SERVE_H

#include <cinema/http.h>

/* All zero: everything as the settings of the handle say. */
typedef struct serve_options {
    const char *listen;   /* "127.0.0.1:8080", "[::1]:0" (0: any free port); NULL: CINEMA_LISTEN */
    const char *pid_file; /* NULL: CINEMA_PID_FILE; "": none */
    const char *log;      /* "error", "warning", "info" or "debug"; NULL: CINEMA_LOG */
    unsigned io_threads;  /* 0: one a core */
    unsigned workers;     /* most threads for work that waits; 0: 32 */
    unsigned hashers;     /* threads for HASH; 0: cores - 1, at least one */
    unsigned connections; /* most at once; 0: 10,000, or what RLIMIT_NOFILE leaves */
    /* Called once on the calling thread when connections are taken, with the real URL; NULL: the
     * line "listening on URL" goes to stderr. */
    void (*on_ready)(const char *url, void *user);
    void *user;
} serve_options;

/* Serves until SIGTERM or SIGINT, then finishes what is under way (10 s at most) and returns the
 * exit status of the process: 0 stopped, 1 could not start (the reason is on stderr). After a
 * second signal, or where work did not end in time, SERVE_BROKEN_OFF: library calls may still be
 * running on other threads, so do not call cinema_close, but leave with _exit. Installs handlers
 * for SIGTERM, SIGINT and SIGHUP and ignores SIGPIPE while it runs. Once a process. */
enum { SERVE_BROKEN_OFF = 3 };
int serve_run(cinema *c, const serve_options *options);

#endif
