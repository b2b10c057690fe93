/* secret_file.c - secrets in the data folder. A file is written whole under another name and then
 * linked, so that of two processes one makes it, and both read the same.
 */
#include "base/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BYTES = 32, MARK = 8, PATH = 4096, DRAFT = PATH + 2 * MARK + 2 };

static const char *folder_of(const cinema *c)
{
    return config_text(c->config, "CINEMA_DATA_DIR");
}

static cinema_status fault(cinema_error *err, const char *what, const char *name)
{
    return fail(err, CINEMA_UNAVAILABLE, "data_folder", "CINEMA_DATA_DIR",
                "cannot %s the file %s in the data folder: %s", what, name, strerror(errno));
}

cinema_status secret_file_path(const cinema *c, const char *name, char *path, size_t size,
                               cinema_error *err)
{
    int n = snprintf(path, size, "%s/%s", folder_of(c), name);
    if (n > 0 && (size_t)n < size)
        return CINEMA_OK;
    return fail(err, CINEMA_INVALID, "bad_setting", "CINEMA_DATA_DIR", "the path is too long");
}

static bool write_new(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text) && !fsync(fd);
    return !close(fd) && ok;
}

/* What was sealed by a key must not outlive its name. */
static bool keep_name(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = !fsync(fd);
    return !close(fd) && ok;
}

static bool write_once(cinema *c, const char *path, const char *text)
{
    unsigned char mark[MARK];
    char draft[DRAFT], word[2 * MARK + 1];
    random_bytes(c, mark, sizeof mark);
    snprintf(draft, sizeof draft, "%s.%s", path,
             sodium_bin2hex(word, sizeof word, mark, sizeof mark));
    bool ok = write_new(draft, text) && (!link(draft, path) || errno == EEXIST);
    int why = errno;
    unlink(draft);
    errno = why;
    return ok && keep_name(folder_of(c));
}

cinema_status secret_file_make(cinema *c, const char *name, int variant, cinema_error *err)
{
    unsigned char secret[BYTES];
    char path[PATH], text[SECRET_FILE_TEXT];
    cinema_status s = secret_file_path(c, name, path, sizeof path, err);
    if (s || !access(path, F_OK))
        return s;
    if (mkdir(folder_of(c), 0700) && errno != EEXIST)
        return fault(err, "make", name);
    random_bytes(c, secret, sizeof secret);
    sodium_bin2base64(text, sizeof text, secret, sizeof secret, variant);
    bool ok = write_once(c, path, text);
    sodium_memzero(text, sizeof text);
    sodium_memzero(secret, sizeof secret);
    return ok ? CINEMA_OK : fault(err, "make", name);
}

cinema_status secret_file_read(const cinema *c, const char *name, char text[SECRET_FILE_TEXT],
                               cinema_error *err)
{
    char path[PATH];
    cinema_status s = secret_file_path(c, name, path, sizeof path, err);
    *text = '\0';
    if (s)
        return s;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return CINEMA_OK;
    ssize_t n = fd < 0 ? -1 : read(fd, text, SECRET_FILE_TEXT - 1);
    if (n < 0)
        s = fault(err, "read", name);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    return s;
}
