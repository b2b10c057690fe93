/* confine.c - what is left to a process that reads an image from anybody.
 * Limits first, then a filter of system calls written out by hand (seccomp, as BPF): the few that
 * computing needs, all others answer EPERM. It takes no library, and cannot be undone.
 */
#include "image.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CPU_S = 5 };
#define MEMORY_MAX ((rlim_t)512 << 20)

static bool limit(int what, rlim_t most)
{
    const struct rlimit r = { most, most };
    return !setrlimit(what, &r);
}

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define ANSWER(how) BPF_STMT(BPF_RET | BPF_K, (how))
#define REFUSE ANSWER(SECCOMP_RET_ERRNO | EPERM)
/* Goes on with the next step if it is not this call. */
#define ALLOW(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), ANSWER(SECCOMP_RET_ALLOW)
/* The same, but never with memory that can be executed (the low half of the third argument). */
#define ALLOW_DATA(call)                                                                           \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 4), LOAD(args[2]),                          \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1), REFUSE, ANSWER(SECCOMP_RET_ALLOW)

static bool filter(void)
{
    struct sock_filter steps[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        ANSWER(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
        ALLOW(read),
        ALLOW(write),
        ALLOW(brk),
        ALLOW(munmap),
        ALLOW(mremap),
        ALLOW(madvise),
        ALLOW(exit),
        ALLOW(exit_group),
        ALLOW(getrandom),
        ALLOW_DATA(mmap),
        ALLOW_DATA(mprotect),
        REFUSE,
    };
    const struct sock_fprog program = { sizeof steps / sizeof *steps, steps };
    /* A kernel without it leaves the limits alone to hold. */
    return !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) || errno == EINVAL;
}
#else
static bool filter(void)
{
    return true;
}
#endif

bool confine(void)
{
#ifdef SYS_close_range
    syscall(SYS_close_range, 3U, ~0U, 0U);
#endif
    return limit(RLIMIT_CPU, CPU_S) && limit(RLIMIT_AS, MEMORY_MAX) && limit(RLIMIT_FSIZE, 0) &&
           limit(RLIMIT_CORE, 0) && limit(RLIMIT_NPROC, 0) && limit(RLIMIT_NOFILE, 0) &&
           !prctl(PR_SET_DUMPABLE, 0) && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && filter();
}
