/* blob_dir_test.c - mirrors lib/port/blob/dir.c: what goes wrong with folders and files.
 */
#include "port/blob_help.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

FIXTURE(blob_start, blob_stop)

enum { NOBODY = 65534 };

static const char *file_of(const char *name)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/blobs/%s.blob", blob_home, name);
    return path;
}

static int files;

static int count_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)path, (void)st, (void)ftw;
    files += type == FTW_F;
    return 0;
}

static int files_there(void)
{
    files = 0;
    nftw(blob_home, count_one, 8, FTW_PHYS);
    return files;
}

/* ---- the address ----------------------------------------------------------------------------- */

TEST(the_folder_is_named_in_the_ways_of_a_file_url)
{
    static const char *const good[] = { "file:blobs", "file:/tmp/blobs", "file:///tmp/blobs" };
    static const char *const bad[] = { "file:", "file://", "file://host/blobs", "file:a?b" };
    blob *other;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        OK(cinema__blob_dir.open(&(blob_options){ .url = good[i] }, &other, &err));
        cinema__blob_dir.close(other);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        GIVES(CINEMA_INVALID,
              cinema__blob_dir.open(&(blob_options){ .url = bad[i] }, &other, &err));
        ck_assert_str_eq(err.field, "CINEMA_BLOB_URL");
    }
    cinema__blob_dir.close(NULL);
}

TEST(opening_makes_nothing_and_only_the_owner_may_look_in)
{
    struct stat st;
    char folder[300];
    snprintf(folder, sizeof folder, "%s/blobs", blob_home);
    ck_assert_int_ne(stat(folder, &st), 0);
    ck_assert_str_eq(blob_names("", NULL), "");
    blob_must_put("films/ran", 10, 1);
    ck_assert(!stat(folder, &st) && (st.st_mode & 0777) == 0700);
    ck_assert(!stat(file_of("films/ran"), &st) && (st.st_mode & 0777) == 0600);
}

/* ---- damage ---------------------------------------------------------------------------------- */

static void turn_byte(const char *name, off_t at)
{
    unsigned char byte;
    int fd = open(file_of(name), O_RDWR);
    off_t end = lseek(fd, 0, SEEK_END);
    at = at < 0 ? end + at : at;
    ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
    byte ^= 0x40;
    ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

TEST(a_byte_turned_over_is_not_given_out)
{
    blob_must_put("film", 200000, 1);
    turn_byte("film", 70000);
    ck_assert_int_eq(blob_read("film", 0, UINT64_MAX, 1), -1);
    ck_assert_int_eq(blob_read("film", 65536, 1, 1), -1);
    ck_assert_int_eq(blob_read("film", 0, 65536, 1), 65536); /* the others are good */
    ck_assert_int_eq(blob_read("film", 131072, UINT64_MAX, 1), 200000 - 131072);
}

TEST(a_sum_or_tail_turned_over_is_seen)
{
    blob_info info;
    blob_must_put("film", 1000, 1);
    turn_byte("film", 1003);
    ck_assert_int_eq(blob_read("film", 0, UINT64_MAX, 1), -1);
    for (off_t at = -1; at >= -40; at -= 13) {
        turn_byte("film", at);
        GIVES(CINEMA_UNAVAILABLE, b->driver->stat(b, "film", &info, &err));
        ck_assert_str_eq(err.reason, "damaged");
        turn_byte("film", at);
    }
    OK(b->driver->stat(b, "film", &info, &err));
}

TEST_EACH(a_file_cut_short_or_grown_is_seen, 5)
{
    static const off_t lengths[] = { 0, 39, 500, 65536, 70200 };
    blob_info info;
    blob_must_put("film", 70000, 1);
    ck_assert(!truncate(file_of("film"), lengths[_i]));
    GIVES(CINEMA_UNAVAILABLE, b->driver->stat(b, "film", &info, &err));
    ck_assert_str_eq(err.reason, "damaged");
    ck_assert_ptr_null(strstr(err.message, "/"));
}

TEST(blocks_that_changed_places_are_seen)
{
    char one[65536], two[65536];
    blob_must_put("film", 131072, 1);
    int fd = open(file_of("film"), O_RDWR);
    ck_assert(pread(fd, one, 65536, 0) == 65536 && pread(fd, two, 65536, 65536) == 65536);
    ck_assert(pwrite(fd, two, 65536, 0) == 65536 && pwrite(fd, one, 65536, 65536) == 65536);
    close(fd);
    ck_assert_int_eq(blob_read("film", 0, 10, 1), -1);
}

TEST(a_link_is_not_followed)
{
    blob_info info;
    blob_must_put("film", 10, 1);
    char link_path[600];
    snprintf(link_path, sizeof link_path, "%s", file_of("other"));
    ck_assert(!symlink("/etc/passwd", link_path));
    GIVES(CINEMA_UNAVAILABLE, b->driver->stat(b, "other", &info, &err));
    ck_assert_str_eq(blob_names("", NULL), "film");
}

TEST(what_is_not_ours_is_not_listed)
{
    char path[600];
    static const char *const others[] = { "README", "notes.txt", "A.blob", "x.blob.bak", ".blob" };
    blob_must_put("film", 10, 1);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        snprintf(path, sizeof path, "%s/blobs/%s", blob_home, others[i]);
        close(open(path, O_CREAT | O_WRONLY, 0600));
    }
    ck_assert_str_eq(blob_names("", NULL), "film");
}

/* ---- the world's faults ---------------------------------------------------------------------- */

static void in_a_child(void (*fn)(void))
{
    int status;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (!child) {
        fn();
        test_leave(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && !WEXITSTATUS(status), "status %x", (unsigned)status);
}

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s: %s %s\n", what, err.reason, err.message);
    test_leave(1);
}

static void as_nobody(void)
{
    must(!setgid(NOBODY) && !setuid(NOBODY), "setuid");
    must(blob_try_put("films/two", 10, 1) == CINEMA_UNAVAILABLE, "put");
    must(!strcmp(err.reason, "storage_failed") && !strstr(err.message, "/"), "reason");
    must(blob_read("films/one", 0, UINT64_MAX, 1) == 10, "read");
}

TEST(a_folder_that_cannot_be_written_is_told_and_reads_go_on)
{
    char path[600];
    if (getuid())
        SKIP("needs root, to become somebody who may not write");
    blob_must_put("films/one", 10, 1);
    ck_assert(!chmod(file_of("films/one"), 0644));
    snprintf(path, sizeof path, "%s/blobs", blob_home);
    ck_assert(!chmod(path, 0755));
    snprintf(path, sizeof path, "%s/blobs/films", blob_home);
    ck_assert(!chmod(path, 0755));
    in_a_child(as_nobody);
    ck_assert_int_eq(files_there(), 1);
}

/* Writing beyond is refused as on a full disk. */
static void with_small_files(void)
{
    const struct rlimit small = { 100000, 100000 };
    signal(SIGXFSZ, SIG_IGN);
    must(!setrlimit(RLIMIT_FSIZE, &small), "setrlimit");
    must(blob_try_put("film", 300000, 2) == CINEMA_UNAVAILABLE, "put");
    must(!strcmp(err.reason, "disk_full"), "reason");
    must(blob_read("film", 0, UINT64_MAX, 1) == 50000, "read");
    must(!blob_try_put("other", 100, 2), "small put");
}

TEST(a_full_disk_is_told_and_leaves_nothing)
{
    blob_must_put("film", 50000, 1);
    in_a_child(with_small_files);
    ck_assert_str_eq(blob_names("", NULL), "film other");
    ck_assert_int_eq(files_there(), 2);
}

TEST(a_small_file_system_that_fills_up_is_told)
{
    int n = 0;
    if (mount("tmpfs", blob_home, "tmpfs", 0, "size=1m,mode=755"))
        SKIP("no tmpfs can be mounted here");
    cinema_status s = CINEMA_OK;
    char name[32];
    while (!s && n < 100) {
        snprintf(name, sizeof name, "film-%d", n++);
        s = blob_try_put(name, 50000, 1);
    }
    int there = files_there();
    int64_t first = blob_read("film-0", 0, UINT64_MAX, 1);
    umount2(blob_home, MNT_DETACH);
    GIVES(CINEMA_UNAVAILABLE, s);
    ck_assert_str_eq(err.reason, "disk_full");
    ck_assert_int_eq(there, n - 1);
    ck_assert_int_eq(first, 50000);
}

static int ready[2];

static void say_ready_and_wait(void)
{
    if (write(ready[1], "x", 1) == 1)
        for (;;)
            pause();
}

/* The writer has written all but the end when it dies. */
static void kill_a_writer(const char *name)
{
    char byte;
    ck_assert(!pipe(ready));
    pid_t child = fork();
    if (!child) {
        blob_source from = { .left = 300000, .seed = 2, .before_end = say_ready_and_wait };
        b->driver->put(b, name, &(cinema_stream){ .read = blob_pour, .user = &from }, &err);
        _exit(0);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    close(ready[0]);
    close(ready[1]);
}

static int age_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    struct timespec old[2] = { { .tv_sec = st->st_mtim.tv_sec - 2 * 86400 } };
    (void)ftw;
    old[1] = old[0];
    return type == FTW_F && strstr(path, "/.part-") ? utimensat(AT_FDCWD, path, old, 0) : 0;
}

TEST(a_writer_that_is_killed_leaves_nothing_to_be_seen)
{
    blob_must_put("films/ran", 100, 1);
    kill_a_writer("films/ran");
    kill_a_writer("films/ikiru");
    ck_assert_str_eq(blob_names("", NULL), "films/ran");
    ck_assert_int_eq(blob_read("films/ran", 0, UINT64_MAX, 1), 100);
    ck_assert_int_eq(files_there(), 3); /* a slow writer would still want its own */
    nftw(blob_home, age_one, 8, FTW_PHYS);
    ck_assert_str_eq(blob_names("", NULL), "films/ran");
    ck_assert_int_eq(files_there(), 1);
}
