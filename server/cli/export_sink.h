/* export_sink.h - where an export goes: stdout or a file, plain or gzip. */
#ifndef CLI_EXPORT_SINK_H
#define CLI_EXPORT_SINK_H

#include <stdbool.h>
#include <stddef.h>

typedef struct export_sink export_sink;

/* NULL path: stdout. Complains and gives the exit code where it cannot be made. */
int export_sink_open(const char *path, bool gzip, export_sink **ret);
/* False: it cannot be written, of which closing tells; or the reader of a pipe has left. */
bool export_sink_write(export_sink *s, const void *bytes, size_t length);
/* Puts the file in its place. Complains and gives the exit code where it could not be written. */
int export_sink_close(export_sink *s);
/* Leaves the old file as it was. Takes NULL. */
void export_sink_drop(export_sink *s);
/* Whoever read has had enough, which is no failure. */
bool export_sink_left(const export_sink *s);

#endif
