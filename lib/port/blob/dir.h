/* dir.h - the directory driver's parts: dir.c (putting, removing, listing), dir_file.c (what a file
 * looks like and how it is read).
 *
 * The blob "a/b" is the file a/b.blob, so that there may be a blob "a" beside it. A file is the
 * bytes as they are, then a sum of 16 bytes for each 64 KiB of them, then a tail of 40 bytes. A
 * range can so be checked without reading the rest.
 */
#ifndef PORT_BLOB_DIR_H
#define PORT_BLOB_DIR_H

#include "port/blob/blob.h"

#include "base/buffer.h"

enum { BLOCK = 64 * 1024, SUM = 16 };

struct stat;

/* What is being written: a file that has no name of its own yet. */
typedef struct dir_writer {
    int fd;
    uint64_t length;
    buffer sums; /* of the blocks so far */
    char block[BLOCK];
} dir_writer;

/* All of the stream, then the end of the file. On failure errno is not set: `err` says all. */
cinema_status dir_write(dir_writer *w, const cinema_stream *from, cinema_error *err);

/* What is told of a file by its tail. UNAVAILABLE, reason damaged: it has none. */
cinema_status dir_info(int fd, blob_info *ret, cinema_error *err);
/* Takes over the descriptor, also when it fails. */
cinema_status dir_reader(int fd, uint64_t from, uint64_t count, blob_reader **ret,
                         cinema_error *err);

/* UNAVAILABLE for an errno: disk_full or storage_failed. No path is told. */
cinema_status dir_fail(int fault, cinema_error *err);

#endif
