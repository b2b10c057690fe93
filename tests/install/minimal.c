/* minimal.c - the least that a program can do with an installed libcinema. */
#include <cinema/cinema.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    printf("libcinema %s\n", cinema_version());
    return strcmp(cinema_status_describe(CINEMA_NOT_FOUND)->word, "not_found") != 0;
}
