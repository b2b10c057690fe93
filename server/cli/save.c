/* save.c - written beside the old file, synced, then put in its place. */
#include "cli/save.h"

#include "cli/cli.h"
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct save {
    FILE *file;
    const char *what;
    char *path, *temporary; /* NULL temporary: written in place */
    int failed;             /* errno of the line that could not be written */
};

static void save_free(save *s)
{
    if (s->file)
        fclose(s->file);
    free(s->path);
    free(s->temporary);
    free(s);
}

static int complain(const save *s, int why)
{
    out_error("%s %s could not be written: %s", s->what, s->path, strerror(why ? why : EIO));
    return CLI_EXIT_FAILED;
}

/* Whom the name stands for: a link stays a link, what it points to is written. */
static char *resolved(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : strdup(path);
}

static char *beside(const char *path)
{
    size_t size = strlen(path) + 32;
    char *name = malloc(size);

    if (name)
        snprintf(name, size, "%s.%ld.part", path, (long)getpid());
    return name;
}

/* Opens the file; errno says why not. */
static bool start(save *s)
{
    struct stat about;

    if (stat(s->path, &about) < 0 || S_ISREG(about.st_mode)) {
        if (!(s->temporary = beside(s->path)))
            return false;
    }
    const char *name = s->temporary ? s->temporary : s->path;
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd >= 0 && !(s->file = fdopen(fd, "w")))
        close(fd);
    return s->file != NULL;
}

int save_open(const char *path, const char *what, save **ret)
{
    save *s = calloc(1, sizeof *s);
    int code = CLI_EXIT_OK;

    if (!s)
        return cli_no_memory();
    s->what = what;
    if (!(s->path = resolved(path)))
        code = cli_no_memory();
    else if (!start(s))
        code = complain(s, errno);
    if (code)
        save_free(s);
    else
        *ret = s;
    return code;
}

FILE *save_file(const save *s)
{
    return s->file;
}

void save_failed(save *s)
{
    s->failed = errno ? errno : EIO;
}

/* Everything on the disk before the old file goes. A pipe cannot be synced: no matter. */
static bool finish(save *s)
{
    FILE *file = s->file;

    errno = 0;
    bool good = !fflush(file) && !ferror(file) && (!fsync(fileno(file)) || !s->temporary);
    s->file = NULL;
    good = !fclose(file) && good;
    return good && (!s->temporary || !rename(s->temporary, s->path));
}

int save_close(save *s)
{
    int code = finish(s) ? CLI_EXIT_OK : complain(s, s->failed ? s->failed : errno);

    if (code && s->temporary)
        unlink(s->temporary);
    save_free(s);
    return code;
}

void save_drop(save *s)
{
    if (!s)
        return;
    if (s->temporary)
        unlink(s->temporary);
    save_free(s);
}
