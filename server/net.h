/* net.h - what the parts of the transport share: limits, the server, its loops, connections and
 * requests, and who owns them.
 * Ownership: a loop's thread alone touches its connections and requests. A request that a worker
 * has in hand (state NET_WORK) keeps its connection's memory alive; all the worker may touch is the
 * request's input and its `response`. Memory of a connection goes when its handle's close callback
 * has run and no worker has its request, whichever comes last.
 */
#ifndef SERVER_NET_H
#define SERVER_NET_H

#include <cinema/http.h>

#include <llhttp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

enum {
    NET_HEAD_MAX = 32 * 1024,  /* bytes of header fields */
    NET_TARGET_MAX = 8 * 1024, /* bytes of a request's target */
    NET_FIELDS_MAX = 100,
    NET_TURN_REQUESTS = 16,     /* of one connection before others have their turn */
    NET_LINE_REST = 64,         /* of a request line, beside the target */
    NET_STRAY_BODY = 64 * 1024, /* of a body that nobody wants, read so that the answer is seen */
    NET_BUFFER = 64 * 1024,     /* a loop's input, output and log */
    NET_PIPE = 2 * NET_BUFFER,  /* of a body that streams: held between loop and worker */
    NET_PIECE = 48 * 1024,      /* of an answer that streams: read and sent at once */
    NET_IDLE_MS = 75 * 1000,    /* a connection between two requests */
    NET_WRITE_MS = 30 * 1000,   /* an answer of which the client takes nothing */
    NET_LINGER_MS = 3 * 1000,   /* a client that still sends when it has been refused */
    NET_LINGER_MAX = 8 * 1024 * 1024,
    NET_STOP_MS = 10 * 1000, /* to finish what is under way at a graceful stop */
    NET_BREAK_MS = 1000,     /* for threads to come home when that was not enough */
    NET_TICK_MS = 250,       /* how often deadlines are looked at */
    NET_ADDRESS = 48,
};
#define NET_BODIES_MAX ((size_t)256 * 1024 * 1024) /* bytes of request bodies in memory at once */

typedef struct net_limits {
    const char *listen, *pid_file, *access_log; /* NULL: none; of the log: stderr */
    unsigned loops, workers, hashers, streamers;
    unsigned connections, per_address; /* per_address 0: no limit */
    uint64_t header_ms, body_ms;
    int64_t deadline_ms;
    size_t body_max, body_rate; /* rate: bytes a second of a body that streams; 0: no limit */
    bool log_given;             /* by the command line, which SIGHUP does not change */
} net_limits;

typedef struct net_server net_server;
typedef struct net_loop net_loop;
typedef struct net_conn net_conn;
typedef struct net_request net_request;

/* Why the transport itself refuses a request. Constant, made by NET_REFUSE. */
typedef struct net_refusal {
    int status;
    const char *code, *detail;
} net_refusal;
#define NET_REFUSE(status, code, detail)                                                           \
    __extension__({                                                                                \
        static const net_refusal refusal_ = { status, code, detail };                              \
        &refusal_;                                                                                 \
    })

/* --- peers.c: connections per address, over all loops ------------------------------------------
 */
typedef struct net_peer_key {
    unsigned char bytes[16]; /* IPv4 as ::ffff:a.b.c.d; IPv6: its first 64 bits */
} net_peer_key;
typedef struct net_peers {
    pthread_mutex_t lock;
    struct net_peer *slots;
    size_t mask;
} net_peers;
bool net_peers_open(net_peers *p, unsigned connections);
void net_peers_close(net_peers *p);
/* Who is not counted: a proxy, whose connections are those of many. */
extern const net_peer_key net_nobody;
/* False: this address has `max` already (0: no limit, nothing is counted). */
bool net_peers_enter(net_peers *p, const net_peer_key *key, unsigned max);
void net_peers_leave(net_peers *p, const net_peer_key *key);
/* Key and text form of an address. */
void net_peer_name(const struct sockaddr_storage *from, net_peer_key *key, char text[NET_ADDRESS]);

/* --- sink.c: a file or stderr for log lines, never waited for
 * --------------------------------------------
 */
typedef struct net_sink {
    pthread_mutex_t lock;
    int fd;
    bool own, socket;
    char rest[8192]; /* of a line that went out in part */
    size_t rest_length;
} net_sink;
/* `path` NULL: stderr. False: it cannot be written (errno). */
bool net_sink_open(net_sink *s, const char *path);
/* Another file of the same name: the old one has been moved away. False: as before (errno). */
bool net_sink_reopen(net_sink *s, const char *path);
void net_sink_close(net_sink *s);
/* Writes whole lines with one write(2) and returns how many bytes need not be given again. Waits up
 * to `wait_ms` for a reader that is behind. */
size_t net_sink_write(net_sink *s, const char *lines, size_t length, int wait_ms);

/* --- pool.c: threads for work that waits --------------------------------------------------------
 */
typedef struct net_pool {
    net_server *server;
    const char *name; /* of its threads */
    pthread_mutex_t lock;
    pthread_cond_t more, gone;
    net_request *first, *last;
    unsigned queued, queue_max, threads, threads_max, idle;
    pthread_t left; /* the thread that ended last; nobody has waited for it */
    bool has_left, stop;
} net_pool;
void net_pool_open(net_pool *p, net_server *server, const char *name, unsigned threads,
                   unsigned queue);
/* False: the queue is full. */
bool net_pool_submit(net_pool *p, net_request *r);
/* Ends its threads; false: some were still at work after `wait_ms`. */
bool net_pool_close(net_pool *p, int wait_ms);

/* --- pipe.c: a body that streams, from the loop to the worker that reads it ----------------------
 */
typedef struct net_pipe {
    pthread_mutex_t lock;
    pthread_cond_t more;
    size_t at, length;
    bool end, broken; /* no more will come; and something is missing */
    bool paused;      /* set by the loop alone: it takes nothing until it is asked */
    bool asked;
    char bytes[NET_PIPE];
} net_pipe;
bool net_pipe_open(net_request *r); /* false: no memory, or too many bodies */
void net_pipe_close(net_request *r);
void net_pipe_put(net_pipe *p, const char *bytes, size_t length); /* the loop, while not paused */
void net_pipe_end(net_pipe *p, bool broken);
void net_pipe_go_on(net_pipe *p); /* the loop has been asked */
int64_t net_pipe_read(void *bytes, size_t room, void *request);

/* --- later.c: threads that do what waits ---------------------------------------------------------
 */
enum { NET_LATER = 2 };
typedef struct net_later {
    cinema *cinema; /* NULL: not started */
    pthread_mutex_t lock;
    pthread_cond_t gone;
    pthread_t ids[NET_LATER];
    int started;
    unsigned threads; /* that are at work still */
    bool failing;
    atomic_bool stop;
} net_later;
void net_later_open(net_later *l);
bool net_later_start(net_later *l, cinema *c); /* nothing where CINEMA_OUTBOX is off */
/* Ends them, breaking off what takes too long; false: some were still at work. */
bool net_later_close(net_later *l, int wait_ms);

struct net_server {
    cinema *cinema;
    net_limits limits;
    net_pool work, hash, stream;
    net_later later;
    net_peers peers;
    net_sink sink;
    atomic_uint connections;
    atomic_size_t body_bytes;
    atomic_int log;      /* cinema_log_level */
    atomic_int stopping; /* 0: no, 1: finish what is under way, 2: at once */
    atomic_uint running; /* loops */
    uv_async_t *control; /* told when a loop ends */
};

/* --- loop.c, date.c ------------------------------------------------------------------------------
 */
/* Where a connection stands; it hangs in the list of its state, oldest first. Each state has one
 * time limit, so that only the heads of the lists have to be looked at. */
typedef enum net_state {
    NET_FRESH,  /* nothing has come yet */
    NET_IDLE,   /* between two requests */
    NET_HEAD,   /* part of a head is here */
    NET_BODY,   /* part of a body is here */
    NET_STREAM, /* a worker has it, while its body still comes */
    NET_TURN,   /* has sent many requests at once; others first */
    NET_WORK,   /* a worker has it */
    NET_WRITE,  /* the client has yet to take the answer */
    NET_LINGER, /* answered and refused; what still comes is thrown away */
    NET_STATES, /* closing: in no list */
} net_state;

typedef struct net_clock {
    int64_t second;
    unsigned ms;
    char http[32]; /* "Sun, 06 Nov 1994 08:49:37 GMT" */
    char iso[24];  /* "1994-11-06T08:49:37" */
} net_clock;
void net_clock_look(net_clock *k);

typedef struct net_list {
    net_conn *first, *last;
} net_list;

struct net_loop {
    net_server *server;
    uv_loop_t uv;
    uv_async_t wake;
    uv_timer_t tick, again, log_flush; /* deadlines; accepting after a pause; the log */
    uv_poll_t listener;
    uv_idle_t turns; /* runs while a connection waits for its next turn */
    int listen_fd;
    bool ending;
    pthread_t thread;
    pthread_mutex_t lock; /* of the next */
    net_request *done;    /* come back from workers */
    net_request *wanted;  /* whose workers want more of the body */

    net_list lists[NET_STATES];
    unsigned connections;
    net_request *spare;
    unsigned spares;
    net_clock clock;
    llhttp_settings_t settings;
    char *in;  /* what is being read, by one connection at a time */
    char *out; /* what is being answered, likewise */
    size_t out_used;
    char *log;
    size_t log_used;
    uint64_t log_dropped;
};
bool net_loop_open(net_loop *l, net_server *server, int listen_fd);
void net_loop_close(net_loop *l); /* after its thread has ended, or has not been started */
void *net_loop_run(void *loop);   /* a thread's main function */
void net_loop_wake(net_loop *l);  /* from any thread */
void net_loop_give(net_loop *l, net_request *r); /* from a worker: the response is there */
void net_loop_check_end(net_loop *l);
void net_loop_turns(net_loop *l); /* there is a connection in NET_TURN */
void net_loop_tick(net_loop *l);  /* there is a connection: look at deadlines */
void net_accept_start(net_loop *l);
void net_accept_stop(net_loop *l);

/* --- conn.c, flow.c: connections -----------------------------------------------------------------
 */
struct net_conn {
    uv_tcp_t tcp;
    net_loop *loop;
    net_conn *prev, *next;
    uint64_t since; /* in this state, ms of the loop's clock */
    net_request *request;
    char *pending; /* arrived, not looked at yet; nothing is read while there is some */
    size_t pending_length, pending_at;
    size_t unsent;   /* when last looked at: a slow reader's progress */
    size_t lingered; /* bytes thrown away */
    size_t mark;     /* of a body that streams: how much had come when last looked at */
    net_peer_key peer;
    uint8_t state;
    bool busy; /* a worker has the request */
    bool reading, eof;
    bool last;   /* no request after this one */
    bool linger; /* unread bytes may come: closing at once would take the answer from the client */
    bool closing, closed;
    char address[NET_ADDRESS];
};
void net_conn_open(net_loop *l, int fd, const net_peer_key *peer, const char *address);
void net_conn_close(net_conn *k);
void net_conn_state(net_conn *k, net_state state);
void net_conn_writing(net_conn *k); /* into NET_WRITE, or on in it */
void net_conn_expire(net_conn *k);  /* its state's time is over */
void net_conn_release(net_conn *k); /* frees it if nothing holds it any more */
void net_conn_reading(net_conn *k, bool on);
/* Sends what loop->out has and then `response`'s body (may be NULL; owned from here). */
void net_conn_send(net_conn *k, cinema_http_response *response);
void net_flow_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer);
void net_flow_done(net_conn *k);       /* a worker is back */
void net_flow_written(net_conn *k);    /* the client has taken all of the answer */
void net_flow_too_slow(net_conn *k);   /* 408 */
void net_flow_check_rate(net_conn *k); /* of a body that streams */
void net_flow_wanted(net_conn *k);     /* its worker wants more */
void net_flow_turn(net_conn *k);       /* it may go on with what it has sent */

/* --- request.c, head.c, body.c
 * -------------------------------------------------------------------- */
struct net_request {
    net_request *next;        /* in a queue */
    net_request *next_wanted; /* in its loop's list */
    net_conn *conn;
    net_loop *loop;
    llhttp_t parser;
    char *head;                  /* its first byte: in the loop's input, or our own copy */
    size_t head_used, head_room; /* room 0: not our own */
    char *body;                  /* likewise */
    size_t body_length, body_room, body_max;
    size_t content_length, wire; /* wire: bytes of a chunked body with its framing */
    const net_refusal *refusal;  /* of a parser's callback */
    net_pipe *pipe;              /* of a body that streams */
    const net_refusal *broken;   /* why such a body ended before its end */
    cinema_http_response *response;
    char *piece;          /* of an answer that streams: read by the worker, sent by the loop */
    int64_t piece_length; /* 0: its end, negative: broken off */
    uint64_t streamed;    /* bytes sent */
    uint64_t started_ns, queued_ns;
    atomic_bool cancelled;
    bool head_done, http10, keep_alive, head_only, chunked, expects, skip_body, body_done;
    bool streaming; /* its answer: `response` is ours until the last piece is out */
    cinema_http_route_info route;
    const char *method, *target, *request_id;
    size_t header_count;
    cinema_http_header headers[NET_FIELDS_MAX]; /* the last: not cleared */
};
net_request *net_request_new(net_conn *k); /* NULL: no memory */
void net_request_free(net_request *r);
bool net_request_keep(net_request *r); /* makes what it borrows its own; false: no memory */
void net_request_run(net_request *r);  /* any thread: asks the library, sets `response` */
bool net_body_room(net_request *r, size_t length);

/* Each takes bytes and says how many were its own; `*why` is set when the request is refused. */
size_t net_head_take(net_request *r, char *bytes, size_t length, const net_refusal **why);
size_t net_body_take(net_request *r, char *bytes, size_t length, const net_refusal **why);
void net_body_settings(llhttp_settings_t *settings);
/* Splits the complete head into fields and judges it. */
const net_refusal *net_fields_read(net_request *r);

/* --- answer.c, access.c
 * ---------------------------------------------------------------------------- */
/* Formats the answer to `r` and sends it, or leaves it in loop->out for net_conn_send. Owns
 * `response`, which may be NULL (no memory). Afterwards the request is gone. */
void net_answer(net_conn *k, cinema_http_response *response);
/* Of an answer that streams: has a worker read the next piece, once the last one has gone out. */
void net_answer_pull(net_conn *k);
void net_answer_piece(net_conn *k); /* a piece is here */
void net_access_line(net_loop *l, const net_conn *k, const cinema_http_response *response,
                     size_t bytes);
void net_access_flush(net_loop *l, int wait_ms);

/* --- limits.c, listen.c
 * ------------------------------------------------------------------------------ */
struct serve_options;
void net_limits_read(net_limits *limits, cinema *c, const struct serve_options *options);
cinema_log_level net_log_level(cinema *c, const char *option);
/* `count` listening sockets on one address, and its URL. On failure a line to stderr and false. */
bool net_listen(const char *address, int *fds, unsigned count, char *url, size_t url_size);

#endif
