/* export.h - the catalogue as text: JSON Lines (UTF-8, one object a line), as import.h reads them.
 * Genres come first, then people, films and series, seasons, episodes, each of them by id, so that
 * every line needs those before it only. A line has all that there is to know of its thing: id and
 * slugs too, but not revision, times and votes, which belong to the installation and not to the
 * catalogue. Importing it into an empty database and exporting again gives the same bytes.
 */
#ifndef CINEMA_EXPORT_H
#define CINEMA_EXPORT_H

#include <cinema/base.h>

CINEMA_BEGIN

typedef struct cinema_export_counts {
    int64_t lines, bytes; /* written so far */
    int64_t expected;     /* lines that there were to write at the start; counted for `progress` */
    int64_t genres, people, movies, series, seasons, episodes; /* lines of each kind */
} cinema_export_counts;

typedef struct cinema_export_input {
    /* Takes the next bytes, whole lines; needed. Any status but OK stops the export with it. */
    cinema_status (*write)(const void *bytes, size_t length, void *user);
    /* Called after each page that was written; may be NULL. OK goes on, as above. */
    cinema_status (*progress)(const cinema_export_counts *counts, void *user);
    void *user;
    /* "genre", "person", "movie", "series", "season", "episode"; NULL items or none: all. */
    cinema_texts kinds;
    int64_t page; /* things read at once; 0: 200; at most 1,000 */
} cinema_export_input;

/* Runs the export on the calling thread. Each page of things, with all that belongs to them, is
 * read in one snapshot, and memory is that of a page; nobody who writes has to wait. What changes
 * while the export runs is in it as it was before or as it is after. The handle's deadline is that
 * of a page. `*ret` is set in every case and counts what was handed to `write`. INVALID: an option
 * is no good, told before anything is written. */
CINEMA_SIZED(cinema_export, cinema_export_input, cinema_export_counts)

CINEMA_END
#endif
