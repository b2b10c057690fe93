/* shrink.c - cinema-image (image/): started, fed, listened to, ended.
 * The two talk through one socket, because writing to a pipe that nobody reads would send a signal
 * to the program that uses this library. What the child says counts, not how it ended: that program
 * may wait for all its children itself, or ignore them.
 */
#include "avatar/shrink.h"

#include "base/buffer.h"
#include "base/handle.h"
#include "base/module.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* An answer is 512 x 512 pixels at most; the program limits itself to 5 s of CPU. */
enum { ANSWER_MAX = 2 << 20, AT_ONCE = 2, HEAD = 5 };

/* ---- how many at once ------------------------------------------------------------------------ */

static struct turns {
    pthread_once_t once;
    pthread_mutex_t lock;
    pthread_cond_t left; /* somebody has */
    unsigned taken;
} turns = { PTHREAD_ONCE_INIT, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };

static void start_turns(void)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&turns.left, &attributes);
    pthread_condattr_destroy(&attributes);
}

static cinema_status take_turn(int64_t deadline, cinema_error *err)
{
    const struct timespec until = { .tv_sec = (time_t)(deadline / 1000),
                                    .tv_nsec = (long)(deadline % 1000) * 1000000 };
    int late = 0;
    pthread_once(&turns.once, start_turns);
    pthread_mutex_lock(&turns.lock);
    while (turns.taken >= AT_ONCE && !late)
        late = pthread_cond_timedwait(&turns.left, &turns.lock, &until);
    bool taken = turns.taken < AT_ONCE;
    turns.taken += taken;
    pthread_mutex_unlock(&turns.lock);
    return taken ? CINEMA_OK
                 : fail(err, CINEMA_UNAVAILABLE, "busy", NULL,
                        "too many images are waiting: try again later");
}

static void leave_turn(void)
{
    pthread_mutex_lock(&turns.lock);
    turns.taken--;
    pthread_cond_signal(&turns.left);
    pthread_mutex_unlock(&turns.lock);
}

/* ---- the child ------------------------------------------------------------------------------- */

/* One image under way. */
typedef struct job {
    const char *bytes;
    size_t left;
    int fd; /* our end of the socket */
    pid_t child;
    int64_t deadline;
    bool over; /* the child has closed its end */
    buffer answer;
} job;

/* Signals are as they are at the start of a program, whatever ours has made of them. */
static int attributes_of(posix_spawnattr_t *a)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(a, &none);
    posix_spawnattr_setsigdefault(a, &all);
    posix_spawnattr_setpgroup(a, 0);
    return posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                           POSIX_SPAWN_SETPGROUP);
}

static int actions_of(posix_spawn_file_actions_t *a, int theirs)
{
    int fault = posix_spawn_file_actions_adddup2(a, theirs, STDIN_FILENO);
    if (!fault)
        fault = posix_spawn_file_actions_adddup2(a, STDIN_FILENO, STDOUT_FILENO);
    if (!fault)
        fault = posix_spawn_file_actions_addopen(a, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
#ifdef __GLIBC__ /* elsewhere the program does it itself, first of all */
    if (!fault)
        fault = posix_spawn_file_actions_addclosefrom_np(a, STDERR_FILENO + 1);
#endif
    return fault;
}

static int spawn(const char *path, int theirs, pid_t *ret)
{
    char name[] = "cinema-image";
    char *const arguments[] = { name, NULL }, *const environment[] = { NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    int fault = actions_of(&actions, theirs);
    if (!fault && !(fault = attributes_of(&attributes)))
        fault = posix_spawn(ret, path, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return fault;
}

static cinema_status start(job *j, cinema_error *err)
{
    char path[MODULE_PATH_ROOM];
    int ends[2], fault;
    if (!module_path("cinema-image", path))
        return fail(err, CINEMA_UNSUPPORTED, NULL, NULL,
                    "images are not built in: cinema-image is not installed beside this libcinema");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        return fail(err, CINEMA_UNAVAILABLE, NULL, NULL, "no socket can be had");
    fault = spawn(path, ends[1], &j->child);
    close(ends[1]);
    j->fd = ends[0];
    if (!fault)
        return CINEMA_OK;
    close(j->fd);
    if (fault == ENOMEM)
        return fail_memory(err);
    return fail(err, CINEMA_UNAVAILABLE, NULL, NULL, "no process can be started for the image");
}

/* It is dead already, or is now. Until it has been waited for its number is nobody else's; where
 * somebody else has waited for it, it was over. */
static void end(const job *j)
{
    int status;
    if (!j->over)
        kill(j->child, SIGKILL);
    close(j->fd);
    while (waitpid(j->child, &status, 0) < 0 && errno == EINTR)
        ;
}

/* Where the child is gone there is no more to send; it may have seen enough, and answered. */
static void send_some(job *j)
{
    ssize_t n = send(j->fd, j->bytes, j->left, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    j->bytes += n > 0 ? n : 0;
    j->left = n > 0 ? j->left - (size_t)n : 0;
    if (!j->left)
        shutdown(j->fd, SHUT_WR);
}

static void receive_some(job *j)
{
    char piece[16384];
    ssize_t n = recv(j->fd, piece, sizeof piece, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0)
        buffer_add(&j->answer, piece, (size_t)n);
    j->over = n <= 0;
}

static cinema_status talk(job *j, cinema_error *err)
{
    while (!j->over && !j->answer.failed) {
        int64_t left = deadline_left_ms(j->deadline);
        struct pollfd p = { .fd = j->fd, .events = (short)(POLLIN | (j->left ? POLLOUT : 0)) };
        if (!left)
            return fail(err, CINEMA_TIMEOUT, NULL, NULL, "the image took too long");
        if (poll(&p, 1, left < 60000 ? (int)left : 60000) < 0 && errno != EINTR)
            return fail(err, CINEMA_UNAVAILABLE, NULL, NULL, "the image cannot be waited for");
        if (p.revents & POLLOUT && j->left)
            send_some(j);
        if (p.revents & (POLLIN | POLLHUP | POLLERR))
            receive_some(j);
    }
    return j->answer.failed == CINEMA_NO_MEMORY ? fail_memory(err) : CINEMA_OK;
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* It says nothing where a limit has ended it. */
static cinema_status take_answer(job *j, char **ret, size_t *ret_length, cinema_error *err)
{
    const unsigned char *b = (const unsigned char *)j->answer.bytes;
    size_t got = j->answer.length, length = 0;
    for (size_t i = 4; got >= HEAD && i > 0; i--)
        length = length << 8 | b[i];
    if (got > HEAD && b[0] == 'd' && length == got - HEAD) {
        memmove(j->answer.bytes, j->answer.bytes + HEAD, length);
        *ret = MOVE(j->answer.bytes);
        *ret_length = length;
        return CINEMA_OK;
    }
    if (got >= HEAD && b[0] == 'b')
        return fail(err, CINEMA_INVALID, "image", "image", "image: is damaged or cut short");
    return fail(err, CINEMA_INVALID, "costly", "image",
                "image: takes too much memory or time to decode");
}

cinema_status shrink_image(cinema *c, const void *bytes, size_t length, char **ret,
                           size_t *ret_length, cinema_error *err)
{
    job j = {
        .bytes = bytes, .left = length, .deadline = call_deadline(c), .answer = BUFFER(ANSWER_MAX)
    };
    assert(!cinema__transactions_open && "no waiting inside a transaction");
    cinema_status s = take_turn(j.deadline, err);
    if (s)
        return s;
    if (!(s = start(&j, err))) {
        s = talk(&j, err);
        end(&j);
    }
    leave_turn();
    if (!s)
        s = take_answer(&j, ret, ret_length, err);
    buffer_done(&j.answer);
    return s;
}
