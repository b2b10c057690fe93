/* main.c - cinema-image: one image in, one avatar out. See image.h.
 */
#include "image.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* More than any caller sends. */
enum { INPUT_MAX = 16 << 20 };

/* All of standard input; 0: nothing, too much, or it broke off. */
static size_t read_all(unsigned char *to)
{
    size_t n = 0;
    while (n < INPUT_MAX) {
        ssize_t got = read(STDIN_FILENO, to + n, INPUT_MAX - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got ? 0 : n;
        n += (size_t)got;
    }
    return 0;
}

static bool write_all(const unsigned char *bytes, size_t n)
{
    while (n) {
        ssize_t done = write(STDOUT_FILENO, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        bytes += done;
        n -= (size_t)done;
    }
    return true;
}

int main(void)
{
    unsigned char *in, *out = NULL, head[5];
    size_t length = 0, n;
    if (!confine() || !(in = malloc(INPUT_MAX)) || !(n = read_all(in)))
        _exit(2);
    image_answer answer = image_make(in, n, &out, &length);
    head[0] = (unsigned char)answer;
    for (size_t i = 0; i < 4; i++)
        head[1 + i] = (unsigned char)(length >> 8 * i);
    /* No handlers at exit: libraries may want more than is left to us. */
    _exit(write_all(head, sizeof head) && write_all(out, length) ? 0 : 2);
}
