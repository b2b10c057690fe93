/* confine_test.c - mirrors image/confine.c: what is left to a process that has confined itself.
 */
#include "avatar/images.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if !defined(__x86_64__) && !defined(__aarch64__)
#define WITHOUT_FILTER 1
#else
#define WITHOUT_FILTER 0
#endif

/* In a child: fn() after confine(); its answer is the exit status. Calls are made bare, for the
 * sanitizers' own would want more than there is. */
static int confined(int (*fn)(void))
{
    int status;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (!child)
        syscall(SYS_exit_group, confine() ? fn() : 99);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int refused(long result)
{
    return result < 0 && errno == EPERM ? 0 : 1;
}

static int opens(void)
{
    return refused(syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0));
}

static int connects(void)
{
    return refused(syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
}

static int forks(void)
{
    return refused(syscall(SYS_clone, 17L, 0L, 0L, 0L, 0L));
}

static int runs(void)
{
    char *const none[] = { NULL };
    return refused(syscall(SYS_execve, "/bin/true", none, none));
}

static int kills(void)
{
    return refused(syscall(SYS_kill, (long)getppid(), 0L));
}

static int makes_code(void)
{
    return refused(syscall(SYS_mmap, 0L, 4096L, (long)(PROT_READ | PROT_WRITE | PROT_EXEC),
                           (long)(MAP_PRIVATE | MAP_ANONYMOUS), -1L, 0L));
}

/* Not by mmap: under sanitizers there is more memory than may be. */
static int makes_data(void)
{
    static char page[4096] __attribute__((aligned(4096)));
    if (syscall(SYS_mprotect, page, 4096L, (long)PROT_READ))
        return 1;
    return refused(syscall(SYS_mprotect, page, 4096L, (long)(PROT_READ | PROT_EXEC)));
}

TEST(it_may_compute_and_nothing_else)
{
    static int (*const acts[])(void) = { opens, connects, forks, runs, kills, makes_code };
    if (WITHOUT_FILTER)
        SKIP("there is no filter of system calls for this processor");
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        ck_assert_msg(confined(acts[i]) == 0, "act %zu: %d", i, confined(acts[i]));
    ck_assert_int_eq(confined(makes_data), 0);
}

static int inherited;

static int reads_inherited(void)
{
    char byte;
    return syscall(SYS_read, (long)inherited, &byte, 1L) < 0 && errno == EBADF ? 0 : 1;
}

TEST(what_was_open_is_closed)
{
    inherited = open("/etc/passwd", O_RDONLY);
    ck_assert_int_gt(inherited, 2);
    ck_assert_int_eq(confined(reads_inherited), 0);
    close(inherited);
}

static int burns(void)
{
    for (volatile unsigned long i = 0;; i++)
        ;
    return 0;
}

TEST(it_has_five_seconds_of_the_processor)
{
    int how = confined(burns);
    ck_assert_msg(how == 1000 + SIGKILL || how == 1000 + SIGXCPU, "%d", how);
}

#ifndef CINEMA_SANITIZED
static int takes_memory(void)
{
    return syscall(SYS_mmap, 0L, 600L << 20, (long)(PROT_READ | PROT_WRITE),
                   (long)(MAP_PRIVATE | MAP_ANONYMOUS), -1L, 0L) == -1
               ? 0
               : 1;
}

TEST(it_has_half_a_gigabyte)
{
    ck_assert_int_eq(confined(takes_memory), 0);
}
#endif
