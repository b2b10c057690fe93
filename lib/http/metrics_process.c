/* metrics_process.c - what the system says about this process, under the names that Prometheus'
 * own libraries use. From /proc; where there is none (or no descriptor left), less is told.
 */
#include "http/metrics.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static void number(buffer *b, const char *name, const char *type, const char *help, uint64_t n)
{
    buffer_format(b, "# HELP %s %s\n# TYPE %s %s\n%s %" PRIu64 "\n", name, help, name, type, name,
                  n);
}

/* Seconds with six digits behind a point, which %f would make a comma in some places. */
static void seconds(buffer *b, const char *name, const char *type, const char *help, uint64_t us)
{
    buffer_format(b, "# HELP %s %s\n# TYPE %s %s\n%s %" PRIu64 ".%06" PRIu64 "\n", name, help, name,
                  type, name, us / 1000000, us % 1000000);
}

static bool read_file(const char *path, char *text, size_t size)
{
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(text, 1, size - 1, f) : 0;
    text[n] = '\0';
    if (f)
        fclose(f);
    return n > 0;
}

/* Number `which` of /proc/self/stat (from 3, behind the name in brackets); 0: not told. */
static uint64_t stat_field(const char *stat, int which)
{
    const char *s = strrchr(stat, ')');
    for (int i = 2; s && i < which; i++)
        s = strchr(s + 1, ' ');
    return s ? strtoull(s, NULL, 10) : 0;
}

/* When the machine started, in seconds since 1970; 0: not told. */
static uint64_t boot_time(void)
{
    char line[512];
    uint64_t when = 0;
    FILE *f = fopen("/proc/stat", "re");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "btime ", 6))
            when = strtoull(line + 6, NULL, 10);
    if (f)
        fclose(f);
    return when;
}

static uint64_t microseconds(struct timeval t)
{
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_usec;
}

static void write_times(buffer *b, const char *stat)
{
    struct rusage used;
    uint64_t ticks = stat_field(stat, 22), boot = boot_time();
    if (!getrusage(RUSAGE_SELF, &used))
        seconds(b, "process_cpu_seconds_total", "counter", "CPU time used.",
                microseconds(used.ru_utime) + microseconds(used.ru_stime));
    if (boot && ticks)
        seconds(b, "process_start_time_seconds", "gauge", "When the process started, since 1970.",
                boot * 1000000 + ticks * 1000000 / (uint64_t)sysconf(_SC_CLK_TCK));
}

static void write_memory(buffer *b, const char *stat)
{
    uint64_t pages = stat_field(stat, 24);
    if (!pages)
        return;
    number(b, "process_resident_memory_bytes", "gauge", "Memory in use.",
           pages * (uint64_t)sysconf(_SC_PAGESIZE));
    number(b, "process_virtual_memory_bytes", "gauge", "Addresses in use.", stat_field(stat, 23));
}

static void write_descriptors(buffer *b)
{
    struct rlimit limit;
    uint64_t count = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (!dir)
        return;
    for (const struct dirent *e; (e = readdir(dir));)
        count += *e->d_name != '.';
    closedir(dir);
    count--; /* the folder's own */
    number(b, "process_open_fds", "gauge", "Open file descriptors.", count);
    if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur != RLIM_INFINITY)
        number(b, "process_max_fds", "gauge", "Most file descriptors at once.", limit.rlim_cur);
}

void metrics_process(buffer *b)
{
    char stat[1024] = "";
    read_file("/proc/self/stat", stat, sizeof stat);
    write_times(b, stat);
    write_memory(b, stat);
    write_descriptors(b);
}
