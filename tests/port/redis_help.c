/* redis_help.c - a Redis of one's own.
 */
#include "port/redis_help.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ends with the test, however that ends. */
_Noreturn static void become_script(int out, int trouble, const char *settings)
{
    char path[4096], words[512];
    const char *slash = strrchr(__FILE__, '/');
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(out, 1);
    dup2(trouble, 2);
    snprintf(path, sizeof path, "%.*s/../rig/redis.sh", (int)(slash - __FILE__), __FILE__);
    snprintf(words, sizeof words, "exec env %s \"$0\"", settings);
    execl("/bin/sh", "sh", "-c", words, path, (char *)NULL);
    _exit(127);
}

static void read_line(own_redis *r, const char *line)
{
    int n;
    if (sscanf(line, "PID=%d", &n) == 1)
        r->server = n;
    if (!strncmp(line, "URL=", 4))
        snprintf(r->url, sizeof r->url, "%.*s", (int)strcspn(line + 4, "\n"), line + 4);
    if (!strncmp(line, "SKIP ", 5))
        snprintf(r->why, sizeof r->why, "%.*s", (int)strcspn(line + 5, "\n"), line + 5);
}

bool redis_begin(own_redis *r, const char *settings)
{
    int out[2];
    char line[1024];
    *r = (own_redis){ 0 };
    ck_assert(!pipe(out));
    r->script = fork();
    if (!r->script)
        become_script(out[1], out[1], settings);
    close(out[1]);
    FILE *f = fdopen(out[0], "r");
    while (!*r->url && fgets(line, sizeof line, f))
        read_line(r, line);
    fclose(f);
    const char *colon = strrchr(r->url, ':');
    if (!colon || sscanf(colon, ":%d", &r->port) != 1) {
        int status = 0;
        waitpid(r->script, &status, 0);
        ck_assert_msg(*r->why && WEXITSTATUS(status) == 77, "redis.sh did not start a Redis");
        return false;
    }
    return true;
}

void redis_end(own_redis *r)
{
    kill(r->server, SIGCONT);
    kill(r->script, SIGTERM);
    waitpid(r->script, NULL, 0);
}
