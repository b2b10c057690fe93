/* dir_file.c - a blob's file: bytes, a sum of each block, a tail; nothing is given out unchecked.
 */
#include "port/blob/dir.h"

#include <errno.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sums are kept in memory while a blob is written: 1 MiB for 4 GiB. */
enum { SUMS_MAX = 1 << 30, TAIL = 40 };

static const char magic[8] = "cinblob1";

cinema_status dir_fail(int fault, cinema_error *err)
{
    if (fault == ENOSPC || fault == EDQUOT || fault == EFBIG)
        return fail(err, CINEMA_UNAVAILABLE, "disk_full", NULL,
                    "the disk of the blobs is full: make room, then try again");
    if (fault == ENOMEM)
        return fail_memory(err);
    return fail(err, CINEMA_UNAVAILABLE, "storage_failed", NULL,
                "the folder of the blobs cannot be used: %s", strerror(fault));
}

static cinema_status damaged(cinema_error *err)
{
    return fail(err, CINEMA_UNAVAILABLE, "damaged", NULL,
                "a blob is not what was written: restore it");
}

/* A block that stands at another place is no less wrong. */
static void sum_block(const char *bytes, size_t n, uint64_t index, unsigned char sum[SUM])
{
    unsigned char key[16] = { 0 };
    for (size_t i = 0; i < 8; i++)
        key[i] = (unsigned char)(index >> 8 * i);
    crypto_generichash(sum, SUM, (const unsigned char *)bytes, n, key, sizeof key);
}

/* magic, length, the sum of both and of the length of what stands before. */
static void make_tail(uint64_t length, unsigned char tail[TAIL])
{
    memcpy(tail, magic, sizeof magic);
    for (size_t i = 0; i < 8; i++)
        tail[8 + i] = (unsigned char)(length >> 8 * i);
    crypto_generichash(tail + 16, TAIL - 16, tail, 16, NULL, 0);
}

static uint64_t blocks_of(uint64_t length)
{
    return length / BLOCK + (length % BLOCK != 0);
}

/* ---- writing --------------------------------------------------------------------------------- */

static int write_all(int fd, const void *bytes, size_t n)
{
    for (const char *at = bytes; n;) {
        ssize_t done = write(fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done ? errno : EIO;
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

static cinema_status write_block(dir_writer *w, size_t n, cinema_error *err)
{
    unsigned char sum[SUM];
    int fault = write_all(w->fd, w->block, n);
    if (fault)
        return dir_fail(fault, err);
    sum_block(w->block, n, w->length / BLOCK, sum);
    buffer_add(&w->sums, sum, sizeof sum);
    w->length += n;
    return w->sums.failed ? fail_memory(err) : CINEMA_OK;
}

/* As much as a block holds; less only at the end. */
static cinema_status fill(dir_writer *w, const cinema_stream *from, size_t *ret, cinema_error *err)
{
    size_t n = 0;
    while (n < BLOCK) {
        int64_t got = from->read(w->block + n, BLOCK - n, from->user);
        if (got < 0 || got > (int64_t)(BLOCK - n))
            return fail(err, CINEMA_CANCELLED, NULL, NULL, "the bytes broke off");
        if (!got)
            break;
        n += (size_t)got;
    }
    *ret = n;
    return CINEMA_OK;
}

cinema_status dir_write(dir_writer *w, const cinema_stream *from, cinema_error *err)
{
    unsigned char tail[TAIL];
    size_t n = BLOCK;
    cinema_status s = CINEMA_OK;
    w->length = 0;
    w->sums = BUFFER(SUMS_MAX);
    while (!s && n == BLOCK)
        if (!(s = fill(w, from, &n, err)) && n)
            s = write_block(w, n, err);
    make_tail(w->length, tail);
    if (!s) {
        int fault = write_all(w->fd, w->sums.bytes, w->sums.length);
        if (fault || (fault = write_all(w->fd, tail, sizeof tail)))
            s = dir_fail(fault, err);
        else if (fsync(w->fd))
            s = dir_fail(errno, err);
    }
    buffer_done(&w->sums);
    return s;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* EIO where the file ends before. */
static int read_at(int fd, void *bytes, size_t n, uint64_t at)
{
    for (char *to = bytes; n;) {
        ssize_t done = pread(fd, to, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done ? errno : EIO;
        to += done;
        at += (uint64_t)done;
        n -= (size_t)done;
    }
    return 0;
}

cinema_status dir_info(int fd, blob_info *ret, cinema_error *err)
{
    unsigned char tail[TAIL], right[TAIL];
    struct stat st;
    uint64_t length = 0;
    if (fstat(fd, &st))
        return dir_fail(errno, err);
    if (st.st_size < TAIL || read_at(fd, tail, TAIL, (uint64_t)st.st_size - TAIL))
        return damaged(err);
    for (size_t i = 0; i < 8; i++)
        length |= (uint64_t)tail[8 + i] << 8 * i;
    make_tail(length, right);
    if (memcmp(tail, right, TAIL) != 0 ||
        (uint64_t)st.st_size != length + blocks_of(length) * SUM + TAIL)
        return damaged(err);
    *ret = (blob_info){ length, (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000 };
    return CINEMA_OK;
}

typedef struct reader {
    blob_reader public;
    int fd;
    uint64_t at, end;  /* of what is asked for */
    uint64_t block_at; /* where the block in hand begins; UINT64_MAX: there is none */
    size_t block_length;
    char block[BLOCK];
} reader;

static bool load_block(reader *r, uint64_t at)
{
    unsigned char kept[SUM], sum[SUM];
    uint64_t index = at / BLOCK, length = r->public.info.length;
    r->block_at = UINT64_MAX;
    r->block_length = length - index * BLOCK < BLOCK ? (size_t)(length - index * BLOCK) : BLOCK;
    if (read_at(r->fd, r->block, r->block_length, index * BLOCK) ||
        read_at(r->fd, kept, SUM, length + index * SUM))
        return false;
    sum_block(r->block, r->block_length, index, sum);
    if (memcmp(sum, kept, SUM) != 0)
        return false;
    r->block_at = index * BLOCK;
    return true;
}

static int64_t read_some(void *bytes, size_t room, void *user)
{
    reader *r = user;
    uint64_t left = r->end - r->at;
    if (!left || !room)
        return 0;
    if ((r->block_at == UINT64_MAX || r->at - r->block_at >= BLOCK) && !load_block(r, r->at))
        return -1;
    size_t within = (size_t)(r->at - r->block_at), n = r->block_length - within;
    n = n < room ? n : room;
    n = n < left ? n : (size_t)left;
    memcpy(bytes, r->block + within, n);
    r->at += n;
    return (int64_t)n;
}

static void close_reader(blob_reader *public)
{
    reader *r = (reader *)(void *)public;
    close(r->fd);
    free(r);
}

cinema_status dir_reader(int fd, uint64_t from, uint64_t count, blob_reader **ret,
                         cinema_error *err)
{
    reader *r = malloc(sizeof *r);
    cinema_status s = r ? dir_info(fd, &r->public.info, err) : fail_memory(err);
    if (!s && from > r->public.info.length)
        s = fail(err, CINEMA_INVALID, "blob_range", NULL, "the range begins behind the blob's end");
    if (s) {
        close(fd);
        free(r);
        return s;
    }
    uint64_t rest = r->public.info.length - from;
    r->public.length = count < rest ? count : rest;
    r->public.stream = (cinema_stream){ .read = read_some, .user = r };
    r->public.close = close_reader;
    r->fd = fd;
    r->at = from;
    r->end = from + r->public.length;
    r->block_at = UINT64_MAX;
    *ret = &r->public;
    return CINEMA_OK;
}
