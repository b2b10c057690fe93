/* blob_help.h - what the tests of the blob port share: a store on whatever driver the tests are run
 * with (a new folder), and blobs in one line.
 */
#ifndef TEST_PORT_BLOB_HELP_H
#define TEST_PORT_BLOB_HELP_H

#include "port/blob/blob.h"
#include "test.h"

extern blob *b;
extern cinema_error blob_err;
#define err blob_err /* what OK shows; the other ports of this folder have an `err` as well */
extern char blob_home[256]; /* the folder of it */

/* Before and after each test: an empty store, opened. */
void blob_start(void);
void blob_stop(void);

/* `length` bytes that differ with `seed`, as a stream in pieces of odd sizes. */
typedef struct blob_source {
    uint64_t left, at, reads;
    unsigned seed;
    bool broken; /* it breaks off at its end */
    void (*before_end)(void);
} blob_source;
int64_t blob_pour(void *bytes, size_t room, void *source);
unsigned char blob_byte(unsigned seed, uint64_t at);

cinema_status blob_try_put(const char *name, uint64_t length, unsigned seed);
void blob_must_put(const char *name, uint64_t length, unsigned seed);
/* Reads `count` bytes from `from`: how many came, all as `seed` has them; -1: the reading failed,
 * -2: a byte is wrong, -3: it cannot be opened. Good in a child that was forked too. */
int64_t blob_read(const char *name, uint64_t from, uint64_t count, unsigned seed);
/* Names with this beginning, with spaces between. */
const char *blob_names(const char *prefix, const char *after);

#endif
