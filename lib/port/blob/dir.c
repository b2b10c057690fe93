/* dir.c - blobs in a folder: put by renaming, removed, listed. What a file holds: dir.h.
 */
#include "port/blob/dir.h"

#include "base/handle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file whose writer died is left for this long, in case its writer is only slow. */
enum { PART_LIFE_MS = 24 * 3600 * 1000, PATH_ROOM = BLOB_FOLDER_MAX + BLOB_NAME_MAX + 96 };

#define SUFFIX ".blob"
#define PART ".part-"

typedef struct dir {
    blob base;
    char *folder;
} dir;

/* ---- opening --------------------------------------------------------------------------------- */

/* file:a/b, file:/a/b and file:///a/b; NULL: something else. */
static const char *path_in(const char *url)
{
    const char *path = url + 5;
    if (!strncmp(path, "//", 2))
        path += 2;
    return !*path || (path != url + 5 && *path != '/') || strpbrk(path, "?#") ? NULL : path;
}

/* It is used later, when the program may have gone to another folder. */
static cinema_status open_dir(const blob_options *o, blob **ret, cinema_error *err)
{
    char here[BLOB_FOLDER_MAX] = "", whole[BLOB_FOLDER_MAX];
    const char *path = path_in(o->url);
    bool known = path && (*path == '/' || getcwd(here, sizeof here));
    int n =
        known ? snprintf(whole, sizeof whole, "%s%s%s", here, *path == '/' ? "" : "/", path) : 0;
    if (!known || n < 0 || (size_t)n >= sizeof whole)
        return fail(err, CINEMA_INVALID, "bad_setting", "CINEMA_BLOB_URL",
                    "CINEMA_BLOB_URL must be a folder: file:blobs or file:/var/lib/films/blobs");
    dir *d = malloc(sizeof *d);
    char *folder = strdup(whole);
    if (!d || !folder) {
        free(d);
        free(folder);
        return fail_memory(err);
    }
    *d = (dir){ { &cinema__blob_dir }, folder };
    *ret = &d->base;
    return CINEMA_OK;
}

static void close_dir(blob *b)
{
    dir *d = (dir *)(void *)b;
    if (d)
        free(d->folder);
    free(d);
}

static const char *folder_of(const blob *b)
{
    return ((const dir *)(const void *)b)->folder;
}

static void path_of(const blob *b, const char *name, char path[PATH_ROOM])
{
    snprintf(path, PATH_ROOM, "%s/%s" SUFFIX, folder_of(b), name);
}

/* ---- putting --------------------------------------------------------------------------------- */

/* The entries of a folder are durable. */
static int sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fault = fd < 0 || fsync(fd) ? errno : 0;
    if (fd >= 0)
        close(fd);
    return fault == EINVAL ? 0 : fault; /* a file system that does not know this */
}

/* Only its owner may look in. */
static int make_one(char *path, char *slash)
{
    if (mkdir(path, 0700))
        return errno == EEXIST ? 0 : errno;
    *slash = '\0';
    int fault = sync_folder(slash == path ? "/" : path);
    *slash = '/';
    return fault;
}

/* With those above it that are missing. */
static int make_folder(char *path) /* NOLINT(misc-no-recursion): each time shorter */
{
    char *slash = strrchr(path, '/');
    int fault = make_one(path, slash);
    if (fault != ENOENT || slash == path)
        return fault;
    *slash = '\0';
    fault = make_folder(path);
    *slash = '/';
    return fault ? fault : make_one(path, slash);
}

/* A file beside the one to be, under a name that no blob has. */
static int open_part(const char *path, char part[PATH_ROOM], int *ret)
{
    unsigned char random[12];
    char hex[2 * sizeof random + 1];
    size_t folder = (size_t)(strrchr(path, '/') - path);
    if (getrandom(random, sizeof random, 0) != sizeof random)
        return EIO;
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(hex + 2 * i, 3, "%02x", random[i]);
    snprintf(part, PATH_ROOM, "%.*s", (int)folder, path);
    int fault = make_folder(part);
    if (fault)
        return fault;
    snprintf(part + folder, PATH_ROOM - folder, "/" PART "%s", hex);
    *ret = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    return *ret < 0 ? errno : 0;
}

/* From here on everybody sees it. */
static int publish(const char *part, char path[PATH_ROOM])
{
    if (rename(part, path))
        return errno;
    *strrchr(path, '/') = '\0';
    return sync_folder(path);
}

static cinema_status put(blob *b, const char *name, const cinema_stream *from, cinema_error *err)
{
    char path[PATH_ROOM], part[PATH_ROOM];
    dir_writer *w = malloc(sizeof *w);
    cinema_status s = w ? CINEMA_OK : fail_memory(err);
    int fault = 0;
    if (s)
        return s;
    path_of(b, name, path);
    if ((fault = open_part(path, part, &w->fd))) {
        free(w);
        return dir_fail(fault, err);
    }
    s = dir_write(w, from, err);
    if (close(w->fd) && !s)
        s = dir_fail(errno, err);
    if (!s && (fault = publish(part, path)))
        s = dir_fail(fault, err);
    if (s)
        unlink(part);
    free(w);
    return s;
}

/* ---- reading, removing ----------------------------------------------------------------------- */

static cinema_status open_blob(blob *b, const char *name, int *ret, cinema_error *err)
{
    char path[PATH_ROOM];
    path_of(b, name, path);
    *ret = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (*ret >= 0)
        return CINEMA_OK;
    if (errno == ENOENT || errno == ENOTDIR)
        return fail(err, CINEMA_NOT_FOUND, NULL, NULL, "there is no such blob");
    return dir_fail(errno, err);
}

static cinema_status get(blob *b, const char *name, uint64_t from, uint64_t count,
                         blob_reader **ret, cinema_error *err)
{
    int fd;
    cinema_status s = open_blob(b, name, &fd, err);
    return s ? s : dir_reader(fd, from, count, ret, err);
}

static cinema_status stat_blob(blob *b, const char *name, blob_info *ret, cinema_error *err)
{
    int fd;
    cinema_status s = open_blob(b, name, &fd, err);
    if (s)
        return s;
    s = dir_info(fd, ret, err);
    close(fd);
    return s;
}

static cinema_status remove_blob(blob *b, const char *name, cinema_error *err)
{
    char path[PATH_ROOM];
    path_of(b, name, path);
    if (unlink(path))
        return errno == ENOENT || errno == ENOTDIR ? CINEMA_OK : dir_fail(errno, err);
    *strrchr(path, '/') = '\0';
    int fault = sync_folder(path);
    return fault ? dir_fail(fault, err) : CINEMA_OK;
}

/* ---- listing --------------------------------------------------------------------------------- */

/* A list under way: `name` is what has been gone down to so far. */
typedef struct walk {
    blob *b;
    const char *prefix, *after;
    blob_each each;
    void *user;
    cinema_error *err;
    char name[BLOB_NAME_MAX + 2];
} walk;

/* What a folder holds: names without their suffix, folders with a / behind, which is how names in
 * them go on: sorted so, all blobs come in the order of their names. */
typedef struct entries {
    char **items;
    size_t count, room;
} entries;

static void entries_done(entries *e)
{
    for (size_t i = 0; i < e->count; i++)
        free(e->items[i]);
    free(e->items);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add(entries *e, const char *name, size_t length, const char *end)
{
    size_t room = e->room ? 2 * e->room : 64;
    if (e->count == e->room) {
        char **more = realloc(e->items, room * sizeof *more);
        if (!more)
            return false;
        e->items = more;
        e->room = room;
    }
    char *s = malloc(length + 2);
    if (!s)
        return false;
    memcpy(s, name, length);
    memcpy(s + length, end, strlen(end) + 1);
    e->items[e->count++] = s;
    return true;
}

/* A writer died here, for instance by kill -9. */
static void drop_old_part(int folder, const char *name)
{
    struct stat st;
    if (!fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) &&
        clock_wall_ms() - (int64_t)st.st_mtim.tv_sec * 1000 > PART_LIFE_MS)
        unlinkat(folder, name, 0);
}

static bool is_folder(int folder, const struct dirent *d)
{
    struct stat st;
    if (d->d_type != DT_UNKNOWN)
        return d->d_type == DT_DIR;
    return !fstatat(folder, d->d_name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode);
}

/* Whatever else lies there is not ours. */
static bool add_entry(entries *e, int folder, const struct dirent *d)
{
    size_t n = strlen(d->d_name), suffix = strlen(SUFFIX);
    if (!strncmp(d->d_name, PART, strlen(PART)))
        drop_old_part(folder, d->d_name);
    else if (n > suffix && !strcmp(d->d_name + n - suffix, SUFFIX))
        return add(e, d->d_name, n - suffix, "");
    else if (!strchr(d->d_name, '.') && is_folder(folder, d))
        return add(e, d->d_name, n, "/");
    return true;
}

static cinema_status read_folder(const walk *w, entries *e)
{
    char path[PATH_ROOM];
    const struct dirent *d;
    bool room = true;
    snprintf(path, sizeof path, "%s/%s", folder_of(w->b), w->name);
    DIR *stream = opendir(path);
    if (!stream)
        return errno == ENOENT || errno == ENOTDIR ? CINEMA_OK : dir_fail(errno, w->err);
    errno = 0;
    while (room && (d = readdir(stream)))
        room = add_entry(e, dirfd(stream), d);
    int fault = errno;
    closedir(stream);
    if (!room)
        return fail_memory(w->err);
    if (fault && !d)
        return dir_fail(fault, w->err);
    if (e->count)
        qsort(e->items, e->count, sizeof *e->items, by_bytes);
    return CINEMA_OK;
}

/* Whether names that begin so can be among those asked for. */
static bool may_hold(const walk *w, const char *begin)
{
    size_t n = strlen(begin), p = strlen(w->prefix);
    if (strncmp(begin, w->prefix, n < p ? n : p) != 0)
        return false;
    return !w->after || strncmp(begin, w->after, n) >= 0;
}

static bool wanted(const walk *w)
{
    return !strncmp(w->name, w->prefix, strlen(w->prefix)) &&
           (!w->after || strcmp(w->name, w->after) > 0);
}

/* One that has just gone, or is damaged, is not told of: it has no length to tell. */
static cinema_status tell(const walk *w)
{
    blob_info info;
    cinema_error why;
    cinema_status s =
        blob_name_check(w->name, &why) ? CINEMA_NOT_FOUND : stat_blob(w->b, w->name, &info, &why);
    if (s == CINEMA_NO_MEMORY)
        return fail_memory(w->err);
    return s ? CINEMA_OK : w->each(w->name, &info, w->user);
}

static cinema_status walk_folder(walk *w) /* NOLINT(misc-no-recursion): names are 200 long */
{
    CLEANUP(entries_done) entries e = { 0 };
    size_t base = strlen(w->name);
    cinema_status s = read_folder(w, &e);
    for (size_t i = 0; !s && i < e.count; i++) {
        size_t n = strlen(e.items[i]);
        if (base + n > BLOB_NAME_MAX)
            continue;
        memcpy(w->name + base, e.items[i], n + 1);
        if (w->name[base + n - 1] != '/')
            s = wanted(w) ? tell(w) : CINEMA_OK;
        else if (may_hold(w, w->name))
            s = walk_folder(w);
        w->name[base] = '\0';
    }
    return s;
}

static cinema_status list(blob *b, const char *prefix, const char *after, blob_each each,
                          void *user, cinema_error *err)
{
    walk w = { b, prefix, after, each, user, err, "" };
    return walk_folder(&w);
}

/* ---------------------------------------------------------------------------------------------- */

const blob_driver cinema__blob_dir = {
    .abi = BLOB_DRIVER_ABI,
    .name = "dir",
    .open = open_dir,
    .close = close_dir,
    .put = put,
    .get = get,
    .stat = stat_blob,
    .remove = remove_blob,
    .list = list,
};

const char *blob_folder(const cinema *c)
{
    return c->blob->driver == &cinema__blob_dir ? folder_of(c->blob) : NULL;
}
