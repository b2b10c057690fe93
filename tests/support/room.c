/* room.c - a process that has no memory to spare.
 */
#include "test.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static rlim_t address_space(void)
{
    unsigned long long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    bool read = f && fscanf(f, "%llu", &pages) == 1;
    if (f)
        fclose(f);
    return read ? (rlim_t)(pages * (unsigned long long)sysconf(_SC_PAGESIZE)) : 0;
}

bool test_room(size_t more)
{
    struct rlimit l;
    rlim_t now = address_space();
    if (!now || getrlimit(RLIMIT_AS, &l))
        return false;
    l.rlim_cur = more == SIZE_MAX ? l.rlim_max : now + more;
    return !setrlimit(RLIMIT_AS, &l);
}
