/* import_source.c - opening and reading an import file, plain or packed.
 * A decoder takes from the window and gives to the caller's bytes; the loop around it refills the
 * window. Formats are known by their first bytes; those that we do not read are named all the same,
 * so that the message can say what to do.
 */
#include "cli/import_source.h"

#include "cli/cli.h"
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { WINDOW = 64 * 1024, XZ_MEMORY = 128 * 1024 * 1024 };

struct import_source {
    int fd;
    bool ended, done;      /* the file is read to its end; so is what was packed in it */
    int64_t taken, length; /* of the file */
    const char *name;      /* for messages */
    const struct format *format;
    z_stream gz;
    bool gz_between; /* after a member: another may follow, or nothing */
    lzma_stream xz;
    size_t at, count; /* the part of the window that is still to be taken */
    unsigned char window[WINDOW];
    char error[200];
    int exit;
};

/* Both give bytes, 0 when they need more input (or are done), -1 after a complaint. */
typedef int64_t (*unpack_fn)(import_source *s, void *bytes, size_t room);

typedef struct format {
    const char *magic;
    size_t length;
    const char *name, *command; /* the program that unpacks what we do not */
    bool (*start)(import_source *s);
    unpack_fn unpack;
    void (*stop)(import_source *s);
} format;

__attribute__((format(printf, 3, 4))) static int64_t complain(import_source *s, int code,
                                                              const char *text, ...)
{
    va_list args;

    va_start(args, text);
    vsnprintf(s->error, sizeof s->error, text, args);
    va_end(args);
    s->exit = code;
    return -1;
}

static int64_t damaged(import_source *s, const char *how)
{
    char at[32];
    return complain(s, CLI_EXIT_INVALID, "%s is damaged near byte %s: %s", s->name,
                    out_count(s->taken - (int64_t)s->count, at), how);
}

static int64_t no_memory(import_source *s)
{
    return complain(s, CLI_EXIT_FAILED, "%s: out of memory", s->name);
}

/* ---- plain ----------------------------------------------------------------------------------- */

static int64_t plain_unpack(import_source *s, void *bytes, size_t room)
{
    size_t n = s->count < room ? s->count : room;

    memcpy(bytes, s->window + s->at, n);
    s->at += n;
    s->count -= n;
    s->done = s->ended && !s->count;
    return (int64_t)n;
}

/* ---- gzip: members one after another, zeros at the end are padding (of tapes) ---------------- */

static bool gz_start(import_source *s)
{
    return inflateInit2(&s->gz, 16 + MAX_WBITS) == Z_OK;
}

static void gz_stop(import_source *s)
{
    inflateEnd(&s->gz);
}

/* After a member. Zeros are passed over, another member is begun. */
static int64_t gz_next(import_source *s)
{
    while (s->count && !s->window[s->at]) {
        s->at++;
        s->count--;
    }
    if (!s->count) {
        s->done = s->ended;
        return 0;
    }
    if (s->window[s->at] != 0x1F)
        return damaged(s, "something that is not gzip follows");
    s->gz_between = false;
    inflateReset(&s->gz);
    return 0;
}

static int64_t gz_unpack(import_source *s, void *bytes, size_t room)
{
    if (s->gz_between)
        return gz_next(s);
    s->gz.next_in = s->window + s->at;
    s->gz.avail_in = (uInt)s->count;
    s->gz.next_out = bytes;
    s->gz.avail_out = (uInt)room;
    int z = inflate(&s->gz, Z_NO_FLUSH);
    s->at += s->count - s->gz.avail_in;
    s->count = s->gz.avail_in;
    if (z == Z_STREAM_END)
        s->gz_between = true;
    else if (z == Z_MEM_ERROR)
        return no_memory(s);
    else if (z != Z_OK && z != Z_BUF_ERROR)
        return damaged(s, s->gz.msg ? s->gz.msg : "not gzip any more");
    else if (s->ended && !s->count && s->gz.avail_out == room)
        return damaged(s, "it ends too early");
    return (int64_t)(room - s->gz.avail_out);
}

/* ---- xz -------------------------------------------------------------------------------------- */

static bool xz_start(import_source *s)
{
    return lzma_stream_decoder(&s->xz, XZ_MEMORY, LZMA_CONCATENATED) == LZMA_OK;
}

static void xz_stop(import_source *s)
{
    lzma_end(&s->xz);
}

static int64_t xz_failed(import_source *s, lzma_ret r)
{
    switch (r) {
    case LZMA_MEM_ERROR:
        return no_memory(s);
    case LZMA_MEMLIMIT_ERROR:
        return complain(s, CLI_EXIT_INVALID,
                        "%s needs more than 128 MiB to unpack; do it with: xz -dc FILE | cinema "
                        "import -",
                        s->name);
    case LZMA_OPTIONS_ERROR:
        return complain(s, CLI_EXIT_INVALID, "%s is xz of a kind that is not known here", s->name);
    case LZMA_BUF_ERROR:
        return damaged(s, "it ends too early");
    case LZMA_FORMAT_ERROR:
        return damaged(s, "something that is not xz follows");
    default:
        return damaged(s, "its checksums do not match");
    }
}

static int64_t xz_unpack(import_source *s, void *bytes, size_t room)
{
    s->xz.next_in = s->window + s->at;
    s->xz.avail_in = s->count;
    s->xz.next_out = bytes;
    s->xz.avail_out = room;
    lzma_ret r = lzma_code(&s->xz, s->ended ? LZMA_FINISH : LZMA_RUN);
    s->at += s->count - s->xz.avail_in;
    s->count = s->xz.avail_in;
    if (r == LZMA_STREAM_END)
        s->done = true;
    else if (r != LZMA_OK && (r != LZMA_BUF_ERROR || s->ended))
        return xz_failed(s, r);
    return (int64_t)(room - s->xz.avail_out);
}

/* ---- which it is ----------------------------------------------------------------------------- */

static const format plain = { .unpack = plain_unpack };
static const format formats[] = {
    { "\x1F\x8B", 2, "gzip", NULL, gz_start, gz_unpack, gz_stop },
    { "\xFD"
      "7zXZ\0",
      6, "xz", NULL, xz_start, xz_unpack, xz_stop },
    { "\x28\xB5\x2F\xFD", 4, "zstd", "zstd -dc", NULL, NULL, NULL },
    { "BZh", 3, "bzip2", "bzip2 -dc", NULL, NULL, NULL },
    { "PK\x03\x04", 4, "zip", "unzip -p", NULL, NULL, NULL },
};

static const format *format_of(const import_source *s)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (s->count >= formats[i].length &&
            !memcmp(s->window + s->at, formats[i].magic, formats[i].length))
            return &formats[i];
    return &plain;
}

/* Adds to the window what the file has, at least a byte unless it has ended. False: complained, or
 * stopped by a signal. */
static bool fill(import_source *s)
{
    memmove(s->window, s->window + s->at, s->count);
    s->at = 0;
    ssize_t n = read(s->fd, s->window + s->count, WINDOW - s->count);
    if (n < 0 && errno == EINTR)
        return false; /* who sets handlers without SA_RESTART wants to stop here */
    if (n < 0) {
        complain(s, errno == EISDIR ? CLI_EXIT_INVALID : CLI_EXIT_FAILED,
                 "%s could not be read: %s", s->name, strerror(errno));
        return false;
    }
    s->ended = n == 0;
    s->count += (size_t)n;
    s->taken += n;
    return true;
}

static int refuse(import_source *s)
{
    out_error("%s", s->error);
    int code = s->exit;
    import_source_close(s);
    return code;
}

/* Reads the first bytes and chooses. */
static int begin(import_source *s)
{
    while (!s->ended && s->count < 6)
        if (!fill(s) && s->exit)
            return s->exit;
    s->format = format_of(s);
    if (!s->format->unpack)
        complain(s, CLI_EXIT_INVALID,
                 "the file is packed with %s; unpack it: %s FILE | cinema import -",
                 s->format->name, s->format->command);
    else if (s->format->start && !s->format->start(s))
        no_memory(s);
    return s->exit;
}

int import_source_open(const char *path, import_source **ret)
{
    struct stat about;
    bool in = !strcmp(path, "-");
    import_source *s = calloc(1, sizeof *s);

    if (!s)
        return cli_no_memory();
    s->name = in ? "the input" : path;
    s->fd = in ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0 || fstat(s->fd, &about) < 0) {
        int code = errno == ENOENT || errno == ENOTDIR ? CLI_EXIT_ABSENT : CLI_EXIT_FAILED;
        complain(s, code, "%s could not be opened: %s", s->name, strerror(errno));
        return refuse(s);
    }
    s->length = S_ISREG(about.st_mode) ? about.st_size : -1;
    if (in && isatty(s->fd))
        out_note("Reading from the terminal; end with Ctrl-D.");
    if (begin(s))
        return refuse(s);
    *ret = s;
    return CLI_EXIT_OK;
}

void import_source_close(import_source *s)
{
    if (!s)
        return;
    if (s->format && s->format->stop)
        s->format->stop(s);
    if (s->fd > STDIN_FILENO)
        close(s->fd);
    free(s);
}

int64_t import_source_read(import_source *s, void *bytes, size_t room)
{
    int64_t n = 0;

    if (s->error[0])
        return -1;
    if (room > WINDOW)
        room = WINDOW; /* a slow pipe shall not wait for a big buffer, nor zlib for 64 bits */
    while (!n && !s->done && room) {
        if (!s->count && !s->ended && !fill(s))
            return -1;
        n = s->format->unpack(s, bytes, room);
    }
    return n;
}

const char *import_source_error(const import_source *s)
{
    return s->error;
}

int import_source_exit(const import_source *s)
{
    return s->exit;
}

int64_t import_source_taken(const import_source *s)
{
    return s->taken;
}

int64_t import_source_length(const import_source *s)
{
    return s->length;
}
