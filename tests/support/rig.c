/* rig.c - a service of a test's own.
 */
#include "support/rig.h"

#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

_Noreturn static void become_script(int out, const char *script, const char *settings)
{
    char path[4096], words[1024];
    const char *slash = strrchr(__FILE__, '/');
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(out, 1);
    dup2(out, 2);
    snprintf(path, sizeof path, "%.*s/../rig/%s", (int)(slash - __FILE__), __FILE__, script);
    snprintf(words, sizeof words, "exec env %s \"$0\"", settings);
    execl("/bin/sh", "sh", "-c", words, path, (char *)NULL);
    _exit(127);
}

static void take(const char *line, const char *name, char *to, size_t size)
{
    size_t n = strlen(name);
    if (!strncmp(line, name, n))
        snprintf(to, size, "%.*s", (int)strcspn(line + n, "\n"), line + n);
}

static void read_line(rig *r, const char *line)
{
    int n;
    if (!strstr(line, "=") && strncmp(line, "SKIP ", 5) != 0)
        fputs(line, stderr); /* what a script that fails has to say */
    if (sscanf(line, "PID=%d", &n) == 1)
        r->server = n;
    take(line, "URL=", r->url, sizeof r->url);
    take(line, "FILE=", r->file, sizeof r->file);
    take(line, "SKIP ", r->why, sizeof r->why);
}

bool rig_begin(rig *r, const char *script, const char *settings)
{
    int out[2];
    char line[1024];
    *r = (rig){ 0 };
    ck_assert(!pipe(out));
    r->script = fork();
    if (!r->script)
        become_script(out[1], script, settings);
    close(out[1]);
    FILE *f = fdopen(out[0], "r");
    while (!*r->url && fgets(line, sizeof line, f))
        read_line(r, line);
    fclose(f);
    const char *colon = strrchr(r->url, ':');
    if (colon && sscanf(colon, ":%d", &r->port) == 1)
        return true;
    int status = 0;
    waitpid(r->script, &status, 0);
    ck_assert_msg(*r->why && WEXITSTATUS(status) == 77, "%s did not start", script);
    return false;
}

void rig_end(rig *r)
{
    kill(r->server, SIGCONT);
    kill(r->script, SIGTERM);
    waitpid(r->script, NULL, 0);
}
