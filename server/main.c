/* main.c - the executable `cinema`. All it does is in server/cli; this is where it starts. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
