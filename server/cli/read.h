/* read.h - text that a command reads whole, such as JSON.
 */
#ifndef CLI_READ_H
#define CLI_READ_H

/* All of a file, of stdin where it is called "-": `*ret` is malloc'ed. At most 64 MiB, without NUL
 * bytes; complains and gives the exit code where that cannot be had. */
int read_file(const char *path, char **ret);

#endif
