/* stop.c - SIGINT and SIGTERM as a wish that work under way asks for. */
#include "cli/stop.h"

#include "cli/cli.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t stopped_by;

static void stop(int signal_number)
{
    stopped_by = signal_number;
}

static void listen_to(int signal_number)
{
    struct sigaction now, before;

    memset(&now, 0, sizeof now);
    now.sa_handler = stop;
    now.sa_flags = SA_RESETHAND; /* and no SA_RESTART: a pipe may be silent for long */
    sigemptyset(&now.sa_mask);
    if (!sigaction(signal_number, NULL, &before) && before.sa_handler != SIG_IGN)
        sigaction(signal_number, &now, NULL);
}

void stop_listen(void)
{
    listen_to(SIGINT);
    listen_to(SIGTERM);
}

bool stop_asked(void)
{
    return stopped_by != 0;
}

const char *stop_word(void)
{
    return stopped_by == SIGTERM ? "SIGTERM" : "Ctrl-C";
}

int stop_code(void)
{
    return stopped_by == SIGTERM ? CLI_EXIT_TERMINATED : CLI_EXIT_INTERRUPTED;
}
