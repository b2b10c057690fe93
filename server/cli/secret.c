/* secret.c - secrets given to a command. */
#include "cli/secret.h"

#include "cli/cli.h"
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { CTRL_C = 3, CTRL_D = 4, BACKSPACE = 8, CTRL_U = 21, DELETE = 127 };

void secret_wipe(char secret[SECRET_MAX])
{
    explicit_bzero(secret, SECRET_MAX);
}

int secret_read(const char *path, char secret[SECRET_MAX])
{
    bool own = strcmp(path, "-") != 0;
    FILE *f = own ? fopen(path, "re") : stdin;
    bool got = f && fgets(secret, SECRET_MAX, f);
    int why = errno;
    size_t n = got ? strcspn(secret, "\r\n") : 0;
    bool whole = got && (secret[n] || n < SECRET_MAX - 1);

    if (f && own)
        fclose(f);
    if (!f) {
        out_error("%s could not be read: %s", path, strerror(why));
        return why == ENOENT ? CLI_EXIT_ABSENT : CLI_EXIT_FAILED;
    }
    if (!n || !whole) {
        secret_wipe(secret);
        out_error("%s has no password in its first line", own ? path : "stdin");
        return CLI_EXIT_INVALID;
    }
    secret[n] = '\0';
    return CLI_EXIT_OK;
}

/* ---- at a terminal --------------------------------------------------------------------------- */

/* One character back, whatever its length. */
static size_t back(const char *secret, size_t n)
{
    while (n && ((unsigned char)secret[n - 1] & 0xC0) == 0x80)
        n--;
    return n ? n - 1 : 0;
}

/* A line, byte by byte: keys that would be signals come as they are, so that the terminal is never
 * left without an echo. */
static int read_line(int tty, char secret[SECRET_MAX])
{
    size_t n = 0;
    char c = 0;

    for (;;) {
        ssize_t got = read(tty, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || c == CTRL_C)
            return CLI_EXIT_INTERRUPTED;
        if (c == '\n' || c == '\r' || c == CTRL_D)
            break;
        if (c == BACKSPACE || c == DELETE)
            n = back(secret, n);
        else if (c == CTRL_U)
            n = 0;
        else if (n < SECRET_MAX - 1)
            secret[n++] = c;
    }
    secret[n] = '\0';
    return CLI_EXIT_OK;
}

static int ask_once(int tty, const char *prompt, char secret[SECRET_MAX])
{
    struct termios before, quiet;

    if (tcgetattr(tty, &before))
        return CLI_EXIT_USAGE;
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
    tcsetattr(tty, TCSAFLUSH, &quiet); /* first: what is typed at the prompt is for no echo */
    dprintf(tty, "%s: ", prompt);
    int code = read_line(tty, secret);
    tcsetattr(tty, TCSAFLUSH, &before);
    dprintf(tty, "\n");
    return code;
}

int secret_ask(const char *prompt, char secret[SECRET_MAX])
{
    char again[SECRET_MAX];
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

    if (tty < 0)
        return CLI_EXIT_USAGE;
    int code = ask_once(tty, prompt, secret);
    if (!code && !(code = ask_once(tty, "Once more", again)) && strcmp(secret, again)) {
        out_error("the two are not the same");
        code = CLI_EXIT_INVALID;
    }
    secret_wipe(again);
    if (code)
        secret_wipe(secret);
    close(tty);
    return code;
}
