/* file.c - mail as files: one .eml a message in a folder, whole or not at all, for its owner alone.
 */
#include "port/mail/mail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };

static cinema_status file_open(const mail_url *url, mail **ret, cinema_error *err)
{
    mail *m = calloc(1, sizeof *m);
    if (!m)
        return fail_memory(err);
    *m = (mail){ .driver = &cinema__mail_file, .url = url };
    *ret = m;
    return CINEMA_OK;
}

static void file_close(mail *m)
{
    free(m);
}

static cinema_status fault(cinema_error *err, const char *what)
{
    return fail(err, CINEMA_UNAVAILABLE, "mail_folder", NULL, "cannot %s in the mail folder: %s",
                what, strerror(errno));
}

/* Each folder of the path that is missing: the data folder may not be there yet either. */
static bool make_folders(const char *folder)
{
    char path[PATH_ROOM];
    int n = snprintf(path, sizeof path, "%s/", folder);
    if (n < 0 || (size_t)n >= sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0700) && errno != EEXIST)
            return false;
        *slash = '/';
    }
    return true;
}

static bool write_all(int fd, const char *bytes, size_t length)
{
    while (length) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        length -= (size_t)n;
    }
    return !fsync(fd);
}

/* Under another name first. A name that is taken is that of the same message, sent before. */
static cinema_status file_send(mail *m, const mail_letter *l, int64_t deadline, cinema_error *err)
{
    char draft[PATH_ROOM], path[PATH_ROOM];
    const char *folder = m->url->folder;
    (void)deadline;
    if (!make_folders(folder))
        return fault(err, "be at home");
    int n = snprintf(draft, sizeof draft, "%s/.%s.XXXXXX", folder, l->name);
    int k = snprintf(path, sizeof path, "%s/%s.eml", folder, l->name);
    if (n < 0 || k < 0 || (size_t)n >= sizeof draft || (size_t)k >= sizeof path) {
        errno = ENAMETOOLONG;
        return fault(err, "write");
    }
    int fd = mkostemp(draft, O_CLOEXEC); /* 0600 */
    if (fd < 0)
        return fault(err, "write");
    bool written = write_all(fd, l->bytes, l->length);
    int why = errno;
    close(fd);
    if (written && !rename(draft, path))
        return CINEMA_OK;
    if (written)
        why = errno;
    unlink(draft);
    errno = why;
    return fault(err, "write");
}

static cinema_status file_look(mail *m, int64_t deadline, cinema_error *err)
{
    (void)deadline;
    if (!access(m->url->folder, W_OK | X_OK) || errno == ENOENT) /* made when it is needed */
        return CINEMA_OK;
    return fault(err, "write");
}

const mail_driver cinema__mail_file = {
    .abi = MAIL_DRIVER_ABI,
    .name = "file",
    .open = file_open,
    .close = file_close,
    .send = file_send,
    .look = file_look,
};
