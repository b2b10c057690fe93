/* blob.h - the blob port: files under names of ours. Avatars now, uploads and segments of media
 * later. One driver, a directory; an object store comes as a second one and passes the same tests.
 *
 * A name is made by the library, never by a user: 1 to 200 of a-z 0-9 - in parts with / between. A
 * blob appears whole or not at all, also when the machine stops: who reads a name sees all of the
 * old one or all of the new one. What has become other than it was written is never given out.
 *
 * Nothing here may happen inside a transaction. The order that survives a crash is: put the blob,
 * commit the row that names it, remove the old one. What is left over then has no row, and a sweep
 * of the room that owns the prefix finds it with blob_list.
 */
#ifndef PORT_BLOB_H
#define PORT_BLOB_H

#include "base/status.h"

#include <cinema/http.h>

enum { BLOB_NAME_MAX = 200, BLOB_FOLDER_MAX = 3800 };

typedef struct blob blob;

typedef struct blob_info {
    uint64_t length;
    int64_t changed_at; /* when it was put, ms since 1970 */
} blob_info;

/* A blob, or a part of it, on its way out: read `stream` to its end; a negative count means that it
 * could not be read, or is damaged. The reader stays good when the blob is replaced or removed. */
typedef struct blob_reader {
    blob_info info;  /* of all of it */
    uint64_t length; /* bytes that the stream gives */
    cinema_stream stream;
    void (*close)(struct blob_reader *r);
} blob_reader;

/* One blob of a list; the name lives for the call. Another outcome than OK ends the list and is its
 * outcome. */
typedef cinema_status (*blob_each)(const char *name, const blob_info *info, void *user);

/* ---- what rooms call --------------------------------------------------------------------------
 * UNAVAILABLE: reason disk_full, or storage_failed. INVALID, reason blob_name: a mistake of ours.
 */

/* Reads `from` to its end into a new blob, or in place of the one of that name; durable when OK.
 * CANCELLED: the stream broke off, nothing changed. */
cinema_status blob_put(cinema *c, const char *name, const cinema_stream *from, cinema_error *err);
cinema_status blob_put_bytes(cinema *c, const char *name, const void *bytes, size_t length,
                             cinema_error *err);
/* `count` bytes from `from`, fewer where it ends before; UINT64_MAX: all the rest. NOT_FOUND.
 * INVALID, reason blob_range: `from` is behind its end. */
cinema_status blob_get(cinema *c, const char *name, uint64_t from, uint64_t count,
                       blob_reader **ret, cinema_error *err);
void blob_close(blob_reader *r); /* takes NULL */
cinema_status blob_stat(cinema *c, const char *name, blob_info *ret, cinema_error *err);
/* OK also where there is none. */
cinema_status blob_remove(cinema *c, const char *name, cinema_error *err);
/* Those whose names begin with `prefix` ("": all), in the order of their bytes, after `after`
 * (NULL: from the first). What comes or goes meanwhile may be among them. */
cinema_status blob_list(cinema *c, const char *prefix, const char *after, blob_each each,
                        void *user, cinema_error *err);

/* Opens and closes what a handle has (open.c); opening touches nothing. */
cinema_status blob_open(cinema *c, cinema_error *err);
void blob_shut(cinema *c);
/* The folder of the directory driver, for doctor; NULL: it is another one. */
const char *blob_folder(const cinema *c);

/* ---- what a driver is --------------------------------------------------------------------------
 */

typedef struct blob_options {
    const char *url; /* "file:/var/lib/cinema/blobs" */
    void (*log)(void *user, cinema_log_level level, const char *line); /* may be NULL */
    void *user;
} blob_options;

enum { BLOB_DRIVER_ABI = 1 };

/* Seven functions, safe from any thread; names were checked. They do as said above. */
typedef struct blob_driver {
    int abi; /* BLOB_DRIVER_ABI */
    const char *name;
    /* Touches nothing: the first use does. INVALID: the URL is no good. */
    cinema_status (*open)(const blob_options *options, blob **ret, cinema_error *err);
    void (*close)(blob *b); /* takes NULL */
    cinema_status (*put)(blob *b, const char *name, const cinema_stream *from, cinema_error *err);
    cinema_status (*get)(blob *b, const char *name, uint64_t from, uint64_t count,
                         blob_reader **ret, cinema_error *err);
    cinema_status (*stat)(blob *b, const char *name, blob_info *ret, cinema_error *err);
    cinema_status (*remove)(blob *b, const char *name, cinema_error *err);
    cinema_status (*list)(blob *b, const char *prefix, const char *after, blob_each each,
                          void *user, cinema_error *err);
} blob_driver;

/* What every driver's blob begins with. */
struct blob {
    const blob_driver *driver;
};

/* What every driver is spared: whether a name, or the beginning of one, is one. */
cinema_status blob_name_check(const char *name, cinema_error *err);
cinema_status blob_prefix_check(const char *prefix, cinema_error *err);

extern const blob_driver cinema__blob_dir;

#endif
