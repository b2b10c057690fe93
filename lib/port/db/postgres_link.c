/* postgres_link.c - one connection: made, waited for, cancelled, dropped; when to try again.
 * libpq is used without blocking throughout. What it does block on is resolving the host's name
 * (bounded by resolv.conf) and PQcancel, which is why the server is felt for before that.
 */
#include "port/db/postgres.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CANCEL_MS = 250, BACKOFF_FIRST_MS = 50, BACKOFF_MOST_MS = 1000, SWITCHES_MOST = 3 };

/* ---- waiting --------------------------------------------------------------------------------- */

/* What poll says, 0 when `ms` or the deadline is over. */
static int wait_for(int fd, short events, int64_t ms, int64_t deadline)
{
    struct pollfd p = { .fd = fd, .events = events };
    for (;;) {
        int64_t left = deadline_left_ms(deadline);
        left = left < ms ? left : ms;
        int n = poll(&p, 1, left < INT_MAX ? (int)left : INT_MAX);
        if (n >= 0 || errno != EINTR)
            return n;
    }
}

cinema_status pg_link_wait(pg_link *l, short events, int turn, int64_t deadline, cinema_error *err)
{
    int n = wait_for(PQsocket(l->pg), events, turn, deadline);
    if (n < 0)
        return pg_error_of_loss(l, err);
    return n == 0 && !deadline_left_ms(deadline) ? pg_error_timeout(l, err) : CINEMA_OK;
}

/* ---- connecting ------------------------------------------------------------------------------ */

/* Warnings and "already exists, skipping": libpq would print them. */
static void notice(void *pool, const PGresult *r)
{
    const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    pg_log(pool, CINEMA_LOG_DEBUG, "postgres: notice: %s", text ? text : "");
}

static cinema_status connect_poll(pg_link *l, int64_t deadline, cinema_error *err)
{
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (PQstatus(l->pg) != CONNECTION_BAD && state != PGRES_POLLING_FAILED) {
        if (state == PGRES_POLLING_OK)
            return CINEMA_OK;
        cinema_status s = pg_link_wait(l, state == PGRES_POLLING_READING ? POLLIN : POLLOUT,
                                       INT_MAX, deadline, err);
        if (s)
            return s;
        state = PQconnectPoll(l->pg);
    }
    return pg_error_of_connect(l, err);
}

/* Behind a pooler the process that answers is not the one that was named at connecting (measured
 * with pgbouncer 1.18: its number is random). */
static cinema_status ask_names(pg_link *l, int64_t deadline, cinema_error *err)
{
    static const db_statement ask = PG_STATEMENT("SELECT pg_backend_pid()", 0);
    CLEANUP(arena_freep) arena *a = arena_new(512, 4096);
    db_rows rows = { 0 };
    pg_batch b = { .statements = &ask, .count = 1, .arena = a, .rows = &rows };
    cinema_status s = a ? pg_talk(l, &b, deadline, err) : fail_memory(err);
    if (s)
        return s;
    bool direct = rows.count && rows.first->cells[0].number == PQbackendPID(l->pg);
    int unknown = PG_NAMES_ASK; /* others may have found out by a failure meanwhile */
    atomic_compare_exchange_strong(&l->pool->names, &unknown, direct ? PG_NAMES_ON : PG_NAMES_OFF);
    if (!direct)
        pg_log(l->pool, CINEMA_LOG_INFO,
               "postgres: there is a pooler between: no names for statements");
    return CINEMA_OK;
}

static cinema_status greet(pg_link *l, int64_t deadline, cinema_error *err)
{
    PQsetErrorVerbosity(l->pg, PQERRORS_DEFAULT);
    if (PQsetnonblocking(l->pg, 1) || !PQenterPipelineMode(l->pg))
        return pg_error_of_connect(l, err);
    if (atomic_load(&l->pool->names) == PG_NAMES_ASK)
        return ask_names(l, deadline, err);
    return CINEMA_OK;
}

static int64_t attempt_deadline(const pg_link *l, int64_t deadline)
{
    int limit = l->pool->url.connect_timeout_ms;
    int64_t own = limit ? clock_monotonic_ms() + limit : DEADLINE_NONE;
    return own < deadline ? own : deadline;
}

cinema_status pg_link_open(pg_link *l, int64_t deadline, cinema_error *err)
{
    if (l->pg && PQstatus(l->pg) == CONNECTION_OK)
        return CINEMA_OK;
    pg_link_drop(l);
    l->trouble = PG_FINAL;
    if (!deadline_left_ms(deadline))
        return pg_error_timeout(l, err);
    l->pg = PQconnectStart(l->pool->url.settings);
    if (!l->pg)
        return fail_memory(err);
    PQsetNoticeReceiver(l->pg, notice, l->pool);
    PQsetErrorVerbosity(l->pg, PQERRORS_VERBOSE); /* with the SQLSTATE, see pg_error_of_connect */
    cinema_status s = connect_poll(l, attempt_deadline(l, deadline), err);
    if (!s)
        s = greet(l, deadline, err);
    if (s == CINEMA_TIMEOUT) {
        pg_log(l->pool, CINEMA_LOG_WARNING, "postgres: no connection in time");
        if (deadline_left_ms(deadline))
            l->trouble = PG_LOST; /* only this attempt's own time was over */
    }
    if (s)
        pg_link_drop(l);
    else if (l->pool->url.unverified)
        pg_log(l->pool, CINEMA_LOG_WARNING,
               "postgres: connected with sslmode=no-verify: nobody knows who answers");
    return s;
}

void pg_link_drop(pg_link *l)
{
    PQfinish(l->pg);
    l->pg = NULL;
    l->worked = l->forget = false;
    pg_names_clear(&l->names);
}

/* ---- cancelling ------------------------------------------------------------------------------ */

/* Whether somebody still answers at the address of the connection: asks "do you speak TLS?", which
 * every server and pooler answers with one byte, before anything else. */
static bool somebody_there(const pg_link *l)
{
    static const unsigned char question[8] = { 0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f };
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    int64_t deadline = clock_monotonic_ms() + CANCEL_MS;
    char answer;

    if (getpeername(PQsocket(l->pg), (struct sockaddr *)&address, &size))
        return false;
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool there = (!connect(fd, (struct sockaddr *)&address, size) || errno == EINPROGRESS) &&
                 wait_for(fd, POLLOUT, CANCEL_MS, deadline) > 0 &&
                 send(fd, question, sizeof question, MSG_NOSIGNAL) == sizeof question &&
                 wait_for(fd, POLLIN, CANCEL_MS, deadline) > 0 && recv(fd, &answer, 1, 0) == 1;
    close(fd);
    return there;
}

/* PQcancel writes without MSG_NOSIGNAL. */
static void cancel_quietly(PGcancel *cancel)
{
    char why[256];
    sigset_t pipe, before, pending;
    const struct timespec now = { 0 };
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe, &before);
    PQcancel(cancel, why, sizeof why);
    if (!sigismember(&pending, SIGPIPE))
        while (sigtimedwait(&pipe, NULL, &now) < 0 && errno == EINTR)
            ;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void pg_link_cancel(pg_link *l)
{
    PGcancel *cancel = PQgetCancel(l->pg);
    if (cancel && somebody_there(l))
        cancel_quietly(cancel);
    PQfreeCancel(cancel);
}

/* ---- trying again ---------------------------------------------------------------------------- */

/* 50 ms doubling to 1 s, each shortened by up to a half, so that callers do not march in step. */
static int64_t next_wait(const pg_link *l, unsigned n)
{
    struct timespec t;
    int64_t most = n < 5 ? BACKOFF_FIRST_MS << n : BACKOFF_MOST_MS;
    most = most < BACKOFF_MOST_MS ? most : BACKOFF_MOST_MS;
    clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t chance = ((uint64_t)t.tv_nsec ^ (uintptr_t)l >> 4) * 0x9E3779B97F4A7C15u >> 32;
    return most - (int64_t)(chance % (uint64_t)(most / 2 + 1));
}

bool pg_link_again(pg_link *l, pg_retry *r, int64_t deadline)
{
    switch (l->trouble) {
    case PG_FINAL:
        return false;
    case PG_STALE: /* the next attempt makes a new connection */
    case PG_POOLER:
    case PG_PLAN:
        return r->switches++ < SWITCHES_MOST;
    case PG_BUSY:
    case PG_LOST:
        break;
    }
    int64_t wait = next_wait(l, r->waits++);
    if (deadline_left_ms(deadline) <= wait)
        return false;
    poll(NULL, 0, (int)wait);
    return true;
}
