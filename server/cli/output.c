/* output.c - lines for people on stderr, answers on stdout.
 * Lines of more than 2 KiB are cut: nobody reads them.
 */
#include "cli/output.h"

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct {
    bool quiet, no_color;
    bool bar; /* one is on the screen */
} state;

static const char *const codes[] = {
    [OUT_PLAIN] = "",       [OUT_BOLD] = "\033[1m",   [OUT_DIM] = "\033[2m",
    [OUT_RED] = "\033[31m", [OUT_GREEN] = "\033[32m", [OUT_YELLOW] = "\033[33m",
};

void out_open(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            /* the wrong way round, so that writing to a closed stdout is noticed */
            (void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

void out_set(bool quiet, bool no_color)
{
    const char *wish = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    state.quiet = quiet;
    state.no_color = no_color || (wish && *wish) || !term || !strcmp(term, "dumb");
}

/* Has the reader of the pipe left? */
static bool reader_left(void)
{
    struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };
    return poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP));
}

int out_close(int code)
{
    out_wipe();
    errno = 0;
    if (!fflush(stdout) && !ferror(stdout))
        return code;
    if (errno == EPIPE || reader_left())
        return code;
    out_error("the answer could not be written: %s", strerror(errno ? errno : EIO));
    return code ? code : CLI_EXIT_FAILED;
}

bool out_is_terminal(void)
{
    return isatty(STDOUT_FILENO);
}

bool out_has_bar(void)
{
    const char *term = getenv("TERM");
    return !state.quiet && isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

unsigned out_columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

void out_bar(const char *line)
{
    fprintf(stderr, "\r%s\033[K", line);
    fflush(stderr);
    state.bar = true;
}

void out_wipe(void)
{
    if (!state.bar)
        return;
    fputs("\r\033[K", stderr);
    state.bar = false;
}

void out_styled(FILE *to, out_style style, const char *text, int width)
{
    bool coloured = style != OUT_PLAIN && !state.no_color && isatty(fileno(to));
    int length = (int)strlen(text);

    if (coloured)
        fputs(codes[style], to);
    out_text(to, text);
    if (coloured)
        fputs("\033[0m", to);
    if (width > length)
        fprintf(to, "%*s", width - length, "");
}

__attribute__((format(printf, 3, 0))) static void say(out_style style, const char *mark,
                                                      const char *format, va_list args)
{
    char line[2048];

    vsnprintf(line, sizeof line, format, args);
    out_wipe();
    fflush(stdout);    /* in the order in which it was said, where both end in one file */
    flockfile(stderr); /* the server's threads may speak at once */
    out_styled(stderr, style, mark, 0);
    out_text(stderr, line);
    putc('\n', stderr);
    funlockfile(stderr);
}

#define SAY(style, mark)                                                                           \
    do {                                                                                           \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        say(style, mark, format, args);                                                            \
        va_end(args);                                                                              \
    } while (0)

void out_note(const char *format, ...)
{
    if (!state.quiet)
        SAY(OUT_PLAIN, "");
}

void out_warning(const char *format, ...)
{
    SAY(OUT_YELLOW, "warning: ");
}

void out_error(const char *format, ...)
{
    SAY(OUT_RED, "cinema: ");
}

__attribute__((format(printf, 3, 4))) static void say_as(out_style style, const char *mark,
                                                         const char *format, ...)
{
    SAY(style, mark);
}

void out_log(out_style style, const char *mark, const char *line)
{
    say_as(style, mark, "%s", line);
}

void out_more(const char *format, ...)
{
    SAY(OUT_PLAIN, "  ");
}
