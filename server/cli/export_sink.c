/* export_sink.c - lines of an export on their way out, packed where that is wanted. */
#include "cli/export_sink.h"

#include "cli/cli.h"
#include "cli/output.h"
#include "cli/save.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

enum { WINDOW = 64 * 1024 };

struct export_sink {
    save *file; /* NULL: stdout */
    FILE *to;
    bool gzip, left;
    z_stream z;
    unsigned char window[WINDOW];
};

static void sink_free(export_sink *s)
{
    if (s->gzip)
        deflateEnd(&s->z);
    free(s);
}

int export_sink_open(const char *path, bool gzip, export_sink **ret)
{
    export_sink *s = calloc(1, sizeof *s);
    int code;

    if (!s)
        return cli_no_memory();
    if (gzip && deflateInit2(&s->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8,
                             Z_DEFAULT_STRATEGY) != Z_OK) {
        free(s);
        return cli_no_memory();
    }
    s->gzip = gzip;
    if (path && (code = save_open(path, "the export", &s->file))) {
        sink_free(s);
        return code;
    }
    s->to = path ? save_file(s->file) : stdout;
    *ret = s;
    return CLI_EXIT_OK;
}

static bool put(export_sink *s, const void *bytes, size_t length)
{
    errno = 0;
    if (fwrite(bytes, 1, length, s->to) == length)
        return true;
    if (s->file)
        save_failed(s->file);
    s->left = !s->file && errno == EPIPE;
    return false;
}

/* Everything that goes in comes out when the window is full, or, with Z_FINISH, all of it. */
static bool pack(export_sink *s, const void *bytes, size_t length, int flush)
{
    s->z.next_in = (Bytef *)bytes; /* only read */
    s->z.avail_in = (uInt)length;
    do {
        s->z.next_out = s->window;
        s->z.avail_out = WINDOW;
        deflate(&s->z, flush);
        if (!put(s, s->window, WINDOW - s->z.avail_out))
            return false;
    } while (!s->z.avail_out);
    return true;
}

bool export_sink_write(export_sink *s, const void *bytes, size_t length)
{
    return s->gzip ? pack(s, bytes, length, Z_NO_FLUSH) : put(s, bytes, length);
}

/* stdout is flushed, and looked after, when the program ends. */
int export_sink_close(export_sink *s)
{
    if (s->gzip)
        pack(s, "", 0, Z_FINISH); /* what fails is remembered */
    int code = s->file ? save_close(s->file) : CLI_EXIT_OK;
    sink_free(s);
    return code;
}

void export_sink_drop(export_sink *s)
{
    if (!s)
        return;
    save_drop(s->file);
    sink_free(s);
}

bool export_sink_left(const export_sink *s)
{
    return s->left;
}
