/* read.c - text that a command reads whole. */
#include "cli/read.h"

#include "cli/cli.h"
#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_MAX = 64 << 20 };

static int unreadable(const char *name)
{
    int code = errno == ENOENT ? CLI_EXIT_ABSENT : CLI_EXIT_FAILED;
    out_error("%s could not be read: %s", name, strerror(errno));
    return code;
}

static int unfit(const char *name, const char *why)
{
    out_error("%s %s", name, why);
    return CLI_EXIT_INVALID;
}

/* All of a stream, as text. */
static int read_all(FILE *from, const char *name, char **ret)
{
    size_t length = 0, room = 0;
    char *text = NULL, *more;

    do {
        room = room ? 2 * room : 64 * 1024;
        if (!(more = realloc(text, room))) {
            free(text);
            return cli_no_memory();
        }
        text = more;
        length += fread(text + length, 1, room - length - 1, from);
    } while (length == room - 1 && length < INPUT_MAX);
    text[length] = '\0';
    int code = ferror(from)             ? unreadable(name)
               : length >= INPUT_MAX    ? unfit(name, "is larger than 64 MiB")
               : strlen(text) != length ? unfit(name, "holds a NUL byte, which JSON does not allow")
                                        : CLI_EXIT_OK;
    if (code)
        free(text);
    else
        *ret = text;
    return code;
}

int read_file(const char *path, char **ret)
{
    if (!strcmp(path, "-"))
        return read_all(stdin, "the input", ret);
    FILE *f = fopen(path, "re");
    if (!f)
        return unreadable(path);
    int code = read_all(f, path, ret);
    fclose(f);
    return code;
}
